"""sqlite-utils, without what it imports where that is installed.

numpy and pandas give it types of values that no migration has. numpy takes 8 MB for as long as the process lives, and a
tenth of a second: so they are not to be found meanwhile.
"""

from __future__ import annotations

import sys

_HIDDEN = [name for name in ("numpy", "pandas") if name not in sys.modules]
for _name in _HIDDEN:
    sys.modules[_name] = None  # type: ignore[assignment]  # what Python calls a module that can't be imported
try:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations
finally:
    for _name in _HIDDEN:
        del sys.modules[_name]


class ByTable(Migrations):
    """Migrations that read what a file has from the table, as `aggregator.storage.upgrade.steps.applied` does.

    The library leaves it to SQLite, whose statistics say which of table and index is read: by a damaged index the file
    would look new, and be made anew.
    """

    def applied(self, db: sqlite_utils.Database) -> list[Migrations._AppliedMigration]:
        """What was applied, in that order; nothing where the file was never migrated."""
        if not db[self.migrations_table].exists():
            return []
        rows = db.conn.execute(
            f"SELECT name, applied_at FROM {self.migrations_table} NOT INDEXED WHERE migration_set = ? ORDER BY rowid",
            (self.name,),
        )
        return [self._AppliedMigration(name=name, applied_at=at) for name, at in rows]


__all__ = ["ByTable", "Migrations", "sqlite_utils"]
