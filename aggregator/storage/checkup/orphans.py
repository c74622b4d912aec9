"""Rows that belong to others without saying so in their table, and whose others are not there any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from aggregator.model.finding import Finding, trouble, well
from aggregator.storage.checkup.looking import Look


class Orphans(NamedTuple):
    """Rows of `table` that meet the condition `lost`, whose `of` is not there. `rebuilt`: what works them out again;
    None: they are of no use, and can go."""

    table: str
    of: str
    lost: str
    rebuilt: str | None = None


def _cited(table: str, column: str, of: str) -> Orphans:
    """In a JSON list of ids."""
    lost = f"EXISTS (SELECT 1 FROM json_each({table}.{column}) e WHERE e.value NOT IN (SELECT id FROM {of}))"
    return Orphans(table, of, lost, "briefs")


# Columns without a declared reference; those of the tables of counts are compared with what they count (counts.py).
ORPHANS = (
    Orphans("post_bands", "posts", "post_id NOT IN (SELECT id FROM posts)"),
    Orphans(
        "missing_statuses", "sightings",
        "NOT EXISTS (SELECT 1 FROM sightings g "
        "WHERE g.source_id = missing_statuses.source_id AND g.native_id = missing_statuses.native_id)",
    ),
    Orphans(
        "first_polls", "posts",
        "last_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id BETWEEN first_id AND last_id)",
    ),
    _cited("brief_sentences", "posts", "posts"),
    _cited("brief_sentences", "stories", "stories"),
    _cited("brief_sentences", "articles", "articles"),
    _cited("brief_figures", "posts", "posts"),
)  # fmt: skip


def check_orphans(look: Look) -> Iterator[Finding]:
    """Rows whose post, sighting or story is gone, though no reference says that there should be one."""
    is_well = True
    for each in ORPHANS:
        count = look.conn.execute(f"SELECT count(*) FROM {each.table} WHERE {each.lost}").fetchone()[0]
        if not count:
            continue
        is_well = False
        words = f"rows of {each.of} that are not there: {count:,}"
        if each.rebuilt:
            command = look.command("rebuild", each.rebuilt)
            yield trouble("orphans", words, each.table, "Work it out again.", command)
        else:
            remedy = "They are of no use: they are removed."
            yield trouble("orphans", words, each.table, remedy, look.command("doctor", "--fix"), fix="orphans")
    if is_well:
        yield well("orphans", "no row was left behind by what it belongs to")


def remove_orphans(conn: sqlite3.Connection) -> int:
    """Remove those that are of no use; how many. Expects an open transaction."""
    gone = (each for each in ORPHANS if each.rebuilt is None)
    return sum(conn.execute(f"DELETE FROM {each.table} WHERE {each.lost}").rowcount for each in gone)
