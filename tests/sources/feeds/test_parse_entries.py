"""What an entry has besides its words: links, dates, authors, languages, tags, files, ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.post import Enclosure
from aggregator.sources.feeds.entries import MAX_ID, MAX_TAGS
from tests.helpers.feed_documents import NOW, atom, entry, item, only, parsed, rss

pytestmark = pytest.mark.usefixtures("either_parser")


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
