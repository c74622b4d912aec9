"""What a person pastes for a feed → the address that it means."""

from __future__ import annotations

import re

from aggregator.text.typed.subscribing import subscribed_address
from aggregator.text.urls import absolute_url

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_AROUND = " \t\r\n<>\"'\u201c\u201d\u201e"


def pasted_address(text: str) -> str | None:
    """The http or https address that it means; None where it means none.

    Where no scheme is written it is https. Brackets and quotes around it are not meant.
    """
    text = text.strip(_AROUND)
    if meant := subscribed_address(text):
        return absolute_url(meant)
    return absolute_url(text if _SCHEME.match(text) else f"https://{text.removeprefix('//')}")
