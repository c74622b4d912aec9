"""Why stories are linked: told by what is shown of them alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.post import OlderStory
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory, ShownTopic, StoryTopic
from aggregator.storage.site.because import shown_because
from aggregator.storage.site.rows import SiteRows
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.links import earlier_links
from tests.helpers import shown
from tests.helpers.poller_room import PollerRoom, article, url_of


@pytest.mark.parametrize(
    ("because", "told"),
    [
        ("also about ferries; shared words: rudder 0.31, quay 0.20", "also about ferries; shared words: rudder 0.31"),
        ("also about acme, ferries; shared words: zanzibar 0.31", "also about ferries"),
        ("also about acme; shared words: los 0.31, gpt 5 0.20", "shared words: los 0.31, gpt 5 0.20"),
        ("also about acme; shared words: zanzibar 0.31", ""),
        (
            "the same matter goes on: also about acme, ferries; shared words: rudder 0.31, quay 0.20",
            "the same matter goes on: also about ferries; shared words: rudder 0.31",
        ),
        (
            "the same matter goes on: shared words: rudder 0.31, zanzibar 0.20",
            "the same matter goes on: shared words: rudder 0.31",
        ),
        ("another matter of the same: also about acme; shared words: zanzibar 0.31", ""),
        ("the same matter goes on: shared words: zanzibar 0.31", ""),
        ("shared words: rudder", "shared words: rudder"),
        ("by hand", "by hand"),
    ],
)
def test_names_and_words_that_nothing_shown_has_are_left_out(because: str, told: str) -> None:
    post = replace(shown.FUNDED.lead, title="Ferry loses its RUDDER", text="", topics=(("ferries", 1.0),))
    topics = (StoryTopic(ShownTopic("ferries", "Ferries", "topic"), 1.0),)
    one = replace(shown.FUNDED, posts=(post,), lead=post, topics=topics)
    other = replace(one, posts=(replace(post, title="Told by GPT-5"),), topics=())
    assert shown_because(because, (one, other)) == told


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path, "gazette", "courier")
    yield room
    room.database.close()


async def linked(room: PollerRoom, because: str) -> tuple[ShownStory, ShownStory]:
    """A story, and one of nine days later that is linked to it for this reason."""
    for name, title in (("a", "Ferry Halcyon loses its rudder"), ("b", "Harbour court opens for the Halcyon")):
        room.collect.begin_anew()
        room.collect.posts(url_of("gazette"), [replace(article(name, title), published_at=room.now)])
        await room.poll()
        room.now += timedelta(days=9)
    room.database.conn.execute(
        "INSERT INTO story_links (story_id, earlier_story_id, similarity, because) VALUES (2, 1, 0.5, ?)", (because,)
    )
    return load(room)


def load(room: PollerRoom) -> tuple[ShownStory, ShownStory]:
    with SiteRows(room.config.storage.path, Publish()) as rows:
        first, second = rows.stories.load_whole([1, 2])
    return first, second


async def test_a_link_says_what_both_show(room: PollerRoom) -> None:
    first, second = await linked(room, "also about acme; shared words: halcyon 0.31, zanzibar 0.30")
    assert [each.because for each in (*first.later, *second.earlier)] == ["shared words: halcyon 0.31"] * 2


async def test_what_the_finder_writes_is_cut(room: PollerRoom) -> None:
    one, other = (
        OlderStory(
            id=number, title=f"Zanzibar {what} merger of Acme Ferries", text="Quay and rudder of Zanzibar.",
            language="en", first_at=at, last_at=at, entities=frozenset(["acme"]),
        )
        for number, what, at in ((1, "plans", room.now), (2, "ends", room.now + timedelta(days=9)))
    )  # fmt: skip
    [link] = earlier_links(other, [one], Rarity(lambda _: 5.0), lambda _: {}, timedelta(days=30))
    assert "zanzibar" in link.because and "acme" in link.because
    _, second = await linked(room, link.because)
    assert second.earlier == ()


async def test_what_only_hidden_posts_link_is_not_linked(room: PollerRoom) -> None:
    first, second = await linked(room, "also about acme; shared words: zanzibar 0.30")
    assert (first.later, second.earlier) == ((), ())
    room.database.conn.execute("UPDATE posts SET text = 'From Zanzibar.' WHERE id = 1")
    first, second = load(room)
    assert [each.id for each in (*first.later, *second.earlier)] == [2, 1]
