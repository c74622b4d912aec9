"""Do 100 sources fit into 128 MB? `python -m benchmarks.soak.memory --feeds FOLDER [--limit 128] [--sources 100]`

The daemon and all that it starts, by words, in a control group of its own with so much memory and no swap. Real feeds,
as they lie in the folder, are polled for the first time, and then every ten seconds, a tenth of them with a new entry
each time. Promised: all are read and saved, and nothing is killed for want of memory. Told: what the kernel counted at
most (pages of files among it, which it lets go of when it must), of that what no file can be let go of for, and the
memory of all processes (PSS, and the sum of what each has resident).

Needs root, and a control group for memory that may be written (version 1 or 2). Else it is said, and skipped.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import environment, pss_of_tree, tree_of
from benchmarks.polling import Control, replaying
from benchmarks.soak.room import pause, skipped, told, verdict
from tests.helpers.http_server import HttpServer
from tests.helpers.process import memory_of
from tests.helpers.program import Program

_ONE, _TWO = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
_MB = 1024**2
_LOOK_SECONDS, _CHANGE_SECONDS, _MOST_SECONDS = 0.1, 10.0, 300.0
_SETTINGS = """[storage]
path = "{folder}/news.db"
[polling]
interval = "10s"
max_interval = "10s"
[network]
allow_private = ["127.0.0.0/8"]
[stories]
semantic = false
[log]
format = "json"
"""


class NoGroupError(Exception):
    """There can be no control group here; why, in words."""


@dataclass(frozen=True, slots=True)
class Group:
    """A control group for memory. `is_new`: version 2."""

    folder: Path
    is_new: bool

    def peak_mb(self) -> float:
        """The most that was counted, in MiB."""
        return int(self._read("memory.peak" if self.is_new else "memory.max_usage_in_bytes")) / _MB

    def held_mb(self) -> float:
        """What is in use now and no page of a file, in MiB."""
        stat = dict(line.split() for line in self._read("memory.stat").splitlines())
        return int(stat["anon" if self.is_new else "total_rss"]) / _MB

    def killed(self) -> int:
        """How many processes the kernel killed."""
        said = self._read("memory.events" if self.is_new else "memory.oom_control").split()
        return int(said[said.index("oom_kill") + 1]) if "oom_kill" in said else 0

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text("ascii")


@contextmanager
def group(limit_mb: int) -> Iterator[Group]:
    """One with so much memory. Raises NoGroupError."""
    is_new = (_TWO / "cgroup.controllers").exists()
    folder = (_TWO if is_new else _ONE) / f"aggregator-soak-{os.getpid()}"
    size = limit_mb * _MB
    limits = {"memory.max": size, "memory.swap.max": 0} if is_new else {"memory.limit_in_bytes": size}
    try:
        folder.mkdir()
    except OSError as error:
        raise NoGroupError(f"needs a control group for memory: {error}") from error
    try:
        for name, value in limits.items():
            with suppress(FileNotFoundError):  # where there is no swap
                (folder / name).write_text(str(value))
        yield Group(folder, is_new)
    except PermissionError as error:
        raise NoGroupError(f"needs a control group for memory: {error}") from error
    finally:
        for _ in range(100):
            with suppress(OSError):
                folder.rmdir()
                break
            time.sleep(_LOOK_SECONDS)


@dataclass(slots=True)
class Most:
    """The most of each, in MiB."""

    held: float = 0.0
    pss: float = 0.0
    resident: float = 0.0
    daemon: float = 0.0

    def note(self, pid: int, where: Group) -> None:
        """What is needed now."""
        self.held = max(self.held, where.held_mb())
        self.pss = max(self.pss, pss_of_tree(pid) * 1e6 / _MB)
        self.resident = max(self.resident, sum(memory_of(each, "VmRSS") for each in tree_of(pid)) / _MB)
        self.daemon = max(self.daemon, memory_of(pid) / _MB)


def start(program: Program, where: Group) -> int:
    """Start the daemon in the group; its pid."""
    words = " ".join(program.command("run"))
    script = f"echo $$ > {where.folder}/cgroup.procs && exec {words}"
    with program.log.open("wb") as log:
        program.process = subprocess.Popen(["sh", "-c", script], stdout=log, stderr=log, env=environment())
    return program.process.pid


def live(program: Program, where: Group, control: Control, sources: int, seconds: float) -> tuple[Most, list[str]]:
    """Until all were polled, and for so long after that."""
    pid, most, began, polled_at, changed = start(program, where), Most(), time.monotonic(), 0.0, 0
    process = program.process
    assert process
    while not polled_at or time.monotonic() - polled_at < seconds:
        pause(_LOOK_SECONDS)
        if process.poll() is not None:
            return most, [f"the daemon ended with {process.returncode}: {program.log.read_text()[-500:]}"]
        most.note(pid, where)
        if not polled_at:
            [(count,)] = program.rows("SELECT count(last_poll_at) FROM sources") or [(0,)]
            if count == sources:
                polled_at = time.monotonic()
                told(f"first poll: {polled_at - began:.1f} s; {_told(most, where)}")
            elif time.monotonic() - began > _MOST_SECONDS:
                return most, [f"only {count} of {sources} sources were polled"]
        elif time.monotonic() - polled_at > _CHANGE_SECONDS * (changed + 1):
            changed += 1
            control.post(f"change?seed={changed}&share=0.1")
    told(f"and {seconds:g} s: {_told(most, where)}")
    return most, []


def _told(most: Most, where: Group) -> str:
    return (
        f"counted {where.peak_mb():.0f} MiB at most, {most.held:.0f} without files; PSS {most.pss:.0f}, resident "
        f"{most.resident:.0f} summed up, the daemon alone {most.daemon:.0f}; killed {where.killed()}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if something was killed, or not read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.memory", description=__doc__)
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--limit", type=int, default=128, help="MiB (default: 128)")
    parser.add_argument("--sources", type=int, default=100, help="so many of the feeds (default: 100)")
    parser.add_argument("--seconds", type=float, default=60, help="after the first poll (default: 60)")
    given = parser.parse_args(arguments)
    if os.geteuid() != 0:
        return skipped("needs root for a control group")
    from tempfile import TemporaryDirectory

    try:
        with (
            TemporaryDirectory(prefix="aggregator-soak-") as name,
            replaying(given.feeds, given.sources) as control,
            HttpServer() as nobody,
            group(given.limit) as where,
        ):
            folder, urls = Path(name), control.get("feeds")
            program = Program(folder, nobody, 0)
            program.file.write_text(
                _SETTINGS.format(folder=folder) + "".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls)
            )
            try:
                _, broken = live(program, where, control, len(urls), given.seconds)
                killed = where.killed()
            finally:
                program.close()
            [(posts, unread)] = program.rows(
                "SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM polls WHERE detail LIKE '%memory%')"
            ) or [(0, 0)]
            told(f"{len(urls)} sources, {given.limit} MiB: {posts} posts")
    except NoGroupError as error:
        return skipped(str(error))
    broken += [f"{killed} processes were killed"] * bool(killed)
    return verdict(broken + [f"{unread} polls failed for want of memory"] * bool(unread))


if __name__ == "__main__":
    raise SystemExit(main())
