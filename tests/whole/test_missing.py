"""One server's word is not enough: what it forgets, others may still show; what is shown again comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.storage.deletions import forget
from tests.helpers.fediverse import Answer, Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Nobody can be asked there.
NOWHERE = "http://127.0.0.1:9/users/ada/statuses"


@pytest.fixture
def other() -> Iterator[Fediverse]:
    with Fediverse(NOW, "ulid", has_bulk=False) as server:
        yield server


@pytest.fixture
def both(tmp_path: Path, server: Fediverse, other: Fediverse) -> Iterator[Follower]:
    """Follows a server and another one, to which its posts go."""
    room = Follower(tmp_path, server, also=[other])
    yield room
    room.database.close()


@pytest.fixture
def away(tmp_path: Path, other: Fediverse) -> Iterator[Follower]:
    """Follows the other server alone."""
    room = Follower(tmp_path, other)
    yield room
    room.database.close()


async def copied(server: Fediverse, other: Fediverse, room: Follower, count: int) -> tuple[list[str], list[str]]:
    """So many posts, polled after they went to the other server, too; their ids here and there."""
    ids = fill(server, count)
    copies = other.copy(server, ids)
    await room.poll()
    return ids, copies


def texts(room: Follower) -> int:
    return int(room.rows("SELECT count(text) FROM posts WHERE gone_at IS NULL")[0][0])


def warnings(room: Follower) -> list[str]:
    return [row[0] for row in room.rows("SELECT warning FROM sources WHERE warning IS NOT NULL")]


def unreachable(server: Fediverse, ids: list[str]) -> None:
    """The home servers of these posts can't be asked."""
    for number, each in enumerate(ids):
        server.by_id[each].uri = f"{NOWHERE}/{number}"


# ---------------------------------------------------------------- two servers


async def test_a_server_that_forgets_a_domain_empties_nothing(
    server: Fediverse, other: Fediverse, both: Follower
) -> None:
    _, copies = await copied(server, other, both, 12)
    other.lose(copies[:6])
    for _ in range(4):
        await both.poll(HOUR + INTERVAL)
    assert (both.gone(), texts(both)) == (0, 12)
    await both.poll_for(2 * DAY)
    assert (both.gone(), texts(both)) == (0, 12)


async def test_a_server_that_was_wiped_empties_nothing_and_is_told_of(
    server: Fediverse, other: Fediverse, both: Follower
) -> None:
    ids, copies = await copied(server, other, both, 30)
    other.lose(copies)
    other.post()
    await both.poll(HOUR + INTERVAL)
    await both.poll(HOUR + INTERVAL)
    assert (both.gone(), texts(both)) == (0, 31)
    assert ["posts that it showed before" in words for words in warnings(both)] == [True]
    assert both.rows("SELECT count(*) FROM source_health WHERE warning > ''") == [(1,)]
    other.copy(server, ids)
    for _ in range(3):
        await both.poll(HOUR + INTERVAL)
    await both.poll_for(2 * DAY)
    assert (both.gone(), texts(both)) == (0, 31)
    assert warnings(both) == []


async def test_what_its_author_deletes_goes_at_once_whoever_still_shows_it(
    server: Fediverse, other: Fediverse, both: Follower
) -> None:
    ids, copies = await copied(server, other, both, 12)
    server.delete(ids[3])
    await both.poll(HOUR + INTERVAL)
    assert (both.gone(), texts(both)) == (1, 11)
    await both.poll_for(6 * HOUR)
    assert other._is_there(other.by_id[copies[3]])
    assert (both.gone(), texts(both)) == (1, 11)
    assert both.rows("SELECT gone_because FROM posts WHERE gone_at IS NOT NULL") == [("deleted",)]


async def test_the_home_server_itself_is_wiped_and_comes_back(
    server: Fediverse, other: Fediverse, both: Follower
) -> None:
    ids, _ = await copied(server, other, both, 30)
    lost = server.lose(ids)
    server.post()
    await both.poll(HOUR + INTERVAL)
    await both.poll_for(2 * DAY)
    assert (both.gone(), texts(both)) == (0, 31)
    server.find_again(lost)
    await both.poll_for(2 * DAY)
    assert (both.gone(), texts(both)) == (0, 31)


# ---------------------------------------------------------------- one server


async def test_the_home_server_is_asked(server: Fediverse, other: Fediverse, away: Follower) -> None:
    """Nobody follows it; what it says counts, in both directions."""
    ids, copies = await copied(server, other, away, 10)
    other.lose(copies[2:5])
    server.delete(ids[2])
    await away.poll(HOUR + INTERVAL)
    assert (away.gone(), texts(away)) == (1, 9)
    assert not any("api" in target for target in server.asked)
    asked = len(server.asked)
    assert asked == 3
    for _ in range(4):
        await away.poll(HOUR + INTERVAL)
    assert len(server.asked) == asked  # once is enough for a day
    server.clock = away.server.clock
    server.delete(ids[3])
    await away.poll_for(DAY)
    assert (away.gone(), texts(away)) == (2, 8)


async def test_no_token_goes_to_a_home_server(tmp_path: Path, server: Fediverse, other: Fediverse) -> None:
    tokens: list[str | None] = []
    room = Follower(tmp_path, other, token="secret")
    _, copies = await copied(server, other, room, 3)
    real = server.reply
    server.reply = lambda target, token: (tokens.append(token), real(target, token))[1]  # type: ignore[method-assign, func-returns-value]
    other.lose(copies[:1])
    await room.poll(HOUR + INTERVAL)
    assert tokens == [None]
    room.database.close()


@pytest.mark.parametrize(("code", "gone"), [(404, 0), (410, 1)])
async def test_a_page_for_browsers_is_no_proof_nor_is_its_absence(
    code: int, gone: int, server: Fediverse, other: Fediverse, away: Follower
) -> None:
    """A server that shows statuses as data to other servers alone."""
    _, copies = await copied(server, other, away, 6)
    other.lose(copies[:2])
    answers: Iterator[Answer] = iter([(401, {}, {}), (code, {}, {}), (401, {}, {}), (200, {}, b"<html>")])
    server.reply = lambda target, token: next(answers)  # type: ignore[method-assign]
    await away.poll(HOUR + INTERVAL)
    assert away.gone() == gone
    assert away.rows("SELECT count(*) FROM missing_statuses") == [(2 - gone,)]


def answering_as_home(server: Fediverse, answer: Answer) -> None:
    """What the server says of statuses by their ActivityPub ids."""
    server._as_data = lambda uri: answer  # type: ignore[method-assign]


async def test_a_home_that_knows_nothing_is_not_believed_at_once(
    server: Fediverse, other: Fediverse, away: Follower
) -> None:
    """Nobody follows it: it was wiped, or a proxy before it answers. What went on a second look comes back."""
    _, copies = await copied(server, other, away, 20)
    answering_as_home(server, (404, {}, {"error": "Not found"}))
    lost = other.lose(copies[5:9])
    await away.poll(HOUR + INTERVAL)
    await away.poll_for(DAY - 3 * HOUR)
    assert (away.gone(), texts(away)) == (0, 20)
    await away.poll_for(4 * HOUR)
    assert away.rows("SELECT gone_because, count(*) FROM posts WHERE gone_at IS NOT NULL") == [("missing", 4)]
    other.find_again(lost)
    await away.poll_for(DAY + 3 * HOUR)
    assert (away.gone(), texts(away)) == (0, 20)


async def test_a_home_that_shows_another_status_knows_its_own(
    server: Fediverse, other: Fediverse, away: Follower
) -> None:
    ids, copies = await copied(server, other, away, 20)
    for number in (5, 6):
        server.delete(ids[number])
        other.delete(copies[number])
    await away.poll(HOUR + INTERVAL)
    assert away.rows("SELECT gone_because FROM posts WHERE gone_at IS NOT NULL") == [("deleted",)] * 2


@pytest.mark.parametrize("answer", [(410, {}, b""), (200, {}, {"type": "Tombstone"}), (410, {}, {"type": "Tombstone"})])
async def test_a_tombstone_at_home_is_believed(
    answer: Answer, server: Fediverse, other: Fediverse, away: Follower
) -> None:
    ids, copies = await copied(server, other, away, 10)
    body = answer[2] if isinstance(answer[2], bytes) else {"id": server.by_id[ids[3]].uri, **answer[2]}
    answering_as_home(server, (answer[0], {}, body))
    other.lose([copies[3]])
    await away.poll(HOUR + INTERVAL)
    assert away.rows("SELECT gone_because FROM posts WHERE gone_at IS NOT NULL") == [("deleted",)]


async def test_so_many_are_emptied_at_once_whoever_says_so_and_the_warning_says_how_many(
    tmp_path: Path, server: Fediverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.sources.mastodon.rechecks._MOST_BURIED", 4)
    with Fediverse(NOW) as one, Fediverse(NOW) as two, Fediverse(NOW) as three:
        room = Follower(tmp_path, server)
        copies = [each for home in (one, two, three) for each in server.copy(home, fill(home, 3))]
        await room.poll()
        for home in (one, two, three):
            answering_as_home(home, (410, {}, b""))
        server.lose(copies)
        server.post()
        await room.poll(HOUR + INTERVAL)
        assert room.gone() == 4
        [words] = warnings(room)
        assert "none of 9 posts that it showed before" in words
        assert "4 went now" in words
        assert "The others are kept" in words
        await room.poll_for(2 * HOUR)
        assert (room.gone(), texts(room)) == (9, 1)
        assert room.rows("SELECT max(gone) FROM polls") == [(4,)]
        room.database.close()


@pytest.mark.parametrize("has_bulk", [True, False])
async def test_where_nobody_can_be_asked_a_second_look_a_day_later_must_agree(
    has_bulk: bool, server: Fediverse, room: Follower
) -> None:
    server.has_bulk = has_bulk
    ids = fill(server, 20)
    unreachable(server, ids)
    await room.poll()
    server.lose(ids[3:6])
    await room.poll(HOUR + INTERVAL)
    assert (room.gone(), texts(room)) == (0, 20)
    await room.poll_for(DAY - 3 * HOUR)
    assert (room.gone(), texts(room)) == (0, 20)
    await room.poll_for(3 * HOUR)
    assert (room.gone(), texts(room)) == (3, 17)
    assert room.rows("SELECT count(*) FROM missing_statuses") == [(0,)]


async def test_what_was_missing_for_an_hour_is_as_if_nothing_had_been(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 20)
    unreachable(server, ids)
    await room.poll()
    lost = server.lose([ids[15]])
    await room.poll(HOUR + INTERVAL)
    assert room.rows("SELECT count(*) FROM missing_statuses") == [(1,)]
    server.find_again(lost)
    await room.poll_for(2 * DAY)
    assert (room.gone(), texts(room)) == (0, 20)
    assert room.rows("SELECT count(*) FROM missing_statuses") == [(0,)]


async def test_a_server_in_trouble_is_not_believed_even_of_its_own(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 30)
    await room.poll()
    server.lose(ids)
    server.post()
    await room.poll(HOUR + INTERVAL)
    assert (room.gone(), texts(room)) == (0, 31)
    assert len(warnings(room)) == 1
    await room.poll_for(DAY - 3 * HOUR)
    assert (room.gone(), texts(room)) == (0, 31)
    await room.poll(4 * HOUR)
    await room.poll_for(2 * HOUR)
    [(most,)] = room.rows("SELECT max(gone) FROM polls")
    assert 0 < most <= 20  # a day later it is, but not of all at once
    assert (room.gone(), texts(room)) == (30, 1)


async def test_several_deletions_of_one_hour_are_no_trouble(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 30)
    await room.poll()
    for each in ids[10:20]:
        server.delete(each)
    await room.poll(HOUR + INTERVAL)
    assert (room.gone(), texts(room)) == (10, 20)
    assert warnings(room) == []


async def test_all_servers_that_showed_it_agree(server: Fediverse, other: Fediverse, both: Follower) -> None:
    ids = fill(server, 12)
    unreachable(server, ids)
    copies = other.copy(server, ids)
    await both.poll()
    server.delete(ids[4])
    other.delete(copies[4])
    await both.poll(HOUR + INTERVAL)
    await both.poll(HOUR + INTERVAL)
    assert (both.gone(), texts(both)) == (1, 11)


# ---------------------------------------------------------------- shown again


async def bury_one(server: Fediverse, room: Follower) -> str:
    """A post that nobody can be asked of goes after a day; its id."""
    ids = fill(server, 20)
    unreachable(server, ids)
    await room.poll()
    server.delete(ids[4])
    await room.poll_for(DAY + 3 * HOUR)
    assert room.gone() == 1
    return ids[4]


async def test_what_is_shown_again_comes_back_with_its_text(server: Fediverse, room: Follower) -> None:
    native_id = await bury_one(server, room)
    [(post_id, story_id)] = room.rows("SELECT id, story_id FROM posts WHERE gone_at IS NOT NULL")
    server.by_id[native_id].deleted_at = None
    await room.poll_for(DAY + 3 * HOUR)
    assert room.gone() == 0
    [row] = room.rows(
        f"SELECT text, author, gone_because, story_id, sort_at >= first_seen_at FROM posts WHERE id = {post_id}"
    )
    assert row == ("The ferry sails again, says captain 4.", "ada@far.example", None, story_id, 0)
    assert room.rows(f"SELECT change FROM changes WHERE what = 'post' AND row_id = {post_id} ORDER BY seq") == [
        ("new",), ("gone",), ("edited",),
    ]  # fmt: skip
    assert room.rows("SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'ferry'") == [(20,)]
    counted = (
        f"SELECT post_count = (SELECT count(*) FROM posts WHERE story_id = s.id) FROM stories s WHERE id = {story_id}"
    )
    assert room.rows(counted) == [(1,)]
    assert room.rows("SELECT count(*) FROM post_revisions") == [(0,)]


async def test_a_story_that_had_lost_its_only_post_gets_its_title_back(server: Fediverse, room: Follower) -> None:
    alone = server.post(content="<p>The lighthouse of Ostermoor is for sale.</p>", uri=f"{NOWHERE}/99")
    server.post(at=NOW + timedelta(minutes=1), content="<p>Entirely different: a recipe with leeks.</p>")
    await room.poll(timedelta(minutes=2))
    server.delete(alone)
    await room.poll_for(DAY + 3 * HOUR)
    assert room.rows("SELECT title, post_count FROM stories WHERE id = 1") == [("(gone)", 0)]
    server.by_id[alone].deleted_at = None
    await room.poll_for(DAY + 3 * HOUR)
    titles = room.rows("SELECT title, post_count, lead_post_id FROM stories WHERE id = 1")
    assert titles == [("The lighthouse of Ostermoor is for sale.", 1, 1)]


async def test_what_was_forgotten_on_request_stays_so(server: Fediverse, room: Follower) -> None:
    native_id = await bury_one(server, room)
    with room.database.write():
        forget(room.database.conn, "ada@far.example", (), server.clock)
    server.by_id[native_id].deleted_at = None
    await room.poll_for(DAY + 3 * HOUR)
    assert (room.gone(), texts(room)) == (20, 0)


async def test_what_was_forgotten_by_its_address_stays_so(server: Fediverse, room: Follower) -> None:
    native_id = await bury_one(server, room)
    with room.database.write():
        forget(room.database.conn, None, ["https://far.example/@ada/4"], server.clock)
    server.by_id[native_id].deleted_at = None
    await room.poll_for(DAY + 3 * HOUR)
    assert (room.gone(), texts(room)) == (1, 19)


async def test_who_asks_programs_to_stay_away_is_believed_everywhere(
    server: Fediverse, other: Fediverse, both: Follower
) -> None:
    ids, _ = await copied(server, other, both, 3)
    server.edit(ids[1], account={"acct": "ada@far.example", "noindex": True})
    await both.poll(HOUR + INTERVAL)
    await both.poll(HOUR + INTERVAL)
    assert (both.gone(), texts(both)) == (1, 2)
