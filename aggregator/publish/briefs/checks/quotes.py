"""Quotations: word for word in a source that the sentence names, never translated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from aggregator.publish.briefs.checks.claim import Claim
from aggregator.text.reading.pieces import Piece

# Opening and closing marks in the languages that are read; a straight one opens and closes.
_QUOTED = re.compile(
    r"„([^“”\"„]+)[“”\"]|“([^“”„]+)”|»([^«»]+)«|«([^«»]+)»|\"([^\"]+)\"|‹([^‹›]+)›|(?<!\w)‘([^‘’]+)’(?!\w)"
)
_LEFT_OUT = re.compile(r"\s*(?:\[?(?:…|\.\.\.)\]?|\[[^\]]*\])\s*")
_FEWEST_LETTERS = 2


def quotations(text: str) -> list[str]:
    """What stands between quotation marks."""
    return [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]


def unquoted(found: Sequence[Piece], text: str) -> list[Piece]:
    """The pieces of a text without what is quoted: whether that is right is a check of its own."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    return [piece for piece in found if not any(a <= piece.start < b for a, b in quoted)]


def check_quotes(claim: Claim) -> str | None:
    """Each quotation is word for word in one of the sources that the sentence names."""
    sources = [_plain(source.text) for source in claim.news]
    for quotation in quotations(claim.text):
        parts = [_plain(part) for part in _LEFT_OUT.split(quotation)]
        for part in parts:
            if len(part) >= _FEWEST_LETTERS and not any(f" {part} " in f" {source} " for source in sources):
                elsewhere = any(f" {part} " in f" {_plain(other.text)} " for other in claim.others)
                where = "is of another source than those it names" if elsewhere else "stands in no source it names"
                return f"the quotation “{quotation.strip()}” {where}"
    return None


def _plain(text: str) -> str:
    """Words alone, folded: marks, case and spaces may differ in print."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*|[%€$£]", folded))
