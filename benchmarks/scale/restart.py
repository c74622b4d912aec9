"""How long a restart reads open stories: `python -m benchmarks.scale.restart [--posts 200000] [--file FILE]`

Posts of made-up words (`benchmarks/scale/words.py`) are put into stories, and what a restart reads of them is written
into a database, by statements of its own: saving them as a daemon does would take an hour for a million. `--file` is
kept, and used again if it is there. Told is the CPU of reading the open stories, and of the steps in which that is
done: between two of them others have their turn.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from aggregator.engine.story_index import MEMORY_WINDOWS, loading, new_index
from aggregator.model.settings import Stories
from aggregator.storage.database import Database
from aggregator.storage.file.shelf import FileShelf
from aggregator.storage.open_stories import save_words
from aggregator.storage.times import to_text
from aggregator.stories.assign import place
from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import StoryPost
from benchmarks.measured import pss_of_tree
from benchmarks.scale.window import made_up

_TOGETHER = 500
_END = datetime(2026, 1, 7, tzinfo=UTC)
_TEXT = "What is said of it, in some more words than the title has. " * 10
_POST = (
    "INSERT INTO posts (id, kind, title, text, url, language, published_at, first_seen_at, sort_at, digest, "
    "topics_version, publisher, story_id) VALUES (?, 'article', ?, ?, ?, 'en', ?, ?, ?, x'00', '', ?, ?)"
)
_STORY = (
    "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, lead_post_id, language) "
    "VALUES (?, ?, ?, ?, ?, 1, ?, 'en')"
)


def fill(database: Database, folder: Path, count: int, settings: Stories, end: datetime) -> None:
    """Add so many posts, all of them in the window that ends then. Their sources need not be there."""
    span = MEMORY_WINDOWS * settings.window
    posts = made_up(count, random.Random(1), span / count, end - span)
    index = StoryIndex(settings.window, settings.threshold, shelf=FileShelf(folder))
    conn = database.conn
    conn.execute("PRAGMA foreign_keys = OFF")
    for _ in range(count // _TOGETHER):
        conn.execute("BEGIN")
        _save(database, index, [next(posts) for _ in range(_TOGETHER)])
        conn.execute("COMMIT")


def _fill_file(path: Path, count: int, settings: Stories) -> None:
    with closing(Database(path)) as database:
        for (name,) in database.conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.conn.execute(f"DROP TRIGGER {name}")  # what they count nobody asks for here
        fill(database, path.parent, count, settings, _END)


def _save(database: Database, index: StoryIndex, batch: Sequence[StoryPost]) -> None:
    conn, overlay, story_of, words = database.conn, Overlay(index), {}, {}
    for post in batch:
        placed = place(post, overlay, copy_of=None, story_of_original=None, linked=None, new_story_id=post.post_id)
        story_of[post.post_id] = placed.membership.story_id
        words[post.post_id] = overlay.words(post)
    conn.executemany(
        _POST,
        [
            (each.post_id, each.title, _TEXT, f"https://{each.voice}/{each.post_id}", *[to_text(each.at)] * 3,
             each.voice, story_of[each.post_id])
            for each in batch
        ],
    )  # fmt: skip
    seen = [(each.source_id, str(each.post_id), each.post_id, to_text(each.at)) for each in batch]
    conn.executemany("INSERT INTO sightings (source_id, native_id, post_id, seen_at) VALUES (?, ?, ?, ?)", seen)
    begun = [each for each in batch if story_of[each.post_id] == each.post_id]
    heads = [(each.post_id, str(each.post_id), each.title, *[to_text(each.at)] * 2, each.post_id) for each in begun]
    conn.executemany(_STORY, heads)
    save_words(conn, words.items())
    index.accept(overlay)


def _steps(loading: Iterator[int]) -> Iterator[float]:
    """CPU seconds of each."""
    began = time.process_time()
    for _ in loading:
        yield time.process_time() - began
        began = time.process_time()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read them, and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.restart", description=__doc__.split("\n")[0])
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args(arguments)
    settings = Stories()
    with tempfile.TemporaryDirectory() as folder:
        path = given.file or Path(folder) / "posts.db"
        if not path.exists():
            _fill_file(path, given.posts, settings)
        with closing(Database(path)) as database:
            [(latest,)] = database.query("SELECT max(first_seen_at) FROM posts")
            index = new_index(settings, None, FileShelf(path.parent))
            steps = list(_steps(loading(database, index, datetime.fromisoformat(latest))))
        gc.collect()
        count, cpu = len(index.arrivals), sum(steps)
        print(
            f"{count:,} posts: {cpu:.1f} s of CPU, {1e6 * cpu / count:.0f} us a post, {pss_of_tree(os.getpid()):.0f} MB"
        )
        longest = ", ".join(f"{1000 * each:.0f}" for each in sorted(steps, reverse=True)[:2])
        print(f"{len(steps)} steps, {1000 * median(steps):.0f} ms each; the longest: {longest} ms")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
