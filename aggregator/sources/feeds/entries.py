"""What the formats of feeds have in common: a document's entries, as it has them, → posts.

Each format gives a `Document` of raw entries. Here they get their identity and become `Post`s, by one set of rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import NamedTuple, TypeVar

from aggregator.dedupe.passed_on import is_signed
from aggregator.model.post import Enclosure, Post
from aggregator.model.source import NO_PATIENCE, Patience
from aggregator.sources.dates import plausible
from aggregator.sources.feeds.links import link_address
from aggregator.sources.feeds.names import MAX_ID, named, short
from aggregator.sources.languages import language_code
from aggregator.text.attached import attached_words
from aggregator.text.html import clean_html, clean_text, is_markup, plain_text, text_of
from aggregator.text.terminal.characters import one_line
from aggregator.text.urls import canonical_url, is_home_page, is_key_of_home_page

# The longest headline of the 8,797 entries looked at has 480 characters; beyond this it is a text in the wrong place.
MAX_TITLE = 1_000
# A long read has 60,000 characters, a short novel 200,000. Nothing that looks at a text needs more of it.
MAX_TEXT = 200_000
# Markup is cut before it is parsed, so that no single entry can hold up a poll. It holds the longest text all the same.
MAX_MARKUP = 1_000_000
MAX_NAME = 300
MAX_TAGS = 50
MAX_TAG = 100
MAX_ENCLOSURES = 50
# What is read of a short text before its markup is taken out: cleaning takes quadratic time on hostile input.
_RAW = 10

# RFC 4151, RFC 8141, RFC 9110, and Bluesky's: URIs that are meant to be the same wherever the entry is seen.
_URI = re.compile(r"(?:https?://[^\s/]|urn:[A-Za-z0-9-]+:|tag:[^\s,]+,\d{4}|at://)\S*", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")

_MOST_BYTES = 2**63 - 1  # what a column of SQLite can hold

_NOTHING: Mapping[str, str] = {}

Thing = TypeVar("Thing")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Body:
    """A text of an entry. HTML unless `is_plain`; its links are relative to `base`, an absolute URL."""

    value: str
    base: str | None = None
    is_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an entry has that is a status (`aggregator.sources.feeds.fediverse`). `uri`: its ActivityPub id."""

    uri: str | None = None
    content_warning: str | None = None
    sensitive: bool = False
    article_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as its document has it: nothing is cleaned yet, but dates are read and `link` is absolute.

    `link_name` is what was written for a link, as an address, also where it is none ("N/A"): it names an entry without
    `guid`. With `has_plain_title` tags in the title are its matter. `published` and `updated` are in order of
    preference; None is passed over. `media_words` describe its files, and are its text where there is no other.
    `pictures` only illustrate an article; `account` is a user's name where the document gives one beside the author's.
    `is_adult` and `is_activity`: it is rated so, it says that it is one. `origin`, `origin_name`: address and name of
    the source that it says it comes from.
    """

    guid: str = ""
    link: str | None = None
    link_name: str | None = None
    title: str = ""
    has_plain_title: bool = False
    bodies: tuple[Body, ...] = ()
    media_words: tuple[Body, ...] = ()
    authors: tuple[str, ...] = ()
    language: str | None = None
    published: tuple[datetime | None, ...] = ()
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    pictures: tuple[Enclosure, ...] = ()
    account: str = ""
    is_adult: bool = False
    is_activity: bool = False
    origin: str | None = None
    origin_name: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed as its document has it. `problem`: it is no feed, in words for a user; `moved_to`: where it says that it
    is now."""

    title: str = ""
    description: str = ""
    generator: str = ""
    site_url: str | None = None
    language: str | None = None
    entries: Sequence[RawEntry] = ()
    warnings: Sequence[str] = ()
    problem: str = ""
    patience: Patience = NO_PATIENCE
    moved_to: str | None = None


def each(
    things: Iterable[Thing], make: Callable[[Thing], Made], numbers: Iterable[int] | None = None
) -> tuple[list[Made], list[str]]:
    """What `make` makes of each thing, and a warning for each that it can't make anything of. `numbers`: which of a
    document's things these are, from 0 on, where they are not all."""
    made, warnings = [], []
    for number, thing in zip(count() if numbers is None else numbers, things, strict=False):
        try:
            made.append(make(thing))
        # Broad on purpose: whatever is wrong with one entry must not cost the others, and no list of the errors
        # that parsers raise on what strangers write has ever been complete.
        except Exception as error:
            warnings.append(f"entry {number + 1} was left out: {type(error).__name__}: {clean_text(str(error))[:200]}")
    return made, warnings


class Posts(NamedTuple):
    """The posts of entries, in their order, and warnings. `numbers`: which entry of its document each is, from 0 on;
    `cut`: those that were too long. `are_named_alone`: none shares its id or its address with another of them."""

    posts: tuple[Post, ...]
    warnings: list[str]
    numbers: tuple[int, ...]
    cut: frozenset[int]
    are_named_alone: bool


def posts_of(entries: Sequence[RawEntry], now: datetime, numbers: Sequence[int]) -> Posts:
    """The posts of these entries of one document, in its order, each with its own native id; and warnings.

    `numbers`: which of the document's entries these are, from 0 on. All that share an id or an address with one of
    them are among them.
    """
    made, warnings = each(zip(numbers, entries, strict=True), lambda pair: (pair[0], *_post(pair[1], now)), numbers)
    posts = [post for _, post, _ in made]
    shared = _shared_links(posts)
    posts = [replace(post, canonical_url=None) if post.canonical_url in shared else post for post in posts]
    warnings += [f"entry {number + 1}: {cut}" for number, _, cut in made if cut]
    posts = named(posts)
    return Posts(
        posts=tuple(posts),
        warnings=warnings,
        numbers=tuple(number for number, _, _ in made),
        cut=frozenset(number for number, _, cut in made if cut),
        are_named_alone=not shared and not any(post.kin for post in posts),
    )


# ---------------------------------------------------------------- identity


def _shared_links(posts: Iterable[Post]) -> set[str]:
    """Canonical URLs that lead to several different posts, as on a page of changes or a front page."""
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for post in posts:
        if post.canonical_url:
            said[post.canonical_url].add((post.title, post.text))
    return {link for link, texts in said.items() if len(texts) > 1}


# ---------------------------------------------------------------- one post


def _post(entry: RawEntry, now: datetime) -> tuple[Post, str]:
    """The post of an entry, and what had to be cut off."""
    title = clean_text(entry.title[: _RAW * MAX_TITLE], keeps_tags=entry.has_plain_title)
    text, html = _fullest(entry.bodies)
    if not text and not entry.status:
        text, html = _fullest((*entry.bodies, *entry.media_words))
    cuts = [name for name, value, most in (("title", title, MAX_TITLE), ("text", text, MAX_TEXT)) if len(value) > most]
    title, text = title[:MAX_TITLE].rstrip(), text[:MAX_TEXT].rstrip()
    guid, native_id = id_of(entry)
    url = entry.link
    canonical = canonical_url(url) if url else None
    is_home = canonical is not None and is_key_of_home_page(canonical)
    published, edited = times_of(entry, now)
    post = Post(
        kind="article",
        native_id=native_id,
        title=title,
        text=text,
        html=html,
        uri=guid if _is_uri(guid) and not (is_home if guid == url else is_home_page(guid)) else None,
        url=url,
        canonical_url=None if is_home else canonical,
        author=_names(entry.authors),
        declared_language=language_code(entry.language),
        published_at=published,
        edited_at=edited if edited and published and edited > published else None,
        tags=_tags(entry.tags),
        enclosures=entry.enclosures,
        has_id=bool(guid),
        origin=entry.origin if is_signed(title, clean_text(entry.origin_name[:MAX_NAME])) else None,
    )
    if entry.status:
        post = _as_status(post, entry.status)
    return post, f"{' and '.join(cuts)} cut off, too long" if cuts else ""


def id_of(entry: RawEntry) -> tuple[str, str]:
    """The entry's own id, "" where it has none; and by what it is named: that, or what was written for a link."""
    guid = one_line(entry.guid)  # an id is one word or one line
    return guid, short(guid or entry.link_name or "")


def times_of(entry: RawEntry, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When it was published and when edited, as far as that can be."""
    edited = plausible(entry.updated, now)
    return next((at for at in entry.published if plausible(at, now)), None) or edited, edited


def _as_status(post: Post, status: Status) -> Post:
    return replace(
        post,
        kind="status",
        uri=status.uri,
        article_url=status.article_url,
        content_warning=status.content_warning,
        sensitive=status.sensitive,
        attached=attached_words(None, None, (), post.enclosures),
    )


def _fullest(bodies: Iterable[Body]) -> tuple[str, str | None]:
    """The longest text and its HTML; of equal ones the first. None where it is plain text."""
    best, text = None, ""
    for body in dict.fromkeys(bodies):
        value = body.value[:MAX_MARKUP]
        found = plain_text(value) if body.is_plain else text_of(value)
        # A picture without words is better than nothing.
        if best is None or len(found) > len(text):
            best, text = body, found
    if best is None or best.is_plain or not is_markup(best.value):
        return text, None
    return text, clean_html(best.value[:MAX_MARKUP], best.base)


def _is_uri(guid: str) -> bool:
    return len(guid) <= MAX_ID and _URI.fullmatch(guid) is not None


def _names(names: Iterable[str]) -> str | None:
    found = dict.fromkeys(clean_text(name[: _RAW * MAX_NAME])[:MAX_NAME] for name in names)
    return ", ".join(name for name in found if name)[:MAX_NAME] or None


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Trimmed, each once whatever its case, in the document's order. Addresses are programs' marks, no words."""
    found: dict[str, str] = {}
    for raw in tags:
        tag = clean_text(raw[: _RAW * MAX_TAG])[:MAX_TAG].strip()
        if tag and "://" not in tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:MAX_TAGS]


# ---------------------------------------------------------------- enclosures


def enclosures_of(
    files: Iterable[tuple[object, object, object]], base: str | None, described: Mapping[str, str] = _NOTHING
) -> tuple[Enclosure, ...]:
    """The usable ones of (address, media type, length in bytes), as a document has them; each address once.

    `described`: what they show, by address.
    """
    found: dict[str, Enclosure] = {}
    for address, media_type, length in files:
        url = link_address(address, base) if isinstance(address, str) else None
        if url and len(found) < MAX_ENCLOSURES:
            said = described.get(url)
            found.setdefault(
                url, Enclosure(url=url, media_type=_media_type(media_type), length=_length(length), description=said)
            )
    return tuple(found.values())


def _media_type(raw: object) -> str | None:
    name = raw.partition(";")[0].strip().lower() if isinstance(raw, str) else ""
    return name if len(name) <= MAX_TAG and _MEDIA_TYPE.fullmatch(name) else None


def _length(raw: object) -> int | None:
    if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit() and len(raw) < 20:
        raw = int(raw)
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= _MOST_BYTES else None
