"""What is due for a target, and what came of sending it. Functions that write expect an open transaction.

A message is begun, sent, and noted as sent: where the program ends in between, it is sent again under the same id.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.model.settings import People
from aggregator.storage.outbox.noting import load_posts_of, tell_of
from aggregator.storage.outbox.targets import Begun, note_failure, note_refusal, note_success
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.times import to_text

# What gathered in quiet hours, or while the target was down, and so is due later than it was noted, goes as one message
# when it is more than so many.
_FEW = 3

_COLUMNS = "id, kind, row_id, noted_at, due_at, message_id, attempts, times"
_IN = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A row of the outbox that waits. `row_id`: of what it tells now, where a story was merged into another. `times`:
    how often it was told of already."""

    id: int
    kind: str
    row_id: int
    noted_at: datetime
    due_at: datetime
    message_id: str | None = None
    attempts: int = 0
    times: int = 0


def load_due(conn: sqlite3.Connection, target: str, now: datetime, *, in_groups: bool = False) -> list[Noted]:
    """The rows of the next message to a target: one that was begun, with the rows that it had; else what is due.

    `in_groups`: all that waits goes together, when the first of it is due.
    """
    begun = _rows(
        conn,
        "target = ?1 AND state = 'waiting' AND message_id = (SELECT message_id FROM outbox WHERE target = ?1 "
        "AND state = 'waiting' AND message_id IS NOT NULL ORDER BY id LIMIT 1)",
        (target,),
    )
    if begun:
        return begun if all(each.due_at <= now for each in begun) else []
    open_, due = "target = ?1 AND state = 'waiting' AND message_id IS NULL", (target, to_text(now))
    if in_groups:
        is_due = conn.execute(f"SELECT 1 FROM outbox WHERE {open_} AND due_at <= ?2 LIMIT 1", due).fetchone()
        return _rows(conn, open_, (target,)) if is_due else []
    # Asked for each message anew: where thousands wait, what is not in it is only counted.
    gathered = conn.execute(
        f"SELECT count(1) FROM (SELECT 1 FROM outbox WHERE {open_} AND due_at <= ?2 AND due_at > noted_at LIMIT ?3)",
        (*due, _FEW + 1),
    ).fetchone()[0]
    return _rows(conn, f"{open_} AND due_at <= ?2", due, most=-1 if gathered > _FEW else 1)


def _rows(conn: sqlite3.Connection, where: str, values: Sequence[object], most: int = -1) -> list[Noted]:
    rows = conn.execute(f"SELECT {_COLUMNS} FROM outbox WHERE {where} ORDER BY id LIMIT {most}", values)
    return [
        Noted(
            id=row[0],
            kind=row[1],
            row_id=row[2],
            noted_at=datetime.fromisoformat(row[3]),
            due_at=datetime.fromisoformat(row[4]),
            message_id=row[5],
            attempts=row[6],
            times=row[7],
        )
        for row in rows
    ]


# ---------------------------------------------------------------- what a message is of


def settle(conn: sqlite3.Connection, target: Begun, rows: Sequence[Noted], people: People) -> list[Noted]:
    """The rows as they are told now, before their message is first sent: of stories as they stand, each once, with the
    posts that came meanwhile. What there is nothing left of, or what was told as another story since, is dropped."""
    found: dict[int, Noted] = {}
    kept: list[Noted] = []
    goes: list[Noted] = []
    for row in rows:
        if row.kind not in ("story", "grown"):
            (kept if _still_holds(conn, row, people) else goes).append(row)
            continue
        story = _story_of(conn, row)
        posts = load_posts_of(conn, target, [story], people) if story is not None else []
        if story is None or not posts or story in found or _is_told(conn, target.name, row, story):
            goes.append(row)
            continue
        found[story] = row
        own = [each.id for each in posts if row.kind == "story" or not each.is_known]
        _leave_others(conn, row, [each.id for each in posts])
        tell_of(conn, target.name, row.id, own, row.noted_at)
        kept.append(replace(row, row_id=story))
    for row in goes:
        _give_over(conn, target.name, row, found)
    drop(conn, goes)
    return kept


def stories_now(conn: sqlite3.Connection, rows: Sequence[Noted]) -> list[Noted]:
    """The rows of a message that is sent again, by the stories that their posts are in now."""
    return [
        replace(row, row_id=_story_of(conn, row) or row.row_id) if row.kind in ("story", "grown") else row
        for row in rows
    ]


def _still_holds(conn: sqlite3.Connection, row: Noted, people: People) -> bool:
    """Is it still so: the post is there and no copy, the source is dead, or is well?"""
    if row.kind == "post":
        sql = f"SELECT 1 FROM posts p WHERE p.id = ? AND p.copy_of IS NULL AND {may_be_shown('p', people)}"
    elif row.kind in ("died", "back"):
        states = "'failing', 'gone'" if row.kind == "died" else "'ok'"
        sql = f"SELECT 1 FROM sources WHERE id = ? AND removed_at IS NULL AND status IN ({states})"
    else:
        return True
    return conn.execute(sql, (row.row_id,)).fetchone() is not None


def _story_of(conn: sqlite3.Connection, row: Noted) -> int | None:
    """The story that a row tells of: it, the one that took it over, or the one that most of its posts are in now."""
    found = conn.execute(
        "SELECT coalesce(m.id, s.id) FROM stories s LEFT JOIN stories m ON m.id = s.merged_into "
        "WHERE s.id = ? AND coalesce(m.post_count, s.post_count) > 0",
        (row.row_id,),
    ).fetchone()
    found = (
        found
        or conn.execute(
            "SELECT p.story_id FROM outbox_posts t JOIN posts p ON p.id = t.post_id WHERE t.outbox_id = ? "
            "AND p.gone_at IS NULL AND p.story_id IS NOT NULL GROUP BY p.story_id "
            "ORDER BY count(1) DESC, p.story_id LIMIT 1",
            (row.id,),
        ).fetchone()
    )
    return int(found[0]) if found else None


def _is_told(conn: sqlite3.Connection, target: str, row: Noted, story: int) -> bool:
    """Was the target told that this story began, by another row than this one?"""
    if row.kind != "story":
        return False
    found = conn.execute(
        "SELECT 1 FROM outbox o WHERE o.target = ?1 AND o.kind = 'story' AND o.id <> ?2 AND o.row_id IN "
        "(SELECT id FROM stories WHERE id = ?3 OR merged_into = ?3) AND (o.times > 0 OR o.message_id IS NOT NULL) "
        "LIMIT 1",
        (target, row.id, story),
    )
    return found.fetchone() is not None


def _leave_others(conn: sqlite3.Connection, row: Noted, posts: Collection[int]) -> None:
    """Posts that were moved elsewhere before the target was told of them are news there."""
    conn.execute(
        f"DELETE FROM outbox_posts WHERE outbox_id = ? AND noted_at >= ? AND post_id NOT {_IN}",
        (row.id, to_text(row.noted_at), json.dumps([*posts])),
    )


def _give_over(conn: sqlite3.Connection, target: str, row: Noted, told: dict[int, Noted]) -> None:
    """The posts by which two rows tell of one story are told of by the one that stays."""
    stays = told.get(_story_of(conn, row) or 0)
    if stays:
        conn.execute("UPDATE outbox_posts SET outbox_id = ? WHERE outbox_id = ?", (stays.id, row.id))


def drop(conn: sqlite3.Connection, rows: Collection[Noted]) -> None:
    """These are not told of any more: there is nothing left of them. What was told before stays noted as that."""
    for row in rows:
        conn.execute("DELETE FROM outbox_posts WHERE outbox_id = ? AND noted_at >= ?", (row.id, to_text(row.noted_at)))
        if row.times:  # and as noted then: what is back since was dead for nobody
            conn.execute(
                "UPDATE outbox SET state = 'sent', message_id = NULL, error = NULL, "
                "noted_at = coalesce(sent_at, noted_at) WHERE id = ?",
                (row.id,),
            )
        else:
            conn.execute("DELETE FROM outbox_posts WHERE outbox_id = ?", (row.id,))
            conn.execute("DELETE FROM outbox WHERE id = ?", (row.id,))


# ---------------------------------------------------------------- what comes of it


def begin(conn: sqlite3.Connection, rows: Sequence[Noted], message_id: str, now: datetime) -> None:
    """A message with these rows is sent now."""
    conn.execute(
        f"UPDATE outbox SET message_id = ?, attempts = attempts + 1, tried_at = ? WHERE state = 'waiting' AND id {_IN}",
        (message_id, to_text(now), _ids(rows)),
    )


def sent(conn: sqlite3.Connection, target: str, rows: Sequence[Noted], now: datetime) -> None:
    """The target took the message."""
    conn.execute(
        "UPDATE outbox SET state = 'sent', sent_at = ?, times = times + 1, error = NULL "
        f"WHERE state = 'waiting' AND id {_IN}",
        (to_text(now), _ids(rows)),
    )
    note_success(conn, target, now)


def put_off(conn: sqlite3.Connection, target: str, rows: Sequence[Noted], error: str, not_before: datetime) -> None:
    """The target did not take the message; it is sent again, not before that time."""
    conn.execute(f"UPDATE outbox SET error = ? WHERE state = 'waiting' AND id {_IN}", (error, _ids(rows)))
    note_failure(conn, target, error, not_before)


def give_up(conn: sqlite3.Connection, target: str, rows: Sequence[Noted], error: str) -> None:
    """The message is not sent again, until somebody asks for it."""
    conn.execute(
        f"UPDATE outbox SET state = 'failed', error = ? WHERE state = 'waiting' AND id {_IN}", (error, _ids(rows))
    )
    note_refusal(conn, target, error)


def retry(conn: sqlite3.Connection, now: datetime, target: str | None = None, outbox_id: int | None = None) -> int:
    """Have what failed sent again at once, in the messages in which it was: of one target or of all, or one row with
    those of its message; how many rows. Who refused a digest is asked again."""
    changed = conn.execute(
        "UPDATE outbox SET state = 'waiting', due_at = ?1, attempts = 0 WHERE state = 'failed' "
        "AND target = coalesce(?2, target) AND (?3 IS NULL OR id = ?3 OR message_id = "
        "(SELECT message_id FROM outbox WHERE id = ?3)) RETURNING target, id",
        (to_text(now), target, outbox_id),
    ).fetchall()
    conn.execute(
        f"UPDATE outbox_targets SET not_before = NULL WHERE target {_IN}", (json.dumps([row[0] for row in changed]),)
    )
    conn.execute(
        f"DELETE FROM outbox_handed WHERE refused IS NOT NULL AND outbox_id {_IN}",
        (json.dumps([row[1] for row in changed]),),
    )
    return len(changed)


def _ids(rows: Sequence[Noted]) -> str:
    return json.dumps([row.id for row in rows])
