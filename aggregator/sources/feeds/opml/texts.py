"""Titles and names in lists of subscriptions, and what may be said of them on a terminal."""

from __future__ import annotations

import re

from aggregator.text.secrets.open_addresses import without_secrets
from aggregator.text.terminal.characters import JOINERS, SILENT, one_line

_LONGEST_TITLE = 200
# No line about a title may be turned by it.
_UNSEEN = re.compile(f"[{SILENT}{JOINERS}]")
# XML has no way to write them.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def title_of(text: str) -> str:
    """A title as the configuration takes it: one line of at most 200 characters, that tells no key or password."""
    return without_secrets(one_line(text))[:_LONGEST_TITLE].rstrip()


def shown(text: str) -> str:
    """A text as it may stand in a line that is said: nothing in it turns or hides what stands there."""
    return _UNSEEN.sub("", one_line(text))
