"""Nothing is added: where a sentence keeps to its source word for word, it has no words beside that nobody said."""

from __future__ import annotations

from itertools import pairwise

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.publish.briefs.checks.content import covered, missing

# So much of the sentence is its source's own words: the rest is no paraphrase of them.
_KEEPS_TO = 0.6
_NEAR = 2


def check_added(claim: Claim) -> str | None:
    """No phrase of two words or more that no source of the story has, beside words taken over."""
    if claim.is_headline or claim.notes or not any(source.language == claim.language for source in claim.cited):
        return None
    if covered(claim.text, claim.language, claim.cited) < _KEEPS_TO:
        return None
    lacking, _ = missing(claim.text, claim.language, (*claim.cited, *claim.others))
    for one, other in pairwise(lacking):
        if other.at - one.at <= _NEAR and one.is_new:
            return f"no source says “{one.text} {other.text}”"
    return None
