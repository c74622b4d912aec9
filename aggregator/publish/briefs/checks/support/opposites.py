"""Not the opposite: "rejected" where the source has "approved", about the same thing, with negations reckoned in.

Where a text says both sides, or leaves one open ("whether", "could"), nothing is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from aggregator.publish.briefs.checks.claim import Claim, Source
from aggregator.publish.briefs.checks.content import Word, content, has
from aggregator.publish.briefs.checks.quotes import unquoted
from aggregator.publish.briefs.checks.words.beginnings import begins, stands_at
from aggregator.publish.briefs.checks.words.opposed import LOOSE, NOUN, SIDES, SUBJECT, TURNING, VOTE, VOTING, Side
from aggregator.text.figures import figures
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.pieces import Piece, pieces
from aggregator.text.tokens import fold_tag

_NOT = word_set(
    "not no never neither nor without cannot nobody none nicht kein keine keinen keinem keiner nie niemals ohne weder "
    "niemand ne n pas jamais sans ni aucun aucune personne rien"
)
# So many words a negation stands before what it denies.
_REACH = 3
# So much of the rest of the sentence its sources say: it is about the same thing.
_ABOUT, _ABOUT_LOOSE, _ABOUT_HEADLINE = 0.3, 0.5, 0.6


class Said(NamedTuple):
    """A side that a text takes. `at`: where its word stands, in pieces; `start`: the same, in characters."""

    axis: str
    is_first: bool
    word: str
    at: int
    start: int


class Sides(NamedTuple):
    """The sides a text takes, and the axes of which it says nothing sure."""

    said: tuple[Said, ...]
    unsure: frozenset[str]


def check_opposites(claim: Claim) -> str | None:
    """No word of which the named sources say the opposite, and only that, about the same thing."""
    ours = _sides(claim.text, claim.language)
    if not ours.said:
        return None
    sources = [(source, _sides(source.text, source.language)) for source in claim.news]
    unsure = ours.unsure.union(*(theirs.unsure for _, theirs in sources))
    for said in ours.said:
        theirs = [(source, each) for source, sides in sources for each in sides.said if each.axis == said.axis]
        if said.axis in unsure or any(each.is_first == said.is_first for _, each in theirs):
            continue
        if any(other.axis == said.axis and other.is_first != said.is_first for other in ours.said):
            continue
        for source, other in theirs:
            if _is_same(claim, said, source, other):
                return f"it says “{said.word}”, the source “{other.word}”"
    return None


@lru_cache(maxsize=4096)
def _sides(text: str, language: str | None) -> Sides:
    if language is None or language not in SIDES:
        return Sides((), frozenset())
    read = pieces(text, language)
    plainly = set(unquoted(read, text))
    plain = [fold_tag(piece.text).removesuffix("'s") for piece in read]
    said, unsure = [], set()
    for at, piece in enumerate(read):
        if piece.kind != "word" or piece not in plainly:
            continue
        for side in (side for side in _sides_of(plain[at], language) if stands_at(side.words, plain, at, language)):
            turned = _is_turned(read, plain, at, side, language)
            if turned is None:
                unsure.add(side.axis)
            else:
                said.append(Said(side.axis, side.is_first != turned, piece.text, at, piece.start))
    return Sides(tuple(said), frozenset(unsure))


@lru_cache(maxsize=16384)
def _sides_of(word: str, language: str) -> tuple[Side, ...]:
    """The sides of which this is the word, or the first of the phrase."""
    return tuple(side for side in SIDES[language] if begins(side.words[0], word))


def _is_turned(read: Sequence[Piece], plain: Sequence[str], at: int, side: Side, language: str) -> bool | None:
    """Is the word denied? None where that is not sure."""
    begin = max((i for i in range(at) if plain[i] in {",", ";", ":", "–", "—"}), default=-1) + 1
    end = next((i for i in range(at + 1, len(plain)) if plain[i] in {",", ";", ":", ".", "–", "—"}), len(plain))
    nots = [i for i in range(begin, end) if plain[i] in _NOT or read[i].folded.endswith("n't")]
    # The month is no doubt.
    others = [plain[i] for i in range(begin, end) if i != at and read[i].text != "May"]
    if any(begins(each, word) for each in TURNING[language] for word in others):
        return None
    if not nots:
        return False
    near = all(at - _REACH <= i < at for i in nots)
    if language == "fr":
        near = any(at - _REACH <= i < at for i in nots) and all(abs(i - at) <= _REACH for i in nots)
    elif language == "de":
        near = near or nots == [end - 1]
    return True if near and side.axis not in NOUN | VOTE else None


def _is_same(claim: Claim, said: Said, source: Source, other: Said) -> bool:
    """Are both said of the same thing?"""
    ours, theirs = content(claim.text, claim.language), content(source.text, source.language)
    if said.axis in VOTE and not (_votes(claim.text, claim.language) and _votes(source.text, source.language)):
        return False
    if said.axis in NOUN and not _same_next(ours, said, theirs, other):
        return False
    if said.axis in SUBJECT:
        before = [word for word in theirs if word.start < other.start]
        if not any(has(before, word) for word in ours if word.start < said.start):
            return False
    rest = [word for word in ours if word.start != said.start]
    known = [word for word in theirs if word.start != other.start]
    shared = sum(has(known, word) for word in rest)
    has_figure = bool(_values(claim.text, claim.language) & _values(source.text, source.language))
    if has_figure and (said.axis in VOTE or (said.axis not in LOOSE and shared)):
        return True
    least = _ABOUT_HEADLINE if claim.is_headline else _ABOUT_LOOSE if said.axis in LOOSE else _ABOUT
    return shared > 0 and shared >= least * len(rest)


def _votes(text: str, language: str | None) -> bool:
    stems = VOTING.get(language or "", ())
    return any(begins(stem, fold_tag(piece.text)) for piece in pieces(text, language) for stem in stems)


def _values(text: str, language: str | None) -> set[float]:
    return {figure.value for figure in figures(text, language) if figure.value not in (None, 0, 1)}


def _same_next(ours: Iterable[Word], said: Said, theirs: Iterable[Word], other: Said) -> bool:
    """Does the same noun stand next behind both words?"""
    one = next((word for word in ours if word.at == said.at + 1), None)
    its = next((word for word in theirs if word.at == other.at + 1), None)
    return one is not None and its is not None and has([its], one)
