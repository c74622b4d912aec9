"""Atom: valid by the grammar, what each element says, tombstones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from aggregator.model.settings import Publish
from aggregator.model.site import GoneStory, ShownStory
from aggregator.publish.feeds.atom import atom
from aggregator.publish.feeds.out import FeedOut, Labels
from tests.publish.feeds.builder import (
    HERE,
    HOSTILE_TEXTS,
    LOTTE,
    SITE,
    START,
    WITHOUT_ADDRESS,
    behind_a_warning,
    hostile_story,
    make_feed,
    make_post,
    make_story,
)

NAMES = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
GRAMMAR = etree.RelaxNG(etree.parse(HERE / "atom.rng"))


def written(feed: FeedOut, settings: Publish = SITE, labels: Labels | None = None) -> etree._Element:
    """The document, held to the grammar."""
    text = atom(feed, settings, labels) if labels else atom(feed, settings)
    root = etree.fromstring(text.encode())
    GRAMMAR.assertValid(root)
    return root


def entry_of(story: ShownStory, settings: Publish = SITE) -> etree._Element:
    return written(make_feed(story), settings).find("a:entry", NAMES)


def content_of(story: ShownStory, settings: Publish = SITE) -> str:
    return entry_of(story, settings).findtext("a:content", None, NAMES)


def links_of(element: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in element.findall("a:link", NAMES):
        found.setdefault(link.get("rel"), []).append(link.get("href"))
    return found


def test_a_feed_says_what_it_is() -> None:
    root = written(
        make_feed(
            make_story(), title="The Lantern: Funding", path="feeds/topics/funding", home="topics/funding/index.html"
        )
    )
    assert root.findtext("a:id", None, NAMES) == "tag:lantern.example,2026:feeds/topics/funding"
    assert root.findtext("a:title", None, NAMES) == "The Lantern: Funding"
    assert root.findtext("a:author/a:name", None, NAMES) == "The Lantern"
    assert root.get(LANG) == "en"
    assert links_of(root) == {
        "self": ["https://lantern.example/feeds/topics/funding.atom"],
        "alternate": ["https://lantern.example/topics/funding/"],
    }


def test_an_entry_is_a_story() -> None:
    entry = entry_of(make_story())
    assert entry.findtext("a:id", None, NAMES) == "tag:lantern.example,2026:stories/7"
    assert entry.findtext("a:published", None, NAMES) == "2026-11-28T19:39:00Z"
    assert entry.findtext("a:updated", None, NAMES) == "2026-11-28T22:39:00Z"
    assert entry.find("a:title", NAMES).get(LANG) == "en"
    assert [name.text for name in entry.findall("a:author/a:name", NAMES)] == ["Harbour Ledger", "Signalbrücke"]
    assert [(of.get("term"), of.get("label")) for of in entry.findall("a:category", NAMES)] == [
        ("mistral", "Mistral"),
        ("funding", "Funding"),
    ]
    assert links_of(entry) == {
        "alternate": ["https://lantern.example/stories/mistral-raises-7/"],
        "via": ["https://harbour.example/1"],
        "related": ["https://bruecke.example/3"],
    }
    assert entry.findtext("a:summary", None, NAMES).startswith("Mistral has closed a round")


def test_the_content_names_who_else_carries_it_people_and_what_came_before() -> None:
    content = content_of(make_story())
    assert '<a href="https://harbour.example/1">Harbour Ledger</a></p>' in content
    assert '<p>More: <a href="https://bruecke.example/3">Signalbrücke</a> (de)</p>' in content
    assert '<p>People: <a href="https://town.example/2">@lotte</a> (de)</p>' in content
    assert '2026-06-30 <a href="https://lantern.example/stories/mistral-overtakes/">' in content
    assert "rel=" not in content


def test_a_part_without_content_is_left_out_label_and_all() -> None:
    content = content_of(make_story(posts=(make_post(),), earlier=()))
    assert not any(label in content for label in Labels())


def test_the_words_of_the_site_are_handed_in() -> None:
    root = written(make_feed(make_story()), labels=Labels(more="Auch bei", people="Leute", earlier="Zuvor"))
    content = root.findtext("a:entry/a:content", None, NAMES)
    assert all(label in content for label in ("Auch bei: ", "Leute: ", "Zuvor:"))


def test_a_story_without_a_page_leads_to_its_article() -> None:
    assert links_of(entry_of(make_story(has_page=False))) == {
        "alternate": ["https://harbour.example/1"],
        "related": ["https://bruecke.example/3"],
    }
    status = make_post(1, LOTTE, article_url="https://press.example/a")
    assert links_of(entry_of(make_story(has_page=False, posts=(status,)))) == {"alternate": ["https://press.example/a"]}


def test_a_story_whose_posts_have_no_address_has_an_entry_without_a_link() -> None:
    assert links_of(entry_of(make_story(has_page=False, posts=(make_post(url=None),)))) == {}


def test_of_people_alone_they_are_the_authors() -> None:
    entry = entry_of(make_story(posts=(make_post(1, LOTTE),)))
    assert [name.text for name in entry.findall("a:author/a:name", NAMES)] == ["@lotte"]


def test_an_id_stays_when_the_story_begins_earlier_and_gets_another_title() -> None:
    ids = {
        entry_of(story).findtext("a:id", None, NAMES)
        for story in (
            make_story(),
            make_story(first_at=datetime(2025, 12, 31, tzinfo=UTC), title="Other", slug="other", has_page=False),
        )
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("address", "tag"),
    [
        (None, "tag:localhost,2026:stories/7"),
        ("https://news.example:8443/", "tag:news.example,2026:stories/7"),
        ("https://news.example/one/", "tag:news.example,2026:one/stories/7"),
        ("https://brücke.example/", "tag:xn--brcke-lva.example,2026:stories/7"),
    ],
)
def test_ids_are_those_of_the_site(address: str | None, tag: str) -> None:
    entry = entry_of(make_story(), Publish(title="N", address=address))
    assert entry.findtext("a:id", None, NAMES) == tag


def test_without_an_address_links_are_relative_to_the_feed() -> None:
    root = written(make_feed(make_story(), path="feeds/topics/funding"), WITHOUT_ADDRESS)
    assert links_of(root)["self"] == ["../../feeds/topics/funding.atom"]
    assert links_of(root)["alternate"] == ["../../"]
    assert links_of(root.find("a:entry", NAMES))["alternate"] == ["../../stories/mistral-raises-7/"]


def test_a_feed_is_as_new_as_what_changed_last_in_it() -> None:
    changed = [START + timedelta(hours=hour) for hour in (5, 9, 7)]
    stories = [make_story(n, changed_at=at) for n, at in enumerate(changed)]
    assert written(make_feed(*stories)).findtext("a:updated", None, NAMES) == "2026-11-29T04:39:00Z"
    gone = (GoneStory(90, START + timedelta(hours=10)),)
    assert written(make_feed(*stories, gone=gone)).findtext("a:updated", None, NAMES) == "2026-11-29T05:39:00Z"
    assert written(make_feed()).findtext("a:updated", None, NAMES) == "1970-01-01T00:00:00Z"


def test_what_is_gone_leaves_a_tombstone_with_the_id_of_its_entry() -> None:
    root = written(make_feed(make_story(8), gone=(GoneStory(7, START),)))
    [gone] = root.findall("at:deleted-entry", NAMES)
    assert gone.get("ref") == entry_of(make_story(7)).findtext("a:id", None, NAMES)
    assert gone.get("when") == "2026-11-28T19:39:00Z"


def test_what_is_behind_a_warning_is_nowhere() -> None:
    text = atom(make_feed(behind_a_warning()), SITE)
    assert "SECRET" not in text
    entry = entry_of(behind_a_warning())
    assert entry.findtext("a:title", None, NAMES) == "CW: film spoiler"
    assert entry.findtext("a:summary", None, NAMES) == "CW: film spoiler"


def test_long_texts_end_with_a_sentence() -> None:
    sentence = "The money goes into two centres near Bruyères, said Dr. Anna Prinz on 5. April in Paris. "
    story = make_story(posts=(make_post(text=sentence * 9),))
    summary = entry_of(story).findtext("a:summary", None, NAMES)
    assert summary == (sentence * 3).strip()
    story = make_story(posts=(make_post(text="word " * 200),))
    summary = entry_of(story).findtext("a:summary", None, NAMES)
    assert summary.endswith("word…") and len(summary) <= 301
    story = make_story(posts=(make_post(text="長い文です。" * 100),))
    assert entry_of(story).findtext("a:summary", None, NAMES) == " ".join(["長い文です。"] * 43)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_texts_are_text(text: str) -> None:
    for settings in (SITE, WITHOUT_ADDRESS, replace(SITE, title=text)):
        root = written(make_feed(hostile_story(text), title=text), settings)
        content = root.findtext("a:entry/a:content", None, NAMES)
        inside = etree.HTML(content)
        assert {element.tag for element in inside.iter()} <= {"html", "body", "p", "a", "ul", "li", "span"}
        assert not any("javascript" in link for link in inside.xpath("//@href"))
        assert {name for element in inside.iter() for name in element.attrib} <= {"href", "lang", "dir"}


def test_the_same_stories_give_the_same_bytes() -> None:
    feeds = [make_feed(make_story(7), hostile_story("x"), gone=(GoneStory(1, START),)) for _ in range(2)]
    assert atom(feeds[0], SITE) == atom(feeds[1], SITE)
