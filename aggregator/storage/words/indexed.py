"""New posts come into the search: all of a transaction with one statement, where a trigger makes a part of the index a
post, to be merged with others later.

What is not in the index yet is told by the index itself: `posts_fts_docsize` has a row for each post in it, and ids
only grow. The triggers that follow changes look there too (`storage/search_in_bulk.sql`).
"""

from __future__ import annotations

import sqlite3

_NEWEST = "SELECT coalesce((SELECT max(id) FROM posts), 0), coalesce((SELECT max(id) FROM posts_fts_docsize), 0)"
_ADD = """
INSERT INTO {index} (rowid, text, title, attached)
  SELECT id, text, title, attached FROM posts WHERE id > ? AND {which} ORDER BY id
"""


def index_posts(conn: sqlite3.Connection) -> None:
    """Add the posts that are not in the search yet. Costs nothing where there are none.

    Called before a transaction that writes posts is committed, so that no crash parts a post from its words; and before
    posts are looked for within one.
    """
    newest, indexed = conn.execute(_NEWEST).fetchone()
    if newest > indexed:
        conn.execute(_ADD.format(index="posts_fts", which="1"), (indexed,))
        conn.execute(_ADD.format(index="posts_fts_cjk", which="spaceless"), (indexed,))
