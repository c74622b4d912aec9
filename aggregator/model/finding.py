"""What a look at the installation found: `aggregator doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it is. `NOTE`: nothing need be done. `TROUBLE`: something is to be done."""

    WELL = "well"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `check`: which check found it, as docs/operations.md names it. `where`: a file, a
    table, a source. `remedy`: what to do, in words; `command`: what to type for that. `fix`: what `--fix` calls its
    remedy, None where it has none.
    """

    check: str
    level: Level
    what: str
    where: str = ""
    remedy: str = ""
    command: str = ""
    fix: str | None = None


def well(check: str, what: str, where: str = "") -> Finding:
    """All is as it should be."""
    return Finding(check, Level.WELL, what, where)


def note(
    check: str, what: str, where: str = "", remedy: str = "", command: str = "", fix: str | None = None
) -> Finding:
    """Worth knowing; nothing need be done."""
    return Finding(check, Level.NOTE, what, where, remedy, command, fix)


def trouble(
    check: str, what: str, where: str = "", remedy: str = "", command: str = "", fix: str | None = None
) -> Finding:
    """Something is to be done."""
    return Finding(check, Level.TROUBLE, what, where, remedy, command, fix)
