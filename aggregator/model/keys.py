"""How a key of the configuration is declared: in its settings class, with type, default, bounds and meaning at once.

    interval: Interval = key(timedelta(minutes=15), "How often a source is polled that names no interval of its own.")

Plain data that costs nothing to import. `aggregator.config` makes of it what reads the file, the JSON Schema and the
tables of docs/configuration.md. Imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

_T = TypeVar("_T")

KEY = "key"
SPREAD = "spread"

# ---------------------------------------------------------------- bounds: `Annotated[int, Whole(1, 256)]`


class Whole(NamedTuple):
    """A whole number, the bounds included."""

    least: int
    most: int


class Length(NamedTuple):
    """A length of time, the bounds included. `example`: one as it stands in the file."""

    least: timedelta
    most: timedelta
    example: str


class Size(NamedTuple):
    """A number of bytes, the bounds included. `example`: one as it stands in the file."""

    least: int
    most: int
    example: str


# ---------------------------------------------------------------- keys


class Key(NamedTuple):
    """What is said of a key.

    `help`: a sentence for editors and the reference page; `more`: what only the page says besides. `name`: in the
    file, where it is another than the field's. `unset`: what the page shows as default, where editors are shown none.
    `own`: `help` for a table that may say otherwise for one thing, without the full stop.
    """

    help: str
    more: str = ""
    name: str | None = None
    unset: str = ""
    own: str = ""


def key(default: _T, help: str, more: str = "", *, name: str | None = None, unset: str = "", own: str = "") -> _T:
    """A field that is a key of the file. See `Key`."""
    metadata: Mapping[str, Any] = {KEY: Key(help, more, name, unset, own)}
    return field(default=default, metadata=metadata)


def spread(default: _T, prefix: str = "") -> _T:
    """A field whose own keys stand in the same table of the file, their names behind a prefix."""
    return field(default=default, metadata={SPREAD: prefix})
