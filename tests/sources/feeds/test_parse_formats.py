"""Every format of feed, one small invented document each, and what an entry's parts become."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.model.post import Enclosure, Post
from aggregator.sources.feeds.entries import MAX_ID, MAX_TAGS, MAX_TEXT, MAX_TITLE
from aggregator.sources.feeds.parse import ParsedFeed, parse_feed

pytestmark = pytest.mark.usefixtures("either_parser")

URL = "https://feeds.paper.example/all.xml"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def parsed(document: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse_feed(body, content_type, URL, NOW)


def rss(*items: str, channel: str = "<link>https://paper.example/</link>", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>Paper</title>{channel}{"".join(items)}</channel></rss>'


def atom(*entries: str, head: str = "", attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Paper</title>{head}{"".join(entries)}</feed>'


def json_feed(*items: object, **fields: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Paper", **fields, "items": items})


def only(document: str | bytes) -> Post:
    feed = parsed(document)
    assert feed.problem == ""
    [post] = feed.posts
    return post


def item(inner: str) -> Post:
    """The post of an RSS item with this inside."""
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    return only(rss(f"<item>{inner}</item>", attributes=spaces))


def entry(inner: str, attributes: str = "") -> Post:
    """The post of an Atom entry with this inside."""
    return only(atom(f"<entry {attributes}>{inner}</entry>"))


# ---------------------------------------------------------------- formats


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


# ---------------------------------------------------------------- title and text


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("A &amp;amp;amp; B", "A & B"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<em>Bold</em> &amp; quiet]]>", "Bold & quiet"),
        ("5 &lt; 6", "5 < 6"),
        ("  two\n   lines ", "two lines"),
        ("x" * (MAX_TITLE + 10), "x" * MAX_TITLE),
        ("", ""),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert item(f"<title>{title}</title><link>https://p.example/a</link>").title == expected


def test_a_missing_title_is_not_invented() -> None:
    assert item("<description>Only this.</description>").title == ""


def test_the_fullest_text_wins() -> None:
    short, long = (
        "<description>Short.</description>",
        "<content:encoded>&lt;p&gt;Longer text.&lt;/p&gt;</content:encoded>",
    )
    assert item(short + long).text == item(long + short).text == "Longer text."
    longer = "<description>The longest text of all.</description>"
    assert item(long + longer).text == "The longest text of all."
    assert item(long + longer).html is None


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo."),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", "One.\n\nTwo."),
        ("<![CDATA[<p>One &amp; two.</p>]]>", "One & two."),
        ("<p>Not escaped.</p><p>At all.</p>", "Not escaped.\n\nAt all."),
        ("&amp;lt;p&amp;gt;Escaped twice.&amp;lt;/p&amp;gt;", "Escaped twice."),
        ("Tom &amp;amp;amp; Ann", "Tom & Ann"),
        ("It&amp;#8217;s", "It’s"),
        ("Write &lt;b&gt; for bold", "Write for bold"),
        ("", ""),
    ],
)
def test_texts(description: str, text: str) -> None:
    assert item(f"<title>A</title><description>{description}</description>").text == text


def test_plain_text_of_atom_is_not_markup() -> None:
    assert entry('<summary type="text">Write &lt;b&gt; for bold</summary>').text == "Write <b> for bold"
    assert entry("<summary>&lt;p&gt;Wrongly labelled.&lt;/p&gt;</summary>").text == "Wrongly labelled."


def test_contents_that_are_no_text_are_passed_over() -> None:
    for media_type, text in [
        ("image/png", ""),
        ("application/pdf", ""),
        ("text/markdown", "iVBORw0K"),
        ("html5", "iVBORw0K"),
    ]:
        assert entry(f'<content type="{media_type}">iVBORw0K</content>').text == text


def test_a_text_is_not_repeated() -> None:
    both = "<description>Same.</description><content:encoded>Same.</content:encoded>"
    assert item(both).text == "Same."


def test_pictures_without_words_are_shown() -> None:
    post = item('<description>&lt;img src="/a.png"&gt;</description><link>https://p.example/a</link>')
    assert (post.text, post.html) == ("", '<img src="https://p.example/a.png">')


def test_long_texts_are_cut_and_said_to_be() -> None:
    feed = parsed(rss(f"<item><title>{'t' * 2000}</title><description>{'word ' * 100_000}</description></item>"))
    assert len(feed.posts[0].text) <= MAX_TEXT
    assert feed.warnings == ("entry 1: title and text cut off, too long",)


def test_html_is_made_safe() -> None:
    post = item(
        "<description><![CDATA[<p onclick='x()'>Hi <a href='javascript:x()'>there</a></p><script>x()</script>"
        "<iframe src='https://evil.example/'></iframe>&#1;&#xD800;]]></description>"
    )
    assert post.text == "Hi there\ufffd" or post.text == "Hi there"
    assert post.html is not None
    assert not any(word in post.html for word in ("onclick", "javascript", "script", "iframe", "\x01"))


def test_podcasts_and_videos_have_their_descriptions() -> None:
    assert item("<itunes:summary>An hour about rivers.</itunes:summary>").text == "An hour about rivers."
    assert item("<media:group><media:description>A film.</media:description></media:group>").text == "A film."


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<link>https://p.example/a</link>", "https://p.example/a"),
        ("<link> https://p.example/\n  a </link>", "https://p.example/a"),
        ("<link>/a</link>", "https://paper.example/a"),
        ("<link>https://p.example/a?x=1&amp;copy=2</link>", "https://p.example/a?x=1&copy=2"),
        ("<guid>https://p.example/g</guid>", "https://p.example/g"),
        ('<guid isPermaLink="true">https://p.example/g</guid>', "https://p.example/g"),
        ('<guid isPermaLink="false">https://p.example/g</guid>', None),
        ("<guid>12345</guid>", None),
        ("<guid>https://p.example/g</guid><link>https://p.example/a</link>", "https://p.example/a"),
        ('<enclosure url="https://p.example/a.mp3" type="audio/mpeg"/>', None),
        (
            '<atom:link rel="self" href="https://p.example/self"/><link>https://p.example/a</link>',
            "https://p.example/a",
        ),
        (
            "<link>https://proxy.example/~r/1</link><feedburner:origLink>https://p.example/a</feedburner:origLink>",
            "https://p.example/a",
        ),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>data:text/html,x</link>", None),
        ("<link>http://[bad</link>", None),
        ("<link/>", None),
    ],
)
def test_links(inner: str, url: str | None) -> None:
    assert item(inner).url == url


def test_atom_links() -> None:
    page, data = (
        '<link rel="alternate" type="text/html" href="https://p.example/a"/>',
        ('<link rel="alternate" type="application/json" href="https://p.example/a.json"/>'),
    )
    related = '<link rel="related" href="https://else.example/"/><link rel="enclosure" href="https://p.example/a.mp3"/>'
    assert entry(related + data + page).url == entry(page + data).url == "https://p.example/a"
    assert entry(related + data).url == "https://p.example/a.json"
    assert entry(related).url is None
    assert entry(related).enclosures == (Enclosure(url="https://p.example/a.mp3"),)


def test_a_base_of_its_own() -> None:
    post = entry(
        '<link href="a"/><content type="html" xml:base="https://img.example/x/">&lt;img src="b.png"&gt;</content>',
        'xml:base="https://p.example/y/"',
    )
    assert post.url == "https://p.example/y/a"
    assert post.html == '<img src="https://img.example/x/b.png">'
    relative = entry('<link href="a"/>', 'xml:base="/y/"')
    assert relative.url == "https://feeds.paper.example/y/a"
    assert entry('<link href="a"/><title>A</title>', 'xml:base="http://[bad"').title == "A"


def test_a_link_that_names_no_post_is_no_key() -> None:
    assert item("<link>https://p.example/</link>").canonical_url is None
    assert item("<link>https://p.example/</link>").url == "https://p.example/"


def test_a_link_that_several_posts_share_is_no_key() -> None:
    feed = parsed(
        rss(
            "<item><title>1.0 is out</title><link>https://p.example/news.html#1</link></item>",
            "<item><title>1.1 is out</title><link>https://p.example/news.html#2</link></item>",
            "<item><title>Else</title><link>https://p.example/else</link></item>",
        )
    )
    assert [post.canonical_url for post in feed.posts] == [None, None, "https://p.example/else"]
    assert feed.posts[0].url == "https://p.example/news.html#1"


def test_a_post_said_twice_keeps_its_key() -> None:
    twice = "<item><title>A</title><link>https://p.example/a</link><guid>a</guid></item>"
    feed = parsed(rss(twice, twice))
    assert [post.canonical_url for post in feed.posts] == ["https://p.example/a"] * 2
    assert [post.native_id for post in feed.posts] == ["a", "a #2"]


# ---------------------------------------------------------------- the rest of an entry


@pytest.mark.parametrize(
    ("inner", "published", "edited"),
    [
        ("<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>", "2026-11-23T08:00", None),
        ("<dc:date>2026-11-23T08:00:00Z</dc:date>", "2026-11-23T08:00", None),
        ("<dcterms:created>2026-11-23T08:00:00Z</dcterms:created>", "2026-11-23T08:00", None),
        (
            "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><atom:updated>2026-11-23T09:00:00Z</atom:updated>",
            "2026-11-23T08:00",
            "2026-11-23T09:00",
        ),
        (
            "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><atom:updated>2026-11-23T07:00:00Z</atom:updated>",
            "2026-11-23T08:00",
            None,
        ),
        (
            "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate><atom:updated>2026-11-23T09:00:00Z</atom:updated>",
            "2026-11-23T09:00",
            None,
        ),
        ("<pubDate>Tue, 24 Nov 2099 08:00:00 GMT</pubDate>", None, None),
        ("<pubDate>yesterday</pubDate>", None, None),
        ("<pubDate/>", None, None),
        ("", None, None),
    ],
)
def test_dates(inner: str, published: str | None, edited: str | None) -> None:
    post = item(inner)
    assert (post.published_at, post.edited_at) == (moment(published), moment(edited))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def test_dates_in_a_language_that_feedparser_knows() -> None:
    assert item("<pubDate>Κυρ, 11 Ιούλ 2004 12:00:00 EST</pubDate>").published_at == datetime(
        2004, 7, 11, 17, tzinfo=UTC
    )


def test_a_post_dated_ahead_by_a_wrong_zone_keeps_its_date() -> None:
    ahead = NOW + timedelta(hours=10)
    assert item(f"<dc:date>{ahead.isoformat()}</dc:date>").published_at == ahead


@pytest.mark.parametrize(
    ("inner", "author"),
    [
        ("<author>Ada Reed &lt;ada@paper.online&gt;</author>", "Ada Reed"),
        ("<author>Ada (at home)</author>", "Ada (at home)"),
        ("<author>Ada</author>", "Ada"),
        ("<author>ada@p.example (Ada Reed)</author>", "Ada Reed"),
        ("<author>ada@p.example</author>", "ada@p.example"),
        ("<dc:creator>Ada</dc:creator><dc:creator>Bo</dc:creator>", "Ada, Bo"),
        ("<dc:creator>Ada</dc:creator><dc:creator>Ada</dc:creator>", "Ada"),
        ("<dc:creator>&lt;b&gt;Ada&lt;/b&gt; &amp;amp; Bo</dc:creator>", "Ada & Bo"),
        ("<author/>", None),
        ("", None),
    ],
)
def test_authors(inner: str, author: str | None) -> None:
    assert item(inner).author == author


def test_authors_of_atom_have_names_and_addresses() -> None:
    ada = "<author><name>Ada</name><email>ada@paper.online</email></author>"
    assert entry(ada).author == "Ada"
    assert entry(ada + "<author><name>Bo</name></author>").author == "Ada, Bo"
    assert entry("<author><email>bo@paper.net</email></author>").author == "bo@paper.net"


def test_the_feeds_author_is_its_entries_in_atom_only() -> None:
    assert only(atom("<entry><title>A</title></entry>", head="<author><name>Ada</name></author>")).author == "Ada"
    channel = "<managingEditor>boss@p.example (The Boss)</managingEditor>"
    assert only(rss("<item><title>A</title></item>", channel=channel)).author is None


@pytest.mark.parametrize(
    ("feed", "own", "language"),
    [
        ("en-us", "", "en"),
        ("en-us", "fr", "fr"),
        ("zh_Hant", "", "zh"),
        ("EN", "", "en"),
        ("English", "", None),
        ("xx", "", None),
        ("iw", "", "he"),
        ("nb-NO", "", "no"),
        ("jp", "", "ja"),
        ("", "", None),
    ],
)
def test_languages(feed: str, own: str, language: str | None) -> None:
    declared = f'xml:lang="{own}"' if own else ""
    document = rss(f"<item><title {declared}>A</title></item>", channel=f"<language>{feed}</language>")
    assert only(document).declared_language == language


def test_tags() -> None:
    post = item(
        "<category> AI </category><category>ai</category><category></category><category>Robots &amp;amp; co</category>"
        "<category>http://schemas.example/2008/kind#post</category><dc:subject>Rivers</dc:subject>"
        + "".join(f"<category>tag {number}</category>" for number in range(60))
    )
    assert post.tags[:4] == ("AI", "Robots & co", "Rivers", "tag 0")
    assert len(post.tags) == MAX_TAGS


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('url="/a.mp3" type="Audio/MPEG; x=y" length="12"', ("https://paper.example/a.mp3", "audio/mpeg", 12)),
        ('url="https://p.example/a.mp3" type="audio" length="0"', ("https://p.example/a.mp3", None, None)),
        ('url="https://p.example/a.mp3" length="-5"', ("https://p.example/a.mp3", None, None)),
        ('url="https://p.example/a.mp3" length="1e9"', ("https://p.example/a.mp3", None, None)),
        ('url="https://p.example/a.mp3" length="99999999999999999999"', ("https://p.example/a.mp3", None, None)),
        ('url="ftp://p.example/a.mp3"', None),
        ('type="audio/mpeg"', None),
    ],
)
def test_enclosures(attributes: str, expected: tuple[str, str | None, int | None] | None) -> None:
    found = [(file.url, file.media_type, file.length) for file in item(f"<enclosure {attributes}/>").enclosures]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("guid", "uri"),
    [
        ("tag:p.example,2026:1", True),
        ("urn:uuid:0b1c7a86-6f3e-4c55-9c1b-7f5ff2e1b7a0", True),
        ("https://social.example/users/a/statuses/1", True),
        ("at://did:plc:abc/app.bsky.feed.post/1", True),
        ("https://p.example/", False),
        ("tag:nothing", False),
        ("post:12", False),
        ("12345", False),
        ("https://p.example/ a", False),
    ],
)
def test_ids_that_are_the_same_everywhere(guid: str, uri: bool) -> None:
    post = item(f'<guid isPermaLink="false">{guid}</guid>')
    assert post.native_id == guid
    assert post.uri == (guid if uri else None)


def test_ids_are_found_where_there_are_none() -> None:
    assert item("<link>https://p.example/a?utm_source=rss</link>").native_id == "https://p.example/a?utm_source=rss"
    first, again, other = item("<title>A</title>"), item("<title>A</title>"), item("<title>B</title>")
    assert first.native_id == again.native_id != other.native_id


def test_long_ids_are_shortened_and_stay_different() -> None:
    one, two = (item(f"<guid>{'x' * 5000}{end}</guid>").native_id for end in "ab")
    assert len(one) <= MAX_ID
    assert one != two
