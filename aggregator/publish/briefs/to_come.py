"""When something is to happen, as a sentence says it: no day that its words do not tell.

What is vague has none: "in the next month", "in a year or so", "in two years". Nor has "on Tuesday" of a post of which
nobody knows when it was written.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from aggregator.model.brief import PRECISIONS, Due, Evidence
from aggregator.text.days import Day, days

# A day further off than that, told by its year alone, is a forecast more often than a date.
_FAR = timedelta(days=550)
_YEAR = re.compile(r"\b20\d\d\b")
# "The next month" is any that comes; "next month" is the one after this.
_ROLLING = re.compile(r"(?:next|coming)\b.*(?:week|month|quarter|year)$", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:years?|jahren?|jahre|ans|années|años)$", re.IGNORECASE)
_THIS_OR_NEXT = re.compile(
    r"\b(?:next|this|coming|nächst\w+|kommend\w+|dies\w+|prochaine?|cette|próximo|este)\b", re.IGNORECASE
)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|approximately|etwa|rund|ungefähr|circa|environ|unos)\s+$", re.IGNORECASE
)
_OR_SO = re.compile(
    r"\s+(?:or (?:so|two|more|later)|oder (?:so|zwei|später)|ou (?:plus|deux)|o (?:así|más))\b", re.IGNORECASE
)
# Of a span that has begun: what is still to come of it.
_STILL = re.compile(
    r"\b(?:later|end of|end|ende|noch|rest of(?: the)?|remainder of(?: the)?|spätestens|fin|finales)"
    r"(?: in| im| of| de| der| des)?\s+(?:the )?$|^(?:end|late|ende|fin|finales)\b",
    re.IGNORECASE,
)  # fmt: skip
# The third of a year at its end, in days at least.
_END_OF_YEAR = 100


def day_to_come(each: Evidence, last: date) -> Day | None:
    """The first day after `last` that a sentence names, the most exact one; None where it may be long ago, is vague or
    too far off to be a date."""
    said_at = each.at.date()
    ahead = [
        found
        for found in days(each.text, each.language, said_at)
        if (each.is_dated or _YEAR.search(found.text))
        and _is_to_come(each.text, found, said_at, last)
        and not _is_vague(each.text, found)
    ]
    return min(ahead, key=lambda found: (PRECISIONS.index(found.precision), found.first), default=None)


def due_of(found: Day, earliest: date) -> Due:
    """A day that a text names, from `earliest` on. "By the end of 2027" is told as its year: some time before it ends,
    ordered by its last quarter."""
    first, last = found.first, found.last
    is_end_of_year = (last.month, last.day) == (12, 31) and (last - first).days > _END_OF_YEAR
    if found.bound == "until" and found.precision == "season" and is_end_of_year:
        return Due(max(date(last.year, 10, 1), earliest), last, "year")
    # A week that has begun is called by its Monday.
    return Due(first if found.precision == "week" else max(first, earliest), last, found.precision)


def _is_to_come(text: str, found: Day, said_at: date, last: date) -> bool:
    if found.precision == "year" and found.first - last > _FAR:
        return False
    if found.first > last:
        return True
    if found.last <= last or found.bound == "from":
        return False
    if found.bound == "until":
        return True
    # "Later this year": until then it may still come; what was said long before the last post may be over by then.
    length = found.last - found.first
    if found.precision == "day" or last - said_at > length / 10:
        return False
    is_still = bool(_STILL.search(text[: found.start]) or _STILL.search(found.text))
    has_most_before_it = found.last - last > length / 2 and found.precision != "week"
    return is_still or has_most_before_it or found.precision in ("season", "year")


def _is_vague(text: str, found: Day) -> bool:
    before, behind = text[: found.start], text[found.end :]
    if _OR_SO.match(behind):
        return True
    if found.precision == "day":
        return False
    if _ROLLING.match(found.text) and re.search(r"\bthe\s+$", before, re.IGNORECASE):
        return True
    is_count = bool(_COUNTED.search(found.text)) and not _THIS_OR_NEXT.search(found.text)
    return bool(_ABOUT.search(before)) or (found.precision == "year" and is_count and not _YEAR.search(found.text))
