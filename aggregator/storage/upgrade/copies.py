"""The copy of the file that is made before its tables are changed: `news.db.before-NAME`, NAME being the first change.

It is whole or not there: made as `.part`, brought onto the disk, and then named. Who may read it, and whose it is, is
taken over from the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from aggregator.model.errors import DatabaseUnwritableError, Obstacle
from aggregator.storage.file.copying import copy_pages, give_name, missing_room, new_file
from aggregator.storage.file.disk import Volume, refusal, volume_of

# The copies of the last upgrades that are kept; older ones go when an upgrade went well.
KEPT_COPIES = 2


def copy_path(path: Path, name: str) -> Path:
    """Where the copy from before the change `name` is."""
    return path.with_name(f"{path.name}.before-{name}")


def make_copy(
    path: Path,
    name: str,
    *,
    beat: Callable[[], None] = lambda: None,
    look: Callable[[Path], Volume] = volume_of,
) -> Path:
    """Copy the database as it was last committed, page by page; where the copy is. `beat` is called now and then.

    The caller holds the write lock, so that nothing is written between the copy and the change. A copy of that name,
    of an earlier try, is replaced.

    Raises:
        DatabaseUnwritableError: there is no room, or the volume is read-only.
        StorageError: the copy can't be written. In both cases nothing is left of it, and the file is as it was.
    """
    target = copy_path(path, name)
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)  # of a process that was killed
        target.unlink(missing_ok=True)  # of a change that was undone: its room may be all that there is
        with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as source:
            _need_room(path, source, look)
            new_file(part)
            copy_pages(source, part, beat)
        give_name(part, target, path)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        words = (
            f"{path}: the copy that is made before the file is changed for this version can't be written to {target}: "
            f"{error}. Nothing was changed"
        )
        raise refusal(words, error) from error
    return target


def remove_old_copies(path: Path) -> None:
    """Keep the newest copies alone, `KEPT_COPIES` of them, and none that broke off. What can't be removed stays."""
    found: list[tuple[float, Path]] = []
    for file in path.parent.iterdir():
        if file.name.startswith(f"{path.name}.before-"):
            with suppress(OSError):
                found.append((0.0 if file.suffix == ".part" else file.stat().st_mtime, file))
    whole = sorted(each for each in found if each[0])
    for _, file in [each for each in found if not each[0]] + whole[:-KEPT_COPIES]:
        with suppress(OSError):
            file.unlink()


def _need_room(path: Path, source: sqlite3.Connection, look: Callable[[Path], Volume]) -> None:
    if missing := missing_room(source, path.parent, look):
        raise DatabaseUnwritableError(
            f"{path}: before this version changes the file it makes a copy, and there is no room for that: {missing}. "
            "Make room, or go on with the version before; nothing was changed",
            Obstacle.DISK_FULL,
        )
