"""A mistake in the configuration and where it is → a line for people.

A message names what was expected, what stands there, and the nearest right spelling:

    aggregator.toml:12: polling.interval: expected a length of time such as "15m", not "10 min" (did you mean "10m"?)

What stands there is shortened; passwords and parameters in addresses are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from aggregator.config.positions import Place, line_of, positions
from aggregator.text.typed.nearest import nearest

# What a line of a terminal has room for beside the file, the key and what was expected.
_SHOWN_CHARACTERS = 48
_MOST_CHOICES = 12
# Python refuses to write out much longer numbers.
_LARGE = 10**18

# What may be secret in an address, even in a broken one: user and password, and the parameters.
_USER = re.compile(r"(?<=//)[^/?#\s]*@|[^\s/@]+:[^\s/@]*@")
_PARAMETERS = re.compile(r"(?<=\?).+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `place` is the path of keys and indexes to it.

    `other` is the place that it contradicts, if any; its line takes the place of `{line}` in the message.
    """

    place: Place
    message: str
    other: Place | None = None


def lines(problems: Iterable[Problem], file: Path, text: str) -> list[str]:
    """The problems as lines for people, in the order of the file. `text` is what stands in the file."""
    where = positions(text)
    found: list[tuple[int, str]] = []
    for problem in problems:
        line = line_of(where, problem.place)
        key = ".".join(part for part in problem.place if isinstance(part, str))
        message = problem.message
        if problem.other:
            message = message.replace("{line}", f"line {line_of(where, problem.other)}")
        found.append((line, f"{file}:{line}: {key}: {message}"))
    found.sort(key=lambda each: each[0])
    return list(dict.fromkeys(line for _, line in found))


def shown(value: object) -> str:
    """A value of a TOML file for a message: short, without passwords, lists and tables only named."""
    if isinstance(value, str):
        text = "".join(char if char.isprintable() else "�" for char in without_secrets(value))
        return f'"{text}"' if len(text) <= _SHOWN_CHARACTERS else f'"{text[:_SHOWN_CHARACTERS]}…"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if abs(value) < _LARGE or isinstance(value, float) else "a very large number"
    if isinstance(value, date | time):
        return "a date or time"
    return "a list" if isinstance(value, list) else "a table"


def did_you_mean(meant: str | None) -> str:
    """The end of a message that suggests a spelling; nothing where there is none."""
    return f' (did you mean "{without_secrets(meant)}"?)' if meant else ""


def without_secrets(text: str) -> str:
    """The text without what may be a secret in an address."""
    return _PARAMETERS.sub("…", _USER.sub("…@", text))


def instead_of(word: str, choices: Sequence[str]) -> str:
    """The end of a message about a word that is none of the choices: the nearest one, or all where they are few."""
    meant = nearest(word, choices)
    if meant or not choices:
        return did_you_mean(meant)
    return f" (there are: {', '.join(choices)})" if len(choices) <= _MOST_CHOICES else ""
