"""The nouns, as frozen dataclasses. Imports nothing of ours but two small modules of nouns.

Read in this order: a `Source` is polled with its `SourceMemory`; that gives a `Collected` with `Post`s, each made ready
as an `EnrichedPost`; `decide` compares them with the stored `Neighbours` and says what to write as `Changes`.

All times are aware UTC datetimes. All scores and similarities are in 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from aggregator.model.embedding import Meaning
from aggregator.model.timelines import Allowance, Keep, RateLimit, Recheck

SourceKind = Literal["feed", "hashtag"]
PostKind = Literal["article", "status"]
SourceStatus = Literal["new", "ok", "failing", "limited", "gone", "removed"]


class Outcome(StrEnum):
    """How one poll of one source ended. Expected trouble is a value, not an exception."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    RATE_LIMITED = "rate_limited"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One feed, or one hashtag on one Mastodon server.

    `url` identifies it: the feed's address, or `https://server/tags/tag`, behind a `?` what else the server is asked
    for. `id` is the row in `sources` (0 before it was saved). `topics` leans its posts towards topics. A source that
    publishes rarely is polled rarely, down to every `longest_interval`; None: always every `interval`. `token`,
    `headers` (cookies and credentials among them) and `proxy` (an address, perhaps with a password) are secrets: never
    stored or logged.
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
    id: int = 0

    @property
    def server(self) -> str:
        """The Mastodon server's base address of a hashtag source."""
        return self.url.rpartition("/tags/")[0]

    @property
    def tag(self) -> str:
        """The tag of a hashtag source, without the #, as it stands in the address."""
        return self.url.rpartition("/tags/")[2].partition("?")[0]

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """What else a hashtag source asks for, as the API names it: ("any[]", "ml"), ("local", "true")."""
        return tuple(parse_qsl(self.url.rpartition("/tags/")[2].partition("?")[2]))


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
    unchanged body without validators. `cursor` says where on a hashtag timeline reading goes on (see
    `aggregator.sources.mastodon.cursor`), `recheck` which of its posts have to be looked at. `failures` counts polls
    since the last success. Handed along and not saved: `unseen`, the native ids that `recheck` means, as many as a call
    can ask after; `allowance`, None where nobody counts.

    `full_at`: when a whole body came last, so that a server that answers "not modified" for ever is asked without
    conditions now and then. `moved_to` is where permanent redirects led, for `moved_polls` polls since `moved_at`.
    `missing_at`: since when it is not found (404). `post_gap` is the usual time between two of its posts, `new_at` when
    it brought a new one last. `patience` is what the document itself asks for: how to be polled.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_digest: bytes | None = None
    cursor: str | None = None
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
    unseen: tuple[str, ...] = ()
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to a post: a podcast episode, an image. `length` is in bytes, if said."""

    url: str
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry or status, as its source gave it.

    `native_id` names it within its source; `uri` is the ActivityPub id of a status, the same on every server.
    `canonical_url` is a key for comparing the post's own address, None where the address identifies no single
    post (a home page, a link that several entries share). `article_url` is the page that a status points at.
    `text` is plain text, paragraphs parted by a blank line; `html` is sanitised, None where the source gave text.
    `published_at` is what the source says, None where it says nothing usable. `noindex`: its author asks programs
    to stay away. `indexable`: whether its author agreed to be searched, None where that is not known.
    """

    kind: PostKind
    native_id: str
    title: str = ""
    text: str = ""
    html: str | None = None
    uri: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    article_url: str | None = None
    author: str | None = None
    declared_language: str | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    tags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    sensitive: bool = False
    content_warning: str | None = None
    bot: bool = False
    noindex: bool = False
    indexable: bool | None = None
    reply_to: str | None = None
    visibility: str | None = None
    boosts: int | None = None
    favourites: int | None = None
    replies: int | None = None


class TopicMatch(NamedTuple):  # a quarter of the time that a frozen dataclass takes, twice for every post
    """A topic that a post has, how sure that is (0..1), and the rule terms that say so, readable by a person."""

    topic: str
    score: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedPost:
    """A post with all that can be worked out without looking at any other post.

    `article_key` is the canonical form of `article_url`. `publisher` is who speaks: the site of an article, the
    account of a status. `digest` changes when title, text or link change. `bands` are the keys under which
    near-identical texts are looked up, empty for texts too short to compare. `terms` is the story vector: word to
    weight. `spaceless`: written in a script without spaces. `topics_version` names the rules that gave `topics`.
    `meaning` is given to new posts by the extra `semantic`.
    """

    post: Post
    language: str | None
    article_key: str | None
    publisher: str | None
    digest: bytes
    bands: tuple[int, ...]
    terms: Mapping[str, float]
    topics: tuple[TopicMatch, ...]
    topics_version: str
    spaceless: bool
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one poll of one source brought: the result of `collect`, which touches no database.

    `detail` says trouble in words; `warnings` are defects that cost nothing (a malformed feed whose entries were
    kept). `retry_at` is the earliest next poll the server asked for, `fresh_for` how long its answer keeps by its
    caching headers. `unreached`: no server answered at all; `excused`: nor did any other, so it is our own outage, and
    the source is not blamed. `more`: the source has further pages, ask again. `title` and `site_url` are what the
    source says of itself. Of a hashtag: `seen` are the native ids that the server showed, `gone` those that it has no
    more; `requests` were made (`went_back`: for old posts), and `rate_limit` is what the server said of them.
    `deferred`: nothing was asked, because the server's budget is used up.
    """

    source: Source
    outcome: Outcome
    memory: SourceMemory
    started_at: datetime
    elapsed: timedelta = timedelta(0)
    posts: tuple[EnrichedPost, ...] = ()
    detail: str = ""
    warnings: tuple[str, ...] = ()
    http_status: int | None = None
    bytes_read: int = 0
    retry_at: datetime | None = None
    fresh_for: timedelta | None = None
    unreached: bool = False
    excused: bool = False
    title: str | None = None
    site_url: str | None = None
    more: bool = False
    seen: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    requests: int = 0
    went_back: bool = False
    rate_limit: RateLimit | None = None
    deferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """What deciding needs of a post that is already stored.

    `title` and `text` are loaded only where texts may have to be compared. `source_ids` are the sources it was
    seen in; `at` is its time, as readers order posts.
    """

    id: int
    kind: PostKind
    digest: bytes
    uri: str | None = None
    language: str | None = None
    title: str = ""
    text: str = ""
    canonical_url: str | None = None
    article_key: str | None = None
    edited_at: datetime | None = None
    copy_of: int | None = None
    story_id: int | None = None
    is_gone: bool = False
    source_ids: frozenset[int] = frozenset()
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderStory:
    """A stored story that newer ones may continue. `entities` are its topics that name somebody or something."""

    id: int
    title: str
    text: str
    language: str | None
    first_at: datetime
    last_at: datetime
    entities: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What is stored near the posts of a batch: loaded before deciding, so that deciding asks for nothing.

    `items` maps (source id, native id) to the post seen there; `bands` maps a look-up key to the ids of posts that
    have it. `next_post_id` and `next_story_id` are the ids that new rows get: there is one writer. `forgotten` are
    the authors among the batch's whose posts must not be stored.
    """

    next_post_id: int = 1
    next_story_id: int = 1
    items: Mapping[tuple[int, str], int] = field(default_factory=dict)
    posts: Mapping[int, KnownPost] = field(default_factory=dict)
    bands: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    older_stories: tuple[OlderStory, ...] = ()
    forgotten: frozenset[str] = frozenset()
