"""A daemon has many posts of first polls grouped by a process that ends: as it would do it itself."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine import log
from aggregator.engine.rebuild import first_polls, grouping_beside
from aggregator.engine.rebuild.first_polls import FirstPolls
from aggregator.engine.rebuild.grouping_beside import Beside
from aggregator.model.settings import Config
from aggregator.model.source import Source
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.poller_room import PollerRoom, four_papers, subjects, url_of

STORIES = (
    "SELECT id, slug, title, lead_post_id, post_count, source_count FROM stories ORDER BY id",
    "SELECT id, story_id, story_because, story_score, copy_of FROM posts ORDER BY id",
    "SELECT post_id, words FROM post_words ORDER BY post_id",
    "SELECT story_id, earlier_story_id, similarity, because FROM story_links ORDER BY 1, 2",
    "SELECT what, row_id, change FROM changes ORDER BY seq",
)
WAITING = "SELECT count(*) FROM posts WHERE story_id IS NULL"


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few posts count as many."""
    monkeypatch.setattr(first_polls, "_MANY", 5)


def not_here(*_: Any) -> None:
    raise AssertionError("grouped in the process that lives on")


def living_on(folder: Path, encoder: FakeEncoder | None = None) -> PollerRoom:
    room = four_papers(folder)
    room.lives_on, room.encoder = True, encoder
    room.poller = room.new_poller()
    return room


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("encoder", [None, FakeEncoder()], ids=["words", "meaning"])
async def test_another_process_gives_the_same_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: FakeEncoder | None
) -> None:
    alone, beside = four_papers(tmp_path / "alone"), living_on(tmp_path / "beside", encoder)
    alone.encoder = encoder
    alone.poller = alone.new_poller()
    await alone.poll()
    monkeypatch.setattr(FirstPolls, "_step", not_here)
    await beside.poll()
    assert beside.rows(WAITING) == [(0,)]
    assert [beside.rows(query) for query in STORIES] == [alone.rows(query) for query in STORIES]
    assert beside.poller._stories.index is None  # nothing of it is kept here
    alone.database.close()
    beside.database.close()


@pytest.mark.usefixtures("many")
async def test_what_comes_afterwards_is_decided_on_what_it_left(tmp_path: Path) -> None:
    alone, beside = four_papers(tmp_path / "alone"), living_on(tmp_path / "beside")
    for room in (alone, beside):
        await room.poll()
        room.collect.begin_anew()
        for number in range(4):
            room.collect.posts(url_of(f"paper{number}"), subjects(22)[12 + number : 22])
        room.now += timedelta(hours=1)
        await room.poll()
    assert alone.rows("SELECT count(*) FROM posts WHERE story_because <> 'first report' AND id > 36") > [(0,)]
    assert [beside.rows(query) for query in STORIES] == [alone.rows(query) for query in STORIES]
    alone.database.close()
    beside.database.close()


async def test_few_posts_are_worth_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = living_on(tmp_path)
    monkeypatch.setattr(Beside, "__call__", not_here)
    await room.poll()
    assert room.rows(WAITING) == [(0,)]
    room.database.close()


@pytest.mark.usefixtures("many")
async def test_where_no_process_can_be_had_it_is_done_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = living_on(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    await room.poll()
    assert room.rows(WAITING) == [(0,)]
    room.database.close()


@pytest.mark.usefixtures("many")
async def test_a_stop_ends_that_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room, stop = living_on(tmp_path), asyncio.Event()

    async def stops(*_: Any) -> bool:
        stop.set()
        return False

    with monkeypatch.context() as patch:
        patch.setattr(Beside, "__call__", stops)
        await room.poll(stop=stop)
    waiting = room.rows(WAITING)
    assert waiting > [(0,)]
    beside = Beside(room.config.storage.path, room.config, None)
    assert await beside(stop, True)
    assert room.rows(WAITING) == waiting
    assert await beside(asyncio.Event(), True)
    assert room.rows(WAITING) == [(0,)]
    room.database.close()


@pytest.mark.usefixtures("many")
async def test_what_its_minutes_did_not_suffice_for_waits_for_the_next_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = living_on(tmp_path)

    async def ends(*_: Any) -> bool:
        return True

    with monkeypatch.context() as patch:
        patch.setattr(Beside, "__call__", ends)
        patch.setattr(FirstPolls, "_step", not_here)
        await room.poll()
    assert room.rows(WAITING) > [(0,)]
    await room.poll()
    assert room.rows(WAITING) == [(0,)]
    room.database.close()


async def waiting_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> PollerRoom:
    """What first polls brought waits in it."""
    room, stop = living_on(folder), asyncio.Event()

    async def stops(*_: Any) -> bool:
        stop.set()
        return True

    with monkeypatch.context() as patch:
        patch.setattr(Beside, "__call__", stops)
        await room.poll(stop=stop)
    return room


@pytest.mark.usefixtures("many")
async def test_it_is_left_alone_where_only_a_thread_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread goes on when the daemon is to stop, and beside what the daemon does itself."""
    room = await waiting_room(tmp_path, monkeypatch)
    waiting = room.rows(WAITING)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    assert not await Beside(room.config.storage.path, room.config, None)(asyncio.Event(), True)
    assert room.rows(WAITING) == waiting > [(0,)]
    room.database.close()


@pytest.mark.usefixtures("many")
async def test_it_stops_when_who_asked_for_it_has_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await waiting_room(tmp_path, monkeypatch)
    waiting = room.rows(WAITING)
    _, *arguments = Beside(room.config.storage.path, room.config, None)._arguments
    monkeypatch.setattr(log, "configure", lambda *_, **__: None)
    parent = os.getppid()
    group = grouping_beside._grouping(parent, *arguments)
    monkeypatch.setattr(os, "getppid", lambda: parent + 1)
    with monkeypatch.context() as patch:
        patch.setattr(first_polls, "_FIRST_POSTS", 1)
        patch.setattr(first_polls, "_MOST_POSTS", 1)
        assert await asyncio.to_thread(group, True)
    assert [(0,)] < room.rows(WAITING) < waiting
    room.database.close()


def test_its_log_leaves_out_the_keys_of_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = Source(kind="feed", url="https://a.example/f", keys=(("key", "s3cr3tk3y"),))
    config = replace(Config(), sources=(keyed, Source(kind="feed", url="https://b.example/f")))
    _, *arguments = Beside(tmp_path / "news.db", config, None)._arguments
    told: list[Any] = []
    monkeypatch.setattr(log, "configure", lambda _, sources: told.extend(sources))
    grouping_beside._grouping(os.getppid(), *arguments)
    assert told == [keyed]
