"""Whole polls through an executor: the same rows as from here, and what becomes of answers that don't come, come late,
or are another's."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.cluster import lending
from aggregator.engine.cluster.collector import ClusterCollector
from aggregator.engine.cluster.task import Answer, Task
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.storage.times import to_text
from tests.helpers.cluster_room import ClusterRoom
from tests.helpers.domains import Domains, many_domains

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# A lease of 30 s for the request and 10 s to get there, 10 s for clocks, and 10 s that the system goes on sending.
FREE_AFTER = 60 * SECOND
# An answer is waited for until the lease is over and the document was read.
WAITED = 50 * SECOND
SOON = timedelta(seconds=0.3)

_ALL = (
    "SELECT id, url, title, status, last_error, failures, etag, hex(body_digest), full_at, next_poll_at FROM sources",
    "SELECT source_id, started_at, outcome, http_status, bytes_read, entries, new, requests, detail FROM polls",
    "SELECT id, title, text, url, canonical_url, published_at, hex(digest), story_id FROM posts",
    "SELECT source_id, native_id, post_id, hex(said) FROM sightings ORDER BY source_id, native_id",
    "SELECT what, row_id, change FROM changes ORDER BY seq",
)


@pytest.fixture
def web() -> Iterator[Domains]:
    with many_domains() as found:
        yield found


def outcomes(polled: list[PolledSource]) -> list[str]:
    return sorted(str(each.collected.outcome) for each in polled)


async def test_the_rows_are_the_same_as_from_here(tmp_path: Path, web: Domains) -> None:
    rows = []
    for name in ("here", "there"):
        async with ClusterRoom(tmp_path / name, web, sources=12, domains=4, is_local=name == "here") as room:
            for _ in range(6):
                await room.tick(SECOND)
            await room.tick(timedelta(minutes=30))
            rows.append([room.rows(sql) for sql in _ALL])
            assert room.rows("SELECT count(*) FROM posts") == [(12,)]
            assert bool(room.worker.given) == (name == "there")
    here, there = rows
    assert there == here


async def test_a_source_with_nothing_new_is_known_there_by_its_validators(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        assert outcomes(await room.tick()) == ["ok"] * 6
        room.worker.given.clear()
        assert outcomes(await room.tick(timedelta(minutes=20))) == ["not_modified"] * 6
        assert {task.memory.etag for task in room.worker.given} == {'"1"'}
        assert all(task.settings is None for task in room.worker.given)  # what it learnt once is not sent again


async def test_what_does_not_answer_is_asked_from_here_when_its_lease_is_over(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=4, domains=2, wait=SOON) as room:
        room.worker.is_mute = True
        polled = await room.tick()
        assert outcomes(polled) == ["failed"] * 2 and all(each.collected.excused for each in polled)
        assert room.rows("SELECT status, failures FROM sources") == [("new", 0)] * 4
        assert await room.tick(SECOND) == [] and web.asked == []
        # A second before the lease and its margin are over still nobody asks these domains, be it for another source.
        assert await room.tick(FREE_AFTER - 2 * SECOND) == [] and web.asked == []
        room.worker_answers()
        given = len(room.worker.given)
        for _ in range(30):
            await room.tick(SECOND)
        assert room.rows("SELECT count(*) FROM posts") == [(4,)]
        # The two that were not lost are given to the worker, the others asked from here.
        assert {task.source.id for task in room.worker.given[given:]} == {3, 4}


async def test_a_late_answer_changes_nothing(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1, wait=SOON) as room:
        room.worker.is_mute = True
        await room.tick()
        [task], [future] = room.worker.given, room.worker.silent
        answer = room.home.run(replace(task, settings=room.collector._packed.settings))  # type: ignore[attr-defined]
        assert answer.posts
        assert future.cancelled()  # whoever answers finds nobody
        assert await room.tick(SECOND) == []
        assert room.rows("SELECT etag FROM sources") == [(None,)]
        assert room.rows("SELECT count(*) FROM posts") == [(0,)]


def another(task: Task, answer: Callable[[], Answer]) -> Answer:
    return replace(answer(), serial="of-another-task")


def lost(task: Task, answer: Callable[[], Answer]) -> Answer:
    raise KilledWorkerError(task)


class KilledWorkerError(Exception):
    """As distributed's: not the feed's fault."""


@pytest.mark.parametrize(("fault", "why"), [(another, "another task's"), (lost, "KilledWorkerError")])
async def test_no_feed_is_blamed_for_its_worker(
    tmp_path: Path, web: Domains, fault: Callable[..., Answer], why: str
) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=2) as room:
        room.worker.fault = fault
        await room.tick()
        assert room.rows("SELECT failures, status, last_error FROM sources")[0][:2] == (0, "new")
        assert all(why in detail for (detail,) in room.rows("SELECT detail FROM polls"))
        assert room.rows("SELECT count(*) FROM posts") == [(0,)]
        room.worker.fault = None
        await room.tick(2 * MINUTE)
        assert room.rows("SELECT count(*) FROM posts") == [(2,)]


async def test_what_a_worker_can_t_reach_is_looked_at_from_here_before_it_counts(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=2) as room:
        web.dead = {"paper0.example"}
        await room.tick()
        assert room.rows("SELECT failures FROM sources ORDER BY id") == [(0,), (0,)]
        given = len(room.worker.given)
        await room.tick(2 * MINUTE)
        assert room.rows("SELECT failures FROM sources ORDER BY id") == [(1,), (0,)]
        assert len(room.worker.given) == given  # the one that failed is asked from here


def told(**changed: Any) -> Callable[[Task, Callable[[], Answer]], Answer]:
    """What a worker is told by a server that does not like its address."""

    def answer(task: Task, answer: Callable[[], Answer]) -> Answer:
        found = answer()
        if found.collected is None:
            return found
        kept = replace(found.collected, memory=replace(task.memory, said_by_entries=frozenset), unchanged=())
        return replace(found, collected=replace(kept, **changed), posts=())

    return answer


REFUSED = {"outcome": Outcome.FAILED, "http_status": 403, "detail": "HTTP 403 Forbidden"}
NO_FEED = {"outcome": Outcome.FAILED, "http_status": 200, "detail": "an HTML page, not a feed"}
GONE = {"outcome": Outcome.GONE, "http_status": 410, "detail": "HTTP 410 Gone"}


@pytest.mark.parametrize("answer", [REFUSED, NO_FEED, GONE])
async def test_what_a_worker_fails_at_is_looked_at_from_here_before_it_counts(
    tmp_path: Path, web: Domains, answer: dict[str, Any]
) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        room.worker.fault = told(**answer)
        [polled] = await room.tick()
        assert polled.collected.excused
        assert room.rows("SELECT status, failures, last_error, etag FROM sources") == [("new", 0, None, None)]
        [detail] = room.rows("SELECT detail FROM polls")
        assert detail == (f"another machine asked, which is no failure yet: {answer['detail']}",)
        given = len(room.worker.given)
        assert outcomes(await room.tick(MINUTE)) == ["ok"]
        assert len(room.worker.given) == given


async def test_what_is_no_better_from_here_counts(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        web.how = "failing"
        await room.tick()
        assert room.rows("SELECT status, failures FROM sources") == [("new", 0)]
        await room.tick(MINUTE)
        assert room.rows("SELECT status, failures, last_error FROM sources") == [
            ("failing", 1, "HTTP 503 Service Unavailable")
        ]
        web.how = "well"
        await room.tick(20 * MINUTE)  # from here
        given = len(room.worker.given)
        await room.tick(20 * MINUTE)
        assert len(room.worker.given) == given + 1  # nothing spoke against workers


async def test_a_pause_that_a_worker_was_asked_for_holds_for_all(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=1) as room:
        until = room.now + 30 * MINUTE
        limited = {"outcome": Outcome.RATE_LIMITED, "http_status": 429, "detail": "HTTP 429", "retry_at": until}
        room.worker.fault = told(**limited)
        await room.tick()
        room.worker.fault = None
        # All of the domain waits, until then, and the one that was told so is asked from here.
        assert await room.tick(29 * MINUTE) == []
        assert room.rows("SELECT status FROM sources ORDER BY id") == [("limited",), ("new",)]
        given = len(room.worker.given)
        assert outcomes(await room.tick(MINUTE)) == ["ok"]
        assert outcomes(await room.tick(SECOND)) == ["ok"]
        assert [task.source.id for task in room.worker.given[given:]] == [2]


async def where(room: ClusterRoom, *pauses: timedelta) -> str:
    """After each pause, where it is asked: here, there, and whether it failed there."""
    found = ""
    for pause in pauses:
        given = len(room.worker.given)
        [polled] = await room.tick(pause)
        found += "F" if polled.collected.excused else "t" if len(room.worker.given) > given else "h"
    return found


async def test_a_source_that_refuses_workers_stays_here_longer_and_longer(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        room.worker.fault = told(**REFUSED)
        first = await where(room, SECOND, 20 * MINUTE, 20 * MINUTE)
        assert first == "FhF"  # a second time
        assert await where(room, *[20 * MINUTE] * 3) == "hhF"  # an hour
        assert await where(room, *[20 * MINUTE] * 6) == "hhhhhF"  # two
        room.worker.fault = None
        assert await where(room, *[60 * MINUTE] * 5) == "hhhtt"  # all is well
        room.worker.fault = told(**REFUSED)
        assert await where(room, *[20 * MINUTE] * 3) == "FhF"


async def test_a_source_that_failed_there_once_goes_there_again(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        for _ in range(3):
            room.worker.fault = told(**REFUSED)
            assert await where(room, 20 * MINUTE) == "F"
            room.worker.fault = None
            assert await where(room, 20 * MINUTE, 20 * MINUTE) == "ht"


async def test_a_feed_that_kills_its_worker_twice_stays_here(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        room.worker.fault = lost
        assert await where(room, *[20 * MINUTE] * 6) == "FhFhhF"
        await room.reload()  # a changed configuration changes nothing about that
        assert await where(room, *[20 * MINUTE] * 5) == "hhhhh"


async def test_the_settings_are_waited_for_as_long_as_is_left_of_the_lease(
    tmp_path: Path, web: Domains, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:
        waited: list[timedelta] = []
        ask = ClusterCollector._ask

        def noted(collector: ClusterCollector, executor: Executor, task: Task, wait: timedelta) -> Any:
            waited.append(wait)
            return ask(collector, executor, task, wait)

        def slow(task: Task, answer: Callable[[], Answer]) -> Answer:
            room.now += 5 * SECOND
            return answer()

        monkeypatch.setattr(ClusterCollector, "_ask", noted)
        room.worker.fault = slow
        assert outcomes(await room.tick()) == ["ok"]
        assert waited == [WAITED, WAITED - 5 * SECOND]


async def test_where_nothing_is_left_of_it_the_source_is_asked_from_here(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1) as room:

        def too_slow(task: Task, answer: Callable[[], Answer]) -> Answer:
            room.now += MINUTE
            return answer()

        room.worker.fault = too_slow
        assert outcomes(await room.tick()) == ["ok"]
        assert len(room.worker.given) == 1 and len(web.asked) == 1


async def test_where_no_worker_has_room_it_is_asked_from_here(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        room.worker.is_full = True
        assert outcomes(await room.tick()) == ["ok"] * 6
        assert room.worker.given == []


async def test_computers_of_one_s_own_are_asked_from_here(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=2) as room:
        first, other = room.config.sources
        room.config = replace(room.config, sources=(replace(first, url=f"{web.server.url}/feed0"), other))
        room.start()
        assert outcomes(await room.tick()) == ["ok"] * 2
        assert {task.source.url for task in room.worker.given} == {other.url}


async def test_a_refusal_is_told_once_and_costs_no_poll(
    tmp_path: Path, web: Domains, capsys: pytest.CaptureFixture[str]
) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        room.worker.fault = lambda task, _: room.home.run(replace(task, who="aggregator 0.0.9 on Python 3.9.1"))
        assert outcomes(await room.tick()) == ["ok"] * 6
        assert len(room.worker.given) == 6
        assert len(room.collector._told) == 1  # type: ignore[attr-defined]
        assert "both have to be the same" in capsys.readouterr().out


@pytest.mark.parametrize(("ahead", "refuses"), [(-11, True), (-9, False), (0, False), (9, False), (11, True)])
async def test_a_worker_whose_clock_is_off_refuses(tmp_path: Path, web: Domains, ahead: int, refuses: bool) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        room.worker_is_ahead = timedelta(seconds=ahead)
        assert outcomes(await room.tick()) == ["ok"] * 6
        assert bool(room.collector._told) == refuses  # type: ignore[attr-defined]
        assert len(web.asked) == 6


async def test_while_a_domain_is_lent_nobody_else_asks_it(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=1) as room:
        web.server.held.add("/feed0")
        first = asyncio.create_task(room.tick())
        while not web.asked:
            await asyncio.sleep(0.01)
        room.now += 10 * SECOND
        second = room.poller.sources[1]
        wait = room.poller.politeness.wait(second, room.now, is_failing=False)
        assert wait == FREE_AFTER - 10 * SECOND
        assert not room.poller.politeness.begin_page("http://paper0.example/page", room.now)
        web.server.release()
        await first
        wait = room.poller.politeness.wait(second, room.now, is_failing=False)
        assert wait is not None and timedelta(0) < wait <= SECOND  # its spacing, from when it was asked


async def test_a_start_waits_for_the_leases_of_the_one_before(
    tmp_path: Path, web: Domains, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ClusterRoom(tmp_path, web, wait=SOON) as room:
        room.worker.is_mute = True
        dying = asyncio.create_task(room.tick())
        while len(room.worker.given) < 6:
            await asyncio.sleep(0)
        dying.cancel()  # killed: nothing is noted at its end
        monkeypatch.setattr(lending, "OWNER", "the next process")
        room.worker_answers()
        room.now += 5 * SECOND
        room.start()
        assert await room.tick(FREE_AFTER - 6 * SECOND) == [] and web.asked == []
        assert outcomes(await room.tick(15 * SECOND)) == ["ok"] * 6


@pytest.mark.parametrize(("noted_at", "seconds"), [("2031-01-01T00:00:00Z", 90), ("2026-05-04T11:00:00Z", 3690)])
async def test_a_lease_of_before_is_waited_for_as_long_as_it_was_to_be(
    tmp_path: Path, web: Domains, noted_at: str, seconds: int
) -> None:
    """Whatever the timeout is now, and whatever was done to the clock since."""
    until = to_text(datetime.fromisoformat(noted_at) + seconds * SECOND)
    async with ClusterRoom(tmp_path, web, is_local=True) as room:
        room.config = replace(room.config, network=replace(room.config.network, timeout=5 * SECOND))
        with room.database.write():
            room.database.conn.execute("INSERT INTO leases VALUES ('before', ?, ?)", (until, noted_at))
        room.start()
        assert await room.tick(89 * SECOND) == []
        assert len(await room.tick(SECOND)) == 6


@pytest.mark.parametrize("noted_at", ["2031-01-01T00:00:00Z", "2026-05-04T12:00:00Z"])
async def test_a_lease_of_before_is_waited_for_once_though_the_clock_was_ahead(
    tmp_path: Path, web: Domains, noted_at: str
) -> None:
    until = to_text(datetime.fromisoformat(noted_at) + 90 * SECOND)
    async with ClusterRoom(tmp_path, web, is_local=True) as room:
        with room.database.write():
            room.database.conn.execute("INSERT INTO leases VALUES ('before', ?, ?)", (until, noted_at))
        room.start()
        room.now += 60 * SECOND
        room.start()  # or a changed configuration
        assert await room.tick(29 * SECOND) == []
        assert len(await room.tick(SECOND)) == 6
        room.start()
        assert len(await room.tick(20 * MINUTE)) == 6


async def test_a_clock_that_was_set_back_holds_up_no_longer_than_a_lease(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=1, wait=SOON) as room:
        room.worker.is_mute = True
        polling = asyncio.create_task(room.tick())
        while not room.worker.given:
            await asyncio.sleep(0)
        by = timedelta(days=3)
        room.now -= by
        room.poller.clock_was_set_back(by)
        await polling
        room.worker_answers()
        latest = to_text(room.now + MINUTE)
        # Both: that of the one that was lost, and that of the other, which shares its domain.
        assert room.rows("SELECT next_poll_at <= ? FROM sources", latest) == [(1,), (1,)]
        assert outcomes(await room.tick(MINUTE)) == ["ok"]
        room.collector._lending.close()  # type: ignore[attr-defined]
        later = to_text(room.now + FREE_AFTER + SECOND)
        assert room.rows("SELECT count(*) FROM leases WHERE until > ?", later) == [(0,)]


async def test_a_start_after_a_clean_stop_waits_for_nothing(
    tmp_path: Path, web: Domains, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        await room.tick()
        assert len(room.rows("SELECT until FROM leases")) == 1
        room.collector._lending.close()  # type: ignore[attr-defined]
        assert room.rows("SELECT until FROM leases") == []


async def test_after_a_reload_workers_take_tasks_as_before(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web) as room:
        assert outcomes(await room.tick()) == ["ok"] * 6
        await room.reload()
        for _ in range(2):
            assert outcomes(await room.tick(20 * MINUTE)) == ["not_modified"] * 6
        serials = [task.serial for task in room.worker.given]
        assert len(set(serials)) == len(serials)


async def test_what_was_lost_stays_lent_through_a_reload(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=1, domains=1, wait=SOON) as room:
        room.worker.is_mute = True
        await room.tick()
        await room.reload()
        room.now += FREE_AFTER - SECOND
        assert not room.poller.politeness.begin_page("http://paper0.example/page", room.now)
        room.now += SECOND
        assert room.poller.politeness.begin_page("http://paper0.example/page", room.now)


async def test_a_file_that_can_t_be_read_is_no_bug_of_the_source(tmp_path: Path, web: Domains) -> None:
    def refuse(action: int, table: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if (action, table) == (sqlite3.SQLITE_READ, "sightings") else sqlite3.SQLITE_OK

    async with ClusterRoom(tmp_path, web) as room:
        room.database.conn.set_authorizer(refuse)
        lending = room.collector._lending  # type: ignore[attr-defined]
        assert lending.names(room.poller.sources[0]) == frozenset()


async def test_a_task_tells_no_other_source_s_secret_and_shows_none(tmp_path: Path, web: Domains) -> None:
    async with ClusterRoom(tmp_path, web, sources=2, domains=2) as room:
        secret = replace(room.config.sources[0], headers=(("Authorization", "Bearer hush"),))
        room.config = replace(room.config, sources=(secret, room.config.sources[1]))
        room.start()
        await room.tick()
        asked = {request.path: request.headers.get("Authorization") for request in web.server.asked}
        assert asked == {"/feed0": "Bearer hush", "/feed1": None}
        for task in room.worker.given:
            assert "hush" not in repr(task)
            assert (("Authorization", "Bearer hush") in task.source.headers) == task.source.url.endswith("feed0")
            assert b"hush" not in (task.settings or b"")
