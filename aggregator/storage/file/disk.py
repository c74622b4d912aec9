"""The disk that a file is on: is there room, may it be written, and is what was written there for good."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NamedTuple

from aggregator.model.errors import DatabaseUnwritableError, Obstacle, StorageError

# What a transaction of some hundred posts takes, in bytes. With less the next poll would fail, and what it fetched be
# fetched again.
ROOM = 1024 * 1024
_PIECE = 64 * 1024

_OF_ERRNO: dict[int | None, Obstacle] = {
    errno.ENOSPC: Obstacle.DISK_FULL,
    errno.EDQUOT: Obstacle.DISK_FULL,
    errno.EROFS: Obstacle.READ_ONLY,
}


class Volume(NamedTuple):
    """What can be seen of it without writing: that may be wrong, and is no more than a hint. `free`: bytes for us."""

    is_read_only: bool = False
    free: int = 0

    def is_better_than(self, before: Volume) -> bool:
        """There is hope that something can be written now."""
        return (before.is_read_only and not self.is_read_only) or self.free >= before.free + ROOM

    @property
    def obstacle(self) -> Obstacle | None:
        """What stands in the way of writing, as far as it can be seen."""
        if self.is_read_only:
            return Obstacle.READ_ONLY
        return None if self.free else Obstacle.DISK_FULL


def volume_of(folder: Path) -> Volume:
    """The volume that a folder is on; nothing can be hoped of one that can't be looked at."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return Volume()
    return Volume(bool(found.f_flag & os.ST_RDONLY), found.f_bavail * found.f_frsize)


def obstacle_of(error: BaseException) -> Obstacle | None:
    """What the system's refusal means, if that may go away."""
    return _OF_ERRNO.get(getattr(error, "errno", None))


def refusal(words: str, error: BaseException) -> StorageError:
    """What to raise where a file can't be written: what may go away by itself is told apart."""
    if obstacle := obstacle_of(error):
        return DatabaseUnwritableError(words, obstacle)
    return StorageError(words)


def sync(path: Path) -> None:
    """Bring a file or a folder onto the disk: a power cut may else leave it empty."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prove_room(path: Path) -> None:
    """Write as much beside the database as it may need next, and remove it.

    A transaction alone proves nothing: it may fit into what the write-ahead log has already.

    Raises:
        DatabaseUnwritableError: there is no room, or the volume refuses.
    """
    try:
        import tempfile  # here: with what it imports it takes 10 ms of a command that only reads

        with tempfile.TemporaryFile(dir=path.parent, buffering=0) as file:
            for _ in range(ROOM // _PIECE):
                file.write(os.urandom(_PIECE))  # zeros take no room where the file system packs them
            os.fsync(file.fileno())
    except PermissionError:
        return  # the folder may be closed for new files; the transaction that follows says whether that matters
    except OSError as error:
        obstacle = obstacle_of(error) or Obstacle.DISK_ERROR
        raise DatabaseUnwritableError(f"{path.parent}: {error.strerror}", obstacle) from error
