"""What is written to a terminal goes through here: nothing in the words of others steers it, whatever command writes.

Rows and running text are looked through where they are printed (`output`); this catches the rest, error messages too.
It is put up only where a terminal is: in a pipe the bytes are somebody's data.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

from click import termui, unstyle

from aggregator.text.terminal.controls import visible, visible_styled


class Guarded:
    """A stream to a terminal; all but writing is the stream's own. `unguarded` is for who writes codes of its own."""

    def __init__(self, unguarded: TextIO, *, is_dumb: bool = False) -> None:
        """`is_dumb`: the terminal would show codes for bold as they stand."""
        self.unguarded, self._is_dumb = unguarded, is_dumb

    def write(self, text: str) -> int:
        """Write what may be written of it."""
        self.unguarded.write(visible(unstyle(text), lines=True) if self._is_dumb else visible_styled(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """As `write`."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def guard_terminals() -> None:
    """From now on standard output and standard error are guarded, where they are terminals."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream.isatty() and not isinstance(stream, Guarded):
            is_dumb = os.environ.get("TERM") in ("dumb", "unknown")
            setattr(sys, name, cast(TextIO, Guarded(stream, is_dumb=is_dumb)))
    ask = termui.visible_prompt_func  # a question is written by the library that reads the answer

    def ask_visibly(question: str = "") -> str:
        return ask(visible(question, lines=True))

    termui.visible_prompt_func = ask_visibly
