"""The public page of a hashtag or an account, whose server has a feed of it at that address and `.rss`."""

from __future__ import annotations

from aggregator.model.source import Source


def page_of(source: Source) -> str:
    """The page that a hashtag or an account has; an account has it, and its feed, on its own server alone."""
    if source.kind != "account" or "@" not in source.url.rpartition("/@")[2]:
        return source.url.partition("?")[0]
    name, _, host = source.account.partition("@")
    return f"https://{host}/@{name}"
