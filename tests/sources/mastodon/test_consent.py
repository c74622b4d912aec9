"""Whose posts are left out: of authors who ask programs to stay away, and what the configuration leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.timelines import Keep
from tests.helpers.fediverse import Fediverse
from tests.helpers.hashtags import INTERVAL, NOW, Follower, fill

HOUR = timedelta(hours=1)


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
    room.database.close()
    room = Follower(tmp_path / "all", server, keep=Keep(**{keep: True}))
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(4,)]
    room.database.close()


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
    room.database.close()
    room = Follower(tmp_path / "less", server, keep=Keep(**{keep: False}))
    await room.poll()
    assert room.rows("SELECT count(*) FROM posts") == [(0,)]
    room.database.close()


async def test_an_author_who_asks_later_is_heard_too(server: Fediverse, room: Follower) -> None:
    ids = fill(server, 5)
    await room.poll()
    server.by_id[ids[2]].changes["account"] = {"acct": "ada@far.example", "noindex": True}
    await room.poll(HOUR + INTERVAL)
    assert room.gone() == 1


async def test_what_was_withdrawn_does_not_come_back(server: Fediverse, tmp_path: Path) -> None:
    """As docs/database.md says: not when it is public again, not with other keys; what comes after it is stored."""
    author = {"acct": "b@far.example"}
    earlier = server.post(id_time=NOW - HOUR / 3, visibility="private", account=author)
    ids = [server.post(id_time=NOW - HOUR / 4, account=author) for _ in range(2)]
    room = Follower(tmp_path, server)
    await room.poll()
    server.by_id[ids[0]].changes["visibility"] = "private"
    server.by_id[ids[1]].changes["account"] = {**author, "noindex": True}
    await room.poll(HOUR + INTERVAL)
    reasons = "SELECT gone_because, count(*) FROM posts WHERE gone_at IS NOT NULL GROUP BY 1"
    assert room.rows(reasons) == [("withdrawn", 2)]
    room.follow(*(replace(source, keep=Keep(noindex=True)) for source in room.config.sources))
    for native_id in (*ids, earlier):
        server.by_id[native_id].changes |= {"visibility": "public", "account": author}
    later = server.post(account=author)
    server.edit(ids[0], content="<p>Said anew</p>")
    await room.poll(HOUR + INTERVAL)
    assert room.rows(reasons) == [("withdrawn", 2)]
    assert set(room.ids()) == {earlier, later}
    server.delete(ids[0])
    await room.poll(HOUR + INTERVAL)
    assert room.rows(reasons) == [("withdrawn", 2)]
    room.database.close()
