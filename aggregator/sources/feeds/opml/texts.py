"""Titles and names in lists of subscriptions, and what may be said of them on a terminal."""

from __future__ import annotations

import re

from aggregator.text.secrets.open_addresses import without_secrets

_LONGEST_TITLE = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
# What turns the direction of what follows, or is not seen: no line about a title may be turned by it.
_UNSEEN = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def one_line(text: str) -> str:
    """The text in one line, without control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def title_of(text: str) -> str:
    """A title as the configuration takes it: one line of at most 200 characters, that tells no key or password."""
    return without_secrets(one_line(text))[:_LONGEST_TITLE].rstrip()


def shown(text: str) -> str:
    """A text as it may stand in a line that is said: nothing in it turns or hides what stands there."""
    return _UNSEEN.sub("", one_line(text))
