"""The list of migrations, and which of them a file has: without sqlite-utils, imported when one is to be applied.

Every command that opens a file asks this, almost never is anything pending, and sqlite-utils takes a tenth of a second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations

    Change = Callable[[sqlite_utils.Database], None]


class Step(NamedTuple):
    """One migration: its name, which is stored when it was applied, and what it does."""

    name: str
    fn: Change


class Steps:
    """Migrations in their order, registered as with sqlite-utils' `Migrations`. `name`: of the set."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._migrations: list[Step] = []

    def __call__(self) -> Callable[[Change], Change]:
        """A decorator: the function is the next migration, and names it."""

        def register(change: Change) -> Change:
            self._migrations.append(Step(change.__name__, change))
            return change

        return register

    def registered(self) -> Migrations:
        """The same, to be applied."""
        from aggregator.storage.upgrade.tools import ByTable

        found = ByTable(self.name)
        for step in self._migrations:
            found(name=step.name)(step.fn)
        return found


def names_of(steps: Steps | Migrations) -> list[str]:
    """What the migrations are called, in their order."""
    return [step.name for step in steps._migrations]


def applied(conn: sqlite3.Connection, steps: Steps | Migrations) -> set[str]:
    """Those that a file has, later ones of the same set included; none where it was never migrated."""
    table = "_sqlite_migrations"  # as sqlite-utils calls it
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        return set()
    # Not by its index: were that damaged, the file would look new, and be made anew.
    rows = conn.execute(f"SELECT name FROM {table} NOT INDEXED WHERE migration_set = ?", (steps.name,))
    return {row[0] for row in rows}


def pending(conn: sqlite3.Connection, steps: Steps | Migrations) -> list[str]:
    """The migrations that a file does not have yet, in their order."""
    has = applied(conn, steps)
    return [name for name in names_of(steps) if name not in has]


def is_pending(conn: sqlite3.Connection, steps: Steps | Migrations) -> bool:
    """Is there a migration that a file does not have yet?"""
    return bool(pending(conn, steps))
