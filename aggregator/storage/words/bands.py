"""The look-up keys of posts, in `post_bands` by key and in `posts.fingerprint` by post: there is no other way from a
post to its keys. So both are written together, and the keys go before the fingerprint does.

Every function expects an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from aggregator.dedupe.shingles import stored_bands
from aggregator.storage.times import to_text

# A text that comes again after this is reported anew. Keeps the table of look-up keys small.
COPY_WINDOW = timedelta(days=14)

# Posts looked at together from the bound of the old ones on.
_PAGE = 500


def save_bands(conn: sqlite3.Connection, found: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Keys by which posts are found, for (post id, its keys). In the order of the table, which is quicker."""
    rows = sorted((band, post_id) for post_id, bands in found for band in bands)
    conn.executemany("INSERT OR IGNORE INTO post_bands (band, post_id) VALUES (?, ?)", rows)


def change_bands(conn: sqlite3.Connection, post_id: int, bands: Sequence[int], now: datetime) -> None:
    """Other keys for a post. Before its fingerprint changes. One that lost its keys, being old, gets none again: nobody
    would take them away."""
    oldest = to_text(now - COPY_WINDOW)
    young = "SELECT 1 FROM posts WHERE id = ? AND first_seen_at >= ?"
    if drop_bands(conn, [post_id]) or conn.execute(young, (post_id, oldest)).fetchone():
        save_bands(conn, [(post_id, bands)])


def drop_bands(conn: sqlite3.Connection, ids: Iterable[int]) -> int:
    """These posts are not found by their keys any more. Before their fingerprints change. How many keys went."""
    rows = conn.execute(
        "SELECT id, fingerprint FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND fingerprint IS NOT NULL",
        (json.dumps(list(ids)),),
    ).fetchall()
    return _drop(conn, rows)


def drop_bands_before(conn: sqlite3.Connection, post_id: int) -> None:
    """The same for all posts with lower ids, from the highest on, as far as there are any: they always went so."""
    while rows := conn.execute(
        "SELECT id, fingerprint FROM posts WHERE id < ? AND fingerprint IS NOT NULL ORDER BY id DESC LIMIT ?",
        (post_id, _PAGE),
    ).fetchall():
        if not _drop(conn, rows):
            return
        post_id = rows[-1][0]


def _drop(conn: sqlite3.Connection, rows: Iterable[tuple[int, bytes]]) -> int:
    """How many keys went, of posts with these ids and fingerprints."""
    keys = ((band, post_id) for post_id, fingerprint in rows for band in stored_bands(fingerprint))
    return conn.executemany("DELETE FROM post_bands WHERE band = ? AND post_id = ?", keys).rowcount
