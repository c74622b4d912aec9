"""A text as the pieces in which figures and days are read: numbers, words, signs, each with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from aggregator.text.patterns.late import late_pattern
from aggregator.text.tokens import fold

# Where a comma is a decimal point and a full stop stands between thousands.
_COMMA_DECIMAL = frozenset({"de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "nb", "fi", "pl", "cs", "ru"})

_GROUP = "\u00a0\u202f\u2009'’"
_NUMBER = rf"\d{{1,3}}(?:[{_GROUP}]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,:]\d+)*"
# In languages that group by a space too.
_SPACED = rf"\d{{1,3}}(?:[{_GROUP} ]\d{{3}})+(?:[.,]\d+)?(?![\d.,]\d|\d)|\d+(?:[.,:]\d+)*"
_REST = (
    r"(?P<word>[^\W\d_]+(?:[’'](?=[^\W\d_])[^\W\d_]+)*[²³]?(?:/h\b)?)"
    r"|(?P<sign>US\$|[€$£¥₹₩₽₺%‰°])|(?P<other>[^\s])"
)
_SKIPPED = r"(?P<skipped>https?://\S+|www\.\S+|[@#][\w@.\-]*\w|(?!(?:mid|early|late|mi|fin|début)-\d{4}\b)[^\W\d_]+-?\d[\w.\-]*(?<![.\-])|\d[\d.\-]*(?:[^\W\d_]\w*\d\w*))"
# "Mid-2027" is no name.
_PLAIN = late_pattern(rf"{_SKIPPED}|(?P<number>{_NUMBER})|{_REST}")
_WITH_SPACES = late_pattern(rf"{_SKIPPED}|(?P<number>{_SPACED})|{_REST}")
_SPACE_GROUPS = frozenset({"fr", "es", "sv", "pl", "ru", "fi", "no", "nb", "cs"})

Kind = Literal["number", "word", "sign", "other", "skipped"]


class Piece(NamedTuple):
    """A number, word or sign. `folded`: as it is compared; `start`, `end`: where it stands."""

    kind: str
    text: str
    folded: str
    start: int
    end: int


_ELISION = re.compile(r"^(?:[cdjlmnstCDJLMNST]|[qQ]u|jusqu|lorsqu|puisqu|dell|all|nell|sull|dall)[’']")


@lru_cache(maxsize=4096)
def pieces(text: str, language: str | None) -> tuple[Piece, ...]:
    """The pieces of a text in their order. "d'euros" is two, "ChatGPT-5" is one that is skipped."""
    found: list[Piece] = []
    pattern = _WITH_SPACES if language in _SPACE_GROUPS else _PLAIN
    for match in pattern.finditer(text):
        kind = match.lastgroup or "other"
        word, start = match.group(), match.start()
        if kind == "word" and (elided := _ELISION.match(word)):
            cut = elided.end()
            found.append(Piece("word", word[:cut], fold(word[: cut - 1]), start, start + cut))
            word, start = word[cut:], start + cut
        folded = word.lower() if word.isascii() else fold(word).replace("’", "'")
        found.append(Piece(kind, word, folded, start, match.end()))
    return tuple(found)


def value_of(digits: str, language: str | None) -> tuple[float, float] | None:
    """The value of a number in digits, and the worth of its last digit; None where it is none ("3.1.2", "4:30")."""
    if ":" in digits:
        return None
    bare = re.sub(rf"[{_GROUP} ]", "", digits)
    marks = [mark for mark in bare if mark in ".,"]
    if not marks:
        return float(bare), 1.0
    decimal = _decimal_mark(bare, marks, grouped=bare != digits, comma=language in _COMMA_DECIMAL)
    if decimal is None:
        return None
    whole, _, after = bare.rpartition(decimal) if decimal else (bare, "", "")
    whole = re.sub("[.,]", "", whole)
    return float(f"{whole or 0}.{after or 0}"), 10.0 ** -len(after)


def _decimal_mark(bare: str, marks: Sequence[str], *, grouped: bool, comma: bool) -> str | None:
    """Which mark is the decimal one; "" for none, None where the marks make no number."""
    if grouped:
        return marks[-1]
    groups = re.split("[.,]", bare)
    if len(set(marks)) == 2 and marks[-1] != marks[-2]:
        return marks[-1] if all(len(group) == 3 for group in groups[1:-1]) else None
    all_groups = all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) <= 3
    if len(marks) > 1:
        return "" if all_groups and len(set(marks)) == 1 else None
    if all_groups and not groups[0].startswith("0"):
        return "" if (marks[0] == ",") != comma else marks[0]
    return marks[0]


_LASTING = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)(?:[.,]\d+)?")


def lasting_of(digits: str) -> float | None:
    """The seconds of "2:03:14", as times of races are told; None for what is none."""
    match = _LASTING.fullmatch(digits)
    return 3600.0 * int(match[1]) + 60.0 * int(match[2]) + int(match[3]) if match else None
