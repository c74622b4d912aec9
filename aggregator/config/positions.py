"""TOML text → in which line each key and each value stands.

No TOML library that is kept up tells this. The text is valid (`tomllib` has read it), which makes it easy: only what
nests and what may hide a bracket has to be understood, that is strings, comments, lists and tables.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]
"""The way to a value: keys of tables and indexes of lists, such as `("feeds", 2, "url")`."""

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A date may have a space before its time.
_SCALAR = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")


def positions(text: str) -> dict[Place, int]:
    """The line (from 1) of every key, table and list element of a valid TOML text."""
    return _Scanner(text).scan()


def line_of(positions: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest table around it where the place itself is missing."""
    while place and place not in positions:
        place = place[:-1]
    return positions.get(place, 1)


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._found: dict[Place, int] = {}
        self._last: dict[Place, int] = {}  # the index of the newest table of each [[list]]

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        while not self._at_end():
            line = self._line()
            if self._skip("[["):
                table = self._place_of(tuple(self._keys()), is_list=True)
                self._skip("]]")
                self._note(table, line)
            elif self._skip("["):
                table = self._place_of(tuple(self._keys()), is_list=False)
                self._skip("]")
                self._note(table, line)
            else:
                self._pair(table)
        return self._found

    def _pair(self, table: Place) -> None:
        line = self._line()
        place = (*table, *self._keys())
        self._skip("=")
        self._note(place, line)
        self._value(place)

    def _value(self, place: Place) -> None:
        self._blank()
        self._found.setdefault(place, self._line())
        if self._skip("["):
            index = 0
            while not self._skip("]"):
                self._value((*place, index))
                self._skip(",")
                index += 1
        elif self._skip("{"):
            while not self._skip("}"):
                self._pair(place)
                self._skip(",")
        else:
            self._match(_STRING) or self._match(_SCALAR)

    def _keys(self) -> Iterator[str]:
        """The parts of a dotted key."""
        while True:
            self._blank()
            quoted = self._match(_STRING)
            yield tomllib.loads(f"key = {quoted}")["key"] if quoted else self._match(_BARE_KEY)
            if not self._skip("."):
                return

    def _place_of(self, keys: tuple[str, ...], *, is_list: bool) -> Place:
        """The place that a header means: within a list of tables, the newest of them."""
        place: Place = ()
        for i, key in enumerate(keys):
            place = (*place, key)
            if is_list and i == len(keys) - 1:
                self._last[place] = self._last.get(place, -1) + 1
            if place in self._last:
                place = (*place, self._last[place])
        return place

    def _note(self, place: Place, line: int) -> None:
        for end in range(1, len(place) + 1):
            self._found.setdefault(place[:end], line)

    def _at_end(self) -> bool:
        self._blank()
        return self._at >= len(self._text)

    def _line(self) -> int:
        return bisect_right(self._breaks, self._at - 1) + 1

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _skip(self, mark: str) -> bool:
        self._blank()
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) * found
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match[0] if match else ""
