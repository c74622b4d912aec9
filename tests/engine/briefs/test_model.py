"""One question to a model's server, good ones and all sorts of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from aggregator.engine.briefs.model import Answer, Model, ModelError, guessed_tokens
from aggregator.model.settings import Briefs, Network
from aggregator.publish.briefs.reply import SCHEMA
from tests.helpers.evidence import NOW
from tests.helpers.fake_model import FakeModel, completion, refusing
from tests.helpers.http_server import Answer as Sent
from tests.helpers.http_server import HttpServer, Raw

KEY = "sk-tops3cret"
MESSAGES = ({"role": "system", "content": "You write."}, {"role": "user", "content": "Write."})


def settings(url: str, **more: object) -> Briefs:
    base = Briefs(base_url=url, model="small", timeout=timedelta(seconds=5))
    return replace(base, **more)  # type: ignore[arg-type]


async def ask(model: Model) -> Answer:
    return await model.ask(MESSAGES, SCHEMA, NOW)


async def trouble(*says: Sent | dict[str, object], **more: object) -> ModelError:
    with FakeModel(*says) as fake:
        async with Model(settings(fake.url, **more), Network()) as model:
            with pytest.raises(ModelError) as caught:
                await ask(model)
    assert str(caught.value) == caught.value.detail
    return caught.value


async def test_what_is_sent() -> None:
    """To a server on loopback, too, which no feed may reach: whoever wrote the configuration named it."""
    with FakeModel(completion("hello", 321, 45)) as fake:
        async with Model(settings(fake.url, api_key=KEY), Network()) as model:
            answer = await ask(model)
    assert answer[:3] == ("hello", 321, 45)
    [asked] = fake.asked
    assert asked.authorization == f"Bearer {KEY}"
    body = asked.body
    assert (body["model"], body["messages"], body["stream"], body["temperature"]) == ("small", list(MESSAGES), False, 0)
    assert body["max_tokens"] == 4_000
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_without_a_key_none_is_sent() -> None:
    with FakeModel("hello") as fake:
        async with Model(settings(fake.url), Network()) as model:
            await ask(model)
    assert fake.asked[0].authorization is None


async def test_a_server_that_wants_to_be_asked_otherwise() -> None:
    """Each refusal says what it does not take; what it takes is kept."""
    with FakeModel(
        refusing(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        refusing(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        refusing(422, "response_format: json_schema is not supported"),
        refusing(400, "no"),
        "good",
    ) as fake:
        async with Model(settings(fake.url), Network()) as model:
            kinds = []
            for _ in range(4):
                with pytest.raises(ModelError) as caught:
                    await ask(model)
                kinds.append(caught.value.kind)
            assert kinds == ["format"] * 4
            assert (await ask(model)).content == (await ask(model)).content == "good"
    last = fake.asked[-1].body
    assert last["max_completion_tokens"] == 4_000
    assert last.keys().isdisjoint({"max_tokens", "temperature", "response_format"})
    assert [each.body.get("response_format", {}).get("type") for each in fake.asked] == [
        "json_schema", "json_schema", "json_schema", "json_object", None, None,
    ]  # fmt: skip


async def test_one_that_takes_nothing_has_no_other_way_at_last() -> None:
    with FakeModel(refusing(400, "no")) as fake:
        async with Model(settings(fake.url), Network()) as model:
            found = []
            for _ in range(4):
                with pytest.raises(ModelError) as caught:
                    await ask(model)
                found.append((caught.value.kind, caught.value.is_of_story))
    assert found == [("format", False), ("format", False), ("failed", True), ("failed", True)]


async def test_too_long_a_text_is_this_requests_own_trouble() -> None:
    error = await trouble(refusing(400, "This model's maximum context length is 2048 tokens"))
    assert (error.kind, error.is_of_story) == ("failed", True)


@pytest.mark.parametrize("status", [401, 402, 403, 404])
async def test_no_access(status: int) -> None:
    error = await trouble(refusing(status, f"Incorrect API key provided:\n{KEY}."), api_key=KEY)
    assert (error.kind, error.is_of_story) == ("no_access", False)
    assert error.detail == f"HTTP {status}: Incorrect API key provided: …."


async def test_a_limit_says_how_long() -> None:
    error = await trouble(refusing(429, "slow down", Retry_After="90"))
    assert (error.kind, error.detail, error.retry_at) == ("limited", "HTTP 429: slow down", NOW + timedelta(seconds=90))
    assert (await trouble(refusing(429))).retry_at is None


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (lambda: refusing(500, "out of memory"), "failed", "HTTP 500: out of memory"),
        (lambda: refusing(503), "failed", "HTTP 503"),
        (lambda: web.Response(status=502, text="<html>Bad gateway"), "failed", "HTTP 502"),
        (lambda: web.Response(text="It works!"), "failed", "what it answers is no JSON"),
        (lambda: web.Response(body=b"\xff\xfe"), "failed", "what it answers is no JSON"),
        (lambda: web.Response(text="[" * 100_000), "failed", "what it answers is no JSON"),
        (lambda: web.Response(body=b"x" * 1_100_000), "failed", "body larger than 1 MiB"),
        (lambda: web.Response(body=b'data: {"choices": []}', content_type="text/event-stream"), "unusable", "a stream"),
        (lambda: Raw(), "failed", "the server closed the connection without an answer"),
        (lambda: Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",)), "failed", "the connection ended before"),
        (lambda: web.Response(status=307, headers={"Location": "http://127.0.0.2/"}), "failed", "redirected elsewhere"),
        (lambda: web.Response(status=302, headers={"Location": "/v2"}), "failed", "redirected elsewhere"),
    ],
)
async def test_no_answer(answer: Callable[[], Sent], kind: str, why: str) -> None:
    error = await trouble(answer())
    assert (error.kind, error.is_of_story) == (kind, False)
    assert why in error.detail


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"choices": []}, "it answers nothing"),
        ({"choices": "none"}, "it answers nothing"),
        ({"choices": [{"message": None}]}, "it answers nothing"),
        (completion(""), "it answers nothing"),
        (completion(None, message={"content": None, "refusal": "I'm sorry"}), "it refuses to answer"),
        (completion('{"headline": "Cut', finish_reason="length"), "its answer was cut off at 4,000 tokens"),
    ],
)
async def test_an_answer_without_use(said: dict[str, object], why: str) -> None:
    error = await trouble(said)
    assert (error.kind, error.detail) == ("unusable", why)


async def test_what_it_cost_all_the_same() -> None:
    error = await trouble(completion('{"headline": "Cut', 900, 4_000, finish_reason="length"))
    assert (error.tokens_in, error.tokens_out) == (900, 4_000)


@pytest.mark.parametrize(
    "usage", [None, "many", {"prompt_tokens": -1}, {"prompt_tokens": "9"}, {"prompt_tokens": 1e12}]
)
async def test_a_server_that_does_not_count(usage: object) -> None:
    with FakeModel({**completion("some words"), "usage": usage}) as fake:
        async with Model(settings(fake.url), Network()) as model:
            answer = await ask(model)
    assert (answer.tokens_in, answer.tokens_out) == (None, 3)
    assert guessed_tokens(MESSAGES) == 705


async def test_nobody_there() -> None:
    with HttpServer() as server:
        url = server.url
    async with Model(settings(f"{url}/v1"), Network()) as model:
        with pytest.raises(ModelError, match="connection refused by"):
            await ask(model)


async def test_a_slow_one_is_given_up() -> None:
    error = await trouble(Raw(is_silent=True), timeout=timedelta(seconds=0.1))
    assert (error.kind, error.detail) == ("failed", "timed out after 0.1s")


async def test_no_part_of_a_key_is_told_either() -> None:
    error = await trouble(refusing(401, "x" * 190 + f" {KEY}"), api_key=KEY)
    assert KEY[:4] not in error.detail and len(error.detail) < 220
