"""The rows of `forgotten`: authors whose posts are not stored any more, and how that ends."""

from __future__ import annotations

import sqlite3

from aggregator.storage.result import Result


def load_forgotten(conn: sqlite3.Connection) -> Result:
    """Who is forgotten, and since when, the latest first."""
    rows = conn.execute("SELECT author, forgotten_at FROM forgotten ORDER BY forgotten_at DESC, author").fetchall()
    return Result(("author", "forgotten_at"), tuple(rows))


def forgotten_called(conn: sqlite3.Connection, name: str) -> list[str]:
    """Those of them that a name may mean, in any case; one without a server every account of that name, too."""
    wanted = name.casefold()
    known = [str(row[0]) for row in conn.execute("SELECT author FROM forgotten ORDER BY author")]
    return [each for each in known if each.casefold() == wanted or each.casefold().startswith(f"{wanted}@")]


def lift(conn: sqlite3.Connection, author: str) -> None:
    """New posts of this author are stored again. What was emptied stays so. Expects an open transaction."""
    conn.execute("DELETE FROM forgotten WHERE author = ?", (author,))
