"""What a misspelt table or column of somebody's SQL probably is called."""

from __future__ import annotations

import re
import sqlite3

from aggregator.text.typed.nearest import nearest

_MISSING = re.compile(r"no such (table|column): (?:.*\.)?([^.]+)")
_WORD = re.compile(r"\w+")


def meant_name(conn: sqlite3.Connection, refusal: str, sql: str) -> str | None:
    """The name that is near what SQLite did not find, as its message `refusal` says; None where none is near.

    Of a column: those of the tables and views that the query names.
    """
    missing = _MISSING.fullmatch(refusal)
    if missing is None:
        return None
    tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    if missing[1] == "table":
        return nearest(missing[2], tables)
    words = {word.lower() for word in _WORD.findall(sql)}
    named = [table for table in tables if table.lower() in words]
    columns = [row[0] for table in named for row in conn.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    return nearest(missing[2], columns)
