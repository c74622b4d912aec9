"""Front page, river, days, topics, sources, search: what the lists tell."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from aggregator.model.site import Rising, ShownTopic
from aggregator.publish import addresses
from aggregator.publish.pages import Pages, TopicPage
from aggregator.publish.parts import Aside, DayStories
from tests.helpers import shown
from tests.helpers.pages import ALL, ASIDE, DAYS, SETTINGS, SITE, headings, text


def test_the_list_of_a_day_has_a_heading_whoever_tells_it() -> None:
    pages = Pages(SETTINGS)
    for told in (
        DayStories(day=shown.TODAY, stories=(shown.LARK,)),
        DayStories(day=shown.TODAY, singles=(shown.LARK,)),
        DayStories(day=shown.TODAY, stories=(shown.LARK,), singles=(shown.FUNDED,)),
    ):
        page = LexborHTMLParser(pages.day(told))
        assert [text(node) for node in page.css("h2")] == ["Stories"]
    assert LexborHTMLParser(pages.day(DayStories(day=shown.TODAY))).css("h2") == []


def test_the_front_page_tells_the_day_and_what_stands_beside() -> None:
    page = LexborHTMLParser(Pages(SETTINGS).front(DAYS, ASIDE, shown.TODAY))
    assert [text(node) for node in page.css(".dayof > h2")] == ["Saturday 28 November 2026", "Friday 27 November 2026"]
    assert text(page.css_first(".sum")).startswith("22 posts in 8 stories, as of 22:53.")
    assert len(page.css(".dayof")[0].css(".river li")) == 3
    aside = text(page.css_first("aside"))
    assert "Aurore 12 1" in aside and "The Quay Courier 5" in aside and "3 of 5 are well." in aside
    assert "El Faro del Sur Does not answer." in aside
    assert page.css_first("nav [aria-current=page]") is not None
    # Still to come, from the newest post to midnight: today alone.
    assert len(page.css(".whole .rest")) == 1


def test_an_empty_site_says_so() -> None:
    pages = Pages(SETTINGS)
    assert "Nothing yet." in pages.front([], Aside(), shown.TODAY)
    assert "<aside" not in pages.front([], Aside(), shown.TODAY)
    assert "Nothing yet." in pages.river((), shown.TODAY)
    assert "There is no source yet." in pages.sources((), shown.TODAY)
    assert "No day is over yet." in pages.days(())
    assert "None this week." in pages.topics(())
    assert "Nothing was told on this day." in pages.day(DayStories(day=shown.TODAY))
    assert "No story" in pages.topic(TopicPage(topic=shown.EU, stories=(), today=shown.TODAY))


def test_every_stroke_of_a_day_stands_at_its_hour() -> None:
    noon = shown.story(1, (shown.post(shown.QUAY, "12:00", "Noon"), shown.post(shown.IDA, "18:00", "Six", "Six it is")))
    page = LexborHTMLParser(Pages(SETTINGS).day(DayStories(day=shown.TODAY, stories=(noon,))))
    rule = page.css_first(".story .rule")
    assert [(node.attributes["class"], node.attributes["x1"]) for node in rule.css("line")[1:]] == [
        ("pub", "50.0%"), ("who", "75.0%"),
    ]  # fmt: skip
    berlin = Pages(replace(SETTINGS, timezone="Europe/Berlin")).day(DayStories(day=shown.TODAY, stories=(noon,)))
    assert LexborHTMLParser(berlin).css_first(".story .rule .pub").attributes["x1"] == "54.2%"
    assert "Times are Europe/Berlin." in berlin


def test_days_lead_to_their_pages_where_they_have_one() -> None:
    pages, known = Pages(SETTINGS), frozenset({shown.YESTERDAY})
    front = LexborHTMLParser(pages.front(DAYS, ASIDE, shown.TODAY, day_pages=known))
    assert [[node.attributes["href"] for node in day.css("h2 a")] for day in front.css(".dayof")] == [
        [], ["days/2026-11-27/"],
    ]  # fmt: skip
    river = LexborHTMLParser(pages.river(ALL, shown.YESTERDAY, day_pages=known))
    assert [node.attributes["href"] for node in river.css(".river > h2 a")] == ["../days/2026-11-27/"]
    assert "<a" not in str(front.css_first(".dayof > h2").html)


def test_how_to_read_a_day_is_said_once() -> None:
    for days in (DAYS, DAYS[1:]):
        front = LexborHTMLParser(Pages(SETTINGS).front(days, ASIDE, shown.TODAY))
        said = ["Most carried first." in text(node) for node in front.css(".dayof > .sum")]
        assert said == [True, False][: len(days)]


def test_beside_the_front_page_are_six_rows_at_most_and_no_column_of_zeros() -> None:
    many = tuple(Rising(ShownTopic(f"t{n}", f"T{n}", "topic"), 9 - n, 0.0) for n in range(9))
    page = LexborHTMLParser(Pages(SETTINGS).front(DAYS, replace(ASIDE, rising=many), shown.TODAY))
    table = page.css_first("aside table")
    assert [text(node) for node in table.css("th[scope=col]")] == ["Topic", "week"]
    assert [text(node) for node in table.css("tbody tr")] == ["T0 9", "T1 8", "T2 7", "T3 6", "T4 5", "T5 4"]
    usual = LexborHTMLParser(Pages(SETTINGS).front(DAYS, ASIDE, shown.TODAY)).css_first("aside table")
    assert [text(node) for node in usual.css("th[scope=col]")] == ["Topic", "week", "usual"]


def test_the_river_runs_backwards_and_leaves_copies_out() -> None:
    page = LexborHTMLParser(Pages(SETTINGS).river(ALL, shown.TODAY))
    times = [node.attributes["datetime"] or "" for node in page.css(".river li time")]
    assert times == sorted(times, reverse=True) and len(times) == 22
    assert "for phones" not in page.css_first("main").text()


def test_sources_tell_their_state_in_words() -> None:
    page = LexborHTMLParser(SITE[addresses.SOURCES])
    assert headings(page) == ["In trouble", "Well"]
    ill, well = (text(node) for node in page.css(".month"))
    assert "Does not answer. connection timed out" in ill and "Answers, but badly. its XML" in ill
    assert "never Bare Feed. Not asked yet. 0 posts this week · Atom" in well


def test_a_topic_page_tells_what_goes_with_it() -> None:
    page = LexborHTMLParser(SITE[addresses.topic(shown.AURORE)])
    assert text(page.css_first("h1")) == "Aurore a lab"
    assert "12 posts this week; a usual week has 1." in text(page.css_first(".sum"))
    aside = text(page.css_first("aside"))
    assert "funding 1" in aside and "The Quay Courier" in aside and "English" in aside
    assert "Aurore" not in [text(node) for node in page.css(".story .tags a")]
    assert page.css_first("link[rel=alternate]").attributes["href"] == "../../feeds/entities/aurore.atom"
    assert "there are older ones" in SITE[addresses.topic(shown.CHIPS)]


def test_how_it_is_made_and_by_whom() -> None:
    main = text(LexborHTMLParser(SITE[addresses.HOW]).css_first("main"))
    assert "Made in a kitchen. Write to us." in main
    assert "Since 1 June 2026: 12,345 posts, of which 678 copies" in main
    assert "Law: Atom, JSON Feed" in main
    # They are rules; which of them occur is not said.
    assert re.search(r"Each post is looked through for \d+ topics\.", main)
    links = {text(node): node.attributes["href"] for node in LexborHTMLParser(SITE[addresses.HOW]).css("main a")}
    assert links["Sources"] == "../sources/"


def test_search_without_a_server_says_how_and_with_one_shows_what_was_found() -> None:
    pages = Pages(SETTINGS)
    page = LexborHTMLParser(pages.search())
    form = page.css_first("form")
    assert (form.attributes["action"], form.attributes["method"]) == ("./", "get")
    assert form.css_first("input[name=q]") is not None and "aggregator serve" in page.css_first("main").text()
    found = LexborHTMLParser(pages.search('a "b" <i>', shown.STORIES))
    assert found.css_first("input").attributes["value"] == 'a "b" <i>'
    assert '5 stories with “a "b" <i>”' in found.css_first("main").text()
    assert len(found.css(".story")) == 5
    assert "Nothing with “x”." in pages.search("x", ())


def test_what_was_found_stands_under_its_story() -> None:
    some = replace(shown.FUNDED, posts=shown.FUNDED.posts[1:])
    page = LexborHTMLParser(Pages(SETTINGS).search("a", (some, shown.SINGLES[0])))
    first, second = page.css(".story")
    assert [first.attributes["class"], second.attributes["class"]] == ["story w2", "story w1"]
    assert text(first.css_first("h3")) == shown.FUNDED.title
    assert first.css_first("h3 a").attributes["href"] == f"../stories/{shown.FUNDED.slug}/"
    lines = [text(node) for node in first.css("li") if node.css_first("time")]
    newest = max(some.posts, key=lambda post: post.at)
    assert len(lines) == 5 and newest.title in lines[0] and lines == sorted(lines, reverse=True)
    assert re.search(r"and \d posts more", text(first.css_first(".said")))
    # The story is that post: its title is not said twice.
    assert [text(node) for node in second.css(".said .by a")] == [shown.SINGLES[0].lead.voice.name]
    assert shown.SINGLES[0].title not in text(second.css_first(".said"))


def test_search_in_an_index_is_the_only_page_with_a_script() -> None:
    page = LexborHTMLParser(Pages(SETTINGS).search(has_index=True))
    (script,) = page.css("script")
    assert script.attributes["src"] == "../search.js"
    csp = page.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"] or ""
    assert "script-src 'self' 'wasm-unsafe-eval'" in csp and "connect-src 'self'" in csp
    assert page.css_first("noscript") is not None
