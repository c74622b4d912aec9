"""Figures of a story that its sources give differently: shown, not smoothed over.

Precision first. Two figures are versions of one matter only where they are in the same unit, stand at the head of what
two publishers say, among the same words, and where no source has both of them: who names two figures has two matters.
Of the dead and the hurt of one event fewer words must be the same: what is counted is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import inf
from typing import NamedTuple

from aggregator.model.brief import Amount, Evidence
from aggregator.publish.briefs.likeness import Said, said, share_of
from aggregator.publish.briefs.tolls import Counted, counted_in, hedged
from aggregator.text.figures import Figure, figures
from aggregator.text.tokens import tokens

# A title and the first sentences of a text, and the first of its page: further below are other matters.
_HEAD = 3
_MOST_MATTERS = 2
# What people were told in the first hours has been several figures.
_MOST_VERSIONS = 4
# Further apart than that they are no versions of one figure.
_MOST_TIMES, _MOST_TIMES_TOLL = 2.0, 3.0
# So much of the words around the figures is shared, and so many of them; across languages, names.
_SAME_WORDS, _LEAST_WORDS = 0.5, 2
_SAME_NAMES = 2
_REACH = 45
# Shares and counts stand everywhere; money is what sources differ on.
_UNITS = frozenset({"EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "people", "W", "percent"})
_SMALLEST = 3
# One event, where sentences on its dead have so many words and names in common besides those that count.
_LEAST_EVENT = 2
_OF_ANY_EVENT = frozenset(
    "people person persons dead died die dies killed killing kills injured injuring hurt wounded others least nearly "  # noqa: SIM905
    "deaths death fatalities said says police officials menschen personen tote toten getötet verletzt verletzte "
    "polizei morts mort tués blessés personnes police muertos heridos personas".split()
)


class _Told(NamedTuple):
    """A figure that a source gives, with the words around it. `toll`: where it counts the dead or the hurt."""

    evidence: Evidence
    figure: Figure
    around: frozenset[str]
    sentence: Said
    toll: Counted | None

    @property
    def unit(self) -> str:
        return self.toll.toll if self.toll else self.figure.unit or self.figure.noun

    @property
    def text(self) -> str:
        return self.toll.text if self.toll else hedged(self.evidence.text, self.figure)


def amounts(evidence: Sequence[Evidence]) -> list[Amount]:
    """The figures that differ, each matter with its versions: that of most sources first."""
    if len({each.publisher for each in evidence}) < 2:
        return []
    told = _told_at_heads(evidence)
    has = _all_by_post(evidence)
    matters: list[list[Amount]] = []
    used: set[tuple[str, float]] = set()
    pairs = [(one, other) for one, other in combinations(told, 2) if _may_differ(one, other, has)]
    for one, other in sorted(pairs, key=lambda pair: -_alike(*pair)):
        # Of the dead of one story there is one matter, with all versions.
        keys = {(each.unit, 0.0 if each.toll else each.figure.value or each.figure.low) for each in (one, other)}
        if keys & used or len(matters) == _MOST_MATTERS:
            continue
        used |= keys
        versions = [one, other]
        for each in told if one.toll else ():
            if len(versions) < _MOST_VERSIONS and all(_may_differ(each, version, has) for version in versions):
                versions.append(each)
        matters.append(_versions(len(matters) + 1, versions, told))
    return [version for matter in matters for version in matter]


def _told_at_heads(evidence: Sequence[Evidence]) -> list[_Told]:
    """The figures at the head of what each post and its page say."""
    heads: dict[tuple[int | None, int | None], list[Evidence]] = {}
    for each in evidence:
        of_text = heads.setdefault((each.post_id, each.article_id), [])
        if len(of_text) < _HEAD:
            of_text.append(each)
    return [found for of_text in heads.values() for each in of_text for found in _told(each)]


def _told(each: Evidence) -> list[_Told]:
    return [
        _Told(each, figure, _around(each, figure), said(each), toll)
        for figure in figures(each.text, each.language)
        if (toll := counted_in(each.text, figure)) or _is_worth(figure)
    ]


def _is_worth(figure: Figure) -> bool:
    """May sources differ on it? "Several" and "dozens" are no figures to compare."""
    if figure.kind != "number" or figure.value is None:
        return False
    if figure.unit:
        return figure.unit in _UNITS
    return bool(figure.noun) and figure.high >= _SMALLEST and figure.value.is_integer()


def _around(each: Evidence, figure: Figure) -> frozenset[str]:
    near = each.text[max(figure.start - _REACH, 0) : figure.start] + " " + each.text[figure.end : figure.end + _REACH]
    return frozenset(tokens(near)) & said(each).words


def _all_by_post(evidence: Sequence[Evidence]) -> dict[int | None, list[Figure]]:
    found: dict[int | None, list[Figure]] = {}
    for each in evidence:
        found.setdefault(each.post_id, []).extend(figures(each.text, each.language))
    return found


def _may_differ(one: _Told, other: _Told, has: Mapping[int | None, Sequence[Figure]]) -> bool:
    mine, theirs = one.evidence, other.evidence
    if bool(one.toll) != bool(other.toll):
        return False
    if mine.post_id == theirs.post_id or mine.publisher == theirs.publisher or one.unit != other.unit:
        return False
    if one.figure.noun != other.figure.noun and not one.figure.unit and not one.toll:
        return False
    most = _MOST_TIMES_TOLL if one.toll else _MOST_TIMES
    low, high = sorted((_middle(one.figure), _middle(other.figure)))
    if not _is_alone(one) or not _is_alone(other):
        return False
    if _agree(one.figure, other.figure) or low <= 0 or high / low > most:
        return False
    # Who has a toll twice tells how it rose, in whatever words.
    if not one.toll and (_has(has[mine.post_id], other.figure) or _has(has[theirs.post_id], one.figure)):
        return False
    return _alike(one, other) > 0


def _is_alone(told: _Told) -> bool:
    """Is it the only figure of its unit in its sentence?"""
    text = told.evidence.text
    same = figures(text, told.evidence.language)
    if told.toll:
        return sum((found := counted_in(text, each)) is not None and found.toll == told.toll.toll for each in same) == 1
    return sum((figure.unit or figure.noun) == told.unit for figure in same) == 1


def _middle(figure: Figure) -> float:
    return figure.value if figure.value is not None else (figure.low + figure.high) / 2


def _agree(one: Figure, other: Figure) -> bool:
    return one.low <= _high(other) and other.low <= _high(one)


def _high(figure: Figure) -> float:
    """ "At least 60" and "84" are no two versions."""
    return inf if figure.hedge in ("least", "above") else figure.high


def _has(told: Sequence[Figure], figure: Figure) -> bool:
    return any(each.unit == figure.unit and each.low <= figure.high and figure.low <= each.high for each in told)


def _alike(one: _Told, other: _Told) -> float:
    """How much of what stands around the two is the same; 0 where that is too little to be one matter."""
    if one.toll and other.toll:
        return _is_one_event(one, other)
    if one.evidence.language == other.evidence.language:
        shared = one.around & other.around
        alike = share_of(one.around, other.around)
        return alike if len(shared) >= _LEAST_WORDS and alike >= _SAME_WORDS else 0.0
    names = one.sentence.names & other.sentence.names
    return 0.5 if len(names) >= _SAME_NAMES and one.figure.unit not in ("", "percent") else 0.0


def _is_one_event(one: _Told, other: _Told) -> float:
    """How many words and names two sentences on the dead or the hurt share, 0..1; 0 where they may be of two events."""
    if _years(one) != _years(other):
        return 0.0
    if one.evidence.language != other.evidence.language:
        return 0.5 if len(one.sentence.names & other.sentence.names) >= _SAME_NAMES else 0.0
    shared = (one.sentence.words & other.sentence.words) - _OF_ANY_EVENT
    shared = frozenset(word for word in shared if not word.isdigit())
    return min(len(shared) / 10, 1.0) if len(shared) >= _LEAST_EVENT else 0.0


def _years(told: _Told) -> frozenset[float | None]:
    return frozenset(each.value for each in figures(told.evidence.text, told.evidence.language) if each.unit == "year")


def _versions(matter: int, versions: Sequence[_Told], told: Sequence[_Told]) -> list[Amount]:
    """The versions, each with all who say so."""
    found = []
    for version in versions:
        of_it = [each for each in told if _say_one(each, version)]
        first = min(of_it, key=lambda each: (each.evidence.at, each.evidence.n))
        posts = tuple(dict.fromkeys(each.evidence.post_id for each in of_it if each.evidence.post_id is not None))
        found.append(
            Amount(
                matter=matter, text=first.text, value=None if first.figure.hedge else first.figure.value,
                unit=version.unit, language=first.evidence.language, posts=posts,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-len(each.posts), each.posts))


def _say_one(each: _Told, version: _Told) -> bool:
    if each is version:
        return True
    if each.unit != version.unit or bool(each.toll) != bool(version.toll):
        return False
    if not version.toll:
        return _agree(each.figure, version.figure)
    return each.figure.value == version.figure.value and _alike(each, version) > 0
