"""A consistent copy of the database for readers on read-only mounts, where a WAL database can't be opened."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from aggregator.model.errors import StorageError
from aggregator.storage import schema
from aggregator.storage.file.copying import give_name, new_file

# A part that was not written to for so long belongs to a process that was killed.
_LEFTOVER_SECONDS = 3600


# For readers under other users.
USUAL_MODE = 0o644


def write_snapshot(database: Path, target: Path, mode: int = USUAL_MODE) -> None:
    """Write a copy of `database` to `target`, replacing the old copy at once: readers see the old one or the new one.

    The copy is compact and not in WAL mode. The database may be written meanwhile. It has this `mode`, whatever the
    umask is, and the owner and group of the old copy; the first has those of the database. So it is with folders that
    are made for it: who may read the copy gets to it.

    Raises:
        StorageError: the copy can't be written; the old one is still there.
    """
    if target.exists() and target.samefile(database):
        raise StorageError(f"{target}: the snapshot would replace the database itself; name another file")
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _make_folders(target.parent, mode)
        partial.unlink(missing_ok=True)
        _remove_leftovers(target)
        # Not read-only: VACUUM INTO then miscounts the columns of a table with a generated one (SQLite 3.40).
        new_file(partial)
        conn = schema.connect(database)
        try:
            conn.execute("VACUUM INTO ?", (str(partial),))
        finally:
            conn.close()
        _clean(partial)
        give_name(partial, target, target if target.exists() else database, mode)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(f"{target}: the snapshot can't be written: {error}") from error


def _clean(file: Path) -> None:
    """Take the words of deleted posts out of the search index, which else only marks them as gone.

    Merging all its parts into one drops them, and `secure_delete` overwrites where they stood.
    """
    conn = sqlite3.connect(file, isolation_level=None)
    try:
        if conn.execute("SELECT EXISTS (SELECT 1 FROM posts WHERE gone_at IS NOT NULL)").fetchone()[0]:
            conn.execute("PRAGMA secure_delete = ON")
            for index in ("posts_fts", "posts_fts_cjk"):
                conn.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    finally:
        conn.close()


def _make_folders(folder: Path, mode: int) -> None:
    """Those that are not there yet; whoever may read a file of this mode may look into them."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        each.chmod(0o700 | (mode & 0o044) | (mode & 0o044) >> 2)


def _remove_leftovers(target: Path) -> None:
    for part in target.parent.glob(f"{target.name}.*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _LEFTOVER_SECONDS:
                part.unlink()
