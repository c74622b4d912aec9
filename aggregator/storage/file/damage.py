"""A file that is damaged is called damaged, with what to do; and so is what stands where a file should."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# Said of a file in which SQLite finds what can't be.
DAMAGED = (
    "the file is damaged, and nothing more is written to it; `aggregator restore` puts a backup in its place, "
    "`aggregator doctor` says what else can be done"
)
_OVERWRITTEN = DAMAGED.replace("damaged,", "damaged, its beginning was overwritten,", 1)
_SEARCH = "the search index is damaged; `aggregator doctor` says whether it can be made anew"

_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# What is written in every database of this program, near its beginning, in clear.
_OURS = b"CREATE TABLE sightings ("
_LOOKED_AT = 4 * 1024 * 1024


def is_damage(error: BaseException) -> bool:
    """Does SQLite say that what is in the file can't be?"""
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _CODES


def damage_in_words(error: BaseException, path: Path | None = None) -> str | None:
    """What SQLite says of a damaged file, and what to do; None where it says something else."""
    if not is_damage(error):
        return None
    name = path if path else "the database"
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_CORRUPT_VTAB:
        return f"{name}: {_SEARCH}: {error}"
    if code & 0xFF != sqlite3.SQLITE_NOTADB:
        return f"{name}: {DAMAGED}: {error}"
    if path and _was_ours(path):
        return f"{name}: {_OVERWRITTEN}"
    return f"{name} is not a SQLite database; name another path in [storage]. If it was one: {DAMAGED}"


def misplaced(path: Path, *, beside_too: bool = True) -> str | None:
    """What stands where the file, or (`beside_too`) one that SQLite keeps beside it, should be, and is none; in
    words."""
    if path.is_dir():
        return f"{path} is a folder; name the file in [storage] path, or with --database"
    for ending in ("-wal", "-shm") if beside_too else ():
        beside = path.with_name(f"{path.name}{ending}")
        if beside.is_dir():
            return f"{beside} is a folder, where SQLite keeps a file beside the database: move it away"
    return None


def _was_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _OURS in file.read(_LOOKED_AT)
    except OSError:
        return False
