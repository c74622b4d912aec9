"""What is too old goes and does not come back; what somebody wants stays; the file gets smaller."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.keeping.retention import Gone, Retention
from aggregator.engine.story_index import load_story_index
from aggregator.model.keeping import Keeping
from aggregator.model.post import Post
from aggregator.model.settings import Stories
from aggregator.storage.corrections import Editor
from aggregator.storage.counters.check import check_counters
from aggregator.storage.deletions import forget
from aggregator.storage.keeping.space import space_of
from aggregator.storage.stories import save_merged
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.poller_room import NOW, PollerRoom, article
from tests.helpers.site_room import PAPERS, STORM, build, polled, same_as_anew

DAY = timedelta(days=1)
WEEK = Keeping(posts=7 * DAY)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, *PAPERS)
    yield room
    room.database.close()


def keep_house(room: PollerRoom, keeping: Keeping = WEEK) -> Gone:
    gone = Gone()
    for _ in Retention(room.database).steps(keeping, room.now, gone):
        pass
    return gone


async def later(room: PollerRoom, days: float, **posts: Post | list[Post]) -> None:
    """So many days pass, with a poll on each; the last brings these."""
    until = room.now + days * DAY
    while room.now + DAY < until:
        room.now += DAY
        await polled(room)
    room.now = until
    await polled(room, **posts)


def titles(room: PollerRoom) -> list[str]:
    return [row[0] for row in room.rows("SELECT title FROM posts ORDER BY id")]


def is_sound(room: PollerRoom) -> bool:
    conn = room.database.conn
    for index in ("posts_fts", "posts_fts_cjk"):  # raises where its words are not those of the posts
        conn.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
    broken = conn.execute("PRAGMA foreign_key_check").fetchall()
    return (
        not broken and not list(check_counters(conn)) and conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    )


async def test_a_story_goes_when_its_newest_post_is_too_old(room: PollerRoom) -> None:
    await polled(
        room, gazette=article("storm", "Ferry Halcyon adrift", STORM), courier=article("museum", "Museum shut")
    )
    await later(
        room, 2, tidings=article("tug", "Ferry Halcyon adrift: tugs bring it in", STORM + " So they say.", hours=-40)
    )
    await later(room, 6)
    assert keep_house(room).posts == 1  # the museum; the ferry's story went on
    assert titles(room) == ["Ferry Halcyon adrift", "Ferry Halcyon adrift: tugs bring it in"]
    await later(room, 4)
    assert (keep_house(room).stories, titles(room)) == (1, [])
    assert room.rows("SELECT count(*) FROM sightings UNION SELECT count(*) FROM stories") == [(0,)]
    assert is_sound(room)


async def test_who_follows_the_changes_hears_of_it(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await later(room, 9)
    keep_house(room)
    found = room.rows("SELECT what, row_id, change FROM changes ORDER BY seq DESC LIMIT 2")
    assert sorted(found) == [("post", 1, "gone"), ("story", 1, "gone")]


async def test_numbers_are_not_given_again(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await later(room, 9)
    keep_house(room)
    await later(room, 1, courier=article("museum", "Museum shut", hours=-240))
    assert room.rows("SELECT id, story_id FROM posts") == [(2, 2)]


async def test_what_a_source_still_shows_does_not_come_back(room: PollerRoom) -> None:
    dated = article("storm", "Ferry Halcyon adrift", STORM)
    undated = _undated("Lighthouse sold")
    nowhere = _nowhere("Note to readers")
    shown = [dated, undated, nowhere]
    await polled(room, gazette=shown)
    await later(room, 9)
    assert keep_house(room).posts == 3
    await later(room, 1, gazette=shown)
    await later(room, 1, gazette=shown, courier=undated)
    assert titles(room) == []


async def test_another_article_at_the_same_address_is_news(room: PollerRoom) -> None:
    await polled(room, gazette=_undated("Menu: herring"))
    await later(room, 9)
    keep_house(room)
    await later(room, 1, gazette=_undated("Menu: plaice"))
    assert titles(room) == ["Menu: plaice"]


async def test_bulletins_under_one_title_at_one_address_are_news(room: PollerRoom) -> None:
    def bulletin() -> Post:
        post = article("news", "News at eight", "The latest news of the islands in five minutes.")
        return replace(post, native_id=f"n-{room.now:%d}", has_id=True, published_at=room.now - timedelta(hours=1))

    first = bulletin()
    await polled(room, gazette=first)
    await later(room, 9)
    assert keep_house(room).posts == 1
    await later(room, 1, gazette=[first, bulletin()])
    assert room.rows("SELECT title, native_id FROM posts JOIN sightings ON post_id = id") == [("News at eight", "n-13")]


async def test_what_is_shown_with_another_date_or_text_is_the_same_under_its_name(room: PollerRoom) -> None:
    storm = article("storm", "Ferry Halcyon adrift", STORM)
    await polled(room, gazette=storm)
    await later(room, 9)
    keep_house(room)
    await later(room, 1, gazette=replace(storm, published_at=room.now, text=STORM + " 12 comments"))
    assert titles(room) == []


async def test_a_name_that_is_another_post_by_now_brings_back_none(room: PollerRoom) -> None:
    """A feed gives its entries one id; of two that it shows the older has gone, and the other has its name."""
    harbour = replace(article("harbour", "Harbour crane accident", "A crane fell."), native_id="1", has_id=True)
    museum = replace(article("museum", "Museum shut", "No tide clocks."), native_id="1", has_id=True)
    await polled(room, gazette=harbour)
    await polled(room, gazette=museum)
    assert len(titles(room)) == 2
    await later(room, 6)
    with room.database.write():  # of the two it is the one with the plain name that is young
        room.database.conn.execute("UPDATE posts SET edited_at = ? WHERE id = 1", (f"{room.now:%Y-%m-%dT%H:%M:%SZ}",))
    await later(room, 3)
    assert keep_house(room).posts == 1
    await later(room, 1, gazette=museum)
    assert titles(room) == ["Harbour crane accident"]


async def test_a_status_is_known_by_its_address_too(room: PollerRoom) -> None:
    """What feeds make of it may be another id than the server's."""
    status = replace(
        article("@ann/109999999999999999", "", "The ferry is back."),
        kind="status", title="", uri="https://gazette.example/ap/users/1/statuses/109999999999999999",
    )  # fmt: skip
    await polled(room, gazette=status)
    await later(room, 9)
    assert keep_house(room).posts == 1
    await later(room, 1, courier=replace(status, uri="https://gazette.example/users/ann/statuses/109999999999999999"))
    assert titles(room) == []


async def test_what_went_is_not_encoded_at_every_poll(room: PollerRoom) -> None:
    room.encoder = FakeEncoder()
    room.poller = room.new_poller()
    await polled(room, gazette=_undated("Lighthouse sold"))
    await later(room, 9)
    assert keep_house(room).posts == 1
    await later(room, 1, gazette=_undated("Lighthouse sold"))
    assert room.encoder.asked == [1]


async def test_old_entries_that_are_still_shown_are_no_flood(room: PollerRoom) -> None:
    """A feed whose software gives all entries new ids at once is read with other eyes, and told of."""
    old = [article(f"{number}", f"Report {number} from quay {number * 7}") for number in range(30)]
    await polled(room, gazette=old)
    await later(room, 9)
    assert keep_house(room).posts == 30
    await later(room, 1, gazette=[*old, article("new", "Ferry Halcyon sails again", hours=-235)])
    assert titles(room) == ["Ferry Halcyon sails again"]
    assert room.rows("SELECT detail FROM polls WHERE detail > ''") == []


@pytest.mark.parametrize("touch", ["pin", "rename", "topic", "label", "split"])
async def test_what_an_editor_touched_stays(room: PollerRoom, touch: str) -> None:
    await polled(
        room,
        gazette=article("storm", "Ferry Halcyon adrift", STORM),
        tidings=article("quay", "Ferry Halcyon at quay", STORM),
    )
    await polled(room, courier=article("museum", "Museum shut"))
    editor = Editor(room.database, room.now)
    match touch:
        case "pin":
            editor.pin("1", is_pinned=True)
        case "rename":
            editor.rename("1", "The Halcyon")
        case "topic":
            editor.topic(1, "ferries", is_there=False)
        case "label":
            with room.database.write():
                room.database.conn.execute("INSERT INTO topic_labels VALUES (1, 'ferries', 1, '2026-05-04T12:00:00Z')")
        case _:
            editor.split("1", [2])
    await later(room, 9)
    keep_house(room)
    assert titles(room) == ["Ferry Halcyon adrift", "Ferry Halcyon at quay"]


async def test_what_an_editor_touched_stays_though_another_story_took_it_over(room: PollerRoom) -> None:
    await polled(
        room, gazette=article("storm", "Ferry Halcyon adrift", STORM), courier=article("museum", "Museum shut")
    )
    editor = Editor(room.database, room.now)
    editor.pin("2", is_pinned=True)
    editor.pin("2", is_pinned=False)
    with room.database.write():
        save_merged(room.database.conn, 2, 1, room.now)
    await later(room, 9)
    assert keep_house(room).posts == 0
    assert titles(room) == ["Ferry Halcyon adrift", "Museum shut"]


async def test_topics_and_sources_that_are_kept(room: PollerRoom) -> None:
    await polled(
        room,
        gazette=article("storm", "Ferry Halcyon adrift", STORM),
        courier=article("museum", "Museum shut"),
        tidings=article("tariff", "Bakers' tariff agreed at night"),
    )
    await later(room, 9)
    keep_house(room, Keeping(posts=7 * DAY, topics=("ferries",), sources=("COURIER",)))
    assert titles(room) == ["Ferry Halcyon adrift", "Museum shut"]
    keep_house(room, Keeping(posts=7 * DAY))
    assert titles(room) == []


async def test_what_was_edited_since_stays(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await later(room, 6, gazette=article("storm", "Ferry Halcyon adrift: two hurt", STORM + " Two were hurt."))
    await later(room, 4)
    assert keep_house(room).posts == 0
    await later(room, 4)
    assert keep_house(room).posts == 1


async def test_what_was_forgotten_stays_empty_and_does_not_come_back(room: PollerRoom) -> None:
    storm = article("storm", "Ferry Halcyon adrift", STORM)
    await polled(room, gazette=storm)
    with room.database.write():
        assert forget(room.database.conn, None, [storm.url or ""], room.now) == 1
    await later(room, 9)
    keep_house(room)
    await later(room, 1, gazette=article("storm", "Ferry Halcyon adrift, updated", STORM))
    assert room.rows("SELECT title, text, gone_because FROM posts") == [(None, None, "forgotten")]


async def test_a_copy_that_stays_becomes_the_original(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await polled(room, courier=article("copy", "Ferry Halcyon adrift", STORM, host="courier"))
    assert room.rows("SELECT id, copy_of FROM posts") == [(1, None), (2, 1)]
    Editor(room.database, room.now).split("1", [2])
    with room.database.write():  # the editor's word on it aside
        room.database.conn.execute("UPDATE posts SET copy_of = 1 WHERE id = 2")
        room.database.conn.execute("DELETE FROM corrections WHERE post_id = 1 OR with_post_id = 1")
    await later(room, 9)
    keep_house(room)
    assert room.rows("SELECT id, copy_of FROM posts") == [(2, None)]
    assert is_sound(room)


async def test_nothing_goes_by_a_clock_that_was_just_set_forward(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    room.now += 3650 * DAY
    assert keep_house(room).posts == 0
    await polled(room)
    assert keep_house(room).posts == 0
    await later(room, 1.1)
    assert keep_house(room).posts == 1  # it is believed by now


@pytest.mark.parametrize("seen_at", ["1970-01-01T00:05:00Z", "2036-01-01T00:05:00Z"])
async def test_what_came_by_a_wrong_clock_is_as_old_as_what_came_next(room: PollerRoom, seen_at: str) -> None:
    await polled(
        room, gazette=article("storm", "Ferry Halcyon adrift", STORM), courier=article("museum", "Museum shut")
    )
    with room.database.write():
        conn = room.database.conn
        conn.execute("UPDATE posts SET first_seen_at = ?1, sort_at = ?1, published_at = NULL", (seen_at,))
        conn.execute("UPDATE stories SET first_at = ?1, last_at = ?1", (seen_at,))
    await later(room, 9)
    assert keep_house(room).posts == 0  # nobody knows
    await polled(room, tidings=article("tariff", "Bakers' tariff agreed at night", hours=-215))
    await later(room, 6)
    assert keep_house(room).posts == 0
    await later(room, 3)
    await polled(room, gazette=article("crane", "Harbour crane accident", hours=-431))
    assert keep_house(room).posts == 3
    assert titles(room) == ["Harbour crane accident"]


async def test_by_default_all_is_kept(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await later(room, 900)
    assert keep_house(room, Keeping()).posts == 0
    assert titles(room) == ["Ferry Halcyon adrift"]


async def test_the_open_stories_are_those_of_a_fresh_start(room: PollerRoom) -> None:
    await polled(
        room, gazette=article("storm", "Ferry Halcyon adrift", STORM), courier=article("museum", "Museum shut")
    )
    await later(room, 5, tidings=article("tariff", "Bakers' tariff agreed at night", hours=-119))
    await later(room, 4)
    await Retention(room.database).go_on(WEEK, 3 * DAY, room.now, asyncio.Event())
    await later(room, 0.1, gazette=article("crane", "Harbour crane accident", hours=-217))
    mine, fresh = room.poller._stories._index, load_story_index(room.database, Stories(), room.now)
    assert mine and mine.stories.keys() == fresh.stories.keys() == {3, 4}
    assert mine.arrivals.posts.keys() == fresh.arrivals.posts.keys()


async def test_the_site_is_as_if_what_went_had_never_been(room: PollerRoom, tmp_path: Path) -> None:
    await polled(
        room, gazette=article("storm", "Ferry Halcyon adrift", STORM), courier=article("museum", "Museum shut")
    )
    await polled(room, tidings=article("quay", "Ferry Halcyon at the quay", STORM, host="tidings"))
    await later(room, 5, gazette=article("again", "Ferry Halcyon sails again", STORM + " It sails again.", hours=-119))
    site = tmp_path / "site"
    build(room, site)
    pages = len(list(site.rglob("*.html")))
    await later(room, 4)
    assert keep_house(room).posts == 3
    await same_as_anew(room, tmp_path, site)
    assert len(list(site.rglob("*.html"))) < pages


async def test_a_brief_that_tells_of_what_went_is_written_anew(room: PollerRoom) -> None:
    await polled(room, gazette=article("storm", "Ferry Halcyon adrift", STORM))
    await later(room, 5, courier=article("museum", "Museum shut", hours=-119))
    with room.database.write():
        conn = room.database.conn
        conn.execute("INSERT INTO story_links VALUES (2, 1, 0.9, 'because', 'continues')")
        conn.execute(
            "INSERT INTO briefs (id, story_id, language, headline, method, input_digest, written_at) "
            "VALUES (7, 2, 'en', 'Museum shut', 'extracted', '', '2026-05-09T12:00:00Z')"
        )
        conn.execute(
            "INSERT INTO brief_sentences (brief_id, part, position, text, made, stories) "
            "VALUES (7, 'context', 1, 'As reported on 4 May', 'counted', '[1]')"
        )
    await later(room, 4)
    keep_house(room)
    assert room.rows("SELECT id FROM stories") == [(2,)]
    assert room.rows("SELECT count(*) FROM briefs") == [(0,)]
    assert ("story", 2, "edited") in room.rows("SELECT what, row_id, change FROM changes ORDER BY seq DESC LIMIT 4")


class TestMaxSize:
    async def test_the_oldest_go_until_the_rest_has_room(self, room: PollerRoom) -> None:
        for _ in range(12):
            await later(room, 3, gazette=_many(room, 40))
        before, most = space_of(room.database.conn), 3 * 1024 * 1024
        assert before.used > most
        gone = keep_house(room, Keeping(max_size=most))
        assert space_of(room.database.conn).whole <= most
        assert not gone.is_too_large
        assert 0 < gone.posts < 440
        assert room.rows("SELECT min(id) FROM posts")[0][0] > gone.posts  # the oldest
        assert keep_house(room, Keeping(max_size=most)).posts == 0
        assert is_sound(room)

    async def test_what_is_younger_than_a_week_stays_whatever_it_takes(self, room: PollerRoom) -> None:
        for _ in range(5):
            await later(room, 3, gazette=_many(room, 40))
        gone = keep_house(room, Keeping(max_size=100_000))
        assert gone.is_too_large
        young = room.rows(
            f"SELECT count(*) FROM posts WHERE first_seen_at >= '{room.now - 7 * DAY:%Y-%m-%dT%H:%M:%SZ}'"
        )
        assert room.rows("SELECT count(*) FROM posts") == young != [(0,)]


async def test_a_stop_ends_it_between_two_steps(room: PollerRoom) -> None:
    await polled(room, gazette=_many(room, 40))
    await later(room, 9)
    stop = asyncio.Event()
    stop.set()
    gone = await Retention(room.database).go_on(WEEK, 3 * DAY, room.now, stop)
    assert (gone.posts, len(titles(room))) == (0, 40)
    assert (await Retention(room.database).go_on(WEEK, 3 * DAY, room.now, asyncio.Event())).posts == 40


def _many(room: PollerRoom, count: int) -> list[Post]:
    """Articles of 2 kB about nothing that others are about, of today."""
    dice, hours = random.Random(f"{room.now}"), (NOW - room.now) / timedelta(hours=1)
    words = [f"w{dice.randrange(10**6)}" for _ in range(250 * count)]
    return [
        article(
            f"{room.now:%m%d}-{number}",
            " ".join(words[250 * number :][:6]),
            " ".join(words[250 * number :][:250]),
            hours=hours,
        )  # type: ignore[arg-type]
        for number in range(count)
    ]


def _undated(title: str) -> Post:
    return replace(article("fixed", title), published_at=None)


def _nowhere(title: str) -> Post:
    return replace(article("nowhere", title), published_at=None, url=None, canonical_url=None, native_id="n-1")


async def test_the_search_is_written_together_also_by_processes_that_each_prune_a_little(room: PollerRoom) -> None:
    for _ in range(6):
        await later(room, 3, gazette=_many(room, 10))
    merged = []
    for days in range(17, 7, -3):
        keep_house(room, Keeping(posts=days * DAY))  # a new process each time
        merged.append(room.rows("SELECT coalesce(sum(search_merged), 0) FROM database_sizes")[0][0])
    assert (merged[0], merged[-1]) == (0, 1)
    assert is_sound(room)
