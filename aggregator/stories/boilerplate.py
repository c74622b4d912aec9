"""Boilerplate: what a source's titles repeat: the names of its columns and series, its own name, "(Sponsored)".

"Kubernetes 1.34:" before the titles of a series, "| The Gazette" behind every title, "Morning briefing" as the whole
title each day: words that fit every post and discriminate between none. They are learned from each source's titles as
they come; no list is given in advance.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.text.tokens import fold

# Between a series or site name and the rest of the title; brackets at the end.
_SEAM = re.compile(r"\s*(?::\s|\s[-–—|•·»]\s|\s\(|\)\s*$|\s\[|\]\s*$)\s*")
_SEAM_SIGNS = frozenset(":-–—|•·»()[]")
_NUMBER = re.compile(r"\d+")
_HAS_NUMBER = re.compile(r"\d")
_MONTHS_AND_DAYS = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)"
    r"(?:uary|ruary|ch|il|e|y|ust|tember|t|ober|ember|day|s)?\b"
)

# A part of a title longer than this has content. In words.
_MOST_WORDS = 6

# A part that came with so many titles of the source is boilerplate.
PART_REPEATS = 3
# A whole title that came before is a column's, if its text is another.
TITLE_REPEATS = 1


class TitlePart(NamedTuple):
    """A part of a title, or the whole: its words, and the key under which it is counted."""

    words: str
    key: str
    is_whole: bool


def parts(title: str) -> tuple[TitlePart, ...]:
    """The title itself, and its first and last part where it has several and they are short."""
    whole = TitlePart(title, _key(title), True)
    if _SEAM_SIGNS.isdisjoint(title):
        return (whole,)
    found = [part for part in _SEAM.split(title) if part and not part.isspace()]
    if len(found) < 2:
        return (whole,)
    ends = dict.fromkeys((found[0], found[-1]))
    return (whole, *(TitlePart(part, _key(part), False) for part in ends if part.count(" ") < _MOST_WORDS))


def _key(part: str) -> str:
    """The form under which a part is counted: folded, numbers and dates alike."""
    folded = part.lower() if part.isascii() else fold(part)
    if _HAS_NUMBER.search(folded):
        folded = _MONTHS_AND_DAYS.sub("0", _NUMBER.sub("0", folded))
    return folded.strip()
