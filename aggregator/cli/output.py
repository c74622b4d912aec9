"""Rows and words for people, and rows for programs (JSON, CSV). How wide things are is decided here and nowhere else.

On a terminal, or where COLUMNS is set, that width is kept to. In a pipe a row is a line and nothing is cut, as with
`git log` and `gh`: `grep`, `less -S` and `cut` take it from there.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from aggregator.cli.layout import wrapped
from aggregator.cli.tables import Look, downwards, lines_of
from aggregator.storage.result import Result
from aggregator.text.terminal.controls import escaped, visible

_F = TypeVar("_F", bound=Callable[..., Any])

# Columns that nobody reads at a glance; `--json` and `--csv` have them.
WIDE = frozenset({"url", "slug", "article_url"})

# Running text is no wider than this: longer lines are hard to read.
_WIDEST_TEXT = 100
# A terminal that says less knows nothing of its width.
_LEAST_WIDTH = 20

_TIME_LENGTH = len("2026-11-24T23:19:38Z")

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV injection"), and what is a number all the same.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")
_RAW = "aggregator.raw"


def output_options(command: _F, *, as_json: str = "A JSON array of objects.") -> _F:
    """The options `--json` and `--csv`, passed on as `form` ("table", "json", "csv"), and `--raw`.

    `as_json`: what `--json` writes, where that is something else.
    """
    command = click.option(
        "--raw",
        is_flag=True,
        expose_value=False,
        callback=_note_raw,
        help="With --csv: cells as they are, formulas too.",
    )(command)
    command = click.option("--csv", "form", flag_value="csv", help="CSV with a header line, safe for spreadsheets.")(
        command
    )
    command = click.option("--json", "form", flag_value="json", help=as_json)(command)
    return click.option("--table", "form", flag_value="table", default="table", hidden=True)(command)


def json_option(command: _F) -> _F:
    """The option `--json` of a command that does something and says so, passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="A JSON object.")(command)


def tell(words: str | Iterable[str], values: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done: `words`, a line or several, for people, or `values` for programs."""
    if as_json:
        show_json(values)
        return
    for line in (words,) if isinstance(words, str) else words:
        click.echo(line)


def _note_raw(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta[_RAW] = value


def show(
    table: Result,
    form: str,
    *,
    hide: frozenset[str] = WIDE,
    columns: Sequence[str] = (),
    title: str | None = None,
    wrap: bool = False,
    empty: str = "(nothing)",
    main: str = "title",
    leaves: Sequence[str] = (),
    kept: str = "",
    exact: bool = False,
) -> None:
    """Print rows to standard output: all of them as JSON and CSV, in a table these columns, in this order.

    In a table the column `main` gets the room, on two lines where it needs them. Where that is not enough, the columns
    of `leaves` go, the first first; `--json` and `--csv` have all. The column `kept` was asked for: it has some room
    and two lines wherever the main one leaves that. With `wrap` nothing is cut, whatever lines it takes;
    a few rows that are too wide are printed one column a line. `empty` is said where there are no rows. `exact`: names
    of columns and times as they are stored.
    """
    if form == "json":
        show_json(as_dicts(table))
    elif form == "csv":
        show_csv(table)
    elif not table.rows:
        click.echo(empty if title is None else f"{title}: {empty}")
    else:
        look = Look(main, tuple(leaves), wrap=wrap, exact=exact, width=width_of_output(), kept=kept)
        rows = table if exact else _with_short_times(table)
        shown = [table.columns.index(name) for name in columns if name in table.columns]
        shown = shown or [index for index, column in enumerate(table.columns) if column not in hide]
        if title:
            put_head(title)
        lines = lines_of(rows, shown, look)
        click.echo("\n".join([click.style(lines[0], bold=True), *lines[1:]] if lines else downwards(rows, shown, look)))


def show_json(value: Any) -> None:
    """Print JSON: all of it, with controls that a terminal would obey as `\\u…`."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_json_value, allow_nan=False)
    click.echo(escaped(text))


def show_json_line(value: Any) -> None:
    """Print JSON as one line, controls escaped as in `show_json`."""
    click.echo(escaped(json.dumps(value, ensure_ascii=False, default=_json_value, allow_nan=False)))


def show_csv(table: Result, *, with_head: bool = True) -> None:
    """Print CSV, cells made safe for spreadsheets unless `--raw` was given."""
    context = click.get_current_context(silent=True)
    safe = _csv_cell if context is not None and context.meta.get(_RAW) else _safe_cell
    is_shown = sys.stdout.isatty()

    def cell(value: Any) -> Any:
        return safe(visible(value) if is_shown and isinstance(value, str) else value)

    for row in (*([table.columns] if with_head else []), *table.rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([cell(value) for value in row])  # so that it quotes a CR, too
        sys.stdout.write(f"{line.getvalue()[:-2]}\n")


def _csv_cell(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe in front; a plain number, as -5, is none."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return _csv_cell(value)


def as_dicts(table: Result) -> list[dict[str, Any]]:
    """Each row as a mapping of column to value. A name that comes twice gets a number; infinity is None."""
    return [{name: _finite(value) for name, value in zip(table.keys, row, strict=True)} for row in table.rows]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


# ---------------------------------------------------------------- how wide


def width_of_output() -> int | None:
    """As wide as the terminal or as $COLUMNS says; None in a pipe, where nothing ends a line but its own end."""
    import os

    told = os.environ.get("COLUMNS", "")
    if not sys.stdout.isatty() and not (told.isascii() and told.isdecimal() and int(told)):
        return None
    return max(_LEAST_WIDTH, shutil.get_terminal_size().columns)


def width_of_text() -> int:
    """How wide running text is where lines are broken in pipes as well."""
    return min(width_of_output() or _WIDEST_TEXT, _WIDEST_TEXT)


def put(text: str, indent: str = "", *, first: str | None = None, bold: bool = False) -> None:
    """Print a paragraph of running text, between words broken to the width; in a pipe it is a line.

    An address that is too long stays whole. `first`: what the first line begins with instead of `indent`.
    """
    first = indent if first is None else first
    width = width_of_output()
    shown = " ".join(visible(text).split())
    lines = [shown]
    if width is not None:
        room = min(width, _WIDEST_TEXT) - max(len(indent), len(first))
        lines = wrapped(shown, max(1, room), is_whole=True)
    for number, line in enumerate(lines):
        whole = f"{indent if number else first}{line}"
        click.echo(click.style(whole, bold=True) if bold else whole)


def put_head(title: str) -> None:
    """Print the head of what follows, an empty line above it."""
    click.echo()
    put(title, bold=True)


def say_not_looked_at(posts: int) -> None:
    """Say on standard error how many stored posts were not looked at by the topics in force, if any."""
    from aggregator.storage.topic_rules import REMEDY

    if posts:
        click.echo(f"{counted(posts, 'stored post')} not looked at: `{REMEDY}`", err=True)


# ---------------------------------------------------------------- values


def _with_short_times(table: Result) -> Result:
    """Times to the minute, without the marks that only programs need."""
    times = [index for index, column in enumerate(table.columns) if column.endswith("_at")]
    rows = []
    for row in table.rows:
        cells = list(row)
        for index in times:
            cells[index] = short_time(cells[index])
        rows.append(tuple(cells))
    return Result(table.columns, tuple(rows))


def short_time(value: Any) -> Any:
    """A time as it is stored, to the minute; whatever else, as it is."""
    is_time = isinstance(value, str) and len(value) == _TIME_LENGTH and value[10] == "T"
    return value[:16].replace("T", " ") if is_time else value


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def table_of(columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> Result:
    """A table made by hand."""
    return Result(tuple(columns), tuple(tuple(row) for row in rows))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 feed", "2 feeds"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
