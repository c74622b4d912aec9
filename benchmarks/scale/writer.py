"""How many posts a second one process decides and saves: `python -m benchmarks.scale.writer [--posts 50000,500000]`

Posts are read and enriched before, as if other processes did that, so this is what one writer could take from however
many of them. Files of each size as `benchmarks.views` makes them (kept in `--folder`, and used again; 5 GB for a
million); of each a copy is polled by the program's own poller, which has taken in the open stories: sources that bring
one post each, and sources that bring thirty. By words. Told are posts a second of CPU and of wall time, and polls that
bring nothing ("not modified") a second: the median of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import structlog

from aggregator.cli.main import collect_rarely
from aggregator.config.load import load
from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import Post
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.samples import machine, markdown
from benchmarks.views.__main__ import FILLER
from benchmarks.views.rows import make_file

_SOURCES, _ROUNDS = 600, 3
_WORDS = tuple(f"word{number}" for number in range(30_000))
# Posts a source: none, one, many.
_KINDS = (0, 1, 30)


class Writer:
    """A poller on a copy of a file, whose sources bring what was made before."""

    def __init__(self, path: Path, folder: Path) -> None:
        shutil.copyfile(path, folder / "posts.db")
        file = folder / "aggregator.toml"
        feeds = "".join(f'[[feeds]]\nurl = "https://new{number}.example/feed"\n' for number in range(_SOURCES))
        file.write_text(f'[storage]\npath = "{folder / "posts.db"}"\n[stories]\nsemantic = false\n{feeds}', "utf-8")
        self._config = load(file, {})
        self.database = Database(folder / "posts.db")
        self._taxonomy, self._dice = Taxonomy(self._config.rules), random.Random(1)
        self._waiting: dict[str, Collected] = {}
        self._poller = Poller(self.database, self._config, self._collect)
        self._number = 0

    def poll(self, posts_each: int) -> tuple[float, float, int]:
        """CPU and wall seconds, and how many posts came, of none how many polls."""
        sources = self._poller.sources[: 40 if posts_each > 1 else _SOURCES]
        self._waiting = {source.url: self._made(source, posts_each) for source in sources}
        cpu, wall = time.process_time(), time.perf_counter()
        asyncio.run(self._poller.poll(sources))
        count = len(sources) * max(1, posts_each)
        return time.process_time() - cpu, time.perf_counter() - wall, count

    async def _collect(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        return self._waiting[source.url]

    def _made(self, source: Source, posts: int) -> Collected:
        now = datetime.now(UTC)
        made = []
        for _ in range(posts):
            self._number += 1
            made.append(enrich(self._post(source, now), source, self._taxonomy))
        # A source that was read before: what a first poll brings is grouped apart.
        memory = SourceMemory(last_success_at=now - timedelta(hours=1))
        outcome = Outcome.OK if posts else Outcome.NOT_MODIFIED
        return Collected(source=source, outcome=outcome, memory=memory, started_at=now, posts=tuple(made))

    def _post(self, source: Source, now: datetime) -> Post:
        url = f"{source.url}/{self._number}"
        return Post(
            native_id=url, kind="article", url=url, canonical_url=url, title=" ".join(self._dice.choices(_WORDS, k=8)),
            text=" ".join(self._dice.choices(_WORDS, k=80)),
            published_at=now - timedelta(minutes=self._dice.random() * 60),
        )  # fmt: skip


def measured(path: Path) -> dict[int, tuple[float, float]]:
    """Posts a second of CPU and of wall time, by how many a source brings; for 0 polls a second."""
    with tempfile.TemporaryDirectory(prefix="writer-", dir=path.parent) as name:
        writer = Writer(path, Path(name))
        try:
            writer.poll(1)  # takes in the open stories
            rounds = {each: [writer.poll(each) for _ in range(_ROUNDS)] for each in _KINDS}
        finally:
            writer.database.close()
    return {
        each: (median(count / cpu for cpu, _, count in found), median(count / wall for _, wall, count in found))
        for each, found in rounds.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.writer", description="One writer's ceiling.")
    parser.add_argument("--posts", default="50000,500000", help="posts in the file, the smallest first")
    parser.add_argument("--folder", type=Path, help="where the files are kept; a temporary one if left out")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    collect_rarely()
    rows = [["posts", *(f"{what} a second of {how}" for what in ("polls", "posts, 1 a poll", "posts, 30 a poll")
             for how in ("CPU", "wall"))]]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="writer-") as scratch:
        folder: Path = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for size in (int(size) for size in given.posts.split(",")):
            path = folder / f"posts-{size}.db"
            make_file(path, size, FILLER)
            Database(path).close()  # today's views, in a file that was there
            found = measured(path)
            rows.append([f"{size:,}", *(f"{rate:.0f}" for each in _KINDS for rate in found[each])])
    print(", ".join(f"{name} {value}" for name, value in machine().items()), end="\n\n")
    print(markdown(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
