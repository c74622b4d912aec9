"""What the site costs: a full build, and keeping it up to date after polls of twenty posts.

python -m benchmarks.site --database FILE [--posts 20] [--polls 5] [--folder FOLDER]

FILE is a database of this program with posts, such as one that a poll left; it is copied, and the briefs
of its stories are written, as the daemon writes them before it builds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from aggregator.config.topics import default_rules
from aggregator.engine.briefs.writer import write_briefs
from aggregator.engine.poller import Poller
from aggregator.engine.site.publisher import build_site, note_built
from aggregator.model.post import Post
from aggregator.model.settings import Config, Publish, Storage
from aggregator.model.source import Source
from aggregator.publish.building.build import Built
from aggregator.storage.database import Database
from aggregator.text.urls import canonical_url
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fakes import ScriptedCollect

_NEWEST = """
SELECT s.url, p.title, p.text, p.url FROM posts p JOIN sightings g ON g.post_id = p.id
JOIN sources s ON s.id = g.source_id
WHERE p.kind = 'article' AND p.copy_of IS NULL AND p.gone_at IS NULL AND p.title <> '' AND s.kind = 'feed'
GROUP BY p.id ORDER BY p.id % 97, p.id LIMIT ?
"""


def _measured(build: Callable[[], Built]) -> tuple[Built, float]:
    begun = time.process_time()
    built = build()
    return built, time.process_time() - begun


def _briefs(path: Path) -> None:
    database = Database(path)
    begun = time.process_time()
    asyncio.run(write_briefs(database, Publish()))
    [(count,)] = database.conn.execute("SELECT count(*) FROM briefs")
    print(f"briefs: {count} in {time.process_time() - begun:.2f} CPU s")
    database.close()


def _full(database: Path, folder: Path, page_for: float) -> None:
    settings = Publish(path=folder, address="https://news.example/", page_for=page_for)
    built, seconds = _measured(lambda: build_site(database, settings, is_full=True))
    again, unchanged = _measured(lambda: build_site(database, settings, is_full=True))
    print(
        f"full, a page for {'each story' if page_for == 0 else 'wide stories'}: {built.pages} pages, "
        f"{built.written} files, {seconds:.2f} CPU s, {built.pages / seconds:.0f} pages and "
        f"{built.written / seconds:.0f} files a CPU second; again: {again.written} files written, {unchanged:.2f} CPU s"
    )


def _posts(rows: Sequence[Sequence[str]], number: int, now: datetime) -> dict[str, list[Post]]:
    """New posts that are told as stored ones are: of the same topics, some in the same stories."""
    found: dict[str, list[Post]] = {}
    for place, (source, title, text, url) in enumerate(rows):
        address = f"{url}{'&' if '?' in url else '?'}n={number}-{place}"
        post = Post(
            kind="article", native_id=address, title=f"{title} ({number})", text=f"{text} Told anew, {number}.",
            url=address, canonical_url=canonical_url(address), published_at=now - timedelta(minutes=place),
        )  # fmt: skip
        found.setdefault(source, []).append(post)
    return found


async def _polls(database: Path, folder: Path, posts: int, polls: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    opened = Database(database)
    rows = opened.conn.execute(_NEWEST, (posts * polls,)).fetchall()
    sources = tuple(Source(kind="feed", url=url) for url in dict.fromkeys(row[0] for row in rows))
    rules = tuple(default_rules().values())
    collect = ScriptedCollect(Taxonomy(rules))
    config = replace(Config(), storage=Storage(path=database), sources=sources, rules=rules)
    poller = Poller(opened, config, collect, clock=lambda: now, dice=lambda: 0.0)
    settings = Publish(path=folder, address="https://news.example/")
    note_built(opened, build_site(database, settings, is_full=True))
    figures: list[tuple[int, int, float]] = []
    for number in range(polls):
        collect.begin_anew()
        for url, of_source in _posts(rows[number * posts : (number + 1) * posts], number, now).items():
            collect.posts(url, of_source)
        now += timedelta(minutes=5)
        await poller.poll(poller.sources)
        built, seconds = _measured(lambda: build_site(database, settings))
        note_built(opened, built)
        figures.append((built.pages, built.written, seconds))
    opened.close()
    pages, files, seconds = (median(column) for column in zip(*figures, strict=True))
    print(f"a poll of {posts} posts: {pages:.0f} pages, {files:.0f} files rewritten, {seconds:.3f} CPU s (medians)")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--posts", type=int, default=20)
    parser.add_argument("--polls", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to build; a folder for a moment if left out")
    given = parser.parse_args()
    gc.set_threshold(10_000, 50, 100)  # as the program
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        database = folder / "news.db"
        source = sqlite3.connect(given.database)
        source.execute("VACUUM INTO ?", (str(database),))
        source.close()
        _briefs(database)
        print(f"load {os.getloadavg()[0]:.1f}")
        _full(database, folder / "wide", 0.3)
        _full(database, folder / "all", 0.0)
        asyncio.run(_polls(database, folder / "kept", given.posts, given.polls))
        shutil.rmtree(folder / "all")


if __name__ == "__main__":
    main()
