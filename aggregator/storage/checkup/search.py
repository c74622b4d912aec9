"""Does the search find what the posts say? The indexes of words against the rows that they are of."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from aggregator.model.finding import Finding, note, trouble, well
from aggregator.model.quantities import size_in_words
from aggregator.storage.checkup.looking import Look, examples


class Index(NamedTuple):
    """An index of words: its table, and which posts should be in it."""

    table: str
    which: str


INDEXES = (Index("posts_fts", "1"), Index("posts_fts_cjk", "spaceless"))

# The tables in which FTS5 keeps an index.
_SHADOWS = ("data", "idx", "docsize", "config")

# What a copy of an index may take of the memory that temporary files may be kept in, where not all is asked for.
_MOST_COPIED = 128 * 1024 * 1024


def check_search(look: Look) -> Iterator[Finding]:
    """Posts that the search does not know, entries of posts that are not there, and words that no post has."""
    for index in INDEXES:
        missing = _ids(look.conn, f"SELECT id FROM posts WHERE {index.which}", f"SELECT id FROM {index.table}_docsize")
        extra = _ids(look.conn, f"SELECT id FROM {index.table}_docsize", f"SELECT id FROM posts WHERE {index.which}")
        if missing:
            yield _wrong(look, index, f"posts that are not in the search: {len(missing):,} ({examples(missing)})")
        if extra:
            yield _wrong(look, index, f"entries of posts that are not there: {len(extra):,} ({examples(extra)})")
        if not missing and not extra:
            yield _compared(look, index)


def rebuild_search(conn: sqlite3.Connection) -> int:
    """Make both indexes anew from the posts; how many posts are in them. Expects an open transaction."""
    for index in INDEXES:
        conn.execute(f"INSERT INTO {index.table} ({index.table}) VALUES ('rebuild')")
    return int(conn.execute("SELECT count(*) FROM posts_fts_docsize").fetchone()[0])


def _ids(conn: sqlite3.Connection, of: str, without: str) -> list[int]:
    return [row[0] for row in conn.execute(f"{of} EXCEPT {without}")]


def _wrong(look: Look, index: Index, words: str) -> Finding:
    remedy = "Stop the daemon; the index is made anew from the posts."
    return trouble("search", words, index.table, remedy, look.command("doctor", "--fix"), fix="search")


def _compared(look: Look, index: Index) -> Finding:
    size = look.conn.execute(f"SELECT coalesce(sum(length(block)), 0) FROM {index.table}_data").fetchone()[0]
    posts = look.conn.execute(f"SELECT count(*) FROM {index.table}_docsize").fetchone()[0]
    if size > look.temporary:
        words = f"{posts:,} posts; their words were not compared: that needs {size_in_words(size)} for temporary files"
        return note("search", words, index.table, "Name a folder with more room in SQLITE_TMPDIR.")
    if size > _MOST_COPIED and not look.whole:
        return well("search", f"{posts:,} posts; their words were not compared, which --full does", index.table)
    if _has_the_words(look.conn, index.table):
        return well("search", f"{posts:,} posts, and their words", index.table)
    return _wrong(look, index, "the words in the search are not those of the posts")


def _has_the_words(conn: sqlite3.Connection, table: str) -> bool:
    """FTS5's own check, which wants to write: so it is done on a copy of the index, as a temporary table beside a view
    of the posts. Nobody waits for it, and nothing of the file changes."""
    sql = str(conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])
    content = re.search(r'content="(\w+)"', sql)
    if content is None:
        raise sqlite3.DatabaseError(f"{table} is not as this program makes it")
    copy = re.sub(rf"\b{table}\b", "temp.checked", sql, count=1)
    try:
        conn.execute(f"CREATE TEMP VIEW checked_posts AS SELECT * FROM main.{content[1]}")
        conn.execute(copy.replace(content[0], 'content="checked_posts"'))
        for shadow in _SHADOWS:
            conn.execute(f"DELETE FROM temp.checked_{shadow}")
            conn.execute(f"INSERT INTO temp.checked_{shadow} SELECT * FROM main.{table}_{shadow}")
        conn.execute("INSERT INTO temp.checked (checked, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CORRUPT_VTAB:
            return False
        raise
    finally:
        with suppress(sqlite3.DatabaseError):
            conn.execute("DROP TABLE temp.checked")
        with suppress(sqlite3.DatabaseError):
            conn.execute("DROP VIEW temp.checked_posts")
    return True
