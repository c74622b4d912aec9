"""One article retold by two publishers: near-duplicate titles, texts that share their words.

Newsletters and statuses pass one article on, each with its own blurb: no shingle is shared, but title and vocabulary
are. Candidates by MinHash over the title's words (each key: the two smallest hashes of one permutation), confirmed by
the mean of the titles' Jaccard similarity and the texts' overlap coefficient. An equal title alone is nothing: many
columns are called alike. The texts must speak of what the title names, or share words beyond it.

Only where one of the two has no address: two addresses are two articles (`aggregator.dedupe.same_text`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from aggregator.dedupe.shingles import jaccard, key_of_two
from aggregator.dedupe.told import Told
from aggregator.text.columns import COLUMN_WORDS
from aggregator.text.language import stop_words
from aggregator.text.tokens import tokens
from aggregator.text.words import CHARACTERS, Words, words_of

# A title with fewer words is alike by chance.
LEAST_TITLE_WORDS = 2

# Titles agree in one of the keys with a chance of 82 % at a Jaccard similarity of 0.5, of 99 % at 0.8.
_KEYS = 6
_SALTS = tuple(0x9E3779B1 * number & 0xFFFFFFFF for number in range(1, _KEYS + 1))

# Inflection is mostly at the end.
_STEM = 6
_MOST_WORDS = 80

LEAST_TITLE = 0.4
LEAST_BOTH = 0.5
# Beyond the title's words.
_LEAST_TEXT_WORDS = 8
# Shared by the texts beyond the titles' words: so many, or such a part of the shorter text's.
_SHARED_WORDS = 3
_SHARED_PART = 0.15
# With fewer stems a title's stop words count too: "Claude Code on-the-go" is not "Claude Code and What Comes Next".
_TELLING_TITLE = 4
# With stop words. "A critical look at MCP" is more specific than its two other words.
_LONG_TITLE = 5


class Likeness(NamedTuple):
    """Similarity of two titles (Jaccard) and two texts (overlap), 0..1; whether the texts bear the titles out."""

    title: float
    text: float
    is_borne_out: bool

    @property
    def both(self) -> float:
        """The mean of the two."""
        return (self.title + self.text) / 2

    @property
    def is_same(self) -> bool:
        """Enough for one article."""
        return self.is_borne_out and self.both >= LEAST_BOTH and self.title >= LEAST_TITLE


_UNLIKE = Likeness(0.0, 0.0, is_borne_out=False)


def title_keys(words: Words, language: str | None) -> tuple[int, ...]:
    """The look-up keys of a title, as 32-bit integers that are not negative; empty where it has too few words."""
    hashes = [crc32(word.encode()) for word in _stems(words.title, language)]
    if len(hashes) < LEAST_TITLE_WORDS:
        return ()
    keys = []
    for salt in _SALTS:
        mixed = sorted([(each ^ salt) * 0x85EBCA6B & 0xFFFFFFFF for each in hashes])
        keys.append(key_of_two(mixed[0], mixed[1]))
    return tuple(keys)


def likeness(one: Told, other: Told) -> Likeness:
    """The similarity of two posts. The texts are not looked at where the titles are too different."""
    mine, theirs = _title_stems(one.title, one.language), _title_stems(other.title, other.language)
    if min(len(mine), len(theirs)) < LEAST_TITLE_WORDS:
        return _UNLIKE
    title = jaccard(mine, theirs)
    if min(len(mine), len(theirs)) < _TELLING_TITLE:
        title = min(title, jaccard(_all_title_stems(one.title), _all_title_stems(other.title)))
    if title < LEAST_TITLE:
        return _UNLIKE
    all_mine, all_theirs = (_all_stems(told.title, told.text[:CHARACTERS], told.language) for told in (one, other))
    text = len(all_mine & all_theirs) / min(len(all_mine), len(all_theirs))
    return Likeness(title, text, _is_borne_out(one, other, mine & theirs))


def _is_borne_out(one: Told, other: Told, title: frozenset[str]) -> bool:
    """Do the texts bear out that they tell what both titles say? They share words beyond it, or, under one long title,
    each speaks of what it names."""
    mine, theirs = (_body_stems(told.text[:CHARACTERS], told.language) for told in (one, other))
    names = title - _COLUMN_STEMS
    shared, shortest = len((mine & theirs) - title), min(len(mine - title), len(theirs - title))
    if shared >= _SHARED_WORDS and shared >= _SHARED_PART * shortest:
        return True
    return is_same_long_title(one.title, other.title) and bool(names & mine) and bool(names & theirs)


def share_name_of_column(one: Told, other: Told) -> bool:
    """The titles are equal, and like the name of a column."""
    mine, theirs = _title_stems(one.title, one.language), _title_stems(other.title, other.language)
    return mine == theirs and bool(mine & _COLUMN_STEMS)


def is_same_long_title(one: str, other: str) -> bool:
    """The same words in the same order, and so many that few articles are called so."""
    words = tokens(one)
    return len(words) >= _LONG_TITLE and words == tokens(other)


# A post is compared with all its candidates. The caches must not hold whole books: texts come cut to what is compared.
@lru_cache(maxsize=4096)
def _title_stems(title: str, language: str | None) -> frozenset[str]:
    return _stems(tokens(title), language)


@lru_cache(maxsize=4096)
def _all_title_stems(title: str) -> frozenset[str]:
    return frozenset(map(_stem, tokens(title)))


@lru_cache(maxsize=4096)
def _body_stems(text: str, language: str | None) -> frozenset[str]:
    return _stems(words_of("", text).body[:_MOST_WORDS], language)


@lru_cache(maxsize=4096)
def _all_stems(title: str, text: str, language: str | None) -> frozenset[str]:
    words = words_of(title, text)
    return _stems(words.title, language) | _stems(words.body[:_MOST_WORDS], language)


def _stems(found: list[str], language: str | None) -> frozenset[str]:
    stops = stop_words(language)
    return frozenset([_stem(word) for word in found if word not in stops])


def _stem(word: str) -> str:
    return word[:_STEM] if len(word) > _STEM else word.rstrip("s")


_COLUMN_STEMS = frozenset(map(_stem, COLUMN_WORDS))
