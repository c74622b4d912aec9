"""How many requests a server gets: for all its hashtags together, and without waiting."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.cli.run import merged
from aggregator.engine.budgets import WINDOW, Budgets
from aggregator.model.timelines import RateLimit
from tests.helpers.fediverse import Fediverse, Limit
from tests.helpers.hashtags import INTERVAL, Follower, fill

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
SERVER = "https://mastodon.example"
MINUTE = timedelta(minutes=1)


def spend(budgets: Budgets, requests: int, now: datetime = NOW, limit: RateLimit | None = None) -> None:
    budgets.settle(budgets.grant(SERVER, now), requests, now, limit)


def test_what_is_spent_comes_back_after_a_quarter_of_an_hour() -> None:
    budgets = Budgets(20)
    spend(budgets, 12)
    spend(budgets, 7, NOW + MINUTE)
    refused = budgets.grant(SERVER, NOW + 2 * MINUTE)
    assert refused.allowance is None and "used up" in refused.why
    assert refused.retry_at == NOW + WINDOW
    assert budgets.grant(SERVER, NOW + WINDOW).allowance is not None
    assert budgets.grant("https://other.example", NOW + 2 * MINUTE).allowance is not None


def test_going_back_gets_half_of_it() -> None:
    budgets = Budgets(100)
    budgets.settle(budgets.grant(SERVER, NOW), 50, NOW, went_back=True)
    allowance = budgets.grant(SERVER, NOW).allowance
    assert allowance is not None and allowance.onwards > 0 and allowance.back == 0


def test_what_is_new_takes_nothing_from_that_half_while_there_is_enough() -> None:
    budgets = Budgets(100)
    spend(budgets, 70)
    granted = budgets.grant(SERVER, NOW)
    assert granted.allowance is not None and granted.allowance.back > 0
    budgets.settle(granted, 20, NOW)
    allowance = budgets.grant(SERVER, NOW).allowance
    assert allowance is not None and allowance.onwards > 0 and allowance.back == 0


def test_what_is_promised_is_not_given_twice() -> None:
    budgets = Budgets(30)
    granted = [budgets.grant(SERVER, NOW) for _ in range(3)]
    assert sum(grant.allowance.onwards for grant in granted if grant.allowance) <= 30


def test_a_server_that_allows_less_is_believed() -> None:
    budgets = Budgets(300)
    spend(budgets, 1, limit=RateLimit(4, NOW + MINUTE))
    first = budgets.grant(SERVER, NOW)
    assert first.allowance is not None and first.allowance.onwards == 2
    budgets.grant(SERVER, NOW)
    refused = budgets.grant(SERVER, NOW)
    assert (refused.allowance, refused.retry_at) == (None, NOW + MINUTE)
    assert budgets.grant(SERVER, NOW + 2 * MINUTE).allowance is not None


def test_a_pause_is_for_all_hashtags_of_a_server() -> None:
    budgets = Budgets(300)
    budgets.pause(SERVER, NOW + 5 * MINUTE, "it asks for a pause")
    budgets.pause(SERVER, NOW + MINUTE, "another one, shorter")
    refused = budgets.grant(SERVER, NOW + 2 * MINUTE)
    assert (refused.retry_at, refused.why) == (NOW + 5 * MINUTE, "it asks for a pause")


# ---------------------------------------------------------------- in whole polls


STEP = timedelta(seconds=20)


@pytest.mark.parametrize("retry_after", [None, 30])
async def test_one_refusal_stops_all_tags_of_that_server_and_no_other(retry_after: int | None, tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server, *(f"tag{number}" for number in range(12)))
        server.limits = [Limit(6, timedelta(minutes=5), is_announced=False, retry_after=retry_after)]
        fill(server, 3, STEP, tags=("tag0",))
        await room.poll()
        assert len(server.asked) <= 8  # two may have been under way
        limited = room.rows("SELECT count(*), max(failures) FROM sources WHERE status = 'limited'")
        assert limited[0][0] >= 4
        assert "asks for a pause" in room.rows("SELECT last_error FROM sources WHERE status = 'limited'")[0][0]
        asked = len(server.asked)
        await room.poll(timedelta(seconds=10))
        assert len(server.asked) == asked
        for _ in range(20):
            await room.poll(timedelta(minutes=6))
        assert room.rows("SELECT count(last_success_at) FROM sources") == [(12,)]
        room.database.close()


async def test_the_silent_limit_is_never_reached(tmp_path: Path) -> None:
    """Requests with `min_id` or `max_id` count against a limit that no header tells of; one refusal would show."""
    with Fediverse(NOW) as server:
        tags = [f"tag{number}" for number in range(12)]
        room = Follower(tmp_path, server, *tags)
        room.set(backfill_posts=2000, budget=64)
        silent = Limit(80, timedelta(minutes=15), only_paged=True, is_announced=False)
        server.limits = [silent, Limit(300, timedelta(minutes=5))]
        fill(server, 200, STEP, tags=tuple(tags))
        for _ in range(18):
            await room.poll(timedelta(minutes=5))
            assert len(silent.made) < 80
        outcomes = {row[0] for row in room.rows("SELECT DISTINCT http_status FROM polls")}
        assert 429 not in outcomes
        posts = room.rows("SELECT count(DISTINCT source_id), count(*) FROM sightings")
        assert posts == [(12, 12 * 200)]
        room.database.close()


async def test_a_restart_remembers_what_was_spent(tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server)
        room.set(budget=10)
        fill(server, 600, STEP)
        await room.poll()
        assert len(server.asked) <= 10
        room.restart()
        await room.poll(timedelta(minutes=1))
        assert len(server.asked) <= 10
        room.database.close()


async def test_a_long_first_run_waits_for_its_share_and_is_no_trouble(tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server)
        room.set(budget=30, backfill_posts=1500)
        fill(server, 1500, STEP)
        await room.poll()
        assert room.rows("SELECT status, failures, last_error FROM sources") == [("ok", 0, None)]
        first = len(room.ids())
        assert 0 < first < 1500
        for _ in range(12):
            await room.poll(INTERVAL + MINUTE)
        assert len(room.ids()) == 1500
        room.database.close()


async def test_the_steps_of_a_poll_are_shown_as_one(tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server)
        fill(server, 300, STEP)
        steps = await room.poll()
        assert len(steps) > 1
        [shown] = merged(steps)
        assert (shown.new, shown.collected.source.url) == (300, room.poller.sources[0].url)
        room.database.close()


async def test_a_server_that_starts_is_left_alone_as_long_as_it_says(tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server, "AI", "KI")
        waits = f"120\n{NOW + timedelta(minutes=2):%a, %d %b %Y %H:%M:%S} GMT"
        server.answer = (503, {"Content-Type": "text/html", "Retry-After": waits}, b"<html>starting</html>")
        await room.poll()
        asked = len(server.asked)
        await room.poll(MINUTE)
        assert len(server.asked) == asked <= 2
        assert "503" in room.rows("SELECT last_error FROM sources")[0][0]
        room.database.close()


async def test_a_paused_server_holds_up_no_other(tmp_path: Path) -> None:
    with Fediverse(NOW) as slow, Fediverse(NOW) as quick:
        room = Follower(tmp_path, slow, "AI")
        room.poller.asking.budgets.pause(slow.url, NOW + timedelta(hours=1), "paused")
        other = Follower(tmp_path / "other", quick, "AI")
        quick.post()
        await asyncio.gather(room.poll(INTERVAL), other.poll(INTERVAL))
        assert slow.asked == [] and len(other.ids()) == 1
        assert room.rows("SELECT status, failures, last_error FROM sources") == [("limited", 0, "paused")]
        room.database.close()
        other.database.close()


# ---------------------------------------------------------------- more than the server gives


def test_of_budget_and_announced_limit_the_smaller_counts() -> None:
    budgets = Budgets(3000)
    granted = budgets.grant(SERVER, NOW)
    told = budgets.settle(granted, 1, NOW, RateLimit(299, NOW + 5 * MINUTE, 300))
    assert told is not None and "300" in told and "3000" in told
    allowance = budgets.grant(SERVER, NOW).allowance
    assert allowance is not None and allowance.back > 0
    assert budgets.settle(budgets.grant(SERVER, NOW), 1, NOW, RateLimit(298, NOW + 5 * MINUTE, 300)) is None
    spend(budgets, 298)
    assert "300 requests" in budgets.grant(SERVER, NOW).why


def test_a_budget_that_the_server_gives_is_nothing_to_tell_of() -> None:
    budgets = Budgets(240)
    assert budgets.settle(budgets.grant(SERVER, NOW), 1, NOW, RateLimit(299, NOW + 5 * MINUTE, 300)) is None


async def test_a_budget_that_is_too_large_goes_back_all_the_same(tmp_path: Path) -> None:
    with Fediverse(NOW) as server:
        room = Follower(tmp_path, server)
        room.set(budget=3000)
        server.limits = [Limit(300, timedelta(minutes=5))]
        fill(server, 50, STEP)
        await room.poll()
        late = server.post(at=NOW + MINUTE, id_time=NOW - timedelta(minutes=30))
        for _ in range(2):
            await room.poll(timedelta(hours=1, minutes=16))
        assert late in room.ids()
        told = room.rows("SELECT count(*) FROM polls WHERE detail LIKE '%announces 300 requests%'")
        assert told == [(1,)]
        room.database.close()
