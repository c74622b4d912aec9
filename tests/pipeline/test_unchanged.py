"""Entries that say what they said are not taken in again, and nothing else comes of a document because of that.

Each document goes to two feeds, one of which remembers nothing and takes in all: their rows must be the same.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.topics import rebuild_topics
from aggregator.model.changes import PolledSource
from aggregator.model.rules import PostFilter, Term, TopicRule
from aggregator.model.source import Source
from aggregator.sources.feeds import unchanged
from aggregator.storage import neighbours
from aggregator.storage.corrections import Editor
from aggregator.storage.deletions import bury, forget
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.one_feed import HOME, LONG, OneFeed, at, item
from tests.helpers.poller_room import NOW, RULES, PollerRoom, url_of
from tests.pipeline.test_fediverse import TEXT, by_api

POLLS = "SELECT started_at, outcome, entries, new, edited, copies, filtered, gone, detail FROM polls ORDER BY id"
RHYTHM = "SELECT new_at, post_gap_seconds, next_poll_at, body_digest IS NULL FROM sources"


class TwoFeeds:
    """The same feed twice: of one the entries are remembered, of the other all are taken in at every poll."""

    def __init__(self, folder: Path, *, batch_posts: int = 300) -> None:
        for name in ("one", "other"):
            (folder / name).mkdir()
        self.feed = OneFeed(folder / "one", batch_posts=batch_posts)
        self.other = OneFeed(folder / "other", batch_posts=batch_posts, remembers=False)
        self.both = (self.feed, self.other)

    async def poll(self, *items: str) -> int:
        """How many of these items were not taken in; what came of them is the same in both."""
        self.polled = await self.feed.poll(*items)
        other = await self.other.poll(*items)
        assert self.feed.state() == self.other.state()
        assert self.feed.rows(POLLS) == self.other.rows(POLLS)
        assert self.feed.rows(RHYTHM) == self.other.rows(RHYTHM)
        assert results(self.polled) == results(other)
        return len(self.polled.collected.unchanged)

    def change(self, sql: str, *values: Any) -> None:
        for feed in self.both:
            with feed.room.database.write():
                feed.room.database.conn.execute(sql, values)

    def configure(self, **changes: Any) -> None:
        """Go on with another configuration."""
        for feed in self.both:
            feed.room.config = replace(feed.room.config, **changes)
            feed.room.collect.taxonomy = Taxonomy(feed.room.config.rules)
            feed.room.poller = feed.room.new_poller()

    def close(self) -> None:
        for feed in self.both:
            feed.close()


def results(polled: PolledSource) -> tuple[object, ...]:
    collected = polled.collected
    return (polled.new, polled.edited, polled.copies, polled.filtered, collected.warnings, collected.entries)


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[TwoFeeds]:
    made = TwoFeeds(tmp_path)
    yield made
    made.close()


def report(number: int, **changes: Any) -> str:
    fields: dict[str, Any] = {
        "guid": f"id-{number}",
        "link": f"{HOME}{number}",
        "title": f"Lamp {number} is moved inland",
        "description": f"<p>Keeper {number}: {LONG}</p>",
        "pubDate": at(number + 1),
    }
    return item(**{**fields, **changes})


def reports(count: int) -> list[str]:
    return [report(number) for number in range(count)]


# ---------------------------------------------------------------- one entry


@pytest.mark.parametrize(
    ("changes", "edits"),
    [
        ({"title": "Lamp 2 is not moved"}, 1),
        ({"description": f"<p>Keeper 2 denies it. {LONG}</p>"}, 1),
        ({"pubDate": at(9)}, 1),
        ({"author": "Anna Reed"}, 1),
        ({"category": ("lamps",)}, 1),
        ({"enclosure": "https://files.example/2.mp3"}, 1),
        ({"link": f"{HOME}2-moved"}, 1),
        ({"description": f"<p>Keeper <b>2</b>: {LONG}</p>"}, 0),  # looked at, and says the same
        ({"link": f"{HOME}2?utm_source=feed"}, 0),
    ],
)
async def test_what_one_entry_says_anew_is_taken_in(feeds: TwoFeeds, changes: dict[str, Any], edits: int) -> None:
    assert await feeds.poll(*reports(4)) == 0
    assert await feeds.poll(*reports(4)) == 4
    document = [report(0), report(1), report(2, **changes), report(3)]
    assert await feeds.poll(*document) == 3
    assert feeds.polled.edited == edits
    assert await feeds.poll(*document) == 4
    assert await feeds.poll(*reports(4)) == 3  # and back again


async def test_what_nobody_reads_is_no_change(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    assert await feeds.poll(*(each.replace("<title>", "<!-- seen 7 times --><title>") for each in reports(3))) == 3


async def test_entries_that_move_come_and_go(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(4))
    assert await feeds.poll(*reversed(reports(4))) == 4
    assert await feeds.poll(report(9), *reports(2)) == 2
    assert feeds.polled.new == 1
    assert await feeds.poll(report(9), *reports(4)) == 5
    assert feeds.feed.column("SELECT count(*) FROM sightings") == [5]


async def test_a_date_that_is_too_far_ahead_counts_in_time(feeds: TwoFeeds) -> None:
    document = [report(1), report(2, pubDate=NOW + timedelta(days=1, hours=3))]
    await feeds.poll(*document)
    assert feeds.feed.column("SELECT published_at FROM posts WHERE title LIKE 'Lamp 2%'") == [None]
    assert await feeds.poll(*document) == 2
    for feed in feeds.both:
        feed.room.now += timedelta(hours=4)
    assert await feeds.poll(*document) == 1
    assert feeds.feed.column("SELECT published_at FROM posts WHERE title LIKE 'Lamp 2%'") == ["2026-05-05T15:00:00Z"]


async def test_a_warning_is_told_at_every_poll(feeds: TwoFeeds) -> None:
    document = [report(1), report(2, title="A title without end " * 60), report(3, title="A title with an end " * 40)]
    for _ in range(2):
        kept = await feeds.poll(*document)
        assert feeds.polled.collected.warnings == ("entry 2: title cut off, too long",)
    assert kept == 2


# ---------------------------------------------------------------- the whole document


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ({"guid": "id-0"}, 0),
        ({"guid": "id-0 "}, 0),
        ({"guid": "id-00"}, 3),
        ({"link": f"{HOME}0?utm_source=feed"}, 0),
        ({"link": f"{HOME}00"}, 3),
        ({"guid": None, "link": f"{HOME}00"}, 3),
        ({"guid": None, "link": None}, 0),
        ({"guid": None, "link": HOME}, 0),
        ({"link": HOME}, 3),
        ({"link": None}, 3),
    ],
)
async def test_only_where_each_has_a_name_of_its_own(feeds: TwoFeeds, second: dict[str, Any], kept: int) -> None:
    document = [report(0), report(1, **second), report(2)]
    await feeds.poll(*document)
    assert await feeds.poll(*document) == kept
    await feeds.poll(report(7), *document)
    await feeds.poll(report(7), document[0], document[2])
    await feeds.poll(report(7), *document)


async def test_what_shared_a_link_and_does_not_any_more(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    document = [*reports(3), report(5, link=f"{HOME}1")]
    assert await feeds.poll(*document) == 0
    assert await feeds.poll(*document) == 0
    for _ in range(3):
        await feeds.poll(*reports(3))
    assert await feeds.poll(*reports(3)) == 3


async def test_a_new_entry_without_an_address_is_compared_with_all(feeds: TwoFeeds) -> None:
    episodes = [report(n, link=None, enclosure=f"https://files.example/{n}.mp3") for n in range(4)]
    await feeds.poll(*episodes)
    assert await feeds.poll(*episodes) == 4
    renamed = report(1, guid="host-1", link=None, enclosure="https://files.example/1.mp3")
    assert await feeds.poll(episodes[0], renamed, *episodes[2:]) == 0
    assert (feeds.polled.new, feeds.feed.column("SELECT count(*) FROM posts")) == (0, [4])


async def test_a_new_entry_is_no_copy_of_one_beside_it(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    assert (
        await feeds.poll(report(8, title="Lamp 1 is moved inland", description=f"Keeper 1: {LONG}"), *reports(3)) == 3
    )
    assert (feeds.polled.new, feeds.polled.copies) == (1, 0)


async def test_a_title_that_stands_beside_it_tells_two_entries_apart(feeds: TwoFeeds) -> None:
    first = [report(n, guid=f"place-{n}", pubDate=None) for n in range(4)]
    await feeds.poll(*first)
    moved = report(1, guid="place-0", link=f"{HOME}fresh", title="Bakers ask for a night tariff", description="Bread.")
    assert await feeds.poll(moved, *first[1:]) == 3
    await feeds.poll(report(1, guid="place-0", pubDate=None), *first[2:], report(0, guid="place-1", pubDate=None))


@pytest.mark.parametrize(("renamed", "kept", "held"), [(20, 0, 20), (18, 2, 18), (12, 8, 0), (8, 12, 0)])
async def test_ids_that_change_all_at_once(feeds: TwoFeeds, renamed: int, kept: int, held: int) -> None:
    await feeds.poll(*reports(20))
    document = [report(n, guid=f"new-{n}" if n < renamed else f"id-{n}") for n in range(20)]
    assert await feeds.poll(*document) == kept
    told = (f"the ids changed all at once: {held} of 20 entries are known, taken as updates",) if held else ()
    assert (feeds.polled.new, feeds.polled.collected.warnings) == (0, told)
    await feeds.poll(*document)


async def test_a_large_document_is_saved_in_batches(tmp_path: Path) -> None:
    feeds = TwoFeeds(tmp_path, batch_posts=2)
    await feeds.poll(*reports(5))
    assert await feeds.poll(*(report(n) for n in range(9))) == 5
    assert feeds.polled.new == 4
    assert feeds.feed.column("SELECT new_at = last_poll_at FROM sources") == [1]
    assert await feeds.poll(*(report(n, author="Anna" if n == 7 else None) for n in range(9))) == 8
    feeds.close()


# ---------------------------------------------------------------- what decides besides

MORE_RULES = (*RULES, TopicRule(topic="lamps", label="Lamps", any=(Term("lamp"),)))
GAZETTE = Source(kind="feed", url=url_of("gazette"), title="gazette")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"rules": MORE_RULES}, 0),
        ({"sources": (replace(GAZETTE, topics=("ferries",)),)}, 0),
        ({"sources": (replace(GAZETTE, language="de"),)}, 0),
        ({"sources": (replace(GAZETTE, title="The Gazette"),)}, 0),
        ({"sources": (replace(GAZETTE, interval=timedelta(minutes=20)),)}, 3),
        ({"filters": (PostFilter(name="no lamps", action="drop", terms=("lamp",)),)}, 3),  # for new ones alone
    ],
)
async def test_another_configuration(feeds: TwoFeeds, changes: dict[str, Any], kept: int) -> None:
    await feeds.poll(*reports(3))
    assert await feeds.poll(*reports(3)) == 3
    feeds.configure(**changes)
    assert await feeds.poll(*reports(3)) == kept
    assert await feeds.poll(*reports(3)) == 3
    assert await feeds.poll(*reports(4)) == 3


async def test_another_version_of_the_program(feeds: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    await feeds.poll(*reports(3))
    monkeypatch.setattr(unchanged, "program", lambda: b"a later one")
    assert await feeds.poll(*reports(3)) == 0
    assert await feeds.poll(*reports(3)) == 3


async def test_what_a_filter_kept_out_is_let_in_without_it(feeds: TwoFeeds) -> None:
    out = PostFilter(name="no lamp 2", action="drop", terms=("lamp 2",))
    feeds.configure(filters=(out,))
    await feeds.poll(*reports(3))
    assert (await feeds.poll(*reports(3)), feeds.polled.filtered) == (2, 1)
    feeds.configure(filters=())
    assert (await feeds.poll(*reports(3)), feeds.polled.new) == (2, 1)


async def test_a_file_of_before_fills_by_and_by(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    feeds.change("UPDATE sightings SET said = NULL")
    assert await feeds.poll(*reports(3)) == 0
    assert await feeds.poll(*reports(3)) == 3


# ---------------------------------------------------------------- what others do


async def test_what_a_secret_showed_is_seen_by_all(feeds: TwoFeeds) -> None:
    feeds.configure(sources=(replace(GAZETTE, headers=(("Cookie", "s=1"),)),))
    await feeds.poll(*reports(3))
    assert await feeds.poll(*reports(3)) == 3
    assert feeds.feed.column("SELECT by_token FROM sightings") == [1, 1, 1]
    feeds.configure(sources=(GAZETTE,))
    assert await feeds.poll(*reports(3)) == 3
    assert feeds.feed.column("SELECT by_token FROM sightings") == [0, 0, 0]
    assert feeds.feed.column("SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'") == [3]


async def test_an_editors_corrections_stay(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    for feed in feeds.both:
        editor = Editor(feed.room.database, feed.room.now)
        editor.topic(2, "ferries", is_there=True)
        [story_id] = feed.column("SELECT story_id FROM posts WHERE id = 2")
        editor.rename(str(story_id), "Lamps on the move")
    assert await feeds.poll(*reports(3)) == 3
    assert feeds.feed.column("SELECT topic FROM post_topics WHERE post_id = 2") == ["ferries"]
    assert await feeds.poll(report(0), report(1, author="Anna"), report(2)) == 2
    assert feeds.feed.column("SELECT topic FROM post_topics WHERE post_id = 2") == ["ferries"]
    assert "Lamps on the move" in feeds.feed.column("SELECT title FROM stories")


async def test_topics_that_are_worked_out_again_stay(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    feeds.configure(rules=MORE_RULES)
    for feed in feeds.both:
        rebuild_topics(feed.room.database, feed.room.collect.taxonomy, {}, feed.room.now, lambda *_: None)
    for kept in (0, 3):
        assert await feeds.poll(*reports(3)) == kept
        assert feeds.feed.column("SELECT topic FROM post_topics") == ["lamps"] * 3


async def test_what_was_forgotten_and_is_shown_again(feeds: TwoFeeds) -> None:
    document = [report(0), report(1, author="Anna Reed"), report(2)]
    await feeds.poll(*document)
    for feed in feeds.both:
        with feed.room.database.write():
            assert forget(feed.room.database.conn, "Anna Reed", [], feed.room.now) == 1
    for _ in range(2):
        assert await feeds.poll(*document) == 2
    assert feeds.feed.column("SELECT count(*) FROM posts WHERE text IS NOT NULL") == [2]


async def test_a_tombstone_and_one_whose_row_another_changed_are_looked_at(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(4))
    for feed in feeds.both:
        with feed.room.database.write():
            bury(feed.room.database.conn, [1], feed.room.now)
    feeds.change("UPDATE posts SET title = 'Something else', digest = x'00' WHERE id = 2")
    assert await feeds.poll(*reports(4)) == 2
    assert feeds.polled.edited == 1
    assert await feeds.poll(*reports(4)) == 3


async def test_what_goes_on_beside_a_post_does_not_matter(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    feeds.change("UPDATE posts SET story_score = 0.5, topics_version = 'x', language = 'de', boosts = 3")
    assert await feeds.poll(*reports(3)) == 3


@pytest.mark.parametrize("columns", ["title = 'Lamps, lamps'", "gone_at = '2026-05-04T12:00:00Z'"])
async def test_a_post_that_changed_while_its_entry_was_read(tmp_path: Path, columns: str) -> None:
    feed = OneFeed(tmp_path)
    await feed.poll(*reports(3))
    room, answer = feed.room, feed.room.collect

    class Meanwhile:
        async def __call__(self, source: Source, memory: Any, now: Any) -> Any:
            collected = await answer(source, memory, now)
            with room.database.write():
                room.database.conn.execute(f"UPDATE posts SET {columns} WHERE id = 2")
            return collected

    room.poller.asking.collect = Meanwhile()
    polled = await feed.poll(*reports(3))
    assert (len(polled.collected.unchanged), polled.memory.body_digest) == (3, None)
    room.poller.asking.collect = answer
    polled = await feed.poll(*reports(3))  # all of it, because it is not known what was
    assert (len(polled.collected.unchanged), len(polled.collected.posts)) == (0, 3)
    assert len((await feed.poll(*reports(3))).collected.unchanged) >= 2
    feed.close()


async def test_a_first_poll_that_was_cut_off_is_read_as_a_whole(feeds: TwoFeeds) -> None:
    await feeds.poll(*reports(3))
    feeds.change("UPDATE sources SET last_success_at = NULL")
    assert await feeds.poll(*reports(3)) == 0


# ---------------------------------------------------------------- statuses

ACCOUNT, TAG = "https://isle.example/@anna.rss", "https://isle.example/tags/ferry"


def account(*texts: str) -> bytes:
    items = "".join(
        item(
            guid=f"https://isle.example/@anna/{116500000000000001 + number}",
            link=f"https://isle.example/@anna/{116500000000000001 + number}",
            description=f"<p>{text}</p>",
            pubDate=at(1 + number),
        )
        for number, text in enumerate(texts)
    )
    head = (
        "<title>Anna</title><description>Public posts from @anna@isle.example</description>"
        "<link>https://isle.example/@anna</link><generator>Mastodon v4.5.2</generator>"
    )
    return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


async def test_an_account_whose_statuses_a_server_tells_too(tmp_path: Path) -> None:
    states = []
    for remembers in (True, False):
        (tmp_path / str(remembers)).mkdir()
        room = PollerRoom(tmp_path / str(remembers))
        sources = (Source(kind="feed", url=ACCOUNT), Source(kind="hashtag", url=TAG))
        room.config = replace(room.config, sources=sources)
        room.poller = room.new_poller()
        kept = []
        for boosts, second in ((3, "Second"), (3, "Second"), (9, "Second"), (12, "The second, corrected")):
            room.collect.begin_anew()
            room.collect.document(ACCOUNT, account(TEXT, second, "Third"), remembers=remembers)
            room.collect.posts(TAG, [by_api(boosts=boosts)])
            polled = await room.poll()
            kept.append(len(polled[0].collected.unchanged))
            room.now += timedelta(minutes=15)
        assert room.rows("SELECT boosts, kind, author FROM posts ORDER BY id LIMIT 1")[0][0] in (12, None)
        columns = "id, kind, title, text, uri, author, boosts, published_at, story_id"
        states.append([
            room.rows(f"SELECT {columns} FROM posts ORDER BY id"),
            room.rows("SELECT source_id, native_id, post_id, seen_at, last_seen_at FROM sightings ORDER BY 1, 2"),
            room.rows("SELECT what, row_id, change FROM changes ORDER BY seq"),
        ])  # fmt: skip
        if remembers:
            assert kept[0] == 0
            assert kept[2] >= 2
            assert kept[3] >= 1
        room.database.close()
    assert states[0] == states[1]


def test_the_columns_that_make_digests_be_forgotten(tmp_path: Path) -> None:
    feed = OneFeed(tmp_path)
    [sql] = feed.column("SELECT sql FROM sqlite_master WHERE name = 'posts_said'")
    named = set(re.findall(r"\w+", sql.partition("UPDATE OF")[2].partition(" ON ")[0]))
    assert {"kind", "title", "text", "url", "canonical_url", "uri", "digest", "published_at", "edited_at"} < named
    feed.close()


async def test_digests_that_cannot_be_loaded_cost_no_poll(feeds: TwoFeeds, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise sqlite3.OperationalError("disk I/O error")

    await feeds.poll(*reports(3))
    monkeypatch.setattr(neighbours, "load_said", broken)
    assert await feeds.poll(report(4), *reports(3)) == 0
    assert (feeds.polled.new, feeds.polled.status) == (1, "ok")
