"""What came since a target looked last → what it is to be told: rows that wait, in short transactions.

Only posts that came are looked at, not what a rebuild, an upgrade or an editor moved. What a target is told of a story
goes by its posts: see `aggregator.storage.outbox.noting`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from aggregator.engine.outbox.times import quiet_until
from aggregator.model.outbox import Notify
from aggregator.model.settings import People
from aggregator.storage.changelog import move_to, place_of
from aggregator.storage.database import Database
from aggregator.storage.outbox.noting import (
    SeenPost,
    changes_after,
    group_due,
    load_by_story,
    load_posts,
    note,
    publishers_of,
    told_as_story,
    waiting_stories,
)
from aggregator.storage.outbox.sources import has_outage, source_news
from aggregator.storage.outbox.targets import Begun, consumer_of, load_target
from aggregator.storage.outbox.wanted import posts_meeting, sources_in, stories_meeting

# Of the log of changes in one transaction, for which a poll may wait: some ten milliseconds.
_MOST_CHANGES = 1_000


def fill(database: Database, notify: Notify, people: People, now: datetime) -> bool:
    """Note what came that a target is to be told, up to a thousand changes; whether there are more.

    Raises:
        StorageError: the database can't be written; the next time does it again.
    """
    conn = database.conn
    with database.guarded():
        target = load_target(conn, notify.name)
        place = place_of(conn, consumer_of(notify.name))
    if target is None:
        return False
    if not place.is_behind:
        return False
    with database.write():
        if place.is_lost or place.seq is None:
            structlog.get_logger("notify").warning(
                "changes are not kept any more that were not told of; it goes on with the newest", target=notify.name
            )
            move_to(conn, consumer_of(notify.name), place.newest, now)
            return False
        changed = changes_after(conn, place.seq, _MOST_CHANGES)
        if changed is None:
            move_to(conn, consumer_of(notify.name), place.newest, now)
            return False
        if changed.posts:
            _Filling(database, notify, target, people, now).posts(changed.posts)
        move_to(conn, consumer_of(notify.name), changed.up_to, now)
    return changed.up_to < place.newest


def fill_again(database: Database, notify: Notify, people: People, stories: Collection[int], now: datetime) -> None:
    """A target took a message of these stories: note what came of them while that was under way. Expects an open
    transaction."""
    target = load_target(database.conn, notify.name)
    if target is not None and "grown" in notify.on:
        _Filling(database, notify, target, people, now).stories(stories)


@dataclass(slots=True)
class _Filling:
    """One step for one target, in the transaction that is open."""

    database: Database
    notify: Notify
    target: Begun
    people: People
    now: datetime

    def posts(self, ids: Sequence[int]) -> None:
        """These posts came."""
        conn = self.database.conn
        came = [each for each in load_posts(conn, self.target, ids, self.people) if not each.is_known]
        news = [each for each in came if not each.is_told]
        if "post" in self.notify.on:
            self._single([each for each in news if not each.is_copy])
        if {"story", "grown"} & set(self.notify.on):
            self.stories({each.story_id for each in news if each.story_id is not None})

    def _single(self, posts: Sequence[SeenPost]) -> None:
        met = posts_meeting(self.database.conn, self.notify.wanted, posts)
        for post in posts:
            if all(post.id in each for each in met):
                self._note("post", post.id, [post.id])

    def stories(self, ids: Iterable[int]) -> None:
        """Something came into these stories."""
        conn, name = self.database.conn, self.target.name
        of_story = load_by_story(conn, self.target, sorted(ids), self.people)
        told, waiting = told_as_story(conn, name, of_story), waiting_stories(conn, name, of_story)
        for story_id in stories_meeting(conn, self.notify.wanted, of_story, self.now):
            if story_id not in waiting:
                self._story(story_id, of_story[story_id], is_told=story_id in told)

    def _story(self, story_id: int, posts: Sequence[SeenPost], *, is_told: bool) -> None:
        """A story that is wanted, into which news came."""
        known = [post for post in posts if post.is_known]
        before = [post for post in posts if post.is_known or post.is_told]
        is_told = is_told or any(post.is_told for post in posts)
        was_one = bool(known) and len(publishers_of(known)) >= self.notify.wanted.min_sources
        if not is_told and not was_one:
            if "story" in self.notify.on:
                self._note("story", story_id, [post.id for post in posts])
        elif "grown" in self.notify.on and len(publishers_of(posts) - publishers_of(before)) >= self.notify.grown_by:
            self._note("grown", story_id, [post.id for post in posts if not (post.is_known or post.is_told)])

    def _note(self, kind: str, row_id: int, posts: Sequence[int]) -> None:
        due_at = due_time(self.database, self.notify, self.target, self.now)
        note(self.database.conn, self.target.name, kind, row_id, posts, self.now, due_at)


def due_time(database: Database, notify: Notify, target: Begun, now: datetime) -> datetime:
    """When what is noted now is sent: with the group that is open, behind quiet hours and the pause of the target."""
    at = now
    if notify.digest:
        at = group_due(database.conn, target.name) or now + notify.digest
    at = max(at, target.not_before or at, now)
    return quiet_until(notify.quiet, at) or at


def fill_sources(database: Database, notify: Notify, now: datetime) -> None:
    """Note which sources died or are back, of which a target is to be told.

    Raises:
        StorageError: the database can't be written; the next time does it again.
    """
    conn = database.conn
    with database.guarded():
        target = load_target(conn, notify.name)
        if target is None or has_outage(conn):
            return
        news = source_news(conn, target.name, now, notify.dead_after)
        if notify.wanted.folders and (news.died or news.back):
            inside = sources_in(conn, notify.wanted.folders)
            news = news._replace(
                died=[each for each in news.died if each in inside], back=[each for each in news.back if each in inside]
            )
    if not news.died and not news.back:
        return
    with database.write():
        due_at = due_time(database, notify, target, now)
        for kind, sources in (("died", news.died), ("back", news.back)):
            for source_id in sources:
                note(conn, target.name, kind, source_id, (), now, due_at)
