"""What Mastodon.py's private parts must do for us. A release that changes them fails here, not in somebody's poll.

Nothing here is our own invention but `get_json`: the library's client is asked, over an adapter that answers in memory.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonNetworkError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonServerError,
    MastodonUnauthorizedError,
)  # fmt: skip
from mastodon.types_base import PaginatableList
from requests.adapters import BaseAdapter

from aggregator.model.settings import Network
from aggregator.sources.http.session import GuardedSession
from aggregator.sources.mastodon.pagination import get_json

STATUS = {"id": "1", "created_at": "2031-03-01T08:30:00.000Z", "account": {"acct": "ada"}, "novel": None}


class Canned(BaseAdapter):
    """Answers everything with one body; remembers what was asked."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        super().__init__()
        self.asked: list[requests.PreparedRequest] = []
        self._answer = status, body, headers

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        response = requests.Response()
        response.status_code, body, headers = self._answer
        if not response.status_code:
            raise requests.ConnectionError("nobody there")
        response.headers.update({"Content-Type": "application/json", **headers})
        response.raw, response.url, response.request = BytesIO(body), str(request.url), request
        return response

    def close(self) -> None:
        """Nothing to close."""


class Room:
    """A client of the library as ours is, on a canned server."""

    def __init__(self, answer: object, status: int = 200, **headers: str) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.session = GuardedSession(Network(user_agent="test/1"))
        self.canned = Canned(status, body, headers)
        self.session.mount("https://", self.canned)
        self.client = Mastodon(
            api_base_url="https://far.example", session=self.session, ratelimit_method="throw",
            version_check_mode="none", user_agent="test/1",
        )  # fmt: skip
        self.client.access_token = "s3cret"

    def get(self, **parameters: Any) -> Any:
        return get_json(self.client, self.session, "/api/v1/timelines/tag/AI", parameters)


def test_one_get_with_our_parameters_and_nothing_of_the_record() -> None:
    room = Room([])
    room.get(limit=40, min_id="7", **{"any[]": ["a b", "c"]})
    [asked] = room.canned.asked
    target = urlsplit(str(asked.url))
    assert (asked.method, target.netloc, target.path) == ("GET", "far.example", "/api/v1/timelines/tag/AI")
    assert sorted(parse_qsl(target.query)) == [("any[]", "a b"), ("any[]", "c"), ("limit", "40"), ("min_id", "7")]
    assert not asked.body
    assert asked.headers["Authorization"] == "Bearer s3cret"
    assert asked.headers["User-Agent"] == "test/1"


def test_nothing_of_the_record_is_sent_without_parameters_either() -> None:
    room = Room([])
    room.get()
    assert urlsplit(str(room.canned.asked[0].url)).query == ""


def test_lists_come_as_plain_json() -> None:
    found = Room([STATUS, STATUS]).get()
    assert list(found) == [STATUS, STATUS]
    # No class of the library's, which would cost 7 ms each, and no date that was read by it.
    assert {type(part) for status in found for part in (status, status["account"])} == {dict}
    assert {type(status["created_at"]) for status in found} == {str}


def test_objects_come_as_plain_json() -> None:
    found = Room({"domain": "far.example", "configuration": {"a": [1]}}).get()
    assert found == {"domain": "far.example", "configuration": {"a": [1]}}
    assert type(found) is dict and type(found["configuration"]) is dict


@pytest.mark.parametrize("answer", [None, 5, "hello", True, []])
def test_what_is_neither_is_none(answer: object) -> None:
    assert Room(answer).get() == ([] if answer == [] else None)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": "x"}, MastodonUnauthorizedError),
        (404, {"error": "x"}, MastodonNotFoundError),
        (410, {"error": "x"}, MastodonAPIError),
        (429, {"error": "x"}, MastodonRatelimitError),
        (500, b"<html>", MastodonServerError),
        (200, b"<html>", MastodonAPIError),
        (0, b"", MastodonNetworkError),
    ],
)
def test_refusals_are_the_librarys_errors(status: int, body: object, kind: type[Exception]) -> None:
    room = Room(body, status)
    with pytest.raises(kind):
        room.get()
    assert len(room.canned.asked) == 1  # "throw": nothing is waited for, nothing asked again
    assert (room.session.reply.status if room.session.reply else 0) == status


def test_a_page_leads_to_no_second_request() -> None:
    """The library would go on to the next page by this header; it must be us who say when."""
    room = Room([STATUS], Link='<https://far.example/api/v1/timelines/tag/AI?max_id=1>; rel="next"')
    assert list(room.get()) == [STATUS]
    assert len(room.canned.asked) == 1


def test_the_library_writes_the_record_that_we_write() -> None:
    """Its own record of the next page: other keys than ours would be ones that we don't know how to fill in."""
    adapter = Canned(200, json.dumps([STATUS]).encode(), {
        "Link": '<https://far.example/api/v1/timelines/tag/AI?max_id=1&limit=40>; rel="next"'
    })  # fmt: skip
    with requests.Session() as session:  # not ours, which takes the header away
        session.mount("https://", adapter)
        client = Mastodon(api_base_url="https://far.example", session=session, version_check_mode="none")
        page: Any = client.timeline_hashtag("AI", limit=40)
    record = page._pagination_next
    assert {key for key in record if key.startswith("_")} == {
        "_pagination_method", "_pagination_endpoint", "_mastopy_type",
    }  # fmt: skip
    assert (record["_pagination_method"], record["_pagination_endpoint"]) == ("GET", "/api/v1/timelines/tag/AI")
    assert isinstance(page, PaginatableList)
