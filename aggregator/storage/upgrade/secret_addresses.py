"""Keys in addresses of feeds, which older versions stored, are taken out of the file: of rows, free pages and its log.

What this can't reach: copies of the file from before, the one among them that is made before each upgrade; and what
the file system keeps of blocks that were written once.
"""

from __future__ import annotations

import sqlite3

from aggregator.storage.secrets.addresses import WORDS, forget_words, hide_in
from aggregator.text.secrets.open_addresses import (
    hidden,
    is_open_address,
    known_by,
    take_apart,
    without_mark,
    without_secrets,
)
from aggregator.text.urls import readable


def take_out_keys(conn: sqlite3.Connection) -> None:
    """Let feeds whose addresses hold keys be known without them, and leave the keys in no row. Ids, posts, cursors and
    validators stay. Expects an open transaction."""
    conn.execute("PRAGMA secure_delete = ON")
    rows = conn.execute("SELECT id, url FROM sources WHERE kind = 'feed' ORDER BY id").fetchall()
    taken = {url for _, url in rows}
    has_texts = False
    for source_id, url in rows:
        apart = take_apart(url)
        if apart is None or not apart.keys:
            continue
        known = known_by(url)
        if known in taken:  # by chance: the configuration is told of it
            known = f"{known}-{source_id}"
        taken.add(known)
        conn.execute("UPDATE sources SET url = ?, shown_url = ? WHERE id = ?", (known, readable(known), source_id))
        has_texts = hide_in(conn, source_id, hidden(apart.keys)) or has_texts
    conn.create_function("told", 1, lambda text: without_secrets(text) if isinstance(text, str) else text)
    conn.create_function("is_open", 1, lambda url: is_open_address(url) if isinstance(url, str) else True)
    for table, column in WORDS:
        conn.execute(
            f"UPDATE {table} SET {column} = told({column}) WHERE {column} LIKE '%://%' AND told({column}) <> {column}"
        )
    conn.execute("UPDATE sources SET moved_to = NULL, moved_polls = 0, moved_at = NULL WHERE NOT is_open(moved_to)")
    conn.execute("UPDATE sources SET site_url = NULL WHERE NOT is_open(site_url)")
    if has_texts:
        forget_words(conn)


def has_keyed_sources(conn: sqlite3.Connection) -> bool:
    """Is a source known by an address without its key?"""
    urls = conn.execute("SELECT url FROM sources WHERE instr(url, 'key-') > 0")
    return any(without_mark(url) != url for (url,) in urls)


def write_anew(conn: sqlite3.Connection) -> None:
    """Write the file anew without what older pages still hold, and begin its log anew. Takes as much room again, twice,
    for as long as it lasts.

    Raises:
        sqlite3.Error: there is no room, or another program holds the file. Nothing is lost.
    """
    conn.execute("VACUUM")
    if conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise sqlite3.OperationalError("another program reads it")
