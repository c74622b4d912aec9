"""What the daemon needed for a while goes back to the system, when it needed much more than it does now.

A first poll of some hundred feeds takes twice the memory that the open stories need afterwards. What Python and SQLite
let go of stays with the process, since it might be used again: caches of what texts came to, pages of the database, and
what lies free between the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aggregator.storage.database import Database

# It is given back when it has grown to so many times what it was after the last time. Else it would only have to be
# taken again: pages of the database alone are 16 MB.
_GROWN = 1.25

_PAUSE = timedelta(hours=1)
# It waits so long for a quiet moment: where something is always due there may be none.
_PATIENCE = timedelta(minutes=10)

# Caches with room for so many are of texts, addresses, titles; smaller ones are of what is always needed.
_LEAST_ROOM = 256


def _resident(statm: Path = Path("/proc/self/statm")) -> int:
    """The memory of this process, in pages; 0 where the system does not say."""
    with suppress(OSError):
        return int(statm.read_text("ascii").split()[1])
    return 0


class Memory:
    """Gives back what can be, now and then. `resident` says how much memory there is, in any unit; `steady` counts
    seconds."""

    def __init__(self, resident: Callable[[], int] = _resident, steady: Callable[[], float] = time.monotonic) -> None:
        self._resident, self._steady = resident, steady
        self._least, self._not_before = 0, steady()

    def is_much(self, *, is_quiet: bool) -> bool:
        """It has grown since the last time, and that is long enough ago, or longer where it is not quiet."""
        patience = 0.0 if is_quiet else _PATIENCE.total_seconds()
        return self._steady() >= self._not_before + patience and self._resident() > _GROWN * self._least

    def give_back(self, database: Database) -> None:
        """Give back what can be.

        Raises:
            StorageError: the database can't be used.
        """
        let_go(database)
        self._least, self._not_before = self._resident(), self._steady() + _PAUSE.total_seconds()


def let_go(database: Database) -> None:
    """Empty caches, and hand what is free to the system: takes 25 ms after a first poll of 8,000 posts.

    Raises:
        StorageError: the database can't be used.
    """
    for found in _caches():
        found.cache_clear()
    database.shrink()
    _trim()(0)


def _caches() -> list[Any]:
    modules = [vars(module) for name, module in list(sys.modules.items()) if name.startswith("aggregator.")]
    values = [value for each in modules for value in list(each.values()) if hasattr(value, "cache_parameters")]
    return [each for each in values if (each.cache_parameters()["maxsize"] or 0) >= _LEAST_ROOM]


@cache
def _trim() -> Callable[[int], object]:
    """malloc_trim(3), or what does nothing where there is none."""
    import ctypes  # here: 1 MB that nothing else of a daemon needs

    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda _: None
