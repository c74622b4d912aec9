"""A lease by the clocks of both, and what a worker does with its tasks."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from aggregator.engine.cluster.task import MARGIN, Packed, Settings, Task, lease_for, left_of, this_program
from aggregator.engine.cluster.work import Home, LeaseOverError, _Desk
from aggregator.model.settings import Network
from aggregator.model.source import Source, SourceMemory
from tests.helpers.domains import many_domains
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TIMEOUT = 30 * SECOND
LEASE = lease_for(TIMEOUT)


def task(url: str = "https://gazette.example/feed", **changed: object) -> Task:
    made = Task(
        serial="1", who=this_program(), source=Source(kind="feed", url=url), memory=SourceMemory(), now=NOW,
        handed_at=NOW, lease=LEASE,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(0, 40), (3, 37), (10, 30), (11, "too late"), (3600, "too late"), (-5, 40), (-10, 40), (-11, "behind")],
)
def test_a_worker_has_what_is_left_by_the_stricter_of_both_clocks(seconds: int, left: int | str) -> None:
    found = left_of(task(), NOW + seconds * SECOND, TIMEOUT)
    if isinstance(left, int):
        assert found == left * SECOND
        # Whatever its clock says within the margin, it has ended when the daemon stops to wait.
        assert NOW + found - min(0, seconds) * SECOND <= task().until + MARGIN
    else:
        assert isinstance(found, str) and left in found


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as found:
        entry = item("The ferry sails again", "https://gazette.example/1", "At noon.", "Mon, 04 May 2026 10:00:00 GMT")
        found.page("/feed", rss("Gazette", entry))
        yield found


@pytest.fixture
def home() -> Iterator[Home]:
    found = Home(lambda: NOW)
    yield found
    found.close()


def packed(timeout: timedelta = TIMEOUT, *private: str) -> Packed:
    network = Network(timeout=timeout, allow_private=tuple(map(ip_network, private)))
    return Packed.of(Settings(rules=(), network=network, parse_timeout=20 * SECOND))


def with_settings(made: Task, packed: Packed) -> Task:
    return replace(made, mark=packed.mark, settings=packed.settings)


def test_settings_are_asked_for_once(home: Home, server: HttpServer) -> None:
    settings = packed(TIMEOUT, "127.0.0.0/8")
    feed = task(server.url + "/feed")
    assert home.run(replace(feed, mark=settings.mark)).wants_settings
    assert home.run(with_settings(feed, settings)).collected is not None
    assert home.run(replace(feed, mark=settings.mark, serial="2")).collected is not None
    assert home.run(replace(feed, mark="another", serial="3")).wants_settings


def test_a_task_is_begun_once(home: Home, server: HttpServer) -> None:
    feed = with_settings(task(server.url + "/feed"), packed(TIMEOUT, "127.0.0.0/8"))
    assert len(home.run(feed).posts) == 1
    again = home.run(feed)
    assert (again.collected, again.is_over) == (None, True)
    assert len(server.asked) == 1


def test_a_task_that_lay_too_long_is_not_begun(home: Home, server: HttpServer) -> None:
    feed = with_settings(task(server.url + "/feed"), packed(TIMEOUT, "127.0.0.0/8"))
    late = home.run(replace(feed, handed_at=NOW - 11 * SECOND, serial="late"))
    assert "too late" in late.refused and server.asked == []
    assert home.run(replace(feed, handed_at=NOW - 9 * SECOND, serial="in time")).refused == ""


@pytest.mark.parametrize("left", [0.2, 0, -3])
async def test_the_worker_stops_asking_when_the_lease_ends(server: HttpServer, left: float) -> None:
    """Whatever the request itself may take: the process may have stood still after it had looked at the clock."""
    server.held.add("/feed")
    desk = _Desk(pickle.loads(packed(TIMEOUT, "127.0.0.0/8").settings), lambda: None)
    async with desk.collector:
        with pytest.raises(LeaseOverError):
            await desk.collect(task(server.url + "/feed"), timedelta(seconds=left))
    assert len(server.asked) == (left > 0)
    server.release()


def test_the_guard_holds_there_too(home: Home, server: HttpServer) -> None:
    answer = home.run(with_settings(task(server.url + "/feed"), packed()))
    assert answer.collected is not None and "not an address of the public internet" in answer.collected.detail
    assert server.asked == []


def test_another_version_is_refused_in_words(home: Home) -> None:
    other = "aggregator 0.0.9 (code 00000000) on Python 3.9.1"
    refused = home.run(with_settings(task(who=other), packed())).refused
    assert this_program() in refused and other in refused


def test_what_comes_back_is_without_the_source(home: Home, server: HttpServer) -> None:
    feed = with_settings(task(server.url + "/feed"), packed(TIMEOUT, "127.0.0.0/8"))
    feed = replace(feed, source=replace(feed.source, headers=(("Authorization", "Bearer hush"),)))
    answer = pickle.dumps(home.run(feed))
    assert b"hush" not in answer and len(answer) < 3000
    collected = pickle.loads(answer).of(feed.source, feed.memory)
    assert collected.source is feed.source
    assert [each.post.title for each in collected.posts] == ["The ferry sails again"]


async def test_a_worker_that_reaches_nobody_says_so_and_a_domain_that_is_down_is_not_that(home: Home) -> None:
    with many_domains() as web:
        settings = packed(TIMEOUT, "127.0.0.0/8")

        def is_cut_off(*numbers: int) -> list[bool]:
            found = []
            for number in numbers:
                url = f"http://paper{number}.example:{web.server.port}/feed{number}"
                serial = f"{number} {len(web.server.asked)} {web.how} {time.monotonic()}"
                found.append(home.run(with_settings(task(url, serial=serial), settings)).is_cut_off)
            return found

        web.dead = {f"paper{number}.example" for number in range(1, 6)}
        # One that is down, asked again and again; two that are, and others between.
        assert is_cut_off(1, 1, 1, 2, 1, 9, 3, 4, 9) == [False] * 9
        assert is_cut_off(1, 2, 3, 3) == [False, False, True, True]
        assert is_cut_off(9, 4) == [False, False]  # it is back
