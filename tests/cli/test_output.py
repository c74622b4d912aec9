"""Tables in a pipe are, byte for byte, what `rich` would print there."""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from rich.cells import cell_len

from aggregator.cli import output
from aggregator.cli.output import NARROW_CHARS, show
from aggregator.storage.result import Result

_TEXTS = (
    "", "a", "Ferry sails", "Die Fähre fährt – endlich", "猫の鳴き声を聞く", "한국어 뉴스", "🦭 sings", "e\u0301toile",
    "x" * 90, "two words " * 30 + "end", "a\nb", "tab\there", " leading", "trailing ", "\u00ad", "\x1b[1mbold\x1b[0m",
    "[red]no[/red]", "e\u200dmoji", "Привет, мир", "…", "\u200b",
)  # fmt: skip


class _Pipe(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return False


def printed(table: Result, monkeypatch: pytest.MonkeyPatch, *, wrap: bool, plainly: bool) -> str:
    with monkeypatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        patch.setattr(sys, "stdout", pipe := _Pipe())
        if not plainly:
            patch.setattr(output, "_plain_grid", lambda *_, **__: [])
        show(table, "table", hide=frozenset(), wrap=wrap, exact=True)
        return pipe.getvalue()


def tables(count: int) -> list[Result]:
    dice = random.Random(18)

    def cell(kind: int) -> Any:
        if kind == 0:
            return dice.choice((None, 0, 7, 1.5, 123456789))
        if kind == 1:
            return dice.choice((b"\x00\xff", "2026-11-24T23:19:38Z", None))
        return dice.choice(_TEXTS[: dice.choice((4, 10, len(_TEXTS)))])

    found = []
    for _ in range(count):
        kinds = [dice.randrange(4) for _ in range(dice.randint(1, 9))]
        rows = [tuple(cell(kind) for kind in kinds) for _ in range(dice.randint(4, 8))]
        found.append(Result(tuple("column" * dice.randint(1, 3) for _ in kinds), tuple(rows)))
    return found


@pytest.mark.parametrize("wrap", [False, True])
def test_plain_tables_are_those_of_rich(wrap: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Sequence[str]] = []
    plain = output._plain_grid
    monkeypatch.setattr(output, "_plain_grid", lambda *args, **named: made.append(plain(*args, **named)) or made[-1])
    for table in tables(300):
        assert printed(table, monkeypatch, wrap=wrap, plainly=True) == printed(
            table, monkeypatch, wrap=wrap, plainly=False
        )
    assert sum(map(bool, made)) > 60


@pytest.mark.parametrize("name", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_who_wants_colours_in_a_pipe_gets_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert "\x1b[" in printed(tables(1)[0], monkeypatch, wrap=False, plainly=True)


def test_narrow_characters_take_one_column() -> None:
    narrow = [char for char in map(chr, range(0x3000)) if NARROW_CHARS.fullmatch(char)]
    assert len(narrow) > 800
    assert [char for char in narrow if cell_len(char) != 1] == []
