"""Pages are read beside polls: when, what happens when something goes wrong, and what cuts it off."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.engine.articles.reader import RETRIES
from aggregator.model.article import FetchedPage
from aggregator.model.post import Post
from aggregator.model.settings import Articles
from aggregator.storage.times import to_text
from aggregator.text.urls import canonical_url
from tests.helpers.poller_room import NOW, article
from tests.helpers.reader_room import DELAY, FERRY, GOOD, ReaderRoom, told

# ---------------------------------------------------------------- when


def status(link: str) -> Post:
    uri = "https://social.example/users/ann/statuses/1"
    return Post(
        kind="status", native_id="1", uri=uri, url="https://social.example/@ann/1", canonical_url=canonical_url(uri),
        text="The ferry is late again, read this", article_url=link, author="ann@social.example", published_at=NOW,
    )  # fmt: skip


async def test_the_page_of_a_status_is_left_alone_at_first(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "social", articles=Articles(judge=False, fetch="all", delay=DELAY))
    await room.brings("social", status("https://gazette.example/ferry"))
    assert await room.read() == []
    assert await room.read(DELAY * 1.4) == []
    assert await room.read(DELAY * 0.1) == ["ferry"]  # the dice said one and a half times as long


async def test_a_page_that_a_status_and_an_article_lead_to_is_read_once(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "social", "gazette", articles=Articles(judge=False, fetch="all", delay=DELAY))
    await room.brings("gazette", FERRY[0])
    await room.brings("social", status(FERRY[0].url or ""))
    assert await room.read(2 * DELAY) == ["ferry"]
    assert await room.read(timedelta(hours=1)) == []


async def test_no_more_than_the_day_allows(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all", per_day=2))
    assert len(await room.read_all()) == 2
    assert await room.read(timedelta(hours=23)) == []
    assert len(await room.read(timedelta(hours=2))) == 1


async def test_what_a_wrong_clock_has_put_ahead_does_not_count_for_the_day(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="stories", per_day=2))
    with room.database.write():
        room.database.conn.executemany(
            "INSERT INTO articles (canonical_url, url, queued_at, fetched_at) VALUES (?1, ?1, ?2, ?2)",
            [(name, "2031-01-01T00:00:00Z") for name in ("one", "two")],
        )
    assert sorted(await room.read()) == ["ferry", "rudder"]


async def test_what_a_kill_cut_off_counts_for_the_day(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all", per_day=1))
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked:
        await asyncio.sleep(0)
    # What a kill would leave, seen by another process.
    with closing(sqlite3.connect(room.database.path)) as conn:
        noted = conn.execute("SELECT fetched_at, attempts FROM articles WHERE attempts > 0").fetchall()
    assert noted == [(to_text(room.now), 1)]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    room.web.holds = False
    room.reader = room.new_reader()
    assert await room.read(timedelta(hours=23)) == []
    assert len(await room.read(timedelta(hours=2))) == 1


async def test_the_newest_stories_come_first(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="all", per_day=2))
    posts = [article(f"{hours}", f"Matter number {hours} alone", hours=hours) for hours in (30, 2, 9)]
    await room.brings("gazette", *posts)
    assert await room.read_all() == ["2", "9"]


async def test_one_page_of_a_domain_at_a_time_and_none_while_a_poll_has_it(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    source = room.poller.sources[0]
    room.poller.politeness.begin(source, room.now, is_failing=False)
    assert await room.read() == ["rudder"]
    room.poller.politeness.end(source)
    room.web.holds = True
    reading = asyncio.create_task(room.reader.go_on())
    while not room.web.asked or room.web.asked[-1] == "rudder":
        await asyncio.sleep(0)
    assert len(room.web.asked) == 2
    room.web.held.set()
    await reading


async def test_a_site_is_left_alone_as_long_as_it_asks_for(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    room.web.answers = {path: replace(GOOD, pause_seconds=30) for path in ("ferry", "museum")}
    assert len(await room.read()) == 2
    assert await room.read(timedelta(seconds=29)) == []
    assert len(await room.read(timedelta(seconds=2))) == 1


async def test_nothing_is_asked_for_while_our_own_network_is_down(tmp_path: Path) -> None:
    room = await told(tmp_path)
    room.poller.politeness.is_outage = True
    assert await room.read() == []
    room.poller.politeness.is_outage = False
    assert len(await room.read()) == 2


# ---------------------------------------------------------------- trouble


async def test_what_fails_for_now_is_tried_again_later_and_later_and_then_given_up(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.answers["rudder"] = FetchedPage(trouble="HTTP 503", http_status=503, is_passing=True)
    assert await room.read() == ["rudder"]
    for wait in RETRIES:
        assert await room.read(wait - timedelta(minutes=1)) == []
        assert await room.read(timedelta(minutes=1)) == ["rudder"]
    assert await room.read(timedelta(days=1)) == []
    assert room.rows("SELECT trouble, attempts, next_at FROM articles") == [("HTTP 503", len(RETRIES) + 1, None)]


async def test_a_server_may_ask_for_more_patience(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    later = NOW + timedelta(hours=2)
    room.web.answers["rudder"] = FetchedPage(trouble="HTTP 429", is_passing=True, retry_at=later)
    await room.read()
    assert await room.read(timedelta(hours=1)) == []
    assert await room.read(timedelta(hours=1)) == ["rudder"]


async def test_what_is_forbidden_or_missing_is_not_asked_for_again(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    room.web.answers["rudder"] = FetchedPage(trouble="robots.txt of herald.example forbids it")
    assert await room.read() == ["rudder"]
    assert await room.read(timedelta(days=1)) == []


async def test_a_bug_at_one_page_stops_no_other(tmp_path: Path) -> None:
    room = await told(tmp_path)
    room.web.answers["rudder"] = ValueError("odd")
    assert sorted(await room.read()) == ["ferry", "rudder"]
    assert room.rows("SELECT trouble FROM articles WHERE url LIKE '%rudder'") == [
        ("internal error, please report it: ValueError: odd",)
    ]
    assert await room.read(timedelta(days=1)) == []


async def test_an_edited_article_is_asked_for_again_with_its_validators(tmp_path: Path) -> None:
    room = await told(tmp_path)
    await room.read()
    room.now += timedelta(hours=2)
    await room.brings("gazette", replace(FERRY[0], text="A ferry lost its rudder in a storm; all are safe."))
    room.web.answers["ferry"] = FetchedPage(http_status=304)
    assert await room.read() == ["ferry"]
    assert room.web.due[-1].etag == '"1"'
    assert await room.read(timedelta(hours=2)) == []
    assert room.rows("SELECT count(*) FROM articles WHERE text IS NOT NULL") == [(2,)]


# ---------------------------------------------------------------- stops and starts


async def test_a_stop_cuts_off_what_is_under_way_and_a_new_start_asks_again(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    reading = await room.begin_reading()
    room.stop.set()
    async with asyncio.timeout(1):
        await reading
    assert room.rows("SELECT fetched_at, attempts FROM articles") == [(to_text(room.now), 1)]
    assert await room.read() == []
    room.stop.clear()
    room.web.holds = False
    room.reader = room.new_reader()
    assert await room.read() == ["rudder"]
    room.reader = room.new_reader()
    assert await room.read(timedelta(hours=1)) == []


async def test_a_changed_configuration_cuts_off_what_is_under_way(tmp_path: Path) -> None:
    room = await told(tmp_path, gazette="never")
    reading = await room.begin_reading()
    room.reader.use(room.config, room.poller, None)
    async with asyncio.timeout(1):
        await reading
    # It was asked for, and that is all: nothing is saved, and it stays due.
    state = room.rows("SELECT fetched_at, http_status, trouble, text, next_at <= fetched_at FROM articles")
    assert state == [(to_text(room.now), None, None, None, 1)]


async def test_with_a_turn_it_goes_on_until_all_that_is_due_was_read(tmp_path: Path) -> None:
    room = await told(tmp_path, articles=Articles(judge=False, fetch="all"))
    assert await room.reader.go_on(timedelta(minutes=1)) == 3
    assert sorted(room.web.asked) == ["ferry", "museum", "rudder"]
