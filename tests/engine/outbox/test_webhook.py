"""A message as a POST, to servers of every kind on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web

from aggregator.engine.outbox.channels.open import channel_of
from aggregator.model.outbox import Delivery, Webhook
from aggregator.model.settings import Network
from tests.helpers.http_server import Answer, HttpServer, Raw
from tests.helpers.messages import NOW, message

LOOPBACK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))
KEY = "T0K3N4711/zQ8Xs3cr3tPart"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def target(server: HttpServer, path: str = f"/services/{KEY}?auth=s3cr3tquery") -> Webhook:
    return Webhook(url=server.url + path, shown=server.url, secret=SECRET)


async def sent(*answers: Answer, network: Network = LOOPBACK) -> Delivery:
    """What comes of it, one answer after the other."""
    waiting = list(answers)
    with HttpServer(lambda request: waiting.pop(0)) as server:
        delivery = await channel_of(target(server), network).send(message(), NOW)
    assert not waiting
    assert not any(part in repr(delivery) for part in ("T0K3N", "s3cr3t", "MfKQ"))
    return delivery


async def test_what_is_sent() -> None:
    with HttpServer(lambda request: web.Response(status=204)) as server:
        delivery = await channel_of(target(server), LOOPBACK).send(message(), NOW)
    assert delivery == Delivery()
    [asked] = server.asked
    assert (asked.method, asked.target) == ("POST", f"/services/{KEY}?auth=s3cr3tquery")
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["User-Agent"] == LOOPBACK.user_agent
    body = json.loads(asked.body)
    assert (body["id"], body["items"][0]["story"]["title"]) == ("msg-1", "Mistral raises €900 million")
    assert (asked.headers["webhook-id"], asked.headers["webhook-timestamp"]) == ("msg-1", str(int(NOW.timestamp())))
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    digest = hmac.new(key, f"msg-1.{int(NOW.timestamp())}.".encode() + asked.body, hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def test_a_repetition_has_the_same_id_and_body_and_a_time_of_its_own() -> None:
    with HttpServer(lambda request: web.Response()) as server:
        channel = channel_of(target(server), LOOPBACK)
        await channel.send(message(), NOW)
        await channel.send(message(), NOW + timedelta(minutes=2))
    first, second = server.asked
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    times = [int(asked.headers["webhook-timestamp"]) for asked in (first, second)]
    assert times[1] - times[0] == 120


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
async def test_refused_for_good(status: int) -> None:
    delivery = await sent(web.Response(status=status, headers={"Retry-After": "60"}))
    assert delivery == Delivery(error=f"HTTP {status}", is_final=True)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 408, 409, 429, 500, 502, 503, 304])
async def test_refused_for_now(status: int) -> None:
    assert await sent(web.Response(status=status)) == Delivery(error=f"HTTP {status}")


@pytest.mark.parametrize("status", [429, 503])
async def test_when_it_wants_to_be_asked_again(status: int) -> None:
    delivery = await sent(web.Response(status=status, headers={"Retry-After": "90"}))
    assert delivery == Delivery(error=f"HTTP {status}", retry_at=NOW + timedelta(seconds=90))


async def test_what_it_says_is_told_without_the_secrets_that_it_repeats() -> None:
    plain = await sent(web.Response(status=400, text=f"no_service\nat /services/{KEY}\x1b[31m, {SECRET}"))
    assert plain.error == "HTTP 400: no_service at /… [31m, …"
    problem = await sent(web.json_response({"detail": "target.id is missing"}, status=422))
    assert problem.error == "HTTP 422: target.id is missing"
    page = await sent(web.Response(status=500, text="<h1>Sorry</h1>", content_type="text/html"))
    assert page.error == "HTTP 500"


async def test_a_body_goes_to_no_other_origin() -> None:
    with HttpServer(lambda request: web.Response()) as other:
        moved = web.Response(status=307, headers={"Location": f"{other.url}/services/{KEY}"})
        delivery = await sent(moved)
        assert delivery.error == f"redirected elsewhere, where nothing is sent: {other.url}"
    assert other.asked == []


async def test_a_redirect_at_the_same_origin_is_followed() -> None:
    assert await sent(web.Response(status=308, headers={"Location": "/there"}), web.Response()) == Delivery()
    delivery = await sent(web.Response(status=302, headers={"Location": f"/login?for={KEY}"}))
    assert delivery.error and delivery.error.startswith("redirected elsewhere") and not delivery.is_final


async def test_private_addresses_are_refused() -> None:
    with HttpServer() as server:
        delivery = await channel_of(target(server), Network()).send(message(), NOW)
    assert server.asked == []
    assert delivery.error and "127.0.0.1" in delivery.error and not delivery.is_final


async def test_an_answer_that_does_not_end() -> None:
    """A yes is a yes, whatever follows; of a no as much is read as anybody needs."""
    head = b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\n\r\n"
    assert await sent(Raw((head % b"200 OK",), repeat=b"x" * 65_536)) == Delivery()
    delivery = await sent(Raw((head % b"400 Bad Request", b"no\n"), repeat=b"x" * 65_536))
    assert delivery.is_final and delivery.error and len(delivery.error) < 250


async def test_a_yes_is_one_though_the_connection_breaks_behind_it() -> None:
    answer = Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",), is_reset=True)
    assert await sent(answer) == Delivery()


async def test_servers_that_say_nothing() -> None:
    quick = replace(LOOPBACK, timeout=timedelta(milliseconds=300))
    late = await sent(Raw(is_silent=True), network=quick)
    assert late.error == "timed out after 0.3s"
    closed = await sent(Raw(is_reset=True))
    assert closed.error and not closed.is_final
    with HttpServer() as server:
        gone = target(server)
    nobody = await channel_of(gone, LOOPBACK).send(message(), NOW)
    assert nobody.error and "refused" in nobody.error and "T0K3N" not in nobody.error


async def test_a_secret_that_is_none_is_told() -> None:
    with HttpServer() as server:
        wrong = replace(target(server), secret="whsec_no base64!")
        delivery = await channel_of(wrong, LOOPBACK).send(message(), NOW)
    assert delivery.error == "its secret begins with whsec_, and what follows is no base64" and server.asked == []


async def test_what_was_named_by_a_variable_is_hidden_with_its_host() -> None:
    named = Webhook(url="http://0a1b2c3d4e.hooks.invalid/x", shown="DESK_WEBHOOK")
    delivery = await channel_of(named, LOOPBACK).send(message(), NOW)
    assert delivery.error and "0a1b2c3d4e" not in delivery.error


async def test_nothing_is_shown_of_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with HttpServer(lambda request: web.Response(status=500)) as server:
        channel = channel_of(target(server), LOOPBACK)
        await channel.send(message(), NOW)
        seen = f"{target(server)!r} {channel!r} {channel.__dict__!r} {caplog.text}"
    assert not any(part in seen for part in ("T0K3N", "s3cr3t", "MfKQ"))
