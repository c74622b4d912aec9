"""How long servers want to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from aggregator.sources.http.freshness import fresh_for, limit_reset_at, retry_at

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)

# ---------------------------------------------------------------- Retry-After


# What occurs, how long it means, and why. The one answer for feeds and for Mastodon's servers.
@pytest.mark.parametrize(
    ("value", "wait"),
    [
        pytest.param("120", timedelta(minutes=2), id="delay-seconds, RFC 9110 10.2.3"),
        pytest.param("120, 300", timedelta(minutes=5), id="two senders: before the later we are refused again"),
        pytest.param("604800", timedelta(days=7), id="a week: what is granted of it is the schedule's business"),
        pytest.param("Sun, 05 Apr 2026 12:10:00 GMT", timedelta(minutes=10), id="HTTP-date as it is to be written"),
        pytest.param("sun, 05 apr 2026 12:10:00 gmt", timedelta(minutes=10), id="wrong case, and no other meaning"),
        pytest.param("Sunday, 05-Apr-26 12:10:00 GMT", timedelta(minutes=10), id="RFC 850: recipients MUST accept it"),
        pytest.param("Sun Apr  5 12:10:00 2026", timedelta(minutes=10), id="asctime: recipients MUST accept it"),
        pytest.param("Sun, 5 Apr 2026 12:10:00 GMT", timedelta(minutes=10), id="RFC 5322: a day of one digit"),
        pytest.param("Sun, 5 Apr", None, id="without a year it is no date"),
        pytest.param("99999999999", YEAR, id="for ever: more than a date holds, so as long as is read at all"),
        pytest.param("-5", None, id="neither form: no wait that was asked for"),
        pytest.param("", None, id="nothing said"),
        pytest.param("soon", None, id="words"),
        pytest.param("1.5", None, id="seconds are whole"),
        pytest.param("Sun Apr  5 12:10:00 2026, 120", timedelta(minutes=10), id="two senders, a date first"),
        pytest.param("120, Sun Apr  5 12:10:00 2026", timedelta(minutes=10), id="two senders, seconds first"),
        pytest.param("Sun, 05 Apr 2026 11:10:00 GMT", timedelta(0), id="past: now"),
        pytest.param("9" * 5_000, YEAR, id="no number is too long"),
    ],
)  # fmt: skip
def test_every_form_of_retry_after(value: str, wait: timedelta | None) -> None:
    now = datetime(2026, 4, 5, 12, 0, tzinfo=UTC)
    assert retry_at({"Retry-After": value}, now) == (None if wait is None else now + wait)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("120, 240", 240),
        ("240,120", 240),
        ("Tue, 24 Nov 2026 12:10:00 GMT", 600),
        ("Tue, 24 Nov 2026 12:10:00 GMT, Tue, 24 Nov 2026 12:20:00 GMT", 1200),
        ("60, Tue, 24 Nov 2026 12:10:00 GMT", 600),
        ("120,", 120),
        (", 120", 120),
        ("120, soon", 120),
        ("soon, 120", 120),
        ("120, 1.5", 120),
        ("120, Tue", 120),
        ("Tue, 24 Nov 2026 12:10:00 GMT, 60", 600),
        ("Tuesday, 24-Nov-26 12:10:00 GMT", 600),
        ("Tue Nov 24 12:10:00 2026", 600),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 365 * 86400),
        ("Fri, 24 Nov 2226 12:10:00 GMT", 365 * 86400),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("２", None),
        ("2026-11-25", None),
        ("\udcff", None),
    ],
)
def test_retry_after(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert retry_at({"Retry-After": value}, NOW) == expected


def test_retry_after_is_measured_by_the_servers_clock() -> None:
    headers = {"Retry-After": "Tue, 24 Nov 2026 15:10:00 GMT", "Date": "Tue, 24 Nov 2026 15:00:00 GMT"}
    assert retry_at(headers, NOW) == NOW + timedelta(minutes=10)
    assert retry_at({**headers, "Date": "nonsense"}, NOW) == NOW + timedelta(hours=3, minutes=10)


def test_no_retry_after() -> None:
    assert retry_at({}, NOW) is None


# ---------------------------------------------------------------- X-RateLimit-Reset


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-11-24T12:01:40.123456Z", 100),
        ("1795521700", 100),
        ("100", 100),
        (" 100 ", 100),
        ("2026-11-24T11:00:00Z", None),
        ("0", None),
        ("9999-12-31T23:59:59Z", YEAR.total_seconds()),
        ("999999999", YEAR.total_seconds()),
        ("-5", None),
        ("1.5", None),
        ("when the cows come home", None),
        ("", None),
    ],
)
def test_when_a_limit_is_reset(value: str, seconds: float | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert limit_reset_at({"X-RateLimit-Reset": value}, NOW) == expected


def test_the_reset_is_measured_by_the_servers_clock() -> None:
    headers = {"X-RateLimit-Reset": "2026-11-24T15:10:00Z", "Date": "Tue, 24 Nov 2026 15:00:00 GMT"}
    assert limit_reset_at(headers, NOW) == NOW + timedelta(minutes=10)
    assert limit_reset_at({**headers, "Date": "1995-01-01"}, NOW) == NOW + YEAR


# ---------------------------------------------------------------- caching


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
    reset = limit_reset_at({"X-RateLimit-Reset": value, "Date": value}, NOW)
    assert reset is None or NOW < reset <= NOW + YEAR
    kept = fresh_for(headers, NOW)
    assert kept is None or timedelta(0) < kept <= YEAR
