"""What is noted of digests: what each day's tells, and who has it. What writes expects an open transaction."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime

from aggregator.pipeline.digests import Selection
from aggregator.storage.changelog import move_to
from aggregator.storage.outbox.digests import day_of, number_of
from aggregator.storage.outbox.noting import tell_of
from aggregator.storage.outbox.targets import consumer_of, note_failure, note_refusal, note_success
from aggregator.storage.times import to_text


def note(conn: sqlite3.Connection, selection: Selection, message_id: str, now: datetime) -> None:
    """Fix what this day's digest tells, and that all before was looked at. Nothing, where that was done.

    Of a day without news there is a row, too, with nothing to send: it is done.
    """
    state = "waiting" if selection.picked else "sent"
    row = conn.execute(
        "INSERT INTO outbox (target, kind, row_id, state, noted_at, due_at, message_id, left_out) "
        "VALUES (?, 'digest', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        (
            selection.target, number_of(selection.day), state, to_text(selection.at), to_text(selection.at),
            message_id if selection.picked else None, selection.left_out,
        ),
    ).fetchone()  # fmt: skip
    if row is None:
        return
    posts = (post_id for each in selection.picked for post_id in sorted(each.posts))
    tell_of(conn, selection.target, row[0], posts, selection.at)
    move_to(conn, consumer_of(selection.target, "digest"), selection.seq, now)


def begun(conn: sqlite3.Connection, outbox_id: int, now: datetime) -> None:
    """It begins to be sent: from here on it may have arrived, whatever happens."""
    conn.execute("UPDATE outbox SET attempts = attempts + 1, tried_at = ? WHERE id = ?", (to_text(now), outbox_id))


def has_it(conn: sqlite3.Connection, outbox_id: int) -> set[str]:
    """Who was handed it, or will never take it."""
    return {row[0] for row in conn.execute("SELECT taker FROM outbox_handed WHERE outbox_id = ?", (outbox_id,))}


def refusals(conn: sqlite3.Connection, outbox_id: int) -> tuple[int, str | None]:
    """How many will never take it, and why one of them."""
    row = conn.execute(
        "SELECT count(1), max(refused) FROM outbox_handed WHERE outbox_id = ? AND refused IS NOT NULL", (outbox_id,)
    ).fetchone()
    return row[0], row[1]


def waiting_days(conn: sqlite3.Connection, name: str, now: datetime) -> list[date]:
    """The days of digests that wait to be handed over, and may be now; the earliest first."""
    rows = conn.execute(
        "SELECT o.row_id FROM outbox o JOIN outbox_targets t ON t.target = o.target WHERE o.target = ?1 "
        "AND o.kind = 'digest' AND o.state = 'waiting' AND max(o.due_at, coalesce(t.not_before, '')) <= ?2 "
        "ORDER BY o.row_id",
        (name, to_text(now)),
    )
    return [day_of(row[0]) for row in rows]


def is_noted(conn: sqlite3.Connection, name: str, day: date) -> bool:
    """Was it chosen what the digest of this day tells, be it nothing?"""
    found = conn.execute(
        "SELECT 1 FROM outbox WHERE target = ? AND kind = 'digest' AND row_id = ?", (name, number_of(day))
    )
    return found.fetchone() is not None


def hand(conn: sqlite3.Connection, outbox_id: int, taker: str, now: datetime, refused: str | None = None) -> None:
    """Somebody has it, or refused it for good."""
    conn.execute(
        "INSERT OR IGNORE INTO outbox_handed (outbox_id, taker, handed_at, refused) VALUES (?, ?, ?, ?)",
        (outbox_id, taker, to_text(now), refused),
    )


def sent(conn: sqlite3.Connection, name: str, outbox_id: int, now: datetime, error: str | None = None) -> None:
    """All who take it have it. `error`: why some don't."""
    conn.execute(
        "UPDATE outbox SET state = 'sent', sent_at = ?, times = times + 1, error = ? WHERE id = ?",
        (to_text(now), error, outbox_id),
    )
    note_success(conn, name, now)
    if error:
        note_refusal(conn, name, error)


def later(conn: sqlite3.Connection, name: str, outbox_id: int, due_at: datetime, error: str) -> None:
    """It was not taken by all, and is tried again then."""
    conn.execute("UPDATE outbox SET error = ? WHERE id = ?", (error, outbox_id))
    note_failure(conn, name, error, due_at)


def failed(conn: sqlite3.Connection, name: str, outbox_id: int, error: str) -> None:
    """It is given up."""
    conn.execute("UPDATE outbox SET state = 'failed', error = ? WHERE id = ?", (error, outbox_id))
    note_refusal(conn, name, error)


def drop(conn: sqlite3.Connection, outbox_id: int) -> None:
    """Nothing is left of what it was to tell: it is done without being sent."""
    conn.execute("UPDATE outbox SET state = 'sent', error = NULL WHERE id = ?", (outbox_id,))
