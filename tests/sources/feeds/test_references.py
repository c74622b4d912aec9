"""Ampersands that begin no reference, everywhere in a document; and those that do, which stay what they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.dedupe.verdict import Same, verdict
from aggregator.model.post import EnrichedPost, Post
from aggregator.pipeline.enrich import enrich
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.references import with_escaped_ampersands
from aggregator.sources.feeds.results import ParsedFeed
from tests.helpers.build import NO_TOPICS
from tests.helpers.stored import HERE, known_of

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
# Makes the document malformed, whatever is done about ampersands: then another parser reads it.
BROKEN = "<generator>&undeclared;</generator>"


def parsed(inner: str, *, is_broken: bool = False) -> ParsedFeed:
    document = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Ham & Rye</title>'
        f"<link>https://p.example/</link>{BROKEN if is_broken else ''}<item>{inner}</item></channel></rss>"
    )
    return parse_feed(document.encode(), None, "https://p.example/f", NOW)


def only(inner: str, *, is_broken: bool = False) -> Post:
    [post] = parsed(inner, is_broken=is_broken).posts
    return post


@pytest.mark.parametrize("is_broken", [False, True])
@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("B&O and P&L", "B&O and P&L"),
        ("Salt & pepper", "Salt & pepper"),
        ("F&E-Quote: Ö&B&C", "F&E-Quote: Ö&B&C"),
        ("B&O; then more", "B&O; then more"),
        ("&", "&"),
        ("A&&B &# &#x &#xg", "A&&B &# &#x &#xg"),
        ("Q&note=1", "Q&note=1"),
        ("B&amp;O", "B&O"),
        ("B&amp;amp;O", "B&O"),
        ("B&O caf&eacute;", "B&O café"),
        ("&copy 2026, caf&eacute", "© 2026, café"),
        ("it&#8217;s, it&#8217 s &#x41;", "it’s, it’ s A"),
        ("<![CDATA[B&O and caf&eacute;]]>", "B&O and café"),
        ("<![CDATA[B&amp;O]]> & <![CDATA[P&L]]>", "B&O & P&L"),
        ("<!-- B&O -->P&L", "P&L"),
    ],
)
def test_titles(written: str, title: str, is_broken: bool) -> None:
    assert only(f"<title>{written}</title>", is_broken=is_broken).title == title


@pytest.mark.parametrize("is_broken", [False, True])
def test_every_part_of_an_entry(is_broken: bool) -> None:
    post = only(
        "<title>x</title><dc:creator>Bo & Co</dc:creator><category>M&A</category>"
        '<category domain="a&b">H&amp;M</category>'
        "<link>https://p.example/a?x=1&lang=de&copy=2&b=3</link>"
        '<enclosure url="https://p.example/a.mp3?a=1&lang=de" type="audio/mpeg"/>'
        '<description>&lt;p&gt;B&O, P&amp;amp;L, &lt;a href="https://q.example/?a=1&b=2"&gt;S&Q&lt;/a&gt;</description>',
        is_broken=is_broken,
    )
    assert (post.author, post.tags) == ("Bo & Co", ("M&A", "H&M"))
    assert post.url == "https://p.example/a?x=1&lang=de&copy=2&b=3"
    assert post.enclosures[0].url == "https://p.example/a.mp3?a=1&lang=de"
    assert post.text == "B&O, P&L, S&Q"
    assert post.html is not None
    assert 'href="https://q.example/?a=1&amp;b=2"' in post.html
    assert parsed("<title>x</title>").title == "Ham & Rye"


def test_a_document_with_nothing_else_amiss_is_well_formed() -> None:
    assert parsed("<title>B&O &copy 2026</title>").warnings == ("malformed XML: undefined entity in line 1",)
    assert parsed("<title>B&O</title>").warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "<a>&amp;&lt;&#38;&#x26;&undeclared;&x-y.z;</a>",
        "<a><![CDATA[B&O]]><!-- P&L --><?php a & b ?></a>",
        "<a><![CDATA[<!-- ]]><b/><![CDATA[ & ]]></a>",
        "<a><![CDATA[never closed & more",
        "&" * 200_000,
    ],
)
def test_what_is_left_as_it_is(text: str) -> None:
    assert with_escaped_ampersands(text) == text


def test_only_what_is_outside_of_sections_is_escaped() -> None:
    assert with_escaped_ampersands("a&b<![CDATA[c&d]]>e&f<!--g&h-->&i") == (
        "a&amp;b<![CDATA[c&d]]>e&amp;f<!--g&h-->&amp;i"
    )


# ---------------------------------------------------------------- what was stored before


@pytest.mark.parametrize("guid", ["https://p.example/a?x=1&b=2", "https://p.example/a?x=1&amp;b=2"])
def test_ids_are_the_same_whichever_parser_reads_them(guid: str) -> None:
    inner = f"<title>A</title><guid>{guid}</guid>"
    assert only(inner).native_id == only(inner, is_broken=True).native_id == "https://p.example/a?x=1&b=2"


def enriched(post: Post) -> EnrichedPost:
    return enrich(post, HERE, NO_TOPICS)


@pytest.mark.parametrize(
    ("guid", "before"),
    [("https://p.example/a?x=1&b=2", "https://p.example/a?x=1&b;=2"), ("n&amp;1", "n&amp;1"), ("n&o", "n&o;")],
)
def test_a_post_stored_under_an_id_that_was_misread_is_the_same(guid: str, before: str) -> None:
    link = "<link>https://p.example/a?x=1&b=2</link>"
    post = only(f'<title>The ferry & the fog</title><guid isPermaLink="false">{guid}</guid>{link}')
    known = known_of((enriched(replace(post, native_id=before)), HERE))
    found = verdict(enriched(post), HERE, known)
    assert isinstance(found, Same)
    assert (found.known.id, found.edited) == (1, False)
    other = replace(post, title="Another matter altogether", canonical_url="https://p.example/b")
    assert not isinstance(verdict(enriched(other), HERE, known), Same)
