"""A text in the three forms in which it is searched for terms: as shown, folded, and its words; every place the same.

Texts in Western letters are made ready as bytes (`aggregator.text.western`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from aggregator.text.tokens import SPACELESS, SPACELESS_CHAR, fold, nfkc
from aggregator.text.western import plain, table, text_of, western

# Dashes part words as spaces do; all apostrophes become one; a soft hyphen, zero-width characters and marks of
# direction are nothing.
_CHARACTERS = (
    *((dash, " ") for dash in "-‐‑‒–—―−"),
    *((mark, "'") for mark in "’‘ʼ`´"),
    *((nothing, "") for nothing in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
)
# Letters that case folding makes two of; replaced beforehand, the folded text keeps the places of the original.
_WIDE_WHEN_FOLDED = str.maketrans({"ß": "ss", "ẞ": "SS", "İ": "I"})
_SCRIPT_BORDER = re.compile(rf"(?<=[{SPACELESS}])(?=[^\W_{SPACELESS}])|(?<=[^\W_{SPACELESS}])(?=[{SPACELESS}])")
# Neither letter, digit nor space.
_SIGN = re.compile(r"[^\w ]|_")

# What stands between the parts of a text while they are made ready together, and a line end after that.
_PART = "\0"
_SPACES = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
# Found so in half the time that `in` takes: spaces are everywhere.
_TWO_SPACES = re.compile(b"  ")
_SPACES_TOGETHER = re.compile(b"  +")
# Of texts in Western letters, by bytes; with those of ASCII alone the search for the others is spared.
_STANDS_FOR = {**dict(_CHARACTERS), **dict.fromkeys(_SPACES, " "), _PART: "\n"}
_SHOWN = table(lambda char: plain(_STANDS_FOR.get(char) or plain(char)))
_FOLDED = table(str.lower)
_WORDS = table(lambda char: char.lower() if char.isalnum() else " ")
# Dropped, and what becomes several characters.
_DROPPED = b"\xad"
_WIDE = ((b"\x85", b"..."), (b"\x99", b"TM"), (b"\xdf", b"ss"))
# What becomes another character beyond those.
_OTHERS = {char: stands_for for char, stands_for in _CHARACTERS if western(char, {}) is None}


class Forms(NamedTuple):
    """`folded` as `text.fold` gives it; `words` has a space for all that is no letter or digit, and one more before
    and behind: what is at i in the others is at i + 1 there."""

    text: str
    folded: str
    words: str


def joined(parts: list[str]) -> Forms:
    """The forms of some texts that do not belong together: each is a line, the last one too."""
    whole = _PART.join(parts)
    if whole.count(_PART) == len(parts) - 1:
        raw = western(whole, _OTHERS)
        if raw is not None:
            return _western_forms(_shown(raw) + b"\n")
    return forms("".join([f"{normalise(part)}\n" for part in parts]))


def _shown(raw: bytes) -> bytes:
    """Parts in Western letters as `normalise` gives each, line ends between them."""
    if raw.isascii():
        shown = raw.translate(_SHOWN)
    else:
        shown = raw.translate(_SHOWN, _DROPPED)
        for character, stands_for in _WIDE:
            shown = shown.replace(character, stands_for)
    if _TWO_SPACES.search(shown):
        shown = _SPACES_TOGETHER.sub(b" ", shown)
    return shown.replace(b" \n", b"\n").replace(b"\n ", b"\n").strip(b" ")


def forms(text: str) -> Forms:
    """The forms of a text as `normalise` gives it. The text is the given one, save where folding makes it longer."""
    if text.isascii():
        return _western_forms(text.encode())
    folded = fold(text)
    if len(folded) != len(text):
        text = text.translate(_WIDE_WHEN_FOLDED)
        if len(folded) != len(text):
            text = folded
    return Forms(text, folded, f" {words_of(folded)} ")


def _western_forms(shown: bytes) -> Forms:
    words = (b" " + shown + b" ").translate(_WORDS)
    return Forms(text_of(shown), text_of(shown.translate(_FOLDED)), text_of(words))


def normalise(text: str) -> str:
    """The form in which texts are searched, case kept: NFKC, dashes and white space one space, one apostrophe.

    A space also parts a script without spaces from letters and digits of another ("AIが" becomes "AI が").
    """
    if text.isascii():
        return " ".join(text.replace("-", " ").replace("`", "'").split())
    normal = _replaced(nfkc(text), _CHARACTERS)
    if SPACELESS_CHAR.search(normal):
        normal = _SCRIPT_BORDER.sub(" ", normal)
    return " ".join(normal.split())


def _replaced(text: str, characters: tuple[tuple[str, str], ...]) -> str:
    for character, stands_for in characters:  # a table for str.translate takes forty times as long
        if character in text:
            text = text.replace(character, stands_for)
    return text


def words_of(folded: str) -> str:
    """The folded text with a space for each character that is no letter or digit; every place is kept."""
    if folded.isascii():
        return folded.encode().translate(_WORDS).decode()
    at = 0
    while sign := _SIGN.search(folded, at):  # a text has few different ones
        at = sign.start()
        folded = folded.replace(sign[0], " ")
    return folded


def wide(text: str) -> str:
    """The text as long as it is folded, case kept ("Fuß" becomes "Fuss")."""
    return text.translate(_WIDE_WHEN_FOLDED)
