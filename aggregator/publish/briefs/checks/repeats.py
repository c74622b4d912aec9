"""What only an order asks for is not told as fact, whatever sources the sentence names."""

from __future__ import annotations

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.publish.briefs.checks.content import content, has, missing

# So much of a sentence's words stand in the order, so much more of them than in the news that the sentence names.
_MUCH, _MORE = 0.6, 0.3
_FEWEST = 2


def check_repeats(claim: Claim) -> str | None:
    """No sentence says what an order among the sources asks for, and the news that it names does not."""
    orders = [source for source in (*claim.cited, *claim.others) if source.is_order]
    if not orders:
        return None
    news = claim.news
    lacking, count = missing(claim.text, claim.language, news)
    for order in orders:
        theirs = content(order.text, order.language)
        asked = [word for word in lacking if has(theirs, word)]
        unsaid, _ = missing(claim.text, claim.language, [order])
        share = 1 - len(unsaid) / count if count else 0.0
        if len(asked) >= _FEWEST and share >= _MUCH and share - (1 - len(lacking) / count) >= _MORE:
            return f"it repeats what source {order.n} orders its reader to write"
    return None
