"""The stories of posts that were taken for copies and are none: each was put into the story of what it copied.

One that tells what another post of that story tells stays: two reports of one event. The others, one template filled in
again mostly, get stories of their own. What the story's words were at the time is not kept, so posts are compared one
by one, as near-duplicates are (`aggregator.dedupe.retelling`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aggregator.dedupe import retelling, same_text
from aggregator.dedupe.told import told_of
from aggregator.engine.rebuild.progress import Reworked
from aggregator.model.changes import Membership
from aggregator.model.post import KnownPost
from aggregator.storage.database import Database
from aggregator.storage.upgrade.former_copies import load_former_copies, load_members_of, save_own_story, save_stays

# A text that hundreds of posts share makes a story of hundreds.
_MOST_MEMBERS = 40


def regroup_former_copies(database: Database, after: int, most: int, now: datetime) -> Reworked:
    """Decide on the next of them, inside the transaction that is open. To be called again until none is left."""
    former = load_former_copies(database.conn, after, most)
    own: dict[int, list[KnownPost]] = {}
    touched: set[int] = set()
    moved = 0
    for each in former:
        beside = [post for post in load_members_of(database.conn, each.story_id, _MOST_MEMBERS) if post.id != each.id]
        like = _like(each.post, beside) or _like(each.post, own.get(each.story_id, ()))
        if like is None and not each.leads and beside:
            because = f"first report; {each.because}"
            story_id = save_own_story(database.conn, each, because, now)
            own.setdefault(each.story_id, []).append(load_members_of(database.conn, story_id, 1)[0])
        else:
            story_id = like.story_id if like and like.story_id is not None else each.story_id
            because = f"tells what post {like.id} tells; {each.because}" if like else f"first report; {each.because}"
            save_stays(database.conn, each, Membership(story_id, because, each.score), now)
        if story_id != each.story_id:
            moved += 1
            touched |= {each.story_id, story_id}
    return Reworked(former[-1].id if former else None, moved, len(former), stories=touched)


def _like(post: KnownPost, others: Iterable[KnownPost]) -> KnownPost | None:
    """The first of the others that tells what this post tells, or shares a link with it."""
    mine = told_of(post)
    for other in others:
        if post.article_key and post.article_key in (other.article_key, other.canonical_url):
            return other
        theirs = told_of(other)
        if other.language != post.language or same_text.is_filled_in(mine, theirs):
            continue
        if retelling.likeness(mine, theirs).is_same:
            return other
    return None
