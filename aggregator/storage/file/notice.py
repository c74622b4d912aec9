"""Why the daemon polls nothing, told to other processes even where nothing can be written."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.model.errors import Obstacle
from aggregator.storage.file.owner import open_beside

_OBSTACLES = list(Obstacle)

# The notices that this process has open, by their files: it would lose the locks of one by closing another.
_open_here: dict[Path, Notice] = {}


class Notice:
    """Locks on `<database>.paused`, an empty file: on its n-th byte for the n-th obstacle, so new ones come last.

    A lock needs neither room on the disk nor a volume that can be written, and goes away with the process.
    """

    def __init__(self, database: Path) -> None:
        file = database.resolve()
        self._database, self._path = file, file.with_name(file.name + ".paused")
        self._file: int | None = None
        self._is_open = False
        self._shown: Obstacle | None = None
        self._one_at_a_time = threading.Lock()  # signs of life come from a thread

    def open(self) -> None:
        """Make the file as long as that is possible. Where it is not, nobody is told until it is."""
        self._is_open = True
        _open_here[self._path] = self
        self._open_file()

    def show(self, obstacle: Obstacle | None) -> None:
        """Tell this, or nothing any more."""
        with self._one_at_a_time:
            self._shown = obstacle
            self._show()

    @contextmanager
    def showing(self, obstacle: Obstacle) -> Iterator[None]:
        """Tell this meanwhile, and then again what was told before."""
        before = self._shown
        self.show(obstacle)
        try:
            yield
        finally:
            self.show(before)

    def show_again(self) -> None:
        """Tell what is shown once more: the file could not be made then, or somebody read it at that very moment."""
        with self._one_at_a_time:
            self._show()

    def close(self) -> None:
        """Tell nothing any more. The file stays and does no harm."""
        with self._one_at_a_time:
            self._is_open, self._shown = False, None
            _open_here.pop(self._path, None)
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def read(self) -> Obstacle | None:
        """What is shown, by this process or by another."""
        if own := _open_here.get(self._path):  # not by its file: whoever closes that loses the locks on it
            return own._shown
        try:
            file = os.open(self._path, os.O_RDONLY)
        except OSError:
            return None
        try:
            return next((each for number, each in enumerate(_OBSTACLES) if _is_locked(file, number)), None)
        finally:
            os.close(file)

    def _open_file(self) -> None:
        with suppress(OSError):
            self._file = open_beside(self._path, self._database)

    def _show(self) -> None:
        if self._is_open and self._file is None:
            self._open_file()
        if self._file is None:
            return
        for number, obstacle in enumerate(_OBSTACLES):
            with suppress(OSError):  # somebody reads it just now: that is why it is shown again
                how = fcntl.LOCK_EX | fcntl.LOCK_NB if obstacle is self._shown else fcntl.LOCK_UN
                fcntl.lockf(self._file, how, 1, number)


@contextmanager
def notice_of(database: Path) -> Iterator[Notice]:
    """The notice that this process has open for that database, or one that is open meanwhile."""
    notice = Notice(database)
    if open_one := _open_here.get(notice._path):
        yield open_one
        return
    notice.open()
    try:
        yield notice
    finally:
        notice.close()


def _is_locked(file: int, number: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, number)
    except OSError:
        return True
    return False
