"""What the others of this folder share: feeds that change, a daemon that polls them every second, and how it is told.

The program is a process of its own (`tests.helpers.program`), the web server real and on loopback, in this one.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Handler, HttpServer, Request
from tests.helpers.process import cpu_seconds_of, memory_of
from tests.helpers.program import EVERY_SECOND, Program

_DATE = "Sun, 29 Nov 2026 08:00:00 GMT"
_WORDS = 20
_SETTINGS = EVERY_SECOND + "[stories]\nsemantic = false\n"
_STEP_SECONDS = 0.02

# A daemon that was asked to stop and is there after so long will stay for ever.
HUNG_SECONDS = 10.0


def told(text: str) -> None:
    """A line, at once: what is measured takes minutes."""
    print(text, flush=True)


def verdict(broken: Sequence[str]) -> int:
    """The exit status; what is broken is said."""
    for each in broken:
        told(f"BROKEN: {each}")
    return int(bool(broken))


def skipped(why: str) -> int:
    """The exit status where the machine lacks what it takes."""
    told(f"skipped: {why}")
    return 0


# ---------------------------------------------------------------- feeds that change


@dataclass(slots=True)
class ChangingFeeds:
    """Answers each path with a feed of its own, which has more on top each time it is asked for.

    `chance` that it has; `new` entries then; the newest `keep` are in it, of which the first are there from the
    `start`. `is_edited`: the texts of all of them are others each time. Nothing changes any more once `is_still`.
    """

    chance: float = 1.0
    new: int = 1
    keep: int = 60
    start: int = 0
    is_edited: bool = False
    is_still: bool = False
    # Ids of entries, which are their links: all that were ever sent, and those of each ETag.
    shown: set[str] = field(default_factory=set)
    sent: dict[str, list[str]] = field(default_factory=dict)
    _dice: random.Random = field(default_factory=lambda: random.Random(7))
    _counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _editions: int = 0

    def __call__(self, request: Request) -> web.Response:
        """As `HttpServer` wants it: by the ETag nothing is sent twice."""
        ids, body = self._document(request.path)
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        self.sent[tag] = ids
        self.shown.update(ids)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})

    def document(self, path: str) -> bytes:
        """What is sent for a path, to be sent by another server."""
        return self._document(path)[1]

    def _document(self, path: str) -> tuple[list[str], bytes]:
        ids = self._ids(path)
        return ids, rss(f"Paper{path.rpartition('feed')[2]}", *map(self._entry, ids)).encode()

    def _ids(self, path: str) -> list[str]:
        if path not in self._counts:
            self._counts[path] = self.start
        if not self.is_still:
            self._editions += self.is_edited
            self._counts[path] += self.new * (self._dice.random() < self.chance)
        count = self._counts[path]
        return [f"https://paper.example{path}/{number}" for number in range(count, max(0, count - self.keep), -1)]

    def _entry(self, link: str) -> str:
        words = [hashlib.md5(f"{link} {number}".encode()).hexdigest()[:7] for number in range(_WORDS)]
        edition = f" edition {self._editions}" if self.is_edited else ""
        return item(f"Report {words[0]} on the {words[1]} works", link, f"{' '.join(words)}{edition}", _DATE)


# ---------------------------------------------------------------- a daemon that polls them


@contextmanager
def newsroom(feeds: Handler, count: int, *, database_in: Path | None = None, more: str = "") -> Iterator[Program]:
    """A program with so many feeds, polled every second; stories are made by words alone. Everything is in a new
    folder, but for the database, where it has one of its own. `more`: lines of its configuration."""
    with tempfile.TemporaryDirectory(prefix="aggregator-soak-") as name, HttpServer(feeds) as site:
        program = Program(Path(name), site, count, _SETTINGS + more)
        if database_in:
            program.database = database_in / program.database.name
            program.write_config(count, _SETTINGS + more)
        try:
            yield program
        finally:
            program.close()


def seconds_until(condition: Callable[[], object], limit: float) -> float | None:
    """How long it took to come true; None if it did not within the limit."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit:
            return None
        time.sleep(_STEP_SECONDS)
    return time.monotonic() - began


def stop(program: Program, broken: list[str]) -> None:
    """Have it end; what is wrong with that is added."""
    if program.process is None or program.process.poll() is not None:
        broken.append(f"the daemon was gone: {program.log.read_text()[-500:]}")
        return
    program.process.terminate()
    took = seconds_until(lambda: program.process and program.process.poll() is not None, HUNG_SECONDS)
    if took is None or program.process.returncode:
        broken.append("the daemon hung" if took is None else f"the daemon ended with {program.process.returncode}")


# ---------------------------------------------------------------- what it takes


@dataclass(frozen=True, slots=True)
class Use:
    """What a process takes: CPU seconds so far, resident memory now and at most in MB."""

    cpu_seconds: float
    now: float
    peak: float


def use_of(program: Program) -> Use:
    """Of the daemon, without the processes that read documents."""
    assert program.process
    pid = program.process.pid
    return Use(cpu_seconds_of(pid), memory_of(pid, "VmRSS") / 1024**2, memory_of(pid) / 1024**2)


def pause(seconds: float) -> None:
    """Let the daemon live."""
    time.sleep(seconds)
