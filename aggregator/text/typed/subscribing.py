"""Addresses that are to be clicked for "subscribe to this", in the schemes of feed readers → the address behind them.

`feed:https://…`, `itpc://…`, `feed/https://…`: people paste them, lists of subscriptions are full of them, and pages
link to them.
"""

from __future__ import annotations

import re

# Before an address ("feed:https://…"), or in the place of its own scheme, which is http then; with an s at the end
# https. `feed:8080/` is a host and its port. And the names that Google Reader gave to feeds: feed/https://…
_SUBSCRIBE = re.compile(
    r"(?:(?:feed|rss|itpc|pcast|podcast|itms-pcast|itms-podcast)(s?):(?:/{1,3}(?=[^/])|(?![\d/]))|feed/()(?=https?:))+",
    re.IGNORECASE,
)
# Behind that, also where a program took the second colon for its own: "feed:https//…".
_INNER = re.compile(r"(https?)(?::/*|//)", re.IGNORECASE)


def subscribed_address(text: str) -> str | None:
    """The address, with http or https before it, that such a text leads to; None where it has no such scheme."""
    match = _SUBSCRIBE.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    inner = _INNER.match(rest)
    scheme = inner[1].lower() if inner else f"http{(match[1] or '').lower()}"
    return f"{scheme}://{rest[inner.end() if inner else 0 :]}"
