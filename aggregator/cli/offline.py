"""What commands say where this machine is offline: that, once, and not an error of name servers for each source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click

from aggregator.cli.output import show, table_of
from aggregator.engine.politeness import is_own
from aggregator.model.outage import NO_WAY_OUT

Row = tuple[Any, ...]


class Asked(NamedTuple):
    """A source that was asked: its address, whether no server answered, and why not. `offline`: this machine had no way
    to the internet then."""

    url: str
    unreached: bool
    offline: bool
    why: str


def show_asked(
    columns: Sequence[str], rows: Sequence[Row], asked: Sequence[Asked], form: str, *, is_told: bool = False,
    main: str, leaves: Sequence[str] = (), wrap: bool = False,
) -> None:  # fmt: skip
    """The rows, one for each that was asked; where none was reached a line on standard error instead, and beside them
    where a program reads them. `is_told`: the log has that line. `main`, `leaves`, `wrap`: as for `show`."""
    words = words_of(asked)
    is_left_out = [bool(words) and form == "table" and each.unreached and not is_own(each.url) for each in asked]
    shown = [row for row, out in zip(rows, is_left_out, strict=True) if not out]
    if shown or not words:
        empty = "(no sources are configured)"
        show(table_of(columns, shown), form, empty=empty, main=main, leaves=leaves, wrap=wrap)
    if words and not is_told:
        click.echo(words, err=True)


def words_of(asked: Sequence[Asked]) -> str:
    """That no server was reached, of several or for want of a way out; empty where one was, or it may be its own fault.

    Computers of one's own say nothing of the network.
    """
    others = [each for each in asked if not is_own(each.url)]
    if not others or not all(each.unreached for each in others):
        return ""
    if all(each.offline for each in others):
        which = f"{others[0].url} was not" if len(others) == 1 else f"none of {len(others)} sources was"
        return f"{NO_WAY_OUT}: {which} reached"
    if len({urlsplit(each.url).hostname for each in others}) == 1:
        return ""
    return f"none of {len(others)} sources was reached, as if this machine were offline: {others[0].why}"
