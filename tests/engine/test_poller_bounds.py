"""A poll has an end, holds little, and leaves nothing behind, whatever its sources do."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.engine.deadlines import InTime
from aggregator.engine.in_flight import MOST_HELD
from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config, Network, Polling
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import Allowance
from aggregator.sources.processes.pool import longest_reading
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of


def names(count: int) -> list[str]:
    return [f"paper{number}" for number in range(count)]


def alive() -> int:
    """Results of polls in memory."""
    gc.collect()
    return sum(isinstance(thing, Collected) for thing in gc.get_objects())


async def most_alive(folder: Path, sources: int, posts: int = 0) -> int:
    """How many results are alive at most while so many sources are polled, looked at after every fiftieth."""
    room = PollerRoom(folder, *names(sources), concurrency=16)
    if posts:
        for name in names(sources):
            room.collect.posts(
                url_of(name), [article(f"{name}-{number}", f"{name} {number}", host=name) for number in range(posts)]
            )
    counts: list[int] = []
    done = 0

    def on_polled(_: object) -> None:
        nonlocal done
        done += 1
        if done % 50 == 0:
            counts.append(alive())

    try:
        await room.poller.poll(room.poller.sources, on_polled=on_polled)
    finally:
        room.database.close()
    assert done == sources
    return max(counts)


@pytest.mark.parametrize("posts", [0, 1])
async def test_a_poll_of_many_sources_holds_no_more_results_than_one_of_few(tmp_path: Path, posts: int) -> None:
    few = await most_alive(tmp_path / "few", 200, posts)
    many = await most_alive(tmp_path / "many", 1_000, posts)
    assert few <= 50
    assert many <= 50


@pytest.mark.parametrize("posts", [0, 1])
async def test_what_waits_behind_a_slow_source_is_bounded_too(tmp_path: Path, posts: int) -> None:
    """That is what has a place behind it: what brought nothing is saved."""
    room = PollerRoom(tmp_path, *names(MOST_HELD + 100), concurrency=16)
    for name in names(MOST_HELD + 100):
        room.collect.posts(url_of(name), [article(name, f"Title {name}", host=name)] * posts)
    slow = room.collect.hang(url_of("paper0"))
    poll = asyncio.create_task(room.poll())
    while len(room.collect.asked) < MOST_HELD:
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    if posts:
        assert len(room.collect.asked) <= MOST_HELD + 16
    else:
        assert len(room.collect.asked) == MOST_HELD + 100
    slow.set()
    assert len(await poll) == MOST_HELD + 100
    room.database.close()


async def test_a_source_that_never_answers_is_ended_and_the_poll_goes_on(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, *names(8), deadline=timedelta(seconds=0.1))
    room.collect.hang(url_of("paper3"))
    async with asyncio.timeout(30):
        polled = await room.poll()
    assert sorted(each.collected.source.title or "" for each in polled) == names(8)
    assert room.rows("SELECT status, last_error FROM sources WHERE title = 'paper3'") == [
        ("failing", "the poll took longer than 0.1s and was ended")
    ]
    assert room.rows("SELECT count(*) FROM sources WHERE status = 'ok'") == [(7,)]
    room.database.close()


async def test_a_source_that_cannot_even_be_cancelled_holds_up_neither_poll_nor_stop(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, *names(4), deadline=timedelta(seconds=0.1))
    freed = asyncio.Event()
    collect = room.collect

    async def stubborn(source: Source, memory: SourceMemory, now: datetime) -> Collected:
        while source.title == "paper1" and not freed.is_set():
            try:
                await freed.wait()
            except asyncio.CancelledError:
                continue
        return await collect(source, memory, now)

    room.poller.asking.collect = stubborn
    async with asyncio.timeout(30):
        polled = await room.poll()
    assert {each.collected.outcome for each in polled} == {Outcome.FAILED, Outcome.NOT_MODIFIED}
    freed.set()
    room.database.close()


async def test_a_stop_ends_the_tasks_that_were_under_way_before_it_saves_the_rest(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, *names(4))
    room.collect.hang(url_of("paper0"))
    room.collect.posts(url_of("paper1"), [article("1", "The ferry sails again")])
    before, stop = asyncio.all_tasks(), asyncio.Event()
    unfinished: list[int] = []

    def on_polled(_: object) -> None:
        unfinished.append(sum(not task.done() for task in asyncio.all_tasks() - before - {poll}))

    poll = asyncio.create_task(room.poller.poll(room.poller.sources, stop=stop, on_polled=on_polled))
    while len(room.collect.asked) < 4:
        await asyncio.sleep(0)
    stop.set()
    await poll
    assert room.rows("SELECT count(*) FROM posts") == [(1,)]
    assert unfinished == [0, 0, 0]
    assert asyncio.all_tasks() == before
    room.database.close()


def test_the_time_that_a_source_may_take_is_more_than_all_its_parts_and_has_an_end() -> None:
    config = Config(
        network=Network(timeout=timedelta(seconds=30)), polling=Polling(parse_timeout=timedelta(seconds=20))
    )
    in_time = InTime(config)
    feed = Source(kind="feed", url=url_of("gazette"))
    hashtag = Source(kind="hashtag", url="https://social.example/tags/ferry")
    assert in_time.deadline(feed, None) > config.network.timeout + longest_reading(config.polling.parse_timeout)
    assert in_time.deadline(hashtag, Allowance(2, 1)) > 3 * config.network.timeout
    assert in_time.deadline(hashtag, Allowance(24, 24)) == timedelta(minutes=15)


@pytest.mark.parametrize("seconds", [1, 20, 60, 120, 600])
def test_a_daemon_is_not_called_stuck_while_one_source_takes_the_time_that_it_may(seconds: int) -> None:
    feed = Source(kind="feed", url=url_of("gazette"))
    hashtag = Source(kind="hashtag", url="https://social.example/tags/ferry")
    in_time = InTime(Config(polling=Polling(parse_timeout=timedelta(seconds=seconds))))
    assert in_time.until_one_ends([feed]) > in_time.deadline(feed, None)
    assert in_time.until_one_ends([feed, hashtag]) > in_time.deadline(hashtag, Allowance(99, 99))
    assert in_time.until_one_ends([feed]) <= timedelta(minutes=40)


async def test_what_is_ended_in_time_says_when_it_began() -> None:
    source = Source(kind="feed", url=url_of("gazette"))

    async def never(*_: object) -> Collected:
        await asyncio.Event().wait()
        raise AssertionError

    memory = replace(SourceMemory(), etag="kept")
    collected = await InTime(Config(), timedelta(0))(source, memory, NOW, never)
    assert (collected.started_at, collected.memory, collected.elapsed) == (NOW, memory, timedelta(0))


async def test_a_database_that_fails_for_a_moment_blocks_no_domain(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    for _ in range(room.config.polling.per_domain.concurrency + 1):
        room.database.conn.execute("ALTER TABLE sources RENAME COLUMN etag TO hidden")
        with pytest.raises(sqlite3.OperationalError):
            await room.poll()
        room.database.conn.execute("ALTER TABLE sources RENAME COLUMN hidden TO etag")
    assert [polled.new for polled in await room.poll()] == [1]
    room.database.close()


async def test_a_source_that_breaks_off_from_inside_ends_no_other(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    room.collect.posts(url_of("courier"), [article("1", "The ferry sails again")])

    async def collect(source: Source, memory: SourceMemory, now: datetime) -> Collected:
        if source.url == url_of("gazette"):
            raise asyncio.CancelledError
        return await room.collect(source, memory, now)

    room.poller = Poller(room.database, room.config, collect, clock=lambda: room.now, dice=lambda: 0.0)
    gazette, courier = sorted(await room.poll(), key=lambda polled: polled.new)
    assert (gazette.collected.outcome, gazette.collected.detail) == (
        Outcome.FAILED,
        "the poll was broken off from inside",
    )
    assert courier.new == 1
    room.database.close()


@pytest.mark.parametrize("batches", range(1, 10))
async def test_sources_that_end_while_a_large_one_is_saved_leave_their_places(tmp_path: Path, batches: int) -> None:
    """All are asked, however their ends and the batches of a transaction meet on the loop."""
    room = PollerRoom(tmp_path, *names(12), concurrency=3, batch_posts=2)
    many = [article(f"{number}", f"Title {number}", host="paper1") for number in range(2 * batches + 1)]
    room.collect.posts(url_of("paper1"), many)
    polled = await room.poll()
    room.database.close()
    assert {each.collected.source.title for each in polled} == set(names(12))
