"""The only clock of the program, handed in wherever time matters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current time; the only clock of the program, handed in wherever time matters."""
    return datetime.now(UTC)
