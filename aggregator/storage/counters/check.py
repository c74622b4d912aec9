"""Are the counts right? Compares them with what they count, and makes wrong ones right."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.storage import schema
from aggregator.storage.counters.counters import COUNTERS, Counter


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A row of a table of counts that is not as it should be. None: there is no such row, or there should be none."""

    counter: Counter
    key: tuple[Any, ...]
    stored: tuple[Any, ...] | None
    counted: tuple[Any, ...] | None

    def __str__(self) -> str:
        named = ", ".join(f"{name} {value!r}" for name, value in zip(self.counter.key, self.key, strict=True))
        return f"{self.counter.table}: {named}: {self.stored} is stored, {self.counted} is right"


def check_counters(conn: sqlite3.Connection) -> Iterator[WrongCount]:
    """The rows that are wrong, table after table, compared one by one: in no more memory for a large file.

    Reads everything that is counted: six seconds of CPU for half a million posts. Inside a transaction, or on a
    file that nobody writes to meanwhile; else what is written in between looks wrong (`mend_counters` looks again).
    """
    for counter in COUNTERS:
        stored, counted = conn.execute(counter.stored), conn.execute(counter.source)
        yield from _unlike(counter, map(tuple, stored), map(tuple, counted))


def check_file(path: Path) -> Iterator[WrongCount]:
    """The same of a database file, as it was at one moment; others may write to it meanwhile.

    Raises:
        StorageError: the file can't be opened.
    """
    with closing(schema.connect(path, read_only=True)) as conn:
        conn.execute("BEGIN")
        yield from check_counters(conn)


def mend_counters(conn: sqlite3.Connection, wrong: Iterable[WrongCount]) -> int:
    """Count these rows anew, as everything stands now; how many changed. Expects an open transaction."""
    return sum(_mend(conn, each.counter, each.key) for each in wrong)


def _unlike(
    counter: Counter, stored: Iterator[tuple[Any, ...]], counted: Iterator[tuple[Any, ...]]
) -> Iterator[WrongCount]:
    """Both are in the order of their keys."""
    size = counter.keys
    mine, right = next(stored, None), next(counted, None)
    while mine is not None or right is not None:
        is_here = mine is not None and (right is None or mine[:size] <= right[:size])
        is_due = right is not None and (mine is None or right[:size] <= mine[:size])
        if not (is_here and is_due and mine == right):
            here, due = mine if is_here else None, right if is_due else None
            key = (here or due or ())[:size]
            yield WrongCount(counter, key, here and here[size:], due and due[size:])
        mine = next(stored, None) if is_here else mine
        right = next(counted, None) if is_due else right


def _mend(conn: sqlite3.Connection, counter: Counter, key: Sequence[Any]) -> bool:
    at_key = " AND ".join(f"{name} = ?" for name in counter.key)
    columns = ", ".join(counter.columns)
    stored = conn.execute(f"SELECT {columns} FROM {counter.table} WHERE {at_key}", key).fetchone()
    counted = conn.execute(counter.one, key).fetchone()
    if stored == counted:
        return False
    conn.execute(f"DELETE FROM {counter.table} WHERE {at_key}", key)
    if counted:
        marks = ", ".join("?" * len(counted))
        conn.execute(f"INSERT INTO {counter.table} ({columns}) VALUES ({marks})", counted)
    return True
