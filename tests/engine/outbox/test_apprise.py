"""A message to Apprise's addresses: its own `json://` against a server on loopback, and stand-ins for what it does."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from aiohttp import web

from aggregator.engine.outbox.channels.apprise import AppriseChannel
from aggregator.engine.outbox.channels.open import channel_of
from aggregator.model.outbox import Apprise, Delivery, Message
from aggregator.model.settings import Network
from tests.helpers.http_server import Answer, HttpServer, Request
from tests.helpers.log_stream import log_stream
from tests.helpers.messages import NOW, message, story

SECRET = "s3cr3tT0ken"


def address(server: HttpServer, path: str = f"/hook/{SECRET}", more: str = "") -> str:
    return f"json://me:{SECRET}pass@127.0.0.1:{server.port}{path}{more}"


def target(*urls: str) -> Apprise:
    return Apprise(urls=urls, shown="json")


async def test_title_and_body_arrive() -> None:
    """Markdown where a service takes it, and plain text where an address asks for that."""
    with HttpServer(lambda request: web.Response()) as server:
        channel = channel_of(target(address(server), address(server, "/plain", "?format=text")), Network())
        assert await channel.send(message(), NOW) == Delivery()
    bodies = {asked.path: json.loads(asked.body) for asked in server.asked}
    assert {body["title"] for body in bodies.values()} == {"Mistral raises €900 million — 10 publishers"}
    assert "[Mistral raises money 1](https://paper1.example/mistral)" in bodies[f"/hook/{SECRET}"]["message"]
    assert "paper1.example: Mistral raises money 1\n" in bodies["/plain"]["message"]


async def test_who_took_it_does_not_get_it_once_more() -> None:
    times: Counter[str] = Counter()

    def answer(request: Request) -> Answer:
        times[request.path] += 1
        return web.Response(status=503 if request.path == "/late" and times["/late"] < 3 else 200)

    with HttpServer(answer) as server:
        channel = channel_of(target(address(server, "/early"), address(server, "/late")), Network())
        first = await channel.send(message(), NOW)
        assert first.error and first.error.startswith("1 of 2 addresses: json: ") and "503" in first.error
        assert (await channel.send(message(), NOW)).error is not None
        again = channel_of(target(address(server, "/early"), address(server, "/late")), Network())
        assert await again.send(message(), NOW) == Delivery()
        assert times == {"/early": 1, "/late": 3}
        await channel.send(message(id="another"), NOW)
        assert times == {"/early": 2, "/late": 4}


async def test_errors_and_logs_have_no_secret(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even at the level `debug`."""
    with HttpServer() as server:
        gone = target(address(server))
    with HttpServer(lambda request: web.Response(status=401, text=SECRET)) as server, log_stream("debug") as written:
        known = target(address(server), f"slack://{SECRET}", f"nonsense://{SECRET}/x", SECRET)
        channel = channel_of(known, Network())
        delivery = await channel.send(message(), NOW)
        nobody = await channel_of(gone, Network()).send(message(), NOW)
    assert delivery.error and "4 of 4" in delivery.error and "401" in delivery.error and nobody.error
    assert "nonsense: Apprise knows no such address" in delivery.error
    printed = capfd.readouterr()
    for seen in (delivery.error, nobody.error, repr(known), repr(channel), printed.out, printed.err):
        assert SECRET not in seen and SECRET.lower() not in seen
    assert SECRET not in written.getvalue()


async def test_apprise_asks_in_no_thread_of_its_own() -> None:
    """Those would be waited for when the program ends."""
    seen: list[threading.Thread] = []

    def answer(request: Request) -> Answer:
        seen.extend(threading.enumerate())
        return web.Response()

    with HttpServer(answer) as server:
        await channel_of(target(address(server)), Network()).send(message(), NOW)
    ours = [thread for thread in seen if thread.name == "apprise"]
    assert len(ours) == 1 and ours[0].daemon
    assert not [thread for thread in seen if "apprise" in thread.name.lower() and thread.name != "apprise"]


class Held:
    """A service that answers when it is let."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.may_answer = threading.Event()

    def __call__(self, url: str, message: Message) -> str | None:
        self.times[url] += 1
        if url.startswith("slow"):
            assert self.may_answer.wait(30)
        return None


@pytest.fixture
def held() -> Iterator[Held]:
    service = Held()
    yield service
    service.may_answer.set()


async def test_one_that_is_late_is_waited_for_and_not_sent_once_more(held: Held) -> None:
    channel = AppriseChannel(target("slow://a", "quick://b"), patience=0.1, push=held)
    late = await channel.send(message(), NOW)
    assert late.error == "1 of 2 addresses: slow: no answer within 0.1 s"
    assert (await channel.send(message(), NOW)).error is not None
    held.may_answer.set()
    patient = AppriseChannel(target("slow://a", "quick://b"), patience=30, push=held)
    patient._attempts = channel._attempts
    assert await patient.send(message(), NOW) == Delivery()
    assert held.times == {"slow://a": 1, "quick://b": 1}


async def test_a_stop_does_not_wait(held: Held) -> None:
    sending = asyncio.create_task(AppriseChannel(target("slow://a"), push=held).send(message(), NOW))
    while not held.times:
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_plugin_that_breaks_is_told() -> None:
    def broken(url: str, message: Message) -> str | None:
        raise RuntimeError(f"can't speak to {url}")

    delivery = await AppriseChannel(target(f"odd://{SECRET}"), push=broken).send(message(), NOW)
    assert delivery.error == "odd: RuntimeError: can't speak to odd://…"


async def test_what_a_service_has_no_room_for_is_counted() -> None:
    """Discord takes 2,000 characters."""
    from aggregator.engine.outbox.channels import apprise as module

    sent: list[dict[str, str]] = []
    with HttpServer(lambda request: web.Response()) as server:
        many = message(*(story(title=f"Story {number} of a long day at the harbour") for number in range(60)))
        import apprise

        service = apprise.Apprise.instantiate("discord://123456789012345678/" + "a" * 60)
        assert service is not None and service.body_maxlen == 2_000
        assert await channel_of(target(address(server)), Network()).send(many, NOW) == Delivery()
        sent = [json.loads(asked.body) for asked in server.asked]
    assert "no room" not in sent[0]["message"]
    text = module.body(many, "markdown", 1_700)
    assert len(text) <= 1_700 and text.endswith("more that found no room here")


def test_without_the_extra_the_command_that_installs_it_is_told() -> None:
    code = """
import asyncio, sys
sys.modules["apprise"] = None
from aggregator.engine.outbox.channels.open import channel_of
from aggregator.model.outbox import Apprise
from aggregator.model.settings import Network
from tests.helpers.log_stream import log_stream
from tests.helpers.messages import NOW, message
print(asyncio.run(channel_of(Apprise(urls=("ntfy://x",), shown="ntfy"), Network()).send(message(), NOW)).error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("this needs the extra `notify`, which is not installed: ")
    assert "notify" in done.stdout.partition("installed: ")[2]


def test_apprise_is_imported_when_it_is_used() -> None:
    code = "import sys, aggregator.engine.outbox.channels.open; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
