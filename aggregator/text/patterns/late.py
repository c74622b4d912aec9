"""Regular expressions that are compiled when they are first asked for anything. Imports nothing of ours.

Python compiles a pattern where it is written, with the module: 0.3 to 30 ms for long ones, and for those that are made
of the ranges of all scripts. A poll by hand that brings little news asks hardly any of them. An answer takes some 20 ns
more, so what is asked for each word of each post is not made here. A process that forks others compiles them before
(`compile_all`): else each of those would.
"""

from __future__ import annotations

import re
from typing import Any, cast

_ANSWERS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn", "pattern", "flags", "groups")


_waiting: list[_Pattern] = []


def compile_all() -> None:
    """Compile those of all modules that are loaded by now."""
    while _waiting:
        _waiting.pop().compile()


def late_pattern(written: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, but that mistakes in it are found when it is first used. For methods of a pattern alone: the
    functions of `re` do not take it."""
    made = _Pattern(written, flags)
    _waiting.append(made)
    return cast("re.Pattern[str]", made)


class _Pattern:
    """One that is not compiled yet; then it has the methods of the one that is."""

    def __init__(self, written: str, flags: int) -> None:
        self._written, self._flags = written, flags

    def __getattr__(self, name: str) -> Any:
        """What it does not have yet: that is asked once."""
        if name not in _ANSWERS:
            raise AttributeError(name)
        self.compile()
        return getattr(self, name)

    def compile(self) -> None:
        """Take over what the compiled one has, which is a method or a value of it."""
        compiled = re.compile(self._written, self._flags)
        for each in _ANSWERS:
            setattr(self, each, getattr(compiled, each))
