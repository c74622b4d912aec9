"""SQL scripts that come with the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path


def packaged(name: str) -> str:
    """The text of a script: `schema.sql`."""
    return (Path(__file__).parent.parent / name).read_text(encoding="utf-8")


def run_script(conn: sqlite3.Connection, script: str) -> None:
    """Execute every statement of a script inside the transaction that is open (`executescript` would commit it)."""
    for statement in statements(script):
        conn.execute(statement)


def statements(script: str) -> Iterator[str]:
    """The statements of a SQL script one by one, triggers whole; comments before a statement stay with it."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if pending.strip() and sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
