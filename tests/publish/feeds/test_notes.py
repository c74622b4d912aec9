"""Markdown notes: front matter that parses, links that lead out, and text of others that stays text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from markdown_it import MarkdownIt

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.feeds.notes import story_note
from aggregator.publish.feeds.out import Labels
from tests.helpers.shown import BACKGROUND
from tests.publish.feeds.builder import (
    HOSTILE_TEXTS,
    SITE,
    WITHOUT_ADDRESS,
    behind_a_warning,
    hostile_story,
    make_post,
    make_story,
)


def parted(story: ShownStory, settings: Publish = SITE) -> tuple[dict[str, Any], str]:
    """The front matter, each line a name and JSON or a time; and what stands below."""
    before, front, body = story_note(story, settings).split("---\n", 2)
    assert before == ""
    names: dict[str, Any] = {}
    for line in front.splitlines():
        name, _, value = line.partition(": ")
        names[name] = value if name in ("date", "updated") else json.loads(value)
    return names, body


def html_of(body: str) -> etree._Element:
    return etree.HTML(MarkdownIt("gfm-like", {"linkify": False}).render(body))


def words_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_front_matter() -> None:
    names, _ = parted(make_story())
    assert names == {
        "title": "Mistral raises 900 million euros",
        "date": "2026-11-28T19:39:00Z",
        "updated": "2026-11-28T22:39:00Z",
        "aliases": ["mistral-raises-7"],
        "story": 7,
        "url": "https://lantern.example/stories/mistral-raises-7/",
        "language": "en",
        "tags": ["mistral", "funding"],
        "publishers": ["Harbour Ledger", "Signalbrücke"],
        "sources": ["https://harbour.example/1", "https://bruecke.example/3", "https://harbour.example/4"],
    }


def test_the_note() -> None:
    _, body = parted(make_story())
    assert body == (
        "\n# Mistral raises 900 million euros\n"
        "\nMistral has closed a round of 900 million euros. The money goes into two computing centres.\n"
        "\n## Sources\n\n"
        "- 2026-11-28 19:39 Harbour Ledger: [Mistral raises 900 million euros](https://harbour.example/1) (en)\n"
        "- 2026-11-28 19:49 @lotte: [Fast eine Milliarde für Mistral](https://town.example/2) (de)\n"
        "- 2026-11-28 19:59 Signalbrücke: [900 Millionen Euro für Mistral](https://bruecke.example/3) (de)\n"
        "\n## Earlier\n\n"
        "- 2026-06-30 [Mistral overtakes](https://lantern.example/stories/mistral-overtakes/) (en) (background)\n"
        "\n## Later\n\n"
        "- 2026-12-03 [Erstes Zentrum eröffnet](https://bruecke.example/new) (de)\n"
    )


def test_a_later_story_is_no_background_of_an_earlier_one() -> None:
    _, body = parted(make_story(earlier=(), later=(BACKGROUND,)))
    assert BACKGROUND.kind == "background"
    assert "## Later" in body
    assert "background" not in body


def test_without_an_address_no_link_leads_to_the_site() -> None:
    names, body = parted(make_story(), WITHOUT_ADDRESS)
    assert names["url"] == "https://harbour.example/1"
    assert "[Mistral overtakes](https://harbour.example/old)" in body


def test_what_is_behind_a_warning_is_nowhere() -> None:
    assert "SECRET" not in story_note(behind_a_warning(), SITE)
    assert "\nCW: film spoiler\n" in story_note(behind_a_warning(), SITE)


def test_the_words_of_the_site_are_handed_in() -> None:
    assert "## Quellen\n" in story_note(make_story(), SITE, Labels(sources="Quellen"))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_are_text(text: str) -> None:
    names, body = parted(hostile_story(text))
    assert "\n" not in names["title"]
    page = html_of(body)
    assert {element.tag for element in page.iter()} <= {"html", "body", "h1", "h2", "ul", "li", "p", "a"}
    assert all(link.startswith("https://") for link in page.xpath("//a/@href"))
    assert words_of(page.find("body/h1")) == " ".join(names["title"].split())
    assert len(page.findall("body/h1")) == 1
    assert "[[" not in body


@pytest.mark.parametrize("text", ["- a", "1. a", "12) a", "+ a", "=== a", ": a", "# a", "> a", "a  \nb", "2.5 % more"])
def test_a_text_is_a_paragraph_however_it_begins(text: str) -> None:
    _, body = parted(make_story(posts=(make_post(text=text),)))
    assert words_of(html_of(body).find("body/p")) == " ".join(text.split())


def test_an_address_can_not_end_its_link() -> None:
    post = make_post(url="https://x.example/a)[b](c *d*")
    _, body = parted(make_story(posts=(post,), earlier=(), later=()))
    assert html_of(body).xpath("//a/@href") == ["https://x.example/a%29%5Bb%5D%28c%20%2Ad%2A"]
