r"""Folders that sources are sorted into, as a reader has them. Pure.

A folder is named by its path: "Press/Ports" is the folder Ports within Press. Where a name has a "/" in it, that is
written `\/`, and a `\` is written `\\`; so each path names one folder, and each folder has one path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from unicodedata import normalize

from aggregator.text.terminal.characters import SILENT, one_line

# What a line of a table has room for, and more than any reader shows.
MOST_CHARACTERS = 200

# Nobody could type a name with such in it. Joiners are kept.
_UNSEEN = re.compile(f"[{SILENT}]")
_PART = re.compile(r"(?:\\.|[^/])+", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\/])")

_Item = TypeVar("_Item")


def names_of(path: str) -> tuple[str, ...]:
    """The folders that a path names, the outermost first; empty names count for nothing: "/Press/" is "Press"."""
    named = (_clean(_ESCAPED.sub(r"\1", part)) for part in _PART.findall(path))
    return tuple(name for name in named if name)


def path_of(names: Iterable[str]) -> str:
    """The path of a folder; "" where there are no names. Of a path too long the outermost folders are kept, of the
    first the beginning."""
    path = ""
    for name in names:
        clean = _clean(name)
        if not path:
            clean = clean[:MOST_CHARACTERS]
            while len(_escaped(clean)) > MOST_CHARACTERS:
                clean = clean[:-1]
        longer = "/".join(filter(None, (path, _escaped(clean.rstrip()))))
        if len(longer) > MOST_CHARACTERS:
            break
        path = longer
    return path


def _clean(name: str) -> str:
    """In one line and one form, whoever wrote it: some systems write ü as two characters."""
    return " ".join(normalize("NFC", _UNSEEN.sub("", one_line(name))).split())


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("/", "\\/")


def is_within(path: str | None, folder: str) -> bool:
    """Is it this folder, or one within it? Capitals make no difference."""
    wanted, names = _folded(folder), _folded(path or "")
    return bool(wanted) and names[: len(wanted)] == wanted


def _folded(path: str) -> tuple[str, ...]:
    return tuple(name.casefold() for name in names_of(path))


@dataclass(slots=True)
class Shelf(Generic[_Item]):
    """What stands in a folder, and the folders within it by name, both in the order in which they came."""

    items: list[_Item] = field(default_factory=list)
    folders: dict[str, Shelf[_Item]] = field(default_factory=dict)

    def put(self, item: _Item, names: Iterable[str]) -> None:
        """Put it into the folder that these names lead to."""
        shelf = self
        for name in names:
            shelf = shelf.folders.setdefault(name, Shelf())
        shelf.items.append(item)
