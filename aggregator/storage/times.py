"""Instants as text. No business logic."""

from __future__ import annotations

from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def to_text(at: datetime | None) -> str | None:
    """An aware datetime as `YYYY-MM-DDTHH:MM:SSZ` in UTC; None stays None."""
    return None if at is None else at.astimezone(UTC).strftime(_FORMAT)


def from_text(text: str | None) -> datetime | None:
    """The reverse of `to_text`."""
    return None if text is None else datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
