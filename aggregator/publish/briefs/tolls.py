"""Who was killed, who was hurt: counts of people that sources give differently more often than any other figure.

"Five dead", "killed 26 people", "15 people have died" and "a death toll of 43" are counts of one kind, whatever word
stands at the number. A part of a count ("including 13 children") is none.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from aggregator.text.figures import Figure
from aggregator.text.patterns.late import late_pattern

Toll = Literal["dead", "hurt"]

_DEAD = (
    "dead|died|dies|deaths?|killed|killing|kills?|fatalities"
    "|tote[nr]?|todesopfer|getötet|gestorben|starben"
    "|morts?|mortes?|tuée?s?|tuant|décès"
    "|muert[oa]s?|fallecid[oa]s?|mueren|murieron|víctimas mortales"
    "|morti|uccis[ei]"
)
_HURT = (
    "injured|injuring|injures?|injuries|hurt|wounded|wounding|wounds"
    "|verletzte?[nr]?|verletzen"
    "|blessée?s?|blessant"
    "|herid[oa]s?"
    "|ferit[ei]"
)
_WORD = late_pattern(rf"\b(?:(?P<dead>{_DEAD})|(?P<hurt>{_HURT}))\b", re.IGNORECASE)
# Elsewhere it is an article.
_DIE = late_pattern(r"^ die\b")
# "The crash killed 12, officials said": nothing is counted but people.
_ENDS = late_pattern(r"^(?:[,.;:]|$| (?:and|in|on|at|und|et|y|e|en|à|i[mn]|a[mn])\b)")
# They count nobody else's dead: "the death toll rises to 43", "die Zahl der Toten steigt auf 43".
_TOLL = late_pattern(
    r"\b(?:death toll|(?:zahl|anzahl) der (?:toten|todesopfer)|bilan|nombre de morts|número de muertos)\b[^.,;]{0,30}$",
    re.IGNORECASE,
)
# "26 others": beside somebody who is not counted.
_OTHERS = late_pattern(r"^ ?(?:others?|more|weitere[nr]?|andere[nr]?|autres|otr[oa]s|altr[ie])\b", re.IGNORECASE)
# People, by the words that are counted. What is said of soldiers or pupils alone may be a part of all.
_PEOPLE = frozenset({"people", "persons", "others", "menschen", "personen", "personnes", "personas", "persone"})
_PART = late_pattern(
    r"(?:including|among them|of (?:them|whom)|some of|darunter|davon|dont|parmi|incluid[oa]s|entre ell[oa]s|tra cui)"
    r"(?: \w+){0,2} $|\(\s*$",
    re.IGNORECASE,
)
# An insertion between a count and its word: "27 people, including 20 children, shot dead".
_INSERTED = late_pattern(r"^,? ?(?:including|among them|darunter|dont|incluid[oa]s) [^,.;]{0,60},? ", re.IGNORECASE)
# How many characters a word may stand before a figure ("killing at least 15"), and behind it ("people have been").
_BEFORE, _BEHIND = 26, 34
_NUMBER = late_pattern(r"\d|[.;:]\s")
_HEDGES = late_pattern(
    r"\b(?:at least|at most|more than|fewer than|less than|as many as|up to|over|nearly|almost|about|around|some"
    r"|mindestens|mehr als|weniger als|bis zu|rund|etwa|fast|knapp|über|au moins|plus de|moins de|près de|environ"
    r"|al menos|más de|menos de|casi|unos|almeno|più di|circa) $",
    re.IGNORECASE,
)


class Counted(NamedTuple):
    """Which toll a figure is, and the words that say so, as they stand in the text."""

    toll: Toll
    text: str


def counted_in(text: str, figure: Figure) -> Counted | None:
    """The toll that a figure of this text is; None where it is none, or no number."""
    if figure.value is None or figure.kind != "number" or not figure.value.is_integer():
        return None
    if figure.unit not in ("", "people"):
        return None
    start = _start(text, figure)
    if _PART.search(text[:start]):
        return None
    if _TOLL.search(text[:start]):
        return Counted("dead", text[start : figure.end])
    found = _named(text, figure, start)
    return None if found and found.toll == "dead" and _OTHERS.match(text[figure.end :]) else found


def hedged(text: str, figure: Figure) -> str:
    """A figure as it stands, with the words that say how sure it is: "at least 15", "nearly 80 people"."""
    return text[_start(text, figure) : figure.end]


def _start(text: str, figure: Figure) -> int:
    """Where the words begin that say how sure a figure is; the figure itself, where there are none."""
    hedge = _HEDGES.search(text[: figure.start])
    return hedge.start() if hedge else figure.start


def _named(text: str, figure: Figure, start: int) -> Counted | None:
    """By the word behind the figure, or by that before it, whichever is nearer."""
    rest = text[figure.end :]
    is_people = figure.unit == "people" or figure.noun in _PEOPLE or _WORD.fullmatch(figure.noun)
    if not is_people and not (_ENDS.match(rest) and re.search(r"\b(?:kill|injur|wound)\w+ $", text[:start])):
        return None
    if _DIE.match(rest):
        return Counted("dead", text[start : figure.end + 4])
    inserted = _INSERTED.match(rest)
    skipped = inserted.end() if inserted else 0
    behind = _WORD.search(_up_to_number(rest[skipped : skipped + _BEHIND]))
    reach = text[max(start - _BEFORE, 0) : start]
    numbers = list(_NUMBER.finditer(reach))
    reach = reach[numbers[-1].end() :] if numbers else reach
    before = list(_WORD.finditer(reach))
    off_before = len(reach) - before[-1].end() if before else len(text)
    off_behind = behind.start() if behind else len(text)
    if not before and not behind:
        return None
    if behind and off_behind <= off_before:
        whole = text[start : figure.end + (0 if inserted else behind.end())]
        return Counted(_toll(behind), whole)
    word = before[-1]
    begin = start - len(reach) + word.start()
    return Counted(_toll(word), text[begin : figure.end])


def _up_to_number(text: str) -> str:
    end = _NUMBER.search(text)
    return text[: end.start()] if end else text


def _toll(word: re.Match[str]) -> Toll:
    return "dead" if word.group("dead") else "hurt"
