"""Two addresses that are one page, because the page says so (rel=canonical), as a program that read it has seen.

Sites say that in error, too: every instalment of a live blog names the blog, every page the section. So the posts must
be called alike, and no source may have both: one that shows two items means two.
"""

from __future__ import annotations

from aggregator.model.changes import CopyOf
from aggregator.model.post import KnownPost
from aggregator.text.tokens import tokens

NAMED_BY_PAGE = "its page names "
"""How the reason begins. It stands when copies are decided anew: pages are not read again for that."""

# Of the words of both titles, so many are in both.
_ALIKE = 0.5


def named_copy(later: KnownPost, first: KnownPost, address: str) -> CopyOf | None:
    """What the later of two articles is, where the page of one or both names this address; None for two articles.

    Neither is a copy already, nor gone.
    """
    if later.kind != "article" or first.kind != "article" or later.source_ids & first.source_ids:
        return None
    if later.is_gone or first.is_gone or later.copy_of is not None or first.copy_of is not None:
        return None
    mine, theirs = set(tokens(later.title)), set(tokens(first.title))
    if not mine or len(mine & theirs) < _ALIKE * len(mine | theirs):
        return None
    return CopyOf(first.id, f"{NAMED_BY_PAGE}{address} as its address", 1.0)
