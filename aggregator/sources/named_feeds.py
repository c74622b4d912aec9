"""What a web page says of feeds: in the headers that it came with, in its <link>s, and among its links. Pure.

For readers to find are `rel=alternate` with a feed's type (www.rssboard.org/rss-autodiscovery) and `rel=feed`. Pages
without them often have a link that is one by its type, its address or its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.text.html import clean_text
from aggregator.text.typed.subscribing import subscribed_address
from aggregator.text.urls import absolute_url, registrable_domain

# Characters of a page that are looked at: pages with their scripts and pictures inside have that.
MOST_OF_PAGE = 4_000_000
# Links of a page, and headers, that are looked at.
_MOST_LINKS = 5_000
_MOST_LABEL = 60
# It may stand before a page, and says nothing.
_BLANK = "\ufeff\u200b \t\r\n\0"

_TYPES = re.compile(r"(?:application|text)/(?:x[-.])?(?:rss|atom|rdf|feed)(?:\+(?:xml|json))?")
# Feeds are served as these, too; and so is much else.
_VAGUE_TYPES = frozenset({"text/xml", "application/xml", "application/json"})
# What WordPress says of its own interface, and what others may embed.
_INTERFACE = re.compile(r"/wp-json/|oembed", re.IGNORECASE)

# Paths and queries that feeds have. Longer ones are looked at by nobody.
_LONGEST_ADDRESS = 500
_ADDRESS = re.compile(
    r".*/(?:rss|atom|rdf|feeds?)(?:[-_.]?[12](?:\.0)?)?(?:/(?:all|default|index|main|news|posts|rss2?|atom)){0,2}/?"
    r"|.*\.(?:rss|atom|rdf)|.*/[\w-]*(?:rss|atom|feed(?!back))[\w-]*\.(?:xml|json|php|aspx?|cfm)|.*/index\.xml"
    r"|.*[?&](?:feed=(?:rss2?|atom|rdf)|(?:format|type|alt|output)=(?:rss|atom|feed)|rss=1)(?:&.*)?",
    re.IGNORECASE,
)
# What a link to one is called, or its picture; on other sites by the name of a format alone: "our feed" is another.
_FORMAT = re.compile(r"\b(?:rss|atom[ -]feed|json[ -]feed)\b|^\s*(?:atom|xml)\s*$", re.IGNORECASE)
_LABEL = re.compile(r"\b(?:rss|(?:atom|web|news|json)?[ -]?feed|xml)\b|^\s*atom\s*$", re.IGNORECASE)
_SUBSCRIBE = re.compile(r"\b(?:subscri|syndicat|abonn|suscri|abbona|iscriv|assin|prenumer)", re.IGNORECASE)
_DATA = re.compile(r".*\.(?:xml|json|rdf)", re.IGNORECASE)
_PICTURE = re.compile(r"(?:.*[/_-])?(?:rss|feed(?!back))\w*\.(?:gif|png|svg|webp|jpe?g)", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\bcomments\b|\bcomment[ -]feed|kommentare\b|kommentar-feed|commentaires|comentarios|comentários|commenti\b"
    r"|reacties|комментари|コメント|评论|댓글",
    re.IGNORECASE,
)
_COMMENTS_ADDRESS = re.compile(r"/comments(?:[/.?]|$)|comments-rss2|[?&]comments?=", re.IGNORECASE)
_REFRESH = re.compile(r"\s*\d*(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?\s*([^'\"\s][^'\"]*?)['\"]?\s*", re.IGNORECASE)

# RFC 8288 §3: one header may have several.
_HEADER = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s,;"]*))?)*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s,;"]*))')


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """An address that a page names as a feed, or that looks like one. `because`: how, in words; `is_link`: only among
    the links for people; `is_comments`: by its name or address it has comments."""

    url: str
    because: str
    is_link: bool = False
    is_comments: bool = False


class Pages:
    """Parses web pages, which may have megabytes. The one that it was asked for last is not parsed again: what it is,
    which feeds it names and where it leads are three looks at it."""

    def __init__(self) -> None:
        self._html = ""
        self._page: LexborHTMLParser | None = None

    def page(self, html: str) -> LexborHTMLParser:
        """The page, as far as it is looked at. Not to be changed."""
        html = html.lstrip(_BLANK)[:MOST_OF_PAGE]
        if self._page is None or html != self._html:
            self._html, self._page = html, LexborHTMLParser(html)
        return self._page


def feeds_named(html: str, url: str, headers: Iterable[str] = (), pages: Pages | None = None) -> list[NamedFeed]:
    """The feeds that a page names: those for programs before those for people, and in the page's order. Those of
    comments last. `headers`: the values of its `Link` headers; `pages`: who may have parsed it already."""
    page = (pages or Pages()).page(html)
    base = _base(page, url)
    found: dict[str, NamedFeed] = {}
    for named in (*_in_headers(headers, url), *_in_head(page, base), *_in_links(page, base, url)):
        found.setdefault(named.url, named)
    return sorted(found.values(), key=lambda named: (named.is_comments, named.is_link))


def refresh_of(html: str, url: str, pages: Pages | None = None) -> str | None:
    """Where a page sends its readers by itself (`<meta http-equiv=refresh>`); None where it stays. `pages` as above."""
    page = (pages or Pages()).page(html)
    for meta in page.css("meta[http-equiv=refresh i][content]"):
        if match := _REFRESH.fullmatch(meta.attributes.get("content") or ""):
            return absolute_url(match[1], _base(page, url))
    return None


def has_comments(title: str, url: str = "") -> bool:
    """Is that the title, or the address, of a feed of comments?"""
    parts = urlsplit(url)
    return bool(_COMMENTS.search(title) or _COMMENTS_ADDRESS.search(f"{parts.path}?{parts.query}"))


def _base(page: LexborHTMLParser, url: str) -> str:
    base = page.css_first("base[href]")
    return absolute_url(base.attributes.get("href") or "", url) or url if base else url


# ---------------------------------------------------------------- for programs


def _in_headers(headers: Iterable[str], url: str) -> Iterator[NamedFeed]:
    for header in islice(headers, 50):
        for target, rest in islice(_HEADER.findall(header[:10_000]), 50):
            given = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
            yield from _named({**given, "href": target}, url, "named by the header Link")


def _in_head(page: LexborHTMLParser, base: str) -> Iterator[NamedFeed]:
    for link in islice(page.css("link[rel][href]"), _MOST_LINKS):
        yield from _named(link.attributes, base, "linked by the page")


def _named(given: Mapping[str, str | None], base: str, because: str) -> Iterator[NamedFeed]:
    relations = (given.get("rel") or "").lower().split()
    href = given.get("href") or ""
    address = absolute_url(href, base)
    if not address or "stylesheet" in relations or not {"alternate", "feed", "service.feed"} & {*relations}:
        return
    media_type = _plain_type(given.get("type"))
    if "feed" not in relations and not _may_be_feed(media_type, address, has_language=bool(given.get("hreflang"))):
        return
    yield NamedFeed(address, because, is_comments=has_comments(given.get("title") or "", address))


def _may_be_feed(media_type: str, address: str, *, has_language: bool) -> bool:
    if _TYPES.fullmatch(media_type):
        return True
    if media_type in _VAGUE_TYPES:
        return not _INTERFACE.search(address)
    return not media_type and not has_language and _looks_like_one(address)


def _plain_type(written: str | None) -> str:
    return (written or "").partition(";")[0].strip().lower()


# ---------------------------------------------------------------- for people


def _in_links(page: LexborHTMLParser, base: str, url: str) -> Iterator[NamedFeed]:
    site = registrable_domain(url)
    for link in islice(page.css("a[href], area[href]"), _MOST_LINKS):
        given = link.attributes
        written = (given.get("href") or "").strip()
        address = absolute_url(subscribed_address(written) or written, base)
        if address is None or "://" in address.partition("://")[2]:  # another reader's "subscribe to this"
            continue
        label = _label(link)
        relations = (given.get("rel") or "").lower().split()
        is_comments = has_comments(label, address)
        if _TYPES.fullmatch(_plain_type(given.get("type"))) or "feed" in relations:
            yield NamedFeed(address, "a link of the page with a feed's type", is_link=True, is_comments=is_comments)
        elif address.partition("#")[0] == url:
            continue
        elif because := _looks(address, label, link, is_here=registrable_domain(address) == site):
            yield NamedFeed(address, because, is_link=True, is_comments=is_comments)


def _looks(address: str, label: str, link: LexborNode, *, is_here: bool) -> str:
    """How a link for people looks like a feed, in words; "" where it doesn't. `is_here`: it leads to the same site."""
    is_short = len(label) <= _MOST_LABEL
    if _looks_like_one(address) and (is_here or _LABEL.search(label)):
        return "a link of the page with a feed's address"
    if is_short and (_LABEL if is_here else _FORMAT).search(label):
        return f"a link of the page called “{label}”"
    if is_short and _SUBSCRIBE.search(label) and _DATA.fullmatch(urlsplit(address).path):
        return f"a link of the page called “{label}”"
    return "a link of the page with a feed's picture" if is_short and _has_picture(link) else ""


def _has_picture(link: LexborNode) -> bool:
    """Icons have names: `<img src="rss.png">`, `class="fa fa-rss"`."""
    classes = [link.attributes.get("class"), *(each.attributes.get("class") for each in link.css("[class]"))]
    if any("rss" in re.split(r"[^a-z]+", name.lower()) for name in classes if name):
        return True
    return any(_PICTURE.fullmatch(picture.attributes.get("src") or "") for picture in link.css("img[src]"))


def _looks_like_one(address: str) -> bool:
    parts = urlsplit(address)
    written = f"{parts.path}{parts.query and '?'}{parts.query}"
    return len(written) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(written) is not None


def _label(link: LexborNode) -> str:
    """What a person reads, or is told of a picture."""
    given = [link.text(), *(link.attributes.get(name) for name in ("title", "aria-label"))]
    given += [picture.attributes.get("alt") for picture in link.css("img[alt]")]
    return clean_text(next((text for text in given if text and text.strip()), "")[:500])
