"""What a brief says of earlier coverage: of a story that it names, on that story's day, and what its title says."""

from __future__ import annotations

import re
from itertools import pairwise

from aggregator.publish.briefs.checks.claim import Claim, told
from aggregator.publish.briefs.checks.content import Word, content, has, missing
from aggregator.publish.briefs.checks.words.lexicon import OPPOSITES
from aggregator.text.reading.numerals import word_set

_WE_REPORTED = re.compile(
    r"\b(?:we (?:had |have )?(?:already )?(?:reported|wrote|covered)|as (?:we )?reported|"
    r"wir (?:bereits )?(?:berichtet|schrieben)"
    r"|berichte(?:te)?n wir|haben wir|nous (?:avions|avons) |comme nous l|nous rapportions|nous écrivions)",
    re.IGNORECASE,
)
_OUR_OWN = word_set("reported report wrote covered earlier berichteten berichtet schrieben rapporté écrit indiqué")
# So many words of its own a sentence may have beside a title of few words.
_MOST_OWN = 0.5
_FEW = 3
# In the same language fewer will do: two of three.
_MOST_OWN_ALIKE, _FEW_ALIKE = 0.6, 2


def check_earlier(claim: Claim) -> str | None:
    """ "As we reported" names the story, its day, and says what its title says."""
    if claim.is_headline:
        return None
    if not claim.notes:
        found = _WE_REPORTED.search(claim.text)
        return f"it says “{found.group()}”, and names no earlier story" if found else None
    dates = {note.said_at for note in claim.notes}
    for day in claim.days:
        if day.first == day.last and day.first not in dates and not any(
            day.first == other.first for source in claim.cited if not source.is_note for other in source.days
        ):  # fmt: skip
            return f"“{day.text}” is not the day of the earlier story, {told(map(str, sorted(dates)))}"
    if len(claim.notes) < len(claim.cited):
        return None  # the rest may come from the other sources
    return _matter(claim)


def _matter(claim: Claim) -> str | None:
    theirs = [word for note in claim.notes for word in content(note.text, note.language)]
    ours = [word for word in content(claim.text, claim.language) if word.plain not in _OUR_OWN]
    for word in ours:
        for other in theirs:
            if frozenset({word.concept, other.concept}) in OPPOSITES and not has(ours, other):
                return f"it says “{word.text}”, the earlier story's title “{other.text}”"
    if swapped := _exchanged(ours, theirs):
        return f"it says “{swapped[0].text} {swapped[1].text}”, the earlier story's title has no “{swapped[0].text}”"
    lacking, _ = missing(claim.text, claim.language, claim.notes)
    own = [word for word in lacking if word.plain not in _OUR_OWN]
    alike = all(note.language == claim.language for note in claim.notes)
    few, most = (_FEW_ALIKE, _MOST_OWN_ALIKE) if alike else (_FEW, _MOST_OWN)
    if (len(own) >= _FEW and len(own) > _MOST_OWN * len(ours)) or (len(own) >= few and len(own) > most * len(ours)):
        return f"the earlier story's title says nothing of “{told(word.text for word in own)}”"
    return None


def _exchanged(ours: list[Word], theirs: list[Word]) -> tuple[Word, Word] | None:
    """A word before one that both have, where theirs has another before it: "knee injury" for "back injury"."""
    pairs = {other.plain: before for before, other in pairwise(theirs) if before.at + 1 == other.at}
    for before, word in pairwise(ours):
        there = pairs.get(word.plain)
        if before.at + 1 == word.at and there and before.is_led and there.is_led and not has(theirs, before):
            return before, word
    return None
