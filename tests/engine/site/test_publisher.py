"""The site of a running daemon: what begins a build, what ends it, and that nothing of it gets in polling's way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from aggregator.engine.site import publisher as module
from aggregator.engine.site.publisher import Publisher, build_site
from aggregator.model.errors import PublishError
from aggregator.model.settings import Publish
from tests.helpers.poller_room import PollerRoom, article, url_of


class Desk:
    """A publisher of a database with one post. `during` is called in the thread of each build before it begins."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = PollerRoom(folder, "gazette")
        self.stop = asyncio.Event()
        self.publisher = Publisher(self.room.database, self.stop)
        self.settings = Publish(path=folder / "site", interval=timedelta(hours=1))
        self.built: list[Publish] = []
        self.during: Callable[[], object] = lambda: None
        monkeypatch.setattr(module, "build_site", self._build)
        monkeypatch.setattr(module, "can_index", lambda: False)
        self.publisher.use(self.settings)

    def _build(self, database: Path, settings: Publish, **more: Any) -> Any:
        self.built.append(settings)
        self.during()
        return build_site(database, settings, **more)

    async def post(self, name: str) -> None:
        self.room.collect.begin_anew()
        self.room.now += timedelta(hours=1)
        self.room.collect.posts(url_of("gazette"), [article(name, f"Ferry {name} is late")])
        await self.room.poll()

    def seen(self) -> bool:
        return self.room.rows("SELECT seq FROM consumers") == self.room.rows("SELECT max(seq) FROM changes")


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    made = Desk(tmp_path, monkeypatch)
    await made.post("one")
    yield made
    made.stop.set()
    await made.publisher.ended()
    made.room.database.close()


async def test_it_waits_between_builds(desk: Desk) -> None:
    await desk.publisher.go_on()
    assert desk.seen()
    await desk.post("two")
    await desk.publisher.go_on()
    assert len(desk.built) == 1


async def test_settings_that_come_during_a_build_end_it_and_are_built_at_once(desk: Desk) -> None:
    def read() -> None:
        desk.during = lambda: None
        desk.publisher.use(replace(desk.settings, people="none"))

    desk.during = read
    await desk.publisher.go_on()
    assert not (desk.settings.path and (desk.settings.path / "index.html").exists())
    await desk.publisher.go_on()
    assert [each.people for each in desk.built] == ["agreed", "none"]
    await desk.publisher.go_on()
    assert len(desk.built) == 2


async def test_what_else_a_configuration_changes_is_built_at_once(desk: Desk) -> None:
    """No change tells of what topics are called, and of which sources may be shown: that is read with it."""
    conn = desk.room.database.conn
    await desk.publisher.go_on()
    assert desk.settings.path
    river = desk.settings.path / "river" / "index.html"
    assert "Ferry one is late" in river.read_text()
    with desk.room.database.write():
        conn.execute("UPDATE sightings SET by_token = 1")
    await desk.publisher.go_on()
    assert len(desk.built) == 1  # nobody said so
    with desk.room.database.write():
        conn.execute("UPDATE sources SET publish = 1")
    desk.publisher.use(replace(desk.settings))
    await desk.publisher.go_on()
    with desk.room.database.write():
        conn.execute("UPDATE sources SET publish = 0")
    assert "Ferry one is late" in river.read_text()
    desk.publisher.use(replace(desk.settings))
    await desk.publisher.go_on()
    assert "Ferry one is late" not in river.read_text()
    await desk.publisher.go_on()
    assert len(desk.built) == 3


async def test_what_comes_during_a_build_is_built_after_it(desk: Desk) -> None:
    desk.during = lambda: desk.publisher.use(replace(desk.settings))
    await desk.publisher.go_on()
    assert desk.seen()  # the same settings do not end it
    desk.during = lambda: None
    await desk.publisher.go_on()
    await desk.publisher.go_on()
    assert len(desk.built) == 2


async def test_so_are_those_that_come_during_one_that_fails(desk: Desk) -> None:
    def fail() -> None:
        desk.during = lambda: None
        desk.publisher.use(replace(desk.settings, people="none"))
        raise PublishError("a template is wrong")

    desk.during = fail
    await desk.publisher.go_on()
    await desk.publisher.go_on()
    assert desk.seen()


@pytest.mark.parametrize("error", [ZeroDivisionError(), MemoryError(), PublishError("no"), OSError(28, "full")])
async def test_whatever_fails_is_told_and_waited_for(desk: Desk, error: Exception) -> None:
    def fail() -> None:
        raise error

    desk.during = fail
    with capture_logs() as told:
        await desk.publisher.go_on()
        await desk.publisher.go_on()
    assert len(desk.built) == len([each for each in told if each["log_level"] == "error"]) == 1
    assert not desk.seen()


@pytest.mark.parametrize(
    ("error", "words"), [(MemoryError(), "too little memory"), (OSError(28, "No space", "/x/y"), "/x/y: No space")]
)
async def test_a_build_by_hand_says_it_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("aggregator.publish.building.build.build", fail)
    with pytest.raises(PublishError, match=words):
        build_site(desk.room.config.storage.path, desk.settings)


async def test_at_a_stop_the_build_ends_quietly(desk: Desk) -> None:
    desk.during = desk.stop.set
    with capture_logs() as told:
        await desk.publisher.go_on()
    assert told == []
    assert not desk.seen()


async def test_the_index_is_made_beside_all_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def index(site: Path, is_stopped: Callable[[], bool]) -> bool:
        begun.set()
        assert may_end.wait(20)
        (site / "pagefind").mkdir(exist_ok=True)
        (site / "pagefind" / "pagefind.js").touch()
        return True

    monkeypatch.setattr(module, "can_index", lambda: True)
    monkeypatch.setattr(module, "index_site", index)
    desk.publisher.use(replace(desk.settings, interval=timedelta(0)))
    await desk.publisher.go_on()
    assert await asyncio.to_thread(begun.wait, 20)
    assert desk.seen()
    await desk.post("two")
    await desk.publisher.go_on()
    assert desk.seen()
    assert desk.settings.path
    page = desk.settings.path / "search" / "index.html"
    assert "search.js" not in page.read_text()
    may_end.set()
    await desk.publisher.ended()
    await desk.publisher.go_on()  # by itself: nothing else has changed
    assert "search.js" in page.read_text()
