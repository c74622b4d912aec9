"""An outage of our own: real requests to many domains, a clock that the test moves."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.domains import Domains, How, Ticking, many_domains
from tests.helpers.log_stream import log_stream

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
INTERVAL = 15 * MINUTE


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with log_stream() as stream:
        yield stream


class Room:
    """A poller on many domains, and the time."""

    def __init__(self, domains: Domains, folder: Path, sources: int, of: int, timeout: timedelta) -> None:
        self.now, self.domains = NOON, domains
        config = domains.config(folder, sources, of, INTERVAL, timeout)
        self.ticking = Ticking(config, lambda: self.now, lambda: domains.has_way_out)

    async def tick(self, after: timedelta = SECOND) -> None:
        self.now += after
        await self.ticking.tick()

    async def ticks(self, span: timedelta, apart: timedelta = SECOND) -> None:
        for _ in range(span // apart):
            await self.tick(apart)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.ticking.database.conn.execute(sql).fetchall()


@asynccontextmanager
async def room(folder: Path, sources: int, of: int, timeout: timedelta = 30 * SECOND) -> AsyncIterator[Room]:
    with many_domains() as domains:
        made = Room(domains, folder, sources, of, timeout)
        async with made.ticking:
            yield made


def lines(stream: io.StringIO, least: str = "warning") -> list[dict[str, Any]]:
    levels = ["info", "warning", "error"]
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    stream.seek(0)
    stream.truncate()
    return [line for line in found if line["level"] in levels[levels.index(least) :]]


@pytest.mark.parametrize(
    ("how", "why"),
    [("nameless", "no name server answered for paper"), ("refusing", "connection refused by paper")],
)
async def test_an_outage_is_one_line_and_its_end_another(
    tmp_path: Path, stream: io.StringIO, how: How, why: str
) -> None:
    async with room(tmp_path, 84, 84) as here:
        await here.tick()
        assert here.rows("SELECT count(*) FROM sources WHERE status = 'ok'") == [(84,)]
        assert lines(stream) == []
        here.domains.how = how
        await here.ticks(80 * MINUTE, MINUTE)
        [begin] = lines(stream)
        assert begin["level"] == "error"
        assert "no server can be reached" in begin["event"] and "84 of 84 sources wait" in begin["event"]
        assert begin["detail"].startswith(why)
        assert here.rows("SELECT DISTINCT status, failures, last_error FROM sources") == [("ok", 0, None)]
        here.domains.how = "well"
        await here.ticks(2 * MINUTE)
        [end] = lines(stream)
        assert "servers can be reached again after 1 h 6 min; 83 sources" in end["event"]
        assert here.rows("SELECT count(*) FROM outages WHERE ended_at > began_at") == [(1,)]


async def test_a_name_server_that_says_nothing_is_an_outage(tmp_path: Path, stream: io.StringIO) -> None:
    async with room(tmp_path, 8, 8, timeout=0.5 * SECOND) as here:
        here.domains.how = "hanging"
        await here.tick()
        [begin] = lines(stream)
        assert "no server can be reached" in begin["event"] and begin["detail"] == "timed out after 0.5s"
        here.domains.how = "well"
        await here.ticks(MINUTE + 2 * SECOND)
        [end] = lines(stream)
        assert "servers can be reached again" in end["event"]


async def test_sources_that_were_never_read_are_no_others(tmp_path: Path, stream: io.StringIO) -> None:
    """The first start of all, without a network; when it comes, all are polled together as at any first start."""
    async with room(tmp_path, 84, 84) as here:
        here.domains.how = "nameless"
        await here.ticks(5 * MINUTE, MINUTE)
        [begin] = lines(stream)
        assert "84 of 84 sources wait" in begin["event"]
        assert here.rows("SELECT DISTINCT status FROM sources") == [("new",)]
        here.domains.how = "well"
        await here.ticks(MINUTE + 2 * SECOND)
        assert here.rows("SELECT count(*) FROM sources WHERE status = 'ok'") == [(84,)]


@pytest.mark.parametrize("how", ["nameless", "refusing"])
async def test_its_end_makes_no_herd(tmp_path: Path, how: How) -> None:
    """300 sources that have waited for an hour: one a second, and none waits for longer than five minutes."""
    async with room(tmp_path, 300, 60) as here:
        await here.ticks(10 * SECOND)
        here.domains.how = how
        await here.ticks(60 * MINUTE, MINUTE)
        here.domains.how = "well"
        asked: list[int] = []
        while len(asked) < 7 * 60:
            before = len(here.domains.asked)
            await here.tick()
            asked.append(len(here.domains.asked) - before)
        assert max(asked) == 1
        assert sum(asked) == 300
        first = next(second for second, requests in enumerate(asked) if requests)
        assert first <= 60 and sum(asked[: first + 301]) == 300
        # And they stay apart: fifteen minutes later as many are asked a second.
        await here.ticks(INTERVAL - 7 * MINUTE + first * SECOND)
        before = len(here.domains.asked)
        await here.ticks(10 * SECOND)
        assert 5 <= len(here.domains.asked) - before <= 15


async def test_servers_that_all_answer_503_come_back_at_their_own_times(tmp_path: Path, stream: io.StringIO) -> None:
    """Our network is well then: each is asked with pauses of its own, and is told of when that begins and ends."""
    async with room(tmp_path, 40, 40) as here:
        for number in range(40):  # as it is after some hours: not all in one second
            here.ticking.database.conn.execute(
                "UPDATE sources SET next_poll_at = ? WHERE id = ?",
                (f"2026-05-04T12:{number // 4:02}:{number % 4 * 15:02}Z", number + 1),
            )
        await here.ticks(10 * MINUTE, 5 * SECOND)
        here.domains.how = "failing"
        lines(stream)
        await here.ticks(60 * MINUTE, 5 * SECOND)
        told = lines(stream)
        assert Counter(line["event"] for line in told) == {"poll": 40}
        assert here.rows("SELECT count(*) FROM outages") == [(0,)]
        here.domains.how = "well"
        asked = Counter[int]()
        for minute in range(2 * 60):
            before = len(here.domains.asked)
            await here.ticks(MINUTE, 5 * SECOND)
            asked[minute] = len(here.domains.asked) - before
        assert max(asked.values()) <= 8
        assert here.rows("SELECT DISTINCT status FROM sources") == [("ok",)]
        ended = [line for line in lines(stream, "info") if "was" in line]
        assert len(ended) == 40 and {line["was"] for line in ended} == {"HTTP 503 Service Unavailable"}


async def test_a_restart_goes_on_with_it(tmp_path: Path, stream: io.StringIO) -> None:
    async with room(tmp_path, 20, 20) as here:
        await here.tick()
        here.domains.how = "nameless"
        await here.ticks(30 * MINUTE, MINUTE)
        assert len(lines(stream)) == 1
        polls = here.rows("SELECT count(*) FROM polls")
        here.ticking.start()
        await here.ticks(5 * MINUTE, 10 * SECOND)
        assert lines(stream) == []  # neither a line each nor a second one
        assert here.rows("SELECT count(*) FROM polls") == [(polls[0][0] + 5,)]  # one a minute
        here.domains.how = "well"
        here.ticking.start()
        await here.tick()
        [end] = lines(stream)
        assert "again after 20 min" in end["event"]


async def test_a_transaction_that_fails_loses_no_outage(tmp_path: Path, stream: io.StringIO) -> None:
    """Another program holds the file while it begins: who noticed it has noticed it then, and must not forget it."""
    async with room(tmp_path, 20, 20) as here:
        await here.tick()
        here.domains.how = "nameless"
        other = sqlite3.connect(here.ticking.config.storage.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        tick = asyncio.create_task(here.tick(20 * MINUTE))
        while not (told := lines(stream)):
            await asyncio.sleep(0.01)
        assert [line["event"] for line in told] == ["waiting for the database"]
        other.execute("COMMIT")
        other.close()
        await tick
        assert [line["event"][:24] for line in lines(stream)] == ["no server can be reached"]
        assert here.rows("SELECT count(*) FROM outages WHERE ended_at IS NULL") == [(1,)]
        assert here.rows("SELECT DISTINCT status, failures FROM sources") == [("ok", 0)]


async def test_dead_sites_of_a_first_poll_are_no_outage(tmp_path: Path, stream: io.StringIO) -> None:
    """They fail at once; those that answer take their time, and are under way by then."""
    async with room(tmp_path, 16, 16) as here:
        dead = {f"paper{number}.example" for number in range(6)}
        here.domains.dead = dead
        here.domains.server.held.add("/feed")
        tick = asyncio.create_task(here.tick())
        while here.rows("SELECT count(*) FROM sources WHERE status = 'failing'") != [(6,)]:
            await asyncio.sleep(0.01)
        assert lines(stream) == []
        here.domains.server.release()
        await tick
        assert here.rows("SELECT count(*) FROM outages") == [(0,)]
        assert {line["source"].rpartition(":")[0] for line in lines(stream)} == {f"http://{name}" for name in dead}
        assert here.rows("SELECT status, count(*) FROM sources GROUP BY 1") == [("failing", 6), ("ok", 10)]


@pytest.mark.parametrize("sources", [1, 2])
async def test_a_machine_without_a_network_is_offline_however_few_sources_there_are(
    tmp_path: Path, stream: io.StringIO, sources: int
) -> None:
    async with room(tmp_path, sources, sources) as here:
        await here.tick()
        here.domains.how, here.domains.has_way_out = "nameless", False
        await here.ticks(80 * MINUTE, MINUTE)
        [begin] = lines(stream)
        assert (
            begin["event"] == f"no server can be reached: this machine is offline; {sources} of {sources} sources wait"
        )
        assert begin["detail"] == "this machine is offline (no way to the internet)"
        assert here.rows("SELECT DISTINCT status, failures FROM sources") == [("ok", 0)]
        here.domains.how, here.domains.has_way_out = "well", True
        await here.ticks(2 * MINUTE)
        [end] = lines(stream)
        assert end["event"].startswith("servers can be reached again after 1 h ")


async def test_two_sources_that_are_not_reached_are_to_blame_where_there_is_a_way(
    tmp_path: Path, stream: io.StringIO
) -> None:
    async with room(tmp_path, 2, 2) as here:
        await here.tick()
        here.domains.how = "nameless"
        await here.ticks(80 * MINUTE, MINUTE)
        assert here.rows("SELECT DISTINCT status FROM sources") == [("failing",)]
        assert here.rows("SELECT count(*) FROM outages") == [(0,)]


async def test_who_follows_the_house_alone_needs_no_way_out(tmp_path: Path, stream: io.StringIO) -> None:
    async with room(tmp_path, 4, 4) as here:
        here.domains.has_way_out = False
        await here.tick()
        assert here.rows("SELECT DISTINCT status FROM sources") == [("ok",)]
        here.domains.dead = {"paper2.example"}
        await here.ticks(80 * MINUTE, MINUTE)
        assert here.rows("SELECT count(*) FROM outages") == [(0,)]
        assert here.rows("SELECT count(*) FROM sources WHERE status = 'failing'") == [(1,)]
