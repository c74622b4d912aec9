"""One poll of one hashtag timeline, through Mastodon.py.

A timeline is walked by ids. The first poll goes backwards from the newest page (`max_id`), as far as the
configuration wants; later ones go forwards from the cursor (`min_id`) until a page is empty, in calls of a few pages.
(`since_id` would give the newest page and skip what lies between.) Ids are opaque and compared by length, then text.

The cursor stays behind what is younger than `OVERLAP`: servers give ids before posts become visible, so a post may
appear below one that was seen already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import responses
from time import monotonic
from typing import Any
from urllib.parse import quote, unquote

import structlog
from mastodon import Mastodon as Client
from mastodon.errors import MastodonError
from mastodon.types_base import PaginatableList

from aggregator.enrich import enrich
from aggregator.html import clean_text
from aggregator.model import Collected, EnrichedPost, Outcome, Source, SourceMemory
from aggregator.settings import Mastodon, Network
from aggregator.sources.dates import parse_date
from aggregator.sources.session import GuardedSession, Reply, in_words, next_try_at
from aggregator.sources.statuses import native_id_of, post_of
from aggregator.topics import Taxonomy

# The most that Mastodon gives at once (documentation: methods/timelines).
PAGE = 40
# A call's share of a long walk. At 40 posts each, and a second a page on a slow server.
PAGES_PER_CALL = 5
# The first poll is one call, so it has an end, whatever the configuration wants.
MOST_FIRST_PAGES = 25
# Posts were seen to become visible up to 1.7 s after the time in their id; a loaded server takes longer.
OVERLAP = timedelta(seconds=60)
# Where a server limits us and doesn't say how long: the window of Mastodon's own limits.
DEFAULT_PAUSE = timedelta(minutes=5)

_LONGEST_SAYING = 200  # characters of a server's own error message
# A timeline holds none of these unless the server is at fault, or shows the token's user more than the public may see.
_NOT_PUBLIC = ("private", "direct")


def collect_hashtag(
    source: Source, memory: SourceMemory, network: Network, mastodon: Mastodon, taxonomy: Taxonomy, now: datetime
) -> Collected:
    """What one step of polling a hashtag brought. Blocks for the time of a few requests, so it belongs in a thread.

    Trouble is an outcome, and what was read before it is kept. Needs no cleaning up when its thread is abandoned.
    """
    started = monotonic()
    with closing(_Timeline(source, network, now)) as timeline:
        walk = _onwards(timeline, memory.cursor, now) if memory.cursor else _first_run(timeline, mastodon, now)
        reply, bytes_read = timeline.session.reply, timeline.session.bytes_read
    posts = tuple(_posts(walk, source, taxonomy, now))
    stop = walk.stop or _Stop(Outcome.OK)
    is_good = stop.outcome is Outcome.OK
    return Collected(
        source=source,
        outcome=stop.outcome,
        memory=replace(memory, cursor=walk.cursor),
        started_at=now,
        elapsed=timedelta(seconds=monotonic() - started),
        posts=posts,
        detail="" if is_good else stop.detail,
        warnings=(*walk.warnings, stop.detail) if is_good and stop.detail else tuple(walk.warnings),
        http_status=reply.status if reply else None,
        bytes_read=bytes_read,
        retry_at=stop.retry_at,
        more=walk.more,
    )


def _posts(walk: _Walk, source: Source, taxonomy: Taxonomy, now: datetime) -> Iterable[EnrichedPost]:
    for native_id, status in walk.statuses.items():
        try:
            post = post_of(status, source.server, now)
            if post and post.visibility not in _NOT_PUBLIC:
                yield enrich(post, source, taxonomy)
        except Exception:  # a bug: one status must not hold up all that come after it
            structlog.get_logger("hashtag").exception("bug", source=source.url, status=native_id)
            walk.warnings.append(f"status {native_id} could not be read and was left out: please report it")


# ---------------------------------------------------------------- walking


class _Stop(Exception):
    """The walk ends here, and why: `detail` is a warning where the outcome is good.

    `retry_at`: when the server may be asked again.
    """

    def __init__(self, outcome: Outcome, detail: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(detail)
        self.outcome, self.detail, self.retry_at = outcome, detail, retry_at


@dataclass(slots=True)
class _Walk:
    """What a walk has brought so far: the statuses by id, and the cursor that covers them."""

    cursor: str | None
    statuses: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    more: bool = False
    stop: _Stop | None = None

    def take(self, page: Sequence[object]) -> dict[str, Mapping[str, Any]]:
        """Keep a page's statuses, and return them by id."""
        found = {native_id: item for item in page if isinstance(item, Mapping) and (native_id := native_id_of(item))}
        if len(found) < len(page):
            self.warnings.append(f"left out {len(page) - len(found)} of {len(page)} items that are no statuses")
        self.statuses |= found
        return found


def _first_run(timeline: _Timeline, settings: Mastodon, now: datetime) -> _Walk:
    walk, position, cursor = _Walk(None), None, None
    try:
        for _ in range(MOST_FIRST_PAGES):
            found = walk.take(timeline.page({"max_id": position} if position else {}))
            if not found:
                break
            cursor = cursor or _settled(found, now) or min(found, key=_order)
            too_old = [key for key, status in found.items() if _age(status, now, timedelta(0)) > settings.backfill_age]
            for native_id in too_old:
                del walk.statuses[native_id]
            lowest = min(found, key=_order)
            if len(too_old) == len(found) or len(walk.statuses) >= settings.backfill_posts:
                break
            if position and _order(lowest) >= _order(position):
                walk.warnings.append("the server does not page backwards: older posts were not fetched")
                break
            position = lowest
            timeline.stop_if_exhausted()
        else:
            walk.warnings.append(f"the first poll ends after {MOST_FIRST_PAGES} pages: older posts were not fetched")
    except _Stop as stop:
        walk.stop = stop
        if stop.outcome is Outcome.FAILED:
            cursor = None  # the same again next time
        elif cursor:  # limited, and would be again
            walk.warnings.append("the first poll was cut short by the server's limit: older posts were not fetched")
    walk.cursor = cursor
    walk.statuses = dict(list(walk.statuses.items())[: settings.backfill_posts])
    return walk


def _onwards(timeline: _Timeline, cursor: str, now: datetime) -> _Walk:
    walk, position = _Walk(cursor), cursor
    try:
        for _ in range(PAGES_PER_CALL):
            found = walk.take(timeline.page({"min_id": position}))
            if not found:
                return walk
            newest = max(found, key=_order)
            if _order(newest) <= _order(position):
                walk.warnings.append("the server does not page forwards: posts may be missing")
                return walk
            position = newest
            walk.cursor = max(walk.cursor or cursor, _settled(found, now) or cursor, key=_order)
            timeline.stop_if_exhausted()
        walk.more = walk.cursor != cursor
    except _Stop as stop:
        walk.stop = stop
    return walk


def _order(native_id: str) -> tuple[int, str]:
    return len(native_id), native_id


def _settled(found: Mapping[str, Mapping[str, Any]], now: datetime) -> str | None:
    """The newest id that no other will appear below any more. A status without a date counts as old."""
    ids = (native_id for native_id, status in found.items() if _age(status, now, timedelta.max) >= OVERLAP)
    return max(ids, key=_order, default=None)


def _age(status: Mapping[str, Any], now: datetime, otherwise: timedelta) -> timedelta:
    created_at = status.get("created_at")
    at = parse_date(created_at) if isinstance(created_at, str) else None
    return now - at if at else otherwise


# ---------------------------------------------------------------- asking


class _Timeline:
    """A hashtag's timeline on a server, page by page. To be closed."""

    def __init__(self, source: Source, network: Network, now: datetime) -> None:
        self.session = GuardedSession(network)
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
        self._endpoint = f"/api/v1/timelines/tag/{quote(unquote(source.tag), safe='')}"

    def close(self) -> None:
        self.session.close()

    def page(self, position: Mapping[str, str]) -> list[object]:
        """The statuses at a position, as plain dictionaries. Raises _Stop when the server does not give them.

        `timeline_hashtag` would ask for /api/v2/instance first each time, and make typed objects at 7 ms a status.
        `fetch_next` on a pagination record of our own does neither.
        """
        record = {
            "_pagination_method": "GET",
            "_pagination_endpoint": self._endpoint,
            "_mastopy_type": PaginatableList,  # the class: a name would be looked up among the typed ones
            "limit": PAGE,
            **position,
        }
        try:
            found: object = self._client.fetch_next(record)  # type: ignore[arg-type]
        except (MastodonError, RecursionError) as error:  # the latter from deeply nested JSON
            raise self._stop(error) from None
        reply = self.session.reply
        # Mastodon.py makes lists of other things too, of {"error": …} that of its keys.
        is_list = isinstance(found, list) and reply is not None and reply.body.lstrip().startswith(b"[")
        if not isinstance(found, list) or not is_list or (found and not any(isinstance(item, dict) for item in found)):
            saying = self._saying(reply) if reply else ""
            raise _Stop(Outcome.FAILED, f"{self._source.server} answered with something that is no timeline{saying}")
        return found

    def stop_if_exhausted(self) -> None:
        """Raise _Stop where a further request would be refused."""
        reply = self.session.reply
        if reply and reply.headers.get("X-RateLimit-Remaining") == "0":
            raise _Stop(Outcome.OK, retry_at=next_try_at(reply.headers, self._clock()) or self._clock() + DEFAULT_PAUSE)

    def _clock(self) -> datetime:
        return self._now + timedelta(seconds=monotonic() - self._started)

    def _stop(self, error: BaseException) -> _Stop:
        """What a failed request means, and what to do about it."""
        reply, server, tag = self.session.reply, self._source.server, unquote(self._source.tag)
        if reply is None:
            return _Stop(Outcome.FAILED, f"{server}: {in_words(error)}")
        status, at = reply.status, self._clock()
        retry_at = next_try_at(reply.headers, at)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return _Stop(Outcome.RATE_LIMITED, f"{server} asks for a pause (429)", retry_at or at + DEFAULT_PAUSE)
        if status == HTTPStatus.NOT_FOUND:
            return _Stop(Outcome.OK, f"{server} does not know the tag #{tag}, or is no Mastodon server (404)")
        if status == HTTPStatus.GONE:
            return _Stop(Outcome.GONE, f"{server} says that #{tag} is gone for good (410)")
        if reply.status < HTTPStatus.BAD_REQUEST:
            kind = self._harmless(reply.headers.get("Content-Type", "")) or "no type"
            return _Stop(Outcome.FAILED, f"{server} answered with no JSON ({kind}): is it a Mastodon server?")
        return _Stop(Outcome.FAILED, f"{server} {self._refusal(status)}{self._saying(reply)}", retry_at)

    def _refusal(self, status: int) -> str:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY):
            if self._source.token is None:
                return f"answers only to signed-in users: set token_env for it, to a variable with a token ({status})"
            if status == HTTPStatus.UNAUTHORIZED:
                return "does not accept the token of token_env: it may have been revoked (401)"
            return f"does not show this to the token of token_env: it needs the scope read:statuses ({status})"
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
