"""Rows for people (`rich` tables) and for pipes (JSON, CSV)."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from aggregator.storage.queries import Table

_F = TypeVar("_F", bound=Callable[..., Any])

# Columns that nobody reads at a glance; `--json` and `--csv` have them.
_WIDE = frozenset({"url", "slug", "article_url"})

_PLAIN_WIDTH = 200


def output_options(command: _F) -> _F:
    """The options `--json` and `--csv`, passed on as `form` ("table", "json", "csv")."""
    command = click.option("--csv", "form", flag_value="csv", help="CSV with a header line.")(command)
    command = click.option("--json", "form", flag_value="json", help="A JSON array of objects.")(command)
    return click.option("--table", "form", flag_value="table", default="table", hidden=True)(command)


def show(table: Table, form: str, *, hide: frozenset[str] = _WIDE, title: str | None = None) -> None:
    """Print rows to standard output."""
    if form == "json":
        click.echo(json.dumps(as_dicts(table), ensure_ascii=False, indent=2, default=_json_value))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(table.rows)
    else:
        _show_table(table, hide, title)


def as_dicts(table: Table) -> list[dict[str, Any]]:
    """Each row as a mapping of column to value."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def console() -> Any:
    """Where tables go: as wide as the terminal or as $COLUMNS says, and wide enough in a pipe."""
    from rich.console import Console

    is_told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if is_told else _PLAIN_WIDTH, highlight=False)


def _show_table(table: Table, hide: frozenset[str], title: str | None) -> None:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    if not table.rows:
        click.echo("(nothing)" if title is None else f"{title}: (nothing)")
        return
    shown = [index for index, column in enumerate(table.columns) if column not in hide]
    printed = RichTable(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for index in shown:
        is_number = all(isinstance(row[index], int | float | None) for row in table.rows)
        printed.add_column(table.columns[index], justify="right" if is_number else "left", overflow="fold")
    for row in table.rows:
        printed.add_row(*(Text(_cell(row[index])) for index in shown))
    console().print(printed)


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


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table made by hand."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows))
