"""Which of an entry's elements say when it was published, and what the dates of one document say of each other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.sources.feeds.parse import parse_feed

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:old="http://prismstandard.org/namespaces/1.2/basic/" '
    'xmlns:p="http://prismstandard.org/namespaces/basic/3.0/" '
    'xmlns:ev="http://purl.org/rss/1.0/modules/event/"'
)


def dates(*items: str, head: str = "") -> list[str | None]:
    """When the posts of an RSS document with these items were published."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>Number {number}</title>{inner}</item>"
        for number, inner in enumerate(items)
    )
    document = f"<rss version='2.0' {_SPACES}><channel><title>Paper</title>{head}{entries}</channel></rss>"
    posts = parse_feed(document.encode(), None, "https://paper.example/feed", NOW).posts
    return [post.published_at and f"{post.published_at:%Y-%m-%d %H:%M}" for post in posts]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<pubDate>2026年3月9日 10:30</pubDate>", "2026-03-09 10:30"),
        ("<pubDate>10:30 09/03/2026</pubDate>", None),
        ("<pubDate>2026-03</pubDate>", None),
        ("<pubDate>yesterday</pubDate><dc:date>2026-03-09T10:30:00Z</dc:date>", "2026-03-09 10:30"),
        ("<pubDate>&lt;time datetime='2026-03-09T10:30:00Z'&gt;Monday&lt;/time&gt;</pubDate>", "2026-03-09 10:30"),
    ],
)
def test_no_other_reading_fills_in_what_is_not_said(inner: str, expected: str | None) -> None:
    assert dates(inner) == [expected]


def test_dates_with_slashes_are_read_in_the_order_that_another_proves() -> None:
    assert dates("<pubDate>09/03/2026</pubDate>", "<pubDate>25/03/2026</pubDate>") == [
        "2026-03-09 00:00",
        "2026-03-25 00:00",
    ]
    assert dates("<dc:date>09/03/2026</dc:date>", "<pubDate>3/25/2026</pubDate>") == [
        "2026-09-03 00:00",
        "2026-03-25 00:00",
    ]
    assert dates("<pubDate>09/03/2026</pubDate>", "<pubDate>09/04/2026</pubDate>") == [None, None]


def test_so_they_are_in_json() -> None:
    items = [{"id": "1", "date_published": "09/03/2026"}, {"id": "2", "date_modified": "25/03/2026"}, "no item"]
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    posts = parse_feed(document.encode(), None, "https://paper.example/feed", NOW).posts
    assert [post.published_at for post in posts] == [datetime(2026, 3, day, tzinfo=UTC) for day in (9, 25)]


def test_the_language_of_the_document_tells_which_month_a_word_is() -> None:
    inner = "<pubDate>9 listopada 2026</pubDate>"
    assert dates(inner, head="<language>pl</language>") == ["2026-11-09 00:00"]
    assert dates(inner, head="<language>hr</language>") == ["2026-10-09 00:00"]
    assert dates(inner) == [None]


@pytest.mark.parametrize(
    "inner",
    [
        "<prism:publicationDate>2026-03-09</prism:publicationDate>",
        "<old:publicationDate>2026-03-09</old:publicationDate>",
        "<p:publicationDate>2026-03-09</p:publicationDate>",
        "<prism:coverDate>2026-03-09</prism:coverDate>",
        "<prism:coverDate>2026-03-01</prism:coverDate><prism:publicationDate>2026-03-09</prism:publicationDate>",
        "<dcterms:available>2026-03-09</dcterms:available>",
        "<dcterms:issued>2026-03-09</dcterms:issued>",
        "<dc:issued>2026-03-09</dc:issued>",
        "<dcterms:dateSubmitted>2026-03-09</dcterms:dateSubmitted>",
        "<date>2026-03-09</date>",
        "<pubDate>unknown</pubDate><prism:publicationDate>2026-03-09</prism:publicationDate>",
        "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate><prism:publicationDate>2026-03-09</prism:publicationDate>",
        "<pubDate><time datetime='2026-03-09T00:00:00Z'>Monday</time></pubDate>",
    ],
)
def test_dates_of_other_vocabularies_count_where_there_is_no_other(inner: str) -> None:
    assert dates(inner) == ["2026-03-09 00:00"]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            "<prism:publicationDate>2026-03-09</prism:publicationDate><pubDate>Tue, 10 Mar 2026 10:00 GMT</pubDate>",
            "2026-03-10 10:00",
        ),
        ("<dc:date>2026-03-10</dc:date><prism:coverDate>2026-03-09</prism:coverDate>", "2026-03-10 00:00"),
        ("<prism:coverDate>2026-03</prism:coverDate>", None),
        ("<prism:coverDisplayDate>March 2026</prism:coverDisplayDate>", None),
        ("<prism:killDate>2026-03-09</prism:killDate>", None),
        ("<ev:startdate>2026-03-09</ev:startdate>", None),
        ("<ev:date>2026-03-09</ev:date>", None),
        ("<expirationDate>2026-03-09</expirationDate>", None),
    ],
)
def test_others_do_not(inner: str, expected: str | None) -> None:
    assert dates(inner) == [expected]
