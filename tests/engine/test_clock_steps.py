"""A clock that was wrong for a while: what it left in memory and in the rows must not hold anything up for years."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.budgets import Budgets
from aggregator.engine.politeness import PROBE_INTERVAL, Politeness
from aggregator.model.poll import Outcome
from aggregator.model.settings import DomainLimit, Polling
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import RateLimit
from aggregator.sources.mastodon.cursor import first_cursor, read_cursor
from aggregator.storage.sources import load_memories, save_memory
from tests.helpers.build import make_collected
from tests.helpers.poller_room import NOW, PollerRoom

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)
SOURCE = Source(kind="feed", url="https://gazette.example/feed", id=1)


@pytest.mark.parametrize("step", [timedelta(minutes=10), HOUR, YEAR])
async def test_a_clock_set_back_holds_up_no_source(tmp_path: Path, step: timedelta) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.now = NOW + step
    await room.poll()
    room.now = NOW
    room.poller.clock_was_set_back(step)
    assert [source.title for source in room.poller.due()] == ["gazette"]
    assert len(await room.poll()) == 1
    assert room.poller.due() == []


async def test_one_that_others_of_its_domain_put_off_meanwhile_is_due(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    await room.poll()
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET next_poll_at = '2027-05-04T13:00:00Z'")
    room.now = NOW + timedelta(seconds=1)
    assert [source.title for source in room.poller.due()] == ["gazette"]


async def test_what_is_remembered_of_a_source_is_never_of_the_future(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    memory = SourceMemory(full_at=NOW + YEAR, missing_at=NOW + YEAR, moved_at=NOW + YEAR, last_success_at=NOW - HOUR)
    with room.database.write():
        save_memory(room.database.conn, 1, memory)
    found = load_memories(room.database.conn, [1], NOW)[1]
    assert (found.full_at, found.missing_at, found.moved_at, found.last_success_at) == (NOW, NOW, NOW, NOW - HOUR)


def test_the_cursor_of_a_timeline_is_never_of_the_future() -> None:
    ahead = first_cursor(["109000000000000001", "109000000000000002"], NOW + YEAR, timedelta(minutes=1))
    found = read_cursor(replace(ahead, walk_at=NOW - HOUR).to_text(), NOW)
    assert found
    assert (found.polled_at, found.rescan_at, found.deep_at, found.walk_at) == (NOW, NOW, NOW, NOW - HOUR)


def test_pauses_of_domains_end_as_soon_as_before() -> None:
    politeness = Politeness(Polling(per_domain=DomainLimit(spacing=timedelta(seconds=10))))
    ahead = NOW + YEAR
    politeness.begin(SOURCE, ahead, is_failing=False)
    politeness.end(SOURCE)
    limited = make_collected(source=SOURCE, outcome=Outcome.RATE_LIMITED, retry_at=ahead + HOUR)
    politeness.hold(limited, ahead)
    politeness.clock_was_set_back(YEAR)
    assert politeness.wait(SOURCE, NOW, is_failing=False) == HOUR
    assert politeness.wait(SOURCE, NOW + HOUR, is_failing=False) == timedelta(0)


def test_in_an_outage_one_is_asked_as_soon_as_before() -> None:
    politeness = Politeness(Polling())
    assert politeness.pick_probe([SOURCE], NOW + YEAR) == [SOURCE]
    politeness.clock_was_set_back(YEAR)
    assert politeness.pick_probe([SOURCE], NOW) == []
    assert politeness.pick_probe([SOURCE], NOW + PROBE_INTERVAL) == [SOURCE]


def test_a_budget_is_free_again_as_soon_as_before() -> None:
    budgets = Budgets(10)
    ahead = NOW + YEAR
    for _ in range(5):
        grant = budgets.grant("https://social.example", ahead)
        budgets.settle(grant, grant.taken, ahead, RateLimit(remaining=0, reset_at=ahead + HOUR))
    budgets.pause("https://social.example", ahead + HOUR, "asked for")
    budgets.clock_was_set_back(YEAR)
    assert budgets.grant("https://social.example", NOW).retry_at == NOW + HOUR
    assert budgets.grant("https://social.example", NOW + HOUR).allowance


async def test_a_budget_is_not_filled_with_requests_of_the_future(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path)
    hashtag = Source(kind="hashtag", url="https://social.example/tags/news")
    room.config = replace(room.config, sources=(hashtag,))
    room.poller = room.new_poller()
    with room.database.write():
        room.database.conn.execute(
            "INSERT INTO polls (source_id, started_at, duration_ms, outcome, bytes_read, "
            "entries, new, edited, copies, requests) "
            "VALUES (1, '2027-05-04T12:00:00Z', 1, 'ok', 0, 0, 0, 0, 0, 999)"
        )
    room.poller = room.new_poller()
    [polled] = await room.poll()
    assert not polled.collected.deferred
