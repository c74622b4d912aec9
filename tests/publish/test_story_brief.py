"""The brief on the page of a story, and in lists: three parts, each sentence with the numbers of its sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from selectolax.lexbor import LexborHTMLParser

from aggregator.model.brief import Due, Precision
from aggregator.model.site import ShownStory
from aggregator.publish.due import due_text, due_time, how_far
from aggregator.publish.pages import Pages
from aggregator.publish.parts import DayStories
from aggregator.publish.words import Words
from tests.helpers import shown, shown_briefs
from tests.helpers.pages import ASIDE, SETTINGS, headings, page_of, section, text
from tests.helpers.shown_briefs import BRIEFED, BY_MODEL, CENTRES, CLOSED, EXTRACTED, RENTS, WRITTEN


def test_a_stored_brief_is_told_with_the_numbers_of_its_sources() -> None:
    page = page_of(BRIEFED)
    assert headings(page)[:3] == ["What happened", "In context", "What to watch"]
    happened = section(page, "what")
    assert text(happened.css_first("p")) == f"{CLOSED}1 {RENTS} de4"
    german = happened.css_first("span[lang=de]")
    assert text(german) == RENTS and german.attributes["dir"] == "auto"
    assert [node.attributes["href"] for node in happened.css("a.ref")] == ["#s1", "#s4"]


def test_context_counts_and_links_what_was_reported() -> None:
    context = section(page_of(BRIEFED), "context")
    paragraphs = [text(node) for node in context.css("p")]
    assert paragraphs[0] == "Carried by 7 publishers, first by The Quay Courier.1"
    assert paragraphs[1] == "As we reported on 3 July 2026: “Aurore looks for money in three countries”."
    link = context.css("p")[1].css_first("a")
    assert (text(link), link.attributes["href"]) == ("3 July 2026", "../3-aurore-looks-for-money/")


def test_figures_that_differ_stand_in_a_table() -> None:
    table = section(page_of(BRIEFED), "context").css_first("table.fig")
    rows = [[text(cell) for cell in row.css("th, td")] for row in table.css("tbody tr")]
    assert rows == [
        ["“700 million euros”", "2 publishers, 1 person 1 2 3"], ["“fast eine Milliarde” de", "1 publisher 4"],
    ]  # fmt: skip
    assert page_of(replace(BRIEFED, brief=replace(EXTRACTED, amounts=()))).css("table.fig") == []


def test_what_to_watch_begins_with_its_day_the_soonest_first() -> None:
    watch = section(page_of(BRIEFED), "watch")
    assert [text(node) for node in watch.css("p")] == [
        "2 December 2026: “Parliament hears the laboratory on 2 December.”1",
        "By the end of 2027: “Zwei Standorte sollen bis Ende 2027 laufen.” de4",
        "Still open: “Which chips go in is open.”5",
    ]
    assert [node.attributes["datetime"] for node in watch.css("time")] == ["2026-12-02", "2027-12-31"]


def test_it_says_who_wrote_it() -> None:
    assert "no model wrote any of it" in text(page_of(BRIEFED).css_first(".brief .made"))
    made = text(page_of(BY_MODEL).css_first(".brief .made"))
    assert made.startswith(
        "Written by lamp-7b <x> from the numbered sources and checked against them. 1 sentence was left out."
    )
    whole = text(page_of(replace(BY_MODEL, brief=replace(WRITTEN, refused=()))).css_first(".brief .made"))
    assert "left out" not in whole
    german = page_of(replace(BY_MODEL, brief=WRITTEN), replace(SETTINGS, language="de"))
    assert "Geschrieben von lamp-7b <x>" in text(german.css_first(".brief .made"))


def test_what_a_model_wrote_in_our_language_is_plain_text_with_its_sources() -> None:
    page = page_of(BY_MODEL)
    told = section(page, "what").css_first("p")
    assert text(told) == "Aurore has raised 700 million euros & builds two centres.1 4" and told.css("span") == []
    context = section(page, "context").css_first("p")
    assert text(context) == "As we reported on 3 July 2026, it was looking for money.1"
    assert context.css_first("a").attributes["href"] == "../3-aurore-looks-for-money/"


def test_a_headline_stands_below_a_title_in_another_language_and_nowhere_else() -> None:
    assert page_of(BY_MODEL).css(".sub") == []
    foreign = replace(BY_MODEL, title="Aurore sammelt 700 Millionen Euro ein", language="de")
    page = page_of(foreign)
    assert text(page.css_first("h1")) == "Aurore sammelt 700 Millionen Euro ein de"
    assert text(page.css_first(".sub")) == "Aurore raises 700 million euros"
    assert page_of(replace(foreign, brief=EXTRACTED)).css(".sub") == []


def _front(*stories: ShownStory) -> LexborHTMLParser:
    return LexborHTMLParser(Pages(SETTINGS).front([DayStories(day=shown.TODAY, stories=stories)], ASIDE, shown.TODAY))


def test_lists_begin_with_the_first_sentences_and_tell_what_comes_first() -> None:
    page = _front(BRIEFED)
    assert text(page.css_first(".story .lead")).startswith(f"{CLOSED}1 {RENTS} de4")
    assert text(page.css_first(".story .next")) == (
        "Ahead, 2 December 2026: Parliament hears the laboratory on 2 December.1"
    )


def test_lists_tell_nothing_that_is_past() -> None:
    past = [replace(each, due=Due(shown.YESTERDAY, shown.YESTERDAY, "day")) for each in EXTRACTED.part("watch")]
    page = _front(replace(BRIEFED, brief=replace(EXTRACTED, sentences=(*EXTRACTED.part("happened"), *past))))
    assert page.css(".story .next") == []


def test_a_small_story_with_a_foreign_title_gets_a_sentence_that_can_be_read() -> None:
    small = replace(shown.RULED, brief=replace(WRITTEN, story_id=103, sentences=WRITTEN.sentences[:1]))
    assert text(_front(small).css_first(".story .lead")).startswith("Aurore has raised")
    assert _front(shown.RULED).css(".story .lead") == []


def test_hostile_words_of_a_brief_are_only_words() -> None:
    for said in shown.HOSTILE:
        evil = replace(
            WRITTEN, headline=said, model=said,
            sentences=tuple(replace(each, text=said, language=said[:9]) for each in WRITTEN.sentences),
            amounts=tuple(replace(each, text=said, language=said[:9]) for each in EXTRACTED.amounts),
        )  # fmt: skip
        page = page_of(replace(BY_MODEL, brief=evil, language="de"))
        assert page.css("script:not([type='application/ld+json']), [onmouseover], .brief b") == []


@pytest.mark.parametrize(
    ("first", "last", "precision", "said", "machine", "far"),
    [
        ("2026-12-02", "2026-12-02", "day", "2 December 2026", "2026-12-02", "in 4 days"),
        ("2026-11-28", "2026-11-28", "day", "28 November 2026", "2026-11-28", "today"),
        ("2026-11-29", "2026-11-29", "day", "29 November 2026", "2026-11-29", "tomorrow"),
        ("2026-12-02", "2026-12-04", "day", "2 December 2026 to 4 December 2026", "2026-12-02", "in 4 days"),
        ("2026-11-30", "2026-12-06", "week", "week of 30 November 2026", "2026-11-30", "in 2 days"),
        ("2027-01-21", "2027-01-31", "week", "late January 2027", "2027-01-21", "in 54 days"),
        ("2027-05-01", "2027-05-31", "month", "May 2027", "2027-05", "in 5 months"),
        ("2027-03-01", "2027-05-31", "season", "spring 2027", "2027-03", "from March"),
        ("2027-09-01", "2027-12-31", "season", "late 2027", "2027-09", "from September"),
        ("2027-01-01", "2027-05-02", "season", "early 2027", "2027-01", "from January"),
        ("2027-05-02", "2027-09-01", "season", "mid-2027", "2027-05", "from May"),
        ("2027-10-01", "2027-12-31", "season", "Oct 2027 to Dec 2027", "2027-10", "from October"),
        ("2027-10-01", "2027-12-31", "year", "by the end of 2027", "2027", ""),
        ("2026-12-01", "2027-02-28", "season", "winter 2026/27", "2026-12", "from December"),
        ("2027-01-01", "2027-12-31", "year", "during 2027", "2027", ""),
        ("2027-12-31", "2027-12-31", "year", "by the end of 2027", "2027-12-31", ""),
        ("2029-11-01", "2029-11-30", "month", "November 2029", "2029-11", "in 2 years"),
    ],
)  # fmt: skip
def test_a_day_is_told_as_exactly_as_its_source_has_it(
    first: str, last: str, precision: Precision, said: str, machine: str, far: str
) -> None:
    words, due = Words("en", "UTC"), Due(date.fromisoformat(first), date.fromisoformat(last), precision)
    assert due_text(words, due) == said
    assert due_time(words, due) == f'<time datetime="{machine}">{said}</time>'
    assert how_far(words, due, shown.TODAY) == far


def test_every_sentence_of_a_brief_of_the_helpers_is_shown() -> None:
    told = text(page_of(BRIEFED).css_first(".brief"))
    assert all(each.text in told for each in EXTRACTED.sentences)
    assert CENTRES in [each.due for each in shown_briefs.EXTRACTED.sentences]
