"""What a post and the queries take as the file grows:

    python -m benchmarks.growth [--posts 10000,50000,200000] [--folder FOLDER] [--json FILE]

Files of each size as `benchmarks.views` makes them (they are kept in the folder, and used again; 5 GB for a million).
Of each: the first page of every view and every query of docs/database.md, CPU milliseconds, the least of five, and of
these the middle one and the slowest; and what it costs to decide and save one of 300 new posts, by words, by the
program's own poller on a copy of the file, when it has taken in the open stories: the middle of three polls.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import structlog

from aggregator.config.load import load
from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import Post
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.storage import schema
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.samples import machine, markdown
from benchmarks.views.__main__ import FILLER, least_ms, queries
from benchmarks.views.rows import make_file

_FEEDS, _POSTS_EACH, _POLLS = 10, 30, 3
_WORDS = tuple(f"word{number}" for number in range(3000))
_COLUMNS = ("posts", "post_ms", "view_ms", "query_ms", "slowest_ms")


def measured(path: Path, posts: int) -> dict[str, float | str]:
    """The figures of one size; `slowest` says which query that is."""
    with closing(schema.connect(path, read_only=True)) as conn:
        asked = {name: sql for name, sql in queries(conn).items() if not name.endswith(": count")}
        times = {name: least_ms(conn, sql) for name, sql in asked.items()}
    slowest = max(times, key=lambda name: times[name])
    return {
        "posts": posts,
        "post_ms": _post_ms(path),
        "view_ms": median(ms for name, ms in times.items() if name.endswith(": 50 rows")),
        "query_ms": median(ms for name, ms in times.items() if not name.endswith(": 50 rows")),
        "slowest_ms": times[slowest],
        "slowest": slowest,
    }


def _post_ms(path: Path) -> float:
    """CPU milliseconds for deciding and saving a new post in this file, which stays as it is."""
    with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-", dir=path.parent) as name:
        folder = Path(name)
        shutil.copyfile(path, folder / "posts.db")
        file = folder / "aggregator.toml"
        feeds = "".join(f'[[feeds]]\nurl = "https://new{number}.example/feed"\n' for number in range(_FEEDS))
        file.write_text(f'[storage]\npath = "{folder / "posts.db"}"\n[stories]\nsemantic = false\n{feeds}')
        config = load(file, {})
        database = Database(folder / "posts.db")
        dice, taxonomy = random.Random(1), Taxonomy(config.rules)
        waiting: dict[str, Collected] = {}

        async def collect(source: Source, memory: SourceMemory, now: datetime) -> Collected:
            return waiting[source.url]

        try:
            poller = Poller(database, config, collect)
            spent = []
            for number in range(_POLLS + 1):  # the first takes in the open stories
                for source in poller.sources:
                    waiting[source.url] = _collected(source, taxonomy, dice, number)
                begun = time.process_time()
                asyncio.run(poller.poll(poller.sources))
                spent.append(time.process_time() - begun)
        finally:
            database.close()
    return median(spent[1:]) * 1000 / (_FEEDS * _POSTS_EACH)


def _collected(source: Source, taxonomy: Taxonomy, dice: random.Random, poll: int) -> Collected:
    now = datetime.now(UTC)
    posts = tuple(enrich(_post(source, dice, f"{poll}-{each}", now), source, taxonomy) for each in range(_POSTS_EACH))
    return Collected(
        source=source,
        outcome=Outcome.OK,
        memory=SourceMemory(last_success_at=now - timedelta(hours=1) if poll else None),
        started_at=now,
        posts=posts,
    )


def _post(source: Source, dice: random.Random, number: str, now: datetime) -> Post:
    url = f"{source.url}/{number}"
    return Post(
        native_id=url,
        kind="article",
        url=url,
        canonical_url=url,
        title=" ".join(dice.choices(_WORDS, k=8)),
        text=" ".join(dice.choices(_WORDS, k=80)),
        published_at=now - timedelta(minutes=dice.random() * 60),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="What growth costs.")
    parser.add_argument("--posts", default="10000,50000,200000", help="sizes, the smallest first")
    parser.add_argument("--folder", type=Path, help="where the files are kept; a temporary one if left out")
    parser.add_argument("--json", type=Path, help="write the figures here")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    rows = []
    with tempfile.TemporaryDirectory(prefix="growth-") as scratch:
        folder: Path = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for size in (int(size) for size in given.posts.split(",")):
            path = folder / f"posts-{size}.db"
            make_file(path, size, FILLER)
            Database(path).close()  # today's views, in a file that was there
            rows.append(measured(path, size))
    print(", ".join(f"{name} {value}" for name, value in machine().items()), end="\n\n")
    lines = [
        [f"{row[name]:,.0f}" if name == "posts" else f"{row[name]:.2f}" for name in _COLUMNS] + [str(row["slowest"])]
        for row in rows
    ]
    print(markdown([["posts", "a new post", "a view", "a query", "the slowest", "which"], *lines]))
    if given.json:
        given.json.write_text(json.dumps({"machine": machine(), "sizes": rows}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
