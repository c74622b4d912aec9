"""The samples of `aggregator demo`: readable, complete, fresh, with links on reserved domains only."""

from __future__ import annotations

import json
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest

from aggregator.cli.demo import samples
from aggregator.cli.demo.samples import SampleFeed, render_feeds, render_statuses

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:8123"

# Path → the versions that feedparser may name (it has no name of its own for CDF), and the number of entries.
XML_FEEDS = {
    "/feeds/harbour-ledger.xml": ({"rss20"}, 6),
    "/feeds/signalbruecke.xml": ({"rss091u", "rss091n"}, 5),
    "/feeds/rechenwerk-nord.xml": ({"atom10"}, 5),
    "/feeds/courrier-des-machines.xml": ({"atom10"}, 5),
    "/feeds/antena-logica.xml": ({"rss10"}, 5),
    "/feeds/kretsbladet.xml": ({"atom03"}, 5),
    "/feeds/kikai-no-tayori.xml": ({"rss20"}, 5),
    "/feeds/chip-and-cloud.cdf": ({"cdf", ""}, 6),
    "/feeds/morning-kernel.xml": ({"rss20"}, 6),
}
JSON_FEEDS = {
    "/feeds/paper-lantern.json": ("https://jsonfeed.org/version/1", 6),
    "/feeds/open-weights-digest.json": ("https://jsonfeed.org/version/1.1", 5),
}
MALFORMED = "/feeds/morning-kernel.xml"

# A word that only the posts about one event have, in one language.
EVENTS = {
    "en": [
        "900 million",
        "Larkspur",
        "Samovar",
        "labelled|labelling",
        "Westmere",
        "household",
    ],
    "de": ["900 Millionen", "Wortmolch", "Leitlinien"],
}


@dataclass(frozen=True)
class Entry:
    """An entry of any sample feed, as the tests compare them."""

    path: str
    language: str
    title: str
    link: str
    text: str
    at: datetime | None


def xml_entries(path: str, feed: SampleFeed) -> Iterator[Entry]:
    for entry in parsed(feed).entries:
        moment = entry.get("published_parsed") or entry.get("updated_parsed")
        at = datetime.fromtimestamp(timegm(moment), UTC) if moment else None
        text = " ".join([entry.get("summary", ""), *(part.value for part in entry.get("content", ()))])
        yield Entry(path, feed.language, entry.title, entry.link, text, at)


def json_entries(path: str, feed: SampleFeed) -> Iterator[Entry]:
    for item in json.loads(feed.body)["items"]:
        text = item.get("content_html") or item["content_text"]
        at = datetime.fromisoformat(item["date_published"])
        yield Entry(path, feed.language, item["title"], item["url"], text, at)


def parsed(feed: SampleFeed) -> Any:
    return feedparser.parse(feed.body, response_headers={"content-type": feed.content_type})


@pytest.fixture(scope="module")
def feeds() -> dict[str, SampleFeed]:
    return render_feeds(BASE, NOW)


@pytest.fixture(scope="module")
def entries(feeds: dict[str, SampleFeed]) -> list[Entry]:
    readers = ((path, feed, json_entries if path in JSON_FEEDS else xml_entries) for path, feed in feeds.items())
    return [entry for path, feed, read in readers for entry in read(path, feed)]


@pytest.fixture(scope="module")
def statuses() -> list[dict[str, Any]]:
    return render_statuses(NOW)


# ---------------------------------------------------------------- feeds


def test_every_feed_is_expected_here(feeds: dict[str, SampleFeed]) -> None:
    assert feeds.keys() == XML_FEEDS.keys() | JSON_FEEDS.keys()


@pytest.mark.parametrize("path", XML_FEEDS)
def test_xml_feed_is_read_by_feedparser(path: str, feeds: dict[str, SampleFeed]) -> None:
    versions, count = XML_FEEDS[path]
    found = parsed(feeds[path])
    assert found.version in versions
    assert len(found.entries) == count
    assert found.feed.title == feeds[path].title
    assert bool(found.bozo) == (path == MALFORMED)


@pytest.mark.parametrize("path", JSON_FEEDS)
def test_json_feed_has_what_its_version_demands(path: str, feeds: dict[str, SampleFeed]) -> None:
    version, count = JSON_FEEDS[path]
    document = json.loads(feeds[path].body)
    assert (document["version"], len(document["items"])) == (version, count)
    assert document["title"] == feeds[path].title
    assert document["feed_url"] == BASE + path
    assert all(item["id"] and ("content_html" in item or "content_text" in item) for item in document["items"])


def test_legacy_encodings_are_really_used(feeds: dict[str, SampleFeed]) -> None:
    for path, encoding in (
        ("/feeds/signalbruecke.xml", "iso-8859-1"),
        ("/feeds/kikai-no-tayori.xml", "shift_jis"),
    ):
        body = feeds[path].body
        assert feeds[path].title.encode(encoding) in body
        assert f'encoding="{encoding}"'.encode() in body
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")


def test_malformed_feed_keeps_its_letters(entries: list[Entry]) -> None:
    titles = [entry.title for entry in entries if entry.path == MALFORMED]
    assert "Larkspur by NVIDIA: same racks & half the power" in titles


def test_there_is_enough_of_everything(feeds: dict[str, SampleFeed], entries: list[Entry]) -> None:
    assert len(entries) >= 48
    assert {feed.language for feed in feeds.values()} >= {"en", "de", "fr", "es", "sv", "ja"}
    formats = {
        "RSS 0.91",
        "RSS 1.0",
        "RSS 2.0",
        "Atom 0.3",
        "Atom 1.0",
        "CDF",
        "JSON Feed 1.0",
        "JSON Feed 1.1",
    }
    assert {feed.format for feed in feeds.values()} == formats
    assert all(entry.title and entry.link and len(entry.text) > 50 for entry in entries)


def test_rss_shows_full_text_categories_and_a_podcast(feeds: dict[str, SampleFeed]) -> None:
    found = parsed(feeds["/feeds/harbour-ledger.xml"]).entries
    assert any(len(entry.get("content", ())) for entry in found)
    assert all(entry.tags for entry in found)
    assert any(file.type == "audio/mpeg" for entry in found for file in entry.enclosures)


def test_times_are_fresh_but_for_the_earlier_coverage(entries: list[Entry]) -> None:
    ages = [(entry, NOW - entry.at) for entry in entries if entry.at]
    assert len(entries) - len(ages) == 1  # RSS 0.91 knows no dates of items; one of ours has none
    old = [entry for entry, age in ages if age > timedelta(days=5)]
    assert all(timedelta(0) < age for _, age in ages)
    assert min(age for _, age in ages) < timedelta(hours=4)
    assert len(old) >= 2
    for entry in old:
        assert "Mistral" in entry.title and ("Claude" in entry.title or "looks for money" in entry.title)
        assert timedelta(days=145) < NOW - (entry.at or NOW) < timedelta(days=155)


def test_moving_now_moves_every_time() -> None:
    later = NOW + timedelta(days=3)
    before, after = render_feeds(BASE, NOW), render_feeds(BASE, later)
    assert all(before[path].body != after[path].body for path in before)
    assert render_statuses(later)[0]["created_at"] > render_statuses(NOW)[0]["created_at"]


def test_the_zone_of_now_does_not_matter(feeds: dict[str, SampleFeed], statuses: list[dict[str, Any]]) -> None:
    same = NOW.astimezone(timezone(timedelta(hours=9)))
    assert render_feeds(BASE, same) == feeds
    assert render_statuses(same) == statuses


def test_no_placeholder_is_left(feeds: dict[str, SampleFeed], statuses: list[dict[str, Any]]) -> None:
    assert not [path for path, feed in feeds.items() if b"{{" in feed.body or b"}}" in feed.body]
    assert "{{" not in json.dumps(statuses)


@pytest.mark.parametrize("template", ["{{rfc822}}", "{{nonsense}}", "{{dc -3h}}", "{{iso -3w}}", "{{base -1d}}"])
def test_a_misspelt_placeholder_is_refused(template: str) -> None:
    with pytest.raises(ValueError):
        samples._fill(template, {"base": BASE}, NOW)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{rfc822 -1d}}", "Fri, 28 Feb 2031 08:30:00 GMT"),
        ("{{iso -2h45m}}", "2031-03-01T05:45:00Z"),
        ("{{cdf -31m}}", "2031-03-01T07:59+0000"),
        ("<{{base}}>", f"<{BASE}>"),
    ],
)
def test_placeholders(template: str, expected: str) -> None:
    assert samples._fill(template, {"base": BASE}, NOW) == expected


# ---------------------------------------------------------------- what the samples must show


def test_all_links_lead_to_reserved_domains(feeds: dict[str, SampleFeed], statuses: list[dict[str, Any]]) -> None:
    """Namespaces and format versions are names, not links; a feed's own address is on the loopback server."""
    names = {"www.w3.org", "purl.org", "jsonfeed.org", "127.0.0.1:8123"}
    texts = [feed.body.decode("ascii", "replace") for feed in feeds.values()]
    texts.append(json.dumps(statuses))
    hosts = {urlsplit(url).netloc for text in texts for url in re.findall(r"https?://[^\s\"'<>\\]+", text)}
    assert {host for host in hosts if not host.endswith(".example")} <= names
    assert len(hosts - names) >= 12


@pytest.mark.parametrize(("language", "pattern"), [(lang, event) for lang, found in EVENTS.items() for event in found])
def test_events_are_told_by_different_outlets_in_different_words(
    language: str, pattern: str, entries: list[Entry]
) -> None:
    about = [entry for entry in entries if entry.language == language and re.search(pattern, entry.title + entry.text)]
    assert len({entry.path for entry in about}) >= 2
    assert len({entry.title for entry in about}) >= 2


def test_one_article_is_carried_with_trackers_and_as_amp_page(
    entries: list[Entry], statuses: list[dict[str, Any]]
) -> None:
    article = "https://harbourledger.example/companies/mistral-nine-hundred-million"
    links = {entry.link for entry in entries if entry.link.startswith(article)}
    assert {urlsplit(link).path.endswith("/amp") for link in links} == {True, False}
    assert any("utm_source=" in link for link in links)
    status = next(status for status in statuses if status["language"] == "de" and status["card"])
    assert status["card"]["url"] == article
    assert {tag["name"] for tag in status["tags"]} >= {"Mistral", "AI", "Europa"}


def test_two_articles_are_linked_with_trackers_by_others(entries: list[Entry]) -> None:
    pages = Counter(urlsplit(entry.link)._replace(query="").geturl() for entry in entries)
    assert sum(count == 2 for count in pages.values()) >= 2


def test_a_text_is_reprinted_under_another_address(entries: list[Entry]) -> None:
    title = "A little rehearsal keeps language models from forgetting"
    original, reprint = (entry for entry in entries if entry.title == title)
    assert original.link != reprint.link
    assert reprint.text.startswith(original.text)


def test_the_bot_only_repeats_title_and_link(statuses: list[dict[str, Any]], entries: list[Entry]) -> None:
    [bot] = [status for status in statuses if status["account"]["bot"]]
    words = [word for word in re.sub(r"<[^>]+>", "", bot["content"]).split() if not word.startswith("#")]
    assert " ".join(words[:-1]) in {entry.title for entry in entries}
    assert words[-1].startswith("https://")


def test_statuses_link_to_sample_articles(statuses: list[dict[str, Any]], entries: list[Entry]) -> None:
    pages = {urlsplit(entry.link)._replace(query="").geturl() for entry in entries}
    links = [link for status in statuses for link in re.findall(r'<a href="([^"]+)" target', status["content"])]
    cards = [status["card"]["url"] for status in statuses if status["card"]]
    assert len(links) >= 8 and len(cards) >= 4
    assert {urlsplit(link)._replace(query="").geturl() for link in [*links, *cards]} <= pages
