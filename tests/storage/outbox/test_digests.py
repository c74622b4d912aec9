"""What a digest tells: what came since the last one, once, marked by what its readers know, best first."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.outbox import Wanted
from aggregator.storage.outbox.targets import begin_target
from tests.helpers.digest_room import DAY, MUSEUM, RUDDER, TARIFF, DigestRoom, said
from tests.helpers.poller_room import url_of

FERRY, CLOCKS, BAKERS = "Ferry loses rudder in storm", "Museum of tide clocks opens", "Bakers paid more at night"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[DigestRoom]:
    made = DigestRoom(tmp_path)
    await made.begins()
    yield made
    made.close()


async def test_what_came_since_is_told_and_what_was_there_is_not(room: DigestRoom) -> None:
    assert room.titles() == []
    await room.tells(FERRY, RUDDER, "gazette")
    assert room.titles() == [FERRY]


async def test_what_many_carry_comes_first_and_the_newer_of_equals(room: DigestRoom) -> None:
    await room.tells(BAKERS, TARIFF, "gazette")
    await room.tells(CLOCKS, MUSEUM, "gazette")
    await room.tells(FERRY, RUDDER, "gazette", "courier", "tidings")
    assert room.titles() == [FERRY, CLOCKS, BAKERS]


async def test_what_finds_no_room_is_counted_and_is_new_when_it_grows(room: DigestRoom) -> None:
    room.wants(most=1)
    await room.tells(FERRY, RUDDER, "gazette", "courier")
    await room.tells(CLOCKS, MUSEUM, "gazette")
    assert (room.titles(), room.issue().left_out) == ([FERRY], 1)
    room.note()
    room.now += DAY
    assert room.titles() == []
    await room.tells(CLOCKS, MUSEUM, "courier")
    [told] = room.issue().stories
    assert (told.story.title, told.known_at, len(told.news)) == (CLOCKS, None, 2)


async def test_a_story_that_grew_says_what_is_new_since_it_was_told(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    room.note()
    told_at = room.now
    room.now += DAY
    await room.tells(FERRY, RUDDER, "courier", "tidings")
    [told] = room.issue().stories
    assert [voice.key for voice in told.speakers] == ["courier.example", "tidings.example"]
    assert (told.known_at, told.was_told) == (told_at, True)


async def test_what_was_told_is_told_no_more(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    room.note()
    room.now += DAY
    assert room.titles() == []
    room.note()
    await room.tells(FERRY, RUDDER, "gazette")  # the same posts again
    assert room.titles() == []


async def test_a_day_is_noted_once(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    room.note()
    await room.tells(CLOCKS, MUSEUM, "gazette")
    room.note()
    assert room.rows("SELECT count(*) FROM outbox") == [(1,)]
    assert [each.story.title for each in room.noted().stories] == [FERRY]
    room.now += DAY
    assert room.titles() == [CLOCKS]


async def test_what_was_fixed_is_shown_again_as_it_was_marked(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    room.note()
    assert room.noted().stories[0].known_at is None
    await room.tells(FERRY, RUDDER, "courier")  # after it was fixed, before it is sent
    assert [(each.known_at, len(each.news)) for each in room.noted().stories] == [(None, 1)]


async def test_a_first_poll_brings_no_news_and_other_sources_of_that_round_do(tmp_path: Path) -> None:
    room = DigestRoom(tmp_path)
    await room.begins()
    room.config = replace(
        room.config, sources=(*room.config.sources, replace(room.config.sources[0], url=url_of("new"), title="new"))
    )
    room.poller = room.new_poller()
    await room.brings(
        new=[said("a", BAKERS, TARIFF, "new"), said("b", FERRY, RUDDER, "new")],
        gazette=said("c", CLOCKS, MUSEUM, "gazette"),
    )
    assert room.titles() == [CLOCKS]
    # What comes with the next poll is.
    await room.brings(new=said("d", "Pilots strike in Marlow harbour", "No ship left the harbour today.", "new"))
    assert set(room.titles()) == {CLOCKS, "Pilots strike in Marlow harbour"}
    room.close()


async def test_a_story_that_was_there_before_is_marked_so(room: DigestRoom) -> None:
    before = room.now
    await room.brings(
        courier=said("old", "An old story of the lighthouse", "Its keeper retired. He is ninety.", "courier", before)
    )
    [told] = room.issue().stories
    assert (told.known_at is not None, told.was_told) == (True, False)


async def test_a_merge_a_split_and_a_rebuild_tell_nothing_twice(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette", "courier")
    await room.tells(CLOCKS, MUSEUM, "gazette")
    room.note()
    room.now += DAY
    with room.database.write():  # as a merge leaves them
        [first, second] = [
            row[0] for row in room.database.conn.execute("SELECT id FROM stories ORDER BY id DESC LIMIT 2")
        ]
        room.database.conn.execute("UPDATE posts SET story_id = ? WHERE story_id = ?", (second, first))
        room.database.conn.execute("UPDATE stories SET merged_into = ?, post_count = 0 WHERE id = ?", (second, first))
    assert room.titles() == []
    await room.tells(FERRY, RUDDER, "tidings")
    assert [[voice.key for voice in each.speakers] for each in room.issue().stories] == [["tidings.example"]]


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        (Wanted(topics=("ferries",)), {FERRY}),
        (Wanted(words="museum OR bakers"), {CLOCKS, BAKERS}),
        (Wanted(words="zeppelin"), set()),
        (Wanted(min_sources=2), {FERRY}),
        (Wanted(min_score=0.25), {FERRY}),
        (Wanted(languages=("en",)), {FERRY, CLOCKS, BAKERS}),
        (Wanted(languages=("fr",)), set()),
        (Wanted(topics=("ferries",), min_sources=3), set()),
        (Wanted(folders=("Press",)), set()),
    ],
)
async def test_it_tells_what_is_wanted(room: DigestRoom, wanted: Wanted, titles: set[str]) -> None:
    room.wants(wanted)
    await room.tells(FERRY, RUDDER, "gazette", "courier")
    await room.tells(CLOCKS, MUSEUM, "gazette")
    await room.tells(BAKERS, TARIFF, "tidings")
    assert set(room.titles()) == titles


async def test_only_folders_that_are_wanted(room: DigestRoom) -> None:
    room.wants(Wanted(folders=("Press",)))
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET folder = 'Press/Ports' WHERE url = ?", (url_of("courier"),))
    await room.tells(FERRY, RUDDER, "gazette")
    await room.tells(CLOCKS, MUSEUM, "courier")
    assert room.titles() == [CLOCKS]


async def test_what_the_site_may_not_show_is_in_none(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    await room.tells(CLOCKS, MUSEUM, "courier")
    with room.database.write():
        room.database.conn.execute(
            "UPDATE sightings SET by_token = 1 WHERE source_id = (SELECT id FROM sources WHERE url = ?)",
            (url_of("gazette"),),
        )
    assert room.titles() == [CLOCKS]


async def test_what_went_between_noting_and_sending_is_left_out(room: DigestRoom) -> None:
    await room.tells(FERRY, RUDDER, "gazette")
    await room.tells(CLOCKS, MUSEUM, "courier")
    room.note()
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-04T13:00:00Z' WHERE title = ?", (FERRY,))
    assert [each.story.title for each in room.noted().stories] == [CLOCKS]


async def test_it_begins_once_and_a_file_that_was_put_back_loses_nothing_that_is_kept(room: DigestRoom) -> None:
    with room.database.write():
        begin_target(room.database.conn, room.digest.name, room.now + timedelta(days=3), "digest")
    await room.tells(FERRY, RUDDER, "gazette")
    with room.database.write():  # what was kept of the log ends before the digest looked
        room.database.conn.execute("UPDATE consumers SET seq = 0")
        room.database.conn.execute("DELETE FROM changes WHERE seq = 1")
    assert (room.titles(), room.selected().lost) == ([FERRY], True)
    with room.database.write():
        room.database.conn.execute("UPDATE consumers SET seq = 100000")
    assert (room.titles(), room.selected().lost) == ([], True)


async def test_a_day_without_news_is_noted_and_done(room: DigestRoom) -> None:
    room.note()
    with room.reading() as rows:
        row = rows.row(room.today)
    assert row and row.state == "sent"
    with sqlite3.connect(room.config.storage.path) as conn:
        assert conn.execute("SELECT message_id, times FROM outbox").fetchall() == [(None, 0)]
    conn.close()
