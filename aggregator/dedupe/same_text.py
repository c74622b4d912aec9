"""The same text at two addresses: when two posts with addresses of their own are one article all the same.

Two addresses are two articles, unless the *texts* are nearly the same over some length. How much is needed depends on
who speaks. Different publishers print one agency's text, cut and lightly edited. One publisher (one feed, one site, one
account) does not print an article twice, but makes many posts from one template: alerts by place, jobs, incidents, next
year's announcement. There only what is word for word the same counts, said at the same moment, or at length.

A text that every post carries says nothing: it must tell what the titles tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from aggregator.dedupe.shingles import LEAST_WORDS, jaccard, shingles
from aggregator.text.language import stop_words
from aggregator.text.words import CHARACTERS, Words, words_of

# Syndicated text that was cut or lightly edited stays above this; two reports of one event stay far below.
NEARLY = 0.7
# In words, without the title. A teaser of two sentences has some 30; below, a few words decide what is told.
_SOME = 20
# Of a text that is cut at its end so much is in the other.
_ALL_OF_IT = 0.95
# As many words are no template's two sentences any more: one publisher that says all of them again under the same
# title has moved the article.
_AT_LENGTH = 80
# Later it is next year's announcement, or the same incident once more.
_WITHIN = timedelta(days=14)


class Told(NamedTuple):
    """What is compared of a post. `at`: when it was published, None where that is not known."""

    title: str
    text: str
    language: str | None
    at: datetime | None
    files: frozenset[str] = frozenset()


def is_said_again(one: Told, other: Told) -> bool:
    """Are two posts of one publisher, at two addresses, the same article: its slug corrected, its page moved?

    The same words, numbers included, and either the same moment or a text at length; one may be cut. Not where each
    has files of its own: episodes share their description.
    """
    if one.files and other.files and not one.files & other.files:
        return False
    mine, theirs = _words(one), _words(other)
    if mine.title != theirs.title:
        return False
    shortest, is_cut = min(len(mine.body), len(theirs.body)), len(mine.body) != len(theirs.body)
    compared = shortest - is_cut  # the last word of a teaser may be cut itself
    if mine.body[:compared] != theirs.body[:compared] or len(mine.title) + shortest < LEAST_WORDS:
        return False
    if is_cut and shortest < _SOME:
        return False
    return _is_same_moment(one, other) or (shortest >= _AT_LENGTH and _are_near(one, other))


def shared_text(one: Told, other: Told) -> float:
    """How much of their text two publishers' posts share (0..1), where that makes them one article; else 0.

    Of short texts a share may leave out what matters: they must be the same, and so must the titles.
    """
    mine, theirs = _words(one), _words(other)
    if not _are_near(one, other):
        return 0.0
    if min(len(mine.body), len(theirs.body)) < _SOME:
        return float(mine.title == theirs.title and mine.body == theirs.body and len(mine.body) >= LEAST_WORDS)
    share = _likeness(mine.body, theirs.body)
    return share if share and not is_template(one, other) else 0.0


def share_if_moved(one: Told, other: Told) -> float:
    """How much of the text two entries of one feed share (0..1), where the feed gave all of its entries new ids and
    addresses, and so this one too; else 0. Lightly edited at the same moment; without dates word for word."""
    mine, theirs = _words(one), _words(other)
    share = _likeness([*mine.title, *mine.body], [*theirs.title, *theirs.body])
    least = NEARLY if _is_same_moment(one, other) else 1.0
    is_same = share >= least and (one.at is None or other.at is None or _is_same_moment(one, other))
    return share if is_same and not is_template(one, other) else 0.0


def is_template(one: Told, other: Told) -> bool:
    """Do the titles say that the texts are one form filled in twice, or carry what every post carries?

    So it is where the words that only one of the titles has stand in its text and not in the other's, on both sides
    ("Adams County", "Baker County"), and where the text that both have does not tell what the titles tell.
    """
    mine, theirs = _words(one), _words(other)
    if mine.title == theirs.title or not mine.title or not theirs.title:
        return False
    stops = stop_words(one.language)
    title, other_title = set(mine.title) - stops, set(theirs.title) - stops
    body, other_body = set(mine.body), set(theirs.body)
    if (title - other_title) & (body - other_body) and (other_title - title) & (other_body - body):
        return True
    shared = body & other_body
    return not (_is_told(title, shared) and _is_told(other_title, shared))


def _is_told(title: Collection[str], text: Collection[str]) -> bool:
    """Half of the title's words are in the text, some of them shortened or inflected."""
    stems = {word[:_STEM] for word in text}
    return 2 * sum(word[:_STEM] in stems for word in title) >= len(title)


# Inflection is mostly at the end.
_STEM = 5


def _likeness(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """The Jaccard similarity of two texts, or how much of the shorter one the other has; 0 where that is too little."""
    short, long = sorted((_shingles(tuple(mine)), _shingles(tuple(theirs))), key=len)
    alike = jaccard(short, long)
    if alike >= NEARLY:
        return alike
    share = len(short & long) / len(short) if short else 0.0
    return share if share >= _ALL_OF_IT else 0.0


def _is_same_moment(one: Told, other: Told) -> bool:
    return one.at is not None and one.at == other.at


def _are_near(one: Told, other: Told) -> bool:
    return one.at is None or other.at is None or abs(one.at - other.at) <= _WITHIN


def _words(told: Told) -> Words:
    return _words_of(told.title, told.text[:CHARACTERS])


# A text that many posts carry is compared with each of them.
@lru_cache(maxsize=2048)
def _words_of(title: str, text: str) -> Words:
    """Title and body, which does not begin with the title once more."""
    words = words_of(title, text)
    repeats = words.title and words.body[: len(words.title)] == words.title
    return words._replace(body=words.body[len(words.title) :]) if repeats else words


@lru_cache(maxsize=2048)
def _shingles(body: tuple[str, ...]) -> frozenset[int]:
    return shingles(Words([], list(body), []))
