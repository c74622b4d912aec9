"""Finding many terms in a text at once, with word edges decided character by character.

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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import ahocorasick

from aggregator.expressions import CLASSES
from aggregator.text import SPACELESS, SPACELESS_CHAR, fold

GAP_WORDS = 8
GAP = "…"
# Texts without spaces between words have no words to count.
_GAP_CHARACTERS = 90
# A text that repeats the parts of a term many times ("million … million …") needs only one place.
_MOST_GAP_PLACES = 20
# More than any mix of languages uses; a text of random characters must not fill the memory.
_KNOWN_CHARACTERS = 20_000
# What `~` allows, at most three letters: the endings of English, German and the Romance languages, few other words.
_ENDING = re.compile(r"[^\W\d_]{0,3}(?![^\W_])")

# Dashes part words as spaces do; one apostrophe stands for all; a soft hyphen and zero-width characters are nothing.
_CHARACTERS = str.maketrans(
    dict.fromkeys("-‐‑‒–—―−", " ")
    | dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
)
# Letters that case folding makes two of; replaced beforehand, the folded text keeps the places of the original.
_WIDE_WHEN_FOLDED = str.maketrans({"ß": "ss", "ẞ": "SS", "İ": "I"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

# Where a stretch of a term without gaps comes apart: around a class, and at an open edge inside ("новая модел* ИИ").
_SEAM = re.compile("(" + "|".join(map(re.escape, CLASSES)) + r")|(?<=[*~]) +| +(?=\*)")
# A full stop after a word and before a capital; "U.S." and "Inc. for" are none.
_STOP = re.compile(r"(?<=[^\W_]{2})[.!?][\"”»)]? [\"“„«(]?(\w)")
_SCRIPT_BORDER = re.compile(rf"(?<=[{SPACELESS}])(?=[^\W_{SPACELESS}])|(?<=[^\W_{SPACELESS}])(?=[{SPACELESS}])")
# The rest of a word whose end is open, a space, the beginning of one whose beginning is open.
_DIRECTLY = re.compile(r"[^\W_]* ?[^\W_]*")
_SPACELESS_STOP = re.compile("[。\n]")


class _Gaps(dict[int, str]):
    """What is between words, as one space each, keeping every place; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        shown = chr(code) if chr(code).isalnum() else " "
        if len(self) < _KNOWN_CHARACTERS:
            self[code] = shown
        return shown


_GAPS = _Gaps()

_Right = Literal["closed", "inflected", "open"]


def normalise(text: str) -> str:
    """The form in which texts are searched, case kept: NFKC, dashes and white space one space, one apostrophe.

    A space also parts a script without spaces from letters and digits of another ("AIが" becomes "AI が").
    """
    plain = unicodedata.normalize("NFKC", text).translate(_CHARACTERS)
    if not plain.isascii() and SPACELESS_CHAR.search(plain):
        plain = _SCRIPT_BORDER.sub(" ", plain)
    return " ".join(plain.split())


@dataclass(frozen=True, slots=True)
class Hit:
    """A term, as written in the rules, was found: `found` is what stands in the text, from `start` on."""

    term: str
    found: str
    start: int = 0


class _Span(NamedTuple):
    start: int
    end: int


class _Literal(NamedTuple):
    """A piece of a term to look for, folded; `exact` is the spelling where case matters."""

    text: str
    open_left: bool
    right: _Right
    exact: str | None


class _Part(NamedTuple):
    """A piece of a term: a literal, or a class of expressions. `gap`: words may stand between it and the one before."""

    text: str
    gap: bool
    literal: _Literal | None


class _Wanted(NamedTuple):
    """What the automaton says at a hit: whose it is, where it began (`back` from its end) and what is left to check."""

    name: str
    back: int
    length: int
    spelled: str | None
    exact: str | None
    is_inflected: bool
    is_whole: bool


class TermFinder:
    """Finds all of a set of terms in one pass over a text.

    The pass goes over a copy of the text in which everything between words is a space, so that a closed edge is a
    space in what the automaton looks for: most of what isn't a word never comes up.

    Raises:
        ValueError: a term has nothing to look for ("*", "…", a gap without a part beside it).
    """

    def __init__(self, terms: Iterable[str]) -> None:
        wanted: dict[str, dict[_Wanted, None]] = defaultdict(dict)
        self._composed: dict[str, list[tuple[str, tuple[_Part, ...]]]] = defaultdict(list)
        for term in dict.fromkeys(terms):
            parts = _parts(term)
            literals = [(part.text, part.literal) for part in parts if part.literal]
            if len(parts) > 1:
                self._composed[literals[0][0]].append((term, parts))
            for name, literal in literals:
                for spelling in _spellings(literal.text):
                    pattern, one = _wanted(name if len(parts) > 1 else term, literal, spelling, len(parts) == 1)
                    wanted[pattern][one] = None
        self._automaton = ahocorasick.Automaton()
        for pattern, ones in wanted.items():
            self._automaton.add_word(pattern, tuple(ones))
        if wanted:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[Hit]:
        """Every term that the text has; a term may be given several times. `text` is as `normalise` gives it."""
        text, places = self.places(text)
        for term, start, end in places:
            yield Hit(term, text[start:end], start)

    def places(self, text: str) -> tuple[str, list[tuple[str, int, int]]]:
        """The terms with the start and end of each, and the text that these places are of.

        It is the given text, save in rare cases where folding makes it longer ("ß").
        """
        if not text or not self._automaton:
            return text, []
        folded = fold(text)
        if len(folded) != len(text):
            text = text.translate(_WIDE_WHEN_FOLDED)
            if len(folded) != len(text):
                text = folded
        return text, self._search(folded, text)

    def _search(self, folded: str, text: str) -> list[tuple[str, int, int]]:
        whole: list[tuple[str, int, int]] = []
        parts: dict[str, list[_Span]] = {}
        for last, ones in self._automaton.iter(f" {folded.translate(_GAPS)} "):
            for name, back, length, spelled, exact, is_inflected, is_whole in ones:
                start = last - back
                end = start + length
                if (
                    (spelled is not None and not folded.startswith(spelled, start))
                    or (exact is not None and not text.startswith(exact, start))
                    or (is_inflected and not _ENDING.match(folded, end))
                ):
                    continue
                if is_whole:
                    whole.append((name, start, end))
                else:
                    parts.setdefault(name, []).append(_Span(start, end))
        if parts:
            whole.extend(self._compose(folded, text, parts))
        return whole

    def _compose(self, folded: str, text: str, found: dict[str, list[_Span]]) -> Iterator[tuple[str, int, int]]:
        """The terms of several parts, put together from the places of their parts."""
        for name in list(found):
            for term, wanted in self._composed.get(name, ()):
                if any(part.literal and part.text not in found for part in wanted):
                    continue
                for part in wanted:
                    if part.text not in found:
                        found[part.text] = [_Span(*at.span()) for at in CLASSES[part.text].finditer(folded)]
                span = _first_in_order(text, wanted, found)
                if span:
                    yield term, span.start, span.end


def _parts(term: str) -> tuple[_Part, ...]:
    """The term taken apart at gaps and classes."""
    is_cased = term.startswith("=")
    parts: list[_Part] = []
    for stretch in term.removeprefix("=").split(GAP):
        pieces = [piece for piece in (normalise(piece or "") for piece in _SEAM.split(stretch)) if piece]
        if not pieces:
            raise ValueError(f"“{term}” has nothing to look for")
        parts.extend(_part(piece, is_cased, gap=bool(parts) and i == 0) for i, piece in enumerate(pieces))
    if not any(part.literal for part in parts) or any(part.literal and not part.literal.text for part in parts):
        raise ValueError(f"“{term}” has nothing to look for")
    return tuple(parts)


def _part(piece: str, is_cased: bool, gap: bool) -> _Part:
    if piece in CLASSES:
        return _Part(piece, gap, None)
    right: _Right = "open" if piece.endswith("*") else "inflected" if piece.endswith("~") else "closed"
    bare = piece.strip("*").removesuffix("~").strip()
    text = fold(bare)
    exact = bare.translate(_WIDE_WHEN_FOLDED) if is_cased else None
    name = f"={piece}" if is_cased else fold(piece)
    return _Part(name, gap, _Literal(text, piece.startswith("*"), right, exact))


def _spellings(text: str) -> tuple[str, ...]:
    """The text, and how it is written where accents are left out ("donnees", "moebel", "mobel")."""
    if text.isascii() or SPACELESS_CHAR.search(text):
        return (text,)
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # Only of Latin letters: й without its accent is another letter.
    return tuple(dict.fromkeys((text, plain, text.translate(_UMLAUTS)))) if plain.isascii() else (text,)


def _wanted(name: str, literal: _Literal, spelling: str, is_whole: bool) -> tuple[str, _Wanted]:
    """What the automaton looks for, and what it says when it is there."""
    words = spelling.translate(_GAPS)
    before = " " if not literal.open_left and _is_edge(spelling[0]) else ""
    after = " " if literal.right == "closed" and _is_edge(spelling[-1]) else ""
    # Spaces may stand for anything in the searched copy: where the term has some, the text itself is asked.
    spelled = spelling if " " in words else None
    is_inflected = literal.right == "inflected"
    back = len(words) + len(after)
    return f"{before}{words}{after}", _Wanted(name, back, len(words), spelled, literal.exact, is_inflected, is_whole)


def _is_edge(char: str) -> bool:
    """The character belongs to a word of a script with spaces between words."""
    return char.isalnum() and not SPACELESS_CHAR.match(char)


def _first_in_order(text: str, wanted: tuple[_Part, ...], found: Mapping[str, list[_Span]]) -> _Span | None:
    """Where the parts first stand one after the other, each as near to the one before as asked; None if nowhere."""
    reached = found[wanted[0].text]
    for part in wanted[1:]:
        is_near = _is_gap if part.gap else _is_directly
        reached = [
            _Span(span.start, following.end)
            for span in reached
            for following in found[part.text]
            if following.start >= span.end and is_near(text, span.end, following.start)
        ][:_MOST_GAP_PLACES]
    return reached[0] if reached else None


def _is_directly(text: str, start: int, end: int) -> bool:
    return _DIRECTLY.fullmatch(text, start, end) is not None


def _is_gap(text: str, start: int, end: int) -> bool:
    if end - start > _GAP_CHARACTERS:
        return False
    between = text[start:end]
    if between.count(" ") > GAP_WORDS + 1 or len(between.split()) > GAP_WORDS or _SPACELESS_STOP.search(between):
        return False
    return not any(at[1].isupper() for at in _STOP.finditer(text, start, end + 1))
