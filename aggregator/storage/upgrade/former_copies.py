"""Posts that are in a story as copies and are none any more. Every function that writes expects an open transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from aggregator.model.changes import Membership, StoryHead
from aggregator.model.post import KnownPost
from aggregator.storage.changelog import log_changes
from aggregator.storage.ids import next_id
from aggregator.storage.neighbours import load_known_posts
from aggregator.storage.stored_posts import WAS_COPY
from aggregator.storage.stories import recount_stories, save_memberships, start_stories
from aggregator.storage.words.called import called

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FormerCopy:
    """A post that was taken for a copy. `because`, `score`: why it is in its story; `leads`: it names that;
    `headline`: what it is called."""

    post: KnownPost
    story_id: int
    because: str
    score: float
    leads: bool
    headline: str

    @property
    def id(self) -> int:
        """The post's id."""
        return self.post.id


def load_former_copies(conn: sqlite3.Connection, after: int, most: int) -> list[FormerCopy]:
    """The next of them after this id, oldest first; gone and pruned ones left out."""
    rows = conn.execute(
        "SELECT p.id, p.story_id, p.story_because, p.story_score, s.lead_post_id = p.id, "
        f"{called('p')} FROM posts p "
        "JOIN stories s ON s.id = p.story_id WHERE p.id > ? AND p.story_because LIKE ? || 'copy of post %' "
        "AND p.copy_of IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL ORDER BY p.id LIMIT ?",
        (after, WAS_COPY, most),
    ).fetchall()
    posts = load_known_posts(conn, [row[0] for row in rows])
    return [FormerCopy(posts[row[0]], row[1], row[2], row[3], leads=bool(row[4]), headline=row[5]) for row in rows]


def load_members_of(conn: sqlite3.Connection, story_id: int, most: int) -> list[KnownPost]:
    """The first posts of a story that are no copies, oldest first; gone and pruned ones left out."""
    ids = [
        row[0]
        for row in conn.execute(
            "SELECT id FROM posts WHERE story_id = ? AND copy_of IS NULL AND gone_at IS NULL AND pruned_at IS NULL "
            "ORDER BY id LIMIT ?",
            (story_id, most),
        )
    ]
    posts = load_known_posts(conn, ids)
    return [posts[post_id] for post_id in ids]


def save_own_story(conn: sqlite3.Connection, former: FormerCopy, because: str, now: datetime) -> int:
    """Give the post a story of its own, with its copies; the id of that. Nobody is told of it as of news."""
    story_id = next_id(conn, "stories")
    post = former.post
    start_stories(conn, [StoryHead(
        id=story_id, title=former.headline, lead_post_id=post.id, language=post.language, at=post.at or _NEVER,
        is_new=True,
    )])  # fmt: skip
    copies = [
        (row[0], Membership(story_id, *row[1:]))
        for row in conn.execute(
            "SELECT id, story_because, story_score FROM posts WHERE copy_of = ? AND story_id = ?",
            (post.id, former.story_id),
        )
    ]
    moved = [(post.id, Membership(story_id, because, former.score)), *copies]
    touched = save_memberships(conn, moved)
    recount_stories(conn, touched)
    log_changes(conn, now, "post", "moved", [post_id for post_id, _ in moved])
    log_changes(conn, now, "story", "edited", sorted(touched))
    return story_id


def save_stays(conn: sqlite3.Connection, former: FormerCopy, membership: Membership, now: datetime) -> None:
    """Put the post where it belongs, its own story mostly, and say why."""
    touched = save_memberships(conn, [(former.id, membership)])
    if membership.story_id != former.story_id:
        recount_stories(conn, touched)
        log_changes(conn, now, "post", "moved", [former.id])
        log_changes(conn, now, "story", "edited", sorted(touched))
