"""The answer to a question, and whoever can be asked one."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a question: the columns' names, and the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def narrowed(self, columns: Sequence[str]) -> Result:
        """The same with these of its columns alone, in this order."""
        places = [self.columns.index(column) for column in columns]
        return Result(tuple(columns), tuple(tuple(row[place] for place in places) for row in self.rows))


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
