"""JSON Feed: valid by its schema, and the same as Atom."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from aggregator.model.settings import Publish
from aggregator.model.site import GoneStory, ShownStory
from aggregator.publish.feeds.json_feed import json_feed
from aggregator.publish.feeds.out import FeedOut
from tests.publish.feeds.builder import (
    HERE,
    HOSTILE_TEXTS,
    SITE,
    START,
    WITHOUT_ADDRESS,
    behind_a_warning,
    hostile_story,
    make_feed,
    make_story,
)

SCHEMA = jsonschema.Draft202012Validator(json.loads((HERE / "json_feed.schema.json").read_text("utf-8")))


def written(feed: FeedOut, settings: Publish = SITE) -> dict[str, Any]:
    """The document, held to the schema."""
    text = json_feed(feed, settings)
    text.encode()
    found: dict[str, Any] = json.loads(text)
    SCHEMA.validate(found)
    return found


def item_of(story: ShownStory, settings: Publish = SITE) -> dict[str, Any]:
    [item] = written(make_feed(story), settings)["items"]
    return item


def test_a_feed_says_what_it_is() -> None:
    feed = written(make_feed(path="feeds/topics/funding", home="topics/funding/index.html"))
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Lantern: all",
        "language": "en",
        "authors": [{"name": "The Lantern"}],
        "home_page_url": "https://lantern.example/topics/funding/",
        "feed_url": "https://lantern.example/feeds/topics/funding.json",
        "items": [],
    }


def test_an_item_is_a_story() -> None:
    item = item_of(make_story())
    assert "More: " in item.pop("content_html")
    assert item == {
        "id": "tag:lantern.example,2026:stories/7",
        "url": "https://lantern.example/stories/mistral-raises-7/",
        "external_url": "https://harbour.example/1",
        "title": "Mistral raises 900 million euros",
        "summary": "Mistral has closed a round of 900 million euros. The money goes into two computing centres.",
        "date_published": "2026-11-28T19:39:00Z",
        "date_modified": "2026-11-28T22:39:00Z",
        "authors": [{"name": "Harbour Ledger"}, {"name": "Signalbrücke"}],
        "tags": ["Mistral", "Funding"],
        "language": "en",
        "_aggregator": {"story": 7, "publishers": 2, "people": 1, "score": 0.512},
    }


def test_a_story_without_a_page_is_its_article() -> None:
    item = item_of(make_story(has_page=False))
    assert item["url"] == "https://harbour.example/1"
    assert "external_url" not in item


def test_without_an_address_there_are_no_addresses_of_the_site() -> None:
    feed = written(make_feed(make_story()), WITHOUT_ADDRESS)
    assert {"home_page_url", "feed_url"}.isdisjoint(feed)
    assert "url" not in feed["items"][0]
    assert feed["items"][0]["external_url"] == "https://harbour.example/1"


def test_what_is_gone_is_left_out() -> None:
    feed = written(make_feed(make_story(8), gone=(GoneStory(7, START),)))
    assert [item["_aggregator"]["story"] for item in feed["items"]] == [8]


def test_what_is_behind_a_warning_is_nowhere() -> None:
    assert "SECRET" not in json_feed(make_feed(behind_a_warning()), SITE)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_are_text(text: str) -> None:
    feed = make_feed(hostile_story(text), title=text)
    written(feed)
    document = json_feed(feed, SITE)
    assert "</" not in document and "<!--" not in document and 'javascript:alert(1)\\"' not in document
