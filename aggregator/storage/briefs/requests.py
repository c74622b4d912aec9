"""What language models were asked for: a row a request, from which the budgets are counted. And what they are to write.

Functions that write expect an open transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from aggregator.storage.times import from_text, to_text

# A brief anew; once more, with what was wrong; do the sentences follow from their sources?
Wanted = Literal["draft", "repair", "question"]
# asked: no answer has come, and none may ever come. ok: it could be used. refused: checks left nothing of it. unusable:
# no brief in the form that was asked for. format: the server wants to be asked otherwise. limited: too much was asked
# for. no_access: the key or the model's name is not accepted. lost: it was sent, and no answer came, or
# not all of it. failed: no model was reached, or its server says that it can't; that costs nothing, and counts for no
# budget: a model that is down for a day must not cost the briefs of the next.
Outcome = Literal["asked", "ok", "refused", "unusable", "format", "limited", "no_access", "lost", "failed"]

# Of these, what the model made of its sources is known: it is not asked for the same again.
_ANSWERED = ("ok", "refused", "unusable")

_KEPT = timedelta(days=30)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request before it is sent. `digest`: of what the model is shown. `tokens_in`: as they are guessed."""

    at: datetime
    story_id: int
    language: str
    model: str
    wanted: Wanted
    digest: str
    tokens_in: int


class Answered(NamedTuple):
    """What became of a request. `detail`: in words, where it is no good. `tokens_in` is None where nobody counted."""

    outcome: Outcome
    detail: str | None = None
    tokens_in: int | None = None
    tokens_out: int = 0
    duration_ms: int = 0


def begin_request(conn: sqlite3.Connection, asked: Asked) -> int:
    """Note a request that is about to be sent, so that it counts whatever happens to it; its id."""
    (row_id,) = conn.execute(
        "INSERT INTO model_requests (at, story_id, language, model, wanted, input_digest, tokens_in) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            to_text(asked.at), asked.story_id, asked.language, asked.model, asked.wanted, asked.digest,
            asked.tokens_in,
        ),
    ).fetchone()  # fmt: skip
    return int(row_id)


def end_request(conn: sqlite3.Connection, request_id: int, answered: Answered) -> None:
    """Note what became of it."""
    conn.execute(
        "UPDATE model_requests SET outcome = ?, detail = ?, tokens_in = coalesce(?, tokens_in), tokens_out = ?, "
        "duration_ms = ? WHERE id = ?",
        (
            answered.outcome, answered.detail, answered.tokens_in, answered.tokens_out, answered.duration_ms,
            request_id,
        ),
    )  # fmt: skip


class Limits(NamedTuple):
    """How many requests and tokens there may be."""

    per_hour: int
    per_day: int
    tokens_per_day: int


def allowed_at(conn: sqlite3.Connection, limits: Limits, tokens: int, now: datetime) -> datetime:
    """When a request of so many tokens may be sent: `now`, or when enough of what was sent is an hour or a day old.

    One that alone has more than a day's tokens may be sent when nothing else was.
    """
    waits = [now, _after(conn, now, _HOUR, limits.per_hour), _after(conn, now, _DAY, limits.per_day)]
    rows = conn.execute(
        "SELECT at, tokens_in + tokens_out FROM model_requests WHERE at > ? AND at <= ? AND outcome <> 'failed' "
        "ORDER BY at DESC",
        (to_text(now - _DAY), to_text(now)),
    )
    left = limits.tokens_per_day - tokens
    for at, spent in rows:
        left -= spent
        if left < 0:
            waits.append(_time(at) + _DAY)
            break
    return max(waits)


def _after(conn: sqlite3.Connection, now: datetime, span: timedelta, most: int) -> datetime:
    """When fewer than `most` requests lie within the span. What a wrong clock has put ahead does not count."""
    row = conn.execute(
        "SELECT at FROM model_requests WHERE at > ? AND at <= ? AND outcome <> 'failed' "
        "ORDER BY at DESC LIMIT 1 OFFSET ?",
        (to_text(now - span), to_text(now), most - 1),
    ).fetchone()
    return _time(row[0]) + span if row else now


def _time(text: str) -> datetime:
    at = from_text(text)
    assert at is not None
    return at


class LastAsked(NamedTuple):
    """When a model was last asked for a story's brief and answered, and the digest of what it was shown."""

    at: datetime
    digest: str


def last_asked(conn: sqlite3.Connection, story_id: int, language: str) -> LastAsked | None:
    """The last request for a story that brought an answer, whatever the checks said of it."""
    row = conn.execute(
        "SELECT at, input_digest FROM model_requests WHERE story_id = ? AND language = ? "
        "AND outcome IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 1",
        (story_id, language, json.dumps(_ANSWERED)),
    ).fetchone()
    return LastAsked(_time(row[0]), row[1]) if row else None


def prune_requests(conn: sqlite3.Connection, now: datetime) -> None:
    """Drop the requests of more than a month ago."""
    conn.execute("DELETE FROM model_requests WHERE at < ?", (to_text(now - _KEPT),))


# ---------------------------------------------------------------- what is to be written


class Task(NamedTuple):
    """A brief that a model is to write."""

    story_id: int
    attempts: int


def recent_stories(
    conn: sqlite3.Connection, since: datetime, publishers: int, among: Iterable[int] | None = None
) -> list[int]:
    """The stories (of these, or of all) that go on since then, and that so many publishers carry."""
    wanted = None if among is None else json.dumps(sorted(set(among)))
    rows = conn.execute(
        "SELECT id FROM stories WHERE last_at >= ?1 AND merged_into IS NULL AND source_count >= ?2 "
        "AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) ORDER BY id",
        (to_text(since), publishers, wanted),
    )
    return [row[0] for row in rows]


def next_task(conn: sqlite3.Connection, language: str, now: datetime) -> Task | None:
    """Of the briefs that a model is to write by now in this language, that of the most widely carried story.

    Nothing is put off for more than a day: what is due later was noted by a clock that was wrong.
    """
    row = conn.execute(
        "SELECT t.story_id, t.attempts FROM brief_tasks t JOIN stories s ON s.id = t.story_id "
        "WHERE t.why = 'model' AND t.language = ?1 AND (t.due_at <= ?2 OR t.due_at > ?3) "
        "ORDER BY s.score DESC, t.due_at, s.id LIMIT 1",
        (language, to_text(now), to_text(now + _DAY)),
    ).fetchone()
    return Task(*row) if row else None


def put_off(
    conn: sqlite3.Connection, task: Task, language: str, due_at: datetime, trouble: str | None = None,
    *, is_attempt: bool = False,
) -> None:  # fmt: skip
    """The brief is to be written later. `trouble`: why, where that is to be told; `is_attempt`: it was tried."""
    conn.execute(
        "UPDATE brief_tasks SET due_at = ?, attempts = attempts + ?, trouble = coalesce(?, trouble) "
        "WHERE story_id = ? AND language = ? AND why = 'model'",
        (to_text(due_at), int(is_attempt), trouble, task.story_id, language),
    )


def end_task(conn: sqlite3.Connection, story_id: int, language: str) -> None:
    """The brief needs no model any more."""
    conn.execute("DELETE FROM brief_tasks WHERE story_id = ? AND language = ? AND why = 'model'", (story_id, language))
