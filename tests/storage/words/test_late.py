"""A card that a server finds later reaches the post's story: its words, its name in addresses, and where it belongs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aggregator.storage.corrections import pin_by_hand
from aggregator.storage.words.packed import unpack_words
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NOW, Follower

HOUR = timedelta(hours=1)
MINUTES = timedelta(minutes=20)
LINK = '<p><a href="https://paper.example/{0}">https://paper.example/{0}</a></p>'
CARD = {"url": "https://paper.example/1", "type": "link", "title": "Ostermoor ferry sails again after winter repairs",
        "description": "The ferry of Ostermoor left its dock."}  # fmt: skip
STORY = "SELECT s.id, s.title, s.slug, s.post_count FROM stories s WHERE merged_into IS NULL ORDER BY s.id"


def words(room: Follower, post_id: int = 1) -> dict[str, float]:
    return unpack_words(room.rows(f"SELECT words FROM post_words WHERE post_id = {post_id}")[0][0])


def post(server: Fediverse, content: str, minutes: int, **changes: Any) -> str:
    return server.post(content=content, id_time=NOW - timedelta(minutes=minutes), **changes)


async def test_the_story_knows_its_words_and_is_called_by_them(server: Fediverse, room: Follower) -> None:
    post_id = post(server, LINK.format(1), 5)
    await room.poll()
    assert "ferry" not in words(room)
    server.by_id[post_id].changes |= {"card": CARD}
    await room.poll(HOUR)
    assert words(room)["ferry"] > 0
    assert room.rows(STORY) == [(1, CARD["title"], "ostermoor-ferry-sails-again-after-winter-repairs-1", 1)]
    server.post(content="<p>After winter repairs the ferry of Ostermoor sails again</p>")
    await room.poll(HOUR)
    assert room.rows("SELECT DISTINCT story_id FROM posts") == [(1,)]
    index = room.poller._stories.index
    assert index is not None
    held = {story.id: dict(story.vector) for story in index.stories.values()}
    room.restart()
    room.poller._stories.at(server.clock, is_needed=True)
    again = room.poller._stories.index
    assert again is not None and {story.id: dict(story.vector) for story in again.stories.values()} == held


async def test_a_name_that_was_there_for_long_or_is_an_editors_stays(server: Fediverse, room: Follower) -> None:
    ids = [post(server, LINK.format(number), 9 - number) for number in (1, 2)]
    await room.poll()
    slugs = room.rows("SELECT slug FROM stories ORDER BY id")
    with room.database.write():
        pin_by_hand(room.database.conn, 1, True, NOW)
        room.database.conn.execute("UPDATE posts SET first_seen_at = '2031-03-01T05:00:00Z' WHERE id = 2")
    for number, post_id in enumerate(ids, 1):
        other = {"url": f"https://paper.example/{number}", "title": f"{CARD['title']} {number * 1111}"}
        server.by_id[post_id].changes |= {"card": {**CARD, **other}}
    await room.poll(HOUR)
    assert room.rows("SELECT slug FROM stories ORDER BY id") == slugs


async def test_it_goes_to_the_story_that_the_card_tells_of(server: Fediverse, room: Follower) -> None:
    post(server, "<p>Ostermoor ferry sails again after winter repairs, says its captain</p>", 9)
    late = post(server, LINK.format(1), 5)
    await room.poll()
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(2,)]
    server.by_id[late].changes |= {"card": CARD}
    await room.poll(HOUR)
    assert room.rows("SELECT id, merged_into, post_count FROM stories ORDER BY id") == [(1, None, 2), (2, 1, 0)]
    assert room.rows("SELECT story_id FROM posts") == [(1,), (1,)]
    assert room.rows("SELECT story_because LIKE '%: %ferry%' FROM posts WHERE id = 2") == [(1,)]
    told = "SELECT what, row_id, change FROM changes WHERE change IN ('moved', 'merged')"
    assert room.rows(told) == [("story", 2, "merged"), ("post", 2, "moved")]
    index = room.poller._stories.index
    assert index is not None and {story.id: story.posts for story in index.stories.values()} == {1: 2}
    before = len(room.rows("SELECT 1 FROM changes"))
    await room.poll(HOUR)
    assert len(room.rows("SELECT 1 FROM changes")) == before


async def test_it_goes_to_the_article_that_the_card_is_of(server: Fediverse, room: Follower) -> None:
    """The text had a short link, which says nothing of the page."""
    post(server, "<p>Good morning all of you</p>" + LINK.format("harbour"), 9)
    late = post(server, "<p>Just look</p>", 5)
    await room.poll()
    server.by_id[late].changes |= {"card": {**CARD, "url": "https://paper.example/harbour", "title": "Quite unlike"}}
    await room.poll(HOUR)
    assert room.rows("SELECT story_id, story_because FROM posts WHERE id = 2") == [(1, "shares a link with post 1")]


@pytest.mark.parametrize("is_alone", [True, False])
async def test_it_stays_where_an_editor_put_it_or_others_came(
    is_alone: bool, server: Fediverse, room: Follower
) -> None:
    post(server, "<p>Ostermoor ferry sails again after winter repairs, says its captain</p>", 9)
    late = post(server, LINK.format(1), 5)
    if not is_alone:
        post(server, "<p>Seagulls over the lighthouse this morning</p>" + LINK.format(1), 4)
    await room.poll()
    if is_alone:
        with room.database.write():
            pin_by_hand(room.database.conn, 2, True, NOW)
    server.by_id[late].changes |= {"card": CARD}
    await room.poll(MINUTES)  # within the hour, before second thoughts
    assert room.rows("SELECT story_id FROM posts WHERE id = 2") == [(2,)]
    assert words(room, 2)["ferry"] > 0
    index = room.poller._stories.index
    assert index is not None and set(index.stories) == {1, 2}


async def test_a_copy_gets_no_story_of_its_own(server: Fediverse, room: Follower) -> None:
    text = "<p>The captain of the ferry told us all about a long winter in the dock, and what was mended there</p>"
    post(server, text, 9)
    copy = post(server, text, 5)
    await room.poll()
    assert room.rows("SELECT copy_of, story_id FROM posts WHERE id = 2") == [(1, 1)]
    server.by_id[copy].changes |= {"card": {**CARD, "title": "Something about seagulls"}}
    await room.poll(HOUR)
    assert room.rows("SELECT copy_of, story_id FROM posts WHERE id = 2") == [(1, 1)]
