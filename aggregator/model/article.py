"""The pages that posts lead to: what is to be asked for, what came, and what briefs may use of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

# What stands before a text that not everybody may read: it is for those who pay, or asks for consent first.
Wall = Literal["paywall", "consent"]

# What pages say of the use of their texts, as `articles.rights` has them.
NO_ARCHIVE, NO_SNIPPET, NO_AI, RESERVED = "noarchive", "nosnippet", "noai", "tdm-reservation"
# Of a page that says one of these no text is kept.
KEEPS_NOTHING = frozenset({NO_AI, RESERVED})

# An article whose feed says less than this has no more than a teaser there, in characters; then so much of the
# beginning of its page may count for its topics, language and story: as much as was measured.
TEASER = 200
BEGINNING = 500


class DuePage(NamedTuple):
    """A page that is to be asked for. `canonical_url`: the key that names it; `etag`, `last_modified`: as the server
    sent them with the text that is stored; `attempts`: that brought nothing since
    then."""

    id: int
    url: str
    canonical_url: str
    etag: str | None = None
    last_modified: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """A post that leads to a page.

    `page`: the key that names that; `url`: its address. `leads`: the post leads its story. `at`: its time; `seen_at`:
    when it came. `length`: of an article's text, as its feed has it. `is_asked_for`: its source or one of its topics
    asks for the page. `is_carried`: two publishers or more have the story, whose last post is of `story_at`.
    `is_known`: the page was asked for, or is to be.
    """

    page: str
    url: str
    is_status: bool
    story_id: int
    leads: bool
    at: datetime
    seen_at: datetime
    length: int
    is_asked_for: bool
    is_carried: bool
    story_at: datetime
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """What a page says. Pickles.

    `text`: the article's, in paragraphs; "" where there is none to be had. `declared_url`: the canonical form of the
    address that the page gives as its own (rel=canonical), where that is another of the same site. `published`: the
    day, YYYY-MM-DD. `licence`: the address or name of the one that it names. `rights`: what it says of the use of its
    text. `trouble`: why there is no text, or not all of it, in words.
    """

    text: str = ""
    title: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None
    licence: str | None = None
    rights: tuple[str, ...] = ()
    declared_url: str | None = None
    wall: Wall | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """How asking for a page ended. Pickles.

    `page`: None where it was not changed, or did not come. `http_status`: None without an answer. `trouble`: in words,
    where it did not come. `is_passing`: it may come later; not before `retry_at`, where the server says so.
    `pause_seconds`: how long its site wants to be left alone between two requests (robots.txt, Crawl-delay).
    """

    page: ReadPage | None = None
    http_status: int | None = None
    final_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    trouble: str | None = None
    is_passing: bool = False
    retry_at: datetime | None = None
    pause_seconds: float = 0.0

    @property
    def is_unchanged(self) -> bool:
        """The text that is stored still stands."""
        return self.http_status == 304 and self.trouble is None


class Article(NamedTuple):
    """A page that was read, for briefs. `may_quote`: the page does not say that nobody may quote it. `wall`: the text
    is only what stands before it."""

    id: int
    url: str
    title: str | None
    published: str | None
    language: str | None
    text: str
    may_quote: bool = True
    wall: Wall | None = None
