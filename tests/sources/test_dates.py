"""The dates of feeds: what is read, what is not, and what is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.dates import EARLIEST, MOST_AHEAD, day_first_in, parse_date, plausible

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # ISO 8601
        ("2026-11-23T08:30:00Z", "2026-11-23 08:30:00"),
        ("2026-11-23T08:30:00.123456Z", "2026-11-23 08:30:00"),
        ("2026-11-23T08:30:00+01:00", "2026-11-23 07:30:00"),
        ("2026-11-23T08:30:00+0100", "2026-11-23 07:30:00"),
        ("2026-11-23 08:30:00 +0100", "2026-11-23 07:30:00"),
        ("2026-11-23 08:30", "2026-11-23 08:30:00"),
        ("2026-11-23 08:30 CET", "2026-11-23 07:30:00"),
        ("2026-11-23", "2026-11-23 00:00:00"),
        ("2026/11/23 08:30:00", "2026-11-23 08:30:00"),
        ("2026/1/2 9:05:00", "2026-01-02 09:05:00"),
        ("2026-1-2", "2026-01-02 00:00:00"),
        ("2026.1.2", "2026-01-02 00:00:00"),
        ("  2026-11-23T08:30:00Z\n", "2026-11-23 08:30:00"),
        # RFC 5322
        ("Mon, 23 Nov 2026 08:30:00 GMT", "2026-11-23 08:30:00"),
        ("Mon, 23 Nov 2026 08:30:00 +0100", "2026-11-23 07:30:00"),
        ("Mon, 23 Nov 2026 08:30:00 +01:00", "2026-11-23 07:30:00"),
        ("Mon, 23 Nov 2026 08:30 -050", "2026-11-23 13:30:00"),
        ("Mon, 23 Nov 2026 08:30:00 +0100 (CET)", "2026-11-23 07:30:00"),
        ("23 Nov 2026 08:30", "2026-11-23 08:30:00"),
        ("23 Nov 26 08:30:00 GMT", "2026-11-23 08:30:00"),
        ("Mon, 23 Nov 2026", "2026-11-23 00:00:00"),
        ("Mon Nov 23 08:30:00 2026", "2026-11-23 08:30:00"),
        ("Mon, 7 Sept 2026 08:30:00 GMT", "2026-09-07 08:30:00"),
        ("Mon, 23 Nov 2026 08:30:00 PM GMT", "2026-11-23 20:30:00"),
        ("Mon, 23 Nov 2026 12:30 a.m. GMT", "2026-11-23 00:30:00"),
        ("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24 00:00:00"),
        ("Wed, 31 Dec 2025 23:59:60 GMT", "2026-01-01 00:00:00"),
        # names of zones
        ("Mon, 23 Nov 2026 12:00:00 CET", "2026-11-23 11:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 CEST", "2026-11-23 10:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 EST", "2026-11-23 17:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 PDT", "2026-11-23 19:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 JST", "2026-11-23 03:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 IST", "2026-11-23 06:30:00"),
        ("Mon, 23 Nov 2026 12:00:00 MSK", "2026-11-23 09:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 AEDT", "2026-11-23 01:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 Z", "2026-11-23 12:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 GMT+0200", "2026-11-23 10:00:00"),
        ("Mon, 23 Nov 2026 12:00:00 UTC +02:00", "2026-11-23 10:00:00"),
        # digits
        ("1795449600", "2026-11-23 16:00:00"),
        ("1795449600000", "2026-11-23 16:00:00"),
        ("20261123", "2026-11-23 00:00:00"),
        ("202611230830", "2026-11-23 08:30:00"),
        ("20261123083015", "2026-11-23 08:30:15"),
    ],
)
def test_dates_that_are_read(text: str, expected: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "yesterday", "0000-00-00 00:00:00", "2026-13-01", "2026-11-31", "2026-11-23T25:00:00Z",
        "Mon, 32 Nov 2026 08:30:00 GMT", "Mon, 23 Nov 99999 08:30:00 GMT", "99999999", "123", "179544960", "２０２６",
        "2026-11-23" + " " * 50 + "x" * 100, "\x00", "\udcff", "Mon, 23 Nov 2026 08:30:00 +9999999999", "11/23/2026x",
        "9999-12-31T23:59:59-12:00",
    ],
)  # fmt: skip
def test_dates_that_are_not(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=120))
def test_whatever_the_text_nothing_is_raised(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.tzinfo is UTC


moments = st.integers(0, 1_400_000_000).map(lambda seconds: EARLIEST + timedelta(seconds=seconds))
offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(moments, offsets)
def test_what_is_written_by_the_rules_is_read_right(moment: datetime, zone: timezone) -> None:
    at = moment.replace(tzinfo=zone)
    assert parse_date(at.isoformat()) == at
    assert parse_date(format_datetime(at)) == at
    assert parse_date(at.strftime("%Y-%m-%d %H:%M:%S %z")) == at


@pytest.mark.parametrize(
    ("at", "is_plausible"),
    [
        (NOW, True),
        (NOW + MOST_AHEAD, True),
        (NOW + MOST_AHEAD + timedelta(seconds=1), False),
        (EARLIEST, True),
        (EARLIEST - timedelta(seconds=1), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(1795, 11, 1, tzinfo=UTC), False),
    ],
)
def test_what_is_believed(at: datetime, is_plausible: bool) -> None:
    assert plausible(at, NOW) == (at if is_plausible else None)


def test_nothing_is_believed_to_be_nothing() -> None:
    assert plausible(None, NOW) is None


_TIMES = st.datetimes(timezones=st.just(UTC))


@given(_TIMES, _TIMES.filter(lambda now: 1995 < now.year < 9000))
def test_no_impossible_date_is_believed(at: datetime, now: datetime) -> None:
    assert (plausible(at, now) == at) == (EARLIEST <= at <= now + MOST_AHEAD)


@pytest.mark.parametrize(
    ("texts", "day_first"),
    [
        (["05/04/2026", "25/04/2026"], True),
        (["05/04/2026 10:00", "4/25/2026 9:00"], False),
        (["Fri 05-04-2026", "26-04-2026"], True),
        (["05/04/2026", "05/05/2026"], None),
        (["25/04/2026", "4/25/2026"], None),
        (["13/25/2026"], None),
        (["2026/04/25", "25.04.2026", "a/b/c", ""], None),
        ([], None),
    ],
)
def test_the_dates_of_a_document_prove_each_other(texts: list[str], day_first: bool | None) -> None:
    assert day_first_in(texts) is day_first
