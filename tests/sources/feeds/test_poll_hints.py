"""How long documents want to be left alone, and how much of a long one is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.source import Patience
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.poll_hints import MAX_ENTRIES, MAX_LAST_ENTRIES, patience_of, shortened

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


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
