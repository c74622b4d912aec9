"""`--since`: the forms in which people write a time, and near misses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.text.reading.since import since_of

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2h", "2026-11-30T10:00"), ("90m", "2026-11-30T10:30"), ("1h30m", "2026-11-30T10:30"),
        ("3d", "2026-11-27T12:00"),
        ("2 days ago", "2026-11-28T12:00"), ("1 week and 1 day", "2026-11-22T12:00"), ("1w", "2026-11-23T12:00"),
        ("10 MINS", "2026-11-30T11:50"),
        ("today", "2026-11-30T00:00"), ("yesterday", "2026-11-29T00:00"), ("2026-11-28", "2026-11-28T00:00"),
        ("20261128", "2026-11-28T00:00"), ("2026-11", "2026-11-01T00:00"), ("2026", "2026-01-01T00:00"),
        ("2026-11-28 14:30", "2026-11-28T14:30"), ("2026-11-28T14:30:00Z", "2026-11-28T14:30"),
        ("2026-11-28T14:30+02:00", "2026-11-28T12:30"),
    ],
)  # fmt: skip
def test_times_as_people_write_them(written: str, moment: str) -> None:
    assert since_of(written, NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["", "2", "2x", "h", "2h or so", "28.11.2026", "2026-13-01", "last week", "999999w"]
)
def test_what_is_no_time(written: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        since_of(written, NOW)
