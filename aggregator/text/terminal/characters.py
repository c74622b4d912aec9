"""Characters that nobody sees: sets of them, as parts of a pattern's class, and text in one line without controls."""

from __future__ import annotations

import re

# C0 and C1, which terminals obey, and halves of pairs, which are no text.
CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
# What turns the direction of what follows, or has no width and no meaning.
SILENT = r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
# Not seen either, and the business of letters: some scripts are read otherwise without them.
JOINERS = r"\u200c\u200d"

_NO_WORD = re.compile(rf"[{CONTROLS}\ufffe\uffff]+")


def seen_line(text: str) -> str:
    """The text in one line, of characters that are seen: each gap, of whatever else, is a space. For what a server or a
    program says, which nobody reads for its letters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def one_line(text: str) -> str:
    """The text in one line, without control characters; each gap is a space."""
    return " ".join((text if text.isprintable() else _NO_WORD.sub(" ", text)).split())
