"""A language model as its server answers: on loopback, by what a test scripts; and checks that a test can foresee."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from aiohttp import web

from aggregator.model.brief import PARTS, Draft, DraftSentence, EarlierNote, Evidence, Part, Refused
from tests.helpers.http_server import Answer, HttpServer, Request

Said = str | dict[str, Any] | Answer


def brief(
    headline: str = "Ferries stay in port",
    happened: Sequence[tuple[str, Sequence[int]]] = (),
    context: Sequence[tuple[str, Sequence[int]]] = (),
    watch: Sequence[tuple[str, Sequence[int]]] = (),
) -> dict[str, Any]:
    """A brief as a model answers it: sentences with the numbers that they rest on."""
    parts = {"happened": happened, "context": context, "watch": watch}
    return {
        "headline": headline,
        **{part: [{"text": text, "sources": list(numbers)} for text, numbers in told] for part, told in parts.items()},
    }


def completion(content: str | None, tokens_in: int = 1_000, tokens_out: int = 100, **more: Any) -> dict[str, Any]:
    """What a server sends around what the model says."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}, **more}
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
    return {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}


def refusing(status: int, message: str = "", **headers: str) -> Answer:
    """An error as servers tell it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"message": message, "type": "error"}} if message else {}
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json", **named}
    )


class Asked(NamedTuple):
    """One request to the model."""

    body: dict[str, Any]
    authorization: str | None

    @property
    def messages(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.body["messages"]
        return found

    @property
    def user(self) -> str:
        """What the user says last."""
        return self.messages[-1]["content"]

    def sources(self) -> list[dict[str, Any]]:
        """The numbered sources of a first question."""
        rows = [line for line in self.messages[1]["content"].splitlines() if line.startswith("{")]
        return [each for each in map(json.loads, rows) if "text" in each]


class FakeModel:
    """A context manager. `says`: what it answers, one after the other, the last one for ever; or what tells it by the
    request. `url`: for `base_url`."""

    def __init__(self, *says: Said, by: Callable[[Asked], Said] | None = None) -> None:
        self.says, self._by = list(says), by
        self.asked: list[Asked] = []
        self._was_asked = threading.Event()
        self.server = HttpServer(self._answer)

    def __enter__(self) -> FakeModel:
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.server.__exit__(*error)

    async def was_asked(self) -> None:
        """Wait until the first request has come."""
        assert await asyncio.to_thread(self._was_asked.wait, 30)

    @property
    def url(self) -> str:
        return f"{self.server.url}/v1"

    def _answer(self, request: Request) -> Answer:
        if request.path != "/v1/chat/completions" or request.method != "POST":
            return web.Response(status=404)
        asked = Asked(json.loads(request.body), request.headers.get("Authorization"))
        self.asked.append(asked)
        self._was_asked.set()
        said = self._by(asked) if self._by else self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, str):
            said = completion(said)
        elif isinstance(said, dict) and "choices" not in said:
            said = completion(json.dumps(said, ensure_ascii=False))
        if isinstance(said, dict):
            return web.Response(body=json.dumps(said).encode(), content_type="application/json")
        return said


# ---------------------------------------------------------------- checks


class Judgement(NamedTuple):
    """What a check says, as `aggregator.publish.briefs.written.Judged` wants it."""

    headline_ok: bool
    parts: Mapping[Part, Sequence[DraftSentence]]
    refused: tuple[Refused, ...]


class WordCheck:
    """Refuses sentences, and headlines, that have one of these words."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.seen: list[Draft] = []

    def __call__(self, draft: Draft, evidence: Sequence[Evidence], earlier: Sequence[EarlierNote]) -> Judgement:
        self.seen.append(draft)
        refused: list[Refused] = []
        parts: dict[Part, Sequence[DraftSentence]] = {}
        for part in PARTS:
            good = [each for each in draft.parts.get(part, ()) if not self._is_bad(each.text)]
            refused += [
                Refused(part, each.text, "a bad word") for each in draft.parts.get(part, ()) if each not in good
            ]
            parts[part] = good
        if self._is_bad(draft.headline):
            refused.append(Refused("headline", draft.headline, "a bad word"))
        return Judgement(not self._is_bad(draft.headline), parts, tuple(refused))

    def _is_bad(self, text: str) -> bool:
        return any(word in text for word in self.words)

    def of_day(self, today: date) -> WordCheck:
        """The same on every day."""
        return self


def lines(rows: Iterable[Any]) -> list[Any]:
    """The first columns."""
    return [row[0] for row in rows]
