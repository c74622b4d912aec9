"""The table `amounts`: what posts say of money. Functions that write expect an open transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby

from aggregator.model.money import Money
from aggregator.text.money.amounts import LEAD, amounts


def insert_amounts(conn: sqlite3.Connection, posts: Iterable[tuple[int, Sequence[Money]]]) -> None:
    """Add those of posts that have none."""
    conn.executemany(
        "INSERT INTO amounts (post_id, position, value, currency, text, kind) VALUES (?, ?, ?, ?, ?, ?)",
        ((post_id, position, *money) for post_id, said in posts for position, money in enumerate(said, 1)),
    )


def fill_amounts(conn: sqlite3.Connection, after: int, most: int) -> tuple[int | None, int]:
    """Read those of the next stored posts; the id of the last, None where there was none, and how many came out
    otherwise. Gone and pruned posts have none."""
    rows = conn.execute(
        "SELECT id, title, substr(text, 1, ?), language FROM posts "
        "WHERE id > ? AND gone_at IS NULL AND pruned_at IS NULL ORDER BY id LIMIT ?",
        (LEAD, after, most),
    ).fetchall()
    if not rows:
        return None, 0
    found = {post_id: amounts(title or "", text or "", language) for post_id, title, text, language in rows}
    stored = _stored(conn, rows[0][0], rows[-1][0])
    changed = [post_id for post_id, said in found.items() if said != stored.get(post_id, ())]
    conn.executemany("DELETE FROM amounts WHERE post_id = ?", ((post_id,) for post_id in changed))
    insert_amounts(conn, ((post_id, found[post_id]) for post_id in changed))
    return rows[-1][0], len(changed)


def _stored(conn: sqlite3.Connection, first: int, last: int) -> dict[int, tuple[Money, ...]]:
    rows = conn.execute(
        "SELECT post_id, value, currency, text, kind FROM amounts WHERE post_id BETWEEN ? AND ? "
        "ORDER BY post_id, position",
        (first, last),
    )
    return {post_id: tuple(Money(*row[1:]) for row in said) for post_id, said in groupby(rows, lambda row: row[0])}
