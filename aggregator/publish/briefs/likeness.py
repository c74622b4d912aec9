"""Do two sentences say the same? By their words; across languages by the names and figures that both have.

Cheap and careful: what is said twice in two languages without a shared figure, or three names, is not noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from aggregator.model.brief import Evidence
from aggregator.text.language import stop_words
from aggregator.text.tokens import fold, numbers, tokens

# Of the words of the shorter one so many are in the other.
_SAME_WORDS = 0.6
_SAME_FIGURES_NAMES = 0.5
# Of those that have a figure and the names in common.
_WITH_SAME_FIGURE = 0.35
_SAME_NAMES, _WITH_FIGURE = 3, 2
# Of two publishers' sentences on one event, by the beginnings of their words.
_RETOLD, _BEGINNING = 0.5, 5
_CAPITAL = re.compile(r"[^\W\d_]*[A-ZÀ-ÖØ-ÞĀ-Ž][\w.’'&-]*\w|[A-ZÀ-ÖØ-Þ]\w+")
_LEAST_FIGURE = 2


class Said(NamedTuple):
    """What a sentence is compared by: its words without stop words, what is written like a name, its figures."""

    language: str | None
    words: frozenset[str]
    names: frozenset[str]
    figures: frozenset[str]


def said(evidence: Evidence) -> Said:
    """The words, names and figures of a sentence."""
    return said_in(evidence.text, evidence.language)


@lru_cache(4096)
def said_in(text: str, language: str | None) -> Said:
    """The same of a text in a language."""
    stops = stop_words(language)
    words = frozenset(word for word in tokens(text) if word not in stops and len(word) > 1)
    names = frozenset(fold(name).removesuffix("'s").removesuffix("’s") for name in _CAPITAL.findall(text))
    figures = frozenset(
        figure.replace(",", ".").rstrip(".") for figure in numbers(text) if len(figure) >= _LEAST_FIGURE
    )
    return Said(language, words, names - stops, figures)


def say_the_same(one: Said, other: Said) -> bool:
    """Does one of them add little to the other?"""
    if one.language == other.language:
        alike = share_of(one.words, other.words)
        is_one_deal = bool(one.figures & other.figures) and share_of(one.names, other.names) >= _SAME_FIGURES_NAMES
        return alike >= (_WITH_SAME_FIGURE if is_one_deal else _SAME_WORDS)
    shared, figures = one.names & other.names, one.figures & other.figures
    return len(shared) >= _SAME_NAMES or (bool(figures) and len(shared) + len(figures) >= _WITH_FIGURE)


def overlap(one: Said, other: Said) -> float:
    """How much of the shorter one's words and names the other has, by their beginnings: "electric", "electricity"."""
    return share_of(_beginnings(one), _beginnings(other))


def retells(one: Said, other: Said) -> bool:
    """Do two publishers tell one event with these, in other words? Half of the words, and the same people or places."""
    if one.language != other.language or overlap(one, other) < _RETOLD:
        return False
    return share_of(one.names, other.names) >= _SAME_FIGURES_NAMES or bool(one.figures & other.figures)


def _beginnings(of_it: Said) -> frozenset[str]:
    return frozenset(word[:_BEGINNING] for word in of_it.words | of_it.names)


def share_of(one: Iterable[str], other: Iterable[str]) -> float:
    """How much of the shorter one is in the other, 0..1."""
    first, second = frozenset(one), frozenset(other)
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0
