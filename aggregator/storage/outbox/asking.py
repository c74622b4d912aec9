"""Questions over the connection that writes, for what else is asked over one that only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from aggregator.model.errors import AggregatorError
from aggregator.storage.finding.search import FEW
from aggregator.storage.result import Result


class Asking:
    """Answers queries as `aggregator.storage.queries.Reader` does."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    @property
    def few(self) -> int:
        """See `aggregator.storage.result.Asked`."""
        return FEW

    def ask(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Result:
        """The answer to a query.

        Raises:
            AggregatorError: SQLite refuses the query.
        """
        try:
            cursor = self._conn.execute(sql, parameters)
            columns = tuple(column[0] for column in cursor.description or ())
            return Result(columns, tuple(cursor.fetchall()))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR:
                raise  # the file's trouble, not the query's
            raise AggregatorError(f"SQL: {error}") from error

    def count_few(self, sql: str, parameters: Sequence[Any]) -> int:
        """How many rows a query gives, counted up to `few`."""
        return int(self.ask(f"SELECT count(*) FROM ({sql} LIMIT {self.few})", parameters).rows[0][0])
