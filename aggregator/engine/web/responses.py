"""Answers as the library of the web server sends them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from aggregator.engine.web.access import refusal
from aggregator.engine.web.answer import Answer
from aggregator.engine.web.listen import Listen

_UNAUTHORISED = 401


def in_words(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """A sentence, which nobody keeps."""
    return Response(f"{words}\n", status, {"cache-control": "no-store", **(headers or {})}, "text/plain")


def response_of(answer: Answer) -> Response:
    """An answer whose body is known, no file, with its headers and no others."""
    return with_headers_of(answer, Response(answer.content, answer.status))


def with_headers_of(answer: Answer, response: Response) -> Response:
    """The response with the answer's headers and no others."""
    response.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    return response


def refused(headers: Mapping[str, str], listen: Listen, token: str | None) -> Response | None:
    """What is said to who may not ask, with these headers; None: go on."""
    found = refusal(headers, listen, token)
    if found is None:
        return None
    status, words = found
    return in_words(status, words, {"www-authenticate": "Bearer"} if status == _UNAUTHORISED else {})
