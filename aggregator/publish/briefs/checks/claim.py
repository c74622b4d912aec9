"""What a check is given: a sentence of a draft, the sentences it names, and the rest of what is known.

A check is a function from a `Claim` to the reason why it fails, in words, or None. It may only look at what is told
here, and gives the same for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from aggregator.model.brief import EarlierNote, Evidence
from aggregator.publish.briefs.checks.names import Names
from aggregator.publish.briefs.checks.orders import is_order
from aggregator.text.days import Day, days
from aggregator.text.figures import Figure, figures
from aggregator.text.reading.pieces import Piece, pieces

# How many of the sources' figures or days are named in a reason.
_MOST_NAMED = 4


class Source(NamedTuple):
    """A numbered sentence. `said_at`: the day it was said; `is_note`: the title of earlier coverage; `is_order`: it
    tells its reader what to do or to write, and bears nothing out."""

    n: int
    text: str
    language: str | None
    said_at: date
    publisher: str
    is_title: bool = False
    is_note: bool = False
    is_order: bool = False

    @property
    def figures(self) -> list[Figure]:
        """The figures of its text."""
        return figures(self.text, self.language)

    @property
    def days(self) -> list[Day]:
        """The days of its text."""
        return days(self.text, self.language, self.said_at)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Its text in pieces."""
        return pieces(self.text, self.language)


class Claim(NamedTuple):
    """A sentence to check. `cited`: the sources it names; `others`: the rest of the story's; `today`: when it was
    written."""

    text: str
    language: str
    cited: tuple[Source, ...]
    others: tuple[Source, ...]
    today: date
    names: Names
    is_headline: bool = False

    @property
    def figures(self) -> list[Figure]:
        """The figures of the sentence."""
        return figures(self.text, self.language)

    @property
    def days(self) -> list[Day]:
        """The days of the sentence."""
        return days(self.text, self.language, self.today)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The sentence in pieces."""
        return pieces(self.text, self.language)

    @property
    def has_measure(self) -> bool:
        """It has a figure or a day, which bear it out: whether they are right is a matter of checks of their own."""
        return any(figure.value not in (None, 1) for figure in self.figures) or bool(self.days)

    @property
    def news(self) -> tuple[Source, ...]:
        """The sources it names that may bear it out: no orders."""
        return tuple(source for source in self.cited if not source.is_order)

    @property
    def notes(self) -> tuple[Source, ...]:
        """Earlier coverage that it names."""
        return tuple(source for source in self.cited if source.is_note)


Check = Callable[[Claim], str | None]


def of_evidence(evidence: Evidence) -> Source:
    """A sentence of a post or an article."""
    return Source(
        evidence.n, evidence.text, evidence.language, evidence.at.date(), evidence.publisher, evidence.is_title,
        is_order=is_order(evidence.text),
    )  # fmt: skip


def of_note(note: EarlierNote, language: str) -> Source:
    """The title of a story that came before; `language`: of a title whose language is not known."""
    return Source(note.n, note.title, note.language or language, note.at, "", is_note=True)


def told(words: Iterable[str]) -> str:
    """What the sources say, for a reason: "240, 31 March"; "none" for none."""
    return ", ".join(list(dict.fromkeys(words))[:_MOST_NAMED]) or "none"
