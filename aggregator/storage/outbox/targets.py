"""The rows of `outbox_targets`: since when each target is told of what comes, and how it is doing.

How far it has come in the log of changes is its row of `consumers`. Functions that write expect an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from aggregator.storage.changelog import move_to, place_of
from aggregator.storage.ids import last_id
from aggregator.storage.times import from_text, to_text

# What a target is. Of each its place in the log of changes has a name of its own.
What = Literal["notify", "digest"]
WHATS: tuple[What, ...] = get_args(What)

# A name that left the configuration, perhaps by mistake, may come back: what waits for it stays so long.
KEPT_WITHOUT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A target as it is known: posts with the id `begun_post` and lower ones were there when it began. `failures`: in a
    row; `not_before`: it is left in peace until then."""

    name: str
    begun_at: datetime
    begun_post: int
    failures: int = 0
    not_before: datetime | None = None


def consumer_of(name: str, what: What = "notify") -> str:
    """What the place of a target in the log of changes is called."""
    return f"{what}:{name}"


def is_of_a_target(consumer: str) -> bool:
    """Is this the place of a target, and not of somebody who follows the log?"""
    return consumer.startswith(tuple(consumer_of("", what) for what in WHATS))


def _consumers_of(names: Collection[str], whats: Collection[What] = WHATS) -> str:
    """As JSON, what the places of these targets may be called."""
    return json.dumps([consumer_of(name, what) for name in names for what in whats])


def load_target(conn: sqlite3.Connection, name: str) -> Begun | None:
    """A target; None where it was never configured."""
    row = conn.execute(
        "SELECT begun_at, begun_post, failures, not_before FROM outbox_targets WHERE target = ?", (name,)
    ).fetchone()
    if row is None:
        return None
    begun_at = datetime.fromisoformat(row[0])
    return Begun(name=name, begun_at=begun_at, begun_post=row[1], failures=row[2], not_before=from_text(row[3]))


def unknown_targets(conn: sqlite3.Connection, names: Collection[str], what: What = "notify") -> list[str]:
    """Those of these targets that never began; one that was a digest until now, or was none, begins as well."""
    known = {
        row[0]
        for row in conn.execute(
            "SELECT target FROM outbox_targets WHERE ? || target IN (SELECT name FROM consumers)",
            (consumer_of("", what),),
        )
    }
    return [name for name in names if name not in known]


def begin_target(conn: sqlite3.Connection, name: str, now: datetime, what: What = "notify") -> None:
    """From now on it is told of what comes; what is there is known. A target that began already goes on; one that was
    something else of this name does not, and is that no more."""
    consumer = consumer_of(name, what)
    place = place_of(conn, consumer)
    has_begun = place.seq is not None
    conn.execute(
        "INSERT INTO outbox_targets (target, begun_at, begun_post) VALUES (?, ?, ?) ON CONFLICT (target) DO UPDATE "
        "SET begun_at = excluded.begun_at, begun_post = excluded.begun_post WHERE NOT ?",
        (name, to_text(now), last_id(conn, "posts"), has_begun),
    )
    if not has_begun:
        move_to(conn, consumer, place.newest, now)
    others = _consumers_of([name], [each for each in WHATS if each != what])
    conn.execute("DELETE FROM consumers WHERE name IN (SELECT value FROM json_each(?))", (others,))


def next_time(conn: sqlite3.Connection, name: str) -> datetime | None:
    """When something is to be sent to this target next; None where nothing waits. It may be long past."""
    row = conn.execute(
        "SELECT max(coalesce(min(o.due_at), ''), coalesce(t.not_before, '')), min(o.due_at) "
        "FROM outbox_targets t LEFT JOIN outbox o ON o.target = t.target AND o.state = 'waiting' WHERE t.target = ?",
        (name,),
    ).fetchone()
    return from_text(row[0]) if row and row[1] else None


def note_success(conn: sqlite3.Connection, name: str, now: datetime) -> None:
    """It took a message."""
    conn.execute(
        "UPDATE outbox_targets SET failures = 0, not_before = NULL, last_error = NULL, sent_at = ? WHERE target = ?",
        (to_text(now), name),
    )


def note_failure(conn: sqlite3.Connection, name: str, error: str, not_before: datetime) -> None:
    """It took none, and is left in peace for a while; so is what gathers meanwhile."""
    conn.execute(
        "UPDATE outbox_targets SET failures = failures + 1, not_before = ?, last_error = ? WHERE target = ?",
        (to_text(not_before), error, name),
    )
    put_off(conn, name, not_before)


def note_refusal(conn: sqlite3.Connection, name: str, error: str) -> None:
    """It is well, and refused a message for good."""
    conn.execute("UPDATE outbox_targets SET last_error = ? WHERE target = ?", (error, name))


def leave_in_peace(conn: sqlite3.Connection, name: str, until: datetime) -> None:
    """Nothing is sent to it before that time, though it is well: it has quiet hours."""
    conn.execute("UPDATE outbox_targets SET not_before = ? WHERE target = ?", (to_text(until), name))
    put_off(conn, name, until)


def put_off(conn: sqlite3.Connection, name: str, until: datetime) -> None:
    """What is in no message yet is not sent before that time."""
    conn.execute(
        "UPDATE outbox SET due_at = ?2 WHERE target = ?1 AND state = 'waiting' AND message_id IS NULL AND due_at < ?2",
        (name, to_text(until)),
    )


def in_trouble_without(conn: sqlite3.Connection, configured: Collection[str]) -> list[str]:
    """Targets that took nothing last, and are not configured any more."""
    rows = conn.execute(
        "SELECT target FROM outbox_targets WHERE failures > 0 AND target NOT IN (SELECT value FROM json_each(?))",
        (json.dumps([*configured]),),
    )
    return [row[0] for row in rows]


def end_trouble(conn: sqlite3.Connection, names: Collection[str]) -> None:
    """Nothing is sent to these any more, and so nothing fails."""
    conn.execute(
        "UPDATE outbox_targets SET failures = 0 WHERE target IN (SELECT value FROM json_each(?))",
        (json.dumps([*names]),),
    )


def wait_no_longer(conn: sqlite3.Connection, name: str, longest: datetime, now: datetime) -> None:
    """What waits until after `longest`, which nothing does, is due now: the clock was wrong when it was noted."""
    conn.execute(
        "UPDATE outbox SET due_at = ?3 WHERE target = ?1 AND state = 'waiting' AND due_at > ?2",
        (name, to_text(longest), to_text(now)),
    )
    conn.execute(
        "UPDATE outbox_targets SET not_before = NULL WHERE target = ? AND not_before > ?", (name, to_text(longest))
    )


def drop_targets(conn: sqlite3.Connection, configured: Collection[str], now: datetime) -> list[str]:
    """Forget targets that are not configured any more, with what waits for them, when that is so for a week; which.

    How long that is tells their place in the log, which was moved last when they were configured still.
    """
    places = ", ".join(f"'{consumer_of('', what)}' || t.target" for what in WHATS)
    rows = conn.execute(
        "SELECT t.target FROM outbox_targets t WHERE t.target NOT IN (SELECT value FROM json_each(?1)) "
        f"AND coalesce((SELECT max(c.updated_at) FROM consumers c WHERE c.name IN ({places})), '') < ?2",
        (json.dumps([*configured]), to_text(now - KEPT_WITHOUT)),
    ).fetchall()
    names = [row[0] for row in rows]
    for table, key, gone in (
        ("outbox_posts", "target", json.dumps(names)),
        ("outbox", "target", json.dumps(names)),
        ("outbox_targets", "target", json.dumps(names)),
        ("consumers", "name", _consumers_of(names)),
    ):
        conn.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))", (gone,))
    return names
