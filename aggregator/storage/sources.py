"""What is remembered of each source between polls: columns of `sources`, read and written together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.model.source import Patience, SourceMemory
from aggregator.model.timelines import Recheck
from aggregator.storage.times import from_text, to_text

# As many as one call asks after, and a few: 95 in bulk (`aggregator.sources.mastodon.rechecks`).
_MOST_UNSEEN = 95

_COLUMNS = (
    "etag, last_modified, body_digest, cursor, failures, last_success_at, full_at, moved_to, moved_polls, moved_at, "
    "missing_at, post_gap_seconds, new_at, wait_seconds, skip_hours, skip_days, recheck_since, recheck_before"
)
_LOAD = f"SELECT id, {_COLUMNS} FROM sources WHERE id IN (SELECT value FROM json_each(?))"
_SAVE = f"UPDATE sources SET ({_COLUMNS}) = ({', '.join('?' * len(_COLUMNS.split(',')))}) WHERE id = ?"


def load_memories(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, SourceMemory]:
    """What is remembered of these sources, by id."""
    found = {row[0]: _memory(*row[1:]) for row in conn.execute(_LOAD, (json.dumps(list(ids)),)).fetchall()}
    return {
        source_id: replace(memory, unseen=tuple(load_unseen(conn, source_id, memory.recheck)))
        if memory.recheck
        else memory
        for source_id, memory in found.items()
    }


def save_memory(conn: sqlite3.Connection, source_id: int, memory: SourceMemory) -> None:
    """Remember this of a source. Expects an open transaction."""
    gap, patience, recheck = memory.post_gap, memory.patience, memory.recheck
    conn.execute(
        _SAVE,
        (
            memory.etag, memory.last_modified, memory.body_digest, memory.cursor, memory.failures,
            to_text(memory.last_success_at), to_text(memory.full_at), memory.moved_to, memory.moved_polls,
            to_text(memory.moved_at), to_text(memory.missing_at), None if gap is None else round(gap.total_seconds()),
            to_text(memory.new_at), round(patience.wait.total_seconds()), _list(patience.hours), _list(patience.days),
            to_text(recheck.since) if recheck else None, to_text(recheck.before) if recheck else None, source_id,
        ),
    )  # fmt: skip


def _memory(*row: Any) -> SourceMemory:
    since, before = from_text(row[16]), from_text(row[17])
    return SourceMemory(
        etag=row[0],
        last_modified=row[1],
        body_digest=row[2],
        cursor=row[3],
        failures=row[4],
        last_success_at=from_text(row[5]),
        full_at=from_text(row[6]),
        moved_to=row[7],
        moved_polls=row[8],
        moved_at=from_text(row[9]),
        missing_at=from_text(row[10]),
        post_gap=None if row[11] is None else timedelta(seconds=row[11]),
        new_at=from_text(row[12]),
        recheck=Recheck(since, before) if since and before else None,
        patience=Patience(wait=timedelta(seconds=row[13]), hours=_set(row[14]), days=_set(row[15])),
    )


def _list(numbers: frozenset[int]) -> str | None:
    return ",".join(map(str, sorted(numbers))) or None


def _set(numbers: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (numbers or "").split(",") if number)


def load_unseen(conn: sqlite3.Connection, source_id: int, recheck: Recheck) -> list[str]:
    """Native ids of a source's posts since a time that it has not shown since another, the newest first."""
    rows = conn.execute(
        # CROSS JOIN keeps SQLite from reading all that was ever seen there.
        "SELECT g.native_id FROM posts p CROSS JOIN sightings g ON g.post_id = p.id AND g.source_id = ? "
        "WHERE p.sort_at >= ? AND p.gone_at IS NULL AND p.pruned_at IS NULL "
        "AND coalesce(g.last_seen_at, g.seen_at) < ? AND g.native_id NOT LIKE '% %' ORDER BY p.sort_at DESC LIMIT ?",
        (source_id, to_text(recheck.since), to_text(recheck.before), _MOST_UNSEEN),
    )
    return [row[0] for row in rows]


def load_requests(conn: sqlite3.Connection, since: datetime) -> Iterator[tuple[int, datetime, int]]:
    """Source, time and number of the requests that polls made since then and counted, oldest first."""
    for source_id, at, requests in conn.execute(
        "SELECT source_id, started_at, requests FROM polls WHERE started_at >= ? AND requests > 0 ORDER BY id",
        (to_text(since),),
    ).fetchall():
        moment = from_text(at)
        if moment:
            yield source_id, moment, requests
