"""Home, lists and bookmarks of a token's user: complete, public posts alone, and marked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.source import Source, SourceKind
from aggregator.sources.mastodon.look import look_at
from aggregator.storage.sources import load_memories
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NETWORK, NOW, Follower, details
from tests.helpers.hashtags import fill as fill_any

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def room_of(folder: Path, server: Fediverse, kind: SourceKind, path: str, **source: Any) -> Follower:
    return Follower(folder, server, kind=kind, path=path, **{"token": "good", **source})


@pytest.fixture
def users(server: Fediverse) -> Fediverse:
    server.accounts = {"anna": {}, "ben": {}}
    server.lists = {"Sailors": ("ben",)}
    return server


def fill(server: Fediverse, count: int, acct: str = "ben", **changes: Any) -> list[str]:
    return fill_any(server, count, acct=acct, **changes)


# ---------------------------------------------------------------- home and lists


async def test_home_is_read_backwards_and_onwards(users: Fediverse, tmp_path: Path) -> None:
    ids = [*fill(users, 60), *fill(users, 60, "anna")]
    hidden = fill(users, 2, visibility="private")
    room = room_of(tmp_path, users, "home", "/home")
    await room.poll()
    users.clock += INTERVAL * 2
    late = [users.post(acct=acct) for acct in ("anna", "ben") for _ in range(50)]
    await room.poll()
    assert set(room.ids()) == {*ids, *late}
    assert not {*hidden} & {row[0] for row in room.rows("SELECT native_id FROM sightings")}
    assert "left out: 2 not public" in details(room)
    assert room.rows("SELECT DISTINCT by_token FROM sightings") == [(1,)]


async def test_home_that_is_still_put_together_loses_nothing(users: Fediverse, tmp_path: Path) -> None:
    ids = fill(users, 5)
    room = room_of(tmp_path, users, "home", "/home")
    await room.poll()
    users.is_partial = True
    await room.poll(INTERVAL * 2)
    assert "is still putting the home timeline together" in details(room)
    users.is_partial = False
    users.clock += 3 * DAY  # longer than a first run would go back
    late = fill(users, 4000)
    await room.poll_for(2 * HOUR)
    assert set(room.ids()) == {*ids, *late}


async def test_boosts_at_home_are_sightings_where_they_are_asked_for(users: Fediverse, tmp_path: Path) -> None:
    theirs = users.post()
    own = fill(users, 1)
    users.post(acct="ben", boosted=theirs)
    room = room_of(tmp_path, users, "home", "/home")
    await room.poll()
    assert room.ids() == own
    room.follow(*(Source(kind="home", url=each.url, token="good", boosts=True) for each in room.config.sources))
    await room.poll(HOUR + INTERVAL)
    assert set(room.ids()) == {theirs, *own}


@pytest.mark.parametrize("path", ["/lists/Sailors", "/lists/7"])
async def test_a_list_is_found_by_title_or_id(path: str, users: Fediverse, tmp_path: Path) -> None:
    ids = fill(users, 3)
    fill(users, 3, "anna")
    room = room_of(tmp_path, users, "list", path)
    await room.poll()
    await room.poll(INTERVAL * 2)
    assert room.ids() == ids
    assert sum(target.startswith("/api/v1/lists") for target in users.asked) == 1
    users.delete(ids[1])
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1


async def test_a_list_that_is_not_there_is_told(users: Fediverse, tmp_path: Path) -> None:
    room = room_of(tmp_path, users, "list", "/lists/Sailers")
    await room.poll()
    [(words,)] = room.rows("SELECT last_error FROM sources")
    assert words.endswith("has not the list “Sailers” for this token: its lists are “Sailors”")


# ---------------------------------------------------------------- bookmarks


@pytest.fixture
def marked(users: Fediverse, tmp_path: Path) -> Follower:
    return room_of(tmp_path, users, "bookmarks", "/bookmarks")


async def test_bookmarks_are_read_in_their_own_order(users: Fediverse, marked: Follower) -> None:
    """The order of bookmarking says nothing of the posts' ages, nor the other way round."""
    posts = [users.post(at=NOW - DAY * n, id_time=NOW - DAY * n, tags=()) for n in range(230)]
    users.bookmarks = posts[100:200]
    await marked.poll()
    assert set(marked.ids()) == set(posts[100:200])
    users.bookmarks += posts[:100] + posts[200:]
    await marked.poll(INTERVAL * 2)
    assert set(marked.ids()) == set(posts)
    assert marked.rows("SELECT count(*) FROM posts") == [(230,)]
    asked = len(users.asked)
    await marked.poll(INTERVAL * 2)
    assert len(users.asked) == asked + 1
    assert marked.rows("SELECT DISTINCT by_token FROM sightings") == [(1,)]


async def test_a_first_run_ends_where_bookmarks_are_enough_and_goes_on_after_a_restart(
    users: Fediverse, marked: Follower
) -> None:
    marked.set(backfill_posts=300)
    users.bookmarks = [users.post(at=NOW - MINUTE * n, id_time=NOW - MINUTE * n) for n in range(500)]
    [source] = marked.poller.sources
    for _ in range(2):
        memory = load_memories(marked.database.conn, [source.id])[source.id]
        marked.poller._saver._save([await marked._collect(source, memory, users.clock)])
    marked.restart()
    await marked.poll(INTERVAL * 2)
    await marked.poll(INTERVAL * 2)
    assert set(marked.ids()) == set(users.bookmarks[-320:])


async def test_what_is_bookmarked_while_it_is_polled_is_not_lost(users: Fediverse, marked: Follower) -> None:
    users.bookmarks = [users.post() for _ in range(90)]
    real = users.reply

    def reply(target: str, token: str | None) -> Any:
        answer = real(target, token)
        if "bookmarks" in target and len(users.bookmarks) < 100:
            users.bookmarks.append(users.post())
        return answer

    users.reply = reply  # type: ignore[method-assign]
    for _ in range(12):
        await marked.poll(INTERVAL * 2)
    assert set(marked.ids()) == set(users.bookmarks)
    assert marked.rows("SELECT count(*) FROM posts") == [(100,)]


async def test_a_bookmark_taken_away_is_no_deletion_and_a_deletion_is_one(users: Fediverse, marked: Follower) -> None:
    users.bookmarks = fill(users, 5)
    await marked.poll()
    taken, deleted = users.bookmarks[1], users.bookmarks[3]
    users.bookmarks.remove(taken)
    users.delete(deleted)
    await marked.poll(DAY + HOUR)
    assert marked.gone() == 1
    assert taken in marked.ids()
    assert deleted not in marked.ids()


async def test_bookmarks_that_are_not_public_stay_out(users: Fediverse, marked: Follower) -> None:
    users.bookmarks = [*fill(users, 1), *fill(users, 1, visibility="direct"), *fill(users, 1, visibility="mutuals")]
    await marked.poll()
    assert marked.ids() == users.bookmarks[:1]


async def test_no_bookmarks_yet(users: Fediverse, marked: Follower) -> None:
    await marked.poll()
    users.bookmarks = fill(users, 2)
    await marked.poll(INTERVAL * 2)
    assert marked.ids() == users.bookmarks


# ---------------------------------------------------------------- refusals, and what they would give


@pytest.mark.parametrize(
    ("kind", "path", "scope"),
    [
        ("home", "/home", "read:statuses"),
        ("list", "/lists/Sailors", "read:lists"),
        ("bookmarks", "/bookmarks", "read:bookmarks"),
    ],
)
async def test_a_token_without_the_scope_is_told_which(
    kind: SourceKind, path: str, scope: str, users: Fediverse, tmp_path: Path
) -> None:
    users.scopes = ("/api/v1/statuses",)
    room = room_of(tmp_path, users, kind, path)
    await room.poll()
    [(words,)] = room.rows("SELECT last_error FROM sources")
    assert f"it needs the scope {scope} (403)" in words


def test_check_says_what_each_gives(users: Fediverse) -> None:
    fill(users, 2)
    fill(users, 1, visibility="private")

    def look(kind: SourceKind, path: str) -> str:
        return look_at(Source(kind=kind, url=f"{users.url}{path}", token="good"), NETWORK, NOW).words

    assert look("home", "/home") == (
        "shows posts of the home timeline with the token, the newest just now, 3 of them since 1 minute ago; "
        "some would be left out: 1 not public"
    )
    assert look("list", "/lists/Sailors").startswith("shows posts of the list “Sailors” with the token")
    assert look("bookmarks", "/bookmarks") == "knows the bookmarks, and shows no posts"
