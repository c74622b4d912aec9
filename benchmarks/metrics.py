"""What metrics cost: a scrape of a file with many posts, and what the daemon counts with each poll; in CPU time.

    python -m benchmarks.metrics --posts 500000

The file is made for it: its posts have texts, stories and changes, and no search, which no scrape asks.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from aggregator.engine.metrics.meters import Meters
from aggregator.engine.web.state import metrics
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config, Storage
from aggregator.model.source import Source, SourceMemory
from aggregator.storage.counters.totals import Totals
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock

_SOURCES = 1000
_TEXT = "The harbour council said on Monday that the ferry would go on. " * 25
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_SCRAPES = 200
_POLLS = 100_000
_ACCEPT = {"accept": "application/openmetrics-text"}


def main() -> None:
    """Make the file, scrape it, and print what that took."""
    parser = argparse.ArgumentParser(description="What metrics cost.")
    parser.add_argument("--posts", type=int, default=500_000, help="how many the file has")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.db"
        _fill(path, arguments.posts)
        print(f"{arguments.posts:,} posts, {path.stat().st_size / 1e6:,.0f} MB")
        lock = WriterLock(path)
        lock.acquire()  # as beside a daemon that is at work
        _scrapes(Config(storage=Storage(path=path)))
        lock.release()
    _polls()


def _scrapes(config: Config) -> None:
    meters, totals = Meters(), Totals()

    def scrape(by: Totals) -> float:
        return _milliseconds(lambda: metrics(config, by, meters.snapshot(), _ACCEPT))

    print(f"the first scrape, imports included: {scrape(totals):.0f} ms")
    print(f"a scrape that counts in full: {median(scrape(Totals()) for _ in range(10)):.1f} ms")
    print(f"any other: {median(scrape(totals) for _ in range(_SCRAPES)):.1f} ms")


def _polls() -> None:
    meters = Meters()
    source = Source(kind="feed", url="https://paper.example/feed", id=1)
    collected = Collected(
        source=source, outcome=Outcome.OK, memory=SourceMemory(), started_at=_BEGIN,
        elapsed=timedelta(seconds=0.2), reading=timedelta(seconds=0.01), bytes_read=10_000,
    )  # fmt: skip
    polled = PolledSource(collected=collected, status="ok", memory=SourceMemory(), next_poll_at=_BEGIN, new=2)

    def count() -> None:
        for _ in range(_POLLS):
            meters.polled(polled)
            with meters.saving.measured():
                pass

    print(f"counting a poll and its transaction: {_milliseconds(count) / _POLLS * 1000:.2f} µs")


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def _fill(path: Path, posts: int) -> None:
    """Two posts of three begin a story. Triggers, which would count and index all, are left out."""
    stories = posts * 2 // 3

    def at(number: int) -> str:
        return (_BEGIN + timedelta(minutes=3 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")

    database = Database(path)
    conn = database.conn
    conn.execute("PRAGMA synchronous = OFF")
    for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {name}")
    conn.execute("BEGIN")
    conn.execute("PRAGMA defer_foreign_keys = ON")
    conn.executemany(
        "INSERT INTO sources (id, kind, url, interval_seconds, status, next_poll_at, last_poll_at, last_success_at) "
        "VALUES (?1, 'feed', 'https://paper.example/' || ?1, 900, 'ok', ?2, ?2, ?2)",
        ((number, at(posts)) for number in range(1, _SOURCES + 1)),
    )
    conn.executemany(
        "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, lead_post_id, post_count) "
        "VALUES (?1, 'harbour-ferry-council-' || ?1, 'The harbour council and its ferry ' || ?1, ?2, ?2, 1, ?1, 2)",
        ((number, at(number)) for number in range(1, stories + 1)),
    )
    conn.executemany(
        "INSERT INTO posts (id, story_id, kind, title, url, publisher, first_seen_at, sort_at, digest, topics_version, "
        "text) VALUES (?1, ?2, 'article', 'The harbour council ' || ?1, 'https://paper.example/' || ?1, "
        "'paper.example', ?3, ?3, x'00112233445566778899', 'v', ?4)",
        ((number, 1 + number % stories, at(number), _TEXT) for number in range(1, posts + 1)),
    )
    conn.executemany(
        "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, 'post', ?, 'new')",
        ((at(number), number) for number in range(1, posts + 1)),
    )
    conn.execute("COMMIT")
    database.close()


if __name__ == "__main__":
    main()
