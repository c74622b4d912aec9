"""What an author of a status changes besides its words is stored; what only servers say otherwise is no edit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NOW, Follower

HOUR = timedelta(hours=1)
EDITS = "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'"
ADA = {"acct": "ada@far.example", "url": "https://far.example/@ada", "bot": False, "indexable": True}


def picture(number: int, description: str | None) -> dict[str, Any]:
    return {"url": f"https://files.example/{number}.png", "type": "image", "description": description}


def poll(*titles: str) -> dict[str, Any]:
    return {"options": [{"title": title} for title in titles]}


async def test_an_edit_that_leaves_the_words_alone_is_stored(server: Fediverse, room: Follower) -> None:
    pictures = [picture(1, None), picture(2, "A pier")]
    post_id = server.post(sensitive=False, media_attachments=pictures, poll=poll("Tea", "Rum"))
    await room.poll()
    after = picture(1, "A ferry at dawn")
    server.edit(post_id, sensitive=True, media_attachments=[after], poll=poll("Tea", "Coffee"))
    await room.poll(HOUR)
    [(sensitive, attached, edited_at)] = room.rows("SELECT sensitive, attached, edited_at FROM posts")
    assert (sensitive, attached) == (1, "A ferry at dawn\nTea\nCoffee")
    assert edited_at is not None
    assert room.rows("SELECT url, description FROM post_enclosures") == [
        ("https://files.example/1.png", "A ferry at dawn")
    ]
    assert room.rows("SELECT title FROM post_options ORDER BY position") == [("Tea",), ("Coffee",)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    assert room.rows(EDITS) == [(1,)]
    await room.poll(HOUR)  # the same again, to the millisecond
    assert room.rows(EDITS) == [(1,)]


async def test_other_files_of_the_same_edit_are_no_later_one(server: Fediverse, room: Follower) -> None:
    post_id = server.post(media_attachments=[picture(1, "A pier")])
    await room.poll()
    server.by_id[post_id].changes |= {"sensitive": True, "media_attachments": [picture(2, "A pier")]}
    await room.poll(HOUR)
    assert room.rows("SELECT sensitive, (SELECT url FROM post_enclosures) FROM posts") == [
        (0, "https://files.example/1.png")
    ]
    assert room.rows(EDITS) == [(0,)]


async def test_what_an_account_says_of_itself_is_that_of_now(server: Fediverse, room: Follower) -> None:
    post_id = server.post(account=ADA, favourites_count=1)
    await room.poll()
    flags = "SELECT indexable, bot, (SELECT indexable FROM latest_posts) FROM posts"
    assert room.rows(flags) == [(1, 0, 1)]
    server.by_id[post_id].changes |= {"account": {**ADA, "bot": True, "indexable": False}}
    await room.poll(HOUR)
    assert room.rows(flags) == [(0, 1, 0)]
    server.by_id[post_id].changes |= {"account": {key: ADA[key] for key in ("acct", "url")}}  # a server that knows less
    await room.poll(HOUR)
    assert room.rows("SELECT indexable FROM posts") == [(0,)]
    # Told once, without a revision: who shows it to others must hear that its author does not agree any more.
    assert room.rows(EDITS) == [(1,)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]


FLAGS = "SELECT bot, indexable FROM posts"
FAR_URI = "https://far.example/users/ada/statuses/1"
OTHERWISE = {**ADA, "bot": True, "indexable": False}


@pytest.mark.parametrize("is_home_first", [True, False])
async def test_of_an_account_its_home_is_believed(is_home_first: bool, tmp_path: Path) -> None:
    """Another server may have an old copy of it, or not know what it says of indexing."""
    with Fediverse(NOW) as home, Fediverse(NOW, "ulid", has_bulk=False) as other:
        room = Follower(tmp_path, *((home,) if is_home_first else (other,)), also=[other if is_home_first else home])
        post_id = home.post(account=ADA)
        [there] = other.copy(home, [post_id])
        other.by_id[there].changes |= {"account": OTHERWISE, "favourites_count": 7}
        for _ in range(3):
            await room.poll(HOUR)
            assert room.rows(FLAGS) == [(0, 1)]
        home.by_id[post_id].changes |= {"account": {**ADA, "indexable": False}}
        other.by_id[there].changes |= {"account": {**OTHERWISE, "indexable": True}}
        for _ in range(3):
            await room.poll(HOUR)
            assert room.rows(FLAGS) == [(0, 0)]
        room.database.close()


async def test_of_servers_that_are_not_its_home_none_is_believed_beside_another(tmp_path: Path) -> None:
    with Fediverse(NOW) as one, Fediverse(NOW, "ulid", has_bulk=False) as other:
        room = Follower(tmp_path, one, also=[other])
        post_id = one.post(account=ADA, uri=FAR_URI)
        await room.poll(HOUR)
        one.by_id[post_id].changes |= {"account": OTHERWISE}  # the only one that has it: it is
        await room.poll(HOUR)
        assert room.rows(FLAGS) == [(1, 0)]
        [there] = other.copy(one, [post_id])
        other.by_id[there].changes |= {"account": ADA}
        for _ in range(3):
            await room.poll(HOUR)
            assert room.rows(FLAGS) == [(1, 0)]
        room.database.close()
