"""Nearness by meaning, where the extra is installed: a sentence is far from its sources and near to another one."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence

from aggregator.model.embedding import Encoder
from aggregator.publish.briefs.checks.claim import Claim, Source

# Cosines. Honest sentences of the labelled set are between .18 and .95 near the best source that they name, and at most
# .18 nearer to another one; those under a wrong source are .12 to .18 near to it, and .86 to .88 to the right one.
_FAR, _NEAR, _MUCH_NEARER = 0.35, 0.6, 0.25

Vectors = Mapping[str, bytes]


def vectors_of(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """The vector of each text, all of them asked for at once."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, encoder.encode(distinct), strict=True))


def check_meaning(claim: Claim, vectors: Vectors) -> str | None:
    """The sentence is not much nearer to another source than to those it names."""
    if claim.is_headline or claim.notes:
        return None
    named = max((nearness(claim, source, vectors) for source in claim.cited), default=0.0)
    others = [(nearness(claim, source, vectors), source.n) for source in claim.others if not source.is_order]
    best, n = max(others, default=(0.0, 0))
    if named < _FAR and best >= _NEAR and best - named >= _MUCH_NEARER:
        return f"it says what source {n} says, and none of those it names"
    return None


def nearness(claim: Claim, source: Source, vectors: Vectors) -> float:
    """The cosine of a sentence and a source, from -1 to 1."""
    one, other = array("b", vectors[claim.text]), array("b", vectors[source.text])
    lengths = math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0
