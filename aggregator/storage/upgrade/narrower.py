"""The words of posts as `post_words` has them, taken along from the JSON that they were."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator
from sys import byteorder

# Rows held at once.
_PAGE = 1000


def pack_stored_words(conn: sqlite3.Connection) -> None:
    """From `post_words` to `post_words_anew`, which takes its place."""
    rows = conn.execute("SELECT post_id, words FROM post_words ORDER BY post_id")
    conn.executemany("INSERT INTO post_words_anew (post_id, words) VALUES (?, ?)", _packed(rows))
    conn.execute("DROP TABLE post_words")
    conn.execute("ALTER TABLE post_words_anew RENAME TO post_words")


def _packed(rows: sqlite3.Cursor) -> Iterator[tuple[int, bytes]]:
    while page := rows.fetchmany(_PAGE):
        yield from ((post_id, _pack(json.loads(words))) for post_id, words in page)


def _pack(words: dict[str, int]) -> bytes:
    """As of this migration, whatever becomes of `aggregator.storage.words.packed`."""
    weights = array("H", words.values())
    if byteorder == "big":
        weights.byteswap()
    return "\n".join(words).encode() + b"\0" + weights.tobytes()
