"""The daemon without its loop.

The configuration is read again: taken over whole, or what was in use stays whole. Housekeeping works on what is held.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import structlog

from aggregator.engine.clock import utc_now
from aggregator.engine.daemon import Daemon
from aggregator.engine.site.for_readers import ForReaders
from aggregator.model.errors import ConfigError, DatabaseLockedError, DatabaseUnwritableError, Obstacle
from aggregator.model.keeping import Keeping
from aggregator.model.poll import Outcome
from aggregator.model.settings import Config, Logging, Network, Storage, Stories
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer


class Room:
    """A daemon on the one database, in use but without its loop, and a site of two feeds."""

    def __init__(self, folder: Path, site: HttpServer, stack: AsyncExitStack) -> None:
        self.site, self.path = site, folder / "news.db"
        for name in ("old", "new"):
            entry = item("The ferry sails", f"https://{name}.example/1", "It sails.", "Mon, 04 May 2026 10:00:00 GMT")
            site.page(f"/{name}", rss(name, entry))
        self.database = Database(self.path, timedelta(0))
        self.config = self.following("old", "info")
        self.daemon = Daemon(self.config, lambda: self.config)
        self.daemon._database, self.daemon._stack, self.daemon._lock = self.database, stack, WriterLock(self.path)
        self.daemon._publisher = ForReaders(self.database, self.daemon._stop)

    def following(self, name: str, level: str) -> Config:
        return Config(
            storage=Storage(path=self.path),
            network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
            stories=Stories(semantic=False),
            log=Logging(level=level),  # type: ignore[arg-type]
            sources=(Source(kind="feed", url=f"{self.site.url}/{name}"),),
        )

    async def reload(self) -> None:
        self.daemon._ask_reload()
        await self.daemon._reload_if_changed()

    async def poll(self) -> list[tuple[str, Outcome]]:
        """The path and the outcome of everything that the daemon follows."""
        poller = self.daemon._poller
        found: list[tuple[str, Outcome]] = []
        await poller.poll(
            poller.sources,
            on_polled=lambda each: found.append((each.collected.source.url.rpartition("/")[2], each.collected.outcome)),
        )
        return found


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with HttpServer() as site:
        async with AsyncExitStack() as stack:
            made = Room(tmp_path, site, stack)
            await made.daemon._use(made.config)
            yield made
        made.database.close()
    root.handlers[:], root.level = before
    structlog.reset_defaults()


async def test_a_reload_that_fails_halfway_leaves_the_old_configuration_in_force_whole(room: Room) -> None:
    old, room.config = room.config, room.following("new", "error")
    with closing(sqlite3.connect(room.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLockedError):
            await room.reload()
    assert room.daemon._config == old
    assert logging.getLogger().level == logging.INFO
    assert await room.poll() == [("old", Outcome.OK)]
    await room.daemon._reload_if_changed()  # nobody has to ask again
    assert await room.poll() == [("new", Outcome.OK)]
    assert logging.getLogger().level == logging.ERROR


async def test_a_reload_that_goes_well_takes_everything_over(room: Room) -> None:
    room.config = room.following("new", "error")
    await room.reload()
    assert room.daemon._config == room.config
    assert await room.poll() == [("new", Outcome.OK)]
    assert room.database.query("SELECT count(*) FROM sources WHERE status = 'removed'")[0][0] == 1


async def test_what_housekeeping_works_out_again_is_taken_over_in_memory(room: Room) -> None:
    """The stories that a step touched, and no others: not all are read again."""
    await room.poll()
    index = room.daemon._poller._stories.at(utc_now(), is_needed=True)
    [(story_id, lead)] = [tuple(row) for row in room.database.query("SELECT id, lead_post_id FROM stories")]
    text = "The evening ferry sails between the islands again " * 4
    index.stories[story_id].title = text[:120]
    with room.database.write():  # as 0.1.0 called it
        room.database.conn.execute("UPDATE posts SET title = NULL, text = ? WHERE id = ?", (text, lead))
        room.database.conn.execute("UPDATE stories SET title = ? WHERE id = ?", (text[:120], story_id))
    await room.daemon._keep_house()
    held = room.daemon._poller._stories.at(utc_now(), is_needed=True)
    assert held is index
    [[title]] = room.database.query("SELECT title FROM stories")
    assert held.stories[story_id].title == title == text[:120].rpartition(" ")[0] + " …"


@pytest.mark.parametrize("is_stopped", [True, False])
async def test_a_build_that_is_cut_off_at_a_stop_is_no_error(
    room: Room, monkeypatch: pytest.MonkeyPatch, is_stopped: bool
) -> None:
    """The scheduler tells whatever a job raises as one, with its traceback."""
    begun = asyncio.Event()

    async def build() -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(room.daemon._publisher, "go_on", build)
    job = asyncio.create_task(room.daemon._publish())
    await begun.wait()
    if is_stopped:
        room.daemon.stop()
    job.cancel()
    await asyncio.wait({job})
    assert job.cancelled() is not is_stopped


async def test_what_is_done_for_readers_rests_until_somebody_writes(room: Room) -> None:
    readers = room.daemon._publisher
    assert readers and not readers.rests()
    await room.poll()
    for _ in range(3):  # briefs are written in turns
        await readers.go_on()
    assert readers.rests()
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET title = 'The ferry does not sail'")
    assert not readers.rests()
    for _ in range(3):
        readers._not_before = 0.0
        await readers.go_on()
    assert readers.rests()
    with closing(sqlite3.connect(room.path)) as other, other:
        other.execute("UPDATE stories SET title = 'The ferry sails'")
    assert not readers.rests()
    readers.use(room.config)
    assert not readers.rests()


async def test_a_poll_comes_to_its_end_where_something_else_could_not_be_written(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the next tick finds out that there is room again, and until then all that is no poll rests."""
    waits: list[bool] = []

    async def poll(stop: asyncio.Event, on_polled: object, until: Callable[[], bool]) -> None:
        waits.append(until())
        room.daemon._stand_still(DatabaseUnwritableError("news.db: disk is full", Obstacle.DISK_FULL))
        waits.append(until())

    monkeypatch.setattr(room.daemon._poller, "poll_due", poll)
    await room.daemon._tick()
    assert waits == [False, True]


async def test_how_long_is_kept_may_change_while_it_runs_and_where_may_not(room: Room, tmp_path: Path) -> None:
    keeping = Keeping(posts=timedelta(days=30))
    room.config = replace(room.config, storage=Storage(path=tmp_path / "other.db", keeping=keeping))
    await room.reload()
    assert room.daemon._config.storage == Storage(path=room.path, keeping=keeping)


async def test_what_it_does_is_counted(room: Room) -> None:
    meters, wrong = room.daemon.meters, ConfigError(["x"])
    assert meters.is_working
    await room.daemon._poll_due()
    assert (meters.polls["ok"], meters.posts["new"]) == (1, 1)
    for durations in (meters.polling, meters.reading, meters.saving):
        assert durations.so_far().up_to[-1] == 1
    assert meters.drop_keys.so_far().up_to[-1] == 0
    await room.daemon._keep_house()
    assert meters.drop_keys.so_far().up_to[-1] == 1
    assert meters.look().to_ask == 0

    def reload() -> Config:
        raise wrong

    room.daemon._reload = reload
    await room.reload()
    assert not meters.is_reloaded
    room.daemon._reload = lambda: room.config
    await room.reload()
    assert meters.is_reloaded


async def test_what_waits_is_told_while_it_is_polled(room: Room) -> None:
    room.site.held.add("/old")
    polling = asyncio.create_task(room.poll())
    async with asyncio.timeout(30):
        while not room.site.asked:
            await asyncio.sleep(0.01)
    assert room.daemon.meters.look().asked == 1
    room.site.release()
    await polling
    assert room.daemon.meters.look().asked == 0


async def test_an_outage_of_the_poller_in_use_is_told(room: Room) -> None:
    first = room.daemon._poller
    room.config = room.following("new", "error")
    await room.reload()
    first.politeness.is_outage = True
    assert not room.daemon.meters.look().is_outage
    room.daemon._poller.politeness.is_outage = True
    assert room.daemon.meters.look().is_outage


@pytest.mark.parametrize(("is_saved", "pause"), [(True, 5), (False, 40)])
async def test_trouble_after_something_was_saved_is_a_new_one_however_long_the_poll(
    room: Room, monkeypatch: pytest.MonkeyPatch, is_saved: bool, pause: int
) -> None:
    """A poll goes on for minutes, and need not have come to its end before the disk is full again."""
    full, standstill = DatabaseUnwritableError("news.db: disk is full", Obstacle.DISK_FULL), room.daemon._standstill
    for _ in range(3):  # 5, 10, 20 s
        standstill.begin(full)
    standstill.show(None)
    poll_due, seconds = room.daemon._poller.poll_due, [0.0]
    room.daemon._lock = WriterLock(room.path, steady=lambda: seconds[0])

    async def poll(stop: asyncio.Event, on_polled: Any, until: Callable[[], bool]) -> None:
        seconds[0] += 3600
        if is_saved:
            await poll_due(stop, on_polled, until)
        raise full

    monkeypatch.setattr(room.daemon._poller, "poll_due", poll)
    await room.daemon._tick()
    assert standstill._pause == timedelta(seconds=pause)
    assert room.daemon._lock.polled_at == (3600 if is_saved else 0)  # by which `health` tells what is stuck
