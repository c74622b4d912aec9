"""A post: as its source gave it, made ready, and as it is stored; and what stands near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from aggregator.model.embedding import Embedding
from aggregator.model.money import Money
from aggregator.model.timelines import GoneBecause

PostKind = Literal["article", "status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to a post: a podcast episode, an image. `length` is in bytes, if said.

    `description`: what it shows or says, in its author's words.
    """

    url: str
    media_type: str | None = None
    length: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a server found on the page that a status links to; the words of that page, not of the status's author.

    `authors`: their names, parted by commas.
    """

    url: str
    title: str = ""
    description: str = ""
    provider: str | None = None
    authors: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The status that a status quotes. Its author, text and warning are not known where its author does not want
    programs to have them."""

    uri: str | None = None
    url: str | None = None
    author: str | None = None
    text: str = ""
    content_warning: str | None = None

    @property
    def has_words(self) -> bool:
        """More is known of it than its address."""
        return bool(self.author or self.text or self.content_warning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One entry or status, as its source gave it.

    `native_id` names it within its source; `has_id`: the source gave it an id of its own, not only a link. `uri` is the
    ActivityPub id of a status, the same on every server. `kin`: under these names, alone or with a space and what tells
    them apart behind it, its source may have had it before, or others that share its id.
    `canonical_url` is a key for comparing the post's own address, None where the address identifies no single
    post (a home page, a link that several entries share). `article_url` is the page that a status points at.
    `text` is plain text, paragraphs parted by a blank line; `html` is sanitised, None where the source gave text.
    `published_at` is what the source says, None where it says nothing usable. `noindex`: its author asks programs
    to stay away. `indexable`: whether its author agreed to be searched, None where that is not known.

    `card`, `quote`, the `options` of a poll and the descriptions of `enclosures` are words that are attached to it.
    `attached` has them all, a line each, the one that tells most of the post first. `emojis`: the names in its text
    that are pictures of its server, not words. `is_quote_withdrawn`: its server says that what it quotes is not to be
    shown with it any more, `is_quote_refused`: that it does not show it; it has no `quote` then. `origin`: the site
    whose article an entry passes on, where the entry names it and is signed with its name.
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
    has_id: bool = True
    kin: tuple[str, ...] = ()
    card: Card | None = None
    quote: Quote | None = None
    is_quote_withdrawn: bool = False
    is_quote_refused: bool = False
    options: tuple[str, ...] = ()
    emojis: tuple[str, ...] = ()
    attached: str = ""
    origin: str | None = None


class TopicMatch(NamedTuple):  # a quarter of the time that a frozen dataclass takes, twice for every post
    """A topic that a post has, how sure that is (0..1), and the rule terms that say so, readable by a person."""

    topic: str
    score: float
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedPost:
    """A post with all that can be worked out without looking at any other post.

    `article_key` is the canonical form of `article_url`. `publisher` is who speaks: the site of an article, the
    account of a status. `digest` changes when title, text or link change, `details` when author, tags or files do
    (`aggregator.dedupe.details`). `amounts`: the money of its title and lead. `bands` are the keys under which
    near-identical texts are looked up, empty for texts too short to compare. `terms` is the story vector: word to
    weight. `spaceless`: written in a script without spaces. `topics_version` names the rules that gave `topics`.
    `headline` is what it is called. `embedding` is given to new posts by the extra `semantic`. `unquoted`: the same
    without the words of a post that it quotes, in case they must not be stored; None where it quotes none.
    """

    post: Post
    headline: str
    language: str | None
    article_key: str | None
    publisher: str | None
    digest: bytes
    bands: tuple[int, ...]
    terms: Mapping[str, float]
    topics: tuple[TopicMatch, ...]
    topics_version: str
    spaceless: bool
    details: bytes = b""
    amounts: tuple[Money, ...] = ()
    embedding: Embedding | None = None
    unquoted: EnrichedPost | None = None


class KnownPost(NamedTuple):  # thousands are made in a first poll, and changed
    """What deciding needs of a post that is already stored.

    `text` has its beginning, as far as texts are compared. `publisher` is who speaks, as in `EnrichedPost`.
    `source_ids` are the sources it was seen in; `at` is its time, as readers order posts. `details` is None where
    nothing is to be compared with it. `enclosures`: what its source says of each of its files.
    `gone_because`: why it is a tombstone, where that may be taken back. `has_card`, `quote`: of a status, what its
    server may find out later. `is_by_api`: it is a status that a server's API gave, not only feeds. `is_listed`: it is
    an article of which only lists of trending links have told, with what a preview says.
    """

    id: int
    kind: PostKind
    digest: bytes
    uri: str | None = None
    language: str | None = None
    title: str = ""
    text: str = ""
    url: str | None = None
    canonical_url: str | None = None
    article_key: str | None = None
    published_at: datetime | None = None
    first_seen_at: datetime | None = None
    edited_at: datetime | None = None
    details: bytes | None = None
    copy_of: int | None = None
    story_id: int | None = None
    is_gone: bool = False
    gone_because: GoneBecause | None = None
    source_ids: frozenset[int] = frozenset()
    at: datetime | None = None
    publisher: str | None = None
    is_by_api: bool = False
    is_listed: bool = False
    enclosures: frozenset[Enclosure] = frozenset()
    has_card: bool = False
    quote: Quote | None = None

    @property
    def files(self) -> frozenset[str]:
        """The addresses of its enclosures."""
        return frozenset(file.url for file in self.enclosures)


class Outline(NamedTuple):
    """The terms of a story's title and lead: those of its title first, which are the first `titled`."""

    terms: tuple[str, ...]
    titled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderStory:
    """A story as it is compared for links to earlier coverage: the words of its lead post, and when it was told.

    `entities` are the lead's topics that name somebody or something; `vector` its embedding, with the extra `semantic`.
    `sole_publisher`: whose story it is, where nobody else tells it. `outline`: its terms, where they are kept with it.
    """

    id: int
    title: str
    text: str
    language: str | None
    first_at: datetime
    last_at: datetime
    entities: frozenset[str]
    vector: bytes | None = None
    sole_publisher: str | None = None
    outline: Outline | None = field(default=None, compare=False)


class ShownPost(NamedTuple):
    """The stored post that an unchanged entry of a document is: what telling the others apart needs of it.

    `published_at`: by its entry; `has_same_date`: that is what is stored. `before`: as in `Unchanged`.
    """

    id: int
    native_id: str
    title: str
    canonical_url: str | None
    published_at: datetime | None
    has_same_date: bool
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What is stored near the posts of a batch: loaded before deciding, so that deciding asks for nothing.

    `items` maps (source id, native id) to the post seen there; `bands` maps a look-up key to the ids of posts that
    have it; `older_near` maps (source id, native id) to the older stories that the post may have as earlier coverage,
    the most likely first. `next_post_id` and `next_story_id` are the ids that new rows get: there is one writer.
    `forgotten` are the authors among the batch's whose posts must not be stored. `shown` maps a source id to the posts
    that its unchanged entries still are. `pruned`: the numbers that pruned posts left (`dedupe.tombstones`), as far as
    posts of the batch would leave the same.
    """

    next_post_id: int = 1
    next_story_id: int = 1
    items: Mapping[tuple[int, str], int] = field(default_factory=dict)
    posts: Mapping[int, KnownPost] = field(default_factory=dict)
    bands: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    older_near: Mapping[tuple[int, str], tuple[OlderStory, ...]] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    shown: Mapping[int, tuple[ShownPost, ...]] = field(default_factory=dict)
    pruned: frozenset[int] = frozenset()
