"""Lists of subscriptions as people have them: what can be taken is, what can't is named with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.sources.feeds.opml.reading import MOST_BYTES, read_opml
from aggregator.sources.feeds.opml.values import Listed, OpmlError

GOOD = '<outline type="rss" text="Good" xmlUrl="https://good.example/f"/>'
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><head><title>Mine</title></head>'


def around(*outlines: str, head: str = HEAD) -> str:
    """A document with these outlines, each in a line of its own from the fourth on, and a good one behind them."""
    return "\n".join([head, "<body>", *outlines, GOOD, "</body></opml>", ""])


def urls(read: Listed) -> list[str]:
    return [each.url for each in read.found]


# What programs write wrong → the addresses beside the good one, and the titles.
MENDED = {
    "a bare ampersand": (
        '<outline text="R&D" xmlUrl="https://a.example/?x=1&y=2"/>',
        "https://a.example/?x=1&y=2",
        "R&D",
    ),
    "a word behind it": (
        '<outline text="a" xmlUrl="https://a.example/?x=1&copy=2"/>',
        "https://a.example/?x=1&copy=2",
        "a",
    ),
    "near miss: an entity of XML": (
        '<outline text="&lt;b&gt; &amp;amp;" xmlUrl="https://a.example/?x=1&amp;y=2"/>',
        "https://a.example/?x=1&y=2",
        "<b> &amp;",
    ),
    "an entity of HTML": (
        '<outline text="H&auml;fen &ndash; K&uuml;ste" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "Häfen – Küste",
    ),
    "one that is markup": (
        '<outline text="a &LT; b &QUOT;c&QUOT;" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        'a < b "c"',
    ),
    "near miss: no entity of HTML": (
        '<outline text="&ferry; &Lol9;" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "&ferry; &Lol9;",
    ),
    "a control character": (
        '<outline text="Fer\x08ry\x0b" xmlUrl="https://a.example/\x00f"/>',
        "https://a.example/f",
        "Ferry",
    ),
    "a reference to one": (
        '<outline text="Fer&#8;ry&#x1F; &#150; &#xFFFF;" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "Ferry –",
    ),
    "near miss: a tabulator": (
        '<outline text="Fer&#9;ry\tnews" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "Fer ry news",
    ),
    "a smaller-than": (
        '<outline text="5 < 7 <3" xmlUrl="https://a.example/f?q="/>',
        "https://a.example/f?q=",
        "5 < 7 <3",
    ),
    "no quotes": ("<outline text=Ferry xmlUrl=https://a.example/f />", "https://a.example/f", "Ferry"),
    "an attribute twice": (
        '<outline text="One" text="Two" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "One",
    ),
    "no space between": ("<outline text='Ferry'xmlUrl='https://a.example/f'/>", "https://a.example/f", "Ferry"),
    "in capitals": ('<OUTLINE TEXT="Ferry" XMLURL="https://a.example/f"/>', "https://a.example/f", "Ferry"),
    "another case": ('<outline Title="Ferry" xmlURL="https://a.example/f"/>', "https://a.example/f", "Ferry"),
    "url=": ('<outline type="RSS" title="Ferry" url="https://a.example/f"/>', "https://a.example/f", "Ferry"),
    "url= of Atom": ('<outline type="atom" title="Ferry" url="https://a.example/f"/>', "https://a.example/f", "Ferry"),
    "near miss: both": (
        '<outline type="rss" text="a" url="https://x.example/" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "a",
    ),
    "feed:": ('<outline text="a" xmlUrl="feed:https://a.example/f"/>', "https://a.example/f", "a"),
    "feed://, then all of it": ('<outline text="a" xmlUrl="FEED://https://a.example/f"/>', "https://a.example/f", "a"),
    "itpc://": ('<outline text="a" xmlUrl="itpc://a.example/f"/>', "http://a.example/f", "a"),
    "pcast:": ('<outline text="a" xmlUrl="pcast:a.example/f"/>', "http://a.example/f", "a"),
    "feed/": ('<outline text="a" xmlUrl="feed/http://a.example/f"/>', "http://a.example/f", "a"),
    "near miss: a folder": ('<outline text="a" xmlUrl="a.example/feed/http"/>', "https://a.example/feed/http", "a"),
    "feeds://": ('<outline text="a" xmlUrl="feeds://a.example/f"/>', "https://a.example/f", "a"),
    "near miss: a host": (
        '<outline text="a" xmlUrl="https://feed.example/feed:1"/>',
        "https://feed.example/feed:1",
        "a",
    ),
    "no scheme": ('<outline text="a" xmlUrl="www.a.example/f?x=1"/>', "https://www.a.example/f?x=1", "a"),
    "no scheme, a port": ('<outline text="a" xmlUrl="a.example:8080/f"/>', "https://a.example:8080/f", "a"),
    "the address for a title": (
        '<outline text="https://a.example/f" xmlUrl="https://a.example/f"/>',
        "https://a.example/f",
        "",
    ),
    "nothing for a title": ('<outline xmlUrl="https://a.example/f"/>', "https://a.example/f", ""),
}


@pytest.mark.parametrize(("outline", "url", "title"), MENDED.values(), ids=MENDED)
def test_an_outline_is_taken_as_it_is_meant(outline: str, url: str, title: str) -> None:
    read = read_opml(around(outline))
    assert [(each.url, each.title) for each in read.found] == [(url, title), ("https://good.example/f", "Good")]
    assert (read.left_out, read.notes) == ([], [])


# What can't be taken → what is said of it.
LEFT_OUT = {
    "a password": (
        '<outline text="Mine" xmlUrl="https://me:s3cret@a.example/f"/>',
        "line 4: Mine: it has a user or password in it, and addresses are stored where everybody reads them; "
        "write it into the file with `user` and `password_env`",
    ),
    "a password behind feed:": (
        '<outline xmlUrl="feed://me:s3cret@a.example/f"/>',
        "line 4: an outline: it has a user",
    ),
    "a password in the title too": (
        '<outline text="https://me:s3cret@a.example/f" xmlUrl="https://me:s3cret@a.example/f"/>',
        "line 4: a.example: it has a user",
    ),
    "a title that turns the line": (
        '<outline text="\u202eFer\u200bry" xmlUrl="gopher://a.example/"/>',
        "line 4: Ferry: no http or https address",
    ),
    "another scheme": (
        '<outline text="Old" xmlUrl="gopher://a.example/"/>',
        "line 4: Old: no http or https address: gopher://a.example/",
    ),
    "another with a password": (
        '<outline text="Old" xmlUrl="ftp://me:s3cret@a.example/"/>',
        "line 4: Old: no http or https address (ftp:…)",
    ),
    "a path": ('<outline text="Own" xmlUrl="/feed.xml"/>', "line 4: Own: no http or https address: /feed.xml"),
    "a file": ('<outline text="Own" xmlUrl="file:///etc/passwd"/>', "line 4: Own: no http or https address: file:"),
    "a link": (
        '<outline text="Page" type="link" url="https://a.example/"/>',
        "line 4: Page: no feed, but of type link",
    ),
    "another list": ('<outline text="More" type="include" url="https://a.example/o.opml"/>', "of type include"),
    "a page alone": (
        '<outline text="Blog" htmlUrl="https://a.example/"/>',
        "line 4: Blog: it has the address of a page",
    ),
    "no address": ('<outline text="Blog" type="rss" xmlUrl=""/>', "line 4: Blog: it has no address"),
    "made of a page": (
        '<outline text="Shop" type="HTML+XPath" xmlUrl="https://a.example/"/>',
        "line 4: Shop: no feed, but",
    ),
}


@pytest.mark.parametrize(("outline", "said"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_cannot_be_taken_is_named_and_the_rest_is_taken(outline: str, said: str) -> None:
    read = read_opml(around(outline))
    assert urls(read) == ["https://good.example/f"]
    [line] = read.left_out
    assert said in line and "s3cret" not in line


def test_one_of_a_hundred_has_a_password() -> None:
    outlines = [f'<outline text="{n}" xmlUrl="https://p{n}.example/f"/>' for n in range(100)]
    outlines[41] = '<outline text="41" xmlUrl="https://me:s3cret@p41.example/f"/>'
    read = read_opml(around(*outlines))
    assert len(read.found) == 100 and [line[:11] for line in read.left_out] == ["line 45: 41"]


@pytest.mark.parametrize(
    "outline",
    ['<outline text="Empty"/>', '<outline text="Empty" type="rss"><outline text="a"/></outline>', "<!-- & -->"],
)
def test_a_folder_without_feeds_is_nothing_left_out(outline: str) -> None:
    read = read_opml(around(outline))
    assert (urls(read), read.left_out) == (["https://good.example/f"], [])


# ---------------------------------------------------------------- documents


@pytest.mark.parametrize(
    "document",
    [
        f'<!DOCTYPE opml SYSTEM "http://www.opml.example/opml.dtd">\n<opml><body>{GOOD}</body></opml>',
        f'<!DOCTYPE opml [\n<!ELEMENT outline (outline*)>\n<!ATTLIST outline text CDATA "x">\n]>\n<opml>{GOOD}</opml>',
        f"\n\n <?xml version='1.0' encoding='UTF-8'?><opml><body>{GOOD}</body></opml>",
        f"<opml>{GOOD}<body></body></opml>",
        f"<opml><head><title>x</title>{GOOD}</head></opml>",
        f"<opml><body/>{GOOD}</opml>",
        f"<body>{GOOD}</body>",
        GOOD,
        f"<opml><body/></opml>\n<?xml version='1.0'?><opml><body>{GOOD}</body></opml>",
        f"<opml><body>{GOOD}</body></opml>\nSent from my phone",
        f'<?xml version="1.0"?><x:opml xmlns:x="urn:x"><x:body>{GOOD.replace("<", "<x:")}</x:body></x:opml>',
        "<opml><body><a:b/>" + GOOD.replace("/>", " fz:quickMode='false'/></body></opml>"),
    ],
)
def test_where_it_stands_and_what_stands_around_it_makes_no_difference(document: str) -> None:
    read = read_opml(document)
    assert (urls(read), read.left_out) == (["https://good.example/f"], [])


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("utf-8", "utf-16"),
        ("UTF-32", "utf-32-be"),
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("UTF-16", "utf-8"),
        ("UTF-8", "cp1252"),
        ("us-ascii", "utf-8"),
        ("no-such-thing", "utf-8"),
    ],
)
def test_the_bytes_count_and_not_what_is_declared(declared: str, encoding: str) -> None:
    title = "Fähre" if encoding == "iso-8859-1" else "Fähre – „Küste“"
    text = around(f'<outline text="{title}" xmlUrl="https://a.example/f"/>', head=HEAD.replace("UTF-8", declared))
    read = read_opml(text.encode(encoding))
    assert [each.title for each in read.found] == [title, "Good"]


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "<outline te",
        '<outline text="Half',
        "<outline text='a' xmlUrl='https://a.example/",
        "</outl",
        "<!-- a",
        "</body>",
    ],
)
def test_of_a_document_that_is_cut_short_what_came_before_is_taken(rest: str) -> None:
    read = read_opml(f"<opml>\n<body>\n{GOOD}\n{rest}")
    assert urls(read) == ["https://good.example/f"]
    [line] = read.left_out
    assert line.startswith("the document ends in the middle, in line 4: what stood before that is taken")


def test_what_is_broken_beyond_mending_ends_the_reading_in_words() -> None:
    broken = '<outline text="the "ferry"" xmlUrl="https://a.example/f"/>'
    read = read_opml(around(GOOD, broken))
    assert urls(read) == ["https://good.example/f"]
    assert [line[:24] for line in read.left_out] == ["line 5: broken markup (n"]
    with pytest.raises(OpmlError, match="line 4: broken markup"):
        read_opml(around(broken))
    read = read_opml(around('<outline text="Page" type="link" url="https://a.example/"/>', broken))
    assert [line[:12] for line in read.left_out] == ["line 4: Page", "line 5: brok"] and not read.found


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!doctype x [<!entity % a SYSTEM "file:///etc/passwd"> %a;]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1/">]>',
    ],
)
def test_entities_of_its_own_are_refused(declared: str) -> None:
    with pytest.raises(OpmlError, match="it declares entities"):
        read_opml(f"{declared}<opml><body>{GOOD}</body></opml>")


def test_a_reference_to_an_entity_that_nobody_declared_is_text() -> None:
    read = read_opml(
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1/x"><opml><outline text="&xxe;" xmlUrl="a.example/f"/></opml>'
    )
    assert [each.title for each in read.found] == ["&xxe;"]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("<!doctype html><title>x</title><p>Hello<br>", "a page of HTML.*`aggregator add URL` finds"),
        ("<!-- x -->\n<HTML><body>", "a page of HTML"),
        (
            "<rss version='2.0'><channel><title>x</title></channel></rss>",
            "it is a feed, not OPML.*`aggregator add URL`",
        ),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "it is a feed"),
        ("<urlset/>", "it is a sitemap"),
        ("<music/>", "it is not OPML, but <music>"),
        ("<opml><body>", "the document ends in the middle, in line 1"),
        ("<!-- nothing -->", "there is nothing in it"),
        ('{"feeds": ["https://a.example/f"]}', "neither OPML nor a list"),
        ('[[feeds]]\nurl = "https://a.example/f"\n', "neither OPML nor a list"),
        ("Dear all,\nhere are the feeds:\nhttps://a.example/f\nYours", "neither OPML nor a list"),
        ("x" * (MOST_BYTES + 1), "more than 50 MiB"),
    ],
)
def test_what_is_something_else_is_called_so(document: str, why: str) -> None:
    with pytest.raises(OpmlError, match=why):
        read_opml(document)


def test_a_list_without_feeds_is_a_list() -> None:
    assert urls(read_opml("<opml><body/></opml>")) == []


# ---------------------------------------------------------------- folders, and what is there twice


def test_folders_are_the_outlines_around() -> None:
    read = read_opml(
        around(
            '<outline text="Press"><outline title="Ports" text="x"><outline xmlUrl="https://a.example/f"/></outline>',
            '<outline xmlUrl="https://b.example/f"/></outline>',
            '<outline><outline text="  AI /\n ML "><outline xmlUrl="https://c.example/f"/></outline></outline>',
            '<outline xmlUrl="https://d.example/f" category="/Trade/Steel,/Money"/>',
        )
    )
    assert [each.folders for each in read.found] == [
        ("Press", "Ports"),
        ("Press",),
        ("AI / ML",),
        ("Trade", "Steel"),
        (),
    ]


def test_a_feed_whose_end_is_missing_is_no_folder() -> None:
    read = read_opml(
        '<opml><body><outline text="Open" xmlUrl="https://a.example/f"><outline xmlUrl="https://b.example/f"/>'
    )
    assert [(each.url, each.folders) for each in read.found] == [
        ("https://a.example/f", ()),
        ("https://b.example/f", ()),
    ]
    assert len(read.left_out) == 1


def test_a_feed_that_is_there_twice_is_taken_once() -> None:
    read = read_opml(
        around(
            '<outline text="Press"><outline xmlUrl="https://a.example/f"/></outline>',
            '<outline text="Ports"><outline text="A" xmlUrl="http://www.a.example/f/" htmlUrl="https://a.example/"/></outline>',
            '<outline text="B" xmlUrl="https://a.example/f/2"/>',
        )
    )
    [one, near, _] = read.found
    assert (one.url, one.title, one.site_url, one.folders) == (
        "https://a.example/f",
        "A",
        "https://a.example/",
        ("Press",),
    )
    assert near.url == "https://a.example/f/2"
    assert read.notes == ["line 5: A is there already, in line 4, and stays in its folder Press"]
    assert read.left_out == []


def test_the_address_of_a_page_with_a_password_is_let_go() -> None:
    read = read_opml(around('<outline xmlUrl="https://a.example/f" htmlUrl="https://me:s3cret@a.example/"/>'))
    assert [each.site_url for each in read.found] == [None, None]


def test_very_many_and_very_deep_ones_are_read() -> None:
    many = "".join(f'<outline text="{n}" xmlUrl="https://p{n}.example/f"/>\n' for n in range(30_000))
    assert len(read_opml(f"<opml><body>{many}</body></opml>").found) == 30_000
    deep = '<outline text="x">' * 50_000 + GOOD + "</outline>" * 50_000
    [found] = read_opml(f"<opml><body>{deep}</body></opml>").found
    assert found.folders == ("x",) * 32


@pytest.mark.parametrize(
    "start",
    [
        '<outline a="', "<outline " + "a=b" * 20_000, "<a b=" * 20_000, "&" * 50_000, "<!DOCTYPE [" * 50_000,
        "<?xml " * 50_000, "<!-- -->" * 5000, "<!--" * 5000, "=" * 50_000, "<a " + "b='c'" * 20_000,
    ],
)  # fmt: skip
def test_nonsense_takes_no_time(start: str) -> None:
    """Whatever a pattern tries, it tries once."""
    with pytest.raises(OpmlError):
        read_opml(f"{start}{'x ' * 20_000}")


# ---------------------------------------------------------------- plain lists


def test_a_plain_list_is_taken() -> None:
    read = read_opml(b"\xef\xbb\xbf# mine\r\nhttps://a.example/f\r\n\r\nfeed://b.example/f\r\nwww.c.example/f\r\n")
    assert urls(read) == ["https://a.example/f", "http://b.example/f", "https://www.c.example/f"]
    assert [each.line for each in read.found] == [2, 4, 5]


def test_so_is_newsboats_with_its_tags_and_titles() -> None:
    read = read_opml(
        'https://a.example/f "Press" "~The \\"Ferry\\"" late\nhttps://b.example/f ~Bay ! harbour\n'
        '"query:Unread:unread = \\"yes\\""\nexec:/bin/sh\nhttps://me:s3cret@c.example/f\nhttps://d.example/f\nhttps://e.example/\n'
    )
    assert [(each.url, each.title, each.folders) for each in read.found] == [
        ("https://a.example/f", 'The "Ferry"', ("Press",)), ("https://b.example/f", "Bay", ("harbour",)),
        ("https://d.example/f", "", ()), ("https://e.example/", "", ()),
    ]  # fmt: skip
    assert [line.partition(" address")[0] for line in read.left_out[:2]] == [
        "line 3: no http or https", "line 4: no http or https",
    ]  # fmt: skip
    assert read.left_out[2].startswith("line 5: c.example: it has a user or password in it")
    assert "s3cret" not in str(read)


_PIECES = [
    *(
        GOOD,
        HEAD,
        "<body>",
        "</body>",
        "<outline",
        "<outline text='a'>",
        "</outline>",
        ">",
        "/>",
        '"',
        "'",
        "&",
        "&#0;",
    ),
    *(
        "&x;",
        " xmlUrl=",
        "https://me:s3cret@a.example/f",
        "<!DOCTYPE a [",
        "]>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?",
    ),
    *("<?xml ?>", "</documents>", "\x00", "\ud800", "\u2028", "\n", "type='rss' url=", "<html>", " title="),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_whatever_it_is_no_password_is_taken_or_told(pieces: list[str]) -> None:
    try:
        read = read_opml("".join(pieces))
    except OpmlError as error:
        assert "s3cret" not in str(error)
    else:
        assert "s3cret" not in " ".join([*read.left_out, *read.notes, *map(str, read.found)])
