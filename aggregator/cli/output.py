"""Rows for people (`rich` tables) and for pipes (JSON, CSV)."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from aggregator.storage.result import Result

_F = TypeVar("_F", bound=Callable[..., Any])

# Columns that nobody reads at a glance; `--json` and `--csv` have them.
WIDE = frozenset({"url", "slug", "article_url"})

_PLAIN_WIDTH = 200

# Terminals narrower than this get the columns that matter most.
_NARROW = 150

# Cells up to this width (a time has 20) are never cut.
_WHOLE = 20
# A long cell of this width still says something; of less than the least, nothing.
_READABLE = 24
_LEAST = 8
# Between two columns.
_GAP = 3
# Rows that don't fit are printed one column a line, if they are no more than these.
_FEW_ROWS = 3
_LONG_VALUE = 600

# Latin, Greek, Cyrillic and their punctuation: a column each. What else there is `rich` knows, after 12 ms.
NARROW_CHARS = re.compile(
    r"[ -~\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u20ac]*"
)
# By these people make `rich` think that a pipe is a terminal.
_FOR_TERMINALS = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")

_TIME_LENGTH = len("2026-11-24T23:19:38Z")


def output_options(command: _F) -> _F:
    """The options `--json` and `--csv`, passed on as `form` ("table", "json", "csv")."""
    command = click.option("--csv", "form", flag_value="csv", help="CSV with a header line.")(command)
    command = click.option("--json", "form", flag_value="json", help="A JSON array of objects.")(command)
    return click.option("--table", "form", flag_value="table", default="table", hidden=True)(command)


def show(
    table: Result,
    form: str,
    *,
    hide: frozenset[str] = WIDE,
    title: str | None = None,
    wrap: bool = False,
    empty: str = "(nothing)",
    brief: Sequence[str] = (),
    exact: bool = False,
) -> None:
    """Print rows to standard output.

    In a table each row has one line, long cells cut; with `wrap` they go on below. A few rows that are too wide are
    printed one column a line. `empty` is said where there are no rows. `brief`: the columns for a narrow terminal.
    `exact`: times as they are stored, not shortened to the minute.
    """
    if form == "json":
        click.echo(json.dumps(as_dicts(table), ensure_ascii=False, indent=2, default=_json_value, allow_nan=False))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([value.hex() if isinstance(value, bytes) else value for value in row] for row in table.rows)
    else:
        if brief and is_narrow():
            hide = frozenset(table.columns) - set(brief)
        _show_table(table if exact else _with_short_times(table), hide, title, wrap=wrap, empty=empty)


def as_dicts(table: Result) -> list[dict[str, Any]]:
    """Each row as a mapping of column to value. A name that comes twice gets a number; infinity is None."""
    names: list[str] = []
    for column in table.columns:
        times = names.count(column)
        names.append(f"{column}_{times + 1}" if times else column)
    return [{name: _finite(value) for name, value in zip(names, row, strict=True)} for row in table.rows]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def console() -> Any:
    """Where tables go, and how wide that is."""
    from rich.console import Console

    return Console(width=None if _is_told() else _PLAIN_WIDTH, highlight=False)


def width_of_output() -> int:
    """As wide as the terminal or as $COLUMNS says, and wide enough in a pipe."""
    if not _is_told():
        return _PLAIN_WIDTH
    told = os.environ.get("COLUMNS", "")
    is_plain = told.isdecimal() and told.isascii() and int(told) > 0 and not sys.stdout.isatty()
    return int(told) if is_plain else int(console().width)  # which imports rich


def _is_told() -> bool:
    return sys.stdout.isatty() or "COLUMNS" in os.environ


def is_narrow() -> bool:
    """Has the terminal no room for rows of many columns?"""
    return width_of_output() < _NARROW


def _show_table(table: Result, hide: frozenset[str], title: str | None, *, wrap: bool, empty: str) -> None:
    if not table.rows:
        click.echo(empty if title is None else f"{title}: {empty}")
        return
    shown = [index for index, column in enumerate(table.columns) if column not in hide]
    wanted = [_width(table, index) for index in shown]
    widths = _shared_out(wanted, width_of_output() - _GAP * len(shown))
    is_squeezed = any(width < min(full, _READABLE) for width, full in zip(widths, wanted, strict=True))
    if len(table.rows) <= _FEW_ROWS and is_squeezed:
        _show_downwards(table, shown, title)
    elif title is None and (lines := _plain_grid(table, shown, widths, wrap=wrap)):
        click.echo("\n".join(lines))
    else:
        console().print(_as_grid(table, shown, widths, title, wrap=wrap))


def _shared_out(wanted: Sequence[int], room: int) -> list[int]:
    """The width of each column: those wide enough for numbers, times and short names stay whole, the others share."""
    widths = list(wanted)
    room -= sum(width for width in wanted if width <= _WHOLE)
    long = sorted((index for index, width in enumerate(wanted) if width > _WHOLE), key=lambda index: wanted[index])
    for number, index in enumerate(long):
        widths[index] = max(_LEAST, min(wanted[index], room // (len(long) - number)))
        room -= widths[index]
    return widths


def _plain_grid(table: Result, shown: Sequence[int], widths: Sequence[int], *, wrap: bool) -> list[str]:
    """What `rich` prints of the grid where no terminal is, line by line; none where only `rich` knows.

    It is the reference (tests compare both). Importing it takes 40 ms, a table of 300 rows 150; this takes 5.
    """
    is_plain = not sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf")
    total = sum(widths) + _GAP * (len(shown) - 1) + 2
    if not is_plain or total > width_of_output() or any(name in os.environ for name in _FOR_TERMINALS):
        return []
    lines = [" " * total, "", f" {'─' * (total - 2)} "]
    columns: list[list[str]] = []
    for index, width in zip(shown, widths, strict=True):
        is_number = _is_number(table, index)
        texts = [table.columns[index], *(_cell(row[index]) for row in table.rows)]
        cells = [_plain_cell(text, width, right=is_number, wrap=wrap) for text in texts]
        if None in cells:
            return []
        columns.append(cells)  # type: ignore[arg-type]
    head, *rows = (f" {'   '.join(cells)} " for cells in zip(*columns, strict=True))
    lines[1] = head
    return [*lines, *rows, lines[0]]


def _plain_cell(text: str, width: int, *, right: bool, wrap: bool) -> str | None:
    """A text in a cell of this width; None where only `rich` knows."""
    if not text.isprintable() or text != text.rstrip():
        return None
    missing = width - _columns(text)
    if missing < 0:
        return None if wrap else f"{_cut(text, width - 1)}…"
    return " " * missing + text if right else text + " " * missing


def _columns(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if NARROW_CHARS.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _cut(text: str, width: int) -> str:
    if NARROW_CHARS.fullmatch(text):
        return text[:width]
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _is_number(table: Result, index: int) -> bool:
    return all(isinstance(row[index], int | float | None) for row in table.rows)


def _as_grid(table: Result, shown: Sequence[int], widths: Sequence[int], title: str | None, *, wrap: bool) -> Any:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for index, width in zip(shown, widths, strict=True):
        grid.add_column(
            table.columns[index],
            justify="right" if _is_number(table, index) else "left",
            overflow="fold" if wrap else "ellipsis",
            no_wrap=not wrap,
            width=width,
        )
    for row in table.rows:
        grid.add_row(*(Text(_cell(row[index])) for index in shown))
    return grid


def _show_downwards(table: Result, shown: Sequence[int], title: str | None) -> None:
    """One column a line, as `name  value`."""
    if title:
        click.echo(title)
    name_width = max(len(table.columns[index]) for index in shown)
    for row in table.rows:
        for index in shown:
            value = _cell(row[index])
            cut = value if len(value) <= _LONG_VALUE else f"{value[:_LONG_VALUE]} …"
            click.echo(f"  {table.columns[index]:<{name_width}}  {' '.join(cut.split())}")
        click.echo("")


def _width(table: Result, index: int) -> int:
    return max(len(table.columns[index]), *(_columns(_cell(row[index])) for row in table.rows))


def _with_short_times(table: Result) -> Result:
    """Times to the minute, without the marks that only programs need."""
    times = [index for index, column in enumerate(table.columns) if column.endswith("_at")]
    rows = []
    for row in table.rows:
        cells = list(row)
        for index in times:
            if isinstance(cells[index], str) and len(cells[index]) == _TIME_LENGTH:
                cells[index] = cells[index][:16].replace("T", " ")
        rows.append(tuple(cells))
    return Result(table.columns, tuple(rows))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Result:
    """A table made by hand."""
    return Result(tuple(columns), tuple(tuple(row) for row in rows))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 feed", "2 feeds"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
