"""What a person pastes for a feed → the address that it means."""

from __future__ import annotations

import re

from aggregator.text.urls import absolute_url

# Schemes that other programs have for "subscribe to this": before an address ("feed:https://…"), or in the place of its
# own, which is http then; with an s at the end https.
_SUBSCRIBE = re.compile(r"(?:feed|rss|itpc|pcast|podcast|itms-pcast|itms-podcast)(s?):(?://|(?!\d))", re.IGNORECASE)
# After "feed:", also where a program took the second colon for its own: "feed:https//…".
_INNER = re.compile(r"(https?)(?::/*|//)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_AROUND = " \t\r\n<>\"'\u201c\u201d\u201e"


def pasted_address(text: str) -> str | None:
    """The http or https address that it means; None where it means none.

    Where no scheme is written it is https. Brackets and quotes around it are not meant.
    """
    text = text.strip(_AROUND)
    if match := _SUBSCRIBE.match(text):
        rest = text[match.end() :]
        inner = _INNER.match(rest)
        return absolute_url(f"{inner[1] if inner else f'http{match[1]}'}://{rest[inner.end() if inner else 0 :]}")
    return absolute_url(text if _SCHEME.match(text) else f"https://{text.removeprefix('//')}")
