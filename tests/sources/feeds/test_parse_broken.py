"""Documents that are malformed, hostile or no feed at all: said in words, never raised, and no entry lost."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.encoding import decode
from aggregator.sources.feeds.entries import each
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed

pytestmark = pytest.mark.usefixtures("either_parser")

URL = "https://feeds.paper.example/all.xml"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def parsed(document: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    return parse_feed(body, content_type, URL, NOW)


def rss(*titles: str) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>https://p.example/{number}</link></item>"
        for number, title in enumerate(titles)
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>P</title>{items}</channel></rss>'


def titles(feed: ParsedFeed) -> list[str]:
    assert feed.problem == ""
    return [post.title for post in feed.posts]


# ---------------------------------------------------------------- no feed

PAGE = (
    "<!DOCTYPE html><html><head><title>P</title>"
    '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    '<link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="https://p.example/atom.xml">'
    '<link rel="alternate" type="application/feed+json" href="javascript:x()">'
    '<link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" type="text/css" href="/x.css">'
    "</head><body><p>Hello</body></html>"
)


CONSENT = "it asks for consent to cookies first"
BANNER = "<p>We and our partners use cookies. Your privacy matters. Accept all</p>"


@pytest.mark.parametrize(
    ("page", "url", "is_told"),
    [
        (f"<html><body>{BANNER}</body></html>", "https://paper.example/feed", True),
        ("<html><title>Zustimmung</title><body>Cookies und Werbung</body></html>", "https://paper.example/feed", True),
        ("<html><body>Weiter</body></html>", "https://consent.paper.example/?to=feed", True),
        # Pages that have a banner, beside what they say, or that lead to feeds.
        (
            f"<html><body>{BANNER}{'<p>The ferry lies idle.</p>' * 60}</body></html>",
            "https://paper.example/",
            False,
        ),
        (f"<html><link rel=alternate type=application/rss+xml href=/f><body>{BANNER}", "https://paper.example/", False),
        ("<html><title>Cookies</title><body>With chocolate</body></html>", "https://bakery.example/feed", False),
    ],
)
def test_a_page_that_asks_for_consent_is_told_as_that(page: str, url: str, is_told: bool) -> None:
    problem = parse_feed(page.encode(), "text/html", url, NOW).problem
    assert problem.startswith("this is a web page, not a feed") and (CONSENT in problem) is is_told


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("", "empty body"),
        (" \n\t ", "empty body"),
        ("\ufeff", "empty body"),
        ("\0\0\0", "empty body"),
        (
            PAGE,
            "this is a web page, not a feed; it links these feeds: "
            "https://feeds.paper.example/feed.xml, https://p.example/atom.xml",
        ),
        ("<html><body>no</body></html>", "this is a web page, not a feed"),
        ('<?xml version="1.0"?>\n<!-- x -->\n<HTML xmlns="x"><p>a</p></HTML>', "this is a web page, not a feed"),
        ("<!-- <rss> --><head><title>x</title></head>", "this is a web page, not a feed"),
        ("404 page not found", "not XML or JSON: it begins with “404 page not found”"),
        ("%PDF-1.7 \x01\x02", "not XML or JSON: it begins with “%PDF-1.7”"),
        ("<?xml version='1.0'?><opml version='1.0'><body/></opml>", "an XML document <opml>, but not a feed"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "an XML document <svg>, but not a feed"),
        ("{", "malformed JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ('{"items": [\n1,\n', "malformed JSON: Expecting value in line 3, column 1"),
        ('{"error": "no"}', "JSON, but not a JSON Feed: it has no list of items"),
        ('{"items": {}}', "JSON, but not a JSON Feed: it has no list of items"),
        ("[1, 2]", "JSON, but not a JSON Feed: it has no list of items"),
        ("[" * 100_000, "malformed JSON: nested too deep"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(document: str, problem: str) -> None:
    feed = parsed(document)
    assert feed == ParsedFeed(problem=problem)


def test_a_broken_xml_document_is_told_with_its_line() -> None:
    feed = parsed("<?xml version='1.0'?>\n<opml>\n<a></b></opml>")
    assert feed.problem == "an XML document <opml>, but not a feed (malformed XML: mismatched tag in line 3)"


def test_an_empty_feed_is_a_feed() -> None:
    assert titles(parsed(rss())) == []
    assert titles(parsed('<feed xmlns="http://www.w3.org/2005/Atom"/>')) == []
    assert titles(parsed('{"version": "https://jsonfeed.org/version/1", "items": []}')) == []


def test_entries_that_nothing_was_read_of_are_noticed() -> None:
    hidden = '<rss version="2.0"><channel><!-- <item><title>A</title></item> <entry> --></channel></rss>'
    assert parsed(hidden).problem == "2 entries in the document, but none could be read"


# ---------------------------------------------------------------- malformed


@pytest.mark.parametrize(
    "document",
    [
        "\n\n  " + rss("A", "B"),
        "\ufeff\ufeff" + rss("A", "B"),
        "<b>Warning</b>: deprecated function\n" + rss("A", "B"),
        "<!-- cached --><!-- twice -->" + rss("A", "B"),
        rss("A", "B").removesuffix("</channel></rss>"),
        rss("A", "B").removesuffix("</item></channel></rss>"),
        rss("A", "B") + "<script>junk()</script>",
        rss("A", "B").replace("<channel>", "<channel><description>a & b < c</description>"),
        rss("A", "B").replace("<channel>", "<channel><odd:thing>x</odd:thing>"),
        rss("A", "B").replace("<channel>", "<channel><description>&nbsp;&hellip;&unknown;</description>"),
        rss("A", "B").replace("<channel>", "<channel><description>\x00\x0b\x1f\ufffe</description>"),
        rss("A", "B").replace("<channel>", "<channel><description>&#0;&#xB;&#xD800;&#x110000;&#999999999;</desc>"),
        rss("A", "B").replace("<channel>", "<channel><description>\ud800</description>"),
        rss("A", "B").replace('encoding="utf-8"', 'encoding="no-such-thing"'),
        rss("A", "B").replace("<?xml", '<?xml-stylesheet href="x"?><?xml'),
        rss("A", "B").replace("<rss", '<!DOCTYPE rss [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><rss'),
        rss("A", "B").replace("<rss", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/x.dtd"><rss'),
        rss("A", "B").replace("<rss ", "<RSS ").replace("</rss>", "</RSS>").replace("item>", "ITEM>"),
        rss("A", "B").replace("</title></item>", "</item>"),
        rss("A", "B").replace("</channel>", "").replace("</item></rss>", "</item></channel></rss>"),
        "<html><body>" + rss("A", "B") + "</body></html>",
    ],
)  # fmt: skip
def test_entries_of_malformed_documents_are_kept(document: str) -> None:
    assert titles(parsed(document)) == ["A", "B"]


def test_a_malformed_feed_says_so() -> None:
    feed = parsed("\n" + rss("A", "B").replace("<channel>", "<channel>\n<a>\n</b>"))
    assert titles(feed) == ["A", "B"]
    assert feed.warnings == ("malformed XML: mismatched tag in line 4",)
    assert parsed(rss("A").replace("<channel>", "<channel><link>&nope;</link>")).warnings == (
        "malformed XML: undefined entity in line 1",
    )


def test_one_bad_entry_costs_no_other() -> None:
    feed = parsed('{"items": [{"id": "1", "title": "A"}, 7, null, {"id": "2", "title": "B"}]}')
    assert titles(feed) == ["A", "B"]
    assert feed.warnings == (
        "entry 2 was left out: TypeError: an item is an object, not int",
        "entry 3 was left out: TypeError: an item is an object, not NoneType",
    )


def test_an_entry_that_breaks_feedparser_costs_no_other() -> None:
    """feedparser raises KeyError on a position without a place."""
    bad = '<gml:pos xmlns:gml="http://www.opengis.net/gml">1 2</gml:pos>'
    feed = parsed(rss("A", f"B</title>{bad}<title>", "C"))
    assert titles(feed) == ["A", "C"]
    assert feed.title == "P"
    assert feed.warnings == (
        "malformed XML: elements are nested in the wrong way",
        "entry 2 was left out: KeyError: 'where'",
    )
    assert titles(parsed(rss("A", "C").replace("<channel>", f"<channel>{bad}"))) == ["A", "C"]


def test_a_document_that_breaks_the_parser_is_a_problem() -> None:
    bad = '<rss version="2.0"><channel><gml:pos xmlns:gml="http://www.opengis.net/gml">1 2</gml:pos></channel></rss>'
    assert parsed(bad).problem == "the document breaks the parser: KeyError: 'where'"


def test_many_warnings_are_counted() -> None:
    feed = parsed(f'{{"items": [{", ".join("7" for _ in range(100))}, {{"id": "1"}}]}}')
    assert len(feed.warnings) == 21
    assert feed.warnings[-1] == "and 80 more"


def test_each_names_what_it_leaves_out() -> None:
    assert each(["1", "x", "3"], int)[0] == [1, 3]
    assert each(["1", "x\x00"], int)[1][0].startswith("entry 2 was left out: ValueError: invalid literal")


# ---------------------------------------------------------------- encodings

TEXT = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><item><title>{}</title></item></channel></rss>'


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "Größe 川 😀"),
        ("iso-8859-1", "Größe"),
        ("windows-1252", "Größe – “x”"),
        ("iso-8859-15", "Größe €"),
        ("windows-1251", "Привет, мир"),
        ("koi8-r", "Привет, мир"),
        ("shift_jis", "川の話"),
        ("euc-jp", "川の話"),
        ("iso-2022-jp", "川の話"),
        ("gb2312", "河流"),
        ("big5", "河流"),
        ("euc-kr", "강 이야기"),
        ("utf-16", "Größe 川"),
        ("utf-16-le", "Größe 川"),
        ("utf-16-be", "Größe 川"),
        ("utf-32", "Größe 川"),
    ],
)
@pytest.mark.parametrize("content_type", [None, "text/xml", "application/rss+xml; charset=iso-8859-1", "text/html"])
def test_encodings(encoding: str, title: str, content_type: str | None) -> None:
    assert titles(parsed(TEXT.format(encoding, title).encode(encoding), content_type)) == [title]


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Größe".encode("latin-1"), "text/xml; charset=iso-8859-1", "Größe"),
        ("Größe".encode(), "text/xml; charset=iso-8859-1", "Größe"),
        ("Größe".encode(), "text/xml; charset=us-ascii", "Größe"),
        ("Привет".encode("cp1251"), 'text/xml; charset="windows-1251"', "Привет"),
        ("Größe".encode("latin-1"), "text/xml; charset=utf-8", "Größe"),
        ("Größe".encode("latin-1"), "text/xml; charset=none", "Größe"),
        (b"Gr\xc3\xb6\xdfe", None, "Größe"),
        (b"\xef\xbb\xbfGr\xc3\xb6\xc3\x9fe", "text/xml; charset=iso-8859-1", "Größe"),
        (b"\x81\x8d", None, "\ufffd\ufffd"),
        ("Größe – “x”".encode().decode("cp1252", "ignore").encode(), None, None),
        ("Größe – ‘x’".encode().decode("cp1252").encode(), None, "Größe – ‘x’"),
        ("Ã¶ is mojibake of ö".encode(), None, "Ã¶ is mojibake of ö"),
        (b"\xff\xfea\x00\x00", None, "a\ufffd"),
        (b"", None, ""),
    ],
)
def test_labels_are_believed_less_than_bytes(body: bytes, content_type: str | None, text: str | None) -> None:
    decoded = decode(body, content_type)
    assert text is None or decoded == text


# ---------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    "document",
    [
        rss("\n" * 1_000_000),
        "\n" * 1_000_000 + rss("A"),
        rss("A").replace("<rss", "<!-- -->" + "\n" * 300_000 + "<rss"),
        rss("<b>" * 30_000),
        rss("&lt;script&gt;" * 50_000),
        rss("A" * 2_000_000),
        rss("A").replace("</item>", "<description>" + "&lt;div&gt;" * 100_000 + "</description></item>"),
        rss("A").replace("</item>", "<a>" * 20_000 + "</item>"),
        rss("A").replace("</item>", "<category>x</category>" * 5_000 + "</item>"),
        rss("A").replace("</item>", '<link href="x"' + " a" * 20_000 + "/></item>"),
        '{"items": [{"id": ' + "9" * 100_000 + ', "title": "A"}]}',
        '{"items": [' + "[" * 200 + "]" * 200 + ', {"id": "1", "title": "A"}]}',
    ],
    ids=range(12),
)
def test_hostile_documents_take_little_time(document: str) -> None:
    started = process_time()
    assert len(parsed(document).posts) == 1
    assert process_time() - started < 3


def test_entities_do_not_multiply() -> None:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "{"x" * 100}">{lines}]>'
    feed = parsed(bomb + '<rss version="2.0"><channel><item><title>A &a9;</title></item></channel></rss>')
    assert len(feed.posts[0].title) < 200


def test_no_file_is_read() -> None:
    external = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    feed = parsed(external + '<rss version="2.0"><channel><item><title>A &x;</title></item></channel></rss>')
    assert feed.posts[0].title in ("A", "A &x;")
    assert parsed(__file__).problem.startswith("not XML or JSON")


UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
PIECES = [
    "<item>", "</item>", "<entry>", "</entry>", "<title>", "</title>", "<link>", "</link>", "<guid>x</guid>",
    "&#xD800;", "&#1;", "&nbsp;", "<![CDATA[", "]]>", "<!--", "-->", "\x00", "\x85", "\ud800", "\ufffe", "<", ">", "&",
    "http://[::1", "javascript:x", "<content type='xhtml'>", "<summary>", "<svg><title>", "<textinput>", "<image>",
    "<media:rating>x</media:rating>", "<author>a@b.c (d)</author>", "<category>x</category>", "{", "}", '"items":', "[",
    "<enclosure url='/a' length='x'/>", "xml:base='http://[x'", "<dc:date>2026</dc:date>", "<source url='x'>", "川",
]  # fmt: skip


def test_whatever_the_bytes_nothing_is_raised_and_all_can_be_stored() -> None:
    chance = random.Random(7)
    for _ in range(400):
        document = list(rss("A", "B", "C"))
        for _ in range(chance.randrange(1, 30)):
            place = chance.randrange(len(document))
            document[place : place + chance.choice((0, 0, 1, 20))] = chance.choice(PIECES)
        check_fit("".join(document).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    check_fit(body)
    check_fit(b"<rss version='2.0'><channel><item><title>" + body)
    check_fit(b'{"items": [{"title": "' + body + b'"}]}')


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_any_title_in_json(title: str) -> None:
    feed = parsed(json.dumps({"items": [{"id": title, "title": title, "content_html": f"<p>{title}</p>"}]}))
    assert len(feed.posts) == 1
    check_fit(
        json.dumps({"title": title, "items": [{"id": title, "title": title, "url": title, "tags": [title]}]}).encode()
    )


def check_fit(body: bytes) -> None:
    feed = parse_feed(body, None, URL, NOW)
    strings = [feed.title or "", feed.site_url or "", feed.problem, *feed.warnings]
    for post in feed.posts:
        strings += [post.title, post.text.replace("\n", ""), (post.html or "").replace("\n", "").replace("\r", "")]
        strings += [
            post.native_id,
            post.uri or "",
            post.url or "",
            post.canonical_url or "",
            post.author or "",
            *post.tags,
        ]
        assert post.native_id
    assert not [text for text in strings if UNFIT.search(text)]
    assert len({post.native_id for post in feed.posts}) == len(feed.posts)
