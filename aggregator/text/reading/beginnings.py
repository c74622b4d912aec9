"""The words with which a day or a figure may begin, language by language: most words need no further look."""

from __future__ import annotations

from functools import lru_cache

from aggregator.text.reading import calendar
from aggregator.text.reading.numerals import NUMERALS


@lru_cache(maxsize=8)
def starts(language: str) -> frozenset[str]:
    """All first words of days, spans, quarters and counts of them in a language that is read."""
    words = NUMERALS[language]
    ago, ahead = calendar.AGO.get(language, ("", ""))[0].split()[:1], calendar.IN.get(language, "").split()[:1]
    tables = (
        calendar.MONTHS, calendar.WEEKDAYS, calendar.SEASONS, calendar.RELATIVE, calendar.SINGLE, calendar.PARTS,
        calendar.NEAR_FIRST,
    )  # fmt: skip
    return frozenset(
        {word for table in tables for word in table[language]}
        | set(calendar.PERIODS) | set(calendar.FIRST) | set(words.cardinals) | set(words.ordinals) | set(words.articles)
        | calendar.LAST | set(ago) | set(ahead)
    )  # fmt: skip


@lru_cache(maxsize=8)
def counts(language: str) -> frozenset[str]:
    """All first words of figures in a language; in German besides compounds."""
    words = NUMERALS[language]
    tables = (words.cardinals, words.magnitudes, words.dozens, words.ordinals, words.parts, words.vague, words.factors)
    return frozenset({word for table in tables for word in table} | words.articles | words.every | {"demi"})
