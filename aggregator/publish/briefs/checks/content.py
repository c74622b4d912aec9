"""What a sentence says, as words that carry meaning, and how much of it another sentence has, in whatever language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from aggregator.publish.briefs.checks.claim import Source, read_pieces
from aggregator.publish.briefs.checks.lexicon import concept_of, phrases_in
from aggregator.text.figures import figures
from aggregator.text.language import stop_words
from aggregator.text.reading.calendar import MONTHS, WEEKDAYS
from aggregator.text.reading.numerals import word_set
from aggregator.text.tokens import fold_tag

_LEAST = 3
# Some lists of stop words have "hospital" in them: a long one counts where the lexicon knows it.
_LEAST_OF_STOPS = 5
# So long a beginning in common makes two words one: "hospital" and "hôpitaux" are in the lexicon, this is for the rest.
_SAME_BEGINNING = 5
# A part of a German compound.
_COMPOUND = 5
_CALENDAR = frozenset(word for tables in (MONTHS, WEEKDAYS) for table in tables.values() for word in table)
# Words of reporting: what is said is there without them.
REPORTING = word_set(
    "according says said say told tells reported reports announced states stated noted adds added explained posted "
    "laut zufolge angaben sagte sagt erklärte teilte mitteilte berichtete berichten gab bekannt heisst heißt hieß "
    "selon indique indiqué annoncé déclaré précisé affirme affirmé dit expliqué rapporte called calls described "
    "nannte nennt bezeichnete bezeichnet appelle qualifie"
)


# Before a noun or its adjective, and no verb.
LEADING = word_set(
    "a an the of in on at with without for by from to into its his her their our some several ein eine einen "
    "einem einer "
    "eines der die das den dem des mit ohne von vom im in am an für zum zur bei seine seinen ihre ihren un une le "
    "la les l "
    "de du des d avec sans pour dans en au aux par sur son sa ses leur leurs"
)


# They bring in what was not spoken of before.
_INDEFINITE = word_set(
    "a an several two three many some another ein eine einen einem einer mehrere viele einige weitere un une "
    "plusieurs "
    "deux trois certains certaines quelques una uno unos"
)


class Word(NamedTuple):
    """A word with meaning: as it stands, without accents, its concept, where it stands, and whether an
    article or a preposition stands before it, or one that brings in what is new."""

    text: str
    plain: str
    concept: str | None
    at: int
    start: int
    is_led: bool
    is_new: bool


@lru_cache(maxsize=4096)
def content(text: str, language: str | None) -> tuple[Word, ...]:
    """The words of a text that carry meaning: neither stop words nor numbers, days and words of reporting."""
    counted = [(figure.start, figure.end) for figure in figures(text, language)]
    stops = stop_words(language)
    found = []
    read = read_pieces(text, language)
    phrases = dict(phrases_in(tuple(piece.folded for piece in read), language))
    for at, piece in enumerate(read):
        if piece.kind not in ("word", "skipped"):
            continue
        if (at not in phrases and len(piece.text) < _LEAST) or piece.folded in _CALENDAR or piece.folded in REPORTING:
            continue
        concept = phrases.get(at) or concept_of(piece.text)
        is_stop = piece.folded in stops and (concept is None or len(piece.text) < _LEAST_OF_STOPS)
        if (is_stop and at not in phrases) or any(a <= piece.start < b for a, b in counted):
            continue
        found.append(
            Word(
                piece.text,
                fold_tag(piece.text).removesuffix("'s"),
                concept,
                at,
                piece.start,
                read[at - 1].folded in LEADING if at else False,
                read[at - 1].folded in _INDEFINITE if at else False,
            )
        )
    return tuple(found)


@lru_cache(maxsize=65536)
def is_like(one: str, other: str) -> bool:
    """Do two words without accents begin alike, or is one a part of the other?"""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter) and len(longer) - len(shorter) <= 3:
        return True
    if len(shorter) >= _SAME_BEGINNING and one[:_SAME_BEGINNING] == other[:_SAME_BEGINNING]:
        return True
    return len(shorter) >= _COMPOUND and shorter in longer


def has(words: Iterable[Word], word: Word) -> bool:
    """Do these words say it?"""
    return any(
        (word.concept is not None and word.concept == other.concept) or is_like(word.plain, other.plain)
        for other in words
    )


def missing(text: str, language: str | None, sources: Sequence[Source]) -> tuple[list[Word], int]:
    """The words of a text that none of the sources says, and how many words it has."""
    words = content(text, language)
    theirs = [word for source in sources for word in content(source.text, source.language)]
    theirs += [word for source in sources for word in content(source.publisher, source.language)]
    return [word for word in words if not has(theirs, word)], len(words)


def covered(text: str, language: str | None, sources: Sequence[Source]) -> float:
    """The part of a text's words that the sources say, from 0 to 1; 1 for a text without any."""
    lacking, count = missing(text, language, sources)
    return 1 - len(lacking) / count if count else 1.0
