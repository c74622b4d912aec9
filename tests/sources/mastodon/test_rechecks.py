"""What a timeline shows no more is asked for: only what its server has lost is a deletion."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.helpers.fediverse import Answer, Fediverse
from tests.helpers.hashtags import INTERVAL, Follower, fill

HOUR = timedelta(hours=1)


async def test_a_tag_taken_away_is_no_deletion(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.edit(ids[2], tags=("else",))
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 0
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
    assert room.gone() == 0
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
    assert room.gone() == 0


@pytest.mark.parametrize("has_bulk", [True, False])
async def test_the_only_post_of_a_tag_is_deleted(has_bulk: bool, server: Fediverse, room: Follower) -> None:
    server.has_bulk = has_bulk
    [alone] = fill(server, 1)
    server.post(tags=("else",))
    await room.poll()
    server.delete(alone)
    await room.poll(HOUR + INTERVAL)
    await room.poll(INTERVAL * 2)
    assert room.gone() == 1


async def test_what_only_lost_its_tag_stays_where_nothing_else_has_it(server: Fediverse, room: Follower) -> None:
    [alone] = fill(server, 1)
    await room.poll()
    server.edit(alone, tags=("else",))
    await room.poll_for(timedelta(days=2))
    assert room.gone() == 0


async def test_a_server_that_shows_nothing_else_must_say_so_again_a_day_later(
    server: Fediverse, room: Follower
) -> None:
    ids = fill(server, 3)
    await room.poll()
    for each in ids:
        server.delete(each)
    await room.poll_for(timedelta(hours=20))
    assert room.gone() == 0
    await room.poll_for(timedelta(hours=8))
    assert room.rows("SELECT DISTINCT gone_because FROM posts") == [("missing",)]


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
    assert room.gone() == 1


async def test_where_bulk_replies_make_it_cheap_a_week_is_followed(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 50)
    await room.poll()
    await room.poll_for(timedelta(days=3))
    server.delete(ids[5])
    await room.poll_for(timedelta(days=1, hours=1))
    assert room.gone() == 1
