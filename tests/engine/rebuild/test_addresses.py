"""A file whose keys of addresses earlier rules made: they become today's, and nothing is stored or told anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.rebuild.reworks import REWORKS, take_step
from tests.helpers.former_addresses import room_at, unpack
from tests.helpers.poller_room import PollerRoom, article, url_of

KEYS = [
    (1, "https://spa.example/app#/news/1"),
    (2, "https://spa.example/app#/news/2"),
    (3, "https://kit.example/docs#/anchor"),
    (4, "https://kit.example/docs#/rudder"),
    (5, "https://bote.example/faehre"),
    (6, "https://bote.example/leuchtturm-12345"),
    (7, "https://bote.example/faehre"),
    (8, "https://doi.org/10.1000/abc.1"),
    (9, "https://doi.org/10.1000/abc.2"),
]
SAID = "SELECT id, kind, title, text, url, digest FROM posts ORDER BY id"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    unpack(tmp_path)
    made = room_at(tmp_path)
    made.now += timedelta(hours=1)
    yield made
    made.database.close()


def rework(room: PollerRoom, rows: int = 50) -> None:
    for each in REWORKS:
        while not take_step(room.database, each, rows, room.now).is_done:
            pass


@pytest.mark.parametrize("rows", [1, 2, 50])
async def test_keys_are_made_anew_and_copies_with_them(room: PollerRoom, rows: int) -> None:
    rework(room, rows)
    assert room.rows("SELECT id, canonical_url FROM posts ORDER BY id") == KEYS
    assert room.rows("SELECT id, copy_of, copy_because FROM posts WHERE copy_of IS NOT NULL") == [
        (7, 5, "same link: https://bote.example/faehre")
    ]
    # What was taken for a copy is a story of its own.
    assert room.rows("SELECT count(*), count(DISTINCT story_id) FROM posts WHERE id IN (1, 2)") == [(2, 2)]
    # What is one is told once.
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts WHERE id IN (5, 7)") == [(1,)]
    assert room.rows("SELECT merged_into FROM stories WHERE title = 'The evening ferry'") == [(4,)]
    assert room.rows("SELECT story_because FROM posts WHERE id = 7") == [("copy of post 5",)]
    assert room.rows("SELECT native_id FROM sightings WHERE post_id IN (8, 9) ORDER BY 1") == [
        ("same https://doi.org/10.1000/abc.1",),
        ("same https://doi.org/10.1000/abc.2",),
    ]
    changes = "SELECT DISTINCT change FROM changes WHERE what = 'post' AND seq > 9 ORDER BY 1"
    assert ("new",) not in room.rows(changes)


@pytest.mark.parametrize("is_polled_first", [False, True])
async def test_the_same_documents_bring_nothing(room: PollerRoom, is_polled_first: bool) -> None:
    """Polls go on before all keys are made anew."""
    if not is_polled_first:
        rework(room)
    for _ in range(2):
        polled = await room.poll()
        assert [(each.new, each.edited) for each in polled] == [(0, 0)] * len(polled)
        room.now += timedelta(minutes=15)
        rework(room)
    assert room.rows("SELECT id, canonical_url FROM posts ORDER BY id") == KEYS
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    stored = room.rows(SAID)
    await room.poll()
    assert room.rows(SAID) == stored


@pytest.mark.parametrize("is_polled_first", [False, True])
async def test_another_source_brings_a_copy(room: PollerRoom, is_polled_first: bool) -> None:
    if not is_polled_first:
        rework(room)
    title = "The light at the northern cape"
    room.collect.begin_anew()
    room.collect.posts(url_of("desktop"), [
        article("leuchtturm-12345", title, "Lamps.", host="www.bote"),
        article("leuchtturm-12346", "Lamps are lit in the town", "In the streets.", host="www.bote"),
    ])  # fmt: skip
    await room.poll()
    rework(room)
    assert room.rows("SELECT title, copy_of FROM posts WHERE id > 9 ORDER BY 1") == [
        ("Lamps are lit in the town", None),
        (title, 6),
    ]


async def test_a_tombstone_keeps_out_what_is_at_its_new_key(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET gone_at = '2026-05-04T12:30:00Z', text = NULL WHERE id = 6")
    rework(room)
    assert room.rows("SELECT canonical_url FROM posts WHERE id = 6") == [("https://bote.example/leuchtturm-12345",)]


async def test_what_is_the_original_stays_so(room: PollerRoom) -> None:
    """Of a first poll it is the earliest, whatever its number."""
    old = "https://mobil.bote.example/faehre"
    with room.database.write():
        room.database.conn.execute("UPDATE posts SET url = ?1, canonical_url = ?1 WHERE id = 7", (old,))
        room.database.conn.execute(
            "UPDATE posts SET copy_of = 7, copy_because = 'same link: ' || ?, copy_score = 1.0 WHERE id = 5", (old,)
        )
    rework(room)
    assert room.rows("SELECT id, copy_of, copy_because FROM posts WHERE id IN (5, 7)") == [
        (5, 7, "same link: https://bote.example/faehre"),
        (7, None, None),
    ]


async def test_an_editors_story_stays(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute("UPDATE stories SET pinned_at = '2026-05-04T12:30:00Z' WHERE id = 6")
    rework(room)
    assert room.rows("SELECT copy_of, story_id FROM posts WHERE id = 7") == [(5, 6)]


async def test_pages_of_one_address_become_one(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.executemany(
            "INSERT INTO articles (id, canonical_url, url, queued_at, text, declared_url) "
            "VALUES (?, ?, ?, '2026', ?, ?)",
            [
                (1, "https://bote.example/faehre", "https://www.bote.example/faehre", None, None),
                (2, "https://mobil.bote.example/faehre", "https://mobil.bote.example/faehre", "It sails.", None),
                (3, "https://bote.example/a", "https://bote.example/a", "Other.", "https://mobil.bote.example/a"),
            ],
        )
    rework(room)
    assert room.rows("SELECT id, canonical_url, text, declared_url FROM articles ORDER BY id") == [
        (2, "https://bote.example/faehre", "It sails.", None),
        (3, "https://bote.example/a", "Other.", None),
    ]


async def test_done_twice_it_comes_to_the_same(room: PollerRoom) -> None:
    rework(room)
    tables = [room.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("posts", "sightings", "stories", "changes")]
    with room.database.write():
        room.database.conn.execute("DELETE FROM reworks WHERE name LIKE '%address%'")
    rework(room)
    assert tables == [
        room.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("posts", "sightings", "stories", "changes")
    ]
