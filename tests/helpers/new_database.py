"""A new database for a test: copied from one that was made once, for each takes 60 ms of schema and migrations."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.storage.database import Database


def new_database(path: Path, fill: Callable[[Database], object] | None = None) -> Database:
    """`Database(path)`, and where no file is there yet, what `fill` writes: a function of a module, called once."""
    if path.exists():
        return Database(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_made(fill))
    database = Database(path)
    # What tells one from another (`identity_of`): two that were copied are two all the same.
    database.conn.execute("UPDATE _sqlite_migrations SET applied_at = ? WHERE id = 1", (str(path),))
    return database


@cache
def _made(fill: Callable[[Database], object] | None) -> bytes:
    with TemporaryDirectory() as folder:
        database = Database(Path(folder) / "news.db")
        if fill:
            fill(database)
        database.conn.close()  # folds the log in, and gathers no statistics, as `Database.close` would
        return database.path.read_bytes()
