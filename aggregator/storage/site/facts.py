"""What only the database can count of a story: for the sentences of its brief that are counted.

Of what may be shown, and up to the story's last post: what comes later changes nothing of it. Every query is bounded: a
topic that has more posts than are looked at is not counted at all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.model.facts import Facts, Nth, Week
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory, ShownTopic
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.times import from_text, to_text

# A topic with more posts is so common that nobody asks how many-th a story on it is.
_MOST_POSTS = 400
# Topics that half of a story's posts have, the first few of them.
_LEAST_SHARE, _MOST_TOPICS = 0.5, 4
_WEEK, _BEFORE = timedelta(days=7), timedelta(days=35)
# Statuses of a day that are looked at, those answered most first.
_MOST_STATUSES = 2_000

_OF_TOPIC = """
SELECT p.story_id, p.sort_at, s.first_at, s.source_count, s.last_at FROM
(SELECT post_id FROM post_topics WHERE topic = ? ORDER BY post_id DESC LIMIT ?) t
JOIN posts p ON p.id = t.post_id JOIN stories s ON s.id = p.story_id
WHERE p.copy_of IS NULL AND {shown}
"""
_IS_CUT = "SELECT 1 FROM post_topics WHERE topic = ? ORDER BY post_id DESC LIMIT 1 OFFSET ?"
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
    """Loads facts, each topic and each day once: make one for each run of a writer."""

    def __init__(self, conn: sqlite3.Connection, settings: Publish) -> None:
        self._conn, self._zone = conn, ZoneInfo(settings.timezone)
        shown = may_be_shown("p", settings.people)
        self._of_topic, self._of_day = _OF_TOPIC.format(shown=shown), _OF_DAY.format(shown=shown)
        begun = conn.execute("SELECT min(first_seen_at) FROM posts").fetchone()[0]
        self._begun = from_text(begun)
        self._topics: dict[str, list[_Told] | None] = {}
        self._days: dict[date, dict[int, int]] = {}

    def of(self, story: ShownStory) -> Facts:
        """What is counted beside this story."""
        topics = [topic for topic, share in story.topics if share >= _LEAST_SHARE][:_MOST_TOPICS]
        nth = [found for topic in topics if topic.is_entity and (found := self._nth(story, topic))]
        weeks = [of_week for topic in topics if (of_week := self._week(story, topic))]
        answers, is_most = self._answers(story)
        return Facts(nth=tuple(nth), weeks=tuple(weeks), answers=answers, is_most_answered=is_most)

    def _told(self, topic: str) -> list[_Told] | None:
        """The posts of a topic; None where there are too many."""
        if topic not in self._topics:
            is_cut = self._conn.execute(_IS_CUT, (topic, _MOST_POSTS)).fetchone()
            rows = () if is_cut else self._conn.execute(self._of_topic, (topic, _MOST_POSTS))
            self._topics[topic] = None if is_cut else [
                _Told(row[0], _time(row[1]), _time(row[2]), row[3], _time(row[4])) for row in rows
            ]  # fmt: skip
        return self._topics[topic]

    def _nth(self, story: ShownStory, topic: ShownTopic) -> Nth | None:
        told = self._told(topic.topic)
        if told is None or self._begun is None:
            return None
        month = self._local(story.first_at).date().replace(day=1)
        before = (month - timedelta(days=1)).replace(day=1)
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
        told, last = self._told(topic.topic), story.last_at
        if told is None or self._begun is None or self._begun > last - _BEFORE:
            return None
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


def _time(text: str) -> datetime:
    """A time that is always there."""
    found = from_text(text)
    assert found is not None
    return found
