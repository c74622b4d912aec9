"""A digest that somebody tries: what it would tell now, marked, and nothing is noted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.engine.outbox.channels.smtp import MailServer
from aggregator.engine.outbox.digests.trying import preview, try_digest
from aggregator.model.outbox import Mail
from aggregator.model.settings import Config
from tests.helpers.digest_room import MUSEUM, RUDDER, DigestRoom
from tests.helpers.smtp_server import MailDesk, mail_server

FERRY, CLOCKS = "Ferry loses rudder in storm", "Museum of tide clocks opens"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[DigestRoom]:
    made = DigestRoom(tmp_path)
    made.digest = replace(made.digest, path=str(tmp_path / "out"))
    yield made
    made.close()


def config(room: DigestRoom) -> Config:
    return replace(room.config, publish=room.publish, digests=(room.digest,))


async def test_it_is_marked_and_nothing_is_noted(room: DigestRoom, tmp_path: Path) -> None:
    desk = MailDesk()
    with mail_server(desk, tmp_path) as trust:
        mail = Mail(to=("a@example.org", "b@example.org"), sender="n@example.org", server="127.0.0.1", port=desk.port)
        room.digest = replace(room.digest, mail=mail)
        desk.answers = {"b@example.org": ["550 no such user"]}
        await room.begins()
        await room.tells(FERRY, RUDDER, "gazette")
        before = room.rows("SELECT * FROM consumers")
        tried = await try_digest(room.digest, config(room), room.now, lambda mail: MailServer(mail, lambda: trust))
    assert [(each.taker.rpartition("/")[2], each.error) for each in tried] == [
        ("breakfast-test.html", None), ("a@example.org", None), ("b@example.org", "550 no such user"),
    ]  # fmt: skip
    [taken] = desk.taken
    assert taken.message["Subject"].startswith("[test] ")
    assert (taken.message["References"], taken.message["Message-ID"].startswith("<test-")) == (None, True)
    assert "This is a test" in (tmp_path / "out" / "breakfast-test.txt").read_text("utf-8")
    assert room.rows("SELECT * FROM outbox") == room.rows("SELECT * FROM outbox_posts") == []
    assert room.rows("SELECT * FROM consumers") == before
    assert room.titles() == [FERRY]


async def test_where_there_is_no_news_some_of_the_newest_are_told(room: DigestRoom) -> None:
    assert await try_digest(room.digest, config(room), room.now) == []  # there is nothing at all
    await room.tells(CLOCKS, MUSEUM, "gazette")
    assert CLOCKS in preview(room.digest, config(room), room.now)  # it has not even begun
    await room.begins()
    assert CLOCKS in preview(room.digest, config(room), room.now)
    await room.tells(FERRY, RUDDER, "gazette")
    told = preview(room.digest, config(room), room.now)
    assert FERRY in told and CLOCKS not in told


async def test_of_the_newest_no_more_are_told_than_it_would_tell(room: DigestRoom) -> None:
    await room.begins()
    await room.tells(CLOCKS, MUSEUM, "gazette")
    await room.tells(FERRY, RUDDER, "gazette")
    room.note()
    room.digest = replace(room.digest, most=1)
    told = preview(room.digest, config(room), room.now)
    assert (FERRY in told) != (CLOCKS in told)


async def test_a_server_that_is_away_is_said(room: DigestRoom) -> None:
    mail = Mail(to=("a@example.org",), sender="n@example.org", server="127.0.0.1", port=1)
    room.digest = replace(room.digest, path=None, mail=mail)
    await room.tells(FERRY, RUDDER, "gazette")
    [(taker, error)] = await try_digest(room.digest, config(room), room.now)
    assert (taker, error) == ("a@example.org", "127.0.0.1:1 can't be reached: connection refused")
