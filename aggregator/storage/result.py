"""The answer to a question, how much of it was left out, and whoever can be asked one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a question: the columns' names, and the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns' names, each once: one that comes again gets a number ("title_2"), so that nothing is lost of a
        row as a mapping."""
        keys: list[str] = []
        for column in self.columns:
            numbered = (f"{column}_{number}" for number in count(2))
            is_first = column not in keys
            keys.append(column if is_first else next(n for n in numbered if n not in self.columns and n not in keys))
        return tuple(keys)

    def narrowed(self, columns: Sequence[str]) -> Result:
        """The same with these of its columns alone, in this order."""
        places = [self.columns.index(column) for column in columns]
        return Result(tuple(columns), tuple(tuple(row[place] for place in places) for row in self.rows))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many rows of an answer were not taken: so many at least, where not all were counted."""

    rows: int
    is_all: bool

    def in_words(self) -> int | str | None:
        """A number, or what is known of it; None where nothing was left out."""
        if self.is_all:
            return self.rows or None
        return f"at least {self.rows}; to count all took too long" if self.rows else "not known: to look took too long"


def first_of(
    cursor: sqlite3.Cursor, limit: int, keep: Callable[[Any], Any]
) -> tuple[tuple[tuple[Any, ...], ...], LeftOut]:
    """The first rows, of each cell what `keep` makes of it, and how many there are besides, as far as SQLite gets.

    Raises:
        sqlite3.Error: SQLite refuses the query, or gives up before there is a row.
    """
    rows: list[tuple[Any, ...]] = []
    left_out = 0
    try:
        for row in cursor:  # the module looks for the next one before it hands one out
            if len(rows) < limit:
                rows.append(tuple(map(keep, row)))
            else:
                left_out += 1
    except sqlite3.OperationalError as error:
        if not (rows and is_given_up(error)):
            raise
        return tuple(rows), LeftOut(left_out, is_all=False)
    return tuple(rows), LeftOut(left_out, is_all=True)


def is_given_up(error: Exception) -> bool:
    """Did SQLite give up because the query took too long?"""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT


class Asked(Protocol):
    """Whoever answers queries: `aggregator.storage.queries.Reader`."""

    @property
    def few(self) -> int:
        """So many posts are quicker found and sorted than looked for from the newest post on."""

    def ask(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Result:
        """The answer to a query.

        Raises:
            AggregatorError: SQLite refuses the query.
        """

    def count_few(self, sql: str, parameters: Sequence[Any]) -> int:
        """How many rows a query gives, counted up to `few`."""


class Guarded(Protocol):
    """A connection whose trouble is told in words: `aggregator.storage.queries.Reader`."""

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection."""

    def refusals_in_words(self) -> AbstractContextManager[None]:
        """What SQLite says within it against a query is said as an AggregatorError."""
