"""What the docs tell to type.

In the README and the docs an indented block is commands, a line each; a fence without a language, or `sh`, is what
stands on a terminal: commands alone, or behind a `$`, with what they say. Everything else is in a fence that says what
it is: text, toml, sql …
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / ".github").glob("*.md"))]

_OF_A_TERMINAL = {"", "sh", "bash", "console"}


@dataclass(frozen=True, slots=True)
class Command:
    """A line to type, continued lines joined, and where it stands."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def commands_of(text: str, page: str = "") -> list[Command]:
    """Every command of a page, in its order."""
    found: list[Command] = []
    for number, block in _blocks(text):
        has_prompts = any(line.startswith("$ ") for line in block)
        whole, begun = "", 0
        for offset, line in enumerate(block):
            if has_prompts and not (whole or line.startswith("$ ")):
                continue  # what the command says
            begun = begun if whole else number + offset
            whole += line.strip().removeprefix("$ ")
            if whole.endswith("\\"):
                whole = whole[:-1]
                continue
            if whole and not whole.startswith("#"):
                found.append(
                    Command(page, begun, re.sub(r"\s{2,}", " ", whole) if "\\" in block[offset - 1] else whole)
                )
            whole = ""
    return found


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """The blocks of commands: the number of the first line, and the lines without their indentation."""
    found: list[tuple[int, list[str]]] = []
    fence: str | None = None
    before = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip()[3:].split(" ")[0]
            if fence in _OF_A_TERMINAL:
                found.append((number + 1, []))
        elif fence is not None:
            if fence in _OF_A_TERMINAL:
                found[-1][1].append(line)
        elif line.startswith("    ") and (not before.strip() or before.startswith("    ")):
            if not before.startswith("    "):
                found.append((number, []))
            found[-1][1].append(line.strip())
        before = line
    return found


def documented_commands() -> list[Command]:
    """Every command of the README, the docs, and what contributors read."""
    return [
        command for page in PAGES for command in commands_of(page.read_text("utf-8"), page.relative_to(ROOT).as_posix())
    ]


def inline_commands() -> list[Command]:
    """What stands in the text as `aggregator …`, `make …`, `python -m …` or `.ci/…`."""
    return [
        Command(page.relative_to(ROOT).as_posix(), number, written)
        for page in PAGES
        for number, line in enumerate(_without_fences(page.read_text("utf-8")).splitlines(), 1)
        for written in re.findall(r"`((?:aggregator |make |python -m |\.ci/)[^`]+)`", line)
    ]


def _without_fences(text: str) -> str:
    """The text with empty lines where fences and what they hold stand."""
    return re.sub(r"^```.*?^```", lambda fence: "\n" * fence[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL)


def documented_runs() -> list[str]:
    """Every `docker run -d …` of the README and the docs, each as one line."""
    return [command.text for command in documented_commands() if command.text.startswith("docker run -d ")]
