"""Every format of feed, one small invented document each."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.model.post import Enclosure, Post
from tests.helpers.feed_documents import atom, entry, json_feed, only, parsed, rss

pytestmark = pytest.mark.usefixtures("either_parser")


def test_rss_2() -> None:
    feed = parsed(
        rss(
            "<item><title>Rivers &amp;amp; robots</title><link>https://www.paper.example/rivers?utm_source=rss</link>"
            '<guid isPermaLink="false">paper-1</guid><pubDate>Mon, 23 Nov 2026 09:30:00 +0100</pubDate>'
            "<author>ada@paper.example (Ada Reed)</author><category>Robots</category><category> Rivers </category>"
            "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two &amp;amp; three.&lt;/p&gt;</description>"
            '<enclosure url="https://paper.example/rivers.mp3" type="audio/mpeg" length="1234"/></item>',
            channel="<link>https://paper.example/</link><language>en-GB</language>",
        )
    )
    assert (feed.title, feed.site_url, feed.language) == ("Paper", "https://paper.example/", "en")
    assert (feed.problem, feed.warnings) == ("", ())
    assert feed.posts == (
        Post(
            kind="article",
            native_id="paper-1",
            title="Rivers & robots",
            text="One.\n\nTwo & three.",
            html="<p>One.</p><p>Two &amp; three.</p>",
            url="https://www.paper.example/rivers?utm_source=rss",
            canonical_url="https://paper.example/rivers",
            author="Ada Reed",
            declared_language="en",
            published_at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
            tags=("Robots", "Rivers"),
            enclosures=(Enclosure(url="https://paper.example/rivers.mp3", media_type="audio/mpeg", length=1234),),
        ),
    )
    assert pickle.loads(pickle.dumps(feed)) == feed


def test_atom_1() -> None:
    feed = parsed(
        atom(
            "<entry><id>tag:paper.example,2026:1</id>"
            '<title type="html">Rivers &amp;amp; &lt;b&gt;robots&lt;/b&gt;</title>'
            '<link rel="edit" href="/edit/1"/><link href="/rivers"/><published>2026-11-23T08:30:00Z</published>'
            "<updated>2026-11-23T10:00:00Z</updated><author><name>Ada Reed</name></author>"
            '<author><name>Bo Lind</name></author><category term="robots" label="Robots"/>'
            "<summary>Short.</summary>"
            '<content type="html">&lt;p&gt;Long &amp;amp; wide.&lt;/p&gt;&lt;img src="a.png"&gt;</content></entry>',
            head='<link rel="self" href="/feed"/><link href="https://paper.example/"/>',
            attributes='xml:lang="de" xml:base="https://paper.example/news/"',
        )
    )
    [post] = feed.posts
    assert (feed.title, feed.site_url, feed.language) == ("Paper", "https://paper.example/", "de")
    assert post.native_id == post.uri == "tag:paper.example,2026:1"
    assert post.title == "Rivers & robots"
    assert post.url == "https://paper.example/rivers"
    assert (post.text, post.author, post.tags) == ("Long & wide.", "Ada Reed, Bo Lind", ("Robots",))
    assert post.html == '<p>Long &amp; wide.</p><img src="https://paper.example/news/a.png">'
    assert post.published_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert post.declared_language == "de"


def test_atom_with_xhtml() -> None:
    post = entry(
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <i>fine</i> day</div></title>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>A &lt; B &amp;amp; C</p></div></content>'
    )
    assert (post.title, post.text, post.html) == ("A fine day", "A < B &amp; C", "<p>A &lt; B &amp;amp; C</p>")


def test_atom_03() -> None:
    post = only(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="sv"><title>Blad</title><entry>'
        "<title>Älvar</title><id>tag:blad.example,2026:1</id>"
        '<link rel="alternate" type="text/html" href="https://blad.example/alvar"/>'
        "<issued>2026-11-23T08:30:00+01:00</issued><modified>2026-11-23T08:30:00+01:00</modified>"
        '<content type="text/html" mode="escaped">&lt;p&gt;Vatten.&lt;/p&gt;</content></entry></feed>'
    )
    assert (post.title, post.text, post.url) == ("Älvar", "Vatten.", "https://blad.example/alvar")
    assert (post.published_at, post.edited_at) == (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), None)
    assert post.declared_language == "sv"


def test_rss_1() -> None:
    post = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://paper.example/rss">'
        "<title>Paper</title><link>https://paper.example/</link><dc:language>ja</dc:language></channel>"
        '<item rdf:about="https://paper.example/kawa"><title>川</title><link>https://paper.example/kawa</link>'
        "<description>水の話。</description><dc:date>2026-11-23T17:30:00+09:00</dc:date>"
        "<dc:creator>葉</dc:creator><dc:subject>水</dc:subject></item></rdf:RDF>"
    )
    assert (post.native_id, post.title, post.text, post.author) == (
        "https://paper.example/kawa",
        "川",
        "水の話。",
        "葉",
    )
    assert (post.tags, post.declared_language) == (("水",), "ja")
    assert (post.published_at, post.edited_at) == (datetime(2026, 11, 23, 8, 30, tzinfo=UTC), None)


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94", "3.0"])
def test_rss_of_other_versions(version: str) -> None:
    post = only(
        f'<rss version="{version}"><channel><item><title>A</title><link>https://p.example/a</link></item></channel></rss>'
    )
    assert (post.title, post.url) == ("A", "https://p.example/a")


def test_rss_090() -> None:
    post = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
        "<channel><title>Paper</title></channel>"
        "<item><title>A</title><link>https://p.example/a</link></item></rdf:RDF>"
    )
    assert (post.title, post.native_id) == ("A", "https://p.example/a")


def test_cdf() -> None:
    feed = parsed(
        '<channel href="https://paper.example/" lastmod="2026-11-23T08:30"><title>Paper</title>'
        '<item href="https://paper.example/a"><title>A</title><abstract>About A.</abstract></item></channel>'
    )
    [post] = feed.posts
    assert (feed.site_url, post.title, post.text, post.url) == (
        "https://paper.example/",
        "A",
        "About A.",
        "https://paper.example/a",
    )


def test_json_feed() -> None:
    feed = parsed(
        "\ufeff"
        + json_feed(
            {
                "id": "https://paper.example/a",
                "url": "/a",
                "title": "A &amp; B",
                "content_html": '<p>One.</p><img src="a.png"><script>x()</script>',
                "content_text": "One.",
                "date_published": "2026-11-23T08:30:00+01:00",
                "date_modified": "2026-11-23T12:00:00Z",
                "authors": [{"name": "Ada"}, {"name": "Bo"}, {"url": "https://c.example"}],
                "tags": ["x", " x ", "", 3, "y"],
                "language": "pt-BR",
                "attachments": [
                    {"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 99},
                    {"url": "javascript:alert(1)"},
                    "odd",
                ],
            },
            home_page_url="https://paper.example/",
            language="pt",
        )
    )
    [post] = feed.posts
    assert (feed.title, feed.site_url, feed.language) == ("Paper", "https://paper.example/", "pt")
    assert post.native_id == post.uri == "https://paper.example/a"
    assert post.url == "https://feeds.paper.example/a"
    assert (post.title, post.text, post.author, post.tags) == ("A & B", "One.", "Ada, Bo", ("x", "y"))
    assert post.html == '<p>One.</p><img src="https://feeds.paper.example/a.png">'
    assert post.published_at == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert post.edited_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert post.declared_language == "pt"
    assert post.enclosures == (Enclosure(url="https://feeds.paper.example/a.mp3", media_type="audio/mpeg", length=99),)


def test_json_feed_1_0_has_one_author() -> None:
    assert only(json_feed({"id": "1"}, author={"name": "Ada"})).author == "Ada"
    assert only(json_feed({"id": "1", "author": "Bo"}, author={"name": "Ada"})).author == "Bo"


def test_json_text_is_taken_as_it_stands() -> None:
    post = only(json_feed({"id": "1", "content_text": "The <b> tag &amp; co.\n\nSecond\u0000."}))
    assert (post.text, post.html) == ("The <b> tag &amp; co.\n\nSecond.", None)


@pytest.mark.parametrize(
    ("value", "native_id"),
    [(7, "7"), (12345678901234567890123, "12345678901234567890123"), ("7", "7"), (7.5, "7.5")],
)
def test_json_ids_may_be_numbers(value: object, native_id: str) -> None:
    assert only(json_feed({"id": value, "title": "A"})).native_id == native_id


@pytest.mark.parametrize("fields", [{"version": None}, {"title": None}, {"title": 7}, {"language": []}, {"authors": 3}])
def test_json_feeds_are_read_tolerantly(fields: dict[str, Any]) -> None:
    assert only(json_feed({"id": "1", "title": "A"}, **fields)).title == "A"


def test_json_with_numbers_that_json_lacks() -> None:
    assert only('{"items": [{"id": "1", "x": NaN, "y": -Infinity, "z": 1e999, "title": "A\tB"}]}').title == "A B"
