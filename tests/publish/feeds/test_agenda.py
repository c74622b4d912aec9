"""What is to come as feeds and as a calendar."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from lxml import etree

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish.coming import coming_of
from aggregator.publish.feeds.agenda import agenda_feeds
from aggregator.publish.words import Words
from tests.helpers import shown
from tests.helpers.shown_briefs import BRIEFED, EXTRACTED

SITE = Publish(title="The Small Lamp", address="https://lamp.example/")
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HEARING = "Parliament hears the laboratory on 2 December."


def _feeds(*stories: ShownStory, settings: Publish = SITE, today: date = shown.TODAY) -> dict[str, str]:
    return dict(agenda_feeds(coming_of(stories, today), settings, Words("en", "UTC")))


def test_atom_has_the_days_in_order() -> None:
    root = etree.fromstring(_feeds(BRIEFED)["feeds/agenda.atom"].encode())
    assert root.findtext("a:title", None, ATOM) == "The Small Lamp · Agenda"
    assert root.findtext("a:updated", None, ATOM) == "2026-11-28T20:33:00Z"
    titles = [entry.findtext("a:title", None, ATOM) for entry in root.iterfind("a:entry", ATOM)]
    assert titles == [
        f"2 December 2026: {HEARING} — {shown.FUNDED.title}",
        f"by the end of 2027: Zwei Standorte sollen bis Ende 2027 laufen. — {shown.FUNDED.title}",
    ]
    links = [link.get("href") for link in root.iterfind("a:entry/a:link", ATOM)]
    assert links == [f"https://lamp.example/stories/{shown.FUNDED.slug}/"] * 2


def test_json_feed_has_them_too() -> None:
    document = json.loads(_feeds(BRIEFED)["feeds/agenda.json"])
    assert document["feed_url"] == "https://lamp.example/feeds/agenda.json"
    first = document["items"][0]
    assert first["_aggregator"] == {
        "story": 101, "due_from": "2026-12-02", "due_until": "2026-12-02", "due_as": "day"
    }  # fmt: skip
    assert HEARING in first["content_html"] and first["authors"] == [{"name": "The Quay Courier"}]


def _unfolded(calendar: str) -> list[str]:
    assert calendar.endswith("END:VCALENDAR\r\n") and min(calendar.replace("\r\n", "")) >= " "
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    return calendar.replace("\r\n ", "").split("\r\n")[:-1]


def test_the_calendar_has_whole_days_up_to_the_day_after() -> None:
    lines = _unfolded(_feeds(BRIEFED)["feeds/agenda.ics"])
    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//aggregator//agenda//EN", (
        "X-WR-CALNAME:The Small Lamp · Agenda"
    )]  # fmt: skip
    first = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT") + 1]
    assert first[2:] == [
        "DTSTAMP:20261128T195800Z", "DTSTART;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261203",
        f"SUMMARY:{HEARING} — {shown.FUNDED.title}",
        "DESCRIPTION:The Quay Courier: Aurore raises €700 million for computing centres of its own",
        f"URL:https://lamp.example/stories/{shown.FUNDED.slug}/", "TRANSP:TRANSPARENT", "END:VEVENT",
    ]  # fmt: skip
    assert first[1].startswith("UID:tag:lamp.example")


def test_what_is_told_to_the_month_stands_on_its_last_day() -> None:
    [said] = EXTRACTED.part("watch")[:1]
    assert said.due
    spring = replace(said, due=said.due._replace(first=date(2027, 3, 1), last=date(2027, 5, 31), precision="season"))
    lines = _unfolded(_feeds(replace(BRIEFED, brief=replace(EXTRACTED, sentences=(spring,))))["feeds/agenda.ics"])
    assert "DTSTART;VALUE=DATE:20270531" in lines and "DTEND;VALUE=DATE:20270601" in lines
    assert f"SUMMARY:spring 2027: {said.text} — {BRIEFED.title}" in lines


def test_hostile_words_stay_words() -> None:
    [said] = EXTRACTED.part("watch")[2:]
    for text in (*shown.HOSTILE, "a,b;c\\d\r\nEND:VCALENDAR", "日本" * 60):
        evil = replace(EXTRACTED, sentences=(replace(said, text=text),))
        feeds = _feeds(replace(BRIEFED, title=text, brief=evil))
        etree.fromstring(feeds["feeds/agenda.atom"].encode())
        json.loads(feeds["feeds/agenda.json"])
        lines = _unfolded(feeds["feeds/agenda.ics"])
        assert lines.count("END:VCALENDAR") == lines.count("END:VEVENT") == 1


def test_without_an_address_a_calendar_leads_nowhere_of_ours() -> None:
    feeds = _feeds(BRIEFED, settings=Publish(title="N"))
    assert "URL:" not in feeds["feeds/agenda.ics"] and f"../stories/{shown.FUNDED.slug}/" in feeds["feeds/agenda.atom"]
    assert not [item for item in json.loads(feeds["feeds/agenda.json"])["items"] if "url" in item]


def test_the_same_entry_has_the_same_id_another_day() -> None:
    one, other = (_feeds(BRIEFED, today=day) for day in (shown.TODAY, date(2026, 11, 30)))
    assert one == other
    assert HEARING not in _feeds(BRIEFED, today=date(2026, 12, 3))["feeds/agenda.atom"]
    empty = etree.fromstring(_feeds()["feeds/agenda.atom"].encode())
    assert empty.findtext("a:updated", None, ATOM) == "1970-01-01T00:00:00Z"


def test_a_day_that_the_sentence_names_is_not_told_twice() -> None:
    [said] = EXTRACTED.part("watch")[2:]
    vote = replace(said, text="Parliament hears the laboratory on 2 December 2026.")
    story = replace(BRIEFED, brief=replace(EXTRACTED, sentences=(vote,)))
    [item] = json.loads(_feeds(story)["feeds/agenda.json"])["items"]
    assert item["title"] == f"{vote.text} — {story.title}"
    headline = replace(story, title=vote.text.rstrip("."))
    [item] = json.loads(_feeds(headline)["feeds/agenda.json"])["items"]
    assert item["title"] == vote.text
