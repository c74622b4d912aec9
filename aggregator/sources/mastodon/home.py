"""Asking the home server of a status whether it is still there: the host of its ActivityPub id, which knows best.

Asked publicly, with no token, by the id itself: each kind of server answers that, whatever its API. What can't be
made out (refused, broken off, a page for browsers) is None, and proves nothing. That it does not know a status (404) is
little by itself: a server that was wiped says so of all, and so does a proxy before a server that is down. It counts
from a server that shows another status.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from enum import Enum, auto
from http import HTTPStatus
from urllib.parse import urlsplit

from requests import RequestException
from urllib3.exceptions import HTTPError

from aggregator.model.settings import Network
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.session import GuardedSession
from aggregator.text.urls import absolute_url, is_home

# Requests to one host, in one call.
_MOST_OF_A_HOST = 10
# Hosts that may give no answer, each after the time that a request may take, before a call asks no further one.
_MOST_SILENT = 2
_AS_DATA = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_AS_PAGE = "text/html"
# Of these the page for browsers may be shown, but its absence proves nothing.
_REFUSED = frozenset({401, 403})
# What servers say that show statuses as data to other servers alone; they have pages for everybody.
_DATA_REFUSED = frozenset({401, 403, 406})


class Told(Enum):
    """What a home server says of a status: it is there, taken back (a tombstone), gone (410), or not known (404)."""

    SHOWN = auto()
    TAKEN_BACK = auto()
    GONE = auto()
    UNKNOWN = auto()


class Homes:
    """The home servers that one call asks, with at most so many requests. `requests`: how many were made."""

    def __init__(self, network: Network, most: int | None) -> None:
        self.requests = 0
        self._network, self._most = network, most
        self._asked: Counter[str] = Counter()
        self._silent: set[str] = set()
        self._alive: dict[str, bool] = {}

    def may_ask(self, uri: str | None) -> bool:
        """Can the home server of this status be asked, and is there a request left for it?"""
        host = _host(uri)
        if host is None or host in self._silent or len(self._silent) >= _MOST_SILENT:
            return False
        return self._asked[host] < _MOST_OF_A_HOST and (self._most is None or self.requests + 2 <= self._most)

    def ask(self, uri: str) -> Told | None:
        """What the home server of the status with this id says of it; None where that can't be made out."""
        with closing(GuardedSession(self._network)) as session:  # a new one: after a time-out it is of no more use
            status, body = self._get(session, uri, _AS_DATA)
            is_refused = status in _REFUSED
            if status in _DATA_REFUSED:
                status, body = self._get(session, uri, _AS_PAGE)
        told = _told(status, body, uri)
        if told in (Told.SHOWN, Told.TAKEN_BACK):
            self._alive[_host(uri) or ""] = True
        return None if is_refused and told is Told.UNKNOWN else told

    def is_alive(self, uri: str, others: Iterable[str]) -> bool:
        """Does the home server of this status know its own? `others`: statuses of which one of its own is asked for,
        once, where it has shown none yet; the first is the best."""
        host = _host(uri) or ""
        if host not in self._alive:
            self._alive[host] = False
            own = next((other for other in others if _host(other) == host), None)
            if own and self.may_ask(own):
                self._alive[host] = self.ask(own) is Told.SHOWN
        return self._alive[host]

    def _get(self, session: GuardedSession, uri: str, accept: str) -> tuple[int | None, bytes]:
        host = _host(uri) or ""
        self.requests += 1
        self._asked[host] += 1
        headers = {"Accept": accept, "User-Agent": self._network.user_agent}
        with suppress(RequestException, HTTPError, FetchError, OSError, ValueError):
            session.get(uri, headers=headers, timeout=session.timeouts)
        reply = session.reply
        if reply is None or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _PAUSE:
            self._silent.add(host)
        # What another host says, to which it redirects, says nothing of this one.
        return (reply.status, reply.body) if reply and is_home(uri, reply.url) else (None, b"")


_PAUSE = frozenset({HTTPStatus.TOO_MANY_REQUESTS})


def _host(uri: str | None) -> str | None:
    address = absolute_url(uri or "")
    return urlsplit(address).netloc if address else None


def _told(status: int | None, body: bytes, uri: str) -> Told | None:
    if status == HTTPStatus.NOT_FOUND:
        return Told.UNKNOWN
    said = _said(body, uri) if status in (HTTPStatus.OK, HTTPStatus.GONE) else None
    return Told.GONE if status == HTTPStatus.GONE and said is not Told.TAKEN_BACK else said


def _said(body: bytes, uri: str) -> Told | None:
    """The status itself, or its tombstone. A page proves nothing: some programs show the same one for everything."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("id") != uri:
        return None
    return Told.TAKEN_BACK if found.get("type") == "Tombstone" else Told.SHOWN
