"""What came since somebody asked last: stories that began, and stories that grew; and where that one stands now.

The place of who asks is a row of `consumers`. Where the log of changes does not reach back to it (it was pruned, or an
older copy of the file was put in its place), posts are told apart by when they were first seen.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from aggregator.model.errors import StorageError
from aggregator.storage import schema
from aggregator.storage.changelog import move_to, place_of
from aggregator.storage.finding.folders import find_folder
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result
from aggregator.storage.times import from_text, to_text
from aggregator.text.folders import names_of, path_of

# What is told to who never asked before.
FIRST = timedelta(hours=24)

# In the table `consumers`: none of the program's own has such a name.
_CURSOR = "new"

_BY_CHANGES = (
    "SELECT p.story_id, p.id, p.publisher FROM changes c JOIN posts p ON p.id = c.row_id "
    "WHERE c.seq > ?1 AND c.seq <= ?2 AND c.what = 'post' AND c.change = 'new' "
    "AND p.gone_at IS NULL AND p.story_id IS NOT NULL AND {within} GROUP BY p.id"
)
# The + keeps SQLite from going through all posts, story by story.
_BY_TIME = (
    "SELECT +p.story_id AS story_id, p.id, p.publisher FROM posts p WHERE p.{column} >= ?1 "
    "AND p.gone_at IS NULL AND +p.story_id IS NOT NULL AND {within}"
)
# A story that has come with its posts is new; one that an editor or a rebuild made of old posts is not.
_BEGAN = "s.id IN (SELECT row_id FROM changes WHERE seq > ?1 AND seq <= ?2 AND what = 'story' AND change = 'new')"
_ALL_CAME = "c.new_posts >= s.post_count"

_NEWS = """
WITH came AS MATERIALIZED (
  SELECT story_id, count(*) AS new_posts, group_concat(DISTINCT publisher) AS new_publishers
  FROM ({posts}) GROUP BY story_id
)
SELECT iif({began}, 'new', 'grown') AS news, s.*, c.new_posts, replace(c.new_publishers, ',', ', ') AS new_publishers,
  e.id AS earlier_story_id, e.title AS earlier_title, e.first_at AS earlier_at
FROM came c
CROSS JOIN latest_stories s ON s.id = c.story_id
LEFT JOIN stories e ON e.id = (
  SELECT earlier_story_id FROM earlier_coverage v WHERE v.story_id = s.id
  ORDER BY v.kind DESC, v.similarity DESC, v.earlier_at DESC LIMIT 1)
ORDER BY news DESC, s.last_at DESC, s.id DESC
"""

Lost = Literal["pruned", "restored"]


@dataclass(frozen=True, slots=True)
class News:
    """What came. `since`: when was asked last, None the first time; `lost`: why the log did not tell; `up_to`: the last
    change that is told of. `rows`: of `latest_stories`, with `news` ("new", "grown"), `new_posts`, `new_publishers`,
    and the surest earlier coverage."""

    since: datetime | None
    lost: Lost | None
    up_to: int
    rows: Result


def cursor_of(name: str | None, folder: str | None = None) -> str:
    """What the cursor of this name is called in `consumers`: who looks at one folder has seen nothing of others."""
    within = f" in {path_of(names_of(folder)).casefold()}" if folder is not None else ""
    return (f"{_CURSOR}:{name}" if name else _CURSOR) + within


def load_news(reader: Reader, name: str | None, now: datetime, folder: str | None = None) -> News:
    """What came since who goes by this name asked last; the first time, what is of the last 24 hours. `folder`: from
    the sources in it alone.

    Raises:
        AggregatorError: the file is of an older version that has no `consumers`, or can't be read.
        NotFoundError: no source stands in the folder.
    """
    reader.ask("BEGIN")  # what is told and how far that goes are of one moment
    try:
        cursor, within = cursor_of(name, folder), "1"
        if folder is not None:
            within = find_folder(reader, folder).seen()
        found = reader.ask("SELECT updated_at FROM consumers WHERE name = ?", (cursor,)).rows
        place = place_of(reader.conn, cursor)
        since = from_text(found[0][0]) if found else None
        lost: Lost | None = None
        values: list[str | int | None]
        if place.seq is None or since is None:
            posts, began, values = _BY_TIME.format(column="sort_at", within=within), _ALL_CAME, [to_text(now - FIRST)]
        elif place.is_lost:
            lost = "restored" if place.seq > place.newest or place.is_undone(place.seq) else "pruned"
            posts, began, values = _BY_TIME.format(column="first_seen_at", within=within), _ALL_CAME, [to_text(since)]
        else:
            posts, began, values = _BY_CHANGES.format(within=within), _BEGAN, [place.seq, place.newest]
        return News(since, lost, place.newest, reader.ask(_NEWS.format(posts=posts, began=began), values))
    finally:
        with suppress(sqlite3.Error):
            reader.conn.execute("ROLLBACK")


def move_cursor(path: Path, name: str | None, up_to: int, now: datetime, folder: str | None = None) -> None:
    """Who goes by this name has been told all up to this change, of this folder.

    Raises:
        StorageError: nothing can be written; the cursor stays where it was.
    """
    from aggregator.storage.database import Database

    with Reader(path) as reader:
        if schema.is_behind(reader.conn):
            raise StorageError(
                f"{path}: the file is of an older version; `aggregator run` or `poll` brings it up to date"
            )
    database = Database(path)
    try:
        with database.write():
            move_to(database.conn, cursor_of(name, folder), up_to, now)
    finally:
        database.close()
