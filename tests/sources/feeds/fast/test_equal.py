"""What the fast parser reads is what feedparser reads, in each field of each entry."""

from __future__ import annotations

import random

import pytest

from aggregator.model.source import Parser, Source
from aggregator.sources.feeds import xml_feed
from aggregator.sources.feeds.fast.document import read_fast
from aggregator.sources.feeds.fast.fields import ACTIONS
from aggregator.sources.feeds.fast.names import HANDLED
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.xml_feed import prepared, read_xml
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.bent_feeds import bent
from benchmarks.parsers import NOW, PARSERS, URL, compare
from tests.helpers.one_entry import atom, rss

RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://p.example/"><title>Paper</title>'
    "<link>https://p.example/</link><items><rdf:Seq><rdf:li rdf:resource='https://p.example/1'/></rdf:Seq></items>"
    "</channel><image><title>Picture</title></image><item rdf:about='https://p.example/1'><title>One</title>"
    "<dc:creator>Ann</dc:creator><dc:date>2026-11-02T10:00:00Z</dc:date></item></rdf:RDF>"
)

# What each is about → documents, all of which the fast parser reads by itself.
DOCUMENTS = {
    "the usual": rss(
        "<title>One &amp; two</title><link>https://p.example/1?a=1&amp;b=2</link><guid>https://p.example/1</guid>"
        "<description>&lt;p&gt;Text&lt;/p&gt;</description><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>"
    ),
    "the usual, of Atom": atom(
        '<id>tag:p.example,2026:1</id><title type="html">One</title><link href="/1"/><author><name>Ann</name>'
        '<uri>/ann</uri></author><content type="html">&lt;p&gt;T&lt;/p&gt;</content>'
        "<updated>2026-11-02T10:00:00Z</updated>"
    ),
    "RDF": RDF,
    "the title that stands least deep": rss(
        "<media:group><media:title>Deep</media:title></media:group><title>Real</title><media:title>No</media:title>"
    ),
    "an empty title, and another": rss("<title/><media:content><media:title>Deep</media:title></media:content>"),
    "a title after the source's": rss('<title>A</title><source url="/s">S</source><dc:title>B</dc:title>'),
    "a source with an address": rss(
        "<title>A - S &amp; T</title><source url=' https://s.example '> S &amp; T </source><source url='/u'/>"
    ),
    "two sources": rss("<title>A - S</title><source url='/u'>T</source><source url='https://s.example'>S</source>"),
    "a source of Atom": atom("<title>A</title><source><title>S</title><id>s</id></source><title>B</title>"),
    "two titles of a feed": rss("", "<title>A</title><title>B</title>"),
    "a title of a feed after its picture": rss("", "<title>A</title><image><title>P</title></image><title>B</title>"),
    "several texts": rss(
        "<description>one</description><description>two</description><content:encoded>three</content:encoded>"
        "<itunes:summary>four</itunes:summary><description>five</description>"
    ),
    "a podcast's summary before its description": rss(
        "<description>a</description>",
        ("<itunes:summary>S</itunes:summary><description>D</description><itunes:subtitle>T</itunes:subtitle>"),
    ),
    "an id that is the link": rss("<guid>https://p.example/1</guid>"),
    "an id that is none": rss('<guid isPermaLink="false">https://p.example/1</guid>'),
    "a feed's id before its link": atom(
        "<title>A</title>", '<id>https://p.example/id</id><link rel="self" href="/s"/>'
    ),
    "too many slashes": rss("<link>https:////p.example//1</link><guid>http:///p.example</guid>"),
    "links of all kinds": atom(
        '<link rel="replies" href="/r"/><link rel="Enclosure" href="/e.mp3" type="Audio/MPEG" length="1"/>'
        '<link uri="/u"/>'
        '<link type="text/plain" href="/t"/><link>https://p.example/text?a=1&amp;amp;b;</link><link/>'
    ),
    "authors with addresses": rss(
        "<author>ann@p.example (Ann)</author><author>Ann &lt;ann@p.example&gt;</author><dc:creator>Bob</dc:creator>"
    ),
    "authors of Atom": atom(
        "<author><name>Ann</name><email>ann@p.example</email></author><author><email>bob@p.example</email></author>"
        "<author><uri>/c</uri></author><author>Dan</author>"
    ),
    "a feed's author": atom("<title>A</title>", "<author><name>Ann</name></author><author><name>Bob</name></author>"),
    "an owner beside authors": rss("<author>Ann</author><itunes:owner><itunes:name>Own</itunes:name></itunes:owner>"),
    "tags": rss(
        '<category domain="d">one</category><category domain="d">one</category><category/><category>two</category>'
        "<media:keywords>a, b,,c</media:keywords><itunes:keywords>a,d</itunes:keywords><dc:subject>three</dc:subject>"
        '<itunes:category text="four"><itunes:category text="five"/></itunes:category>'
    ),
    "words that are none": rss("<itunes:keywords x='y'>a<title>T</title></itunes:keywords><media:keywords x='y'/>"),
    "tags of Atom": atom('<category term="t" label="L" scheme="s"/><category label="only"/><category>text</category>'),
    "files": rss(
        '<media:group><media:content URL="/a.jpg" medium="image"><media:description>A harbour</media:description>'
        '</media:content><media:description>All</media:description><media:rating scheme="x">adult</media:rating>'
        '</media:group><enclosure url="/a.mp3" length="3" type="AUDIO/mpeg"/>'
    ),
    "encoded twice, and Windows-1252": rss("<title>caf\u00c3\u00a9 \u00c2\u0093x</title><author>\x93B\x94</author>"),
    "not encoded twice": rss(
        "<media:description>caf\u00c3\u00a9</media:description><author>\u00c3\u00a9 \u2013</author>"
    ),
    "plain text that is HTML": rss(
        "<title>&lt;b&gt;a&lt;/b&gt;</title><description type='text'>&amp;lt;</description>"
    ),
    "dates of others": rss(
        "<prism:publicationDate>2026-11-02</prism:publicationDate><dcterms:available>2026-11-03</dcterms:available>"
        "<date>2026-11-04</date><dcterms:unheard>x</dcterms:unheard>"
    ),
    "a date that nobody can read": rss("<pubDate>next Tuesday</pubDate><dc:date>the day after</dc:date>"),
    "languages": atom(
        '<title xml:lang="de_AT">A</title><summary lang="">B</summary><content xml:lang="fr">C</content>',
        "",
        'xml:lang="en"',
    ),
    "bases, which feedparser keeps": atom(
        '<link href="a"/><content xml:base="https://b.example/c/" type="html">x</content><link href="d"/><id>e</id>',
        '<link href="f"/>',
        'xml:base="https://a.example/g/"',
    ),
    "a base of one text": rss(
        '<content:encoded xml:base="https://b.example/">x</content:encoded><link>d</link><guid/>'
    ),
    "names by other prefixes": atom("<a10:title>A</a10:title><other:title>B</other:title><a10:summary>S</a10:summary>"),
    "other vocabularies around fields": rss("<other:all><title>Deep</title><other:x y='z'>t</other:x></other:all>"),
    "bad references in CDATA": rss("<description><![CDATA[&#1; &#x110000; &nosuch; &amp;lt;]]></description>"),
    "runs of blanks": rss(f"<description>a{' ' * 300}b</description><title>\n\t c \n</title>"),
    "comments and instructions in a text": rss("<title>a<!-- b -->c<?d e?>f</title>"),
    "upper case": '<RSS version="2.0"><Channel><Item><TITLE>A</TITLE></Item></Channel></RSS>',
    "empty": rss(""),
    "XHTML": atom(
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p class="&lt;&quot;" Rel="A">1 &lt; 2<br/>3'
        '</p></div></content><summary type="xhtml">\n <x:div xmlns:x="http://www.w3.org/1999/xhtml">4</x:div>5</summary>'
    ),
    "Atom 0.3": (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><tagline>T</tagline><entry>'
        '<title mode="escaped" type="text/html">A &amp;amp; B</title><issued>2026-11-02T10:00:00Z</issued>'
        '<content type="application/xhtml+xml" mode="xml"><div>1</div></content><link href="/1"/></entry></feed>'
    ),
    "a feed of no vocabulary": "<feed><title>A</title><entry><title>&lt;b>A&lt;/b></title></entry></feed>",
    "a type": '\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "rss.dtd">'
    + rss("<title>A</title>"),
    "XHTML in two": atom(
        '<content type="xhtml"><div>1</div><div>2</div></content><title type="xhtml">A &lt; B</title>'
    ),
    "XHTML in RSS": rss('<description type="xhtml"><div>1</div></description>'),
    "elements that should have been escaped": rss(
        "<title>A &lt; <b>bold</b> &lt; word</title><description>1 <p>2</p> <div>3</div> &amp;lt;</description>"
    ),
    "a drawing with a title": atom(
        '<content type="xhtml"><p><svg viewBox="0" xmlns="http://www.w3.org/2000/svg"><title>T</title></svg></p></content>'
    ),
    "languages and bases within": atom(
        '<content type="xhtml"><div lang="fr"><a xml:base="https://b.example/" href="c">1</a></div></content>'
        '<link href="d"/><other:x xml:lang="it"><summary>2</summary></other:x><title>3</title>',
        attributes='xml:lang="en"',
    ),
    "a channel in one language": RDF.replace("<channel ", '<channel xml:lang="de" '),
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_read_as_feedparser_reads_it(text: str) -> None:
    found = compare([("it", text.encode())])
    assert (found.fast, found.differences) == (["it"], {})


@pytest.mark.parametrize("seed", range(40))
def test_so_is_what_became_of_it(seed: int) -> None:
    dice = random.Random(seed)
    bodies = [(str(n), bent(dice.choice(list(DOCUMENTS.values())).encode(), dice)) for n in range(20)]
    found = compare(bodies)
    assert found.differences == {}, {name: body for name, body in bodies if name in found.differences}


def test_every_element_that_feedparser_handles_is_known() -> None:
    """A new version of it with one more makes this fail: then that one is read here, too, or raises a doubt."""
    assert set(ACTIONS) == HANDLED


@pytest.mark.parametrize(("parser", "is_fast"), [("auto", True), ("feedparser", False)])
def test_who_reads_is_said_by_the_source(parser: Parser, is_fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[str] = []

    def noted(name: str) -> None:
        read = getattr(xml_feed, name)
        monkeypatch.setattr(xml_feed, name, lambda text: readers.append(name) or read(text))

    noted("read_fast")
    noted("by_feedparser")
    source = Source(kind="feed", url=URL, parser=parser)
    found = read_feed(DOCUMENTS["the usual"].encode(), None, URL, source, Taxonomy(()), NOW)
    assert [each.post.title for each in found.posts] == ["One & two"]
    assert readers == (["read_fast"] if is_fast else ["by_feedparser"])


@pytest.mark.parametrize("before", range(24))
def test_runs_of_a_hundred_blanks_are_found_wherever_they_begin(before: int) -> None:
    text = prepared(f"<a>{'x' * before}{' ' * 100}y{' ' * 99}z")[0]
    assert text.endswith(f"<a>{'x' * before}\ny{' ' * 99}z")


def test_the_parsers_are_given_the_same_text() -> None:
    text, warning = prepared(rss("<title>AT&T \x01</title>"))
    assert not warning
    assert read_fast(text)["entries"][0]["title"] == xml_feed.by_feedparser(text)["entries"][0]["title"] == "AT&T"


def test_what_feedparser_alone_reads_is_the_same_document() -> None:
    assert [len(read_xml(RDF, URL, parser=parser).entries) for parser in PARSERS] == [1, 1]
