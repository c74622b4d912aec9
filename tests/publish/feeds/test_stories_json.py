"""Stories for programs: the keys that are promised, and what must not be in them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.feeds.stories_json import stories_json, story_json
from tests.publish.feeds.builder import (
    HOSTILE_TEXTS,
    SITE,
    WITHOUT_ADDRESS,
    behind_a_warning,
    hostile_story,
    make_story,
)


def whole(story: ShownStory, settings: Publish = SITE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(story_json(story, settings))
    return found


def test_a_story_as_a_whole() -> None:
    story = whole(make_story(hidden_people=2))
    lists = {name: story.pop(name) for name in ("topics", "publishers", "people", "posts", "earlier_coverage", "later")}
    assert story == {
        "id": 7,
        "slug": "mistral-raises-7",
        "title": "Mistral raises 900 million euros",
        "language": "en",
        "url": "https://lantern.example/stories/mistral-raises-7/",
        "first_at": "2026-11-28T19:39:00Z",
        "last_at": "2026-11-28T21:39:00Z",
        "changed_at": "2026-11-28T22:39:00Z",
        "post_count": 4,
        "score": 0.512,
        "is_pinned": False,
        "source_count": 5,
        "hidden_people": 2,
        "lead_post_id": 1,
    }
    assert lists["topics"][1] == {"topic": "funding", "label": "Funding", "kind": "topic", "share": 0.667}
    assert [each["name"] for each in lists["publishers"]] == ["Harbour Ledger", "Signalbrücke"]
    assert lists["people"] == [{"publisher": "lotte@town.example", "name": "@lotte", "language": "de"}]
    assert lists["earlier_coverage"] == [
        {
            "earlier_story_id": 11,
            "earlier_slug": "mistral-overtakes",
            "earlier_title": "Mistral overtakes",
            "earlier_at": "2026-06-30T08:00:00Z",
            "language": "en",
            "url": "https://lantern.example/stories/mistral-overtakes/",
            "kind": "background",
            "similarity": 0.431,
            "because": "about Mistral",
            "lead": "Its model went ahead.",
            "publishers": [{"publisher": "harbour.example", "name": "Harbour Ledger", "language": "en"}],
        }
    ]
    assert [(each["later_story_id"], each["url"]) for each in lists["later"]] == [(99, "https://bruecke.example/new")]


def test_its_posts_say_why_they_are_there() -> None:
    posts = whole(make_story())["posts"]
    assert posts[2] == {
        "post_id": 3,
        "kind": "article",
        "published_at": "2026-11-28T19:59:00Z",
        "first_seen_at": "2026-11-28T20:09:00Z",
        "edited_at": None,
        "title": "900 Millionen Euro für Mistral",
        "text": "Mistral has closed a round of 900 million euros. The money goes into two computing centres.",
        "url": "https://bruecke.example/3",
        "article_url": None,
        "author": None,
        "publisher": "bruecke.example",
        "language": "de",
        "because": "near: 900, Millionen, Mistral",
        "copy_of": None,
        "content_warning": None,
        "indexable": True,
        "revisions": [{"replaced_at": "2026-11-28T19:39:00Z", "title": "Mistral sammelt Geld"}],
    }
    assert (posts[3]["copy_of"], posts[3]["because"]) == (1, "same text")


def test_posts_that_are_not_shown_have_no_number() -> None:
    story = make_story()
    lead, *others = story.posts
    others[0] = replace(others[0], because=f"shares a link with post {lead.id}")
    others[1] = replace(others[1], because="copy of post 77", copy_of=77)
    posts = whole(replace(story, posts=(lead, *others)))["posts"]
    assert posts[1]["because"] == "shares a link with post 1"
    assert (posts[2]["because"], posts[2]["copy_of"]) == ("copy of another post", None)


def test_what_is_behind_a_warning_is_nowhere() -> None:
    text = story_json(behind_a_warning(), SITE) + stories_json([behind_a_warning()], SITE)
    assert "SECRET" not in text
    [post] = whole(behind_a_warning())["posts"]
    assert (post["content_warning"], post["title"]) == ("film spoiler", "CW: film spoiler")


def test_the_latest_in_brief() -> None:
    document = json.loads(stories_json([make_story(7), make_story(8, has_page=False)], SITE))
    assert document["home_page_url"] == "https://lantern.example/"
    first, second = document["stories"]
    assert first == {
        "id": 7,
        "slug": "mistral-raises-7",
        "title": "Mistral raises 900 million euros",
        "language": "en",
        "url": "https://lantern.example/stories/mistral-raises-7/",
        "first_at": "2026-11-28T19:39:00Z",
        "last_at": "2026-11-28T21:39:00Z",
        "changed_at": "2026-11-28T22:39:00Z",
        "post_count": 4,
        "score": 0.512,
        "is_pinned": False,
        "source_count": 3,
        "topics": ["mistral", "funding"],
        "publishers": ["Harbour Ledger", "Signalbrücke"],
        "json": "https://lantern.example/stories/mistral-raises-7/story.json",
    }
    assert (second["url"], second["json"]) == ("https://harbour.example/1", None)


def test_without_an_address_links_are_relative_to_the_file() -> None:
    assert whole(make_story(), WITHOUT_ADDRESS)["url"] == "../../stories/mistral-raises-7/"
    [brief] = json.loads(stories_json([make_story()], WITHOUT_ADDRESS))["stories"]
    assert brief["json"] == "stories/mistral-raises-7/story.json"


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_are_text(text: str) -> None:
    for document in (story_json(hostile_story(text), SITE), stories_json([hostile_story(text)], SITE)):
        document.encode()
        assert "</" not in document and "<!--" not in document
        assert not any(ord(character) < 0x20 for character in document.rstrip("\n"))
        json.loads(document)
    story = whole(hostile_story(text))
    assert story["posts"][0]["text"].isascii() or story["posts"][0]["text"]
    assert story["posts"][1]["url"] is None
    assert story["earlier_coverage"][0]["url"] is None


def test_a_text_comes_out_as_it_went_in() -> None:
    text = 'a </script> "b" \\ <!-- c\n\nd …'
    assert whole(hostile_story(text))["posts"][0]["title"] == text
