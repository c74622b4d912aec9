"""Open stories are read before the transaction that needs them, in steps; what is changed meanwhile is not lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine import open_stories, saver, story_index
from aggregator.engine.open_stories import OpenStories
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.model.settings import Articles, Stories
from aggregator.stories.index import StoryIndex
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.index_state import state
from tests.helpers.poller_room import NOW, PollerRoom, article, four_papers, url_of
from tests.helpers.reader_room import FERRY, ReaderRoom


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Some stories, of which a step reads two posts."""
    made = four_papers(tmp_path)
    await made.poll()
    monkeypatch.setattr(story_index, "_PAGE", 2)
    yield made
    made.database.close()


@pytest.fixture
def stories(room: PollerRoom) -> OpenStories:
    """As after a start: nothing is read yet."""
    return OpenStories(room.database, Stories(), lambda: NOW)


def fresh(room: PollerRoom) -> StoryIndex:
    return story_index.load_story_index(room.database, Stories(), NOW)


async def meanwhile(stories: OpenStories, *happens: Callable[[], object], after: int = 4) -> bool:
    """Prepare them; after so many turns of the loop something happens. What `prepare` says."""
    preparing = asyncio.create_task(stories.prepare(asyncio.Event()))
    for each in happens:
        for _ in range(after):
            await asyncio.sleep(0)
        assert not preparing.done()
        each()
    return await preparing


def by_another(room: PollerRoom, sql: str) -> Callable[[], None]:
    """Another program writes, which does not wait for a moment."""

    def write() -> None:
        with closing(sqlite3.connect(room.config.storage.path, timeout=0, isolation_level=None)) as other:
            other.execute(sql)

    return write


def by_us(room: PollerRoom, sql: str, tell: Callable[[], object]) -> Callable[[], None]:
    def write() -> None:
        with room.database.write():
            room.database.conn.execute(sql)
        tell()

    return write


TITLE = "UPDATE stories SET title = 'Another' WHERE id = 1"


async def test_it_is_what_would_be_read_at_once(room: PollerRoom, stories: OpenStories) -> None:
    assert await stories.prepare(asyncio.Event())
    index = stories.index
    assert index and len(index.arrivals) > 8
    assert state(index) == state(fresh(room))
    assert stories.at(NOW, is_needed=True) is index
    assert await stories.prepare(asyncio.Event())
    assert stories.index is index


async def test_others_may_write_meanwhile_and_are_heard(room: PollerRoom, stories: OpenStories) -> None:
    assert await meanwhile(stories, by_another(room, TITLE))
    index = stories.index
    assert index and index.stories[1].title == "Another"
    assert state(index) == state(fresh(room))
    assert stories.at(NOW, is_needed=True) is index


@pytest.mark.parametrize("after", [2, 5, 8])
async def test_what_this_process_changes_meanwhile_is_taken_over(
    room: PollerRoom, stories: OpenStories, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Of which some posts were read, all, or none. Without beginning anew: beside reworks that would have no end."""
    begun = count_loads(monkeypatch)
    [[one, two]] = room.rows("SELECT min(id), max(id) FROM stories")
    sql = f"UPDATE posts SET story_id = {two} WHERE id = (SELECT max(id) FROM posts WHERE story_id = {one})"
    assert await meanwhile(
        stories,
        by_us(room, TITLE, lambda: stories.read_again([1])),
        by_us(room, sql, lambda: stories.read_again([one, two])),
        after=after // 2,
    )
    assert len(begun) == 1
    assert stories.index and state(stories.index) == state(fresh(room))


async def test_posts_that_go_meanwhile_are_left_out(room: PollerRoom, stories: OpenStories) -> None:
    sql = "UPDATE posts SET gone_at = '2026-05-04T12:00:00Z' WHERE id = 2"
    assert await meanwhile(stories, by_us(room, sql, lambda: stories.leave_out([2])))
    assert stories.index and stories.index.arrivals.get(2) is None
    assert state(stories.index) == state(fresh(room))


async def test_what_is_dropped_meanwhile_is_read_anew(
    room: PollerRoom, stories: OpenStories, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = count_loads(monkeypatch)
    assert await meanwhile(stories, stories.drop)
    assert len(begun) == 2
    assert stories.index and state(stories.index) == state(fresh(room))


async def test_who_cannot_wait_reads_it_at_once(room: PollerRoom, stories: OpenStories) -> None:
    found: list[StoryIndex] = []
    assert await meanwhile(stories, lambda: found.append(stories.at(NOW, is_needed=True)))
    assert stories.index is found[0]
    assert state(found[0]) == state(fresh(room))


async def test_where_others_write_all_the_time_it_is_read_within_the_transaction(
    room: PollerRoom, stories: OpenStories, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = count_loads(monkeypatch)
    writes = [by_another(room, f"UPDATE stories SET title = '{number}' WHERE id = 1") for number in range(3)]
    assert await meanwhile(stories, *writes, after=2)
    assert len(begun) == 3
    assert stories.index is None
    assert state(stories.at(NOW, is_needed=True)) == state(fresh(room))


async def test_at_a_stop_few_are_read_and_many_are_not(
    room: PollerRoom, stories: OpenStories, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    stop.set()
    monkeypatch.setattr(open_stories, "_FEW", 3)
    assert not await stories.prepare(stop)
    assert stories.index is None
    monkeypatch.setattr(open_stories, "_FEW", 1000)
    assert await stories.prepare(stop)
    assert stories.index
    monkeypatch.setattr(open_stories, "_FEW", 3)
    assert await stories.prepare(stop)  # they are there


async def test_what_cannot_be_read_is_told_by_who_needs_it(room: PollerRoom, stories: OpenStories) -> None:
    room.database.conn.execute("ALTER TABLE post_words RENAME TO hidden")
    assert await stories.prepare(asyncio.Event())
    assert stories.index is None
    room.database.conn.execute("ALTER TABLE hidden RENAME TO post_words")


async def test_a_bug_in_reading_them_stops_no_poll_that_needs_none(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who needs them is told of it, as of any bug; the others are saved."""

    def loading(*given: object) -> Iterator[int]:
        yield 1
        raise ValueError("no such word")

    monkeypatch.setattr(story_index, "loading", loading)
    room.now, room.poller = NOW + timedelta(hours=2), room.new_poller()
    room.collect.begin_anew()
    room.collect.posts(url_of("paper1"), [article("new", "The ferry report")])
    polled = {each.collected.source.title: each.collected for each in await room.poll()}
    assert {name: collected.outcome for name, collected in polled.items()} == {
        "paper0": Outcome.NOT_MODIFIED, "paper1": Outcome.FAILED, "paper2": Outcome.NOT_MODIFIED,
        "paper3": Outcome.NOT_MODIFIED,
    }  # fmt: skip
    assert "no such word" in polled["paper1"].detail
    await room.poller.prepare(asyncio.Event())


# ---------------------------------------------------------------- who prepares them


def count_loads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each time that open stories are read: was it in a transaction?"""
    begun: list[bool] = []
    loading = story_index.loading

    def noting(database: Any, *given: Any) -> Iterator[int]:
        begun.append(database.conn.in_transaction)
        return loading(database, *given)

    monkeypatch.setattr(story_index, "loading", noting)
    return begun


async def new_posts(room: PollerRoom) -> None:
    room.now = NOW + timedelta(hours=2)
    room.collect.begin_anew()
    room.collect.posts(url_of("paper1"), [article("new", "The ferry report")])
    room.poller = room.new_poller()
    await room.poll()


async def first_poll(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET last_success_at = NULL WHERE url LIKE '%paper1%'")
    await new_posts(room)
    assert room.rows("SELECT count(*) FROM posts WHERE story_id IS NULL") == [(0,)]


async def the_hour(room: PollerRoom) -> None:
    room.poller = room.new_poller()
    await room.poller.prepare(asyncio.Event())
    room.poller.reconsider()


@pytest.mark.parametrize("happens", [new_posts, first_poll, the_hour])
async def test_no_transaction_waits_for_them(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch, happens: Callable[[PollerRoom], Awaitable[None]]
) -> None:
    begun = count_loads(monkeypatch)
    await happens(room)
    assert begun == [False]


async def test_none_waits_for_them_where_entries_say_nothing_new(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second thoughts of the hour come before those too."""
    item = "<item><guid>1</guid><title>The ferry report</title><link>https://paper1.example/1</link></item>"
    room.collect.begin_anew()
    for title in ("Papers", "Papers anew"):
        document = f'<rss version="2.0"><channel><title>{title}</title>{item}</channel></rss>'
        room.collect.document(url_of("paper1"), document.encode())
    for hours in (1, 2):
        room.now = NOW + timedelta(hours=hours)
        await room.poll()
    room.now, room.poller = NOW + timedelta(hours=4), room.new_poller()
    begun = count_loads(monkeypatch)
    polled = {each.collected.source.title: each for each in await room.poll()}
    collected = polled["paper1"].collected
    assert (len(collected.posts), len(collected.unchanged)) == (0, 1)
    assert begun == [False]


@pytest.mark.parametrize(("few", "saved"), [(3, 0), (1000, 2)])
async def test_a_stop_waits_for_no_more_than_a_few(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch, few: int, saved: int
) -> None:
    """What came is saved where that takes a second, in however many transactions, and else it is asked for again."""
    monkeypatch.setattr(open_stories, "_FEW", few)
    room.now, room.batch_posts = NOW + timedelta(hours=2), 1
    room.collect.begin_anew()
    for name in ("paper1", "paper2"):
        room.collect.posts(url_of(name), [article("new", "The ferry report", host=name)])
    slow, stop = room.collect.hang(url_of("paper0")), asyncio.Event()
    room.poller = room.new_poller()
    polled: list[PolledSource] = []
    poll = asyncio.create_task(room.poller.poll(room.poller.sources, stop=stop, on_polled=polled.append))
    while len(room.collect.asked) < 8:
        await asyncio.sleep(0)
    stop.set()
    await poll
    slow.set()
    assert len([each for each in polled if each.collected.posts]) == saved
    assert (room.poller._stories.index is not None) == bool(saved)


async def test_polls_that_bring_nothing_read_none(room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = count_loads(monkeypatch)
    room.collect.begin_anew()
    room.poller = room.new_poller()
    await room.poll()
    assert begun == []


async def test_pages_that_judge_posts_read_them_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(fetch="all", judge=True))
    await room.brings("gazette", replace(FERRY[0], text="Read what happened."))
    room.poller = room.new_poller()
    room.reader = room.new_reader()
    begun = count_loads(monkeypatch)
    assert await room.read_all()
    assert begun == [False]
    room.database.close()


class Interrupted(FakeEncoder):
    """A model during whose work something happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        self.happens()
        return super().encode(texts)


@pytest.mark.parametrize("writes", [True, False])
async def test_who_writes_while_posts_are_encoded_makes_no_transaction_read_them(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch, writes: bool
) -> None:
    room.encoder = Interrupted(by_another(room, TITLE) if writes else lambda: None)
    room.poller = room.new_poller()
    await room.poller.prepare(asyncio.Event())
    begun = count_loads(monkeypatch)
    room.now = NOW + timedelta(minutes=20)
    room.collect.begin_anew()
    room.collect.posts(url_of("paper1"), [article("new", "The ferry report")])
    await room.poll()
    assert room.encoder.asked == [1]
    assert begun == [False] * writes


async def test_posts_are_encoded_once_however_long_the_database_is_locked(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saver, "_RETRY_SECONDS", 0.001)
    room.encoder = FakeEncoder()
    room.poller = room.new_poller()
    room.now = NOW + timedelta(minutes=20)
    room.collect.begin_anew()
    room.collect.posts(url_of("paper1"), [article("new", "The ferry report")])
    room.database.conn.execute("PRAGMA busy_timeout = 0")
    prepare, tries = room.poller._stories.prepare, 0

    async def counted(stop: asyncio.Event) -> bool:
        nonlocal tries
        tries += 1
        return await prepare(stop)

    monkeypatch.setattr(room.poller._stories, "prepare", counted)
    with closing(sqlite3.connect(room.config.storage.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        poll = asyncio.create_task(room.poll())
        async with asyncio.timeout(20):
            while tries < 3:
                await asyncio.sleep(0.001)
        other.execute("ROLLBACK")
    await poll
    assert room.encoder.asked == [1]
    assert room.rows("SELECT count(*) FROM posts WHERE title = 'The ferry report'") == [(1,)]
