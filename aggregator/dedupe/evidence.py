"""What speaks for and against two posts being one, of one source mostly: address, title, text, date, the kind of id."""

from __future__ import annotations

import re
from datetime import datetime, time
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.dedupe.candidates import files_of
from aggregator.dedupe.details import are_other_files
from aggregator.dedupe.shingles import jaccard
from aggregator.model.post import KnownPost, Post
from aggregator.text.tokens import numbers, tokens
from aggregator.text.urls import canonical_url
from aggregator.text.words import CHARACTERS

# Titles that share this much of the shorter one's words say the same thing.
_SAME_TITLE = 0.6

# Of the words of two texts so many are shared where one was rewritten; with another date it takes more.
_REWRITTEN = 0.5
_REWRITTEN_LATER = 0.7
# A text that comes under a new id with a new date is the old one only if next to nothing changed in many words.
_NEARLY_ALL, _MANY_WORDS = 0.9, 20

# Ids that are made for one thing: UUIDs, `urn:` and `tag:`, long numbers, long codes with digits, a row's number.
_LASTING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-|^urn:|^tag:|\d{6}|(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16}|[?&](?:p|page_id|post)=\d+|[?&]id=\d{3}",
    re.IGNORECASE,
)
# A path that names one thing: a number, or a slug of three words.
_ARTICLE = re.compile(r"\d{3}|[^/-]-[^/-]+-[^/-]")

# Where a text without title would name its number. Later ones may be cut off at different places.
_NUMBERED_CHARACTERS = 300

# Where an entry stands now: `#0`, `#item-3`. Everything else that stands there names a part of the page.
_POSITION = re.compile(r"(?:[A-Za-z]+[-_]?)?\d{1,3}")


def second(at: datetime | None) -> datetime | None:
    """The moment as it is stored."""
    return at.replace(microsecond=0) if at else None


def has_same_title(post: Post, known: KnownPost) -> bool:
    """The titles say the same thing, or there are none."""
    return same_title(post.title, known.title)


def same_title(one: str, other: str) -> bool:
    """The same words for the most part."""
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs:
        return mine == theirs
    return len(mine & theirs) / min(len(mine), len(theirs)) >= _SAME_TITLE


def has_same_text(post: Post, known: KnownPost) -> bool:
    """The texts are equal, as far as they are looked at."""
    return post.text[:CHARACTERS] == known.text[:CHARACTERS]


def has_same_date(post: Post, known: KnownPost) -> bool | None:
    """None where one has no date."""
    said = second(post.published_at)
    return None if said is None or known.published_at is None else said == known.published_at


def is_exact(at: datetime | None) -> bool:
    """The date has a time of day: of two posts on one day it is not the same."""
    return at is not None and at.time() != time(0)


def _shared_words(one: str, other: str) -> float:
    """The share of words (0..1) that two texts have in common; of two without words all."""
    mine, theirs = _words(one[:CHARACTERS]), _words(other[:CHARACTERS])
    return jaccard(mine, theirs) if mine or theirs else 1.0


def is_rewritten(post: Post, known: KnownPost) -> bool | None:
    """The text is that of the stored post, changed. False: it is another; None: that can't be told."""
    if not post.text or not known.text:
        return None
    share = _shared_words(post.text, known.text)
    if share >= _REWRITTEN_LATER or (share >= _REWRITTEN and has_same_date(post, known) is not False):
        return True
    return None if share >= _REWRITTEN else False


def says_the_same(post: Post, known: KnownPost) -> bool:
    """Title and text are those of the stored post, or were changed a little on the same day."""
    if not has_same_title(post, known) or _numbers(post.title) != _numbers(known.title):
        return False
    if has_same_date(post, known) is False and are_other_files(files_of(post), known.files):
        return False
    if has_same_text(post, known):  # said again later it is the same only under the same title
        return has_same_date(post, known) is not False or _words(post.title) == _words(known.title)
    mine, theirs = f"{post.title} {post.text}", f"{known.title} {known.text}"
    share = _shared_words(mine, theirs)
    if has_same_date(post, known):
        return share >= _REWRITTEN
    if _names_one_thing(post.url or ""):  # a new version of it
        return share >= _REWRITTEN_LATER
    is_long = len(_words(mine[:CHARACTERS])) >= _MANY_WORDS
    return is_long and share >= _NEARLY_ALL and _numbers(post.text) == _numbers(known.text)


def names_other_part(post: Post, known: KnownPost) -> bool:
    """The links lead to two parts of one page, each of which is named: `#v2.1` and `#v2.2`."""
    mine, theirs = _fragment(post.url), _fragment(known.url)
    if not mine or not theirs or mine == theirs:
        return False
    is_position = _POSITION.fullmatch(mine) and _POSITION.fullmatch(theirs)
    return not (is_position and has_same_date(post, known) is not False and has_same_text(post, known))


def is_same_place(one: str | None, other: str | None) -> bool:
    """The addresses are the same, if there are any, or their last parts are and name something."""
    if one == other:
        return True
    mine, theirs = ((urlsplit(url or "").path.rstrip("/").rpartition("/")[2]) for url in (one, other))
    return mine == theirs and len(mine) > 1


def has_other_numbers(post: Post, known: KnownPost) -> bool:
    """Releases, episodes and quotes repeat one text with another number; it stands in the title, if there is one."""
    if bool(post.title) != bool(known.title):
        return False
    mine, theirs = (post.title, known.title) if post.title else (post.text, known.text)
    return numbers(mine[:_NUMBERED_CHARACTERS]) != numbers(theirs[:_NUMBERED_CHARACTERS])


def has_same_id(post: Post, known: KnownPost) -> bool:
    """The id is an address, and that of the stored post but for how it is written."""
    if not post.uri or not known.uri:
        return False
    if post.uri == known.uri:
        return True
    mine, theirs = canonical_url(post.uri), canonical_url(known.uri)
    return mine is not None and mine == theirs


def is_lasting(post: Post, native_id: str, known: KnownPost) -> bool:
    """The id is of a kind that is given once: long, or the first address of what it names."""
    if not post.has_id:
        return _names_one_thing(native_id)
    if _LASTING.search(native_id):
        return True
    return post.uri is not None and known.url is not None and canonical_url(native_id) == canonical_url(known.url)


def _names_one_thing(url: str) -> bool:
    """The address is that of one article, not of a page that shows now this and now that."""
    return _ARTICLE.search(url.partition("://")[2].partition("/")[2]) is not None


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


def _numbers(text: str) -> frozenset[str]:
    return numbers(text[:CHARACTERS])


def _fragment(url: str | None) -> str:
    return url.partition("#")[2] if url else ""
