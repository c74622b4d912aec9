"""Who may ask: the token, the names of the server, and limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.engine.web import access, server
from aggregator.engine.web.listen import Listen, bound, is_loopback, listen_at
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config, Http, Publish
from tests.helpers.web_room import WebRoom, add_post, add_source

LOOPBACK, ANYWHERE = Listen("127.0.0.1", 8000), Listen("0.0.0.0", 8000)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[WebRoom]:
    made = WebRoom(tmp_path)
    made.write("index.html", "front")
    database = made.open()
    add_source(database)
    add_post(database, 1, "The ferry sails")
    database.close()
    async with made.served():
        yield made


class TestToken:
    async def test_on_loopback_none_is_asked_for(self, room: WebRoom) -> None:
        for path in ("/search/?q=ferry", "/changes"):
            assert (await room.get(path)).status == 200

    async def test_where_one_is_set_all_but_site_health_and_metrics_needs_it(self, room: WebRoom) -> None:
        room.config = Config(storage=room.config.storage, publish=room.config.publish, http=Http(token="s3cret-ä"))
        for path in ("/search/?q=ferry", "/search/", "/changes"):
            reply = await room.get(path)
            assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert "The ferry" not in reply.text
        for path in ("/", "/metrics"):
            assert (await room.get(path)).status == 200
        assert (await room.get("/health")).status == 503  # no daemon: answered all the same

    @pytest.mark.parametrize("sent", ["Bearer wrong", "Basic s3cret", "s3cret", "Bearer", "Bearer s3cret2", ""])
    async def test_wrong_ones(self, room: WebRoom, sent: str) -> None:
        room.config = Config(storage=room.config.storage, http=Http(token="s3cret"))
        assert (await room.get("/changes", authorization=sent)).status == 401

    async def test_the_right_one(self, room: WebRoom) -> None:
        room.config = Config(storage=room.config.storage, http=Http(token="s3cret"))
        assert (await room.get("/changes", authorization="Bearer s3cret")).status == 200
        assert (await room.get("/changes?token=s3cret")).status == 401  # addresses stand in logs

    def test_elsewhere_without_a_token_these_doors_are_shut(self) -> None:
        found = access.refusal({"authorization": "Bearer x"}, ANYWHERE, None)
        assert found is not None
        assert found[0] == 403
        assert "set" in found[1]
        assert access.refusal({}, LOOPBACK, None) is None

    @pytest.mark.parametrize(
        "headers",
        [
            {"host": "news.example"},
            {"x_forwarded_for": "203.0.113.9"},
            {"forwarded": "for=203.0.113.9"},
            {"via": "1.1 proxy"},
            {"host": "localhost", "x_forwarded_proto": "https"},
        ],
    )
    async def test_a_proxy_on_this_machine_speaks_for_others(self, room: WebRoom, headers: dict[str, str]) -> None:
        room.publish(address="https://news.example/desk/")
        for path in ("/search/?q=ferry", "/changes"):
            reply = await room.get(path, **headers)
            assert reply.status == 403
            assert "none is set" in reply.text
        for path in ("/", "/metrics"):
            assert (await room.get(path, **headers)).status == 200
        room.config = replace(room.config, http=Http(token="s3cret"))
        assert (await room.get("/changes", authorization="Bearer s3cret", **headers)).status == 200

    async def test_who_asks_directly_does_not(self, room: WebRoom) -> None:
        room.publish(address="http://localhost:8000/")
        for host in ("localhost:8000", "[::1]:8000", "127.0.0.1"):
            assert (await room.get("/changes", host=host, accept="*/*")).status == 200

    async def test_a_search_page_of_the_site_itself_needs_none(self, room: WebRoom) -> None:
        room.write("search/index.html", "pagefind")
        room.config = Config(storage=room.config.storage, publish=room.config.publish, http=Http(token="s3cret"))
        assert (await room.get("/search/")).text == "pagefind"
        assert (await room.get("/search/?q=ferry")).status == 401
        room.write("pagefind/pagefind.js", "//")  # its script reads the words out of the address
        assert (await room.get("/search/?q=ferry")).text == "pagefind"


class TestNames:
    """A page elsewhere whose name is made to mean 127.0.0.1 must not be able to read what is served here."""

    @pytest.mark.parametrize(
        "host", ["127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]:80", "news.localhost", "127.9.9.9"]
    )
    async def test_names_of_this_machine(self, room: WebRoom, host: str) -> None:
        assert (await room.get("/", host=host)).status == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.1", "[", "a@b"]
    )
    async def test_other_names(self, room: WebRoom, host: str) -> None:
        for path in ("/", "/search/?q=ferry", "/changes", "/health"):
            assert (await room.get(path, host=host)).status in (400, 421)

    async def test_the_name_of_the_site(self, room: WebRoom) -> None:
        room.publish(address="https://news.example/desk/")
        assert (await room.get("/", host="news.example")).status == 200
        assert (await room.get("/", host="news.example.evil.example")).status == 421

    @pytest.mark.parametrize(
        "host", ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example:8000", "XN--MNCHEN-3YA.example."]
    )
    async def test_the_name_of_a_site_in_other_letters(self, room: WebRoom, host: str) -> None:
        for address in ("https://münchen.example/", "https://xn--mnchen-3ya.example./"):
            room.publish(address=address)
            assert (await room.get("/", host=host)).status == 200
            assert (await room.get("/", host="xn--mnchen-3yb.example")).status in (400, 421)
            assert (await room.get("/", host="munchen.example")).status == 421

    def test_elsewhere_by_any_name(self) -> None:
        assert access.is_called("news.example", ANYWHERE, Config())
        assert not access.is_called("news.example", LOOPBACK, Config())
        assert access.is_called("news.example", LOOPBACK, Config(publish=Publish(address="https://news.example/")))


class TestListen:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("127.0.0.1:8000", Listen("127.0.0.1", 8000)),
            ("[::1]:80", Listen("::1", 80)),
            ("localhost:0", Listen("localhost", 0)),
        ],
    )
    def test_host_and_port(self, text: str, found: Listen) -> None:
        assert listen_at(text) == found
        assert str(found) == text

    @pytest.mark.parametrize(
        "text", ["", "8000", ":8000", "::1:8000", "host", "host:", "host:99999", "host:-1", "host:８"]
    )
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="no host and port"):
            listen_at(text)

    def test_loopback(self) -> None:
        assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost", "a.localhost")))
        assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.1", "example.org", "localhost.example")))

    def test_a_port_that_is_taken_is_said_in_words(self) -> None:
        with bound(Listen("127.0.0.1", 0)) as taken:
            at = Listen("127.0.0.1", taken.getsockname()[1])
            with pytest.raises(AggregatorError, match=f"can't listen on {at}: another program listens there"):
                bound(at)


class TestLimits:
    async def test_long_addresses(self, room: WebRoom) -> None:
        assert (await room.get("/?" + "q" * 5000)).status == 414
        assert (await room.get("/search/?q=" + "q" * 300)).status == 400

    async def test_large_headers(self, room: WebRoom) -> None:
        assert (await room.get("/", cookie="c" * 100_000)).status == 431

    async def test_who_does_not_say_what_is_wanted_is_let_go(
        self, room: WebRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
        for sent in (b"", b"GET / HTTP/1.1\r\nHost: local"):
            reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
            writer.write(sent)
            with pytest.raises(ConnectionResetError):
                while True:  # what comes drop by drop buys no time
                    writer.write(sent and b"h")
                    if not await asyncio.wait_for(reader.read(), 10):
                        raise ConnectionResetError
            writer.close()
