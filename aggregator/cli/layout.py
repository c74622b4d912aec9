"""How wide what is: words and cells of a terminal, and rows of a table within its width. `output` decides, this draws.

A cell is the room of a Latin letter. East Asian characters and emoji take two, combining marks none; `rich.cells` knows
which, and is imported where a text has more than Latin, Greek and Cyrillic letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Latin, Greek, Cyrillic and their punctuation: a cell each. What else there is `rich` knows, after 12 ms.
NARROW_CHARS = re.compile(
    r"[ -~\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u20ac]*"
)
_WORD = re.compile(r"\S+")
_MORE = "…"
# An ellipsis stands behind a whole word where no more than this part of the room is lost by it.
_LOST = 0.35
# What a line ends with of a word that may be broken is no less than this.
_SOME = 6
# What no line begins with, and what none ends with.
_CLOSING = frozenset("。、，．！？：；・ー…」』）】〉》〕”’")
_OPENING = frozenset("「『（【〈《〔“‘")


def cells(text: str) -> int:
    """The cells that a text takes."""
    if NARROW_CHARS.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """The text in at most so many cells, with an ellipsis where something is cut: behind a word, if one ends near."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return _MORE[:width]
    kept = _first(text, width - 1)
    if not text[len(kept) : len(kept) + 1].isspace():
        word_end = kept.rstrip().rfind(" ")
        if word_end >= len(kept) * (1 - _LOST):
            kept = kept[:word_end]
    return kept.rstrip(" ,;:–—-") + _MORE


def wrapped(text: str, width: int, *, most: int | None = None, is_whole: bool = False) -> list[str]:
    """The text in lines of at most so many cells, broken between words; with `most`, so many lines, the last one cut.

    A word that is wider than a line is broken; with `is_whole` only one of wide characters, as Japanese has them:
    an address stays whole, for copying it, and stands out.
    """
    lines, line = [], ""
    for word in _WORD.findall(text):
        while word:
            room = width - cells(line) - 1 if line else width
            if cells(word) <= room:
                line, word = f"{line} {word}" if line else word, ""
            elif _may_break(word, room, width, is_whole=is_whole):
                first = _first(word, room) or word[0]
                if len(first) > 1 and (word[len(first) : len(first) + 1] in _CLOSING or first[-1] in _OPENING):
                    first = first[:-1]
                lines.append(f"{line} {first}" if line else first)
                line, word = "", word[len(first) :]
            elif line:
                lines.append(line)
                line = ""
            else:
                line, word = word, ""
    if line or not lines:
        lines.append(line)
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), width)]


def _may_break(word: str, room: int, width: int, *, is_whole: bool) -> bool:
    """Wide characters break anywhere, where there is room for some; other words where a whole line is too short."""
    if not NARROW_CHARS.fullmatch(word) and any(cells(char) > 1 for char in word):
        return room >= min(_SOME, width)
    return room == width and not is_whole


def longest_word(text: str) -> int:
    """The cells of the widest word that is not broken: wide characters may be, anywhere."""
    return max((cells(word) if NARROW_CHARS.fullmatch(word) else 2 for word in _WORD.findall(text)), default=0)


def _first(text: str, width: int) -> str:
    """As many of its first characters as have room, none without the marks and joiners that belong to it."""
    if NARROW_CHARS.fullmatch(text):
        return text[:width]
    from rich.cells import split_graphemes

    end, used = 0, 0
    for _, stop, size in split_graphemes(text)[0]:
        if used + size > width:
            break
        end, used = stop, used + size
    return text[:end]


def filled(text: str, width: int, *, right: bool = False) -> str:
    """The text with as many spaces as are missing."""
    missing = " " * max(0, width - cells(text))
    return missing + text if right else text + missing


def drawn(rows: Sequence[Sequence[Sequence[str]]], widths: Sequence[int], numbers: Sequence[bool]) -> list[str]:
    """Rows of cells, each of some lines, as lines of text; `numbers`: the columns that stand right."""
    lines = []
    for row in rows:
        for number in range(max(map(len, row))):
            parts = [
                filled(cell[number] if number < len(cell) else "", width, right=right)
                for cell, width, right in zip(row, widths, numbers, strict=True)
            ]
            lines.append("  ".join(parts).rstrip())
    return lines
