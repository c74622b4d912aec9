"""`aggregator` as a process, on a web server of the test."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

# Generous: the machine may be busy. What is waited for usually takes a second.
PATIENCE = 30.0
# For `extra`: every feed, every second.
EVERY_SECOND = '[polling]\ninterval = "1s"\nmax_interval = "1s"\n'


class Program:
    """`aggregator` as a process, on a configuration of its own."""

    def __init__(self, folder: Path, site: HttpServer, feeds: int = 2, extra: str = "") -> None:
        self.database = folder / "news.db"
        self.file = folder / "aggregator.toml"
        self.log = folder / "log"
        self.site = site
        for number in range(feeds):
            entries = [
                item(f"Report {number}.{entry} on the harbour", f"https://paper{number}.example/{entry}",
                     f"What happened at the harbour, report {number}.{entry}.", "Mon, 04 May 2026 10:00:00 GMT")
                for entry in range(20)
            ]  # fmt: skip
            site.page(f"/feed{number}", rss(f"Paper{number}", *entries))
        self.write_config(feeds, extra)
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}  # of the next process, besides our own

    def write_config(self, feeds: int, extra: str = "") -> None:
        blocks = "".join(f'[[feeds]]\nurl = "{self.site.url}/feed{number}"\n' for number in range(feeds))
        self.file.write_text(
            f'[storage]\npath = "{self.database}"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
            f'[taxonomy]\ndefault = false\n[log]\nformat = "json"\n{blocks}{extra}',
            encoding="utf-8",
        )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "aggregator", "--config", str(self.file), *words]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(*words), stdout=log, stderr=log, env={**os.environ, **self.environment}
            )
        return self.process

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=PATIENCE, check=False)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        if not self.database.exists():
            return []
        conn = sqlite3.connect(self.database)
        try:
            return conn.execute(sql).fetchall()
        except sqlite3.OperationalError:  # the schema is being made
            return []
        finally:
            conn.close()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def has_said(self, words: str) -> bool:
        """Whether the words are in the text of any event so far."""
        return any(words in event["event"] for event in self.events())

    def wait_for(self, condition: Callable[[], Any]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            if self.process and self.process.poll() is not None:
                raise AssertionError(f"the daemon ended: {self.log.read_text()}")
            assert time.monotonic() < until, f"waited in vain: {self.log.read_text()}"
            time.sleep(0.05)

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def posts(program: Program) -> int:
    found = program.rows("SELECT count(*) FROM posts")
    return int(found[0][0]) if found else 0


@contextmanager
def every_second(folder: Path) -> Iterator[Program]:
    """One whose feeds are polled every second."""
    with HttpServer() as site:
        program = Program(folder, site, extra=EVERY_SECOND)
        yield program
        program.close()
