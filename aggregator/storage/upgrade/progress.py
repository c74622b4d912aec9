"""How far each rework has come (`aggregator.engine.rebuild.reworks`). What writes expects an open transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from aggregator.storage.times import to_text


@dataclass(frozen=True, slots=True)
class ReworkState:
    """`after_id`: the rows up to this id are done. `changed`: how many of them came out otherwise."""

    after_id: int = 0
    changed: int = 0
    is_done: bool = False


def load_rework(conn: sqlite3.Connection, name: str) -> ReworkState:
    """How far a rework has come; at its beginning where nothing is known of it."""
    row = conn.execute("SELECT after_id, changed, ended_at FROM reworks WHERE name = ?", (name,)).fetchone()
    return ReworkState(row[0], row[1], row[2] is not None) if row else ReworkState()


def save_rework(conn: sqlite3.Connection, name: str, state: ReworkState, now: datetime) -> None:
    """Keep how far it has come, in the transaction that wrote what it found."""
    at = to_text(now)
    conn.execute(
        "INSERT INTO reworks (name, after_id, changed, started_at, ended_at) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (name) DO UPDATE SET after_id = ?2, changed = ?3, ended_at = ?5",
        (name, state.after_id, state.changed, at, at if state.is_done else None),
    )
