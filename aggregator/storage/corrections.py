"""The editor's hand, written and read: stories merged, split, renamed, pinned; topics put and taken away; labels.

What an editor decided is kept in `corrections`: a rebuild puts the same posts together, and merging leaves their
stories alone. The functions expect an open transaction; `Editor` opens them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

from aggregator.model.changes import Membership, StoryHead
from aggregator.model.errors import NotFoundError
from aggregator.model.post import TopicMatch
from aggregator.storage.changelog import log_changes
from aggregator.storage.ids import next_id
from aggregator.storage.stories import merge_story, recount_stories, save_memberships, start_stories
from aggregator.storage.times import from_text, to_text
from aggregator.storage.words.called import called

BY_HAND = "by hand"


def load_placed(conn: sqlite3.Connection) -> dict[int, int]:
    """Post id → the post whose story an editor put it into; a post that stands for its own story has itself."""
    rows = conn.execute("SELECT post_id, with_post_id FROM corrections WHERE what = 'place' ORDER BY id")
    return dict(rows.fetchall())


def load_fixed_stories(conn: sqlite3.Connection) -> frozenset[int]:
    """The stories that an editor merged, split or pinned."""
    rows = conn.execute(
        "SELECT p.story_id FROM corrections c JOIN posts p ON p.id = c.post_id "
        "WHERE c.what = 'place' AND p.story_id IS NOT NULL UNION SELECT id FROM stories WHERE pinned_at IS NOT NULL"
    )
    return frozenset(row[0] for row in rows)


def with_corrections(
    conn: sqlite3.Connection, topics: Mapping[int, Sequence[TopicMatch]]
) -> dict[int, tuple[TopicMatch, ...]]:
    """These posts' topics, with those that an editor put there and without those taken away."""
    corrected = {post_id: {match.topic: match for match in matches} for post_id, matches in topics.items()}
    for post_id, what, topic in conn.execute(
        "SELECT post_id, what, value FROM corrections WHERE what IN ('topic_add', 'topic_remove') "
        "AND post_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(topics)),),
    ):
        if what == "topic_add":
            corrected[post_id][topic] = TopicMatch(topic, 1.0, BY_HAND)
        else:
            corrected[post_id].pop(topic, None)
    return {post_id: tuple(matches.values()) for post_id, matches in corrected.items()}


def save_label(conn: sqlite3.Connection, post_id: int, topic: str, is_about: bool | None, now: datetime) -> None:
    """Note that a post is about a topic, is not, or (None) that nothing is said of it any more.

    Expects an open transaction.

    Raises:
        NotFoundError: there is no such post, or it is gone and has no text.
    """
    found = conn.execute(
        "SELECT 1 FROM posts WHERE id = ? AND gone_at IS NULL AND pruned_at IS NULL", (post_id,)
    ).fetchone()
    if not found:
        raise NotFoundError(f"there is no post {post_id} with its text")
    conn.execute("DELETE FROM topic_labels WHERE post_id = ? AND topic = ?", (post_id, topic))
    if is_about is not None:
        conn.execute("INSERT INTO topic_labels VALUES (?, ?, ?, ?)", (post_id, topic, int(is_about), to_text(now)))


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Writable(Protocol):
    """A database that transactions can be opened on: `aggregator.storage.database.Database`."""

    conn: sqlite3.Connection

    def write(self) -> AbstractContextManager[None]:
        """A write transaction."""


class Editor:
    """What an editor does, each in one short transaction beside a running daemon. Stories are named by id or slug."""

    def __init__(self, database: Writable, now: datetime) -> None:
        self._database, self._conn = database, database.conn
        self._now = now

    def merge(self, name: str, into: str) -> tuple[int, int]:
        """One story is the same event as another; the ids of both.

        Raises:
            NotFoundError: there is no such story, or both are the same.
        """
        with self._database.write():
            story_id, successor = self._find(name), self._find(into)
            if story_id == successor:
                raise NotFoundError(f"{name} and {into} are the same story")
            members = _posts_of(self._conn, successor) + _posts_of(self._conn, story_id)
            because = f"{BY_HAND}: merged with story {successor}"
            merge_story(self._conn, story_id, successor, because, 1.0, self._now)
            _place_together(self._conn, members, self._now)
        return story_id, successor

    def split(self, name: str, post_ids: Sequence[int]) -> int:
        """These posts of a story are another one; its id.

        Raises:
            NotFoundError: there is no such story, a post is not in it, or none would stay in it.
        """
        with self._database.write():
            new_id = next_id(self._conn, "stories")
            split_by_hand(self._conn, self._find(name), sorted(set(post_ids)), new_id, self._now)
        return new_id

    def rename(self, name: str, title: str | None) -> int:
        """Another title; None: the lead post's again. The story's id.

        Raises:
            NotFoundError: there is no such story.
        """
        with self._database.write():
            story_id = self._find(name)
            rename_by_hand(self._conn, story_id, title, self._now)
        return story_id

    def pin(self, name: str, is_pinned: bool) -> int:
        """A story stays as it is, or no longer. The story's id.

        Raises:
            NotFoundError: there is no such story.
        """
        with self._database.write():
            story_id = self._find(name)
            pin_by_hand(self._conn, story_id, is_pinned, self._now)
        return story_id

    def topic(self, post_id: int, topic: str, *, is_there: bool) -> None:
        """A post is about a topic, or is not.

        Raises:
            NotFoundError: there is no such post or topic.
        """
        with self._database.write():
            topic_by_hand(self._conn, post_id, topic, is_there, self._now)

    def _find(self, name: str) -> int:
        number = int(name) if name.isascii() and name.isdigit() else -1
        row = self._conn.execute(
            "SELECT coalesce(merged_into, id) FROM stories WHERE slug = ? OR id = ?", (name, number)
        ).fetchone()
        if not row:
            raise NotFoundError(f"there is no story {name!r}; `aggregator stories` lists the latest")
        return int(row[0])


def split_by_hand(conn: sqlite3.Connection, story_id: int, post_ids: Sequence[int], new_id: int, now: datetime) -> None:
    """An editor says that these posts of a story are another one, which gets the id `new_id`.

    Raises:
        NotFoundError: a post is not in the story, or none would stay in it.
    """
    members = _posts_of(conn, story_id)
    strangers = sorted(set(post_ids) - set(members))
    if strangers:
        raise NotFoundError(f"post {strangers[0]} is not in story {story_id}")
    stay = [post_id for post_id in members if post_id not in set(post_ids)]
    if not stay:
        raise NotFoundError(f"nothing would stay in story {story_id}")
    start_stories(conn, [_head(conn, new_id, sorted(post_ids))])
    because = Membership(new_id, f"{BY_HAND}: split from story {story_id}", 1.0)
    save_memberships(conn, ((post_id, because) for post_id in post_ids))
    lead = conn.execute("SELECT lead_post_id FROM stories WHERE id = ?", (story_id,)).fetchone()[0]
    if lead not in stay:
        head = _head(conn, story_id, stay)
        conn.execute(
            "UPDATE stories SET title = coalesce(given_title, ?), lead_post_id = ?, language = ? WHERE id = ?",
            (head.title, head.lead_post_id, head.language, story_id),
        )
    recount_stories(conn, (story_id, new_id))
    _place_together(conn, list(post_ids), now)
    _place_together(conn, stay, now)
    log_changes(conn, now, "post", "moved", post_ids)
    log_changes(conn, now, "story", "new", [new_id])
    log_changes(conn, now, "story", "edited", [story_id])


def rename_by_hand(conn: sqlite3.Connection, story_id: int, title: str | None, now: datetime) -> None:
    """An editor gives a story its title; None: the lead post's again."""
    conn.execute(
        "UPDATE stories SET given_title = ?1, title = "
        f"coalesce(?1, (SELECT {called('posts')} FROM posts WHERE id = lead_post_id), title) WHERE id = ?2",
        (title, story_id),
    )
    _log_correction(conn, now, "rename", story_id=story_id, value=title)
    log_changes(conn, now, "story", "edited", [story_id])


def pin_by_hand(conn: sqlite3.Connection, story_id: int, is_pinned: bool, now: datetime) -> None:
    """An editor wants a story to stay as it is, and seen; or no longer."""
    conn.execute("UPDATE stories SET pinned_at = ? WHERE id = ?", (to_text(now) if is_pinned else None, story_id))
    _log_correction(conn, now, "pin" if is_pinned else "unpin", story_id=story_id)
    log_changes(conn, now, "story", "edited", [story_id])


def topic_by_hand(conn: sqlite3.Connection, post_id: int, topic: str, is_there: bool, now: datetime) -> None:
    """An editor says that a post is about a topic, or is not.

    Raises:
        NotFoundError: there is no such post or topic.
    """
    if not conn.execute("SELECT 1 FROM posts WHERE id = ?", (post_id,)).fetchone():
        raise NotFoundError(f"there is no post {post_id}")
    if not conn.execute("SELECT 1 FROM topics WHERE topic = ?", (topic,)).fetchone():
        raise NotFoundError(f"there is no topic {topic!r}; `aggregator topics --all` lists them")
    _log_correction(conn, now, "topic_add" if is_there else "topic_remove", post_id=post_id, value=topic)
    conn.execute("DELETE FROM post_topics WHERE post_id = ? AND topic = ?", (post_id, topic))
    if is_there:
        conn.execute("INSERT INTO post_topics VALUES (?, ?, 1.0, ?)", (post_id, topic, BY_HAND))
    log_changes(conn, now, "post", "edited", [post_id])


def _posts_of(conn: sqlite3.Connection, story_id: int) -> list[int]:
    return [row[0] for row in conn.execute("SELECT id FROM posts WHERE story_id = ? ORDER BY id", (story_id,))]


def _head(conn: sqlite3.Connection, story_id: int, post_ids: Sequence[int]) -> StoryHead:
    """The head of a story of these posts: the first article leads, else the first post."""
    row = conn.execute(
        f"SELECT id, {called('posts')}, language, sort_at "
        "FROM posts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY kind <> 'article', id LIMIT 1",
        (json.dumps(list(post_ids)),),
    ).fetchone()
    at = from_text(row[3]) or _NEVER
    return StoryHead(id=story_id, title=row[1], lead_post_id=row[0], language=row[2], at=at, is_new=True)


def _place_together(conn: sqlite3.Connection, post_ids: Iterable[int], now: datetime) -> None:
    """These posts are one story whatever comes; the first of them stands for it."""
    members = sorted(post_ids)
    conn.executemany(
        "INSERT INTO corrections (made_at, what, post_id, with_post_id) VALUES (?, 'place', ?, ?)",
        ((to_text(now), post_id, members[0]) for post_id in members),
    )


def _log_correction(
    conn: sqlite3.Connection, now: datetime, what: str, *, story_id: int | None = None, post_id: int | None = None,
    value: str | None = None,
) -> None:  # fmt: skip
    conn.execute(
        "INSERT INTO corrections (made_at, what, story_id, post_id, value) VALUES (?, ?, ?, ?, ?)",
        (to_text(now), what, story_id, post_id, value),
    )
