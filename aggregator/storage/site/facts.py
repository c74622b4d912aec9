"""What only the database can count of a story: for the sentences of its brief that are counted.

Of what may be shown, and up to the story's last post: what comes later changes nothing of it. Every query is bounded by
time: of a topic the posts of a month are read at once, and no more months than a sentence is about.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.model.facts import Facts, Nth, Week
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory, ShownTopic
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.times import from_text, to_text

# Posts of topics that are remembered, some 300 bytes each. The stories of a run are mostly of the same few months.
_MOST_KEPT = 50_000
# Topics that half of a story's posts have, the first few of them.
_LEAST_SHARE, _MOST_TOPICS = 0.5, 4
_WEEK, _BEFORE = timedelta(days=7), timedelta(days=35)
# Statuses of a day that are looked at, those answered most first.
_MOST_STATUSES = 2_000

_OF_TOPIC = """
SELECT p.story_id, p.sort_at, s.first_at, s.source_count, s.last_at FROM topic_posts t
CROSS JOIN posts p ON p.id = t.post_id CROSS JOIN stories s ON s.id = p.story_id
WHERE t.topic = ? AND t.sort_at >= ? AND t.sort_at < ? AND p.copy_of IS NULL AND {shown}
"""
_ANSWERS = """
SELECT coalesce(sum(coalesce(boosts, 0) + coalesce(replies, 0)), 0) FROM posts
WHERE id IN (SELECT value FROM json_each(?)) AND kind = 'status'
"""
_OF_DAY = """
SELECT p.story_id, sum(coalesce(p.boosts, 0) + coalesce(p.replies, 0)) AS answers FROM posts p
WHERE p.sort_at >= ? AND p.sort_at < ? AND p.kind = 'status' AND p.story_id IS NOT NULL AND {shown}
GROUP BY p.story_id ORDER BY answers DESC LIMIT ?
"""


class _Told(NamedTuple):
    """A post of a topic, and of its story since and until when, and how many publishers carry that."""

    story_id: int
    at: datetime
    first_at: datetime
    voices: int
    last_at: datetime


class FactsRows:
    """Loads facts, each month of a topic and each day once: make one for each run of a writer."""

    def __init__(self, conn: sqlite3.Connection, settings: Publish) -> None:
        self._conn, self._zone = conn, ZoneInfo(settings.timezone)
        shown = may_be_shown("p", settings.people)
        self._of_topic, self._of_day = _OF_TOPIC.format(shown=shown), _OF_DAY.format(shown=shown)
        begun = conn.execute("SELECT min(first_seen_at) FROM posts").fetchone()[0]
        self._begun = from_text(begun)
        self._months: dict[tuple[str, date], list[_Told]] = {}
        self._kept = 0
        self._days: dict[date, dict[int, int]] = {}

    def of(self, story: ShownStory) -> Facts:
        """What is counted beside this story."""
        topics = [topic for topic, share in story.topics if share >= _LEAST_SHARE][:_MOST_TOPICS]
        nth = [found for topic in topics if topic.is_entity and (found := self._nth(story, topic))]
        weeks = [of_week for topic in topics if (of_week := self._week(story, topic))]
        answers, is_most = self._answers(story)
        return Facts(nth=tuple(nth), weeks=tuple(weeks), answers=answers, is_most_answered=is_most)

    def _told(self, topic: str, first: date, last: date) -> Iterator[_Told]:
        """The posts of a topic in the months of these two days and between them."""
        month = first.replace(day=1)
        while month <= last:
            yield from self._told_in(topic, month)
            month = _next(month)

    def _told_in(self, topic: str, month: date) -> list[_Told]:
        found = self._months.get((topic, month))
        if found is None:
            bounds = [to_text(datetime.combine(each, time(), self._zone)) for each in (month, _next(month))]
            rows = self._conn.execute(self._of_topic, (topic, *bounds))
            found = [_Told(row[0], _time(row[1]), _time(row[2]), row[3], _time(row[4])) for row in rows]
            self._kept += len(found)
            if self._kept > _MOST_KEPT:
                self._months, self._kept = {}, len(found)
            self._months[topic, month] = found
        return found

    def _nth(self, story: ShownStory, topic: ShownTopic) -> Nth | None:
        if self._begun is None:
            return None
        month = self._local(story.first_at).date().replace(day=1)
        before = (month - timedelta(days=1)).replace(day=1)
        told = list(self._told(topic.topic, before, month))
        carried = {each.story_id: self._local(each.first_at).date() for each in told if each.voices > 1}
        so_far = {
            each.story_id
            for each in told
            if each.story_id in carried and (each.first_at, each.story_id) < (story.first_at, story.id)
        } - {story.id}
        if self._may_be_told(story, told, so_far):
            return None
        nth = 1 + sum(carried[each] >= month for each in so_far)
        is_known = self._local(self._begun).date() <= before
        return Nth(topic, nth, sum(before <= carried[each] < month for each in so_far) if is_known else None)

    def _may_be_told(self, story: ShownStory, told: Sequence[_Told], so_far: set[int]) -> bool:
        """May one of these stories be of the same event? It goes on while this one begins, or this one continues it."""
        lasting = {each.story_id for each in told if each.last_at >= story.first_at}
        continued = {link.id for link in story.earlier if link.kind == "continues"}
        return not so_far.isdisjoint(lasting | continued)

    def _week(self, story: ShownStory, topic: ShownTopic) -> Week | None:
        last = story.last_at
        if self._begun is None or self._begun > last - _BEFORE:
            return None
        told = self._told(topic.topic, self._local(last - _BEFORE).date(), self._local(last).date())
        ages = [last - each.at for each in told if last - _BEFORE < each.at <= last]
        week = sum(age < _WEEK for age in ages)
        return Week(topic, week, (len(ages) - week) / 4)

    def _answers(self, story: ShownStory) -> tuple[int, bool]:
        statuses = [post.id for post in story.posts if post.kind == "status"]
        if not statuses:
            return 0, False
        answers = self._conn.execute(_ANSWERS, (json.dumps(statuses),)).fetchone()[0]
        of_day = self._answered_on(self._local(story.last_at).date()) if answers else {}
        return answers, bool(answers) and all(
            count < answers for story_id, count in of_day.items() if story_id != story.id
        )

    def _answered_on(self, day: date) -> dict[int, int]:
        if day not in self._days:
            bounds = [to_text(datetime.combine(each, time(), self._zone)) for each in (day, day + timedelta(days=1))]
            rows: Sequence[tuple[int, int]] = self._conn.execute(self._of_day, (*bounds, _MOST_STATUSES)).fetchall()
            self._days[day] = dict(rows)
        return self._days[day]

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)


def _next(month: date) -> date:
    """The first day of the month after the one of this first day."""
    return (month + timedelta(days=31)).replace(day=1)


def _time(text: str) -> datetime:
    """A time that is always there."""
    found = from_text(text)
    assert found is not None
    return found
