"""`/changes` as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.types import Message

from aggregator.engine.web import stream, streams
from aggregator.engine.web.stream import Newest, events
from aggregator.engine.web.streams import EndlessResponse
from aggregator.model.settings import Http
from aggregator.storage.changelog import Place
from aggregator.storage.site.changes import ChangesAfter, Unknown
from tests.helpers.program import PATIENCE
from tests.helpers.web_room import WebRoom, add_post, add_source

EVENTS = {"accept": "text/event-stream"}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    made = WebRoom(tmp_path)
    database = made.open()
    add_source(database)
    for number in (1, 2, 3):
        add_post(database, number, f"Ferry {number}")
    database.close()
    async with made.served():
        yield made


def post(room: WebRoom, number: int, **more: Any) -> None:
    database = room.open()
    add_post(database, number, f"Ferry {number}", **more)
    database.close()


class Listener:
    """Who listens to one stream."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self.reply = reply

    async def event(self) -> dict[str, str]:
        """The next one; a line that only shows life is passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                lines = []
                while line := (await self.reply.content.readline()).decode().rstrip("\n"):
                    lines.append(line)
                if not lines and self.reply.content.at_eof():
                    raise EOFError
                told = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
                if "data" in told:
                    return told


@asynccontextmanager
async def listening(room: WebRoom, query: str, **headers: str) -> AsyncIterator[Listener]:
    sent = EVENTS | {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{room.port}/changes{query}", headers=sent) as reply,
    ):
        yield Listener(reply)


async def test_what_was_and_what_comes(room: WebRoom) -> None:
    async with listening(room, "?since=2") as listener:
        assert listener.reply.status == 200
        assert listener.reply.content_type == "text/event-stream"
        third = await listener.event()
        assert (third["id"], third["event"]) == ("3", "post.new")
        assert json.loads(third["data"])["title"] == "Ferry 3"
        post(room, 4)
        assert (await listener.event())["id"] == "4"


async def test_without_a_number_it_begins_now(room: WebRoom) -> None:
    async with listening(room, "") as listener:
        post(room, 4)
        assert (await listener.event())["id"] == "4"


async def test_who_comes_again_goes_on_where_it_broke_off(room: WebRoom) -> None:
    """Browsers ask for the same address again, with the id of the last event."""
    async with listening(room, "?since=0", last_event_id="2") as listener:
        assert (await listener.event())["id"] == "3"


async def test_what_may_not_be_shown_has_a_number_alone(room: WebRoom) -> None:
    post(room, 4, by_token=1)
    async with listening(room, "?since=3") as listener:
        told = await listener.event()
        assert (told["id"], json.loads(told["data"])["title"]) == ("4", None)


@pytest.mark.parametrize(("query", "status"), [("?since=x", 400), ("?since=99", 410)])
async def test_no_stream_of_what_nobody_knows(room: WebRoom, query: str, status: int) -> None:
    async with listening(room, query) as listener:
        assert listener.reply.status == status
        assert "error" in await listener.reply.json()


async def test_no_stream_from_where_no_change_is(room: WebRoom) -> None:
    async with listening(room, "?since=1", last_event_id="nothing") as listener:
        assert listener.reply.status == 400
    async with listening(room, "?since=1", last_event_id="2") as listener:
        assert listener.reply.status == 200


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-streams", "application/text/event-stream"])
async def test_who_does_not_ask_for_a_stream_gets_an_answer(room: WebRoom, accept: str) -> None:
    reply = await room.get("/changes?since=2", accept=accept)
    assert json.loads(reply.body)["seq"] == 3


async def test_only_with_the_token(room: WebRoom) -> None:
    room.config = replace(room.config, http=Http(listen="127.0.0.1:0", token="s3cret"))
    async with listening(room, "?since=0") as listener:
        assert listener.reply.status == 401
    async with listening(room, "?since=0", authorization="Bearer s3cret") as listener:
        assert (await listener.event())["id"] == "1"


async def test_a_head_has_no_end_to_wait_for(room: WebRoom) -> None:
    assert (await room.get("/changes?since=0", "HEAD", accept="text/event-stream")).status == 200


async def test_no_more_than_so_many(room: WebRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    async with listening(room, "?since=0") as first:
        await first.event()
        async with listening(room, "?since=0") as second:
            assert (second.reply.status, second.reply.headers["retry-after"]) == (503, "30")
        post(room, 4)
        assert [(await first.event())["id"] for _ in range(3)] == ["2", "3", "4"]


async def test_the_server_ends_although_somebody_listens(tmp_path: Path) -> None:
    made = WebRoom(tmp_path)
    made.open().close()
    async with asyncio.timeout(PATIENCE), made.served():
        session = aiohttp.ClientSession()
        reply = await session.get(f"http://127.0.0.1:{made.port}/changes", headers=EVENTS)
    with pytest.raises(EOFError):
        await Listener(reply).event()
    await session.close()


# ------------------------------------------------------------ without a server


class Log:
    """A change log of which one batch after the other is told, and the seconds of a follower's clock."""

    def __init__(self, *answers: ChangesAfter | Unknown, newest: list[int]) -> None:
        self.answers, self.newest = list(answers), newest
        self.asked: list[int] = []
        self.seconds = 0.0

    async def ask(self, since: int) -> ChangesAfter | Unknown:
        self.asked.append(since)
        return self.answers.pop(0)

    async def ask_newest(self) -> int:
        return self.newest.pop(0)

    async def pause(self, seconds: float) -> bool:
        self.seconds += seconds
        return bool(self.newest)

    async def told(self, found: ChangesAfter) -> list[str]:
        newest = Newest(self.ask_newest, lambda: self.seconds)
        return [piece.decode() async for piece in events(found, self.ask, newest, self.pause)]


def one(seq: int, *, more: bool = False) -> ChangesAfter:
    return ChangesAfter([{"seq": seq, "what": "story", "change": "new"}], seq, more)


async def test_batches_come_one_after_the_other_without_a_pause() -> None:
    log = Log(one(2, more=True), one(3), newest=[3])
    told = await log.told(one(1, more=True))
    assert [piece.split("\n")[0] for piece in told] == ["retry: 2000", "id: 1", "id: 2", "id: 3"]
    assert (log.asked, log.seconds) == ([1, 2], 1.0)


async def test_silence_is_broken_for_proxies() -> None:
    log = Log(newest=[1] * 31)
    told = await log.told(one(1))
    assert told[2:] == [": still here\n\n"] * 2
    assert log.seconds == 31.0


async def test_a_database_in_its_place_ends_it() -> None:
    log = Log(Unknown(Place(None, 1, 5)), newest=[5])
    told = await log.told(one(90))
    assert told[-1].startswith("event: lost\n")
    assert "go on with since=5" in told[-1]


async def test_lines_that_somebody_took_out_are_not_asked_for_without_a_pause() -> None:
    log = Log(ChangesAfter([], 1, False), ChangesAfter([], 1, False), newest=[9, 9])
    await log.told(one(1))
    assert len(log.asked) == 2
    assert log.seconds == 2.0


async def test_the_newest_is_looked_up_once_a_second() -> None:
    log = Log(newest=[4, 5, 6])
    newest = Newest(log.ask_newest, lambda: log.seconds)
    assert [await newest.seq() for _ in range(3)] == [4, 4, 4]
    log.seconds = 1.0
    assert await newest.seq() == 5


@pytest.mark.parametrize("version", ["2.3", "2.4"])
async def test_who_takes_nothing_is_let_go_of(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.01)
    never, is_closed = asyncio.Event(), False

    async def pieces() -> AsyncGenerator[bytes]:
        nonlocal is_closed
        try:
            yield b"retry: 2000"
        finally:
            is_closed = True

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await never.wait()

    async def receive() -> Message:
        await never.wait()
        return {}

    scope = {"type": "http", "asgi": {"spec_version": version}}
    async with asyncio.timeout(PATIENCE):
        await EndlessResponse(pieces())(scope, receive, send)
    assert is_closed
