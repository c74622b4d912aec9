"""Posts and stories that the index of open stories has laid aside: a temporary database of this process alone.

SQLite writes it where temporary files go when it outgrows its cache, and removes it with the connection. Nothing in it
is needed after that: the index is made again from the rows of posts. Where the shelf fails, be it that there is no room
or that what lies there can't be read, whoever holds the index throws it away, and takes a shelf in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from sys import intern
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import finalize

from aggregator.model.errors import ShelfError
from aggregator.storage.file.temporary import give_temporary_folder
from aggregator.stories.encoder import dense_vector_of
from aggregator.stories.shelf import Arrived, PartKey
from aggregator.stories.story import Story

# In pages of 4 KB: what is asked for often, beside the inner pages of the indexes.
_CACHE_PAGES = 4000

# Posts read at once from the last on: those of an hour are looked for, and most of them are in memory.
_PAGE = 200
_AFTER_ALL = 2**62

_TABLES = """
CREATE TABLE posts (serial INTEGER PRIMARY KEY, id INTEGER NOT NULL, seen_at TEXT NOT NULL, story_id INTEGER NOT NULL,
  voice TEXT NOT NULL, parts TEXT NOT NULL, words TEXT NOT NULL);
CREATE INDEX posts_id ON posts (id);
CREATE INDEX posts_voice ON posts (voice, serial);
CREATE TABLE parts (source_id INTEGER NOT NULL, part TEXT NOT NULL, serial INTEGER NOT NULL, place INTEGER NOT NULL,
  PRIMARY KEY (source_id, part, serial, place)) WITHOUT ROWID;
CREATE TABLE stories (id INTEGER PRIMARY KEY, serial INTEGER NOT NULL, facts TEXT NOT NULL, embedding BLOB);
CREATE INDEX stories_serial ON stories (serial);
"""
_POST = "SELECT serial, seen_at, story_id, words, parts, voice, id FROM posts"
_STORY = "SELECT id, serial, facts, embedding FROM stories"


_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def _told(
    method: Callable[Concatenate[FileShelf, _Given], _Found],
) -> Callable[Concatenate[FileShelf, _Given], _Found]:
    """What SQLite says of the temporary file is no trouble of the database, in whose transactions much of this is done.

    Nor is it when what comes back is no JSON, or no time: a disk that fails may give anything.
    """

    @wraps(method)
    def telling(shelf: FileShelf, /, *given: _Given.args, **named: _Given.kwargs) -> _Found:
        try:
            return method(shelf, *given, **named)
        except (sqlite3.Error, ValueError) as error:
            shelf.trouble = str(error)
            raise ShelfError(f"open stories laid aside: {error}") from error

    return telling


class FileShelf:
    """A `Shelf`. `folder`: where it may lie where the system has no other place. `is_in_memory`: in no file at all,
    as it is where there is no folder to be had: 1 KB a post.

    `trouble`: what has gone wrong with it, in words; empty as long as nothing has. Then it is of no use any more, since
    nothing that was half written to it is rolled back.

    Each method raises ShelfError where something goes wrong.
    """

    def __init__(self, folder: Path, *, is_in_memory: bool = False) -> None:
        self._folder, self.is_in_memory = folder, is_in_memory
        self.trouble = ""
        self._opened: sqlite3.Connection | None = None  # most have too few posts to lay any aside

    @property
    def _conn(self) -> sqlite3.Connection:
        if self._opened is None:
            conn = _connect("")
            if self.is_in_memory or not give_temporary_folder(conn, self._folder):
                conn.close()
                conn = _connect(":memory:")  # that there is no folder helps nobody who has opened "" already
            conn.executescript(f"PRAGMA cache_size = {_CACHE_PAGES};{_TABLES}")
            self._opened = conn
            finalize(self, conn.close)
        return self._opened

    @_told
    def lay_posts(self, posts: Iterable[tuple[int, Arrived]]) -> None:
        """See `Shelf`."""
        found = list(posts)
        with _together(self._conn) as conn:
            conn.executemany(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        each.serial, post_id, each.seen_at.isoformat(), each.story_id, each.voice, _text(each.parts),
                        _text(tuple(each.words)),
                    )
                    for post_id, each in found
                ],
            )  # fmt: skip
            parts = [(*part, each.serial, place) for _, each in found for place, part in enumerate(each.parts)]
            conn.executemany("INSERT INTO parts VALUES (?, ?, ?, ?)", parts)

    @_told
    def post(self, post_id: int) -> Arrived | None:
        """See `Shelf`."""
        row = self._conn.execute(f"{_POST} WHERE id = ?", (post_id,)).fetchone()
        return _post(row) if row else None

    @_told
    def oldest(self, most: int) -> Sequence[tuple[int, Arrived]]:
        """See `Shelf`."""
        return [(row[-1], _post(row)) for row in self._conn.execute(f"{_POST} ORDER BY serial LIMIT ?", (most,))]

    @_told
    def first_id(self, after: datetime | None) -> int | None:
        """See `Shelf`."""
        # Ids run as times do, so the first of them that is late enough comes soon.
        sql = "SELECT id FROM posts INDEXED BY posts_id WHERE seen_at > ? ORDER BY id LIMIT 1"
        row = self._conn.execute(sql, (after.isoformat() if after else "",)).fetchone()
        return int(row[0]) if row else None

    def newest_first(self) -> Iterator[Arrived]:
        """See `Shelf`."""
        before = _AFTER_ALL
        while page := self._before(before):  # not one statement, which would go on while the shelf changes
            yield from page
            before = page[-1].serial

    @_told
    def _before(self, serial: int) -> list[Arrived]:
        sql = f"{_POST} WHERE serial < ? ORDER BY serial DESC LIMIT {_PAGE}"
        return [_post(row) for row in self._conn.execute(sql, (serial,))]

    @_told
    def newest_of(self, voice: str, most: int) -> Sequence[Arrived]:
        """See `Shelf`."""
        rows = self._conn.execute(f"{_POST} WHERE voice = ? ORDER BY serial DESC LIMIT ?", (voice, most))
        return [_post(row) for row in rows]

    @_told
    def times(self, part: PartKey, most: int) -> int:
        """See `Shelf`."""
        rows = self._conn.execute("SELECT 1 FROM parts WHERE source_id = ? AND part = ? LIMIT ?", (*part, most))
        return len(rows.fetchall())

    @_told
    def drop_posts(self, posts: Iterable[Arrived]) -> None:
        """See `Shelf`."""
        found = list(posts)
        with _together(self._conn) as conn:
            conn.executemany("DELETE FROM posts WHERE serial = ?", [(each.serial,) for each in found])
            conn.executemany(
                "DELETE FROM parts WHERE source_id = ? AND part = ? AND serial = ?",
                [(*part, each.serial) for each in found for part in each.parts],
            )

    @_told
    def lay_stories(self, stories: Iterable[Story]) -> None:
        """See `Shelf`."""
        with _together(self._conn) as conn:
            conn.executemany("INSERT OR REPLACE INTO stories VALUES (?, ?, ?, ?)", map(_row_of, stories))

    @_told
    def story(self, story_id: int) -> Story | None:
        """See `Shelf`."""
        row = self._conn.execute(f"{_STORY} WHERE id = ?", (story_id,)).fetchone()
        return _story(*row) if row else None

    @_told
    def stories_before(self, serial: int) -> Sequence[Story]:
        """See `Shelf`."""
        return [_story(*row) for row in self._conn.execute(f"{_STORY} WHERE serial < ?", (serial,))]

    @_told
    def drop_stories(self, ids: Collection[int]) -> None:
        """See `Shelf`."""
        with _together(self._conn) as conn:
            conn.executemany("DELETE FROM stories WHERE id = ?", [(story_id,) for story_id in ids])


def _connect(name: str) -> sqlite3.Connection:
    conn = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    # What is lost with the process need not be safe from power cuts, nor can it be rolled back.
    conn.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return conn


@contextmanager
def _together(conn: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Written in one go, which is faster."""
    conn.execute("BEGIN")
    yield conn
    conn.execute("COMMIT")


def _post(row: Sequence[Any]) -> Arrived:
    serial, seen_at, story_id, words, parts, voice, _ = row
    pairs = tuple([(source_id, part) for source_id, part in json.loads(parts)])
    return Arrived(serial, datetime.fromisoformat(seen_at), story_id, tuple(json.loads(words)), pairs, voice)


def _row_of(story: Story) -> tuple[int, int, str, bytes | None]:
    lead = story.lead_vector
    facts = (
        story.title, story.lead_post_id, story.language, story.lead_is_article, story.first_at.isoformat(),
        story.last_at.isoformat(), story.vector, story.squared, story.posts, story.repeated, tuple(story.source_ids),
        tuple(story.voices), tuple(story.entities), True if lead is story.vector else lead,
    )  # fmt: skip
    return story.id, story.serial, _text(facts), story.embedding.numbers.tobytes() if story.embedding else None


def _story(story_id: int, serial: int, text: str, embedding: bytes | None) -> Story:
    (
        title, lead_post_id, language, lead_is_article, first_at, last_at, vector, squared, posts, repeated, source_ids,
        voices, entities, lead,
    ) = json.loads(text)  # fmt: skip
    vector = _held_once(vector)
    return Story(
        id=story_id, title=title, lead_post_id=lead_post_id, language=language, lead_is_article=lead_is_article,
        first_at=datetime.fromisoformat(first_at), last_at=datetime.fromisoformat(last_at), vector=vector,
        squared=squared, posts=posts, repeated=repeated, source_ids=frozenset(source_ids), voices=frozenset(voices),
        entities=frozenset(entities), serial=serial, embedding=dense_vector_of(embedding),
        lead_vector=vector if lead is True else lead and _held_once(lead),
    )  # fmt: skip


def _held_once(vector: dict[str, float]) -> dict[str, float]:
    """Its words are in memory once, in however many stories they are."""
    return {intern(word): weight for word, weight in vector.items()}


def _text(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
