"""Where SQLite keeps what has no room in memory: an index that is made, rows to be sorted, how to undo a statement.

It looks for a folder that may be written to: `SQLITE_TMPDIR`, `TMPDIR`, `/var/tmp`, `/usr/tmp`, `/tmp`, and at last the
folder that the program runs in. Where there is none of them, as in a container that is read-only, not even a table with
a search index can be made, and SQLite calls that an error of the disk.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

_NAMED = ("SQLITE_TMPDIR", "TMPDIR")
_PLACES = ("/var/tmp", "/usr/tmp", "/tmp", ".")


def give_temporary_folder(conn: sqlite3.Connection, folder: Path) -> bool:
    """Where there is no other: this one, for all connections of the process; where it can't be had either, memory.

    Gives whether there is a folder.
    """
    if temporary_folder():
        return True
    if _is_writable(folder):
        # The variable would be read at the import of `sqlite3`, when nobody knows where the database is.
        conn.execute("PRAGMA temp_store_directory = '{}'".format(str(folder).replace("'", "''")))
    if conn.execute("PRAGMA temp_store_directory").fetchone():
        return True
    conn.execute("PRAGMA temp_store = MEMORY")
    return False


def temporary_folder() -> Path | None:
    """Where SQLite has them by itself; None where it finds no folder."""
    places = [os.environ.get(name) for name in _NAMED] + list(_PLACES)
    return next((Path(place) for place in places if place and _is_writable(Path(place))), None)


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
