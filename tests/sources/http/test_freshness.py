"""How long servers and documents want to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from aggregator.model.source import Patience
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.poll_hints import MAX_ENTRIES, MAX_LAST_ENTRIES, patience_of, shortened
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


# ---------------------------------------------------------------- documents


def rss(head: str, items: str = "<item><title>One</title></item>") -> bytes:
    return f"""<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>
    <title>Paper</title>{head}{items}</channel></rss>""".encode()


def patience(head: str) -> Patience:
    return parse_feed(rss(head), None, "https://paper.example/feed", NOW).patience


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl> 90 </ttl>", 90),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>-5</ttl>", 0),
        ("<ttl>99999999999</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 60),
        ("<sy:updatePeriod>\n daily\t</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 360),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 1440),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", 0),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 60),
        ("", 0),
    ],
)
def test_how_often_a_document_wants_to_be_asked(head: str, minutes: int) -> None:
    assert patience(head).wait == timedelta(minutes=minutes)


def test_when_nothing_is_published() -> None:
    head = "<skipHours><hour>0</hour><hour>3</hour><hour>24</hour><hour>99</hour></skipHours>"
    assert patience(f"{head}<skipDays><day>Saturday</day><day>Sun</day><day>Someday</day></skipDays>") == Patience(
        hours=frozenset({0, 3}), days=frozenset({5, 6})
    )
    always = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    assert patience(f"<skipHours>{always}</skipHours>") == Patience()


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.text(), st.text())
def test_no_document_breaks_it(text: str, ttl: str, period: str, frequency: str) -> None:
    found = patience_of(f"<skipHours>{text}</skipHours>", ttl, period, frequency)
    assert timedelta(0) <= found.wait <= YEAR


def test_of_a_very_long_feed_both_ends_are_read() -> None:
    count = 10_000
    items = "".join(f"<item><title>Entry {number}</title></item>" for number in range(count))
    text, warning = shortened(rss("", items).decode())
    assert warning == f"{count} entries: only the first {MAX_ENTRIES} and the last {MAX_LAST_ENTRIES} were read"
    assert text.count("<item>") == MAX_ENTRIES + MAX_LAST_ENTRIES
    assert "Entry 999<" in text and "Entry 9750<" in text and "Entry 1000<" not in text
    assert text.endswith("</channel></rss>")
    assert shortened("<rss/>") == ("<rss/>", "")
