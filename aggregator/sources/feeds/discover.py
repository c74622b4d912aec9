"""A site's address → its feeds: what the page links, else what stands at the usual places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from aggregator.sources.feeds.parse import linked_feeds, parse_feed
from aggregator.sources.feeds.results import ParsedFeed
from aggregator.sources.http.client import Client
from aggregator.sources.http.errors import FetchError
from aggregator.text.urls import absolute_url, canonical_url

# Where the usual software puts them: WordPress, Hugo and Jekyll, Ghost, Drupal, Blogger.
USUAL_PATHS = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json", "feeds/posts/default")

# A page links one to three feeds, a large site one for each section.
_MOST_TRIED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that was fetched and read. `url` is where it can be polled; `because` how it was found."""

    url: str
    title: str | None
    because: str
    entries: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """The feeds of an address, best first; and what was wrong, in words, where there are none. `unreached`: no server
    answered."""

    feeds: tuple[FoundFeed, ...]
    trouble: str = ""
    unreached: bool = False


async def discover(url: str, client: Client, now: datetime) -> Discovery:
    """The feeds at, behind or beside an address: itself, those its page links, else those at the usual places.

    Each is fetched and parsed, so that only what works is found. Expected trouble is told, never raised.
    """
    try:
        reply = await client.get(url, {})
    except FetchError as error:
        return Discovery((), error.detail, unreached=error.unreached)
    parsed = parse_feed(reply.body, reply.headers.get("Content-Type"), reply.url, now)
    is_there = 200 <= reply.status < 300
    if is_there and not parsed.problem:
        # A temporary redirect is followed at each poll; the address is the one that was given.
        return Discovery((_found(reply.url if reply.moved_permanently else url, parsed, "this is a feed"),))
    linked = linked_feeds(reply.body, reply.url) if is_there else []
    feeds = await _fetched(linked[:_MOST_TRIED], "linked by the page", client, now)
    if not feeds:
        base = reply.url if reply.url.endswith("/") else f"{reply.url}/"
        places = [absolute_url(urljoin(root, path)) for root in (base, urljoin(reply.url, "/")) for path in USUAL_PATHS]
        feeds = await _fetched(list(dict.fromkeys(filter(None, places))), "at a usual place", client, now)
    trouble = "" if feeds else parsed.problem if is_there else f"HTTP {reply.status}"
    return Discovery(tuple(feeds), trouble)


async def _fetched(urls: list[str], because: str, client: Client, now: datetime) -> list[FoundFeed]:
    """Those of the addresses that have a feed, each feed once. One after the other: they are all on one server."""
    found: list[FoundFeed] = []
    seen: set[object] = set()
    for url in urls:
        try:
            reply = await client.get(url, {})
        except FetchError:
            continue
        key = canonical_url(reply.url) or reply.url
        if not 200 <= reply.status < 300 or key in seen or reply.body in seen:
            continue
        parsed = parse_feed(reply.body, reply.headers.get("Content-Type"), reply.url, now)
        if not parsed.problem:
            seen |= {key, reply.body}
            found.append(_found(reply.url if reply.moved_permanently else url, parsed, because))
    return found


def _found(url: str, parsed: ParsedFeed, because: str) -> FoundFeed:
    newest = max((post.published_at for post in parsed.posts if post.published_at), default=None)
    return FoundFeed(url=url, title=parsed.title, because=because, entries=len(parsed.posts), newest_at=newest)
