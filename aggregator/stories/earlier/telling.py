"""What of a story is compared with another one: the words of its lead post, which of them are names, its entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from aggregator.model.post import OlderStory, Outline
from aggregator.stories.encoder import dense_vector_of
from aggregator.text.tokens import tokens
from aggregator.text.word_vectors import held_once, title_terms, vector
from aggregator.text.words import beginning_of, beginning_of_longer

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector

# So many words in a row are in two leads by chance hardly ever: they are furniture ("subscribe to …"), or what a
# publisher says each time of a company.
_RUN = 6

# Of one publisher's two texts, one with so large a part of the other's runs is that once more: an offer, a notice.
_TOLD_AGAIN = 0.25

# Where so large a part of a text's words is capitalised, that tells nothing of one of them (English titles).
_TITLE_CASE = 0.6
_LONG_WORD = 4

# The rest of a long text is background. In characters.
LEAD_CHARACTERS = 600
_SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+")
_WORD = re.compile(r"[^\s.,;:()\[\]\"“”„«»‘!?/–—]+")
_NUMBERED = re.compile(r"([^\W\d_]{2,})(?:[ -]?v?|[)\]]? ?#)(\d+(?:\.\d+)*)\b")
_HEADING_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_DIGITS = re.compile(r"[\d./:-]+(?<=\d)")
_SHOWS_NAME = re.compile(r"\d|(?<=.)[A-ZÀ-ÖØ-Þ]")


class Said:
    """A text taken apart. `terms`: term → damped frequency in title and lead, those of the title first; `titled`: those
    of the title; `is_sure`: they would be the same if the text went on.

    The rest is worked out when it is first asked for: of most stories that are compared the terms alone are.
    """

    def __init__(self, title: str, text: str, language: str | None) -> None:
        words, self.is_sure = beginning_of_longer(title, text)
        self._title, self._text, self._lead = title, text, words.lead
        self.terms: Mapping[str, float] = vector(words, language)
        self.titled = title_terms(title) & self.terms.keys()

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that are written as names."""
        return names_in(self._title, self._text)

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Each `_RUN` words of the lead in a row."""
        return frozenset(zip(*[self._lead[start:] for start in range(_RUN)], strict=False))

    @cached_property
    def numbered(self) -> Mapping[str, str]:
        """Name → the number after it in the title."""
        return numbered_in(self._title)

    @cached_property
    def series(self) -> str | None:
        """The title without its numbers; None where it has none."""
        return _series(self._title)

    @cached_property
    def heading(self) -> tuple[str, ...]:
        """The title's words in order, all numbers the same."""
        return tuple(_HEADING_WORD.findall(_NUMBER.sub("0", self._title.casefold())))

    @property
    def length(self) -> int:
        """How many words it has, names with their numbers not counted once more."""
        return sum(" " not in term for term in self.terms)


@dataclass(frozen=True, slots=True)
class Telling:
    """A story as it is compared: what its lead post says, about whom, and when."""

    said: Said
    entities: frozenset[str]
    first_at: datetime
    last_at: datetime
    embedding: DenseVector | None


def telling_of(story: OlderStory) -> Telling:
    """What is compared of a story."""
    said = said_by(story.title, story.text, story.language)
    return Telling(said, story.entities, story.first_at, story.last_at, dense_vector_of(story.vector))


# The stories about one matter are compared with each new one about it.
# With four times as many a first poll of 318 feeds takes 28 MB more, and as long.
@lru_cache(maxsize=1024)
def said_by(title: str, text: str, language: str | None) -> Said:
    """A title and a text taken apart."""
    return Said(title, text, language)


def terms_of(title: str, text: str, language: str | None, called: str) -> Mapping[str, float]:
    """The terms of a post in its title and lead, as `vector` gives them.

    Where it is `called` by its title, a story that it starts is told by the same words: they are taken apart once.
    """
    if title == called:
        said = said_by(title, text[:LEAD_CHARACTERS], language)
        if said.is_sure or len(text) <= LEAD_CHARACTERS:
            return said.terms
    return vector(beginning_of(title, text), language)


def outline_of(story: OlderStory) -> Outline:
    """The terms by which it is told whether a story may have anything to do with another one; kept with it, if it
    is."""
    if story.outline is not None:
        return story.outline
    said = said_by(story.title, story.text, story.language)
    return Outline(held_once(said.terms), len(said.titled))


def names_in(title: str, text: str) -> frozenset[str]:
    """The words of a title and of the beginning of a text that are written as names: capitalised amid a sentence, or
    with a capital or a digit in them ("iPhone", "GPT-5")."""
    found: list[str] = []
    for sentence in (title, *_SENTENCE_ENDS.split(text[:LEAD_CHARACTERS])):
        words = _WORD.findall(sentence)
        long = [word for word in words if len(word) >= _LONG_WORD]
        is_telling = sum(word[0].isupper() for word in long) < _TITLE_CASE * len(long)
        found.extend(
            word
            for place, word in enumerate(words)
            if (is_telling and place and word[0].isupper()) or _SHOWS_NAME.search(word)
        )
    return frozenset(tokens(" ".join(found)))


def numbered_in(title: str) -> dict[str, str]:
    """Names with the numbers of their versions in a title: "GPT-5.1" gives gpt → 5.1."""
    return {name.casefold(): number for name, number in _NUMBERED.findall(title)}


def _series(title: str) -> str | None:
    return _DIGITS.sub("", title.casefold()) if _DIGITS.search(title) else None


def is_told_again(one: Said, other: Said) -> bool:
    """Is a good part of one lead, word for word, in the other?"""
    shorter = min(len(one.runs), len(other.runs))
    return shorter > 0 and len(one.runs & other.runs) >= _TOLD_AGAIN * shorter


def furniture(one: Said, other: Said) -> frozenset[str]:
    """The words of both leads that stand in the same long runs, and in no title."""
    shared = one.runs & other.runs
    if not shared:
        return frozenset()
    return frozenset(word for run in shared for word in run) - one.titled - other.titled
