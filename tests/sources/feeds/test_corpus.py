"""Every real feed of a corpus: nothing raised, no entry lost, everything fit to be stored.

The corpus is not part of the project. AGGREGATOR_TEST_CORPUS names its folder, in which `feeds/manifest.csv` lists the
documents with the number of entries that feedparser finds by itself (for JSON, the number of items).
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest

from aggregator.model.post import Post
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed
from aggregator.text.urls import canonical_url
from benchmarks.parsers import PARSERS, compare, documents

CORPUS = os.environ.get("AGGREGATOR_TEST_CORPUS", "")
pytestmark = pytest.mark.skipif(not CORPUS, reason="AGGREGATOR_TEST_CORPUS names no folder with a corpus")

URL = "https://feeds.corpus.example/folder/feed.xml"
NOW = datetime(2026, 11, 24, tzinfo=UTC)

# Where the manifest's count is checked against feedparser itself; all of it would take most of the test's time.
CHECKED = slice(0, None, 20)

UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@pytest.fixture(scope="module")
def listed() -> dict[str, int]:
    """File → entries."""
    with (Path(CORPUS) / "feeds" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: int(row["entries"] or 0) for row in csv.DictReader(file)}


@pytest.fixture(scope="module", params=PARSERS)
def feeds(listed: dict[str, int], request: pytest.FixtureRequest) -> dict[str, ParsedFeed]:
    """File → what each parser makes of it, the content type unknown."""
    return {name: parse_feed(body(name), None, URL, NOW, parser=request.param) for name in listed}


def body(name: str) -> bytes:
    return (Path(CORPUS) / "feeds" / name).read_bytes()


def posts(feeds: dict[str, ParsedFeed]) -> Iterator[tuple[str, Post]]:
    return ((name, post) for name, feed in feeds.items() for post in feed.posts)


def test_the_corpus_is_there(listed: dict[str, int]) -> None:
    assert len(listed) > 100
    assert sum(listed.values()) > 5000


def test_the_manifest_counts_as_feedparser_does(listed: dict[str, int]) -> None:
    names = sorted(name for name in listed if not name.endswith(".json"))[CHECKED]
    assert {name: len(feedparser.parse(io.BytesIO(body(name))).entries) for name in names} == {
        name: listed[name] for name in names
    }


def test_no_entry_is_lost(feeds: dict[str, ParsedFeed], listed: dict[str, int]) -> None:
    assert {name: len(feed.posts) for name, feed in feeds.items() if len(feed.posts) < listed[name]} == {}
    lost = [warning for feed in feeds.values() for warning in feed.warnings if "left out" in warning]
    assert lost == []


def test_what_has_entries_is_a_feed(feeds: dict[str, ParsedFeed], listed: dict[str, int]) -> None:
    assert {name: feed.problem for name, feed in feeds.items() if listed[name] and feed.problem} == {}


def test_ids_differ(feeds: dict[str, ParsedFeed]) -> None:
    for name, feed in feeds.items():
        ids = [post.native_id for post in feed.posts]
        assert len(set(ids)) == len(ids), name
        assert all(ids), name


def test_every_text_can_be_stored(feeds: dict[str, ParsedFeed]) -> None:
    for name, feed in feeds.items():
        for text in (feed.title, feed.site_url, feed.language, feed.problem, *feed.warnings):
            assert not UNFIT.search(text or ""), name
    for name, post in posts(feeds):
        for text in (post.text, post.html):
            assert not UNFIT.search((text or "").replace("\r", "")), name
        for text in (post.title, post.native_id, post.uri, post.author, *post.tags):
            assert not UNFIT.search(text or ""), name
            assert "\n" not in (text or ""), name


def test_links_are_absolute(feeds: dict[str, ParsedFeed]) -> None:
    for name, post in posts(feeds):
        for url in (post.url, *(file.url for file in post.enclosures)):
            if url:
                parts = urlsplit(url)
                assert parts.scheme in ("http", "https"), name
                assert parts.hostname, name
        if post.canonical_url:
            assert canonical_url(post.canonical_url) == post.canonical_url, name


def test_html_is_safe(feeds: dict[str, ParsedFeed]) -> None:
    unsafe = re.compile(
        r"<(?:script|style|iframe|object|form)|\son[a-z]+=\"|(?:href|src)=\"(?!\s*(?:https?|mailto):)", re.I
    )
    assert [name for name, post in posts(feeds) if unsafe.search(post.html or "")] == []


def test_dates_are_plausible(feeds: dict[str, ParsedFeed]) -> None:
    for name, post in posts(feeds):
        for at in (post.published_at, post.edited_at):
            assert at is None or (at.tzinfo is UTC and 1995 <= at.year <= 2026), name


def test_little_is_missing(feeds: dict[str, ParsedFeed]) -> None:
    """A parser that misses a part looks like feeds that lack it: shares as they were when read by eye."""
    found = [post for _, post in posts(feeds)]
    assert sum(bool(post.title) for post in found) > 0.98 * len(found)
    assert sum(bool(post.text) for post in found) > 0.92 * len(found)
    assert sum(bool(post.url) for post in found) > 0.99 * len(found)
    assert sum(bool(post.published_at) for post in found) > 0.95 * len(found)


def test_the_parsers_agree(listed: dict[str, int]) -> None:
    found = compare(list(documents(Path(CORPUS) / "feeds", 0, 1)))
    assert found.differences == {}
    assert len(found.fast) > 0.85 * found.documents
