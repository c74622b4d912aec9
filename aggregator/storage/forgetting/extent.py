"""Whom a name means, and what forgetting would take: looked at before anything is done. Only reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.storage.deletions import posts_to_forget
from aggregator.storage.finding.search import containing

# Wherever an author's name stands, with how many posts of theirs there are.
_AUTHORS = """
SELECT author, count(1) FROM posts WHERE {0} GROUP BY author
UNION ALL SELECT DISTINCT author, 0 FROM post_quotes WHERE {0}
UNION ALL SELECT DISTINCT author, 0 FROM articles WHERE {0}
UNION ALL SELECT author, 0 FROM forgotten WHERE {0}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What forgetting would take: so many posts, by their authors and publishers (name → posts, the most first); the
    quotes of them, and the pages that were read, whose words would go too. `gone`: posts that say nothing any more, and
    may come back until then."""

    posts: int
    authors: dict[str, int]
    publishers: dict[str, int]
    quotes: int
    pages: int
    gone: int

    @property
    def is_nothing(self) -> bool:
        """Is there nothing that would go, or stay away?"""
        return not (self.posts or self.quotes or self.pages or self.gone)


def authors_called(conn: sqlite3.Connection, name: str) -> dict[str, int]:
    """The authors that a name without a server may mean, in any case, with how many posts they have: one who is called
    so, and every account of that name."""
    pattern = containing(f"{name}@").removeprefix("%")
    return _counted(conn, "(author = ?1 COLLATE NOCASE OR author LIKE ?2 ESCAPE '\\')", name, pattern)


def authors_with(conn: sqlite3.Connection, name: str) -> dict[str, int]:
    """The authors of posts whose names have this one in them, and are others: two who wrote together, say."""
    found = _counted(conn, "author LIKE ?1 ESCAPE '\\'", containing(name))
    return {author: posts for author, posts in found.items() if posts and author.casefold() != name.casefold()}


def extent_of(conn: sqlite3.Connection, author: str | None, addresses: Sequence[str]) -> Extent:
    """What `aggregator.storage.deletions.forget` would take, of the same arguments."""
    rows = posts_to_forget(conn, author, addresses)
    ids = json.dumps([row[0] for row in rows])
    pages = json.dumps([*addresses, *(row[1] for row in rows if row[1])])
    [quotes] = conn.execute(
        "SELECT count(1) FROM post_quotes WHERE (author = ?1 COLLATE NOCASE "
        "OR uri IN (SELECT uri FROM posts WHERE id IN (SELECT value FROM json_each(?2)) AND uri IS NOT NULL)) "
        "AND coalesce(author, text, content_warning) IS NOT NULL AND post_id NOT IN (SELECT value FROM json_each(?2))",
        (author, ids),
    ).fetchone()
    [read] = conn.execute(
        "SELECT count(1) FROM articles WHERE (author = ?1 COLLATE NOCASE "
        "OR canonical_url IN (SELECT value FROM json_each(?2))) AND coalesce(title, author, text) IS NOT NULL",
        (author, pages),
    ).fetchone()
    [gone] = conn.execute(
        "SELECT count(1) FROM posts WHERE gone_at IS NOT NULL AND gone_because IS NOT 'forgotten' "
        "AND (url IN (SELECT value FROM json_each(?1)) OR uri IN (SELECT value FROM json_each(?1)) "
        "OR canonical_url IN (SELECT value FROM json_each(?1))) AND id NOT IN (SELECT value FROM json_each(?2))",
        (json.dumps(list(addresses)), ids),
    ).fetchone()
    return Extent(
        posts=len(rows), authors=_shares(conn, "author", ids), publishers=_shares(conn, "publisher", ids),
        quotes=quotes, pages=read, gone=gone,
    )  # fmt: skip


def _shares(conn: sqlite3.Connection, column: str, ids: str) -> dict[str, int]:
    rows = conn.execute(
        f"SELECT {column}, count(1) AS posts FROM posts WHERE id IN (SELECT value FROM json_each(?)) "
        f"AND {column} IS NOT NULL GROUP BY {column} COLLATE NOCASE ORDER BY posts DESC, {column}",
        (ids,),
    )
    return dict(rows.fetchall())


def _counted(conn: sqlite3.Connection, where: str, *values: str) -> dict[str, int]:
    """The same name in other cases is one author: the way of most posts counts."""
    found: dict[str, tuple[str, int]] = {}
    for author, posts in sorted(conn.execute(_AUTHORS.format(where), values), key=lambda row: (-row[1], row[0])):
        known, before = found.get(author.casefold(), (author, 0))
        found[author.casefold()] = known, before + posts
    return dict(found.values())
