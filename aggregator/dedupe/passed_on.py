"""An aggregator's entry and the article that it passes on: Google News has "Headline - Source" and `<source url>`
beside an address of its own that does not say where it leads.

They are one where the entry names the article's publisher (by its site, and at the end of the title), the headline is
the article's, word for word, and both are of one time: columns keep their name from day to day. Of several articles
that are called so the nearest in time is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta
from functools import lru_cache

from aggregator.dedupe.retelling import title_keys
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.text.tokens import tokens
from aggregator.text.urls import publisher_of
from aggregator.text.words import words_of

# The entry has the article's own time, or when it was found. The next column of the name comes a day later.
_WITHIN = timedelta(hours=12)

# Without a time of one a headline of fewer words tells nothing: columns are called so.
_LONG_HEADLINE = 5

# Headlines that are cut off are known by so many characters.
_LEAST_BEGINNING = 40

_SIGN = " - "
_BETWEEN = ("-", "|", ":", "\u00b7")
_ELLIPSES = ("...", "…")
_ONE_CHARACTER = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014\u00a0", "''\"\"---- ")


def is_signed(title: str, name: str) -> bool:
    """Does the title end with the name of its source, as aggregators write it?"""
    return bool(name) and len(title) > len(_SIGN) + len(name) and _plain(title).endswith(_plain(f"{_SIGN}{name}"))


def headline_keys(post: Post, publisher: str | None, language: str | None) -> tuple[int, ...]:
    """The look-up keys of the headline that an entry passes on; none where it passes nothing on."""
    if not _passes_on(post, publisher):
        return ()
    return title_keys(words_of(post.title.rpartition(_SIGN)[0], ""), language)


def article_of(entry: EnrichedPost, near: Iterable[KnownPost], source_id: int) -> KnownPost | None:
    """The stored article that this entry of a source passes on."""
    if not _passes_on(entry.post, entry.publisher):
        return None
    found = (
        (apart, other.id, other)
        for other in near
        if source_id not in other.source_ids and (apart := _apart(entry, other, is_entry=True)) is not None
    )
    return min(found, default=(None, 0, None), key=lambda each: each[:2])[2]


def entries_of(article: EnrichedPost, near: Iterable[KnownPost]) -> list[KnownPost]:
    """The stored entries that pass on this article, which came later."""
    post = article.post
    if post.kind != "article" or not post.title or _passes_on(post, article.publisher):
        return []
    return [other for other in near if other.copy_of is None and _apart(article, other, is_entry=False) is not None]


def reason(publisher: str | None) -> str:
    """Why it is a copy."""
    return f"passes on an article of {publisher}: its headline, with the publisher's name"


def _apart(post: EnrichedPost, known: KnownPost, *, is_entry: bool) -> timedelta | None:
    """How far apart in time an entry and an article are that are one; None where they are not. `is_entry`: the post is
    the entry, and what is known the article."""
    if known.kind != "article" or known.is_gone or known.publisher != post.publisher:
        return None
    if is_entry == _passes_on(known, known.publisher):
        return None
    entry, article = (post.post.title, known.title) if is_entry else (known.title, post.post.title)
    if not _has_headline(_plain(entry), _plain(article)):
        return None
    mine, theirs = post.post.published_at, known.published_at
    if mine is None or theirs is None:
        return _WITHIN if len(tokens(article)) >= _LONG_HEADLINE else None
    if time(0) in (mine.time(), theirs.time()):  # a day, without a time
        return abs(mine - theirs) if mine.date() == theirs.date() else None
    return abs(mine - theirs) if abs(mine - theirs) <= _WITHIN else None


def _passes_on(post: Post | KnownPost, publisher: str | None) -> bool:
    """It is at another site than its publisher's."""
    if post.kind != "article" or not post.canonical_url or not publisher or _SIGN not in post.title:
        return False
    return _publisher_of(post.canonical_url) != publisher


def _has_headline(entry: str, article: str) -> bool:
    """Is that the article's headline in the entry's title? Either may have the publisher's name once more."""
    if not article:
        return False
    headline, _, name = entry.rpartition(_SIGN)
    if article in (entry, headline):
        return True
    rest = entry.removeprefix(article)
    if rest != entry and rest.lstrip()[:1] in _BETWEEN and {*tokens(rest)} <= {*tokens(name)}:
        return True
    if not headline.endswith(_ELLIPSES):
        return False
    beginning = headline.rstrip(".… ")
    return len(beginning) >= _LEAST_BEGINNING and article.startswith(beginning)


def _plain(title: str) -> str:
    return " ".join(title.translate(_ONE_CHARACTER).casefold().split())


_publisher_of = lru_cache(maxsize=4096)(publisher_of)
