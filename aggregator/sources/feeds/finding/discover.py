"""A site's address → its feeds: what its page names, else what stands at the usual places.

One request after the other, since they all go to one server, and only so many. A feed of comments is never enough: it
is looked further, and such a feed is the last of those that are found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.sources.encoding import decode
from aggregator.sources.feeds.finding.pasted import pasted_address
from aggregator.sources.feeds.finding.places import usual_places
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed
from aggregator.sources.http.client import Client
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.reply import Reply
from aggregator.sources.named_feeds import MOST_OF_PAGE, NamedFeed, Pages, feeds_named, has_comments, refresh_of
from aggregator.text.urls import canonical_url

# A page links one to three feeds, a large site one for each section; of what only looks like feeds fewer are tried.
_MOST_NAMED = 12
_MOST_LINKS = 6
# Of pages that are called "RSS" and have the feeds of a large site.
_MOST_LISTS = 2
# Requests for one address, and how long none is begun any more. Not all the usual places are asked for at a slow site.
_MOST_REQUESTS = 60
_LONGEST = timedelta(seconds=60)
# Pages that send on to another.
_MOST_PAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was fetched and read. `url` is where it can be polled; `because` how it was found. `is_comments`: it
    has the comments of something, by its name."""

    url: str
    title: str | None
    because: str
    entries: int
    newest_at: datetime | None
    is_comments: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """The feeds of an address, best first; and what was wrong, in words, where there are none. `unreached`: no server
    answered."""

    feeds: tuple[FoundFeed, ...]
    trouble: str = ""
    unreached: bool = False


async def discover(
    pasted: str, client: Client, now: datetime, timer: Callable[[], float] = time.monotonic
) -> Discovery:
    """The feeds at, behind or beside what a person pasted: itself, what its page names, else what is at usual places.

    Each is fetched and parsed, so that only what works is found. Expected trouble is told, never raised. `timer` counts
    seconds.
    """
    url = pasted_address(pasted)
    if url is None:
        return Discovery((), "this is no http or https address")
    try:
        reply = await client.get(url, {})
    except FetchError as error:
        return Discovery((), error.detail, unreached=error.unreached)
    return await _Search(client, now, timer).around(url, reply)


@dataclass(slots=True)
class _Search:
    """What was found so far, and how much was asked for."""

    client: Client
    now: datetime
    timer: Callable[[], float]
    found: list[FoundFeed] = field(default_factory=list)
    _seen: set[object] = field(default_factory=set)
    _pages: Pages = field(default_factory=Pages)
    _requests: int = 1  # the address itself
    _begun: float = 0.0

    async def around(self, url: str, reply: Reply) -> Discovery:
        """The feeds at, behind or beside an address that gave this answer."""
        self._begun = self.timer()
        parsed = self._parse(reply)
        if reply.status // 100 != 2:
            trouble = f"HTTP {reply.status}"
        elif not (trouble := parsed.problem):
            # A temporary redirect is followed at each poll; the address is the one that was given.
            self._take(reply.url if reply.moved_permanently else url, reply, parsed, "this is a feed")
            return Discovery(tuple(self.found))
        else:
            reply = await self._look_at_pages(reply)
        is_asked_too_much = reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status // 100 == 5
        if not self._has_found() and not is_asked_too_much:
            await self._try(
                (NamedFeed(place, "at a usual place") for place in usual_places(reply.url)), is_one_enough=True
            )
        self.found.sort(key=lambda feed: (feed.is_comments, feed.entries == 0))
        return Discovery(tuple(self.found), "" if self.found else trouble)

    async def _look_at_pages(self, reply: Reply) -> Reply:
        """What the page names, else the one that it sends on to; the answer that was looked at last."""
        visited = {reply.url}
        for _ in range(_MOST_PAGES):
            html = decode(reply.body, reply.headers.get("Content-Type"))[:MOST_OF_PAGE]
            named = feeds_named(html, reply.url, _link_headers(reply), self._pages)
            leads_to = refresh_of(html, reply.url, self._pages)
            await self._try([each for each in named if not each.is_link][:_MOST_NAMED])
            if not self._has_found():
                lists = await self._try([each for each in named if each.is_link][:_MOST_LINKS])
                await self._look_at_lists(lists[:_MOST_LISTS])
            target = None if self._has_found() else leads_to
            if not target or target in visited:
                break
            visited.add(target)
            next_page = await self._get(target)
            if next_page is None:
                break
            parsed = self._parse(next_page)
            if not parsed.problem:
                self._take(next_page.url, next_page, parsed, "the page leads there")
                break
            reply = next_page
        return reply

    async def _look_at_lists(self, lists: Iterable[Reply]) -> None:
        """Of pages that are called "RSS": newspapers have one with all their feeds."""
        for page in lists:
            if self._has_found():
                return
            html = decode(page.body, page.headers.get("Content-Type"))[:MOST_OF_PAGE]
            await self._try(feeds_named(html, page.url, _link_headers(page), self._pages)[:_MOST_NAMED])

    async def _try(self, named: Iterable[NamedFeed], *, is_one_enough: bool = False) -> list[Reply]:
        """Take those that are feeds; the others that answered."""
        others: list[Reply] = []
        for each in named:
            if is_one_enough and self._has_found():
                break
            reply = await self._get(each.url)
            if reply is None:
                continue
            parsed = self._parse(reply)
            if parsed.problem:
                others.append(reply)
            else:
                url = reply.url if reply.moved_permanently else each.url
                self._take(url, reply, parsed, each.because, is_comments=each.is_comments)
        return others

    async def _get(self, url: str) -> Reply | None:
        """The answer, if it is a good one and there is room for one more request."""
        if self._requests >= _MOST_REQUESTS or self.timer() - self._begun > _LONGEST.total_seconds():
            return None
        self._requests += 1
        try:
            reply = await self.client.get(url, {})
        except FetchError:
            return None
        return reply if reply.status // 100 == 2 else None

    def _parse(self, reply: Reply) -> ParsedFeed:
        return parse_feed(reply.body, reply.headers.get("Content-Type"), reply.url, self.now, pages=self._pages)

    def _take(self, url: str, reply: Reply, parsed: ParsedFeed, because: str, *, is_comments: bool = False) -> None:
        """Each feed once, under whatever addresses it is."""
        key = canonical_url(reply.url) or reply.url
        if key in self._seen or reply.body in self._seen:
            return
        self._seen |= {key, reply.body}
        newest = max((post.published_at for post in parsed.posts if post.published_at), default=None)
        is_comments = is_comments or has_comments(parsed.title or "", url)
        self.found.append(
            FoundFeed(
                url=url, title=parsed.title, because=f"{because}; comments" if is_comments else because,
                entries=len(parsed.posts), newest_at=newest, is_comments=is_comments,
            )
        )  # fmt: skip

    def _has_found(self) -> bool:
        return any(not feed.is_comments for feed in self.found)


def _link_headers(reply: Reply) -> list[str]:
    """All of them: a mapping of headers gives the first."""
    every = getattr(reply.headers, "getall", None)
    return list(every("Link", [])) if every else [reply.headers[name] for name in reply.headers if name == "Link"]
