"""Whole polls with a scripted network and a real database file."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.open_stories import OpenStories
from aggregator.engine.politeness import Politeness
from aggregator.engine.saver import Saver
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Outcome
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from tests.helpers.build import make_collected, make_enriched
from tests.helpers.poller_room import NOW, PollerRoom, article, subjects, url_of


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier", "digest")
    yield room
    room.database.close()


@pytest.fixture
def small_batches(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier", "digest", batch_posts=4)
    yield room
    room.database.close()


async def test_posts_reach_the_database_with_their_validators(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")], etag='W/"7"')
    [gazette, *_] = await newsroom.poll()
    assert (gazette.new, gazette.status) == (1, "ok")
    assert newsroom.rows("SELECT title, topics FROM latest_posts") == [("The ferry sails again", "ferries")]
    assert newsroom.rows("SELECT etag, status FROM sources WHERE title = 'gazette'") == [('W/"7"', "ok")]


async def test_polling_again_adds_nothing(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    await newsroom.poll()
    [again, *_] = await newsroom.poll()
    assert (again.new, again.edited) == (0, 0)
    assert newsroom.rows("SELECT count(*) FROM changes WHERE what = 'post'") == [(1,)]


async def test_an_edit_keeps_the_old_version(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again tonight")])
    await newsroom.poll()
    [edited, *_] = await newsroom.poll()
    assert edited.edited == 1
    assert newsroom.rows("SELECT title FROM posts") == [("The ferry sails again tonight",)]
    assert newsroom.rows("SELECT title FROM post_revisions") == [("The ferry sails again",)]


@pytest.mark.parametrize("comes_with", ["gazette", "digest"])
async def test_what_is_gone_plays_no_part_for_posts_that_come_with_it(newsroom: PollerRoom, comes_with: str) -> None:
    lead = article("1", "Ferry returns to Port Marlow after eleven years", "What its author took back")
    second = article("2", "After eleven years Port Marlow ferry returns", "The harbour master smiles", host="courier")
    third = article("3", "Port Marlow ferry returns, eleven years on", "Gulls watch", host="digest")
    newsroom.collect.posts(url_of("gazette"), [lead])
    newsroom.collect.posts(url_of("courier"), [second])
    await newsroom.poll()
    brought = {"gazette": [], "digest": [], comes_with: [third]}
    newsroom.collect.posts(url_of("gazette"), brought["gazette"], gone=[lead.native_id])
    newsroom.collect.posts(url_of("digest"), brought["digest"])
    await newsroom.poller.poll(newsroom.poller.sources[:2])  # once more what they said before
    newsroom.now += timedelta(minutes=15)
    await newsroom.poll()
    assert newsroom.rows("SELECT id, story_id FROM posts ORDER BY id") == [(1, 1), (2, 1), (3, 1)]
    assert newsroom.rows("SELECT title, lead_post_id FROM stories") == [(second.title, 2)]
    assert newsroom.rows("SELECT gone FROM polls WHERE gone > 0") == [(1,)]


async def test_a_corrected_headline_reaches_its_story(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "Minister resigns over ferry contract")])
    newsroom.collect.posts(url_of("gazette"), [article("1", "Correction: minister does not resign")])
    await newsroom.poll()
    await newsroom.poll()
    assert newsroom.rows("SELECT title FROM latest_stories") == [("Correction: minister does not resign",)]
    newsroom.collect.posts(url_of("courier"), [article("1", "Correction: minister does not resign", host="gazette")])
    await newsroom.poll()
    assert newsroom.rows("SELECT title, post_count FROM latest_stories") == [
        ("Correction: minister does not resign", 2)
    ]


async def test_many_posts_of_one_source_are_saved_in_batches(small_batches: PollerRoom) -> None:
    newsroom = small_batches
    newsroom.collect.posts(url_of("gazette"), subjects(10), etag="new")
    [gazette, *_] = await newsroom.poll()
    assert (gazette.new, len(gazette.collected.posts)) == (10, 10)
    assert newsroom.rows("SELECT entries, new FROM polls WHERE source_id = 1") == [(10, 10)]
    assert newsroom.rows("SELECT etag FROM sources WHERE id = 1") == [("new",)]
    [again, *_] = await newsroom.poll()
    assert again.new == 0


async def test_a_stop_between_batches_keeps_what_was_saved_and_asks_again(small_batches: PollerRoom) -> None:
    newsroom = small_batches
    newsroom.collect.posts(url_of("gazette"), subjects(10), etag="new")
    stop = asyncio.Event()
    poll = asyncio.create_task(newsroom.poll(stop=stop))
    while not newsroom.rows("SELECT 1 FROM posts"):
        await asyncio.sleep(0)
    stop.set()
    await poll
    assert newsroom.rows("SELECT count(*) FROM posts") in ([(4,)], [(8,)])
    assert newsroom.rows("SELECT etag, last_poll_at FROM sources WHERE id = 1") == [(None, None)]
    await newsroom.poll()
    assert newsroom.rows("SELECT count(*) FROM posts") == [(10,)]


async def test_another_program_that_holds_the_database_is_waited_for(newsroom: PollerRoom, tmp_path: Path) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    newsroom.database.conn.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / "news.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    poll = asyncio.create_task(newsroom.poll())
    while len(newsroom.collect.asked) < 3:
        await asyncio.sleep(0)
    other.execute("ROLLBACK")
    other.close()
    await poll
    assert newsroom.rows("SELECT count(*) FROM posts") == [(1,)]


async def test_a_clock_that_was_wrong_once_puts_no_source_to_sleep(newsroom: PollerRoom) -> None:
    newsroom.now += timedelta(days=3650)
    await newsroom.poll()
    newsroom.now = NOW
    assert len(newsroom.new_poller().due()) == 3


async def test_an_id_used_again_is_compared_with_stored_texts(newsroom: PollerRoom) -> None:
    text = (
        "The evening ferry between the islands sails again after the storm broke its rudder, says the harbour office."
    )
    newsroom.collect.posts(url_of("courier"), [article("c", "Ferry sails", text, host="courier")])
    newsroom.collect.posts(url_of("gazette"), [replace(article("1", "Tide clocks at the museum"), native_id="1")])
    await newsroom.poll()
    reused = replace(article("1", "Ferry sails", text), native_id="1")
    object.__setattr__(reused, "canonical_url", "https://gazette.example/other")
    newsroom.collect.posts(url_of("gazette"), [reused])
    await newsroom.poll()
    await newsroom.poll()
    assert newsroom.rows("SELECT copy_of FROM posts ORDER BY id")[-1] != (None,)


async def test_one_article_in_three_sources_is_one_original_and_two_copies(newsroom: PollerRoom) -> None:
    for name in ("gazette", "courier", "digest"):
        newsroom.collect.posts(url_of(name), [article("1", "The ferry sails again")])
    polled = await newsroom.poll()
    assert [each.copies for each in polled] == [0, 1, 1]
    assert newsroom.rows("SELECT count(*), count(copy_of), count(DISTINCT story_id) FROM posts") == [(3, 2, 1)]
    assert newsroom.rows("SELECT source_count FROM latest_posts") == [(3,)]


async def test_results_are_saved_in_the_order_of_the_sources(newsroom: PollerRoom) -> None:
    for name in ("gazette", "courier", "digest"):
        newsroom.collect.posts(url_of(name), [article("1", "The ferry sails again")])
    slow = newsroom.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(newsroom.poll())
    while len(newsroom.collect.asked) < 3:
        await asyncio.sleep(0)
    slow.set()
    polled = await poll
    assert [each.collected.source.title for each in polled] == ["gazette", "courier", "digest"]
    assert newsroom.rows("SELECT source FROM latest_posts") == [("gazette",)]


async def test_stopping_saves_what_was_collected_and_leaves_the_rest(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("courier"), [article("1", "The ferry sails again")])
    newsroom.collect.hang(url_of("gazette"))
    stop = asyncio.Event()
    poll = asyncio.create_task(newsroom.poll(stop=stop))
    while len(newsroom.collect.asked) < 3:
        await asyncio.sleep(0)
    stop.set()
    assert {each.collected.source.title for each in await poll} == {"courier", "digest"}
    assert newsroom.rows("SELECT count(*) FROM posts") == [(1,)]
    assert newsroom.rows("SELECT last_poll_at FROM sources WHERE title = 'gazette'") == [(None,)]


async def test_a_source_with_more_is_asked_again_in_the_same_poll(newsroom: PollerRoom) -> None:
    newsroom.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")], more=True)
    newsroom.collect.posts(url_of("gazette"), [article("2", "Tide clocks at the museum")])
    await newsroom.poll()
    assert newsroom.collect.asked.count(url_of("gazette")) == 2
    assert newsroom.rows("SELECT count(*) FROM posts") == [(2,)]


async def test_trouble_backs_off_and_is_said_in_words(newsroom: PollerRoom) -> None:
    newsroom.collect.trouble(url_of("gazette"), Outcome.FAILED, "timed out after 30 s")
    waits = []
    for _ in range(4):
        [gazette, *_] = await newsroom.poll()
        waits.append((gazette.next_poll_at - NOW) / timedelta(minutes=15))
    assert waits == [1, 2, 4, 8]
    found = newsroom.rows("SELECT status, failures, last_error FROM source_health WHERE source = 'gazette'")
    assert found == [("failing", 4, "timed out after 30 s")]


async def test_a_bug_in_one_source_stops_no_other(newsroom: PollerRoom) -> None:
    newsroom.collect.bug(url_of("gazette"), ZeroDivisionError("no such luck"))
    newsroom.collect.posts(url_of("courier"), [article("1", "The ferry sails again", host="courier")])
    polled = await newsroom.poll()
    assert [each.status for each in polled] == ["failing", "ok", "ok"]
    assert "ZeroDivisionError" in polled[0].collected.detail
    assert newsroom.rows("SELECT count(*) FROM posts") == [(1,)]


class Rethinking(OpenStories):
    """Second thoughts with a bug."""

    tries = 0

    def reconsider(self) -> int:
        self.tries += 1
        raise ZeroDivisionError("no such luck")


async def test_a_bug_in_second_thoughts_costs_no_post(newsroom: PollerRoom) -> None:
    config, database = newsroom.config, newsroom.database
    sources = sync_sources(database.conn, config.sources, NOW)
    now = [NOW]
    stories = Rethinking(database, config.stories, lambda: now[0])
    polite = Politeness(config.polling)
    saver = Saver(database, config, stories, polite, sources=sources, clock=lambda: now[0], dice=lambda: 0.0)
    for number, at in enumerate((NOW, NOW, NOW + timedelta(hours=1))):
        now[0] = at
        enriched = make_enriched(f"{number}", title=f"Ferry {number}")
        [polled] = await saver.save([make_collected([enriched], source=sources[0])], asyncio.Event())
        assert polled.new == 1
    assert stories.tries == 2  # once an hour


async def test_a_post_that_cannot_be_saved_costs_only_its_own_source(newsroom: PollerRoom) -> None:
    broken = article("1", "bad")
    object.__setattr__(broken, "kind", "nonsense")  # the table's own check refuses it
    newsroom.collect.posts(url_of("gazette"), [broken], etag="new")
    newsroom.collect.posts(url_of("courier"), [article("2", "The ferry sails again", host="courier")])
    polled = await newsroom.poll()
    assert [each.status for each in polled] == ["failing", "ok", "ok"]
    assert newsroom.rows("SELECT etag FROM sources WHERE title = 'gazette'") == [(None,)]
    assert newsroom.rows("SELECT title FROM posts") == [("The ferry sails again",)]


async def test_only_due_sources_are_due_and_a_restart_keeps_the_schedule(newsroom: PollerRoom) -> None:
    assert len(newsroom.poller.due()) == 3
    await newsroom.poll()
    assert newsroom.new_poller().due() == []
    newsroom.now += timedelta(minutes=15)
    assert [source.title for source in newsroom.new_poller().due()] == ["gazette", "courier", "digest"]


async def test_the_memory_of_stories_survives_a_restart(newsroom: PollerRoom) -> None:
    text = "The evening ferry between the islands sails again after the storm broke its rudder."
    newsroom.collect.posts(url_of("gazette"), [article("1", "Island ferry sails again after storm", text)])
    await newsroom.poll()
    newsroom.poller = newsroom.new_poller()
    newsroom.collect.posts(
        url_of("courier"),
        [article("x", "After the storm the island ferry sails again", text[:50], host="courier")],
    )
    await newsroom.poll()
    assert newsroom.rows("SELECT post_count, source_count FROM latest_stories") == [(2, 2)]


@pytest.mark.parametrize("cut_after", [1, 2, 5])
async def test_a_poll_that_was_cut_off_ends_like_an_undisturbed_one(tmp_path: Path, cut_after: int) -> None:
    names = [f"paper{number}" for number in range(6)]

    def room(folder: str) -> PollerRoom:
        made = PollerRoom(tmp_path / folder, *names)
        for start, name in enumerate(names):
            made.collect.posts(url_of(name), subjects(12)[start : start + 7])
        return made

    undisturbed, cut = room("undisturbed"), room("cut")
    await undisturbed.poll()
    held = [cut.collect.hang(url_of(name)) for name in names[cut_after:]]
    stop, saved = asyncio.Event(), []

    def on_polled(polled: PolledSource) -> None:
        saved.append(polled)
        if len(saved) == cut_after:
            stop.set()

    await cut.poller.poll(cut.poller.sources, stop=stop, on_polled=on_polled)
    for each in held:
        each.set()
    cut.database.close()  # the process is gone; all its memory with it
    cut.database = Database(cut.config.storage.path)
    cut.poller = cut.new_poller()
    await cut.poller.poll(cut.poller.due())
    for query in (
        "SELECT * FROM posts ORDER BY id",
        "SELECT * FROM sightings ORDER BY source_id, native_id",
        "SELECT * FROM stories ORDER BY id",
        "SELECT * FROM story_links",
        "SELECT what, row_id, change FROM changes WHERE change = 'new' ORDER BY what, row_id",
    ):
        assert cut.rows(query) == undisturbed.rows(query)
    undisturbed.database.close()
    cut.database.close()


@pytest.mark.parametrize(
    "error",
    [RuntimeError("can't start new thread"), OSError(errno.EMFILE, "Too many open files")],
)
async def test_what_this_machine_has_none_of_is_no_sources_fault(tmp_path: Path, error: Exception) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.bug(url_of("gazette"), error)
    [polled] = await room.poll()
    assert polled.collected.detail.startswith("this machine has nothing left to ask with: ")
    assert room.rows("SELECT status, failures FROM sources") == [("new", 0)]
    assert polled.next_poll_at == room.now + timedelta(minutes=1)
    room.database.close()
