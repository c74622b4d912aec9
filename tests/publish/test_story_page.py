"""The page of a story: its parts, and what people and later coverage add."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from selectolax.lexbor import LexborHTMLParser

from aggregator.publish import addresses
from aggregator.publish.pages import Pages
from tests.helpers import shown
from tests.helpers.pages import ASIDE, DAYS, SETTINGS, SITE, headings, page_of, section, text


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


def test_linked_data_names_the_articles_by_their_publishers_and_no_people() -> None:
    data = json.loads(page_of(shown.FUNDED).css_first("script").text())
    assert data["@type"] == "CollectionPage"
    items = data["mainEntity"]["itemListElement"]
    assert [item["item"]["publisher"]["name"] for item in items][:2] == ["The Quay Courier", "Le Métier"]
    assert len(items) == 7 and "@ida" not in json.dumps(data)


def test_a_merged_story_leads_on() -> None:
    page = LexborHTMLParser(SITE[addresses.story("9-old")])
    target = f"../{shown.FUNDED.slug}/"
    assert page.css_first("meta[http-equiv=refresh]").attributes["content"] == f"0; url={target}"
    assert page.css_first("main p a").attributes["href"] == target


def test_a_story_is_as_large_as_its_voices_are_many() -> None:
    page = LexborHTMLParser(Pages(SETTINGS).front(DAYS, ASIDE, shown.TODAY))
    sizes = {text(node.css_first("h3 a")): (node.attributes["class"] or "")[-1] for node in page.css(".story")}
    assert sizes[shown.FUNDED.title] == "5" and sizes[shown.LARK.title] == "3" and sizes[shown.RULED.title] == "2"


def test_a_story_of_days_has_midnights_on_its_rule() -> None:
    first, last = shown.post(shown.QUAY, "10:00", "A"), shown.post(shown.METIER, "11:00", "B")
    long = shown.story(1, (first, replace(last, at=last.at + timedelta(days=3))), last_at=last.at + timedelta(days=3))
    scale = [text(node) for node in page_of(long).css("figure .scale text")]
    assert scale == ["29 Nov", "30 Nov", "1 Dec"]
