"""What is remembered of each source between polls: columns of `sources`, read and written together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from aggregator.model import Patience, SourceMemory
from aggregator.storage.times import from_text, to_text

_COLUMNS = (
    "etag, last_modified, body_digest, cursor, failures, last_success_at, full_at, moved_to, moved_polls, moved_at, "
    "missing_at, post_gap_seconds, new_at, wait_seconds, skip_hours, skip_days"
)
_LOAD = f"SELECT id, {_COLUMNS} FROM sources WHERE id IN (SELECT value FROM json_each(?))"
_SAVE = f"UPDATE sources SET ({_COLUMNS}) = ({', '.join('?' * len(_COLUMNS.split(',')))}) WHERE id = ?"


def load_memories(conn: sqlite3.Connection, ids: Iterable[int]) -> dict[int, SourceMemory]:
    """What is remembered of these sources, by id."""
    return {row[0]: _memory(*row[1:]) for row in conn.execute(_LOAD, (json.dumps(list(ids)),))}


def save_memory(conn: sqlite3.Connection, source_id: int, memory: SourceMemory) -> None:
    """Remember this of a source. Expects an open transaction."""
    gap, patience = memory.post_gap, memory.patience
    conn.execute(
        _SAVE,
        (
            memory.etag, memory.last_modified, memory.body_digest, memory.cursor, memory.failures,
            to_text(memory.last_success_at), to_text(memory.full_at), memory.moved_to, memory.moved_polls,
            to_text(memory.moved_at), to_text(memory.missing_at), None if gap is None else round(gap.total_seconds()),
            to_text(memory.new_at), round(patience.wait.total_seconds()), _list(patience.hours), _list(patience.days),
            source_id,
        ),
    )  # fmt: skip


def _memory(*row: Any) -> SourceMemory:
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
        patience=Patience(wait=timedelta(seconds=row[13]), hours=_set(row[14]), days=_set(row[15])),
    )


def _list(numbers: frozenset[int]) -> str | None:
    return ",".join(map(str, sorted(numbers))) or None


def _set(numbers: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in (numbers or "").split(",") if number)
