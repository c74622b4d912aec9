"""How terms are written, and the form in which texts are searched for them.

The syntax of a term:

- Plain words match whole words, whatever their case or width: `data breach`. A dash is a space: "open source" finds
  "open-source". Accented letters are also found without their accents, as in addresses: "Geldbuße" finds "geldbusse".
- `*` at an end of a word opens that edge: `regulat*`, `*finanzierung`, `языков* модел*`.
- `~` at the end of a word lets it go on by at most three letters, for inflection: `lawsuit~` finds "lawsuits",
  `acquir~` finds "acquires" and "acquiring" and not "acquirement".
- `=` at the start makes case matter: `=WHO`.
- `…` is a gap of at most `GAP_WORDS` words of one sentence: `raises … <money>`.
- `<money>`, `<percent>`, `<number>`, `<version>` stand for expressions of that kind, and follow directly where no
  gap is written: `cuts <number> jobs`.

An edge that is a letter or digit must not touch another letter or digit ("ai" is not in "said"), except where a script
has no spaces between words ("地震" is in "震度6強の地震"). Nothing reaches over a line end.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from aggregator.expressions import CLASSES
from aggregator.text import SPACELESS, SPACELESS_CHAR, fold

GAP_WORDS = 8
GAP = "…"
# More than any mix of languages uses; a text of random characters must not fill the memory.
_KNOWN_CHARACTERS = 20_000

# Dashes part words as spaces do; one apostrophe stands for all; a soft hyphen and zero-width characters are nothing.
_CHARACTERS = str.maketrans(
    dict.fromkeys("-‐‑‒–—―−", " ")
    | dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
)
# Letters that case folding makes two of; replaced beforehand, the folded text keeps the places of the original.
WIDE_WHEN_FOLDED = str.maketrans({"ß": "ss", "ẞ": "SS", "İ": "I"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

# Where a stretch of a term without gaps comes apart: around a class, and at an open edge inside ("новая модел* ИИ").
_SEAM = re.compile("(" + "|".join(map(re.escape, CLASSES)) + r")|(?<=[*~]) +| +(?=\*)")
# Two terms of three: words of ASCII without any of the signs above. Nothing to take apart.
_PLAIN = re.compile(r"[A-Za-z0-9.'/+&:]+(?: [A-Za-z0-9.'/+&:]+)*")
_SCRIPT_BORDER = re.compile(rf"(?<=[{SPACELESS}])(?=[^\W_{SPACELESS}])|(?<=[^\W_{SPACELESS}])(?=[{SPACELESS}])")


class _Gaps(dict[int, str]):
    """What is between words, as one space each, keeping every place; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        shown = chr(code) if chr(code).isalnum() else " "
        if len(self) < _KNOWN_CHARACTERS:
            self[code] = shown
        return shown


_GAPS = _Gaps()
# The same for ASCII, where bytes are translated five times as fast; upper case is lowered on the way.
_ASCII_GAPS = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)

Right = Literal["closed", "inflected", "open"]


def normalise(text: str) -> str:
    """The form in which texts are searched, case kept: NFKC, dashes and white space one space, one apostrophe.

    A space also parts a script without spaces from letters and digits of another ("AIが" becomes "AI が").
    """
    if text.isascii():
        plain = text.replace("-", " ").replace("`", "'")
        # Most texts have nothing else to mend; to see that costs a fifth of mending.
        if plain.isprintable() and "  " not in plain and plain[:1] != " " and plain[-1:] != " ":
            return plain
        return " ".join(plain.split())
    plain = unicodedata.normalize("NFKC", text).translate(_CHARACTERS)
    if not plain.isascii() and SPACELESS_CHAR.search(plain):
        plain = _SCRIPT_BORDER.sub(" ", plain)
    return " ".join(plain.split())


def words_of(folded: str) -> str:
    """The folded text with a space for each character that is no letter or digit; every place is kept."""
    if folded.isascii():
        return folded.encode().translate(_ASCII_GAPS).decode()
    return folded.translate(_GAPS)


class TermLiteral(NamedTuple):
    """A piece of a term to look for, folded; `exact` is the spelling where case matters."""

    text: str
    open_left: bool
    right: Right
    exact: str | None


class Part(NamedTuple):
    """A piece of a term: a literal, or a class of expressions. `gap`: words may stand between it and the one before."""

    text: str
    gap: bool
    literal: TermLiteral | None


def parts_of(term: str) -> tuple[Part, ...]:
    """The term taken apart at gaps and classes.

    Raises:
        ValueError: a term has nothing to look for ("*", "…", a gap without a part beside it).
    """
    if _PLAIN.fullmatch(term):
        plain = term.lower()
        return (Part(plain, False, TermLiteral(plain, False, "closed", None)),)
    is_cased = term.startswith("=")
    parts: list[Part] = []
    for stretch in term.removeprefix("=").split(GAP):
        # Most terms have neither a class nor an open edge inside: nothing to split at.
        is_plain = "<" not in stretch and "*" not in stretch and "~" not in stretch
        split = (stretch,) if is_plain else _SEAM.split(stretch)
        pieces = [piece for piece in (normalise(piece or "") for piece in split) if piece]
        if not pieces:
            raise ValueError(f"“{term}” has nothing to look for")
        parts.extend(_part(piece, is_cased, gap=bool(parts) and i == 0) for i, piece in enumerate(pieces))
    if not any(part.literal for part in parts) or any(part.literal and not part.literal.text for part in parts):
        raise ValueError(f"“{term}” has nothing to look for")
    return tuple(parts)


def _part(piece: str, is_cased: bool, gap: bool) -> Part:
    if piece in CLASSES:
        return Part(piece, gap, None)
    right: Right = "open" if piece.endswith("*") else "inflected" if piece.endswith("~") else "closed"
    bare = piece.strip("*").removesuffix("~").strip()
    text = fold(bare)
    exact = bare.translate(WIDE_WHEN_FOLDED) if is_cased else None
    name = f"={piece}" if is_cased else fold(piece)
    return Part(name, gap, TermLiteral(text, piece.startswith("*"), right, exact))


def spellings_of(text: str) -> tuple[str, ...]:
    """The text, and how it is written where accents are left out ("donnees", "moebel", "mobel")."""
    if text.isascii() or SPACELESS_CHAR.search(text):
        return (text,)
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # Only of Latin letters: й without its accent is another letter.
    return tuple(dict.fromkeys((text, plain, text.translate(_UMLAUTS)))) if plain.isascii() else (text,)


def is_edge(char: str) -> bool:
    """The character belongs to a word of a script with spaces between words."""
    return char.isalnum() and not SPACELESS_CHAR.match(char)
