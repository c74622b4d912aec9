"""How terms are written, and the form in which texts are searched for them.

The syntax of a term:

- Plain words match whole words, whatever their case or width: `data breach`. A dash is a space: "open source" finds
  "open-source". Accented letters are also found without their accents, as in addresses: "Geldbuße" finds "geldbusse".
  So is an apostrophe inside a word as a space: "don d'organes" finds "don-d-organes".
- `*` at an end of a word opens that edge: `regulat*`, `*finanzierung`, `языков* модел*`.
- `~` at the end of a word lets it go on by at most three letters, for inflection: `lawsuit~` finds "lawsuits",
  `acquir~` finds "acquires" and "acquiring" and not "acquirement".
- `=` at the start makes case matter: `=WHO`.
- `…` is a gap of at most `GAP_WORDS` words of one sentence: `raises … <money>`.
- `<money>`, `<percent>`, `<number>`, `<version>` match expressions of that kind, and follow directly where no
  gap is written: `cuts <number> jobs`.

An edge that is a letter or digit must not touch another letter or digit ("ai" is not in "said"), except where a script
has no spaces between words ("地震" is in "震度6強の地震"). Nothing reaches over a line end.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from aggregator.text.tokens import SPACELESS_CHAR, fold
from aggregator.topics.expressions import CLASSES
from aggregator.topics.normal_forms import normalise, wide

GAP_WORDS = 8
GAP = "…"
# Inside a word, where addresses have a dash for it.
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

# Where a stretch of a term without gaps comes apart: around a class, and at an open edge inside ("новая модел* ИИ").
_SEAM = re.compile("(" + "|".join(map(re.escape, CLASSES)) + r")|(?<=[*~]) +| +(?=\*)")
# Four terms of five: Western words in which nothing is left to normalise, open at the ends at most. Not taken apart.
_LETTERS = "[A-Za-z0-9.'/+&:À-ÖØ-öø-ÿ]+"
_PLAIN = re.compile(rf"(\*?){_LETTERS}(?: {_LETTERS})*([*~]?)")

Right = Literal["closed", "inflected", "open"]
_RIGHTS: dict[str, Right] = {"": "closed", "~": "inflected", "*": "open"}


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
    if plain := _PLAIN.fullmatch(term):
        left, right = plain.groups()
        folded = term.casefold()
        name = term if folded == term else folded  # one string less to keep, of thousands
        text = name[len(left) : len(name) - len(right)]
        return (Part(name, False, TermLiteral(text, left != "", _RIGHTS[right], None)),)
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
    right = _RIGHTS[piece[-1] if piece[-1] in "*~" else ""]
    exact = wide(_bare(piece)) if is_cased else None
    folded = fold(piece)
    name = f"={piece}" if is_cased else folded
    return Part(name, gap, TermLiteral(_bare(folded), piece.startswith("*"), right, exact))


def _bare(piece: str) -> str:
    return piece.strip("*").removesuffix("~").strip()


def spellings_of(text: str) -> tuple[str, ...]:
    """The text, and as addresses have it: no accents ("donnees", "moebel", "mobel"), no apostrophe ("aides d etat")."""
    if "'" in text and (apart := _APOSTROPHE.sub(" ", text)) != text:  # one term of seventy
        return (*_without_accents(text), *_without_accents(apart))
    return (text,) if text.isascii() else _without_accents(text)


def _without_accents(text: str) -> tuple[str, ...]:
    if text.isascii() or SPACELESS_CHAR.search(text):
        return (text,)
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # Only of Latin letters: й without its accent is another letter.
    # Of nothing but accents nothing is left without them.
    return tuple(dict.fromkeys((text, plain, text.translate(_UMLAUTS)))) if plain and plain.isascii() else (text,)


def is_edge(char: str) -> bool:
    """The character belongs to a word of a script with spaces between words."""
    return char.isalnum() and (char.isascii() or not SPACELESS_CHAR.match(char))
