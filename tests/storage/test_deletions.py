"""What authors take back, and what an operator was asked to forget."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.timelines import Keep
from aggregator.storage.deletions import forget
from aggregator.storage.snapshot import write_snapshot
from tests.helpers.fediverse import Answer, Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower

HOUR = timedelta(hours=1)
SECRET = "<p>Nobody should know of the xylophone in the lighthouse of Ostermoor.</p>"


def fill(server: Fediverse, count: int, **changes: object) -> list[str]:
    times = [NOW - timedelta(minutes=number) for number in reversed(range(count))]
    return [server.post(at=time, id_time=time, **changes) for time in times]  # type: ignore[arg-type]


def gone(room: Follower) -> int:
    return int(room.rows("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL")[0][0])


@pytest.mark.parametrize("has_bulk", [True, False])
async def test_a_deleted_post_becomes_a_tombstone(has_bulk: bool, server: Fediverse, room: Follower) -> None:
    server.has_bulk = has_bulk
    room.set(rescan_window=6 * HOUR)
    ids = fill(server, 60)
    secret = server.post(id_time=NOW - HOUR / 2, content=SECRET, spoiler_text="xylophone")
    await room.poll()
    server.edit(secret, content=SECRET.replace("Nobody", "Everybody"))
    await room.poll(HOUR + INTERVAL)
    server.delete(secret)
    await room.poll(HOUR + INTERVAL)
    [row] = room.rows(
        "SELECT title, text, html, author, content_warning, fingerprint, uri IS NULL FROM posts WHERE gone_at > ''"
    )
    assert row == (None, None, None, None, None, None, 0)
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]
    assert room.rows("SELECT * FROM posts_fts WHERE posts_fts MATCH 'xylophone'") == []
    assert room.rows("SELECT change FROM changes WHERE what = 'post' ORDER BY seq DESC LIMIT 1") == [("gone",)]
    assert room.rows("SELECT count(*) FROM latest_posts") == [(len(ids),)]
    titles = room.rows("SELECT title || slug FROM stories")
    assert not any("xylophone" in title for (title,) in titles)


async def test_what_was_taken_back_does_not_come_back(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.delete(ids[2])
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 1
    server.by_id[ids[2]].deleted_at = None
    server.edit(ids[2], content=SECRET)
    await room.poll(HOUR + INTERVAL)
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 1
    assert room.rows("SELECT count(*) FROM posts WHERE text LIKE '%xylophone%'") == [(0,)]


async def test_a_snapshot_is_clean(server: Fediverse, room: Follower, tmp_path: Path) -> None:
    fill(server, 30)
    secret = server.post(id_time=NOW - HOUR / 2, content=SECRET)
    await room.poll()
    target = tmp_path / "snapshot.db"
    write_snapshot(room.config.storage.path, target)
    assert b"xylophone" in target.read_bytes()
    server.delete(secret)
    await room.poll(HOUR + INTERVAL)
    write_snapshot(room.config.storage.path, target)
    content = target.read_bytes()
    assert b"xylophone" not in content and b"ylophone" not in content and b"stermoor" not in content


async def test_deletions_can_be_marked_alone(server: Fediverse, room: Follower) -> None:
    room.set(honour_deletions=False)
    ids = fill(server, 5)
    await room.poll()
    server.delete(ids[2])
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(text) FROM posts WHERE gone_at IS NOT NULL") == [(1,)]


async def test_a_tag_taken_away_is_no_deletion(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.edit(ids[2], tags=("else",))
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 0
    asked = len(server.asked)
    await room.poll(INTERVAL)
    assert not any("statuses" in target for target in server.asked[asked:])  # asked after once, and not for ever


def answering(server: Fediverse, room: Follower, answer: Answer, part: str) -> None:
    """From now on requests for this part of the API get this answer."""
    real = server._routed

    def routed(path: str, query: dict[str, list[str]], token: str | None) -> Answer:
        return answer if path.startswith(part) else real(path, query, token)

    server._routed = routed  # type: ignore[method-assign]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, {}, []), id="all empty"),
        pytest.param((401, {}, {"error": "The access token is invalid"}), id="refused"),
        pytest.param((403, {}, {"error": "not for you"}), id="forbidden"),
        pytest.param((404, {}, {"error": "Record not found"}), id="knows nothing any more"),
        pytest.param((500, {}, b"<html>oops</html>"), id="broken"),
        pytest.param((200, {}, b"<html>oops</html>"), id="HTML"),
        pytest.param((200, {}, {"error": "not today"}), id="an error with 200"),
    ],
)
async def test_trouble_with_access_is_no_deletion(answer: Answer, server: Fediverse, room: Follower) -> None:
    ids = fill(server, 50)
    await room.poll()
    for each in ids[10:20]:
        server.edit(each, tags=("else",))
    answering(server, room, answer, "/api/v1/statuses")
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 0
    assert room.rows("SELECT status FROM sources") == [("ok",)]
    details = [row[0] for row in room.rows("SELECT detail FROM polls WHERE detail IS NOT NULL")]
    assert any("deletions can't be followed" in detail for detail in details)
    assert len(room.steps) <= 3


async def test_an_empty_timeline_is_no_deletion(server: Fediverse, room: Follower) -> None:
    fill(server, 50)
    await room.poll()
    answering(server, room, (200, {}, []), "/api/v1/")
    await room.poll(HOUR + INTERVAL)
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 0


async def test_many_at_once_are_each_asked_for(server: Fediverse, room: Follower) -> None:
    """A server that leaves others' posts out of bulk replies has not lost them."""
    ids = fill(server, 50)
    await room.poll()
    for each in ids[10:20]:
        server.edit(each, tags=("else",))
    server.delete(ids[15])
    newest = server._status(server.by_id[ids[-1]])
    real = server._routed

    def routed(path: str, query: dict[str, list[str]], token: str | None) -> Answer:
        return (200, {}, [newest]) if path == "/api/v1/statuses" else real(path, query, token)

    server._routed = routed  # type: ignore[method-assign]
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 1


async def test_where_bulk_replies_make_it_cheap_a_week_is_followed(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 50)
    await room.poll()
    await room.poll_for(timedelta(days=3))
    server.delete(ids[5])
    await room.poll_for(timedelta(days=1, hours=1))
    assert gone(room) == 1


async def test_a_copy_takes_the_place_of_an_original_that_went(server: Fediverse, room: Follower) -> None:
    words = "<p>The harbour master of Ostermoor closes the old lock for the winter and opens the new one instead.</p>"
    first = server.post(id_time=NOW - HOUR, content=words)
    server.post(id_time=NOW - HOUR / 2, content=words)
    await room.poll()
    assert room.rows("SELECT count(copy_of) FROM posts") == [(1,)]
    server.delete(first)
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(*), count(copy_of) FROM posts WHERE gone_at IS NULL") == [(1, 0)]
    assert room.rows("SELECT count(*) FROM latest_posts") == [(1,)]


# ---------------------------------------------------------------- wishes


@pytest.mark.parametrize(
    ("changes", "keep"),
    [
        ({"account": {"acct": "b@far.example", "noindex": True}}, "noindex"),
        (
            {"account": {"acct": "b@far.example", "note": "<p>Sailor. <a href='#'>#<span>nobot</span></a></p>"}},
            "noindex",
        ),
        ({"account": {"acct": "b@far.example", "note": "<p>#NoIndex please</p>"}}, "noindex"),
        ({"visibility": "unlisted"}, "unlisted"),
    ],
)
async def test_authors_who_ask_programs_to_stay_away_are_left_out(
    changes: dict[str, object], keep: str, server: Fediverse, tmp_path: Path
) -> None:
    fill(server, 3)
    server.post(id_time=NOW - HOUR / 2, **changes)
    room = Follower(tmp_path, server)
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(3,)]
    assert "left out: 1" in room.rows("SELECT detail FROM polls WHERE detail IS NOT NULL")[0][0]
    room.store.close()
    room = Follower(tmp_path / "all", server, keep=Keep(**{keep: True}))
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(4,)]
    room.store.close()


@pytest.mark.parametrize(
    ("changes", "keep"),
    [
        ({"account": {"acct": "b@far.example", "bot": True}}, "bots"),
        ({"in_reply_to_id": "7"}, "replies"),
        ({"sensitive": True}, "sensitive"),
        ({"spoiler_text": "ferries"}, "sensitive"),
        ({"account": {"acct": "b@far.example", "indexable": False}}, "unindexable"),
    ],
)
async def test_what_else_may_be_left_out_is_kept_by_default(
    changes: dict[str, object], keep: str, server: Fediverse, tmp_path: Path
) -> None:
    server.post(id_time=NOW - HOUR / 2, **changes)
    room = Follower(tmp_path, server)
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(1,)]
    room.store.close()
    room = Follower(tmp_path / "less", server, keep=Keep(**{keep: False}))
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(0,)]
    room.store.close()


async def test_an_author_who_asks_later_is_heard_too(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.by_id[ids[2]].changes["account"] = {"acct": "ada@far.example", "noindex": True}
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 1


# ---------------------------------------------------------------- on request


async def test_an_author_is_forgotten_and_stays_so(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    server.post(id_time=NOW - HOUR, account={"acct": "Bo@other.example"})
    await room.poll()
    with room.store.write():
        assert forget(room.store.conn, "bo@other.example", (), server.clock) == 1
    server.post(at=NOW + INTERVAL / 2, account={"acct": "Bo@other.example"})
    fresh = server.post(at=NOW + INTERVAL / 2)
    await room.poll(INTERVAL)
    assert room.rows("SELECT count(*) FROM posts WHERE author LIKE 'bo@%'") == [(0,)]
    assert fresh in room.ids()
    with room.store.write():
        assert forget(room.store.conn, "bo@other.example", (), server.clock) == 0


async def test_a_post_is_forgotten_by_its_address(server: Fediverse, room: Follower) -> None:
    fill(server, 5)
    await room.poll()
    with room.store.write():
        assert forget(room.store.conn, None, ["https://far.example/@ada/3"], server.clock) == 1
    assert room.rows("SELECT url, text FROM posts WHERE gone_at IS NOT NULL") == [("https://far.example/@ada/3", None)]
    await room.poll(HOUR + INTERVAL)
    assert gone(room) == 1
