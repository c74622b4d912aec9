"""What is polled, and what is remembered of it between polls."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from aggregator.model.timelines import Allowance, Keep, Recheck, Unseen

SourceKind = Literal["feed", "hashtag", "account", "home", "list", "bookmarks", "trends"]

# Which of the pages that posts lead to are read: those of stories that several carry, all, none.
ArticleFetch = Literal["stories", "all", "never"]

SourceStatus = Literal["new", "ok", "failing", "limited", "gone", "removed"]

# Names of headers that say who asks, whatever they hold.
_SECRET_HEADER = re.compile(r"cookie|authorization|token|secret|passw|key|session|credential", re.IGNORECASE)
# Who reads feeds of XML: a fast parser, which leaves to feedparser what it is not sure of; or feedparser alone.
Parser = Literal["auto", "feedparser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One feed, or one timeline of a Mastodon server: of a hashtag, of an account, or one that a signed-in user has.

    `url` identifies it: the feed's address, or `https://server/tags/tag`, behind a `?` what else the server is asked
    for, or `https://server/@name` (`/@name@host` where another server is asked than the account's own), `/home`,
    `/lists/name`, `/bookmarks`, `/explore/links` or `/explore/tags`. `id` is the row in `sources` (0 before it was
    saved). `topics` leans its posts towards topics. A source that publishes rarely is polled rarely, down to every
    `longest_interval`; None: always every `interval`. `boosts`: what an account boosts counts as seen there. `tags`: of
    so many trending ones the posts are read. `publish`: what only a secret shows may be shown to others. `token`,
    `headers` (cookies and credentials among them) and `proxy` (an address, perhaps with a password) are secrets: never
    stored or logged. `articles`: which of the pages are read that its posts lead to; None: as `[articles] fetch` says,
    and none of what only a secret shows. `has_key`: one of the headers or the address holds a secret, though its name
    may not tell. `parser`: who reads its XML, feedparser alone or a fast one where there is no doubt. `site_url`: its
    site's address, where the configuration has one; else it is what the source says. `folder`: the path of the folder
    that it is sorted into, as `aggregator.text.folders` writes it.

    Of a feed whose address is secret `address` is what is asked, a secret too, and `url` what it is known by
    (`aggregator.text.secrets.open_addresses`); `keys` are the secrets in it, each behind its name, and `former_urls`
    what it may have been known by before.
    """

    kind: SourceKind
    url: str
    title: str | None = None
    interval: timedelta = timedelta(minutes=15)
    longest_interval: timedelta | None = None
    topics: tuple[str, ...] = ()
    language: str | None = None
    token: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)
    keep: Keep = field(default_factory=Keep)
    boosts: bool = False
    tags: int = 0
    publish: bool = False
    articles: ArticleFetch | None = None
    has_key: bool = False
    parser: Parser = "auto"
    site_url: str | None = None
    folder: str | None = None
    address: str | None = field(default=None, repr=False)
    keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    former_urls: tuple[str, ...] = field(default=(), repr=False)
    id: int = 0

    @property
    def server(self) -> str:
        """The base address of the server that is asked: `https://server`."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_asked_with_secret(self) -> bool:
        """Is it asked as somebody? Then it may show what not everybody is shown."""
        return (
            self.has_key
            or self.token is not None
            or any(_SECRET_HEADER.search(name) for name, _ in self.headers)
            or "@" in (self.proxy or "")
            or "@" in urlsplit(self.url).netloc
        )

    @property
    def is_on_mastodon(self) -> bool:
        """Is it read through Mastodon's API? All but feeds are."""
        return self.kind != "feed"

    @property
    def lists_tags(self) -> bool:
        """Does it bring the posts of the tags that trend on its server?"""
        return self.kind == "trends" and self.url.endswith("/explore/tags")

    @property
    def lists_links(self) -> bool:
        """Does it list pages of the web that trend on its server, and no posts?"""
        return self.kind == "trends" and not self.lists_tags

    @property
    def tag(self) -> str:
        """The tag of a hashtag source, without the #, as it stands in the address."""
        return self.url.rpartition("/tags/")[2].partition("?")[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """What else a hashtag source asks for, as the API names it: ("any[]", "ml"), ("local", "true")."""
        return tuple(parse_qsl(self.url.rpartition("/tags/")[2].partition("?")[2]))

    @property
    def list_name(self) -> str:
        """What a list is called, or its id."""
        return unquote(self.url.rpartition("/lists/")[2])

    @property
    def account(self) -> str:
        """The account of an account source: `name@host`."""
        name = self.url.rpartition("/@")[2]
        return name if "@" in name else f"{name}@{urlsplit(self.url).netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a feed's document says of how it wants to be polled.

    `wait` is the shortest wait between two polls (RSS `ttl`, `sy:updatePeriod`). In the `hours` (0 to 23, UTC) and on
    the `days` (0 is Monday) nothing is published (RSS `skipHours`, `skipDays`).
    """

    wait: timedelta = timedelta(0)
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()


NO_PATIENCE = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What is remembered of a source between polls. Saved in the transaction that saves the posts it covers.

    `etag` and `last_modified` are opaque strings, kept exactly as the server sent them. `body_digest` tells an
    unchanged body without validators. `cursor` says where on a timeline reading goes on (see
    `aggregator.sources.mastodon.cursor`), `native_id` is the id of its account or list there, `recheck` which of its
    posts have to be looked at. `failures` counts polls since the last success. Handed along and not saved: `unseen`,
    the posts that `recheck` means, as many as a call can ask after, `still_shown`, how many of that time the source did
    show, and `has_missing`, whether some were missing lately; `allowance`, None where nobody counts; `said_by_entries`
    loads the digests that are kept of a feed's entries.

    `full_at`: when a whole body came last, so that a server that answers "not modified" for ever is asked without
    conditions now and then. `moved_to` is where permanent redirects led, for `moved_polls` polls since `moved_at`.
    `missing_at`: since when it is not found (404). `post_gap` is the usual time between two of its posts, `new_at` when
    it brought a new one last. `patience` is what the document itself asks for: how to be polled. `warning`: what is
    not well with a source although it answers.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_digest: bytes | None = None
    cursor: str | None = None
    native_id: str | None = None
    recheck: Recheck | None = None
    failures: int = 0
    last_success_at: datetime | None = None
    full_at: datetime | None = None
    moved_to: str | None = None
    moved_polls: int = 0
    moved_at: datetime | None = None
    missing_at: datetime | None = None
    post_gap: timedelta | None = None
    new_at: datetime | None = None
    patience: Patience = NO_PATIENCE
    warning: str | None = None
    unseen: tuple[Unseen, ...] = ()
    still_shown: int = 0
    has_missing: bool = False
    allowance: Allowance | None = None
    said_by_entries: Callable[[], Set[bytes]] = field(default=frozenset, repr=False, compare=False)
