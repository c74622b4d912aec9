"""What readers find on the pages, and what must never be on them. Read with an HTML parser, as a browser would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.model.errors import PublishError
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.model.site import Redirect, Rising, ShownStory, ShownTopic
from aggregator.publish import addresses
from aggregator.publish.pages import DayCount, Pages, TopicPage
from aggregator.publish.parts import Aside, DayStories, FirstWith
from tests.helpers import shown

SETTINGS = Publish(
    title="The Small Lamp", about="Made in a kitchen.\n\nWrite to us.", feeds=(SavedQuery(name="law", title="Law"),)
)
DAYS = (
    DayStories(day=shown.TODAY, stories=shown.STORIES, singles=shown.SINGLES),
    DayStories(day=shown.YESTERDAY, stories=shown.OLDER),
)
ALL = (*shown.STORIES, *shown.SINGLES, *shown.OLDER)
ASIDE = Aside(rising=shown.RISING, first=(FirstWith(shown.QUAY, 5),), topics=shown.COUNTS, sources=shown.SOURCES)


def site(settings: Publish = SETTINGS, stories: tuple[ShownStory, ...] = ALL) -> dict[str, str]:
    """Every kind of page, by its path."""
    pages = Pages(settings)
    day = DayStories(day=shown.TODAY, stories=stories)
    made = {
        addresses.FRONT: pages.front([day], ASIDE, shown.TODAY),
        addresses.RIVER: pages.river(stories, shown.YESTERDAY),
        addresses.TOPICS: pages.topics(shown.COUNTS),
        addresses.day(shown.TODAY): pages.day(day, before=shown.YESTERDAY),
        addresses.DAYS: pages.days([DayCount(shown.TODAY, 9), DayCount(date(2026, 10, 31), 1)]),
        addresses.SOURCES: pages.sources(shown.SOURCES, shown.TODAY),
        addresses.HOW: pages.how(shown.TOTALS),
        addresses.SEARCH: pages.search(),
        addresses.NOT_FOUND: pages.not_found(),
        addresses.story("9-old"): pages.redirect(Redirect("9-old", shown.FUNDED.slug)),
        addresses.topic(shown.AURORE): pages.topic(
            TopicPage(
                topic=shown.AURORE, stories=stories, today=shown.TODAY, rising=shown.RISING[0]
            )
        ),
        addresses.topic(shown.CHIPS): pages.topic(
            TopicPage(topic=shown.CHIPS, stories=stories, today=shown.TODAY, is_all=False)
        ),
    }  # fmt: skip
    return made | {addresses.story(story.slug): pages.story(story) for story in stories}


def page_of(story: ShownStory, settings: Publish = SETTINGS) -> LexborHTMLParser:
    return LexborHTMLParser(Pages(settings).story(story))


def text(node: LexborNode | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def headings(page: LexborHTMLParser) -> list[str]:
    return [text(node).removesuffix(" why it matters").removesuffix(" in order of time") for node in page.css("h2")]


def section(page: LexborHTMLParser, id_: str) -> LexborNode:
    (found,) = page.css(f'[aria-labelledby="{id_}"]')
    return found


SITE = site()


@pytest.mark.parametrize("path", SITE)
def test_every_page_can_be_read_without_a_script_or_a_request_to_elsewhere(path: str) -> None:
    page = LexborHTMLParser(SITE[path])
    assert len(page.css("h1")) == 1
    assert len(page.css("main#main")) == 1
    assert page.css_first("html").attributes["lang"] == "en"
    assert page.css_first("html").attributes["dir"] == "ltr"
    assert page.css_first("a.skip").attributes["href"] == "#main"
    csp = page.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert csp is not None and csp.startswith("default-src 'none'; style-src 'self'")
    assert all(node.attributes["type"] == "application/ld+json" for node in page.css("script"))
    assert page.css("img, iframe, object, embed, style, [style], [onclick], link[href^=http], base") == []
    assert page.css_first("link[rel=alternate][type='application/atom+xml']") is not None
    assert SITE[path].count("Times are UTC.") == 1
    assert len({node.attributes["id"] for node in page.css("[id]")}) == len(page.css("[id]"))


@pytest.mark.parametrize("path", SITE)
def test_no_heading_skips_a_level(path: str) -> None:
    levels = [int(node.tag[1]) for node in LexborHTMLParser(SITE[path]).css("h1, h2, h3, h4")]
    assert levels[0] == 1 or path == addresses.FRONT
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def _links(path: str, page: LexborHTMLParser) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    for node in page.css("a[href], link[href]"):
        href = (node.attributes["href"] or "").partition("#")[0]
        if href and not href.startswith(("https://", "http://", "/")):
            found = normpath(join(folder, unquote(href)))
            yield "index.html" if found == "." else f"{found}/index.html" if href.endswith("/") else found


def test_links_are_relative_and_right_from_every_depth() -> None:
    known = {
        addresses.STYLESHEET, addresses.ICON, addresses.OPML, addresses.STORIES_JSON, addresses.day(shown.YESTERDAY),
        addresses.day(date(2026, 10, 31)), addresses.story("3-aurore-looks-for-money"), *SITE,
        *(addresses.topic(topic) for topic, _ in shown.COUNTS),
        *(addresses.story_json(story.slug) for story in ALL), *(addresses.story_note(story.slug) for story in ALL),
        *(feed + ending for ending in (".atom", ".json") for feed in (
            addresses.feed("all"), addresses.feed("stories"), addresses.feed("law"),
            addresses.topic_feed(shown.AURORE), addresses.topic_feed(shown.CHIPS),
            *(addresses.source_feed(source.id) for source in shown.SOURCES))),
    }  # fmt: skip
    for path, html in SITE.items():
        assert set(_links(path, LexborHTMLParser(html))) <= known, path


def test_numbers_lead_to_their_sources() -> None:
    page = page_of(shown.FUNDED)
    ids = {node.attributes["id"] for node in page.css("[id]")}
    refs = [node.attributes["href"] or "" for node in page.css("a.ref")]
    assert refs and all(href.removeprefix("#") in ids for href in refs)
    front = LexborHTMLParser(SITE[addresses.FRONT])
    assert front.css_first("a.ref").attributes["href"] == f"stories/{shown.FUNDED.slug}/#s1"


def test_a_story_has_every_part() -> None:
    page = page_of(shown.FUNDED)
    assert text(page.css_first("h1")) == shown.FUNDED.title
    assert [text(node) for node in page.css(".under .tags a")] == ["Aurore", "funding"]
    under = [text(node) for node in page.css(".under .from")]
    assert under == ["28 November 2026, 19:43 to 22:23", "Source: Mastodon | Original article"]
    assert headings(page) == [
        "What happened", "In context", "Carried by", "The post it began with", "Sources", "Earlier coverage",
    ]  # fmt: skip
    assert text(section(page, "what")) == (
        "What happened The laboratory Aurore has closed a funding round of 700 million euros, and will build two "
        "computing centres with it.1 Dr. J. Okafor of the pension fund said on 5. November that a third of the "
        "capacity is set aside for universities.1 Until now the company rents what it needs.1"
    )
    context = text(section(page, "context"))
    assert "Carried by 8 publishers in 6 languages within three hours, first by The Quay Courier.1" in context
    assert "Taken up by 5 people on Mastodon, with 42 boosts." in context
    assert "As we reported on 3 July 2026: “Aurore looks for money in three countries”." in context
    assert "For the background, as we reported on 30 June 2026: “Neues Modell von Aurore" in context
    assert text(page.css_first(".folk")) == (
        "People @ida de @raoul fr @noor ar and 2 people more who did not agree to be named 42 boosts"
    )
    quote = page.css_first("blockquote")
    assert (quote.attributes["lang"], quote.attributes["dir"]) == ("de", "auto")
    assert "statt vom Dürfen. Ich bin gespannt" in text(quote)
    assert "@ida de, 20:23, 31 boosts, 4 replies" in text(section(page, "began"))
    assert [text(node) for node in page.css(".src .no")] == [str(no) for no in range(1, 11)]
    first = text(page.css_first("#s1"))
    assert "Imogen Farrow" in first and "until 19:58: “Aurore raises 600 million”" in first
    assert "copied by The Quay Courier, for phones" in first
    assert [text(node) for node in page.css("#earlier ~ ol .n")] == ["continued here", "background"]
    assert "shares a link with source 1" in text(page.css_first("details.whys"))
    assert [text(node) for node in page.css("p.back a")] == ["← Saturday 28 November", "← Back to The Small Lamp"]
    assert {node.attributes["href"] for node in page.css("p.made a")} == {"story.json", "story.md"}


def test_a_story_of_one_article_has_only_what_there_is() -> None:
    alone = shown.story(1, (shown.post(shown.WEFT, "10:00", "It is so", "Yes"),))
    page = page_of(alone)
    assert headings(page) == ["In context", "Carried by", "The post it began with", "Sources"]
    assert text(section(page, "context")).endswith("Carried by Weft Weekly alone.1")
    assert "Mastodon" not in text(page.css_first("main"))
    assert page.css(".folk, .tags, .earlier") == []


def test_the_post_it_began_with_is_told_where_it_adds_something() -> None:
    told = shown.story(1, (shown.post(shown.WEFT, "10:00", "It is so", "It was seen by the whole town."),))
    assert headings(page_of(told)) == ["What happened", "In context", "Carried by", "Sources"]
    renamed = replace(told, title="So it is")
    assert text(page_of(renamed).css_first("#began ~ div blockquote")) == "It is so"
    assert "The post it began with" in headings(page_of(shown.BY_PEOPLE))


def test_later_coverage_is_told() -> None:
    page = page_of(replace(shown.FUNDED, later=(shown.LATER,)))
    later = text(section(page, "later"))
    assert "1 December 2026" in later and "continues this" in later and "opens its first centre" in later


def test_what_people_alone_tell() -> None:
    page = page_of(shown.BY_PEOPLE)
    assert "Told by 2 people on Mastodon, with 3 boosts." in text(section(page, "context"))
    assert page.css(".pubs") == []


def test_a_warning_folds_what_stands_behind_it() -> None:
    for path in (addresses.story(shown.BY_PEOPLE.slug), addresses.FRONT, addresses.RIVER, addresses.day(shown.TODAY)):
        page = LexborHTMLParser(SITE[path])
        for node in page.css("details"):
            if "eight legs" in node.text():
                assert text(node.css_first("summary")) == "spiders"
                node.decompose()
        assert "eight legs" not in page.css_first("html").text(), path
        assert "ثمانية" not in page.css_first("body").text() or path != addresses.FRONT
    assert "eight legs" in SITE[addresses.story(shown.BY_PEOPLE.slug)]


def test_searching_without_a_server_finds_nothing_that_is_folded_or_that_did_not_agree() -> None:
    page = page_of(shown.BY_PEOPLE)
    assert page.css("main[data-pagefind-body]") != []
    assert all("data-pagefind-ignore" in node.attributes for node in page.css("details"))
    refused = shown.story(1, (shown.post(shown.QUAY, "10:00", "A"), shown.post(shown.IDA, "10:05", "B", agreed=False)))
    assert page_of(refused).css("[data-pagefind-body]") == []


def test_who_did_not_agree_keeps_search_engines_out_of_the_pages_that_show_them() -> None:
    refused = shown.story(1, (shown.post(shown.QUAY, "10:00", "A"), shown.post(shown.IDA, "10:05", "B", agreed=False)))
    assert page_of(shown.FUNDED).css("meta[name=robots]") == []
    made = site(stories=(refused,))
    for path in (addresses.FRONT, addresses.RIVER, addresses.day(shown.TODAY), addresses.topic(shown.AURORE)):
        assert LexborHTMLParser(made[path]).css_first("meta[name=robots]").attributes["content"] == "noindex"
    assert LexborHTMLParser(made[addresses.story(refused.slug)]).css("meta[name=robots]") != []
    assert LexborHTMLParser(made[addresses.SOURCES]).css("meta[name=robots]") == []


def test_links_to_people_and_to_publishers_differ() -> None:
    page = page_of(shown.FUNDED)
    rels = {node.attributes["href"]: node.attributes.get("rel") for node in page.css("a[href^=https]")}
    for post in shown.FUNDED.posts:
        assert rels[post.url] == ("nofollow ugc noopener" if post.voice.is_person else "noopener")


def test_words_of_others_have_their_language_and_a_mark_where_it_differs() -> None:
    page = page_of(shown.RULED)
    heading = page.css_first("h1")
    assert (heading.attributes["lang"], heading.attributes["dir"]) == ("de", "auto")
    mark = heading.css_first("abbr")
    assert (text(mark), mark.attributes["title"], mark.attributes["lang"]) == ("de", "German", "en")
    assert page_of(shown.LARK).css("h1 abbr") == []
    german = page_of(shown.RULED, replace(SETTINGS, language="de"))
    assert german.css("h1 abbr") == []
    assert german.css_first("html").attributes["lang"] == "de"
    assert "Zu lesen bei: 2 Medien in 2 Sprachen binnen 77 Minuten" in text(section(german, "context"))


@pytest.mark.parametrize("nasty", shown.HOSTILE, ids=range(len(shown.HOSTILE)))
def test_what_others_say_stays_text(nasty: str) -> None:
    plain = replace(shown.hostile("harmless"), slug="666-story")
    calm, wild = (site(stories=(story,)) for story in (plain, shown.hostile(nasty)))
    for path, html in wild.items():
        page, other = LexborHTMLParser(html), LexborHTMLParser(calm[path])
        html.encode("utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", html)
        tags = ("script", "b", "i", "iframe", "img", "style", "meta[http-equiv]", "form", "base")
        for tag in tags:
            assert len(page.css(tag)) == len(other.css(tag)), (path, tag)
        assert all(not name.startswith("on") for node in page.css("*") for name in node.attributes)
        hrefs = [node.attributes["href"] or "" for node in page.css("[href]")]
        assert not any(href.strip().lower().startswith(("javascript:", "data:")) for href in hrefs)
        for node in page.css("script"):
            assert json.loads(node.text())["@type"] == "CollectionPage"


def test_a_title_of_5000_characters_is_shown_whole() -> None:
    assert text(page_of(shown.hostile("x" * 5000)).css_first("h1")) == "x" * 5000


@pytest.mark.parametrize(
    ("title", "cut"),
    [
        ("word, " * 900, "word, " * 33 + "word…"),
        ("x" * 5000, "x" * 200 + "…"),
        ("ミ" * 300, "ミ" * 200 + "…"),
        ("x" * 199 + "e\u0301" * 200, "x" * 199 + "e\u0301…"),
        ("x" * 230, "x" * 230),
    ],
)
def test_on_lists_a_long_title_is_cut_in_words(title: str, cut: str) -> None:
    story = shown.hostile(title)
    made = site(stories=(story,))
    lists = {
        addresses.FRONT: ".story h3", addresses.day(shown.TODAY): ".story h3",
        addresses.topic(shown.AURORE): ".story h3", addresses.RIVER: ".river .what > :first-child",
    }  # fmt: skip
    for path, where in lists.items():
        assert {text(node) for node in LexborHTMLParser(made[path]).css(where)} == {cut}, path
    found = LexborHTMLParser(Pages(SETTINGS).search("x", (story,)))
    assert text(found.css_first(".story h3")) == cut
    # On its own page it stands in full.
    assert text(page_of(story).css_first("h1")) == title.strip()


def test_a_title_of_no_words_can_still_be_clicked() -> None:
    nothing = shown.hostile(" \n ")
    assert text(page_of(nothing).css_first("h1")) == "Without a title"
    page = LexborHTMLParser(site(stories=(nothing,))[addresses.FRONT])
    assert text(page.css_first(".story h3 a")) == "Without a title"


def test_linked_data_names_the_articles_by_their_publishers_and_no_people() -> None:
    data = json.loads(page_of(shown.FUNDED).css_first("script").text())
    assert data["@type"] == "CollectionPage"
    items = data["mainEntity"]["itemListElement"]
    assert [item["item"]["publisher"]["name"] for item in items][:2] == ["The Quay Courier", "Le Métier"]
    assert len(items) == 7 and "@ida" not in json.dumps(data)


def test_addresses_are_whole_only_where_the_site_has_one() -> None:
    assert page_of(shown.FUNDED).css("link[rel=canonical], meta[property='og:url']") == []
    made = site(replace(SETTINGS, address="https://lamp.example/news/"))
    page = LexborHTMLParser(made[addresses.story(shown.FUNDED.slug)])
    whole = f"https://lamp.example/news/stories/{shown.FUNDED.slug}/"
    assert page.css_first("link[rel=canonical]").attributes["href"] == whole
    assert page.css_first("meta[property='og:url']").attributes["content"] == whole
    assert json.loads(page.css_first("script").text())["url"] == whole
    moved = LexborHTMLParser(made[addresses.story("9-old")])
    assert moved.css_first("link[rel=canonical]").attributes["href"] == whole
    missing = LexborHTMLParser(made[addresses.NOT_FOUND])
    assert missing.css_first("link[rel=stylesheet]").attributes["href"] == "/news/style.css"


def test_a_merged_story_leads_on() -> None:
    page = LexborHTMLParser(SITE[addresses.story("9-old")])
    target = f"../{shown.FUNDED.slug}/"
    assert page.css_first("meta[http-equiv=refresh]").attributes["content"] == f"0; url={target}"
    assert page.css_first("main p a").attributes["href"] == target


def test_a_story_is_as_large_as_its_voices_are_many() -> None:
    page = LexborHTMLParser(Pages(SETTINGS).front(DAYS, ASIDE, shown.TODAY))
    sizes = {text(node.css_first("h3 a")): (node.attributes["class"] or "")[-1] for node in page.css(".story")}
    assert sizes[shown.FUNDED.title] == "5" and sizes[shown.LARK.title] == "3" and sizes[shown.RULED.title] == "2"


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


def test_the_same_is_made_of_the_same() -> None:
    assert site() == SITE


def test_a_source_is_followed_where_there_is_a_feed_of_it() -> None:
    one, other = shown.SOURCES[:2]
    page = LexborHTMLParser(Pages(SETTINGS).sources([one, other], shown.TODAY, lambda source: source is other))
    links = [node.attributes["href"] for node in page.css(".desk .wk a")]
    assert links == [f"../{addresses.source_feed(other.id)}.atom"]


def test_one_template_of_a_user_takes_the_place_of_one(tmp_path: Path) -> None:
    (tmp_path / "_story.html").write_text("<article>mine: {{ story.title }}</article>\n", encoding="utf-8")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_text('base.end = "The end."\n', encoding="utf-8")
    made = site(replace(SETTINGS, templates=tmp_path))
    assert f"mine: {shown.FUNDED.title}" in made[addresses.FRONT]
    assert "The end." in made[addresses.FRONT]
    assert made[addresses.SOURCES] == SITE[addresses.SOURCES]


def test_the_files_that_pages_need(tmp_path: Path) -> None:
    found = Pages(SETTINGS).assets()
    assert set(found) == {addresses.STYLESHEET, addresses.ICON, "search.js"}
    style = found[addresses.STYLESHEET]
    assert len(style) <= 12_000
    assert b"url(" not in style and b"@import" not in style and b"http" not in style.replace(b'href^="http"', b"")
    (tmp_path / "mine.css").write_bytes(b"h1 { color: red }")
    own = Pages(replace(SETTINGS, stylesheet=tmp_path / "mine.css"))
    assert own.assets()[addresses.OWN_STYLESHEET] == b"h1 { color: red }"
    assert '<link rel="stylesheet" href="../../own.css">' in own.story(shown.FUNDED)


def test_a_story_of_days_has_midnights_on_its_rule() -> None:
    first, last = shown.post(shown.QUAY, "10:00", "A"), shown.post(shown.METIER, "11:00", "B")
    long = shown.story(1, (first, replace(last, at=last.at + timedelta(days=3))), last_at=last.at + timedelta(days=3))
    scale = [text(node) for node in page_of(long).css("figure .scale text")]
    assert scale == ["29 Nov", "30 Nov", "1 Dec"]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("one\n{{ story.", r"_story\.html, line 2"),
        ("one\n\n{{ nobody }}", r"_story\.html, line 3: 'nobody' is undefined"),
        ("{{ story.title.nothing.at_all }}", r"_story\.html, line 1"),
        ('{% include "none.html" %}', r"_story\.html, line 1: none\.html"),
    ],
)
def test_a_wrong_template_is_told_with_its_place(tmp_path: Path, template: str, words: str) -> None:
    (tmp_path / "_story.html").write_text(template, encoding="utf-8")
    with pytest.raises(PublishError, match=words):
        site(replace(SETTINGS, templates=tmp_path))
