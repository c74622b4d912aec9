"""What a page says of feeds, and what only looks like one."""

from __future__ import annotations

import pytest

from aggregator.sources.named_feeds import feeds_named, has_comments, refresh_of

PAGE = "https://paper.example/section/"


def named(html: str, *headers: str) -> list[str]:
    """The addresses, seen from the page's folder where they are below it."""
    return [each.url.removeprefix(PAGE) for each in feeds_named(f"<!doctype html><body>{html}", PAGE, headers)]


FEEDS = {
    "as it should be": '<link rel="alternate" type="application/rss+xml" href="f">',
    "in capitals, with a charset": "<LINK REL='Alternate Home' TYPE='Application/Atom+XML; charset=utf-8' HREF=f>",
    "rel=feed": '<link rel="feed" href="f">',
    "rel=alternate feed": '<link rel="alternate feed" type="text/html" href="f">',
    "an older type": '<link rel="alternate" type="application/x.atom+xml" href="f">',
    "RDF": '<link rel="alternate" type="application/rdf+xml" href="f">',
    "JSON Feed": '<link rel="alternate" type="application/feed+json" href="f">',
    "JSON, as it was": '<link rel="alternate" type="application/json" href="f">',
    "XML": '<link rel="alternate" type="text/xml" href="f">',
    "no type, but an address": '<link rel="alternate" href="f/atom.xml">',
    "a link with a type": '<a href="f" type="application/rss+xml">News</a>',
    "a link with a relation": '<a rel="nofollow feed" href="f">News</a>',
    "a link called so": '<a href="f">RSS</a>',
    "a link called so in words": '<a href="f">Subscribe to our RSS feed</a>',
    "a picture called so": '<a href="f"><img src="i.png" alt="RSS"></a>',
    "a picture with a hint": '<a href="f" title="Web feed of the section"><svg></svg></a>',
    "an icon by its class": '<a href="f" class="icon"><i class="fab fa-rss"></i></a>',
    "an icon by its file": '<a href="f"><img src="/img/icon_rss.png"></a>',
    "a link called by one word": '<a href="f">Atom</a>',
    "a link to data": '<a href="f/news.xml">Abonnieren</a>',
    "a link for other programs": f'<a href="feed:{PAGE}f">Subscribe</a><a href="feed:{PAGE}f">Feed</a>',
    "behind much script": f'<script>{"y" * 600_000}</script><link rel="alternate" type="application/rss+xml" href="f">',
    "a base": '<base href="/other/"><link rel="alternate" type="application/rss+xml" href="../section/f">',
}


@pytest.mark.parametrize("html", FEEDS.values(), ids=FEEDS)
def test_a_feed(html: str) -> None:
    assert [each.partition("/")[0] for each in named(html)] == ["f"]


ADDRESSES = (
    *("news.rss", "a.atom", "b.rdf", "rss", "feed/", "rss/all", "feeds/posts/default", "feed.xml", "my-rss.xml"),
    *("news_atom.php", "index.xml", "?feed=rss2", "x?format=feed&type=rss", "rss2.0"),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_a_feed_has(address: str) -> None:
    assert named(f'<a href="{address}">This section</a>') == [address]


NONE = {
    "another language": '<link rel="alternate" hreflang="de" href="/de/feed">',
    "a style": '<link rel="alternate stylesheet" type="text/xml" href="f.xml">',
    "WordPress's interface": '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
    "what others embed": '<link rel="alternate" type="application/json+oembed" href="/oembed?url=x">',
    "what others embed, as XML": '<link rel="alternate" type="text/xml" href="/services/oembed?url=x">',
    "a page for telephones": '<link rel="alternate" media="handheld" href="https://m.paper.example/">',
    "a map of the site": '<link rel="sitemap" type="application/xml" href="/sitemap.xml">',
    "a search": '<link rel="search" type="application/opensearchdescription+xml" href="/o.xml">',
    "feedback": '<a href="/feedback.php">Feedback</a>',
    "an article on it": '<a href="/2026/why-rss-is-back.html">Why readers go back to their lists</a>',
    "a long text with the word": f'<a href="/2026/a">{"Many words on an RSS feed of old. " * 4}</a>',
    "another site's": '<a href="https://other.example/feed.xml">A friend of ours</a>',
    "another reader": '<a href="https://reader.example/subscribe/https://paper.example/feed">RSS</a>',
    "another site's feed of pictures": '<a href="https://pictures.example/us">Our photo feed</a>',
    "an element's name": '<a href="/2026/a">Atom by atom</a>',
    "to subscribe, a page": '<a href="/subscribe">Subscribe</a>',
    "a map as data": '<a href="/sitemap.xml">Map of the site</a>',
    "another icon": '<a href="/cross"><i class="fa-cross"></i><img src="/feedback.png"></a>',
    "a place on the page": '<a href="#rss">RSS</a>',
    "no address": '<a href="javascript:rss()">RSS</a><link rel="alternate" type="application/rss+xml" href="mailto:x">',
}


@pytest.mark.parametrize("html", NONE.values(), ids=NONE)
def test_no_feed(html: str) -> None:
    assert named(html) == []


def test_headers_name_feeds_too() -> None:
    header = '</style.css>; rel=preload; as=style, <a>; rel="alternate"; type="application/atom+xml"; title="A, b; c"'
    assert named("", header, '<b>; rel=feed, </de>; rel="alternate"; hreflang=de') == [
        "https://paper.example/section/a".removeprefix(PAGE), "b",
    ]  # fmt: skip
    assert named("", "<broken", '<c>; rel="alternate', '<d>; type="application/rss+xml"') == []


def test_the_order_is_the_pages_with_links_for_people_and_comments_last() -> None:
    html = (
        '<a href="people.rss">RSS</a>'
        '<link rel="alternate" type="application/rss+xml" title="Paper » Comments Feed" href="/comments/feed/">'
        '<link rel="alternate" type="application/rss+xml" title="Paper » Feed" href="one">'
        '<link rel="alternate" type="application/atom+xml" href="two"><a href="one">RSS</a>'
    )
    assert named(html) == ["one", "two", "people.rss", "https://paper.example/comments/feed/"]


@pytest.mark.parametrize(
    ("title", "url", "expected"),
    [
        ("Comments on: A ferry", "", True),
        ("Kommentare zu: Eine Fähre", "", True),
        ("Paper", "https://paper.example/?feed=comments-rss2", True),
        ("Paper", "https://paper.example/feeds/12/comments/default", True),
        ("Comment is free", "https://paper.example/comment/rss", False),
        ("Commentary magazine", "https://paper.example/feed", False),
    ],
)
def test_comments(title: str, url: str, expected: bool) -> None:
    assert has_comments(title, url) is expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("0; url=/blog/", "https://paper.example/blog/"),
        ("5;URL='news'", "https://paper.example/section/news"),
        ("0;https://new.example/", "https://new.example/"),
        ("30", None),
        ("0; url=javascript:x", None),
    ],
)
def test_where_a_page_sends_on(content: str, expected: str | None) -> None:
    assert refresh_of(f'<meta http-equiv="Refresh" content="{content}">', PAGE) == expected
