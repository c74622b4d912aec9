"""Copies that only their pages can tell: two addresses, of which the page says that they are one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.dedupe.named import named_copy
from aggregator.model.changes import CopyOf, LateWords
from aggregator.storage.articles.wanted import NamedPair
from aggregator.storage.database import Database
from aggregator.storage.neighbours import load_known_posts
from aggregator.storage.stored_posts import save_found_copies
from aggregator.storage.stories import merge_story, recount_stories
from aggregator.storage.words.late import may_move


def join_named(database: Database, pairs: Iterable[NamedPair], now: datetime) -> set[int]:
    """Make copies of posts whose pages name one address, inside the transaction that is open; the stories touched.

    A copy whose story is of it alone goes to its original's story, as late words would have it go.
    """
    found = list(pairs)
    conn = database.conn
    posts = load_known_posts(conn, {each for pair in found for each in pair[:2]})
    copies: dict[int, CopyOf] = {}
    for later, first, address in found:
        if later in copies or first in copies or later not in posts or first not in posts:
            continue  # a third one: at the next look
        if copy := named_copy(posts[later], posts[first], address):
            copies[later] = copy
    save_found_copies(conn, dict(copies), now)
    touched: set[int] = set()
    for later, copy in copies.items():
        mine, theirs = posts[later].story_id, posts[copy.post_id].story_id
        touched |= {each for each in (mine, theirs) if each is not None}
        if mine is None or theirs is None or mine == theirs:
            continue
        if may_move(conn, later, LateWords(story_id=mine, words={})):
            merge_story(conn, mine, theirs, f"copy of post {copy.post_id}: {copy.because}", copy.score, now)
    recount_stories(conn, touched)
    return touched
