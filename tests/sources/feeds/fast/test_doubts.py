"""What is not sure is left to feedparser: each doubt, and that the document is read all the same."""

from __future__ import annotations

import pytest

from aggregator.sources.feeds.fast.document import read_fast
from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.xml_feed import prepared, read_xml
from tests.helpers.one_entry import atom, rss

URL = "https://p.example/feed"
A = "<title>A</title>"

DOUBTS: dict[Why, list[str]] = {
    Why.MALFORMED: [rss(f"{A}<b>"), rss(f"{A}<no:prefix/>"), rss(f"{A}&nosuch;")],
    Why.DOCTYPE: [f"<!DOCTYPE rss [<!ENTITY x 'y'>]>{rss(A)}", f"<!DOCTYPE rss [<!ELEMENT x ANY>]>{rss(A)}"],
    Why.ROOT: [
        '<channel href="/"><item href="/1"><title>A</title></item></channel>',
        '<feed xmlns:x="http://purl.org/rss/1.0/"><entry><title>A</title></entry></feed>',
    ],
    Why.LAYOUT: [
        '<rss version="2.0"><channel/><item><title>A</title></item></rss>',
        '<rss version="2.0"><channel/><channel><item><title>A</title></item></channel></rss>',
    ],
    Why.DEEP: [
        rss(A + "<a>" * 100 + "</a>" * 100),
        rss(f"<description>{'<a>' * 100}{'</a>' * 100}</description>{A}"),
        rss(A + "<itunes:category text='B'>" * 3_000 + "</itunes:category>" * 3_000),
    ],
    Why.PREFIX: [
        rss(A + '<x:title xmlns:x="urn:1"/><y:title xmlns:y="urn:1"/>'),
        rss(A + '<x:title xmlns:x="urn:1"/><x:title xmlns:x="urn:2"/>'),
        '<rss xmlns:media="http://purl.org/dc/elements/1.1/" xmlns:m="http://search.yahoo.com/mrss/"><channel><item>'
        "<title>A</title><m:title>B</m:title></item></channel></rss>",
    ],
    Why.ATTRIBUTE: [
        rss(f'{A}<guid other:isPermaLink="false">x</guid>'),
        rss(f'{A}<description>B <b dc:x="y">C</b></description>'),
    ],
    Why.BASE: [atom(f'{A}<author><name xml:base="b/">Ann</name></author>')],
    Why.NESTED: [rss(f"{A}<item><title>B</title></item>"), rss(f"{A}<other:x><item><title>B</title></item></other:x>")],
    Why.ELEMENTS_IN_TEXT: [
        rss(f"{A}<description>B <link>/b</link></description>"),
        rss("<guid>A <b>bold</b></guid>"),
        atom(f'{A}<title type="xhtml"><svg xmlns="http://www.w3.org/2000/svg"><title>B</title></svg></title>'),
        atom(f'{A}<content type="xhtml"><math xmlns="http://www.w3.org/1998/Math/MathML"/></content>'),
        rss(f'{A}<body xmlns="http://www.w3.org/1999/xhtml"><p>B</p></body>'),
        rss(f"{A}<dcterms:available><other:x>2026-11-02</other:x></dcterms:available>"),
        rss(f"{A}<pubDate><time datetime='2026-11-02'/></pubDate>"),
    ],
    Why.CONTENT_TYPE: [
        atom(f'{A}<content type="text/html" mode="base64">QQ==</content>'),
        atom(f'{A}<content type="image/png" src="/b.png"/>'),
    ],
    Why.DIV: [rss(f"{A}<description><div>B</div></description>")],
    Why.CDF: [
        rss(A).replace("<item>", '<item lastmod="2026-11-02">'),
        rss(A).replace("<channel>", '<channel href="/">'),
    ],
    Why.AUTHOR: [
        atom(f"{A}<author><title>B</title></author>"),
        atom(f"{A}<author><name>Ann <b/></name></author>"),
        rss(f"{A}<contributor><link>/b</link></contributor>"),
        rss(f"{A}<itunes:owner><title>B</title></itunes:owner>"),
    ],
    Why.SOURCE: [atom(f"{A}<source><content>B</content></source>"), rss(A, "<source>B</source>")],
    Why.IMAGE: [
        rss(f"<image><title>B</title></image>{A}"),
        rss(A, "<title>P</title><image><language>de</language><title>B</title></image>"),
        rss(f"{A}<textInput><title>B</title></textInput>"),
    ],
    Why.RARE: [rss(f"{A}<tags>a, b</tags>"), rss(f"{A}<newLocation>/b</newLocation>")],
    Why.FIELD: [
        rss(f"{A}<links>b</links>"),
        rss(f"<title_detail type='text/plain'>x</title_detail>{A}"),
        rss(A, "<publisher_detail>x</publisher_detail><itunes:owner><itunes:name>B</itunes:name></itunes:owner>"),
    ],
    Why.DATE: [],
    Why.ADDRESS: [],
}
# Nothing is known that breaks feedparser's dates; addresses break by the version of Python.
UNSEEN = {Why.DATE, Why.ADDRESS}
EACH = [(why, text) for why, texts in DOUBTS.items() for text in texts]


@pytest.mark.parametrize(("why", "text"), EACH, ids=[f"{why.name} {n}" for n, (why, _) in enumerate(EACH)])
def test_it_is_one_and_feedparser_reads(why: Why, text: str) -> None:
    with pytest.raises(DoubtError) as raised:
        read_fast(prepared(text)[0])
    assert raised.value.why is why
    assert why.value in str(raised.value)
    document = read_xml(text, URL)
    assert document == read_xml(text, URL, parser="feedparser")
    assert document.entries


def test_each_is_tested() -> None:
    assert {why for why in Why if not DOUBTS[why]} == UNSEEN


def test_a_date_on_which_feedparser_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(text: str) -> None:
        raise TypeError(text)

    monkeypatch.setattr("aggregator.sources.feeds.fast.state._parse_date", breaks)
    assert read_fast(rss("<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>"))["entries"]
    with pytest.raises(DoubtError, match="DATE"):
        read_fast(rss("<pubDate>noon</pubDate>"))


def test_whatever_breaks_it_is_read_by_feedparser(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(text: str) -> None:
        raise TypeError(text)

    monkeypatch.setattr("aggregator.sources.feeds.xml_feed.read_fast", breaks)
    assert read_xml(rss(A), URL).entries
