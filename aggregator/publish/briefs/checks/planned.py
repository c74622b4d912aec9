"""What is planned is not told as done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from aggregator.publish.briefs.checks.claim import Claim, Source
from aggregator.publish.briefs.checks.content import covered
from aggregator.publish.briefs.checks.negation import is_not
from aggregator.text.reading.numerals import word_set
from aggregator.text.reading.pieces import Piece
from aggregator.text.reading.tense import POSSIBLE, marks

# Said, announced, decided: they tell of what was said, not of what was done.
_SAYING = word_set(
    "said told announced promised stated confirmed added warned explained declared called reported estimated voted "
    "decided agreed argued claimed noted insisted predicted vowed pledged unveiled presented signed allowed approved "
    "sagte sagten teilte erklärte erklärten kündigte kündigten betonte nannte warnte forderte gesagt mitgeteilt "
    "erklärt "
    "angekündigt versprochen bestätigte beschlossen beschloss entschieden entschied unterzeichnet genehmigt gefordert "
    "dit déclaré annoncé promis affirmé indiqué précisé expliqué confirmé estimé ajouté voté décidé signé approuvé "
    "adopté demandé averti dijo anunció dicho anunciado"
)
_AUXILIARIES = word_set("wurde wurden worden was were been a ont avait avaient has have had ha han ai avons")
_ALREADY = word_set("already bereits schon déjà ya già")
# So much of a headline a source says that is what the headline tells.
_IS_ABOUT = 0.5


class _Told(NamedTuple):
    ahead: bool
    done: bool
    possible: bool


def check_planned(claim: Claim) -> str | None:
    """Where all that the sources say is yet to come, the sentence does not tell it as done."""
    ours = _told(claim.pieces, claim.language)
    if ours.ahead:
        return None
    sources: Sequence[Source] = claim.news
    # "Nothing has been decided yet" is not done; "was adjourned" is what "will not go on" says.
    if any(is_not(piece) for found in (claim.pieces, *(source.pieces for source in sources)) for piece in found):
        return None
    if claim.is_headline:
        sources = _told_by(claim, sources)
    theirs = [_told(source.pieces, source.language) for source in sources]
    if not ours.done:
        possible = theirs and all(each.possible and not each.done for each in theirs)
        return "it tells as sure what the source it names tells as possible" if possible else None
    if theirs and all(each.ahead and not each.done for each in theirs):
        return "it tells as done what the source it names tells as planned or yet to come"
    return None


def _told_by(claim: Claim, sources: Sequence[Source]) -> list[Source]:
    """The sources that say what a headline says."""
    shares = [(covered(claim.text, claim.language, [source]), source) for source in sources]
    best = max((share for share, _ in shares), default=0.0)
    return [source for share, source in shares if share >= max(_IS_ABOUT, best)]


def _told(found: Sequence[Piece], language: str | None) -> _Told:
    ahead = done = False
    for mark in marks(found, language):
        if mark.ahead:
            ahead = True
        elif not _is_saying(found, mark.at) and not _is_aside(found, mark.at, language):
            done = True
    words = {piece.folded for piece in found}
    return _Told(ahead, done or bool(words & _ALREADY), bool(words & POSSIBLE))


_BEHIND = word_set("sind ist hat haben war waren hatte hatten wurde wurden worden")


def _is_aside(found: Sequence[Piece], at: int, language: str | None) -> bool:
    """In German the verb ends a clause that only says more of somebody: "phones that came out before 2021"."""
    if language != "de" or at + 1 >= len(found) or found[at + 1].folded not in _BEHIND:
        return False
    return at + 2 >= len(found) or found[at + 2].text in ",.;" or found[at + 2].folded == "worden"


def _is_saying(found: Sequence[Piece], at: int) -> bool:
    """A verb of saying, or the auxiliary of one."""
    if found[at].folded in _SAYING:
        return True
    if found[at].folded not in _AUXILIARIES:
        return False
    after = [piece.folded for piece in found[at + 1 : at + 4]]
    return bool(set(after) & _SAYING) and not re.search(r"[.;]", " ".join(after))
