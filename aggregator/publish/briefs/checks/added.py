"""Nothing is added: where a sentence keeps to its source word for word, it has no words beside that nobody said.

A paraphrase has other words in the place of the source's; what is added comes beside them. By words alone only the
plainest additions can be told from paraphrases: of counts of words that no source has, and of sentences longer than
their sources, neither parts the honest sentences from the others. A whole clause behind an "and" of which no source of
the story has a word is one, too, where the clause before it stays with the sources.
"""

from __future__ import annotations

import re
from itertools import pairwise

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.publish.briefs.checks.content import content, covered, has, missing

# So much of the sentence is its source's own words: the rest is no paraphrase of them.
_KEEPS_TO = 0.6
# So near to one another two words are a phrase, in pieces of the text.
_NEAR = 3
# What joins clauses; so many words the one behind has at least, and so much of the one before the sources have.
_AND = re.compile(r"(?:,|;| –)? (?:and|und|et|y|e|while|während|tandis que) ", re.IGNORECASE)
_FEWEST, _BEFORE = 2, 0.5


def check_added(claim: Claim) -> str | None:
    """No phrase of two words or more that no source of the story has, beside words taken over."""
    if claim.is_headline or claim.notes:
        return None
    if clause := _added_clause(claim):
        return clause
    if not all(source.language == claim.language for source in claim.cited):
        return None
    lacking, _ = missing(claim.text, claim.language, (*claim.cited, *claim.others))
    phrase = next((pair for pair in pairwise(lacking) if pair[1].at - pair[0].at <= _NEAR), None)
    if phrase is None:
        return None
    ours = content(claim.text, claim.language)
    theirs = [word for source in claim.cited for word in content(source.text, source.language)]
    is_whole = all(has(ours, word) for word in theirs)
    is_near = phrase[0].is_new and covered(claim.text, claim.language, claim.cited) >= _KEEPS_TO
    return f"no source says “{phrase[0].text} {phrase[1].text}”" if is_whole or is_near else None


def _added_clause(claim: Claim) -> str | None:
    """A clause behind the last "and" of which nothing is in the story: no word, figure or day."""
    *_, last = [None, *_AND.finditer(claim.text)]
    if last is None:
        return None
    words = content(claim.text, claim.language)
    before = [word for word in words if word.start < last.start()]
    behind = [word for word in words if word.start >= last.end()]
    if not before or any(each.value is not None and each.start >= last.end() for each in claim.figures):
        return None
    story = (*claim.cited, *claim.others)
    theirs = [word for source in story for word in content(source.text, source.language)]
    cited = [word for source in claim.cited for word in content(source.text, source.language)]
    # Words that the table does not know may be told otherwise there, in whatever language.
    compared = [word for word in behind if word.concept]
    if len(compared) < _FEWEST or any(has(theirs, word) for word in behind):
        return None
    share = sum(has(cited, word) for word in before) / len(before)
    return f"no source says “{claim.text[last.end() :].rstrip('.')}”" if share >= _BEFORE else None
