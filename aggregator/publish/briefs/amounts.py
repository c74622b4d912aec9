"""Figures of a story that its sources give differently: shown, not smoothed over.

Precision first. Two figures are versions of one matter only where they are in the same unit, stand at the head of what
two publishers say, among the same words, and where no source has both of them: who names two figures has two matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from aggregator.model.brief import Amount, Evidence
from aggregator.publish.briefs.likeness import Said, said, share_of
from aggregator.text.figures import Figure, figures
from aggregator.text.tokens import tokens

# A title and the first sentences of a text: further below are other matters.
_HEAD = 3
_MOST_MATTERS = 2
# Further apart than that they are no versions of one figure.
_MOST_TIMES = 2.0
# So much of the words around the figures is shared, and so many of them; across languages, names.
_SAME_WORDS, _LEAST_WORDS = 0.5, 2
_SAME_NAMES = 2
_REACH = 45
# Shares and counts stand everywhere; money is what sources differ on.
_UNITS = frozenset({"EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "people", "W", "percent"})
_SMALLEST = 3


class _Told(NamedTuple):
    """A figure that a source gives, with the words around it."""

    evidence: Evidence
    figure: Figure
    around: frozenset[str]
    sentence: Said

    @property
    def unit(self) -> str:
        return self.figure.unit or self.figure.noun


def amounts(evidence: Sequence[Evidence]) -> list[Amount]:
    """The figures that differ, each matter with its versions: that of most sources first."""
    if len({each.publisher for each in evidence}) < 2:
        return []
    told = [each for of in _by_source(evidence) for each in of]
    has = {key: _values(of) for key, of in _all_by_post(evidence).items()}
    matters: list[list[Amount]] = []
    used: set[tuple[str, float]] = set()
    pairs = [(one, other) for one, other in combinations(told, 2) if _may_differ(one, other, has)]
    for one, other in sorted(pairs, key=lambda pair: -_alike(*pair)):
        keys = {(each.unit, each.figure.value or each.figure.low) for each in (one, other)}
        if keys & used or len(matters) == _MOST_MATTERS:
            continue
        used |= keys
        matters.append(_versions(len(matters) + 1, one, other, told))
    return [version for matter in matters for version in matter]


def _by_source(evidence: Sequence[Evidence]) -> list[list[_Told]]:
    """The figures at the head of what each post says."""
    heads: dict[int | None, list[Evidence]] = {}
    for each in evidence:
        of_post = heads.setdefault(each.post_id, [])
        if len(of_post) < _HEAD and each.article_id is None:
            of_post.append(each)
    return [[found for each in of_post for found in _told(each)] for of_post in heads.values()]


def _told(each: Evidence) -> list[_Told]:
    return [
        _Told(each, figure, _around(each, figure), said(each))
        for figure in figures(each.text, each.language)
        if figure.kind == "number" and _is_worth(figure)
    ]


def _is_worth(figure: Figure) -> bool:
    if figure.unit:
        return figure.unit in _UNITS
    return bool(figure.noun) and figure.high >= _SMALLEST and (figure.value is None or figure.value.is_integer())


def _around(each: Evidence, figure: Figure) -> frozenset[str]:
    near = each.text[max(figure.start - _REACH, 0) : figure.start] + " " + each.text[figure.end : figure.end + _REACH]
    return frozenset(tokens(near)) & said(each).words


def _all_by_post(evidence: Sequence[Evidence]) -> dict[int | None, list[Figure]]:
    found: dict[int | None, list[Figure]] = {}
    for each in evidence:
        found.setdefault(each.post_id, []).extend(figures(each.text, each.language))
    return found


def _values(of: Sequence[Figure]) -> list[tuple[str, float, float]]:
    return [(figure.unit, figure.low, figure.high) for figure in of]


def _may_differ(one: _Told, other: _Told, has: dict[int | None, list[tuple[str, float, float]]]) -> bool:
    mine, theirs = one.evidence, other.evidence
    if mine.post_id == theirs.post_id or mine.publisher == theirs.publisher or one.unit != other.unit:
        return False
    if one.figure.noun != other.figure.noun and not one.figure.unit:
        return False
    low, high = sorted((_middle(one.figure), _middle(other.figure)))
    if not _is_alone(one) or not _is_alone(other):
        return False
    if _agree(one.figure, other.figure) or low <= 0 or high / low > _MOST_TIMES:
        return False
    if _has(has[mine.post_id], other.figure) or _has(has[theirs.post_id], one.figure):
        return False
    return _alike(one, other) > 0


def _is_alone(told: _Told) -> bool:
    """Is it the only figure of its unit in its sentence?"""
    same = figures(told.evidence.text, told.evidence.language)
    return sum((figure.unit or figure.noun) == told.unit for figure in same) == 1


def _middle(figure: Figure) -> float:
    return figure.value if figure.value is not None else (figure.low + figure.high) / 2


def _agree(one: Figure, other: Figure) -> bool:
    return one.low <= other.high and other.low <= one.high


def _has(values: Sequence[tuple[str, float, float]], figure: Figure) -> bool:
    return any(unit == figure.unit and low <= figure.high and figure.low <= high for unit, low, high in values)


def _alike(one: _Told, other: _Told) -> float:
    """How much of what stands around the two is the same; 0 where that is too little to be one matter."""
    if one.evidence.language == other.evidence.language:
        shared = one.around & other.around
        alike = share_of(one.around, other.around)
        return alike if len(shared) >= _LEAST_WORDS and alike >= _SAME_WORDS else 0.0
    names = one.sentence.names & other.sentence.names
    return 0.5 if len(names) >= _SAME_NAMES and one.figure.unit not in ("", "percent") else 0.0


def _versions(matter: int, one: _Told, other: _Told, told: Sequence[_Told]) -> list[Amount]:
    """Both versions, with all who say so."""
    found = []
    for version in (one, other):
        of_it = [each for each in told if each.unit == version.unit and _agree(each.figure, version.figure)]
        first = min(of_it, key=lambda each: (each.evidence.at, each.evidence.n))
        posts = tuple(dict.fromkeys(each.evidence.post_id for each in of_it if each.evidence.post_id is not None))
        found.append(
            Amount(
                matter=matter, text=first.figure.text, value=None if first.figure.hedge else first.figure.value,
                unit=version.unit, language=first.evidence.language, posts=posts,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-len(each.posts), each.posts))
