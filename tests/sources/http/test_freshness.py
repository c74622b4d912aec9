"""How long servers want to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from aggregator.sources.http.freshness import fresh_for, retry_at

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": "public, MAX-AGE = 600, must-revalidate"}, 600),
        ({"Cache-Control": 'max-age="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "200"}, 400),
        ({"Cache-Control": "max-age=600", "Age": "900"}, None),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=0", "Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=9999999999"}, YEAR.total_seconds()),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT"}, 3600),
        ({"Expires": "Tue, 24 Nov 2026 13:00:00 GMT", "Date": "Tue, 24 Nov 2026 12:50:00 GMT"}, 600),
        ({"Expires": "Tue, 24 Nov 2020 13:00:00 GMT"}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_keeps(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_for(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_headers_that_were_sent_twice_count_together() -> None:
    headers = CIMultiDict([("Retry-After", "60"), ("Retry-After", "Tue, 24 Nov 2026 12:30:00 GMT")])
    assert retry_at(headers, NOW) == NOW + timedelta(minutes=30)
    control = CIMultiDict([("Cache-Control", "public"), ("Cache-Control", "max-age=60")])
    assert fresh_for(control, NOW) == timedelta(minutes=1)


@settings(max_examples=300, deadline=None)
@given(st.text() | st.from_regex(r"-?\d{0,30}(, ?\d{0,12})*") | st.datetimes().map(str))
def test_no_header_breaks_it(value: str) -> None:
    headers = {"Retry-After": value, "Date": value, "Cache-Control": f"max-age={value}", "Expires": value, "Age": value}
    at = retry_at(headers, NOW)
    assert at is None or NOW <= at <= NOW + YEAR
    kept = fresh_for(headers, NOW)
    assert kept is None or timedelta(0) < kept <= YEAR
