"""Questions to a server with Mastodon's API, through Mastodon.py, and what its refusals mean in words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import responses
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from mastodon import Mastodon as Client
from mastodon.errors import MastodonError

from aggregator.model.poll import Outcome
from aggregator.model.settings import Network
from aggregator.model.source import Source
from aggregator.model.timelines import RateLimit
from aggregator.pipeline.schedule import LONGEST_PAUSE
from aggregator.sources.http.errors import in_words, is_ours, is_unreached
from aggregator.sources.http.freshness import limit_reset_at, retry_at
from aggregator.sources.http.reply import Reply
from aggregator.sources.http.session import GuardedSession
from aggregator.sources.mastodon.asked import timeline_of
from aggregator.sources.mastodon.pagination import get_json
from aggregator.sources.mastodon.statuses import native_id_of
from aggregator.text.html import clean_text
from aggregator.text.urls import is_home

# The most that Mastodon gives at once of a timeline, and of statuses by id (documentation: methods/timelines, and
# source: its statuses_controller.rb).
PAGE = 40
BULK = 20
# Where a server limits us and doesn't say how long: the window of Mastodon's own limits.
DEFAULT_PAUSE = timedelta(minutes=5)

_LONGEST_SAYING = 200  # characters of a server's own error message
# What servers answer to several ids at once that can't: GoToSocial 405, Mastodon before 4.3 404 or 410.
_NO_BULK = frozenset({400, 404, 405, 410, 501})
# Only the parameters of these addresses are used: where to ask is not for the server to say.
_LINK = re.compile(r'<([^<>]*)>\s*;\s*rel="?(prev|next)"?')
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

Status = Mapping[str, Any]


class Stop(Exception):
    """The call ends here, and why: `detail` is a warning where the outcome is good.

    `retry_at`: when the server may be asked again. `unreached`: no connection came about at all. `ours`: this machine
    had nothing left to ask with.
    """

    def __init__(
        self, outcome: Outcome, detail: str = "", retry_at: datetime | None = None, *,
        unreached: bool = False, ours: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.outcome, self.detail, self.retry_at = outcome, detail, retry_at
        self.unreached, self.ours = unreached, ours

    @property
    def trouble(self) -> str:
        """Its detail, where the outcome is not good."""
        return "" if self.outcome is Outcome.OK else self.detail


class Exhausted(Stop):
    """The call ends here because no more requests may be made now: go on later."""

    def __init__(self, retry_at: datetime | None = None) -> None:
        super().__init__(Outcome.OK, retry_at=retry_at)


class Server:
    """A server as one source sees it. `address` is its own, `allowance`: how many requests may be made.

    `timeline`: what of it is asked for; of what trends, one after the other.
    `native_id`: the id of the source's account or list there; None where it has none, or it must be looked up.
    `acct`: what the account is called there, where it was looked up now.

    Every method that asks raises Stop when the server does not give what was asked for. To be closed.
    """

    def __init__(
        self,
        source: Source,
        network: Network,
        now: datetime,
        allowance: int | None = None,
        native_id: str | None = None,
    ) -> None:
        self.session = GuardedSession(network)
        self.network, self.address = network, source.server
        self.requests = 0
        self.allowance = allowance
        self._source, self._now, self._started = source, now, monotonic()
        self._client = Client(
            api_base_url=source.server,
            session=self.session,
            request_timeout=self.session.timeouts,  # type: ignore[arg-type]  # handed on to requests, which takes pairs
            ratelimit_method="throw",
            version_check_mode="none",
            user_agent=network.user_agent,
        )
        # As an argument it would be taken for a file's name where there is such a file.
        self._client.access_token = source.token
        self.timeline, self.native_id, self.acct = timeline_of(source), native_id, ""

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def find(self) -> Status:
        """Look up the account or list that the source names, where its id is not known yet; what is said of it."""
        if self.timeline.lookup is None or self.native_id is not None:
            return {}
        found = self._ask(*self.timeline.lookup)
        if self.timeline.named and isinstance(found, list):
            found = self._of_name(found)
        self.native_id = native_id_of(found) if isinstance(found, dict) else None
        if self.native_id is None:
            raise Stop(Outcome.FAILED, f"{self._source.server} answered with something that is not what was looked up")
        return found  # type: ignore[no-any-return]

    def _of_name(self, found: Sequence[object]) -> Status:
        """Those of several with the title or the id that is wanted."""
        lists = [item for item in found if isinstance(item, dict)]
        titles = [self._harmless(str(item.get("title"))) for item in lists]
        for item, title in zip(lists, titles, strict=True):
            if self.timeline.named in (title, native_id_of(item)):
                return item
        rest = f"its lists are {', '.join(f'“{title}”' for title in titles)}" if titles else "it has no lists"
        raise Stop(Outcome.FAILED, f"{self._source.server} has not {self.timeline.whose} for this token: {rest}")

    def page(self, position: Mapping[str, str]) -> list[object]:
        """What the timeline has at a position (`min_id`, `max_id`; `offset` of links that trend; none: the newest)."""
        path = self.timeline.path.replace("{id}", quote(self.native_id or "", safe=""))
        try:
            found = self._ask(path, {"limit": PAGE, **self.timeline.query, **position})
            if self.session.reply and self.session.reply.status == HTTPStatus.PARTIAL_CONTENT:
                words = f"{self._source.server} is still putting {self.timeline.whose} together (206)"
                raise Stop(Outcome.OK, words)  # of a user who was away for long; the cursor stays as it is
        except Stop:
            if self.session.reply and self.session.reply.status in _GONE:
                self.native_id = None  # it may have another one now
            raise
        # A page of other things is none, but for what a server adds to statuses.
        if not isinstance(found, list) or (found and not any(isinstance(item, dict) for item in found)):
            raise Stop(Outcome.FAILED, f"{self._source.server} answered with something that is no timeline")
        return found

    def any_status(self) -> str | None:
        """The id of a status that the server shows to everybody; None where it shows none, or refuses."""
        with suppress(Stop):
            found = self._ask("/api/v1/timelines/public", {"limit": 1})
            for item in found if isinstance(found, list) else ():
                if isinstance(item, dict) and (native_id := native_id_of(item)):
                    return native_id
        return None

    def links(self) -> Mapping[str, str]:
        """How to go on from the page that came last, where ids don't tell: {"min_id": …, "max_id": …}."""
        said = self.session.reply.headers.get("Link", "") if self.session.reply else ""
        found: dict[str, str] = {}
        for address, rel in _LINK.findall(said):
            name = {"prev": "min_id", "next": "max_id"}[rel]
            if value := dict(parse_qsl(urlsplit(address).query)).get(name):
                found[name] = value
        return found

    def statuses(self, ids: Sequence[str]) -> dict[str, Status] | None:
        """Those of these statuses that there are, by id; at most `BULK`. None where the server can't do that."""
        try:
            found = self._ask("/api/v1/statuses", {"id[]": list(ids)})
        except Stop:
            if self.session.reply and self.session.reply.status in _NO_BULK:
                return None
            raise
        if not isinstance(found, list):
            return None
        given = (item for item in found if isinstance(item, dict))
        return {native_id: item for item in given if (native_id := native_id_of(item))}

    def status(self, native_id: str) -> Status | None:
        """One status; None where it is gone: 404 or 410."""
        try:
            found = self._ask(f"/api/v1/statuses/{quote(native_id, safe='')}", {})
        except Stop:
            if self.session.reply and self.session.reply.status in _GONE:
                return None
            raise
        if not isinstance(found, dict) or native_id_of(found) != native_id:
            raise Stop(Outcome.FAILED, f"{self._source.server} answered with something that is no status")
        return found

    def instance(self, version: int = 2) -> Mapping[str, Any]:
        """What the server says of itself: `/api/v2/instance`, or `/api/v1/instance`, which older ones have."""
        found = self._ask(f"/api/v{version}/instance", {})
        return found if isinstance(found, dict) else {}

    def stop_if_exhausted(self) -> None:
        """Raise Exhausted where a further request would be refused, or is not allowed."""
        limit = self.rate_limit()
        if limit and limit.remaining <= 0:
            raise Exhausted(limit.reset_at)
        if self.allowance is not None and self.requests >= self.allowance:
            raise Exhausted

    def rate_limit(self) -> RateLimit | None:
        """What the last reply said of the server's limit."""
        reply = self.session.reply
        remaining = _number(reply, "X-RateLimit-Remaining")
        if reply is None or remaining is None:
            return None
        return RateLimit(remaining, self._paused_until(reply), _number(reply, "X-RateLimit-Limit"))

    # ------------------------------------------------------------ asking

    def _ask(self, endpoint: str, parameters: Mapping[str, Any]) -> Any:
        """The JSON of a reply; raises Stop where there is none, or an error."""
        self.requests += 1
        try:
            found = get_json(self._client, self.session, endpoint, parameters)
        except (MastodonError, RecursionError) as error:  # the latter from deeply nested JSON
            raise self._stop(error) from None
        if self.session.reply and isinstance(found, dict) and "error" in found:
            saying = self._saying(self.session.reply)
            raise Stop(Outcome.FAILED, f"{self._source.server} answered with something that is no timeline{saying}")
        return found

    def _clock(self) -> datetime:
        return self._now + timedelta(seconds=monotonic() - self._started)

    def _again_at(self, reply: Reply, now: datetime) -> datetime | None:
        """When the server wants to be asked again, `now` at the earliest; None where it doesn't say.

        Not later than the schedule would have it: the pause is kept for all of the server's sources, and in memory.
        """
        asked = retry_at(reply.headers, now)
        if asked is None or asked <= now:
            asked = limit_reset_at(reply.headers, now) or asked
        return min(asked, now + LONGEST_PAUSE) if asked else None

    def _paused_until(self, reply: Reply) -> datetime:
        """When the server counts our requests anew, as far as it says; it has counted enough of them now."""
        now = self._clock()
        again_at = self._again_at(reply, now)
        return again_at if again_at and again_at > now else now + DEFAULT_PAUSE

    def _stop(self, error: BaseException) -> Stop:
        """What a failed request means, and what to do about it."""
        reply, server = self.session.reply, self._blamed()
        if reply is None:
            words = in_words(error, server, self.session.timeouts[0], of_server=True)
            is_lost = is_unreached(error, of_server=True)
            return Stop(Outcome.FAILED, f"{server}: {words}", unreached=is_lost, ours=is_ours(error))
        status = reply.status
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Stop(Outcome.RATE_LIMITED, f"{server} asks for a pause (429)", self._paused_until(reply))
        if status == HTTPStatus.NOT_FOUND:
            return Stop(self.timeline.on_unknown, f"{server} {self.timeline.unknown} (404)")
        if status == HTTPStatus.GONE:
            return Stop(Outcome.GONE, f"{server} {self.timeline.lost} (410)")
        if reply.status < HTTPStatus.BAD_REQUEST:
            kind = self._harmless(reply.headers.get("Content-Type", "")) or "no type"
            return Stop(Outcome.FAILED, f"{server} answered with no JSON ({kind}): is it a Mastodon server?")
        return Stop(
            Outcome.FAILED,
            f"{server} {self._refusal(status)}{self._saying(reply)}",
            self._again_at(reply, self._clock()),
        )

    def _blamed(self) -> str:
        """The server that the last request was for, which may be another one than ours."""
        own, asked = self._source.server, self.session.asked
        if asked is None or is_home(asked, own):
            return own
        parts = urlsplit(asked)
        return f"{parts.scheme}://{parts.netloc} (to which {own} redirects)"

    def _refusal(self, status: int) -> str:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
            if self._source.token is None:
                return f"answers only to signed-in users: set token_env for it, to a variable with a token ({status})"
            if status == HTTPStatus.UNAUTHORIZED:
                return "does not accept the token of token_env: it may have been revoked (401)"
            return f"does not show this to the token of token_env: it needs the scope {self.timeline.scope} ({status})"
        return f"answered {status} {responses.get(status, '(an unknown status)')}"

    def _saying(self, reply: Reply) -> str:
        """The server's own words, if it has any."""
        with suppress(ValueError, RecursionError):
            answer = json.loads(reply.body)
            error = answer.get("error") if isinstance(answer, dict) else None
            if isinstance(error, str) and (words := self._harmless(error)):
                return f'; it says "{words}"'
        return ""

    def _harmless(self, text: str) -> str:
        """A server's text as it may be shown: nothing where it repeats the token."""
        is_leak = self._source.token is not None and self._source.token in text
        return "" if is_leak else clean_text(text)[:_LONGEST_SAYING]


def _number(reply: Reply | None, header: str) -> int | None:
    text = reply.headers.get(header, "") if reply else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
