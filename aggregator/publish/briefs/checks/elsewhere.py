"""The right source: what a sentence says is not said by another one than it names."""

from __future__ import annotations

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.publish.briefs.checks.content import content, covered

# In parts of the sentence's words: so little the named sources say of it, so much another one.
_LITTLE, _MUCH = 0.25, 0.6
# Of fewer words nothing can be told.
_FEWEST = 3


def check_source(claim: Claim) -> str | None:
    """No other source says most of it where those it names say next to nothing."""
    if claim.is_headline or claim.notes or len(content(claim.text, claim.language)) < _FEWEST:
        return None
    if claim.has_measure:
        return None
    if covered(claim.text, claim.language, claim.cited) > _LITTLE:
        return None
    for source in claim.others:
        if not source.is_order and covered(claim.text, claim.language, [source]) >= _MUCH:
            return f"source {source.n} says it, and none of those it names"
    return None
