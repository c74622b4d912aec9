"""Whose words a status quotes here, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.timelines import GoneBecause
from aggregator.storage.deletions import bury, forget
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import NOW, Follower

HOUR = timedelta(hours=1)
URI, URL = "https://far.example/users/bo/statuses/9", "https://far.example/@bo/9"
BO = {"acct": "bo@far.example", "url": "https://far.example/@bo"}
QUOTED = {
    "id": "9", "uri": URI, "url": URL, "visibility": "public", "account": BO,
    "content": "<p>The xylophone of the lighthouse is gone.</p>",
}  # fmt: skip
FOUND = "SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'xylophone OR marmalade'"


def quote(**changes: Any) -> dict[str, Any]:
    return {"state": "accepted", "quoted_status": {**QUOTED, **changes}}


def said(room: Follower) -> list[tuple[Any, ...]]:
    """What is left of the quoted words: rows, titles, stories."""
    return [
        *room.rows("SELECT 1 FROM post_quotes WHERE author IS NOT NULL OR text IS NOT NULL"),
        *room.rows("SELECT 1 FROM posts WHERE uri <> '" + URI + "' AND (attached || '' OR headline LIKE '%xylo%')"),
        *room.rows("SELECT 1 FROM stories WHERE title LIKE '%xylo%' OR slug LIKE '%xylo%'"),
        *room.rows("SELECT 1 FROM posts_fts WHERE posts_fts MATCH 'xylophone' LIMIT 1"),
    ]


@pytest.mark.parametrize(
    "after",
    [
        {"state": "revoked", "quoted_status": None},
        {"state": "deleted", "quoted_status": None},
        {"state": "unauthorized", "quoted_status": None},
        {"state": "blocked_account", "quoted_status": None},
        quote(account={**BO, "noindex": True}),
        quote(visibility="private"),
        quote(local_only=True),
    ],
)
async def test_words_that_were_taken_back_go_when_that_is_seen(
    server: Fediverse, room: Follower, after: dict[str, Any]
) -> None:
    post_id = server.post(content="<p>#ai</p>", quote=quote())
    await room.poll()
    assert len(said(room)) == 4
    server.by_id[post_id].changes |= {"quote": after}
    await room.poll(HOUR)
    assert said(room) == []
    assert room.rows("SELECT uri, url FROM post_quotes") == [(URI, URL)]
    assert room.rows("SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'") == [(1,)]
    server.edit(post_id, content="<p>#ai, once more</p>")
    await room.poll(HOUR)
    assert room.rows("SELECT uri, url FROM post_quotes") == [(URI, URL)]
    server.edit(post_id, content="<p>#ai, and again</p>", quote=quote())  # by a server that does not know
    await room.poll(HOUR)
    assert said(room) == []
    server.post(content="<p>The ferry sails to the lighthouse</p>")  # joins no title of before
    await room.poll(HOUR)
    assert said(room) == []


@pytest.mark.parametrize(
    "after",
    [None, {"state": "pending", "quoted_status": None}, {"state": "muted_account", "quoted_status": None}],
)
async def test_words_that_are_only_not_shown_now_stay(
    server: Fediverse, room: Follower, after: dict[str, Any] | None
) -> None:
    post_id = server.post(content="<p>#ai</p>", quote=quote())
    await room.poll()
    server.by_id[post_id].changes |= {"quote": after}
    await room.poll(HOUR)
    assert len(said(room)) == 4


# ---------------------------------------------------------------- what another server says

WITHDRAWN = [{"state": state, "quoted_status": None} for state in ("revoked", "rejected", "deleted")]
NOT_SHOWN = [
    *({"state": state, "quoted_status": None} for state in ("unauthorized", "blocked_account", "blocked_domain")),
    quote(visibility="private"),
    quote(account={**BO, "noindex": True}),
]
NEW_WORDS = {"content": "<p>The bell is mended</p>", "edited_at": (NOW + timedelta(minutes=1)).isoformat()}


@pytest.fixture
def other() -> Iterator[Fediverse]:
    with Fediverse(NOW, "ulid", has_bulk=False) as other:
        yield other


@pytest.fixture
def both(server: Fediverse, other: Fediverse, tmp_path: Path) -> Iterator[Follower]:
    """Follows the home of posts, and another server."""
    room = Follower(tmp_path, server, also=[other])
    yield room
    room.database.close()


async def shown_by_both(both: Follower, after: dict[str, Any]) -> tuple[str, str]:
    """Ids of a post that quotes, and of what another server has of it: the quote is `after` there."""
    [other] = both.also
    post_id = both.server.post(content="<p>#ai</p>", quote=quote())
    [there] = other.copy(both.server, [post_id])
    other.by_id[there].changes |= {"quote": quote()}
    await both.poll()
    assert len(said(both)) == 4
    other.by_id[there].changes |= {"quote": after}
    await both.poll(HOUR)
    await both.poll(HOUR)
    return post_id, there


@pytest.mark.parametrize("after", WITHDRAWN)
async def test_that_words_were_withdrawn_any_server_may_say(both: Follower, after: dict[str, Any]) -> None:
    await shown_by_both(both, after)
    assert said(both) == []
    assert both.rows("SELECT uri, url FROM post_quotes") == [(URI, URL)]


@pytest.mark.parametrize("after", NOT_SHOWN)
async def test_what_another_server_does_not_show_stays(both: Follower, after: dict[str, Any]) -> None:
    """It may block the author, or was never allowed to see it."""
    post_id, there = await shown_by_both(both, after)
    assert len(said(both)) == 4
    assert both.rows("SELECT count(*) FROM changes WHERE what = 'post' AND change = 'edited'") == [(0,)]
    # Nor do they go when it is the first to have an edit.
    both.also[0].by_id[there].changes |= NEW_WORDS
    await both.poll(HOUR)
    assert both.rows("SELECT text FROM posts") == [("The bell is mended",)]
    assert both.rows("SELECT uri, url, author, text FROM post_quotes") == [
        (URI, URL, "bo@far.example", "The xylophone of the lighthouse is gone.")
    ]
    assert both.rows(FOUND) == [(1,)]
    both.server.by_id[post_id].changes |= NEW_WORDS
    await both.poll(HOUR)
    assert both.rows(FOUND) == [(1,)]
    # The home of the post is believed.
    both.server.by_id[post_id].changes |= {"quote": after}
    await both.poll(HOUR)
    assert both.rows("SELECT uri, url, author, text FROM post_quotes") == [(URI, URL, None, None)]
    assert both.rows(FOUND) == [(0,)]


@pytest.mark.parametrize("after", [*WITHDRAWN, *NOT_SHOWN])
async def test_the_only_server_that_showed_it_is_believed(
    server: Fediverse, room: Follower, after: dict[str, Any]
) -> None:
    post_id = server.post(content="<p>#ai</p>", quote=quote(), uri="https://far.example/users/ada/statuses/1")
    await room.poll()
    assert len(said(room)) == 4
    server.by_id[post_id].changes |= {"quote": after}
    await room.poll(HOUR)
    assert said(room) == []


async def test_words_come_not_back_with_another_address(both: Follower) -> None:
    """Each server may have a page of its own for what is quoted; its id is the same."""
    _, there = await shown_by_both(both, WITHDRAWN[0])
    changes = {"quote": quote(url="https://isle.example/notes/9")}
    both.also[0].by_id[there].changes |= {**NEW_WORDS, **changes}
    await both.poll(HOUR)
    assert both.rows("SELECT text FROM posts") == [("The bell is mended",)]
    assert said(both) == []


# ---------------------------------------------------------------- what is deleted here, or forgotten


@pytest.mark.parametrize("changes", [{}, {"uri": None}, {"url": None}])
async def test_what_was_deleted_here_is_not_quoted_again(
    server: Fediverse, room: Follower, changes: dict[str, Any]
) -> None:
    server.post(id_time=NOW - HOUR, uri=URI, url=URL, content=QUOTED["content"])
    post_id = server.post(content="<p>#ai</p>", quote=quote(**changes))
    await room.poll()
    with room.database.write():
        bury(room.database.conn, [1], NOW)
    server.delete(next(iter(server.by_id)))
    server.edit(post_id, content="<p>#ai, once more</p>")
    server.post(content="<p>Look at that, all of you</p>", quote=quote(**changes))
    other = {"uri": f"{URI}7", "url": f"{URL}7", "content": "<p>Marmalade for the harbour</p>"}
    server.post(content="<p>And at that one</p>", quote=quote(**other))
    await room.poll(HOUR)
    assert room.rows("SELECT text FROM post_quotes WHERE text IS NOT NULL") == [("Marmalade for the harbour",)]
    assert room.rows("SELECT count(*) FROM post_quotes") == [(3,)]
    assert room.rows(FOUND) == [(1,)]


async def test_where_deletions_are_not_honoured_it_is(server: Fediverse, room: Follower) -> None:
    room.set(honour_deletions=False)
    server.post(id_time=NOW - HOUR, uri=URI, url=URL, content=QUOTED["content"])
    await room.poll()
    with room.database.write():
        bury(room.database.conn, [1], NOW, empties=False)
    server.delete(next(iter(server.by_id)))
    server.post(content="<p>Look at that, all of you</p>", quote=quote())
    await room.poll(HOUR)
    assert room.rows("SELECT author FROM post_quotes") == [("bo@far.example",)]
    with room.database.write():
        bury(room.database.conn, [1], NOW, because={1: GoneBecause.FORGOTTEN})
    server.post(content="<p>Look at that again, all of you</p>", quote=quote())
    await room.poll(HOUR)
    assert room.rows("SELECT DISTINCT author FROM post_quotes") == [(None,)]


async def test_nothing_is_worked_out_of_the_words_of_who_is_forgotten(server: Fediverse, room: Follower) -> None:
    with room.database.write():
        forget(room.database.conn, "bo@far.example", [], NOW)
    mine, theirs = "<p>Look at this, all of you</p>", {"content": "<p>Mistral and its xylophone</p>"}
    server.post(content=mine, quote=quote(**theirs))
    server.post(content=mine, quote=quote(**theirs, account={**BO, "acct": "cy@far.example"}))
    await room.poll()
    words = dict(room.rows("SELECT post_id, words FROM post_words"))
    [open_id] = [post_id for (post_id,) in room.rows("SELECT post_id FROM post_quotes WHERE text IS NOT NULL")]
    assert [post_id for post_id in words if b"xylophone" in words[post_id]] == [open_id]
