"""Looks at a database file as `aggregator doctor` does, for tests of what it finds there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from aggregator.model.finding import Finding, Level
from aggregator.storage.checkup.file import look_at

NOW = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)


def command(*words: object) -> str:
    """As a user would type it who named nothing."""
    return " ".join(["aggregator", *map(str, words)])


def found_in(path: Path, *, whole: bool = False, temporary: int = 10**9, backup: Path | None = None) -> list[Finding]:
    """All that is found, what is well too."""
    looked = look_at(path, whole=whole, temporary=temporary, now=NOW, command=command, backup=backup)
    return list(looked.findings)


def troubles_in(path: Path) -> list[Finding]:
    """What something is to be done about in the file; a newsroom has a source in trouble, which is none of it."""
    return [each for each in found_in(path) if each.level is Level.TROUBLE and each.check != "sources"]


def change(path: Path, *statements: str) -> None:
    """Write to the file as another program may, which knows nothing of what belongs together."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            conn.execute(statement)
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
