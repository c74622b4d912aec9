"""Containers of the image, by the `docker` on the path and whatever engine it reaches.

Nothing of this machine is mounted: what they need is copied into volumes, so that the engine may be elsewhere.
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Generous: the machine may be busy.
PATIENCE = 60.0
# A daemon ends within three seconds; the rest is what a busy engine takes to end a container and to say so.
SOON = 4.0
# As docs/operations.md advises: no root, nothing of it can be written, no right that root has.
LOCKED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
USER = 10001
# What each container and volume of this run is called: only those are removed.
_OURS = f"aggregator-test-{uuid.uuid4().hex[:8]}"


def docker(*words: str, check: bool = True, given: bytes | None = None, patience: float = PATIENCE) -> str:
    """What a command of docker says on both streams.

    Raises:
        AssertionError: it failed, and `check`.
    """
    done = subprocess.run(
        ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, input=given, timeout=patience, check=False
    )
    said = done.stdout.decode("utf-8", "replace")
    assert not check or done.returncode == 0, f"docker {' '.join(words)}: {done.returncode}\n{said}"
    return said


def build(image: str, *options: str) -> None:
    """Make an image of this checkout, as `.ci/image` does, with these options of docker build."""
    script = Path(__file__).parents[2] / ".ci" / "image"
    subprocess.run([script, image, "-q", *options], check=True, stdout=subprocess.DEVNULL)


def has_engine() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=PATIENCE, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def new_name() -> str:
    return f"{_OURS}-{uuid.uuid4().hex[:6]}"


def remove_all() -> None:
    """Every container and volume of this run."""
    for kind, remove in (("ps", ["rm", "-fv"]), ("volume", ["volume", "rm", "-f"])):
        words = ["ps", "-aq"] if kind == "ps" else ["volume", "ls", "-q"]
        if found := docker(*words, "--filter", f"name={_OURS}").split():
            docker(*remove, *found)


class Container:
    """One that was started, by its name."""

    def __init__(self, name: str, begun: float) -> None:
        self.name = name
        self.begun = begun  # by `time.monotonic`

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", "-f", "{{json .State}}", self.name))
        return found

    def health(self) -> str:
        return str(self.state()["Health"]["Status"])

    def logs(self) -> str:
        return docker("logs", self.name)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logs().splitlines() if line.startswith("{")]

    def run(self, *words: str, check: bool = True, user: str = "") -> str:
        """What a program in it says."""
        return docker("exec", *(["--user", user] if user else []), self.name, *words, check=check)

    def python(self, code: str) -> str:
        return self.run("python", "-c", code)

    def count(self, table: str) -> int:
        said = self.run("aggregator", "sql", "--json", f"SELECT count(*) AS n FROM {table}", check=False)
        try:
            return int(json.loads(said)[0]["n"])
        except (ValueError, LookupError, TypeError):  # no database yet
            return 0

    def wait_for(self, what: Callable[[], Any], patience: float = PATIENCE, pause: float = 0.2) -> None:
        until = time.monotonic() + patience
        while not what():
            assert self.state()["Running"], f"it ended with {self.state()['ExitCode']}: {self.logs()[-3000:]}"
            assert time.monotonic() < until, f"waited in vain: {self.state()}\n{self.logs()[-3000:]}"
            time.sleep(pause)

    def status(self) -> int:
        """With which it ended; waits for it."""
        return int(docker("wait", self.name).strip())

    def signal(self, name: str) -> None:
        docker("kill", "--signal", name, self.name)

    def seconds_to_stop(self) -> float:
        """How long it takes to end after SIGTERM; `PATIENCE` where that is too long, and it is killed."""
        begun = time.monotonic()
        self.signal("TERM")
        try:
            docker("wait", self.name, patience=8)
        except subprocess.TimeoutExpired:
            docker("kill", self.name)
            return PATIENCE
        return time.monotonic() - begun


class Engine:
    """Starts what is needed of one image."""

    def __init__(self, image: str) -> None:
        self.image = image

    def start(
        self, *command: str, options: Sequence[str] = (), volumes: Mapping[str, str] | None = None, entrypoint: str = ""
    ) -> Container:
        """A container in the background. `volumes`: name → where, as `-v` has it. Without `--network`: none."""
        name, begun = new_name(), time.monotonic()
        words = ["run", "-d", "--name", name, *self._words(options, volumes, entrypoint), self.image, *command]
        docker(*words)
        return Container(name, begun)

    def once(
        self, *command: str, options: Sequence[str] = (), volumes: Mapping[str, str] | None = None, entrypoint: str = ""
    ) -> tuple[int, str]:
        """How a container ended, and what it said."""
        started = self.start(*command, options=options, volumes=volumes, entrypoint=entrypoint)
        status, said = started.status(), started.logs()
        docker("rm", "-v", started.name)
        return status, said

    def _words(self, options: Sequence[str], volumes: Mapping[str, str] | None, entrypoint: str) -> Iterator[str]:
        if "--network" not in options:
            yield from ("--network", "none")
        for name, where in (volumes or {}).items():
            yield from ("-v", f"{name}:{where}")
        if entrypoint:
            yield from ("--entrypoint", entrypoint)
        yield from options

    def volume(self, where: str, files: Mapping[str, bytes] | None = None, *, owner: int = USER) -> str:
        """A new volume that is to be mounted there, with these files, which belong to `owner`."""
        name, helper = new_name(), new_name()
        docker("volume", "create", name)
        if files:
            docker("create", "--name", helper, "--network", "none", "-v", f"{name}:{where}", self.image)
            docker("cp", "-", f"{helper}:{where}", given=_packed(files, owner))
            docker("rm", helper)
        return name

    def volume_of_root(self, where: str) -> str:
        """One that nobody but root may write to. It has a file: an empty one is given to the image's user."""
        name = self.volume(where)
        code = f"import os; open('{where}/kept', 'w').close(); os.chown('{where}', 0, 0); os.chmod('{where}', 0o755)"
        status, said = self.once("-c", code, options=["--user", "0"], volumes={name: where}, entrypoint="python")
        assert status == 0, said
        return name

    @contextmanager
    def feeds(self) -> Iterator[str]:
        """Feeds that change all the time, on loopback of a network that others can join: the options for that."""
        server = self.start("-c", server_of_feeds(), entrypoint="python")
        server.wait_for(lambda: self._answers(server))
        try:
            yield f"container:{server.name}"
        finally:
            docker("rm", "-fv", server.name)

    def _answers(self, server: Container) -> bool:
        code = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9000/feed/0').status)"
        return "200" in server.run("python", "-c", code, check=False)


def server_of_feeds() -> str:
    """The program whose feeds have news each time they are asked."""
    return (Path(__file__).parent / "changing_feeds.py").read_text("utf-8")


def _packed(files: Mapping[str, bytes], owner: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.uid, entry.gid, entry.mode = len(content), owner, owner, 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def configuration(feeds: int, more: str = "") -> dict[str, bytes]:
    """A configuration of so many feeds of `Engine.feeds`, asked as often as can be, as a file for /config."""
    blocks = "".join(f'[[feeds]]\nurl = "http://127.0.0.1:9000/feed/{number}"\n' for number in range(feeds))
    text = (
        '[polling]\ninterval = "1s"\nmax_interval = "1s"\ndomain_concurrency = 16\ndomain_spacing = "0s"\n'
        f'[network]\nallow_private = ["127.0.0.0/8"]\n[log]\nformat = "json"\n{more}{blocks}'
    )
    return {"aggregator.toml": text.encode()}
