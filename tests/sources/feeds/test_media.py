"""Files of Media RSS are enclosures; pictures and players are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.model.post import Enclosure, Post
from aggregator.sources.feeds.parse import parse_feed

pytestmark = pytest.mark.usefixtures("either_parser")

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ONE = 'url="https://p.example/one.mp3" type="audio/mpeg"'


def enclosures(inner: str) -> tuple[Enclosure, ...]:
    """Of an RSS item with this inside, and the same of an Atom entry."""
    spaces = 'xmlns:media="http://search.yahoo.com/mrss/"'
    rss = f'<rss version="2.0" {spaces}><channel><item><title>A</title>{inner}</item></channel></rss>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" {spaces}><entry><title>A</title>{inner}</entry></feed>'
    [one] = parse_feed(rss.encode(), None, "https://p.example/f", NOW).posts
    [other] = parse_feed(atom.encode(), None, "https://p.example/f", NOW).posts
    assert one.enclosures == other.enclosures
    return one.enclosures


@pytest.mark.parametrize(
    ("attributes", "file"),
    [
        (f'{ONE} fileSize="12"', ("https://p.example/one.mp3", "audio/mpeg", 12)),
        ('url="/a?x=1&amp;y=2" type="Video/MP4"', ("https://p.example/a?x=1&y=2", "video/mp4", None)),
        ('url="https://p.example/a" medium="audio"', ("https://p.example/a", None, None)),
        ('url="https://p.example/a" medium="video" isDefault="true"', ("https://p.example/a", None, None)),
        ('url="https://p.example/a.M4A?x=1"', ("https://p.example/a.M4A?x=1", None, None)),
        ('url="https://p.example/a" type="application/pdf"', ("https://p.example/a", "application/pdf", None)),
        ('url="https://p.example/a" medium="document"', ("https://p.example/a", None, None)),
        ('url="https://p.example/a.jpg" type="audio/mpeg"', ("https://p.example/a.jpg", "audio/mpeg", None)),
    ],
)
def test_files(attributes: str, file: tuple[str, str | None, int | None]) -> None:
    address, media_type, length = file
    assert enclosures(f"<media:content {attributes}/>") == (
        Enclosure(url=address, media_type=media_type, length=length),
    )


@pytest.mark.parametrize(
    "inner",
    [
        '<media:thumbnail url="https://p.example/a.jpg"/>',
        '<media:content url="https://p.example/a.jpg" type="image/jpeg"/>',
        '<media:content url="https://p.example/a.jpg" type="image/jpeg" medium="video"/>',
        '<media:content url="https://p.example/a" medium="image"/>',
        '<media:content url="https://p.example/a.mp3" medium="image"/>',
        '<media:content url="https://p.example/a.jpg" medium="video"/>',
        '<media:content url="https://p.example/a.jpg?w=1"/>',
        '<media:content url="https://p.example/a" width="100" height="100"/>',
        '<media:content url="https://p.example/v/1" type="application/x-shockwave-flash"/>',
        '<media:content url="https://p.example/embed/1" type="text/html" medium="video"/>',
        '<media:content url="N/A" type="audio/mpeg"/>',
        '<media:content type="audio/mpeg"/>',
        '<media:content url="http://[bad" medium="audio"/><media:content url="http://[bad"/>',
        '<media:group><media:content url="https://p.example/a.png" medium="image"/></media:group>',
        '<media:player url="https://p.example/player"/>',
    ],
)
def test_what_is_no_file(inner: str) -> None:
    assert enclosures(inner) == ()


def test_files_of_a_group() -> None:
    two = 'url="https://p.example/two.mp4" type="video/mp4"'
    group = f'<media:group><media:thumbnail url="/t.jpg"/><media:content {ONE}/><media:content {two}/></media:group>'
    assert [file.url for file in enclosures(group)] == ["https://p.example/one.mp3", "https://p.example/two.mp4"]


def test_an_enclosure_is_not_repeated() -> None:
    both = f'<media:group><media:content {ONE}/><enclosure {ONE} length="7"/></media:group>'
    assert enclosures(both) == (Enclosure(url="https://p.example/one.mp3", media_type="audio/mpeg", length=7),)
    assert len(enclosures(f"<enclosure {ONE}/><media:content {ONE.replace('one', 'two')}/>")) == 2


LONG = "A white ferry with two funnels, seen from the pier under a grey sky."


def text_of_item(inner: str) -> str:
    spaces = 'xmlns:media="http://search.yahoo.com/mrss/"'
    rss = f'<rss version="2.0" {spaces}><channel><item><title>A</title>{inner}</item></channel></rss>'
    return parse_feed(rss.encode(), None, "https://p.example/f", NOW).posts[0].text


@pytest.mark.parametrize(
    "media",
    [
        f'<media:content url="/a.png" medium="image"><media:description>{LONG}</media:description></media:content>',
        f'<media:content url="/a.png" medium="image"/><media:description>{LONG}</media:description>',
        f'<media:group><media:content url="/a.mp4"/><media:description>{LONG}</media:description></media:group>',
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_a_file_shows_takes_no_text_s_place(media: str, first: bool) -> None:
    own = "<description>The ferry is back.</description>"
    assert text_of_item(own + media if first else media + own) == "The ferry is back."
    # Where there is no other text, it is better than none.
    assert text_of_item(media) == LONG
    assert text_of_item(f"<description>&lt;img src='/a.png'&gt;</description>{media}") == LONG


def test_a_file_is_described_by_what_stands_in_it() -> None:
    said = f"<media:description>{LONG}</media:description>"
    [file] = enclosures(f"<media:content {ONE}>{said}</media:content>")
    assert file.description == LONG
    [file] = enclosures(f"<media:content {ONE}/><media:content {ONE}><media:description>&lt;p&gt;Two &amp;amp; "
                        "three&lt;/p&gt;</media:description></media:content>")  # fmt: skip
    assert file.description == "Two & three"
    # Beside a film it may be of the whole entry, and beside two files of either.
    assert enclosures(f"<media:content {ONE}/>{said}")[0].description is None


# ---------------------------------------------------------------- markup that should have been escaped

SPACES = 'xmlns:media="http://search.yahoo.com/mrss/"'
RSS_ITEM = '<guid isPermaLink="false">own</guid><link>https://p.example/own</link><title>Own</title>'
ATOM_ENTRY = '<id>own</id><link href="https://p.example/own"/><title>Own</title>'


def entry(said: str, *, own: str = "", is_rss: bool = True, comes_first: bool = False) -> Post:
    """An entry with a description of its file, as `said`, and the text `own`."""
    said = f"<media:content {ONE}><media:description>{said}</media:description></media:content>"
    fields = RSS_ITEM + (own and f"<description>{own}</description>") if is_rss else ATOM_ENTRY + (
        own and f"<summary>{own}</summary>"
    )  # fmt: skip
    inner = said + fields if comes_first else fields + said
    [post] = parse_feed(_document(inner, is_rss=is_rss).encode(), None, "https://p.example/f", NOW).posts
    return post


def _document(*entries: str, is_rss: bool = True) -> str:
    if is_rss:
        inner = "".join(f"<item>{each}</item>" for each in entries)
        return f'<rss version="2.0" {SPACES}><channel>{inner}</channel></rss>'
    inner = "".join(f"<entry>{each}</entry>" for each in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}>{inner}</feed>'


@pytest.mark.parametrize("is_rss", [True, False])
@pytest.mark.parametrize(
    ("said", "text", "description"),
    [
        ("<p>A <b>white</b> ferry</p>", "A white ferry", "A white ferry"),
        ("A ferry<br/>at dawn", "A ferry\nat dawn", "A ferry at dawn"),
        ('A <a href="https://x.example/">ferry</a> &lt;3 &amp; gulls', "A ferry <3 & gulls", "A ferry <3 & gulls"),
        ("<div><p>A ferry</p><p>at dawn</p></div>", "A ferry\n\nat dawn", "A ferry at dawn"),
        # near misses: as they should be written
        ("&lt;p&gt;A &lt;b&gt;white&lt;/b&gt; ferry&lt;/p&gt;", "A white ferry", "A white ferry"),
        ("<![CDATA[<p>A white ferry</p>]]>", "A white ferry", "A white ferry"),
        ("Tom &amp; Ann, 5 &lt; 6", "Tom & Ann, 5 < 6", "Tom & Ann, 5 < 6"),
    ],
)
def test_no_word_of_it_is_lost(said: str, text: str, description: str, is_rss: bool) -> None:
    found = entry(said, is_rss=is_rss)
    assert found.text == text
    assert [file.description for file in found.enclosures] == [description]
    assert entry(said, own="The ferry is back.", is_rss=is_rss).text == "The ferry is back."


FIELDS = (
    "<link>https://other.example/</link>",
    "<title>Other</title>",
    "<guid>other</guid><id>other</id>",
    "<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate><published>2026-01-05T10:00:00Z</published>",
    "<author>Eve</author><category>other</category>",
    "<description>Other</description><summary>Other</summary><content>Other</content>",
    "<media:title>Other</media:title>",
    '<enclosure url="https://other.example/o.mp3"/>',
)


@pytest.mark.parametrize("is_rss", [True, False])
@pytest.mark.parametrize("comes_first", [True, False])
@pytest.mark.parametrize("fields", [FIELDS, FIELDS[::-1], *((each,) for each in FIELDS)])
def test_nothing_in_it_is_a_field_of_the_entry(fields: tuple[str, ...], comes_first: bool, is_rss: bool) -> None:
    found = entry(f"A ferry {' and '.join(fields)} at dawn", own="Back.", is_rss=is_rss, comes_first=comes_first)
    plain = entry("", own="Back.", is_rss=is_rss, comes_first=comes_first)
    [file] = found.enclosures
    assert replace(found, enclosures=(replace(file, description=None),)) == plain
    said = file.description or ""
    assert said.startswith("A ferry")
    assert said.endswith("at dawn")


@pytest.mark.parametrize(
    "said",
    [
        "<media:description>A ferry & <b>gulls",
        f"<media:content {ONE}><media:description>A ferry & <title>gulls</media:content>",
        f"<media:group><media:content {ONE}/><media:description>A <p>ferry & gulls</media:group>",
        "A ferry & gulls</media:description>",
    ],
)
def test_in_a_malformed_document_it_ends_with_what_it_stands_in(said: str) -> None:
    second = RSS_ITEM.replace("own", "second") + "<description>&lt;b&gt;Two&lt;/b&gt; masts.</description>"
    document = _document(f"{RSS_ITEM}<description>One.</description>{said}", second)
    posts = parse_feed(document.encode(), None, "https://p.example/f", NOW).posts
    assert [(post.native_id, post.title, post.text) for post in posts] == [
        ("own", "Own", "One."), ("second", "Own", "Two masts."),
    ]  # fmt: skip
