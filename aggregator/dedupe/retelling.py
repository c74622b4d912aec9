"""One article retold by two publishers: near-duplicate titles, texts that share their words.

Newsletters and statuses pass one article on, each with its own blurb: no shingle is shared, but title and vocabulary
are. Candidates by MinHash over the title's words (each key: the two smallest hashes of one permutation), confirmed by
the mean of the titles' Jaccard similarity and the texts' overlap coefficient. On AI newsletters with their addresses
hidden four of five that this finds have the same address; most of the others are one announcement at two addresses.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

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
LEAST_TITLE_ALONE = 0.8
# Beyond the title's words.
_LEAST_TEXT_WORDS = 8
# Shorter titles are often names of columns: then so many words of the texts alone must be shared too.
_TELLING_TITLE = 3
_LEAST_SHARED_WORDS = 1
# Stop words included: "A critical look at MCP" is more specific than its two other words.
_LONG_TITLE = 5


class TitledText(NamedTuple):
    """A post to be compared."""

    title: str
    text: str
    language: str | None


class Likeness(NamedTuple):
    """Similarity of two titles (Jaccard) and two texts (overlap), 0..1; whether both have a text to speak of."""

    title: float
    text: float
    has_texts: bool

    @property
    def both(self) -> float:
        """The mean of the two."""
        return (self.title + self.text) / 2

    @property
    def is_same(self) -> bool:
        """Enough for one article. Where a text is short, the titles alone must be enough."""
        if self.has_texts and not self.text:
            return False
        return self.both >= LEAST_BOTH and self.title >= (LEAST_TITLE if self.has_texts else LEAST_TITLE_ALONE)


def title_keys(words: Words, language: str | None) -> tuple[int, ...]:
    """The look-up keys of a title, as 64-bit integers that are not negative; empty where it has too few words."""
    hashes = [crc32(word.encode()) for word in _stems(words.title, language)]
    if len(hashes) < LEAST_TITLE_WORDS:
        return ()
    keys = []
    for salt in _SALTS:
        mixed = sorted([(each ^ salt) * 0x85EBCA6B & 0xFFFFFFFF for each in hashes])
        keys.append((mixed[0] << 31 ^ mixed[1]) & ((1 << 63) - 1))
    return tuple(keys)


def likeness(one: TitledText, other: TitledText) -> Likeness:
    """The similarity of two posts. The texts are not looked at where the titles are too different."""
    mine, theirs = _title_stems(one.title, one.language), _title_stems(other.title, other.language)
    shortest = min(len(mine), len(theirs))
    if shortest < LEAST_TITLE_WORDS:
        return Likeness(0.0, 0.0, has_texts=False)
    shared = len(mine & theirs)
    title = shared / (len(mine) + len(theirs) - shared)
    if title < LEAST_TITLE:
        return Likeness(title, 0.0, has_texts=False)
    all_mine, all_theirs = _all_stems(_cut(one)), _all_stems(_cut(other))
    text = len(all_mine & all_theirs) / min(len(all_mine), len(all_theirs))
    has_texts = len(all_mine) >= len(mine) + _LEAST_TEXT_WORDS and len(all_theirs) >= len(theirs) + _LEAST_TEXT_WORDS
    if has_texts and shortest < _TELLING_TITLE and len((all_mine & all_theirs) - mine - theirs) < _LEAST_SHARED_WORDS:
        return Likeness(title, 0.0, has_texts)  # two columns of one name ("Morning briefing")
    return Likeness(title, text, has_texts)


def is_same_title(one: str, other: str) -> bool:
    """The same words in the same order, and so many that no two articles are called so."""
    words = tokens(one)
    return len(words) >= _LONG_TITLE and words == tokens(other)


# A title is compared with those of all its candidates.
@lru_cache(maxsize=4096)
def _title_stems(title: str, language: str | None) -> frozenset[str]:
    return _stems(tokens(title), language)


@lru_cache(maxsize=4096)
def _all_stems(titled: TitledText) -> frozenset[str]:
    words = words_of(titled.title, titled.text)
    return _stems(words.title, titled.language) | _stems(words.body[:_MOST_WORDS], titled.language)


def _cut(titled: TitledText) -> TitledText:
    """As much of it as is compared: the cache must not hold whole books."""
    return titled._replace(text=titled.text[:CHARACTERS])


def _stems(found: list[str], language: str | None) -> frozenset[str]:
    stops = stop_words(language)
    return frozenset([word[:_STEM] if len(word) > _STEM else word.rstrip("s") for word in found if word not in stops])
