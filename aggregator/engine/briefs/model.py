"""One question to a language model, over the program's HTTP client, by the protocol that most servers speak.

That is OpenAI's `POST /chat/completions`. Servers differ in what they take: where one refuses a way to ask for JSON, a
name of the limit or a temperature, it is asked otherwise from then on (`ModelError.kind` "format").
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_network
from types import TracebackType
from typing import Any, Literal, NamedTuple

from aggregator.model.settings import Briefs, Network
from aggregator.publish.briefs.prompt import Message
from aggregator.sources.http.client import Client
from aggregator.sources.http.errors import FetchError, LateError
from aggregator.sources.http.freshness import retry_at
from aggregator.sources.http.reply import Reply
from aggregator.text.terminal.characters import seen_line

# A brief has some 600 tokens; models that think before they write take several times that.
MOST_TOKENS = 4_000
# In bytes. The longest honest answer has a tenth of it.
_LARGEST = 1024 * 1024
# Text of most languages has three to four characters a token.
_CHARACTERS_A_TOKEN = 3
# Of what a server says of a request that it refuses. Cut behind the search for the key: half of one is no key.
_MOST_SAID = 200
# A usual answer, in tokens: what is reckoned with before there is one.
_USUAL_ANSWER = 700

# The computer that the configuration names is its writer's choice, wherever it is. This client goes to no other: it
# sends nothing where a redirect leads elsewhere.
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))

Kind = Literal["format", "limited", "no_access", "failed", "unusable"]


class ModelError(Exception):
    """There is no answer that can be used. `kind` as in `model_requests.outcome`; `detail` in words for a user.

    `retry_at`: when the server wants to be asked again. `is_of_story`: it is this request that the server can't take,
    and not any. `is_lost`: it was sent, and no answer came, or not all of it. `tokens_in`,
    `tokens_out`: what it counts for all the same; `tokens_in` is None where an answer came, or began to, and nobody
    counted.
    """

    def __init__(
        self, kind: Kind, detail: str, *, retry_at: datetime | None = None, is_of_story: bool = False,
        is_lost: bool = False, tokens_in: int | None = 0, tokens_out: int = 0,
    ) -> None:  # fmt: skip
        self.kind, self.detail, self.retry_at, self.is_of_story = kind, detail, retry_at, is_of_story
        self.is_lost = is_lost
        self.tokens_in, self.tokens_out = tokens_in, tokens_out
        super().__init__(detail)


class Answer(NamedTuple):
    """What a model says. `tokens_in` is None where the server does not count. `seconds`: how long that took."""

    content: str
    tokens_in: int | None
    tokens_out: int
    seconds: float


def guessed_tokens(messages: Sequence[Message]) -> int:
    """How many tokens these messages have, about, with a usual answer."""
    return sum(len(each["content"]) for each in messages) // _CHARACTERS_A_TOKEN + _USUAL_ANSWER


@dataclass(frozen=True, slots=True)
class _Manners:
    """How a server wants to be asked. `json`: the strictest way to ask for JSON that it takes; `limit`: its name for
    the longest answer."""

    json: Literal["json_schema", "json_object", "none"] = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens", ""] = "max_tokens"
    has_temperature: bool = True


class Model:
    """A model behind an address. An async context manager."""

    def __init__(self, settings: Briefs, network: Network) -> None:
        """`settings` name a server and a model."""
        self._settings = settings
        self._client = Client(replace(network, timeout=settings.timeout, max_bytes=_LARGEST, allow_private=_ANYWHERE))
        self._stack = AsyncExitStack()
        self._manners = _Manners()

    async def __aenter__(self) -> Model:
        await self._stack.enter_async_context(self._client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def ask(self, messages: Sequence[Message], schema: Mapping[str, Any], now: datetime) -> Answer:
        """One request. `schema`: of the JSON object that is to come back.

        Raises:
            ModelError: there is no answer. Of the kind "format" the same may be asked again at once.
        """
        begun = time.monotonic()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._settings.api_key:
            headers["Authorization"] = f"Bearer {self._settings.api_key}"
        body = json.dumps(self._body(messages, schema)).encode()
        try:
            reply = await self._client.post(f"{self._settings.base_url}/chat/completions", body, headers)
        except FetchError as error:
            is_lost = not error.unreached or isinstance(error, LateError)
            tokens_in = None if error.begun else 0
            raise ModelError("failed", error.detail, is_lost=is_lost, tokens_in=tokens_in) from error
        if not 200 <= reply.status < 300:
            raise self._refusal(reply, now)
        return _answer(reply, time.monotonic() - begun)

    def _body(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._settings.model, "messages": list(messages), "stream": False}
        if self._manners.has_temperature:
            body["temperature"] = 0
        if self._manners.limit:
            body[self._manners.limit] = MOST_TOKENS
        if self._manners.json == "json_schema":
            wanted = {"name": "brief", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif self._manners.json == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    # ------------------------------------------------------------ what is no answer

    def _refusal(self, reply: Reply, now: datetime) -> ModelError:
        said = self._without_key(_said(reply))[:_MOST_SAID]
        detail = f"HTTP {reply.status}" + (f": {said}" if said else "")
        if reply.status in (401, 402, 403, 404):
            return ModelError("no_access", detail, retry_at=retry_at(reply.headers, now))
        if reply.status == 429:
            return ModelError("limited", detail, retry_at=retry_at(reply.headers, now))
        if reply.status in (400, 422, 501) and self._takes_otherwise(said.lower()):
            return ModelError("format", detail)
        is_of_story = reply.status in (400, 413, 422)
        return ModelError("failed", detail, retry_at=retry_at(reply.headers, now), is_of_story=is_of_story)

    def _takes_otherwise(self, said: str) -> bool:
        """Is there another way to ask? It is taken from now on."""
        before = self._manners
        if "context" in said and ("length" in said or "window" in said or "size" in said):
            return False  # it is too much, however it is asked for
        if "max_tokens" in said or "max_completion_tokens" in said:
            self._manners = replace(before, limit="max_completion_tokens" if before.limit == "max_tokens" else "")
        elif "temperature" in said:
            self._manners = replace(before, has_temperature=False)
        elif before.json == "json_schema":
            self._manners = replace(before, json="json_object")
        elif before.json == "json_object":
            self._manners = replace(before, json="none")
        return self._manners != before

    def _without_key(self, text: str) -> str:
        """Servers repeat the key that they refuse."""
        key = self._settings.api_key
        return text.replace(key, "…") if key else text


def _said(reply: Reply) -> str:
    """What a server says of a request that it refuses, in one line."""
    found = _json(reply)
    error = found.get("error", found.get("detail", found.get("message"))) if isinstance(found, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    if not isinstance(text, str):
        return ""
    return seen_line(text)


def _json(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _answer(reply: Reply, seconds: float) -> Answer:
    kind = (reply.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        raise ModelError("unusable", "it answers piece by piece (as a stream), which was not asked for", tokens_in=None)
    found = _json(reply)
    if not isinstance(found, dict):
        raise ModelError("failed", "what it answers is no JSON: is there a model at this address?")
    usage = found.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    tokens_in, tokens_out = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens")) or 0
    choices = found.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    content, refusal = message.get("content"), message.get("refusal")
    if isinstance(content, str) and content.strip():
        if not tokens_out:
            tokens_out = len(content) // _CHARACTERS_A_TOKEN
        if choice.get("finish_reason") == "length":
            why = f"its answer was cut off at {MOST_TOKENS:,} tokens"
            raise ModelError("unusable", why, tokens_in=tokens_in, tokens_out=tokens_out)
        return Answer(content, tokens_in, tokens_out, seconds)
    why = "it refuses to answer" if isinstance(refusal, str) and refusal else "it answers nothing"
    raise ModelError("unusable", why, tokens_in=tokens_in, tokens_out=tokens_out)


def _count(value: object) -> int | None:
    """A number of tokens that can be one."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 100_000_000 else None
