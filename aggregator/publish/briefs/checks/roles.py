"""Who did it to whom: the names of a sentence are not exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.publish.briefs.checks.content import covered
from aggregator.publish.briefs.checks.naming import name_stems

# A sentence in the passive, or one that says who says so, may well begin with the other name.
_TURNED = re.compile(
    r"\b(?:was|were|is|are|been|being|be)\b.*\bby\b|\b(?:été|est|sont|être|fut)\b.*\bpar\b|\b(?:according|said|"
    r"says|told|tells|announced|called|nach|laut|zufolge|sagte|sagt|"
    r"teilte|erklärte|nannte|selon|dit|déclaré|annoncé|according|wurde|wurden|wird|werden|been|being|lost|loses|lose|"
    r"behind|nachdem|verlor|verliert|unterlag|perd|perdu|battu\w*|beaten|sold|sells|verkauft\w*|vend\w*|with|mit|avec|"
    r"between|zwischen|entre)\b",
    re.IGNORECASE,
)
# So much of the sentence the source says: it is the same deed.
_IS_ABOUT = 0.6


def check_roles(claim: Claim) -> str | None:
    """Where a source begins with one name and ends with another, the sentence does not turn them round."""
    if _TURNED.search(claim.text):
        return None
    ours = _order(name_stems(claim.text, claim.language, claim))
    for source in claim.cited:
        if source.is_order or source.is_note or _TURNED.search(source.text):
            continue
        theirs = _order(name_stems(source.text, source.language, claim))
        clash = _turned(ours, theirs)
        if clash and covered(claim.text, claim.language, [source]) >= _IS_ABOUT:
            return f"“{clash[0]}” and “{clash[1]}” have changed their places"
    return None


def _order(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _turned(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """The first names of both, where the one's first is the other's later one."""
    shared = [name for name in ours if name in theirs]
    if len(shared) < 2:
        return None
    before = sorted(shared, key=theirs.index)
    return (shared[0], before[0]) if shared[0] != before[0] else None
