"""Terms written in the signs of another language (regular expressions, search engines), which could never be found."""

from __future__ import annotations

import re
from typing import NamedTuple


class _Sign(NamedTuple):
    found: re.Pattern[str]
    message: str


_SIGNS = (
    _Sign(re.compile(r"\.\.\."), "three dots are no gap: write “…”, one character"),
    _Sign(re.compile(r"\|"), "“|” means nothing here: write two terms"),
    _Sign(
        re.compile(r"\\|^/.*[\[(+?^$].*/$|\.[*+]|\[.*\]|\(\?"),
        "regular expressions are not understood: see `*`, `~` and `…`",
    ),
    _Sign(
        re.compile(r"(?:^| )(?:AND|OR|NOT)(?= |$)"),
        "AND, OR and NOT are not understood: use several terms, `all` and `not`",
    ),
    _Sign(re.compile(r"[^\W_]\*[^\W_]"), "“*” stands at the beginning or the end of a word, not inside"),
    _Sign(re.compile(r"[^\W_]~[^\W_]|(?:^| )~[^\W_]"), "“~” stands at the end of a word"),
    _Sign(
        re.compile(r"[^\W_]\?[^\W_]|^[^\W_]+\?$"),
        "“?” makes nothing optional: write “~” at the end of the word, or two terms",
    ),
    _Sign(re.compile(r"^#[^\W_]"), "tags are looked at without the “#”: leave it out"),
    _Sign(re.compile(r"[^\W_]=$|^.+[ (]=[^\W_]"), "“=” stands at the start of the term"),
)


def sign_problem(term: str) -> str | None:
    """What is meant otherwise here, in words, and what to write instead; None if nothing is."""
    # Behind "=" capitals are letters: "=OR" is Oregon.
    signs = _SIGNS if not term.startswith("=") else [sign for sign in _SIGNS if "AND" not in sign.message]
    return next((sign.message for sign in signs if sign.found.search(term)), None)
