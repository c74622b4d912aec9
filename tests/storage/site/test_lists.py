"""Which stories stand where, as ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.errors import AggregatorError
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.model.site import ShownTopic
from aggregator.storage.site.lists import Lists
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import NOW, PollerRoom, article, subjects, url_of


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier")
    yield room
    room.database.close()


@pytest.fixture
def opened(room: PollerRoom) -> Iterator[Any]:
    """`Lists` by settings, of the database as it is now."""
    rows: list[SiteRows] = []

    def lists(**settings: Any) -> Lists:
        rows.append(SiteRows(room.config.storage.path, Publish(**settings)))
        return rows[-1].lists

    yield lists
    for each in rows:
        each.__exit__()


async def test_an_empty_database_has_nothing(room: PollerRoom, opened: Any) -> None:
    await room.poll()
    lists = opened()
    assert lists.newest_days(2) == []
    assert lists.newest(5) == lists.newest_paged(5) == lists.all_paged() == lists.all_days() == []
    assert lists.gone() == lists.merged() == []
    assert (lists.totals().posts, lists.totals().since) == (0, None)


async def test_days_are_those_of_the_sites_zone(room: PollerRoom, opened: Any) -> None:
    late = replace(
        article("late", "A ferry comes late"), published_at=NOW.replace(hour=23, minute=30) - timedelta(days=1)
    )
    room.collect.posts(url_of("gazette"), [late])
    await room.poll()
    assert opened().newest_days(2) == [date(2026, 5, 3)]
    lists = opened(timezone="Europe/Berlin")
    assert lists.newest_days(2) == [date(2026, 5, 4)]
    assert lists.days_of([1]) == {date(2026, 5, 4)}
    assert lists.single_on(date(2026, 5, 4), 9) == [1]
    assert lists.single_on(date(2026, 5, 3), 9) == []


async def test_what_a_first_poll_brings_of_years_ago_makes_no_days(room: PollerRoom, opened: Any) -> None:
    old = replace(article("old", "A ferry of long ago"), published_at=NOW - timedelta(days=700))
    room.collect.posts(url_of("gazette"), [old, article("new", "Bakers raise the tariff")])
    await room.poll()
    assert opened().all_days() == [NOW.date()]


async def test_topics_and_sources_have_their_newest_first(room: PollerRoom, opened: Any) -> None:
    room.collect.posts(url_of("gazette"), subjects(8))
    await room.poll()
    lists = opened()
    assert lists.all_topics() == ["ferries"]
    by_time = [row[0] for row in room.rows("SELECT DISTINCT story_id FROM posts ORDER BY sort_at DESC")]
    ferries = {row[0] for row in room.rows("SELECT story_id FROM posts WHERE title LIKE '%ferry%'")}
    assert lists.of_topic("ferries", 9) == [each for each in by_time if each in ferries]
    assert lists.of_topic("ferries", 1) == lists.of_topic("ferries", 9)[:1]
    assert lists.of_topic("nothing", 9) == []
    assert set(lists.of_source(1, 9)) == set(by_time)
    assert lists.of_source(2, 9) == []
    assert lists.topics_of(by_time) == {"ferries"}
    assert lists.sources_of(by_time) == {1}
    [week] = lists.weeks(NOW.date(), {"ferries": ("ferries", "Ferries", "topic")})
    assert (week.stories, week.posts, week.usual) == (len(ferries), 2, 0.0)


async def test_saved_queries_select_by_all_their_conditions(room: PollerRoom, opened: Any) -> None:
    ferry = replace(article("a", "Ferry loses its rudder", "The ferry lost its rudder off Port Marlow on Monday."))
    bread = article("b", "Bakers raise the night tariff", "Bread is dearer at night from Friday on, say the bakers.")
    room.collect.posts(url_of("gazette"), [ferry, bread])
    await room.poll()
    lists = opened()
    ids = dict(room.rows("SELECT title, story_id FROM posts"))

    def found(**conditions: Any) -> list[int]:
        return lists.found(SavedQuery(name="one", title="One", **conditions), 9)

    assert found(query="rudder") == found(topics=["ferries"]) == [ids["Ferry loses its rudder"]]
    assert found(query="rudder OR bread", languages=["en"]) == found(query="rudder OR bread") != []
    assert found(query="bread", topics=["ferries"]) == []
    assert found(query="rudder", languages=["de"]) == []
    assert found(query="rudder", min_sources=2) == []
    with pytest.raises(AggregatorError):
        found(query="ferry AND")


async def test_a_saved_query_selects_by_the_folders_of_the_sources(room: PollerRoom, opened: Any) -> None:
    first = article("a", "Ferry loses its rudder", "The ferry lost its rudder off Port Marlow on Monday.")
    bread = article("b", "Bakers raise the night tariff", "Bread is dearer at night from Friday on.", host="courier")
    room.collect.posts(url_of("gazette"), [first])
    room.collect.posts(url_of("courier"), [bread])
    await room.poll()
    conn = room.database.conn
    conn.execute("UPDATE sources SET folder = 'Press/Ports' WHERE id = 1")
    conn.execute("UPDATE sources SET folder = 'Pressure' WHERE id = 2")
    ids = dict(room.rows("SELECT title, story_id FROM posts"))

    def found(*folders: str) -> list[int]:
        return opened().found(SavedQuery(name="one", title="One", folders=folders), 9)

    assert found("press") == found("Press/Ports") == [ids["Ferry loses its rudder"]]
    assert found("Pressure") == [ids["Bakers raise the night tariff"]]
    assert set(found("Press", "Pressure")) == set(ids.values())
    assert found("Ports") == found("Pres") == []
    conn.execute("UPDATE sightings SET by_token = 1 WHERE source_id = 2")
    assert found("Pressure") == []


async def test_what_is_not_shown_selects_nothing(room: PollerRoom, opened: Any) -> None:
    url = "https://isle.example/@zed/1"
    shy = replace(
        article("a", "", "I saw the lighthouse go dark."), kind="status", title="", url=url, uri=url, indexable=False,
        author="zed@isle.example",
    )  # fmt: skip
    room.collect.posts(url_of("gazette"), [shy])
    await room.poll()
    query = SavedQuery(name="one", title="One", query="lighthouse")
    assert opened().found(query, 9) == []
    assert opened(people="all").found(query, 9) == [1]


async def test_stories_that_are_gone_or_merged_are_told(room: PollerRoom, opened: Any) -> None:
    room.collect.posts(url_of("gazette"), subjects(4))
    await room.poll()
    conn = room.database.conn
    conn.execute("UPDATE posts SET gone_at = '2026-05-04T13:00:00Z' WHERE story_id = 1")
    conn.execute("UPDATE stories SET post_count = 0 WHERE id = 1")
    conn.execute("UPDATE stories SET merged_into = 3, post_count = 0 WHERE id = 2")
    lists = opened()
    assert [(each.id, each.at.hour) for each in lists.gone()] == [(1, 13)]
    assert [(each.id, each.into) for each in lists.merged()] == [(2, 3)]
    assert lists.merged([1]) == []


async def test_what_is_not_shown_takes_no_place(room: PollerRoom, opened: Any) -> None:
    """However much of it there is, and how new it is."""
    public = [article(f"p{number}", f"Public report {number} on the ferry", hours=30) for number in range(3)]
    room.collect.posts(url_of("gazette"), public)
    await room.poll()
    before = opened()
    day = before.newest_days(1)
    secret = [
        article(f"s{number}", f"Secret papers {number} of the minister: her yacht and a ferry", host="courier")
        for number in range(30)
    ]
    room.collect.posts(url_of("courier"), secret)
    await room.poll()
    room.database.conn.execute("UPDATE sightings SET by_token = 1 WHERE source_id = 2")
    after = opened()
    assert after.newest_days(1) == day
    assert after.newest(3) == before.newest(3) != []
    assert after.of_topic("ferries", 3) == before.of_topic("ferries", 3) != []
    assert after.single_on(day[0], 3) == before.single_on(day[0], 3) != []
    assert after.of_source(2, 3) == []
    topics = {"ferries": ShownTopic("ferries", "Ferries", "topic")}
    assert after.weeks(day[0], topics) == before.weeks(day[0], topics)
    query = SavedQuery(name="one", title="One", topics=["ferries"])
    assert after.found(query, 3) == before.found(query, 3) != []
    room.database.conn.execute("UPDATE sources SET publish = 1 WHERE id = 2")
    assert opened().newest_days(1) != day
