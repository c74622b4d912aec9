"""What only the database can count of a story: of what may be shown, and bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model.settings import Publish
from aggregator.storage.site.facts import _OF_TOPIC
from aggregator.storage.site.shown import may_be_shown
from tests.helpers.story_rows import NOW, StoryRows


@pytest.fixture
def room(tmp_path: Path) -> StoryRows:
    return StoryRows(tmp_path)


def test_the_how_many_th_of_its_month(room: StoryRows) -> None:
    room.story(NOW - timedelta(days=70), posts=1)
    room.story(NOW - timedelta(days=33))
    room.story(NOW - timedelta(days=32), posts=1)  # one voice alone
    one, two = room.story(NOW - timedelta(days=9)), room.story(NOW - timedelta(days=3))
    room.story(NOW + timedelta(days=1))
    assert [(each.nth, each.before) for each in room.facts(one).nth] == [(1, 1)]
    assert [(each.nth, each.before) for each in room.facts(two).nth] == [(2, 1)]


def test_a_story_that_may_be_of_the_same_event_is_no_other_one(room: StoryRows) -> None:
    first = room.story(NOW - timedelta(days=3))
    second = room.story(NOW - timedelta(days=2))
    assert [each.nth for each in room.facts(second).nth] == [2]
    room.database.conn.execute("UPDATE stories SET last_at = ? WHERE id = ?", (f"{NOW:%Y-%m-%dT%H:%M:%SZ}", first))
    assert room.facts(second).nth == ()


def test_the_month_before_is_not_counted_where_the_database_is_younger(room: StoryRows) -> None:
    room.story(NOW - timedelta(days=15))
    assert [(each.nth, each.before) for each in room.facts(room.story(NOW)).nth] == [(2, None)]


def test_a_month_begins_where_the_reader_lives(room: StoryRows) -> None:
    room.story(datetime(2026, 10, 31, 16, tzinfo=UTC))
    late = room.story(datetime(2026, 11, 1, 3, tzinfo=UTC))
    assert room.facts(late).nth[0].nth == 1
    assert room.facts(late, Publish(timezone="Asia/Tokyo")).nth[0].nth == 2


def test_a_topic_beside_its_usual_week(room: StoryRows) -> None:
    room.story(NOW - timedelta(days=36), posts=1)
    for days in (29, 20, 10, 9):
        room.story(NOW - timedelta(days=days), posts=1)
    room.story(NOW - timedelta(days=2))
    [week] = room.facts(room.story(NOW)).weeks
    assert (week.week, week.usual) == (4, 1.0)


def test_nobody_knows_a_usual_week_of_a_young_database(room: StoryRows) -> None:
    room.story(NOW - timedelta(days=20))
    assert room.facts(room.story(NOW)).weeks == ()


def test_what_may_not_be_shown_is_not_counted(room: StoryRows) -> None:
    room.story(NOW - timedelta(days=3), kind="status", noindex=1, author="x@isle.example")
    story = room.story(NOW)
    assert room.facts(story).nth[0].nth == 1
    assert room.facts(story, Publish(people="all")).nth[0].nth == 2


def test_a_topic_of_very_many_posts_is_counted_by_those_of_its_time(room: StoryRows) -> None:
    with room.database.write():
        for days in range(100, 1_100):
            room.story(NOW - timedelta(days=days), posts=3)
        room.story(NOW - timedelta(days=33))
        room.story(NOW - timedelta(days=3), posts=450)
    facts = room.facts(room.story(NOW))
    assert [(each.nth, each.before) for each in facts.nth] == [(2, 1)]
    assert [(each.week, each.usual) for each in facts.weeks] == [(452, 0.5)]


def test_only_the_posts_of_a_time_are_read(room: StoryRows) -> None:
    sql = _OF_TOPIC.format(shown=may_be_shown("p", "agreed"))
    plan = [row[3] for row in room.database.conn.execute(f"EXPLAIN QUERY PLAN {sql}", ("aurore", "", ""))]
    assert plan[0] == "SEARCH t USING PRIMARY KEY (topic=? AND sort_at>? AND sort_at<?)"
    assert not [line for line in plan if line.startswith("SCAN")]


def test_the_most_answered_of_its_day(room: StoryRows) -> None:
    status = {"kind": "status", "author": "x@isle.example", "indexable": 1}
    loud = room.story(NOW, **status, boosts=9, replies=3)
    quiet = room.story(NOW - timedelta(hours=2), **status, boosts=2)
    room.story(NOW - timedelta(days=2), **status, boosts=900)
    assert (room.facts(loud).answers, room.facts(loud).is_most_answered) == (24, True)
    assert (room.facts(quiet).answers, room.facts(quiet).is_most_answered) == (4, False)
    assert not room.facts(room.story(NOW - timedelta(hours=1), **status)).is_most_answered
