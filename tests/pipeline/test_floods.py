"""A feed that gives new ids to everything it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model.post import Post
from tests.helpers.poller_room import PollerRoom, article, url_of

MATTERS = [
    "ferry rudder storm",
    "museum tide clocks",
    "bakers night tariff",
    "harbour crane accident",
    "choir tour plans",
]


def report(number: int, *, guid: str, path: str = "") -> Post:
    matter = MATTERS[number % 5]
    nouns = ("north", "quay", "island", "council", "weather", "market", "lantern", "bridge")
    words = " ".join(f"{noun}{number}" for noun in nouns)
    text = f"The {matter} kept the town busy on day {number}, and {words} were spoken of at length by all who came."
    return replace(article(f"{path}{number}", f"{matter} {number}", text), native_id=guid)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.posts(url_of("gazette"), [report(n, guid=f"old-{n}") for n in range(20)])
    yield room
    room.database.close()


async def poll_again(room: PollerRoom, posts: list[Post]) -> tuple[int, int, tuple[str, ...]]:
    await room.poll()
    room.collect._answers.clear()
    room.collect.posts(url_of("gazette"), posts)
    [polled] = await room.poll()
    return polled.new, polled.edited, polled.collected.warnings


async def test_new_ids_at_the_old_addresses_are_no_new_posts(room: PollerRoom) -> None:
    new, edited, warnings = await poll_again(room, [report(n, guid=f"new-{n}") for n in range(20)])
    assert (new, edited) == (0, 0)
    assert warnings == ("the ids changed all at once: 20 of 20 entries are known, taken as updates",)


async def test_nor_are_they_with_new_addresses_where_the_text_is_the_same(room: PollerRoom) -> None:
    moved = [report(n, guid=f"new-{n}", path="archive/") for n in range(20)]
    new, edited, _ = await poll_again(room, [*moved, report(99, guid="news")])
    assert (new, edited) == (1, 20)
    assert room.rows("SELECT count(*), count(copy_of) FROM posts") == [(21, 0)]
    assert (await room.poll())[0].edited == 0
    assert room.rows("SELECT count(*) FROM changes WHERE change = 'edited' AND what = 'post'") == [(20,)]


async def test_ids_that_change_at_every_poll_do_not_pile_up(room: PollerRoom) -> None:
    for round_ in range(5):
        await poll_again(room, [report(n, guid=f"{round_}-{n}") for n in range(20)])
    assert room.rows("SELECT count(*) FROM sightings") == [(20,)]
    assert room.rows("SELECT count(*) FROM posts") == [(20,)]


async def test_much_news_at_once_is_news(room: PollerRoom) -> None:
    new, _, warnings = await poll_again(room, [report(n, guid=f"old-{n}") for n in range(100, 120)])
    assert (new, warnings) == (20, ())
