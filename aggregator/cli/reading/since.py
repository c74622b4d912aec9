"""`--since`: a moment as people write it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def since_option(help_text: str) -> Callable[[_F], _F]:
    """The option `--since`, given to the command as `since`: an aware time, or None."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
        from aggregator.engine.clock import utc_now
        from aggregator.text.reading.since import FORMS, since_of

        if value is None:
            return None
        try:
            return since_of(value, utc_now())
        except (ValueError, OverflowError):
            raise click.BadParameter(f"expected {FORMS}, not {value!r}") from None

    return click.option("--since", callback=read, metavar="TIME", help=help_text)
