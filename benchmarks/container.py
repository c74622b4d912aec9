"""What the image takes: `python -m benchmarks.container --feeds FOLDER [--image NAME] [--sources 100] [--rest 90]`.

A container replays the feeds, another polls them on the same loopback, which leads nowhere else; the first sees folders
of this machine, so the engine must be here. Memory is what `docker stats` says, each second: what the kernel may take
back at any time is left out. Pages that posts lead to can't be reached, and are not read.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.helpers.container import LOCKED, Container, Engine, docker, remove_all

ROOT = Path(__file__).parents[1]
_PORT = 8100
_UNITS = {"B": 1.0, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_MODES = {
    "by words": "[stories]\nsemantic = false\n",
    "with all on": '[stories]\nsemantic = true\n[publish]\npath = "/data/site"\n[http]\nlisten = "0.0.0.0:8000"\n'
    '[articles]\nfetch = "stories"\n',
}


class Memory:
    """What a container has, watched from outside."""

    def __init__(self, container: Container) -> None:
        self.most, self.now = 0.0, 0.0
        command = ["docker", "stats", "--format", "{{.MemUsage}}", container.name]
        self._stats = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        assert self._stats.stdout
        for line in self._stats.stdout:
            if found := re.search(r"([\d.]+)([KMG]?i?B) /", line):
                self.now = float(found[1]) * _UNITS[found[2]] / 1e6
                self.most = max(self.most, self.now)

    def close(self) -> None:
        """Stop watching."""
        self._stats.terminate()
        self._stats.wait()


def addresses(replay: Container) -> list[str]:
    """Where the feeds are, as soon as the server answers."""
    url = f"http://127.0.0.1:{_PORT}/control/feeds"
    code = f"import urllib.request; print(urllib.request.urlopen('{url}').read().decode())"
    said = ""

    def answers() -> bool:
        nonlocal said
        said = replay.run("python", "-c", code, check=False)
        return said.startswith("[")

    replay.wait_for(answers)
    found: list[str] = json.loads(said)
    return found


def measure(engine: Engine, network: str, urls: Sequence[str], mode: str, rest: float) -> None:
    """Start the image on an empty volume, and say what it took."""
    text = '[network]\nallow_private = ["127.0.0.0/8"]\n[log]\nformat = "json"\n' + _MODES[mode]
    text += "".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls)
    config = engine.volume("/config", {"aggregator.toml": text.encode()})
    options = [*LOCKED, "--network", network, "--health-interval", "1s"]
    daemon = engine.start(options=options, volumes={config: "/config:ro"})
    memory = Memory(daemon)
    daemon.wait_for(daemon.logs, pause=0.02)
    started = time.monotonic() - daemon.begun
    daemon.wait_for(lambda: daemon.health() == "healthy", pause=0.1)
    healthy = time.monotonic() - daemon.begun
    daemon.wait_for(lambda: len(_polled(daemon)) >= len(urls), patience=600, pause=2)
    polled = time.monotonic() - daemon.begun
    time.sleep(rest)
    posts = daemon.count("posts")
    memory.close()
    print(
        f"{mode}: first line {started:.1f} s, healthy {healthy:.1f} s, {len(urls)} sources polled {polled:.0f} s, "
        f"{posts} posts; at most {memory.most:.0f} MB, {rest:.0f} s later {memory.now:.0f} MB"
    )
    seconds = daemon.seconds_to_stop()
    print(f"{mode}: stopped after {seconds:.1f} s with status {daemon.state()['ExitCode']}")


def _polled(daemon: Container) -> set[str]:
    return {event["source"] for event in daemon.events() if event.get("outcome")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both modes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.container", description="What the image takes.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--image", default="aggregator")
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--rest", type=float, default=90, help="seconds from the last first poll to the last look")
    given = parser.parse_args(arguments)
    engine = Engine(given.image)
    size = int(docker("image", "inspect", "-f", "{{.Size}}", given.image))
    print(f"image, unpacked: {size / 1e6:.0f} MB; compressed: {_compressed(given.image):.0f} MB")
    try:
        replay = engine.start(
            "-m", "benchmarks.replay", "--feeds", "/feeds", "--port", str(_PORT), "--limit", str(given.sources),
            options=["-e", "PYTHONPATH=/src", "-w", "/src"], entrypoint="python",
            volumes={str(ROOT / "benchmarks"): "/src/benchmarks:ro", str(given.feeds.resolve()): "/feeds:ro"},
        )  # fmt: skip
        urls = addresses(replay)
        for mode in _MODES:
            measure(engine, f"container:{replay.name}", urls, mode, given.rest)
    finally:
        remove_all()
    return 0


def _compressed(image: str) -> float:
    """What a registry would hold, about: the layers by gzip."""
    with tempfile.TemporaryFile() as file:
        save = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
        subprocess.run(["gzip", "-6"], stdin=save.stdout, stdout=file, check=True)
        return file.seek(0, 2) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
