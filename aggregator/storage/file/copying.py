"""Copies of a whole database: page by page, with room for them, and readable by whom the database is."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from aggregator.model.quantities import size_in_words
from aggregator.storage.file.disk import Volume, sync

# Left free beside a copy: for what is done to the database next, which a full disk would undo.
_MARGIN_BYTES = 16 * 1024 * 1024

# 16 MB, between two signs of life.
_PAGES_AT_ONCE = 4096


def copy_pages(source: sqlite3.Connection, part: Path, beat: Callable[[], None]) -> None:
    """Copy the database as the connection sees it into the file; `beat` is called now and then.

    Where another process may write meanwhile the connection must have a read transaction open: else the copy begins
    anew with each of its commits.

    Raises:
        sqlite3.Error: it can't be read or written.
    """
    with closing(sqlite3.connect(part)) as target:
        # It counts when it is whole, and is synced then: no journal is needed to undo half of it.
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        source.backup(target, pages=_PAGES_AT_ONCE, progress=lambda *_: beat())


def missing_room(source: sqlite3.Connection, folder: Path, look: Callable[[Path], Volume]) -> str | None:
    """None where a copy has room in the folder; else how much is needed there, and how much is free."""
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    needed = pages * source.execute("PRAGMA page_size").fetchone()[0] + _MARGIN_BYTES
    found = look(folder.absolute()).free
    if found >= needed:
        return None
    return f"{size_in_words(needed)} are needed in {folder.absolute()}, {size_in_words(found)} are free"


def new_file(part: Path) -> None:
    """An empty file that nobody else may read until it is known who may.

    Raises:
        OSError: it is there already, or can't be made.
    """
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def give_name(part: Path, target: Path, like: Path, mode: int | None = None) -> None:
    """Bring a whole copy onto the disk, readable by whom `like` is, and let it be `target` at once. `mode`: if it is to
    have another one than that.

    Raises:
        OSError: it can't be.
    """
    make_like(like, part)
    if mode is not None:
        part.chmod(mode)
    sync(part)
    part.replace(target)
    sync(target.parent)


def make_like(path: Path, part: Path) -> None:
    """Give the copy the file's mode, and its owner where that is allowed (who starts it as root runs it as another).

    Raises:
        OSError: one of them is not there.
    """
    status = path.stat()
    with suppress(PermissionError):
        os.chown(part, status.st_uid, status.st_gid)
    part.chmod(stat.S_IMODE(status.st_mode))
