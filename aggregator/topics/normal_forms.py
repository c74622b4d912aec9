"""A text in the three forms in which it is searched for terms: as shown, folded, and its words; every place the same.

Texts of ASCII alone, most of those in English, are made ready as bytes, in a fifth of the time: a table of 256 entries
does what takes a search for each kind of character otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from aggregator.text.tokens import SPACELESS, SPACELESS_CHAR, fold

# Dashes part words as spaces do; all apostrophes become one; a soft hyphen and zero-width characters are nothing.
_CHARACTERS = (
    *((dash, " ") for dash in "-‐‑‒–—―−"),
    *((mark, "'") for mark in "’‘ʼ`´"),
    *((nothing, "") for nothing in "\u00ad\u200b\u200c\u200d\u2060\ufeff"),
)
# Letters that case folding makes two of; replaced beforehand, the folded text keeps the places of the original.
_WIDE_WHEN_FOLDED = str.maketrans({"ß": "ss", "ẞ": "SS", "İ": "I"})
_SCRIPT_BORDER = re.compile(rf"(?<=[{SPACELESS}])(?=[^\W_{SPACELESS}])|(?<=[^\W_{SPACELESS}])(?=[{SPACELESS}])")
# Neither letter, digit nor space.
_SIGN = re.compile(r"[^\w ]|_")

# And what else is often the only thing in a text that is not ASCII.
_TYPOGRAPHY = (
    *((character, plain) for character, plain in _CHARACTERS if character not in "-`´"),
    ("…", "..."),
    ("\xa0", " "),
)

# What stands between the parts of a text while they are made ready together, and a line end after that.
_PART = "\0"
_SPACES = " \t\n\v\f\r\x1c\x1d\x1e\x1f"
# At the ends of a part: nothing.
_EDGES = f"{_SPACES}-"
_SHOWN = bytes.maketrans(f"{_SPACES}-`{_PART}".encode(), b" " * len(_SPACES) + b" '\n")
# Found so in half the time that `in` takes: spaces are everywhere.
_TWO_SPACES = re.compile(b"  ")
_SPACES_TOGETHER = re.compile(b"  +")
_WORDS = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)


class Forms(NamedTuple):
    """`folded` as `text.fold` gives it; `words` has a space for all that is no letter or digit, and one more before
    and behind: what is at i in the others is at i + 1 there."""

    text: str
    folded: str
    words: str


def joined(parts: list[str]) -> Forms:
    """The forms of some texts that do not belong together: each is a line, the last one too."""
    whole = _PART.join([part.strip(_EDGES) for part in parts])
    if not whole.isascii():
        whole = _PART.join([_replaced(part, _TYPOGRAPHY).strip(_EDGES) for part in parts])
    if whole.isascii() and whole.count(_PART) == len(parts) - 1:
        plain = whole.encode().translate(_SHOWN)
        if _TWO_SPACES.search(plain):
            plain = _SPACES_TOGETHER.sub(b" ", plain)
        return _ascii_forms(plain + b"\n")
    return forms("".join([f"{normalise(part)}\n" for part in parts]))


def forms(text: str) -> Forms:
    """The forms of a text as `normalise` gives it. The text is the given one, save where folding makes it longer."""
    if text.isascii():
        return _ascii_forms(text.encode())
    folded = fold(text)
    if len(folded) != len(text):
        text = text.translate(_WIDE_WHEN_FOLDED)
        if len(folded) != len(text):
            text = folded
    return Forms(text, folded, f" {words_of(folded)} ")


def _ascii_forms(plain: bytes) -> Forms:
    return Forms(plain.decode(), plain.lower().decode(), (b" " + plain + b" ").translate(_WORDS).decode())


def normalise(text: str) -> str:
    """The form in which texts are searched, case kept: NFKC, dashes and white space one space, one apostrophe.

    A space also parts a script without spaces from letters and digits of another ("AIが" becomes "AI が").
    """
    if text.isascii():
        return " ".join(text.replace("-", " ").replace("`", "'").split())
    plain = unicodedata.normalize("NFKC", text)
    plain = _replaced(plain, _CHARACTERS)
    if SPACELESS_CHAR.search(plain):
        plain = _SCRIPT_BORDER.sub(" ", plain)
    return " ".join(plain.split())


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
