"""Tables at any width and in a pipe; CSV that a spreadsheet may open; JSON that loses nothing."""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from aggregator.cli.layout import NARROW_CHARS, cells, cut, wrapped
from aggregator.cli.output import output_options, show, table_of
from aggregator.storage.result import Result

LONG = "Mistral raises nine hundred million euros for computing centres of its own, and says where they will stand"
TEXTS = (
    "", "a", "Ferry sails", "Die Fähre fährt – endlich", "猫の鳴き声を聞く", "한국어 뉴스가 나옵니다", "🦭 sings",
    "e\u0301toile", "x" * 90, LONG, "a\nb", "tab\there", " leading", "\x1b[1mbold\x1b[0m", "👨\u200d👩\u200d👧 family",
    "Привет, мир", "ミストラル、9億ユーロを調達 自前の計算センターへ", "می\u200cخواهم", "photo\u202egnp.exe",
)  # fmt: skip
STORIES = ("id", "last_at", "title", "post_count", "source_count", "topics", "slug")
LEAVES = ("post_count", "topics", "source_count")


def stories(*titles: str) -> Result:
    at = "2026-11-30T08:45:00Z"
    return table_of(STORIES, [(7, at, title, 11, 10, "mistral, funding, infrastructure", "s") for title in titles])


def shown(table: Result, monkeypatch: pytest.MonkeyPatch, width: int | None, form: str = "table", **how: Any) -> str:
    monkeypatch.delenv("COLUMNS", raising=False)
    if width:
        monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "stdout", pipe := io.StringIO())
    show(table, form, **how)
    return pipe.getvalue()


@pytest.mark.parametrize(
    ("width", "head"),
    [
        (60, ["id", "last", "title", "srcs"]),
        (80, ["id", "last", "title", "srcs"]),
        (120, ["id", "last", "title", "posts", "srcs", "topics"]),
    ],
)
def test_the_title_gets_the_room(width: int, head: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(stories(LONG, "Ferry sails"), monkeypatch, width, leaves=LEAVES).splitlines()
    assert lines[0].split() == head
    assert max(map(cells, lines)) <= width
    begin, end = lines[0].index("title"), lines[0].index(head[head.index("title") + 1])
    first, second = (line[begin:end].strip() for line in lines[2:4])
    assert len(first) >= width * 0.45 and LONG.startswith(f"{first} ")
    assert second.removesuffix("…") in LONG
    assert len(lines) == 5  # two lines of the long title, one of the other


def test_what_does_not_fit_in_two_lines_ends_behind_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(stories(LONG + " " + LONG), monkeypatch, 80, leaves=LEAVES).splitlines()
    assert len(lines) == 4 and lines[3].endswith("…")
    assert lines[3].strip(" …").rpartition(" ")[2] in LONG.split()


def test_times_leave_their_year_only_where_titles_need_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "11-30 08:45" in (narrow := shown(stories(LONG), monkeypatch, 60, leaves=LEAVES)) and "2026-11" not in narrow
    assert "2026-11-30 08:45" in shown(stories("Ferry sails"), monkeypatch, 60, leaves=LEAVES)
    two_years = table_of(STORIES, [*stories(LONG).rows, (8, "2025-01-01T00:00:00Z", LONG, 1, 1, None, "t")])
    assert "2025-01-01 00:00" in shown(two_years, monkeypatch, 60, leaves=LEAVES)


def test_in_a_pipe_a_row_is_a_line_and_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(stories(LONG, LONG * 3, "Ferry sails"), monkeypatch, None, leaves=LEAVES).splitlines()
    assert len(lines) == 5
    assert LONG * 3 in lines[3] and all("mistral, funding, infrastructure" in line for line in lines[2:])


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("wrap", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, wrap: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(width)
    for _ in range(60):
        rows = [
            (dice.randrange(10**6), "2026-11-24T23:19:38Z", *dice.choices(TEXTS, k=2), dice.choice((None, 0.5)))
            for _ in range(dice.randint(1, 8))
        ]  # fmt: skip
        table = table_of(("id", "last_at", "title", "topics", "score"), rows)
        text = shown(table, monkeypatch, width, wrap=wrap, leaves=("score", "topics"))
        assert [line for line in text.splitlines() if cells(line) > width and "x" * 30 not in line] == []
        assert "\x1b" not in text and "\u202e" not in text


def test_columns_stand_below_each_other_whatever_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(stories(*TEXTS[3:8], TEXTS[14], TEXTS[17]), monkeypatch, 120, leaves=LEAVES)
    head, _, *rows = text.splitlines()
    end = cells(head[: head.index("srcs") + 4])
    assert {cells(row[: row.index("10  mistral") + 2]) for row in rows} == {end}


@pytest.mark.parametrize("width", [40, 60, 80])
def test_what_stands_beside_the_main_column_can_be_read(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["Rechenzentrumsnachrichten Nord", "The Harbour Ledger", "Le Courrier des Machines"]
    rows = [(name, "failed", 0, 0.5, "connection refused by harbour.example, twice, and then again") for name in names]
    text = shown(
        table_of(("source", "outcome", "new", "seconds", "detail"), rows), monkeypatch, width,
        main="detail", leaves=("seconds",),
    )  # fmt: skip
    lines = text.splitlines()
    begin, end = 0, lines[0].index("outcome")
    words = " ".join(line[begin:end] for line in lines[2:]).split()
    assert all(any(word.rstrip("…") in name for name in names) and len(word) > 1 for word in words)
    assert [word for word in words if not word.endswith("…")] == [
        word for word in words if word in " ".join(names).split()
    ], "a word is broken"


def test_sql_breaks_between_words_and_keeps_names(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(("id", "source_count", "text"), [(n, 3, LONG * 2) for n in range(4)])
    text = shown(table, monkeypatch, 60, wrap=True, exact=True, hide=frozenset())
    assert text.split()[:3] == ["id", "source_count", "text"] and "…" not in text
    column = text.splitlines()[0].index("text")
    assert " ".join(line[column:] for line in text.splitlines()[2:]).split() == (LONG * 2).split() * 4


def test_rows_without_room_are_printed_one_column_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of([f"column_{n}" for n in range(12)], [[LONG] * 12] * 5)
    text = shown(table, monkeypatch, 80, wrap=True, exact=True)
    assert "column_11  Mistral raises nine hundred million" in text
    assert all(word in LONG.split() for word in text.split() if not word.startswith("column_"))


def test_narrow_characters_take_one_cell() -> None:
    narrow = [char for char in map(chr, range(0x3000)) if NARROW_CHARS.fullmatch(char)]
    assert len(narrow) > 800
    assert [char for char in narrow if cell_len(char) != 1] == []


def test_wide_characters_and_emoji_take_two_cells_and_marks_none() -> None:
    found = [cells(text) for text in ("猫", "한", "Ａ", "🦭", "👨\u200d👩\u200d👧", "e\u0301", "é", "❤\ufe0f")]
    assert found == [2, 2, 2, 2, 2, 1, 1, 2]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [1, 2, 7, 30])
def test_cut_texts_fit_and_lose_nothing_else(text: str, width: int) -> None:
    text = " ".join(text.split())
    assert cells(cut(text, width)) <= width
    assert text.startswith(cut(text, width).removesuffix("…"))
    lines = wrapped(text, max(2, width))
    assert all(cells(line) <= max(2, width) for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_an_address_stays_whole_in_running_text() -> None:
    address = "https://port.example/" + "a" * 60
    assert wrapped(f"see {address} there", 20, is_whole=True) == ["see", address, "there"]


# ---------------------------------------------------------------- for programs


@click.command()
@output_options
def _listing(form: str) -> None:
    cells = [
        "=1+1",
        "+A1",
        "-cmd",
        "@SUM(1)",
        "\tx",
        "\r=x",
        "＝1",
        "-5",
        "+3.5e2",
        "-1,234.5",
        "5 = 5",
        -5,
        None,
        b"\xff",
    ]
    show(table_of([f"={n}" if n == 0 else f"c{n}" for n in range(len(cells))], [cells]), form)


def test_cells_that_a_spreadsheet_would_run_are_escaped() -> None:
    done = CliRunner().invoke(_listing, ["--csv"])
    head, row = csv.reader(io.StringIO(done.output, newline=""))
    assert head[0] == "'=0"
    assert row[:7] == ["'=1+1", "'+A1", "'-cmd", "'@SUM(1)", "'\tx", "'\r=x", "'＝1"]
    assert row[7:] == ["-5", "+3.5e2", "-1,234.5", "5 = 5", "-5", "", "ff"]


def test_raw_csv_and_json_have_them_as_they_are() -> None:
    done = CliRunner().invoke(_listing, ["--csv", "--raw"])
    _, row = csv.reader(io.StringIO(done.output, newline=""))
    assert row[:3] == ["=1+1", "+A1", "-cmd"]
    assert json.loads(CliRunner().invoke(_listing, ["--json"]).output)[0]["=0"] == "=1+1"
    assert "'=1+1" in CliRunner().invoke(_listing, ["--csv"]).output  # of one call only


def test_json_is_whole_and_harmless_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    title = "Port \x1b[31m \u202e \x9b \U000e0041 猫"
    text = shown(stories(title), monkeypatch, 60, form="json")
    assert json.loads(text)[0]["title"] == title
    assert not {"\x1b", "\u202e", "\x9b", "\U000e0041"} & set(text) and "猫" in text
