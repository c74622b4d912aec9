"""The feeds out as readers take them in: feedparser, and this program itself."""

from __future__ import annotations

import feedparser
import pytest

from aggregator.model.settings import Publish
from aggregator.model.site import GoneStory
from aggregator.publish.clean import plain
from aggregator.publish.feeds.atom import atom
from aggregator.publish.feeds.json_feed import json_feed
from aggregator.publish.feeds.out import FeedOut
from aggregator.sources.feeds.entries import MAX_TITLE
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed
from aggregator.text.html import clean_text
from tests.publish.feeds.builder import (
    HOSTILE_TEXTS,
    NOW,
    SITE,
    START,
    WITHOUT_ADDRESS,
    behind_a_warning,
    hostile_story,
    make_feed,
    make_story,
)

FORMATS = {"atom": (atom, "application/atom+xml"), "json": (json_feed, "application/feed+json")}


def reread(feed: FeedOut, settings: Publish, ending: str) -> ParsedFeed:
    write, media_type = FORMATS[ending]
    address = f"{settings.address or 'https://elsewhere.example/'}{feed.path}.{ending}"
    return parse_feed(write(feed, settings).encode(), media_type, address, NOW)


@pytest.mark.parametrize("ending", FORMATS)
def test_a_desk_can_follow_a_desk(ending: str) -> None:
    feed = make_feed(make_story(7), make_story(9, has_page=False), behind_a_warning(), gone=(GoneStory(1, START),))
    found = reread(feed, SITE, ending)
    assert (found.problem, found.warnings) == ("", ())
    assert (found.title, found.site_url, found.language) == ("The Lantern: all", "https://lantern.example/", "en")
    assert [(post.native_id, post.title, post.url, post.published_at) for post in found.posts] == [
        (f"tag:lantern.example,2026:stories/{story.id}", story.title, url, START)
        for story, url in zip(
            feed.stories,
            (
                "https://lantern.example/stories/mistral-raises-7/",
                "https://harbour.example/1",
                "https://town.example/1",
            ),
            strict=True,
        )
    ]
    first = found.posts[0]
    assert first.author == "Harbour Ledger, Signalbrücke"
    assert first.tags == ("Mistral", "Funding")
    assert first.edited_at == make_story().changed_at
    assert first.declared_language == "en"
    assert first.text.startswith("Mistral has closed a round of 900 million euros.")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_site_without_an_address_can_be_followed_too(ending: str) -> None:
    found = reread(make_feed(make_story(7)), WITHOUT_ADDRESS, ending)
    assert (found.problem, found.warnings) == ("", ())
    [post] = found.posts
    # Links of Atom are relative to where it was found; JSON Feed has none such.
    page = "https://elsewhere.example/stories/mistral-raises-7/"
    assert post.url == (page if ending == "atom" else "https://harbour.example/1")


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_a_hostile_title_comes_back_as_it_was(text: str, ending: str) -> None:
    found = reread(make_feed(hostile_story(text)), SITE, ending)
    assert found.problem == ""
    assert not any("malformed" in warning for warning in found.warnings)
    [post] = found.posts
    assert post.title == clean_text(plain(text), keeps_tags=True)[:MAX_TITLE].strip()
    assert post.html is None or "javascript:" not in post.html.replace(clean_text(plain(text), keeps_tags=True), "")


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_feedparser_has_nothing_to_complain_of(text: str) -> None:
    feed = make_feed(make_story(7), hostile_story(text), gone=(GoneStory(3, START),))
    for settings in (SITE, WITHOUT_ADDRESS):
        found = feedparser.parse(atom(feed, settings).encode())
        assert not found.bozo
        assert found.version == "atom10"
        assert [entry.id.rpartition("/")[2] for entry in found.entries] == ["7", "1"]
        entry = found.entries[0]
        assert entry.title == "Mistral raises 900 million euros"
        assert entry.title_detail.language == "en"
        assert (entry.published, entry.updated) == ("2026-11-28T19:39:00Z", "2026-11-28T22:39:00Z")
        assert [tag.label for tag in entry.tags] == ["Mistral", "Funding"]
        assert entry.summary.startswith("Mistral has closed")
