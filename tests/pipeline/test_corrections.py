"""What a source says now is what is stored: dates, tags, files, authors; and nothing is told that nobody sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.dedupe.details import are_more, details
from aggregator.model.post import Enclosure
from tests.helpers.one_feed import EDITED, OneFeed, item
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

HOUR = timedelta(hours=1)


def episode(**more: Any) -> str:
    fields = {"guid": "ep-1", "link": "https://gazette.example/ep/1", "title": "Tides", "description": "On tides."}
    return item(**{**fields, "pubDate": NOW - 5 * HOUR, **more})


async def times(feed: OneFeed, *dates: datetime | str | None, **more: Any) -> list[str | None]:
    for date in dates:
        await feed.poll(episode(pubDate=date, **more))
    return feed.column("SELECT published_at FROM posts")


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, NOW - HOUR),  # left out at first
        (datetime(2062, 1, 1, tzinfo=UTC), NOW - HOUR),  # a typing error
        (NOW - HOUR, NOW - 9 * HOUR),  # too late
        (NOW - 9 * HOUR, NOW - HOUR),  # too early: we had not seen it then
    ],
)
async def test_a_corrected_date_is_taken_up_and_told(feed: OneFeed, before: datetime | None, now: datetime) -> None:
    assert await times(feed, before, now) == [f"{now:%Y-%m-%dT%H:%M:%SZ}"]
    assert feed.column("SELECT sort_at FROM posts") == feed.column("SELECT first_at FROM stories")
    assert feed.column("SELECT last_at FROM stories") == feed.column("SELECT published_at FROM posts")
    assert feed.column(EDITED) == [1]
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]


async def test_a_date_after_we_saw_it_is_a_renewed_one(feed: OneFeed) -> None:
    first = NOW - HOUR
    assert await times(feed, first, NOW + HOUR, NOW + 2 * HOUR) == [f"{first:%Y-%m-%dT%H:%M:%SZ}"]
    assert feed.column(EDITED) == [0]


async def test_without_an_id_a_later_date_is_a_renewed_one(feed: OneFeed) -> None:
    first = NOW - 9 * HOUR
    assert await times(feed, first, NOW - HOUR, guid=None) == [f"{first:%Y-%m-%dT%H:%M:%SZ}"]
    assert feed.column(EDITED) == [0]


async def test_a_date_that_is_no_longer_said_stays_also_when_the_text_changes(feed: OneFeed) -> None:
    first = NOW - HOUR
    assert await times(feed, first, None) == [f"{first:%Y-%m-%dT%H:%M:%SZ}"]
    assert await times(feed, None, description="On spring tides.") == [f"{first:%Y-%m-%dT%H:%M:%SZ}"]
    assert feed.column(EDITED) == [1]


async def test_parts_of_a_second_are_no_correction(feed: OneFeed) -> None:
    said = "2026-05-04T10:00:00.750Z"
    assert await times(feed, said, said, said) == ["2026-05-04T10:00:00Z"]
    assert feed.column(EDITED) == [0]


# ---------------------------------------------------------------- tags, files, authors


@pytest.mark.parametrize(
    ("more", "sql", "found"),
    [
        ({"category": ("Sea", "Moon")}, "SELECT tag FROM post_tags ORDER BY 1", ["Moon", "Sea"]),
        ({"enclosure": "https://cdn.example/1.mp3"}, "SELECT url FROM post_enclosures", ["https://cdn.example/1.mp3"]),
        ({"author": "Ann Moor"}, "SELECT author FROM posts", ["Ann Moor"]),
    ],
)
async def test_what_comes_later_is_taken_up_and_told_once(
    feed: OneFeed, more: dict[str, Any], sql: str, found: list[str]
) -> None:
    await feed.poll(episode())
    assert (await feed.poll(episode(**more))).edited == 1
    assert feed.column(sql) == found
    before = feed.state()
    assert (await feed.poll(episode(**more))).edited == 0
    assert feed.state() == before
    assert feed.column(EDITED) == [1]
    assert feed.column("SELECT count(*) FROM post_revisions") == [0]


async def test_a_file_that_moved(feed: OneFeed) -> None:
    await feed.poll(episode(enclosure="https://cdn.example/download?id=7"))
    await feed.poll(episode(enclosure="https://cdn.example/download?id=8"))
    assert feed.column("SELECT url FROM post_enclosures") == ["https://cdn.example/download?id=8"]


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/1.mp3?Expires={n}17955&Signature=aB{n}",
        "https://cdn.example/1.mp3?X-Amz-Date=20260504T1200{n}Z&X-Amz-Signature=00{n}",
        "https://cdn.example/1.mp3?v=3&u=0123456789abcdef{n}",
    ],
)
async def test_signed_addresses_are_not_told_at_every_poll(feed: OneFeed, address: str) -> None:
    for n in range(10, 14):
        await feed.poll(episode(enclosure=address.format(n=n), category=("A", "B") if n % 2 else ("B", "A")))
    assert feed.column(EDITED) == [0]


async def test_a_signed_address_is_stored_as_it_is_now(feed: OneFeed) -> None:
    signed = "https://cdn.example/1.mp3?Expires={n}17955&Signature=aB{n}"
    for n in (10, 11, 12):
        await feed.poll(episode(enclosure=(signed.format(n=n), "https://cdn.example/2.mp3")))
        now = [signed.format(n=n), "https://cdn.example/2.mp3"]
        assert feed.column("SELECT url FROM post_enclosures ORDER BY url") == now
    assert feed.column(EDITED) == feed.column("SELECT count(*) FROM post_revisions") == [0]


async def test_type_and_length_of_a_file_that_are_said_later_are_stored(feed: OneFeed) -> None:
    said = episode(enclosure="https://cdn.example/1.mp3")
    await feed.poll(said.replace(' type="audio/mpeg" length="9"', ""))
    await feed.poll(said)
    assert feed.rows("SELECT media_type, length FROM post_enclosures") == [("audio/mpeg", 9)]
    assert feed.column(EDITED) == [0]


async def test_what_is_said_twice_of_one_file_is_written_once(feed: OneFeed) -> None:
    said = episode(enclosure=("https://cdn.example/1.mp3", "https://cdn.example/1.mp3"))
    first, second = said.replace('length="9"', 'length="7"', 1), said
    await feed.poll(first)
    await feed.poll(first)
    assert feed.column("SELECT length FROM post_enclosures") == [7]
    written = feed.room.database.conn.total_changes
    await feed.poll(first)
    each = feed.room.database.conn.total_changes - written
    await feed.poll(second)
    assert feed.room.database.conn.total_changes - written > 2 * each
    assert feed.column("SELECT length FROM post_enclosures") == [9]


async def test_what_an_older_version_stored_is_not_told_unless_it_differs(feed: OneFeed) -> None:
    await feed.poll(episode(), item(guid="2", link="https://gazette.example/2", title="Two"))
    with feed.room.database.write():
        feed.room.database.conn.execute("DELETE FROM post_details")
    assert (await feed.poll(episode(), item(guid="2", link="https://gazette.example/2", title="Two"))).edited == 0
    polled = await feed.poll(episode(category="Sea"), item(guid="2", link="https://gazette.example/2", title="Two"))
    assert polled.edited == 1
    assert feed.rows("SELECT p.title, t.tag FROM posts p LEFT JOIN post_tags t ON t.post_id = p.id ORDER BY 1") == [
        ("Tides", "Sea"),
        ("Two", None),
    ]


async def test_two_sources_with_one_article_leave_each_other_alone(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "one", "two")
    for name, tags in (("one", ("Sea",)), ("two", ("Ships",))):
        post = replace(article("ferry", "The ferry", "It sails."), tags=tags, author=name)
        for _ in range(3):
            room.collect.posts(url_of(name), [post])
    for _ in range(3):
        assert [polled.edited for polled in await room.poll()] == [0, 0]
        room.now += HOUR
    room.database.close()


# ---------------------------------------------------------------- statuses


def test_of_a_status_only_more_is_news() -> None:
    media = Enclosure(url="https://files.a.example/1.png").url
    bare, tagged, both = (
        details("status", "ann", tags, files) for tags, files in (((), ()), (("ai",), ()), (("ai",), (media,)))
    )
    elsewhere = details("status", "ann", ("ai",), ("https://cache.b.example/9.png",))
    only_file = details("status", "ann", (), (media,))
    assert are_more(tagged, bare)
    assert are_more(both, tagged)
    assert not are_more(bare, tagged)
    assert not are_more(elsewhere, both)
    assert not are_more(only_file, tagged)
    assert not are_more(tagged, only_file)
