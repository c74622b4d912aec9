"""What the formats of feeds have in common: a document's entries, as it has them, → posts.

Each format gives a `Document` of raw entries. Here they get their identity and become `Post`s, by one set of rules.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from aggregator.model.post import Enclosure, Post
from aggregator.model.source import NO_PATIENCE, Patience
from aggregator.sources.dates import plausible
from aggregator.sources.languages import language_code
from aggregator.text.html import clean_html, clean_text, is_markup, plain_text, text_of
from aggregator.text.urls import absolute_url, canonical_url, is_home_page

# The longest headline of the 8,797 entries looked at has 480 characters; beyond this it is a text in the wrong place.
MAX_TITLE = 1_000
# A long read has 60,000 characters, a short novel 200,000. Nothing that looks at a text needs more of it.
MAX_TEXT = 200_000
# Markup is cut before it is parsed, so that no single entry can hold up a poll. It holds the longest text all the same.
MAX_MARKUP = 1_000_000
# Ids are keys of an index. Longer ones (texts in the wrong place, data URLs) are replaced by their digest.
MAX_ID = 500
MAX_NAME = 300
MAX_TAGS = 50
MAX_TAG = 100
MAX_ENCLOSURES = 50
# What is read of a short text before its markup is taken out: cleaning takes quadratic time on hostile input.
_RAW = 10

# Control characters: of C0 and C1, white space included, since an id is one word or one line.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
# RFC 4151, RFC 8141, RFC 9110, and Bluesky's: URIs that are meant to be the same wherever the entry is seen.
_URI = re.compile(r"(?:https?://[^\s/]|urn:[A-Za-z0-9-]+:|tag:[^\s,]+,\d{4}|at://)\S*", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")

_MOST_BYTES = 2**63 - 1  # what a column of SQLite can hold

Thing = TypeVar("Thing")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Body:
    """A text of an entry. HTML unless `is_plain`; its links are relative to `base`, an absolute URL."""

    value: str
    base: str | None = None
    is_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as its document has it: nothing is cleaned yet, but dates are read and `link` is absolute.

    `published` and `updated` are in order of preference; None is passed over.
    """

    guid: str = ""
    link: str | None = None
    title: str = ""
    bodies: tuple[Body, ...] = ()
    authors: tuple[str, ...] = ()
    language: str | None = None
    published: tuple[datetime | None, ...] = ()
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed as its document has it. `problem`: it is no feed, in words for a user."""

    title: str = ""
    site_url: str | None = None
    language: str | None = None
    entries: Sequence[RawEntry] = ()
    warnings: Sequence[str] = ()
    problem: str = ""
    patience: Patience = NO_PATIENCE


def each(things: Iterable[Thing], make: Callable[[Thing], Made]) -> tuple[list[Made], list[str]]:
    """What `make` makes of each thing, and a warning for each that it can't make anything of."""
    made, warnings = [], []
    for number, thing in enumerate(things, 1):
        try:
            made.append(make(thing))
        # Broad on purpose: whatever is wrong with one entry must not cost the others, and no list of the errors
        # that parsers raise on what strangers write has ever been complete.
        except Exception as error:
            warnings.append(f"entry {number} was left out: {type(error).__name__}: {clean_text(str(error))[:200]}")
    return made, warnings


def posts_of(entries: Sequence[RawEntry], now: datetime) -> tuple[tuple[Post, ...], list[str]]:
    """The posts of one document, in its order, each with its own native id; and warnings."""
    made, warnings = each(entries, lambda entry: _post(entry, now))
    posts = [post for post, _ in made]
    shared = _shared_links(posts)
    posts = [replace(post, canonical_url=None) if post.canonical_url in shared else post for post in posts]
    for number, (_, cut) in enumerate(made, 1):
        if cut:
            warnings.append(f"entry {number}: {cut}")
    return tuple(_identified(posts)), warnings


# ---------------------------------------------------------------- identity


def _shared_links(posts: Iterable[Post]) -> set[str]:
    """Canonical URLs that lead to several different posts, as on a page of changes or a front page."""
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for post in posts:
        if post.canonical_url:
            said[post.canonical_url].add((post.title, post.text))
    return {link for link, texts in said.items() if len(texts) > 1}


def _identified(posts: Sequence[Post]) -> list[Post]:
    """The posts with native ids that differ from each other; without a `uri` where that is not theirs alone.

    Entries with one id are told apart by what differs, link, title or text: a counter would name other entries as
    soon as a new one stands before them. The first keeps the id, which then names an article that the feed has in
    two versions; but an id that most entries have names nothing (the site's address, a constant), and the first of
    them would take it from the one before at every poll.
    """
    uses = Counter(post.native_id for post in posts)
    if len(uses) == len(posts):
        return list(posts)
    members: dict[str, list[int]] = defaultdict(list)
    for number, post in enumerate(posts):
        members[post.native_id].append(number)
    names = [post.native_id for post in posts]
    for native_id, group in members.items():
        for number, name in _told_apart(native_id, group, posts, _DIFFERENCES).items():
            names[number] = name
        if 2 * len(group) <= len(posts):
            names[group[0]] = native_id
    return [
        replace(post, native_id=name, uri=post.uri if uses[post.native_id] == 1 else None)
        for post, name in zip(posts, _numbered(names), strict=True)
    ]


def _numbered(names: Iterable[str]) -> Iterable[str]:
    """The names, with a number added to those that were there before: true repetitions."""
    seen: dict[str, int] = {}
    for name in names:
        times = seen.get(name, 0) + 1
        numbered = name if times == 1 else f"{name} #{times}"
        while times > 1 and numbered in seen:
            times += 1
            numbered = f"{name} #{times}"
        seen[name] = times
        seen.setdefault(numbered, 1)
        yield numbered


def _link_key(post: Post) -> str:
    return canonical_url(post.url) or "" if post.url else ""


# The canonical link goes in as it is: `aggregator.dedupe.verdict` names an entry whose id was used before in the same
# way.
_DIFFERENCES: tuple[Callable[[Post], str], ...] = (
    _link_key,
    lambda post: post.url or "",
    lambda post: _digest(post.title) if post.title else "",
    lambda post: _digest(post.text) if post.text else "",
)


def _told_apart(
    native_id: str, members: Sequence[int], posts: Sequence[Post], differences: Sequence[Callable[[Post], str]]
) -> dict[int, str]:
    """Names for the posts of one id, by as many of the differences as it takes."""
    if len(members) == 1 or not differences:
        return dict.fromkeys(members, native_id)
    parts: dict[str, list[int]] = defaultdict(list)
    for member in members:
        parts[differences[0](posts[member])].append(member)
    names: dict[int, str] = {}
    for difference, part in parts.items():
        name = native_id if len(parts) == 1 else f"{native_id} {difference}".strip()
        names |= _told_apart(name, part, posts, differences[1:])
    return names


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


# ---------------------------------------------------------------- one post


def _post(entry: RawEntry, now: datetime) -> tuple[Post, str]:
    """The post of an entry, and what had to be cut off."""
    title = clean_text(entry.title[: _RAW * MAX_TITLE])
    text, html = _fullest(entry.bodies)
    cuts = [name for name, value, most in (("title", title, MAX_TITLE), ("text", text, MAX_TEXT)) if len(value) > most]
    title, text = title[:MAX_TITLE].rstrip(), text[:MAX_TEXT].rstrip()
    guid = _one_line(entry.guid)
    url = entry.link
    canonical = canonical_url(url) if url else None
    is_home = canonical is not None and is_home_page(canonical)
    published = next((at for at in entry.published if plausible(at, now)), None) or plausible(entry.updated, now)
    edited = plausible(entry.updated, now)
    post = Post(
        kind="article",
        native_id=_short(guid or url or _digest(f"{title}\0{text}")),
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
    )
    return post, f"{' and '.join(cuts)} cut off, too long" if cuts else ""


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


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _is_uri(guid: str) -> bool:
    return len(guid) <= MAX_ID and _URI.fullmatch(guid) is not None


def _short(native_id: str) -> str:
    return native_id if len(native_id) <= MAX_ID else f"{native_id[:100]} {_digest(native_id)}"


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


def enclosures_of(files: Iterable[tuple[object, object, object]], base: str | None) -> tuple[Enclosure, ...]:
    """The usable ones of (address, media type, length in bytes), as a document has them; each address once."""
    found: dict[str, Enclosure] = {}
    for address, media_type, length in files:
        url = absolute_url(address, base) if isinstance(address, str) else None
        if url and len(found) < MAX_ENCLOSURES:
            found.setdefault(url, Enclosure(url=url, media_type=_media_type(media_type), length=_length(length)))
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
