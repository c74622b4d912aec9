"""Checks of what is in the file: each gives findings, and what SQLite says of a damaged one becomes a finding too."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.model.finding import Finding, trouble


@dataclass(frozen=True, slots=True)
class Look:
    """What checks of the file are handed. `whole`: all of a large file, however long that takes. `temporary`: bytes
    that may be taken of the folder for temporary files. `now`: the time. `command` makes a command line of words, with
    the options by which the user named the file. `backup`: the newest one, if there is any.
    """

    conn: sqlite3.Connection
    path: Path
    whole: bool
    temporary: int
    now: datetime
    command: Callable[..., str]
    backup: Path | None = None

    def restored(self) -> tuple[str, str]:
        """What to do about a damaged file, and what to type."""
        return restored(self.path, self.command, self.backup)


Check = Callable[[Look], Iterable[Finding]]


def restored(path: Path, command: Callable[..., str], backup: Path | None) -> tuple[str, str]:
    """What to do about a damaged file, and what to type: take the newest backup back; without one, take out of the file
    what can still be read."""
    if backup:
        words = "stop the daemon and take the newest backup back; the damaged file is kept beside it."
        return words, command("restore", backup)
    words = "stop the daemon. No backup is known here (aggregator restore takes one back): save what can still be read."
    return words, f"sqlite3 {shlex.quote(str(path))} .recover | sqlite3 saved.db"


# What Python makes of values that no sound file has: text that is none, a number where a time should be.
UNSOUND = (TypeError, ValueError, OverflowError)


def looked(name: str, check: Check, look: Look, *, is_damaged: bool = False) -> list[Finding]:
    """What a check of the file found; where SQLite refuses, why. `is_damaged`: that is known of the file."""
    try:
        look.conn.execute("BEGIN")  # all of a check sees one state
        try:
            return list(check(look))
        finally:
            if look.conn.in_transaction:
                look.conn.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        return [_refused(name, error, look)]
    except UNSOUND as error:
        words = f"could not be looked at: {type(error).__name__}: {error}"
        if is_damaged:
            return [trouble(name, words, str(look.path), *look.restored())]
        return [trouble(name, words, str(look.path), "This is a bug of aggregator, or of the file: please report it.")]


def examples(found: Iterable[object]) -> str:
    """The first three, and that there are more."""
    shown = [str(each) for each in found]
    return ", ".join(shown[:3]) + (", …" if len(shown) > 3 else "")


def _refused(name: str, error: sqlite3.DatabaseError, look: Look) -> Finding:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        words = "could not be looked at: another program holds the database locked"
        return trouble(name, words, str(look.path), "End what holds it, and look again.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        words = f"could not be looked at: the file is damaged ({error})"
        return trouble(name, words, str(look.path), *look.restored())
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
        words = f"could not be looked at: {error}"
        return trouble(name, words, str(look.path), "Look at the disk: the kernel's log (dmesg) says what it has.")
    return trouble(name, f"could not be looked at: {error}", str(look.path), *look.restored())
