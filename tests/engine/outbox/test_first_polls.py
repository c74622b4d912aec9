"""What a source's first poll brings is news to nobody, whatever kind it is of; what others bring beside it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.source import Source
from aggregator.storage.keeping.polls import sum_up_polls
from tests.helpers.outbox_room import OutboxRoom, notify, told
from tests.helpers.poller_room import article, url_of

OTHER = "Museum shows clocks that go by the tide"
CLOCKS = told("clocks", "gazette", title=OTHER, text="A museum of clocks was opened at the coast.")
TAG = "https://social.example/tags/harbour"
OF_HERALD = [
    told(f"h{each}", "herald", title=f"Herald matter {each}", text=f"Words {each}, of the herald") for each in range(3)
]


def with_sources(room: OutboxRoom, *sources: Source) -> None:
    """These are followed, too, from now on, and asked first: what others bring then comes in the time of that."""
    room.room.config = replace(room.room.config, sources=(*sources, *room.room.config.sources))
    room.room.poller = room.room.new_poller()


def herald() -> Source:
    return Source(kind="feed", url=url_of("herald"), title="herald")


def titles(room: OutboxRoom) -> list[str]:
    return [title for _, items in room.heard() for _, title in items]


async def room_with_tag(folder: Path) -> OutboxRoom:
    """Papers and a tag, each of which was polled before, and somebody who is told of posts."""
    room = OutboxRoom(folder, notify(on=("post",)))
    with_sources(room, Source(kind="hashtag", url=TAG))
    room.room.collect.posts(TAG, [article("old", "Old words of the tag", host="social")])
    await room.room.poll()
    await room.look()
    room.room.now += timedelta(minutes=15)
    return room


async def polled_with_tag(room: OutboxRoom, posts: list, **papers: object) -> None:  # type: ignore[type-arg]
    room.room.collect.begin_anew()
    room.room.collect.posts(TAG, posts)
    for name, of_it in papers.items():
        room.room.collect.posts(url_of(name), of_it)  # type: ignore[arg-type]
    await room.room.poll()
    await room.look()
    room.room.now += timedelta(minutes=15)


async def test_what_a_known_timeline_alone_brings_beside_the_first_poll_of_another_source_is_told(
    tmp_path: Path,
) -> None:
    room = await room_with_tag(tmp_path)
    with_sources(room, herald())
    news = article("crane", "A crane fell at the harbour", "A crane fell, nobody was hurt.", host="social")
    await polled_with_tag(room, [news], herald=OF_HERALD)
    assert titles(room) == ["A crane fell at the harbour"]


async def test_what_the_first_poll_of_a_timeline_brings_is_not_told(tmp_path: Path) -> None:
    room = await room_with_tag(tmp_path)
    assert titles(room) == []
    await polled_with_tag(room, [article("crane", "A crane fell at the harbour", host="social")])
    assert titles(room) == ["A crane fell at the harbour"]


async def test_a_source_of_which_no_poll_is_noted_any_more_is_known_all_the_same(tmp_path: Path) -> None:
    room = OutboxRoom(tmp_path, notify(on=("post",)))
    await room.poll(gazette=article("old", "Old words", host="gazette"))
    room.room.now += timedelta(days=10)
    room.write(lambda conn: sum_up_polls(conn, room.room.now, 1_000))
    assert room.rows("SELECT count(*) FROM polls") == [(0,)]
    with_sources(room, herald())
    await room.poll(herald=OF_HERALD, gazette=CLOCKS)
    assert titles(room) == [OTHER]


async def test_what_was_news_is_so_when_its_polls_are_summed_up(tmp_path: Path) -> None:
    room = OutboxRoom(tmp_path, notify(topics=("ferries",)))
    await room.poll(gazette=article("old", "Old words", host="gazette"))
    await room.poll()
    with_sources(room, herald())
    await room.poll(herald=OF_HERALD, gazette=CLOCKS)  # of no ferry: not told yet
    assert titles(room) == []
    room.room.now += timedelta(days=9)
    room.write(lambda conn: sum_up_polls(conn, room.room.now, 1_000))
    text = "A museum of clocks was opened at the coast. A ferry goes there."
    await room.poll(courier=told("clocks", "courier", title=OTHER, text=text))
    assert room.heard() == [("m1", [("story", OTHER)])]
    assert len(room.channel().taken[0].items[0].posts) == 2


@pytest.mark.parametrize("is_first", [True, False])
async def test_what_a_new_and_a_known_tag_show_in_one_poll_is_told_in_whatever_order_they_come(
    tmp_path: Path, is_first: bool
) -> None:
    room = await room_with_tag(tmp_path)
    config, fresh = room.room.config, Source(kind="hashtag", url="https://social.example/tags/crane")
    sources = (fresh, *config.sources) if is_first else (*config.sources, fresh)
    room.room.config = replace(config, sources=sources)
    room.room.poller = room.room.new_poller()
    url = "https://social.example/@anna/7"
    both = replace(
        article("crane", "A crane fell at the harbour", host="social"), kind="status", native_id="7", uri=url, url=url,
        canonical_url=url,
    )  # fmt: skip
    room.room.collect.begin_anew()
    room.room.collect.posts(TAG, [both])
    room.room.collect.posts(fresh.url, [both, article("before", "What was there before", host="social")])
    await room.room.poll()
    await room.look()
    assert [row[0] for row in room.rows("SELECT by_first_poll FROM sightings WHERE native_id = '7' ORDER BY 1")] == [
        0,
        1,
    ]
    assert titles(room) == ["A crane fell at the harbour"]
