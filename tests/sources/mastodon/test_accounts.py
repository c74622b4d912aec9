"""Following an account on a server whose clock the test moves: as a hashtag, and what accounts have besides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aggregator.model.source import Source
from aggregator.model.timelines import Keep
from aggregator.sources.mastodon.look import Access, look_at
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NETWORK, NOW, Follower, details
from tests.helpers.hashtags import fill as fill_any

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAMILIES = ("snowflake", "ulid", "opaque")


def followed(folder: Path, server: Fediverse, name: str = "ben", **source: Any) -> Follower:
    return Follower(folder, server, kind="account", path=f"/@{name}", **source)


@pytest.fixture
def bens(server: Fediverse, tmp_path: Path) -> Follower:
    server.accounts = {"anna": {}, "ben": {}}
    return followed(tmp_path, server)


def fill(server: Fediverse, count: int, **changes: Any) -> list[str]:
    return fill_any(server, count, acct="ben", **changes)


# ---------------------------------------------------------------- who it is


async def test_an_account_is_looked_up_once(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 3)
    server.post(acct="anna")
    await bens.poll()
    assert bens.ids() == ids
    assert urlsplit(server.asked[0]).path == "/api/v1/accounts/lookup"
    assert parse_qs(urlsplit(server.asked[0]).query) == {"acct": ["ben"]}
    assert urlsplit(server.asked[1]).path == "/api/v1/accounts/2/statuses"
    bens.restart()
    await bens.poll_for(3 * HOUR)
    assert sum("lookup" in target for target in server.asked) == 1


async def test_an_account_without_posts_is_looked_up_once_too(server: Fediverse, bens: Follower) -> None:
    await bens.poll()
    await bens.poll(INTERVAL * 2)
    assert sum("lookup" in target for target in server.asked) == 1
    late = fill(server, 1)
    await bens.poll(INTERVAL * 2)
    assert bens.ids() == late


async def test_another_server_is_asked_by_the_whole_name(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"cleo@far.example": {}}
    first = server.post(acct="cleo@far.example")
    room = followed(tmp_path, server, "cleo@far.example")
    await room.poll()
    assert room.ids() == [first]
    assert parse_qs(urlsplit(server.asked[0]).query) == {"acct": ["cleo@far.example"]}


async def test_an_account_that_nobody_knows_is_trouble_in_words(server: Fediverse, tmp_path: Path) -> None:
    room = followed(tmp_path, server, "nobody")
    await room.poll()
    [(status, words)] = room.rows("SELECT status, last_error FROM sources")
    assert status == "failing"
    assert "does not know the account @nobody@" in words


# ---------------------------------------------------------------- nothing is lost


@pytest.mark.parametrize("family", FAMILIES)
async def test_posts_are_read_backwards_and_onwards(family: str, tmp_path: Path) -> None:
    with Fediverse(NOW, family) as server:
        server.accounts = {"ben": {}}
        room = followed(tmp_path, server)
        ids = fill(server, 130)
        await room.poll()
        server.clock += INTERVAL * 2
        late = [server.post(at=server.clock - timedelta(seconds=5 * n), acct="ben") for n in range(100)]
        await room.poll()
        assert set(room.ids()) == {*ids, *late}
        assert room.rows("SELECT count(*), count(DISTINCT uri) FROM posts") == [(230, 230)]
        room.database.close()


@pytest.mark.parametrize("family", FAMILIES)
async def test_an_account_that_posts_while_it_is_polled(family: str, tmp_path: Path) -> None:
    """Each request finds other posts visible than the one before."""
    with Fediverse(NOW, family) as server:
        server.accounts = {"ben": {}}
        server.per_request = timedelta(seconds=1)
        posted = [
            server.post(at=NOW + n * timedelta(seconds=20), delay=timedelta(seconds=n % 3), acct="ben")
            for n in range(300)
        ]
        room = followed(tmp_path, server)
        await room.poll_for(2 * HOUR + INTERVAL)
        assert set(room.ids()) == set(posted)
        assert room.rows("SELECT count(*) FROM posts") == [(300,)]
        room.database.close()


async def test_an_edit_replaces_the_text(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 5)
    await bens.poll()
    server.clock += HOUR + INTERVAL
    server.edit(ids[2], content="<p>The ferry does not sail.</p>")
    await bens.poll()
    assert ("The ferry does not sail.",) in bens.rows("SELECT text FROM posts")
    assert bens.rows("SELECT count(*) FROM post_revisions") == [(1,)]


@pytest.mark.parametrize("has_bulk", [True, False])
async def test_a_deletion_is_noticed(has_bulk: bool, server: Fediverse, bens: Follower) -> None:
    server.has_bulk = has_bulk
    ids = fill(server, 5)
    await bens.poll()
    server.delete(ids[2])
    await bens.poll(HOUR + INTERVAL)
    assert bens.gone() == 1
    assert bens.ids() == [*ids[:2], *ids[3:]]


async def test_what_is_pinned_comes_once_and_hides_nothing(server: Fediverse, bens: Follower) -> None:
    """Some servers put it on top of every page, where the oldest id would be taken for the end of the page."""
    pinned = server.post(at=NOW - DAY, id_time=NOW - DAY, acct="ben")
    ids = fill(server, 100)
    server.pinned_on_top = [pinned]
    await bens.poll()
    assert bens.ids() == [pinned, *ids]
    server.clock += INTERVAL * 2
    late = [server.post(acct="ben") for _ in range(60)]
    await bens.poll()
    await bens.poll(INTERVAL * 2)
    assert set(bens.ids()) == {pinned, *ids, *late}
    assert "page" not in details(bens)
    assert bens.rows("SELECT count(*) FROM posts") == [(161,)]


# ---------------------------------------------------------------- boosts and replies


async def test_boosts_are_left_out_unless_they_are_asked_for(server: Fediverse, bens: Follower) -> None:
    theirs = server.post(tags=())
    own = fill(server, 1)
    server.post(acct="ben", boosted=theirs)
    await bens.poll()
    assert bens.ids() == own


async def test_a_boost_is_a_sighting_of_what_was_boosted(server: Fediverse, tmp_path: Path) -> None:
    """One post, by its author, seen in the hashtag and with the account that boosted it; deleted by its author."""
    server.accounts = {"ben": {}}
    theirs = server.post()
    unknown = server.post(at=NOW - 3 * DAY, id_time=NOW - 3 * DAY, tags=())
    own = fill(server, 1)
    for each in (theirs, unknown, unknown):
        server.post(acct="ben", boosted=each)
    room = followed(tmp_path, server, boosts=True)
    tag = Source(kind="hashtag", url=f"{server.url}/tags/ai", interval=INTERVAL)
    room.follow(*room.config.sources, tag)
    await room.poll()
    assert room.rows("SELECT count(*), count(DISTINCT uri) FROM posts") == [(3, 3)]
    seen = room.rows("SELECT s.kind, g.native_id FROM sightings g JOIN sources s ON s.id = g.source_id")
    assert sorted(seen) == sorted(
        [("account", theirs), ("account", unknown), ("account", own[0]), ("hashtag", theirs), ("hashtag", own[0])]
    )
    assert room.rows("SELECT DISTINCT author FROM posts ORDER BY author") == [
        ("ada@far.example",),
        ("ben@fediverse.example",),
    ]
    server.delete(theirs)
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1


async def test_a_boost_that_was_taken_back_is_no_deletion(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"ben": {}}
    theirs = server.post(tags=())
    fill(server, 2)
    boost = server.post(acct="ben", boosted=theirs)
    room = followed(tmp_path, server, boosts=True)
    await room.poll()
    server.delete(boost)
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 0
    assert theirs in room.ids()


@pytest.mark.parametrize(("changes", "count"), [({}, 1), ({"visibility": "private"}, 0), ({"local_only": True}, 0)])
async def test_only_what_everybody_may_see(
    changes: dict[str, Any], count: int, server: Fediverse, tmp_path: Path
) -> None:
    """Whatever a token's user may see: posts, and boosts of public posts that are not public themselves."""
    server.accounts, server.token = {"ben": {}}, "good"
    theirs = server.post(tags=())
    server.post(acct="ben", boosted=theirs, **changes)
    server.post(acct="ben", **changes)
    room = followed(tmp_path, server, boosts=True, token="good")
    await room.poll()
    assert len(room.ids()) == 2 * count


async def test_replies_are_not_even_asked_for_where_they_are_not_kept(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"ben": {}}
    [own] = fill(server, 1)
    fill(server, 3, in_reply_to_id="7")
    room = followed(tmp_path, server, keep=Keep(replies=False))
    await room.poll()
    assert room.ids() == [own]
    assert "exclude_replies=true" in server.asked[1]
    assert "left out" not in details(room)


# ---------------------------------------------------------------- moved, suspended, gone


async def test_an_account_that_moved_is_told(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 3)
    await bens.poll()
    server.accounts["ben"]["moved"] = {"acct": "ben@new.example", "url": "https://new.example/@ben"}
    await bens.poll(INTERVAL * 2)
    assert "the account has moved to @ben@new.example: follow that" in details(bens)
    assert bens.rows("SELECT status FROM sources") == [("ok",)]
    assert bens.ids() == ids


async def test_a_suspended_account_is_told_and_its_posts_stay(server: Fediverse, bens: Follower) -> None:
    """Mastodon shows an empty list; what that means is said when it is looked up again."""
    ids = fill(server, 3)
    await bens.poll()
    server.accounts["ben"]["suspended"] = True
    await bens.poll(INTERVAL * 2)
    assert "shows no posts of @ben@" in details(bens)
    await bens.poll(INTERVAL * 2)
    [(status, words)] = bens.rows("SELECT status, last_error FROM sources")
    assert status == "failing"
    assert "is suspended there" in words
    assert bens.ids() == ids
    server.accounts["ben"].clear()
    late = fill(server, 1)
    await bens.poll(DAY)
    assert bens.ids() == [*ids, *late]


@pytest.mark.parametrize(("code", "status"), [(404, "failing"), (410, "gone")])
async def test_an_account_that_is_lost_is_told_and_found_again(
    code: int, status: str, server: Fediverse, bens: Follower
) -> None:
    ids = fill(server, 3)
    await bens.poll()
    server.answer = (code, {}, {"error": "Gone"})
    await bens.poll(INTERVAL * 2)
    assert bens.rows("SELECT status FROM sources") == [(status,)]
    assert bens.ids() == ids
    server.answer, server.accounts = None, {"anna": {}, "cleo": {}, "ben": {}}  # under another id
    late = fill(server, 1)
    await bens.poll(2 * DAY)
    assert bens.ids() == [*ids, *late]


async def test_who_deletes_everything_is_believed(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 3)
    server.post(acct="anna")
    await bens.poll()
    for each in ids:
        server.delete(each)
    await bens.poll(INTERVAL * 2)
    assert bens.rows("SELECT gone_because FROM posts") == [("deleted",)] * 3


async def test_the_posts_of_an_account_that_is_gone_for_good_are_asked_after(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 12)
    server.post(acct="anna")
    await bens.poll()
    real = server._account_reply
    server._account_reply = lambda path, query: (410, {}, {"error": "Gone"})  # type: ignore[method-assign]
    for each in ids[1:]:
        server.delete(each)
    await bens.poll(INTERVAL * 2)
    assert bens.ids() == ids[:1]  # whatever is said of the account: this one is there
    assert bens.rows("SELECT status FROM sources") == [("gone",)]
    server._account_reply = real  # type: ignore[method-assign]
    late = fill(server, 1)
    await bens.poll(2 * DAY)
    assert bens.ids() == [ids[0], *late]


def given_to(server: Fediverse, name: str, **account: Any) -> None:
    """The server is set up anew: ben's id is somebody else's, who has posts."""
    server.lose([each.id for each in list(server.entries)])
    server.accounts = {"anna": {}, name: account}
    for number in range(3):
        server.post(acct=name, at=server.clock, uri=f"{server.url}/users/{name}/statuses/{number}")


async def test_an_id_that_somebody_else_has_now_is_not_followed(server: Fediverse, bens: Follower) -> None:
    ids = fill(server, 12)
    await bens.poll()
    given_to(server, "zed")
    await bens.poll(HOUR + INTERVAL)
    assert bens.ids() == ids
    assert bens.gone() == 0
    assert "shows posts of @zed in place of @ben@" in details(bens)
    await bens.poll_for(2 * DAY)
    assert bens.ids() == ids
    assert bens.rows("SELECT status FROM sources") == [("failing",)]
    server.accounts["ben"] = {}
    late = server.post(acct="ben", uri=f"{server.url}/users/ben/statuses/anew")
    await bens.poll_for(DAY)
    assert late in bens.ids()
    assert bens.rows("SELECT DISTINCT author FROM posts") == [("ben@fediverse.example",)]


@pytest.mark.parametrize("acct", ["Ben", "ben@fediverse.example", ""])
async def test_a_name_written_in_another_way_is_the_same(acct: str, server: Fediverse, bens: Follower) -> None:
    fill(server, 1)
    await bens.poll()
    server.accounts["ben"]["acct"] = acct
    late = fill(server, 2)
    await bens.poll(INTERVAL * 2)
    assert set(late) <= set(bens.ids())
    assert "in place of" not in details(bens)


ALIAS, RENAMED = ("ben@alias.example", "ben@far.example"), ("ben", "ben_new")


@pytest.mark.parametrize(("followed_as", "acct"), [ALIAS, RENAMED])
async def test_an_alias_and_a_new_name_are_looked_up_once_a_poll(
    followed_as: str, acct: str, server: Fediverse, tmp_path: Path
) -> None:
    server.accounts = {followed_as: {"acct": acct}}
    room = followed(tmp_path, server, followed_as)
    ids, steps = [], 0
    for _ in range(4):
        ids += fill_any(server, 2, acct=followed_as)
        steps += len(await room.poll(INTERVAL * 2))
        assert room.ids() == ids
    assert "in place of" not in details(room)
    assert 4 <= sum("lookup" in target for target in server.asked) <= steps


@pytest.mark.parametrize(("followed_as", "acct"), [ALIAS, RENAMED])
@pytest.mark.parametrize("is_known", [True, False])
async def test_nor_is_an_id_followed_that_an_alias_had(
    followed_as: str, acct: str, is_known: bool, server: Fediverse, tmp_path: Path
) -> None:
    server.accounts = {"anna": {}, followed_as: {"acct": acct}}
    room = followed(tmp_path, server, followed_as)
    ids = fill_any(server, 2, acct=followed_as)
    await room.poll()
    given_to(server, "zed")
    if is_known:
        server.accounts[followed_as] = {"acct": acct}
        late = server.post(acct=followed_as, uri=f"{server.url}/users/ben/statuses/anew")
    await room.poll(HOUR + INTERVAL)
    assert room.ids() == ids
    assert f"shows posts of @zed in place of @{followed_as}" in details(room)
    await room.poll_for(DAY)
    assert (late in room.ids()) if is_known else (room.ids() == ids)
    assert room.rows("SELECT count(*) FROM posts WHERE author LIKE 'zed%'") == [(0,)]


async def test_boosts_of_others_are_no_sign_of_another(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"ben": {}}
    room = followed(tmp_path, server, boosts=True)
    server.post(acct="ben", boosted=server.post(tags=()))
    await room.poll()
    await room.poll(INTERVAL * 2)
    assert len(room.ids()) == 1
    assert "in place of" not in details(room)


# ---------------------------------------------------------------- tokens


async def test_a_server_that_wants_an_account_is_told(server: Fediverse, bens: Follower) -> None:
    server.token = "good"
    await bens.poll()
    [(words,)] = bens.rows("SELECT last_error FROM sources")
    assert "answers only to signed-in users: set token_env for it" in words


async def test_a_token_without_the_scope_is_told(server: Fediverse, tmp_path: Path) -> None:
    server.accounts, server.token, server.scopes = {"ben": {}}, "good", ("/api/v1/accounts/lookup",)
    room = followed(tmp_path, server, token="good")
    await room.poll()
    [(status, words)] = room.rows("SELECT status, last_error FROM sources")
    assert status == "failing"
    assert "it needs the scope read:statuses (403)" in words


async def test_what_is_seen_with_a_token_alone_is_marked(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"ben": {}}
    ids = fill(server, 2)
    marks = "SELECT g.by_token, s.publish FROM sightings g JOIN sources s ON s.id = g.source_id ORDER BY g.native_id"
    room = followed(tmp_path, server, token="good", publish=True)
    await room.poll()
    assert room.rows(marks) == [(1, 1), (1, 1)]
    room.follow(Source(kind="account", url=f"{server.url}/@ben", interval=INTERVAL))
    await room.poll(HOUR)
    assert room.ids() == ids
    assert room.rows(marks) == [(0, 0), (0, 0)]


# ---------------------------------------------------------------- what it would get


def look(server: Fediverse, name: str = "ben", **source: Any) -> Access:
    return look_at(Source(kind="account", url=f"{server.url}/@{name}", **source), NETWORK, NOW)


def test_check_says_what_an_account_gives(server: Fediverse) -> None:
    host = urlsplit(server.url).netloc
    server.accounts = {"ben": {}, "bo": {"note": "<p>#nobot</p>", "moved": {"acct": "bo@new.example"}}, "cy": {}}
    server.post(acct="ben", id_time=NOW - 5 * MINUTE)
    server.post(acct="ben", boosted=server.post(tags=()))
    server.post(acct="bo", id_time=NOW - 5 * MINUTE)
    words = f"shows posts of @ben@{host} to everybody, the newest 5 minutes ago, 1 of them since 5 minutes ago"
    assert look(server) == Access(True, words)
    assert "2 of them" in look(server, boosts=True).words
    asks = look(server, "bo")
    assert not asks.is_good
    assert "none would be kept: 1 whose authors ask programs to stay away" in asks.words
    assert "has moved to @bo@new.example" in asks.words
    assert look(server, "bo", keep=Keep(noindex=True)).is_good
    assert look(server, "cy") == Access(True, f"knows @cy@{host}, and shows no posts")
    assert "does not know the account @nobody@" in look(server, "nobody").words
    server.token = "good"
    assert "set token_env" in look(server).words
