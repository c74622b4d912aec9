"""What readers find on every page, and what must never be on one. Read with an HTML parser, as a browser would."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from aggregator.model.errors import PublishError
from aggregator.publish import addresses
from aggregator.publish.pages import Pages
from tests.helpers import shown
from tests.helpers.pages import ALL, SETTINGS, SITE, page_of, section, site, text


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
        addresses.STYLESHEET, addresses.ICON, addresses.OPML, addresses.STORIES_JSON, addresses.CALENDAR,
        addresses.day(shown.YESTERDAY),
        addresses.day(date(2026, 10, 31)), addresses.story("3-aurore-looks-for-money"), *SITE,
        *(addresses.topic(topic) for topic, _ in shown.COUNTS),
        *(addresses.story_json(story.slug) for story in ALL), *(addresses.story_note(story.slug) for story in ALL),
        *(feed + ending for ending in (".atom", ".json") for feed in (
            addresses.feed("all"), addresses.feed("stories"), addresses.feed("law"), addresses.AGENDA_FEED,
            addresses.topic_feed(shown.AURORE), addresses.topic_feed(shown.CHIPS),
            *(addresses.source_feed(source.id) for source in shown.SOURCES))),
    }  # fmt: skip
    for path, html in SITE.items():
        assert set(_links(path, LexborHTMLParser(html))) <= known, path


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
    assert "Binnen 77 Minuten berichteten 2 Medien in 2 Sprachen" in text(section(german, "context"))


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
    assert len(style) <= 13_000
    assert b"url(" not in style and b"@import" not in style and b"http" not in style.replace(b'href^="http"', b"")
    (tmp_path / "mine.css").write_bytes(b"h1 { color: red }")
    own = Pages(replace(SETTINGS, stylesheet=tmp_path / "mine.css"))
    assert own.assets()[addresses.OWN_STYLESHEET] == b"h1 { color: red }"
    assert '<link rel="stylesheet" href="../../own.css">' in own.story(shown.FUNDED)


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
