"""Is a database file sound? `python -m benchmarks.soak.sound FILE`

What must hold at any moment, also just after a kill: the file itself, its references, the search against the posts, the
counts against what they count, and that each post has where it was seen and was told of once. Nothing is changed;
nobody may write to it meanwhile.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from aggregator.storage.counters.check import check_counters
from benchmarks.soak.room import verdict

_INDEXES = ("posts_fts", "posts_fts_cjk")

# Each counts what must not be.
_NOT_TO_BE = {
    "posts that were seen nowhere": "SELECT count(*) FROM posts WHERE id NOT IN (SELECT post_id FROM sightings)",
    "posts told of as new twice": (
        "SELECT count(*) - count(DISTINCT row_id) FROM changes WHERE what = 'post' AND change = 'new'"
    ),
    "posts never told of": (
        "SELECT count(*) FROM posts WHERE id NOT IN (SELECT row_id FROM changes WHERE what = 'post' AND change = 'new')"
    ),
    "posts not in the search": "SELECT count(*) FROM posts WHERE id NOT IN (SELECT id FROM posts_fts_docsize)",
    "words of no post in the search": "SELECT count(*) FROM posts_fts_docsize WHERE id NOT IN (SELECT id FROM posts)",
    "stories with another number of posts than they say": (
        "SELECT count(*) FROM stories s WHERE merged_into IS NULL "
        "AND post_count <> (SELECT count(*) FROM posts p WHERE p.story_id = s.id AND p.gone_at IS NULL)"
    ),
    "posts in a story that another took over": (
        "SELECT count(*) FROM posts p JOIN stories s ON s.id = p.story_id WHERE s.merged_into IS NOT NULL"
    ),
}


def unsound(path: Path) -> list[str]:
    """What is wrong with the file, in words; nothing where no database was made yet."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        try:
            return list(_found(conn))
        except sqlite3.DatabaseError as error:
            return [f"the file can't be read: {error}"]


def _found(conn: sqlite3.Connection) -> Iterator[str]:
    said = [row[0] for row in conn.execute("PRAGMA integrity_check(5)")]
    if said != ["ok"]:
        yield f"integrity: {'; '.join(said)}"
    if references := conn.execute("PRAGMA foreign_key_check").fetchall():
        yield f"references to nothing: {len(references)}, the first from {references[0][0]}"
    tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "story_topic_counts" not in tables:  # killed while its first tables were made
        return
    yield from filter(None, (_index_trouble(conn, index) for index in _INDEXES))
    for words, query in _NOT_TO_BE.items():
        if count := conn.execute(query).fetchone()[0]:
            yield f"{words}: {count}"
    yield from (f"count: {wrong}" for wrong in check_counters(conn))


def _index_trouble(conn: sqlite3.Connection, index: str) -> str:
    """FTS5 compares its index with the texts: by a command that is written like an insert, and changes nothing."""
    try:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        return f"search: {index}: {error}"
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.sound", description=__doc__)
    parser.add_argument("file", type=Path)
    return verdict(unsound(parser.parse_args(arguments).file))


if __name__ == "__main__":
    raise SystemExit(main())
