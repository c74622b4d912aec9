"""The brief in feeds and in the files beside a story's page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from aggregator.model.brief import Due
from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.feeds.atom import atom
from aggregator.publish.feeds.briefs import due_day
from aggregator.publish.feeds.json_feed import json_feed
from aggregator.publish.feeds.notes import story_note
from aggregator.publish.feeds.stories_json import stories_json, story_json
from tests.helpers import shown
from tests.helpers.shown_briefs import BRIEFED, BY_MODEL, CLOSED, EXTRACTED, RENTS, WRITTEN
from tests.publish.feeds.builder import make_feed

SITE = Publish(title="The Small Lamp", address="https://lamp.example/")
NAMES = {"a": "http://www.w3.org/2005/Atom"}


def _atom(story: ShownStory) -> tuple[str, str, str]:
    """Summary, its language, and the content as HTML."""
    entry = etree.fromstring(atom(make_feed(story), SITE).encode()).find("a:entry", NAMES)
    summary = entry.find("a:summary", NAMES)
    language = summary.get("{http://www.w3.org/XML/1998/namespace}lang")
    return summary.text, language, entry.findtext("a:content", None, NAMES)


def test_an_entry_begins_with_the_first_sentence() -> None:
    assert _atom(BRIEFED)[:2] == (CLOSED, "en")
    german = replace(EXTRACTED, sentences=EXTRACTED.sentences[1:])
    assert _atom(replace(BRIEFED, brief=german))[:2] == (RENTS, "de")
    item = json.loads(json_feed(make_feed(BY_MODEL), SITE))["items"][0]
    assert item["summary"] == "Aurore has raised 700 million euros & builds two centres."
    assert item["title"] == shown.FUNDED.title


def test_an_entry_tells_the_three_parts_with_the_names_of_their_sources() -> None:
    page = LexborHTMLParser(_atom(BRIEFED)[2])
    told = [" ".join(node.text().split()) for node in page.css("p, li")]
    assert told[:3] == [
        f"{CLOSED} — The Quay Courier", f"{RENTS} — Leitung & Draht (de)",
        "Carried by 7 publishers, first by The Quay Courier.",
    ]  # fmt: skip
    assert told[3].startswith("Not everyone gives the same figure: 700 million euros (The Quay Courier, Le Métier (fr)")
    assert told[4:8] == [
        "What to watch:", "2027-12-31: Zwei Standorte sollen bis Ende 2027 laufen. — Leitung & Draht (de)",
        "Which chips go in is open. — Weft Weekly",
        "2026-12-02: Parliament hears the laboratory on 2 December. — The Quay Courier",
    ]  # fmt: skip
    assert told[8] == "Sentences taken whole from the sources, or counted; no model wrote any of it."
    assert "lamp-7b <x>" in LexborHTMLParser(_atom(BY_MODEL)[2]).css_first("small").text()


def test_a_warning_stays_before_what_others_say() -> None:
    lead = replace(shown.FUNDED.lead, content_warning="money")
    assert _atom(replace(BRIEFED, lead=lead))[0] == "CW: money"


def test_story_json_has_the_brief_by_the_names_of_the_view() -> None:
    brief = json.loads(story_json(BY_MODEL, SITE))["brief"]
    assert (brief["method"], brief["model"], brief["refused_count"]) == ("model", "lamp-7b <x>", 1)
    assert brief["headline"] == WRITTEN.headline
    first, *_, last = brief["sentences"]
    assert first == {
        "part": "happened", "text": "Aurore has raised 700 million euros & builds two centres.", "text_language": "en",
        "method": "lamp-7b <x>", "sources": list(WRITTEN.sentences[0].posts), "earlier_stories": [], "due_from": None,
        "due_until": None, "due_as": None,
    }  # fmt: skip
    assert (last["due_from"], last["due_as"]) == ("2027-12-31", "year")
    extracted = json.loads(story_json(BRIEFED, SITE))["brief"]
    assert [each["value"] for each in extracted["amounts"]] == [7e8, None] and extracted["headline"] is None
    assert "brief" not in json.loads(story_json(shown.FUNDED, SITE))


def test_the_latest_in_brief_have_its_first_sentence() -> None:
    one, other, without = json.loads(stories_json((BRIEFED, BY_MODEL, shown.LARK), SITE))["stories"]
    assert (one["summary"], one["summary_by"]) == (CLOSED, "extracted")
    assert other["summary_by"] == "lamp-7b <x>" and "summary" not in without


def test_a_note_has_the_three_parts() -> None:
    note = story_note(BRIEFED, SITE)
    assert f"## What happened\n\n- {CLOSED} (The Quay Courier)\n- {RENTS} (Leitung & Draht)\n" not in note
    assert f"## What happened\n\n- {CLOSED} (The Quay Courier)\n" in note and "(Leitung \\& Draht)" in note
    assert "## In context\n\n- Carried by 7 publishers, first by The Quay Courier.\n" in note
    assert "- fast eine Milliarde (Leitung \\& Draht)\n" in note
    assert "- 2026-12-02: Parliament hears the laboratory on 2 December. (The Quay Courier)\n" in note
    by_model = story_note(BY_MODEL, SITE)
    assert "Written by lamp-7b \\<x\\> from the sources and checked against them. Sentences left out: 1.\n" in by_model
    assert "left out" not in note


def test_a_feed_says_how_many_sentences_were_left_out() -> None:
    assert "checked against them. Sentences left out: 1.</small></p>" in _atom(BY_MODEL)[2]


def test_a_day_that_the_sentence_names_is_not_told_twice() -> None:
    vote = replace(EXTRACTED.part("watch")[2], text="Parliament hears the laboratory on 2 December 2026.")
    story = replace(BRIEFED, brief=replace(EXTRACTED, sentences=(EXTRACTED.sentences[0], vote)))
    assert f"\n- {vote.text} (The Quay Courier)\n" in story_note(story, SITE)
    assert f'<li><span lang="en" dir="auto">{vote.text}' in _atom(story)[2]


def test_hostile_words_stay_words() -> None:
    for text in shown.HOSTILE:
        evil = replace(
            WRITTEN, headline=text, model=text, amounts=tuple(replace(each, text=text) for each in EXTRACTED.amounts),
            sentences=tuple(replace(each, text=text) for each in WRITTEN.sentences),
        )  # fmt: skip
        story = replace(BY_MODEL, brief=evil)
        entry = etree.fromstring(atom(make_feed(story), SITE).encode()).find("a:entry", NAMES)
        content = LexborHTMLParser(entry.findtext("a:content", None, NAMES))
        assert content.css("script, i, [onmouseover]") == []
        assert json.loads(json_feed(make_feed(story), SITE)) and json.loads(story_json(story, SITE))
        assert "\n#" not in story_note(story, SITE).partition("## What happened")[2].partition("\n## ")[0]


def test_a_day_is_written_for_programs_and_people_alike() -> None:
    first, last = date(2027, 3, 1), date(2027, 5, 31)
    assert due_day(Due(first, first, "day")) == "2027-03-01"
    assert due_day(Due(first, date(2027, 3, 7), "week")) == "2027-03-01 – 2027-03-07"
    assert due_day(Due(first, date(2027, 3, 31), "month")) == "2027-03"
    assert due_day(Due(first, last, "season")) == "2027-03 – 2027-05"
    assert due_day(Due(first, last, "year")) == "2027"
