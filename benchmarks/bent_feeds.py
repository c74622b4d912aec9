"""Feeds that stay XML and say something else: elements dropped, moved, repeated, renamed, wrapped, put in, attributes
and texts changed. One change in seven is made byte by byte, as `benchmarks.fuzz` does, and seldom leaves it XML."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from aggregator.sources.encoding import decode
from benchmarks.fuzz import MOST_BYTES, MUTATIONS

_NAMES = (
    "title", "link", "guid", "id", "description", "summary", "content", "author", "name", "email", "uri", "category",
    "pubDate", "updated", "published", "date", "source", "image", "textInput", "language", "generator", "item", "entry",
    "enclosure", "rating", "time", "url", "subtitle", "tagline", "abstract", "issued", "modified", "created",
    "keywords", "contributor", "rights", "body", "links", "unheard", "media:group", "media:content", "media:title",
    "media:description", "media:rating", "media:keywords", "media:thumbnail", "media:unheard", "dc:date", "dc:creator",
    "dc:title", "dc:description", "dc:subject", "dc:language", "content:encoded", "itunes:author", "itunes:summary",
    "itunes:subtitle", "itunes:keywords", "itunes:category", "itunes:owner", "dcterms:issued", "dcterms:available",
    "prism:publicationDate", "feedburner:origLink", "activity:verb", "georss:point", "unheard:of",
)  # fmt: skip
_NAMESPACES = {
    "media": "http://search.yahoo.com/mrss/", "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/", "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "dcterms": "http://purl.org/dc/terms/", "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0", "georss": "http://www.georss.org/georss",
    "activity": "http://activitystrea.ms/spec/1.0/", "unheard": "https://unheard.example/of",
}  # fmt: skip
_ATTRIBUTES = (
    'type="html"', 'type="text"', 'type="TEXT/HTML"', 'type="xhtml"', 'type="image/png"', 'xml:lang="de_AT"', 'lang=""',
    'xml:base="https://base.example/a/"', 'base="b/"', 'rel="self"', 'rel="Enclosure"', 'href="/x?a=1&amp;b=2"',
    'url="https:///y.example/y"', 'uri="z"', 'isPermaLink="false"', 'ispermalink="true"', 'term="a term"', 'label="L"',
    'scheme="s"', 'domain="d"', 'text="T"', 'medium="image"', 'length="12"', 'mode="base64"', 'lastmod="2026-11-01"',
    'rdf:about="https://about.example/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"', 'unheard="of"',
    'dc:title="d" xmlns:dc="http://purl.org/dc/elements/1.1/"', 'xmlns="https://other.example/"', 'content="adult"',
    'xmlns:media="https://other.example/media"', 'xmlns:m="http://search.yahoo.com/mrss/"',
    'x:type="y" xmlns:x="urn:x"',
)  # fmt: skip
_TEXTS = (
    "", " ", "a text", "&#1;", "<![CDATA[&#1; and &#x110000; &nosuch; <b>bold</b>]]>", " " * 150, "\r\n\t" * 60,
    "<![CDATA[" + " " * 150 + "]]>", "caf\u00c3\u00a9", "\x85\x93quoted\x94", "AT&amp;T",
    "a &lt;b&gt;bold&lt;/b&gt; word",
    "&amp;amp;", "<!-- a comment -->", "<?an instruction?>", "https://a.example//b?c=1&amp;d=2", "http:///c.example/",
    "feed@paper.example (A Name)", "A Name <me@paper.example>".replace("<", "&lt;"), "<b>bold</b>", "<div>in one</div>",
    "Mon, 02 Nov 2026 10:00:00 GMT", "2026-11-02T10:00:00+01:00", "Mo, 2. Nov. 2026 25:61", "99999999999999", "adult",
    "]]&gt;", "\u200b", "\u00a0", "a, b,, c", "<svg xmlns='http://www.w3.org/2000/svg'><title>t</title></svg>",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Span:
    """Where an element stands: its bytes from `start` to `end`, what is in it from `inner` to `close`."""

    name: str
    start: int
    inner: int
    close: int
    end: int


Mutation = Callable[[bytes, _Span, _Span, random.Random], bytes]


def bent(body: bytes, dice: random.Random) -> bytes:
    """The document with one to three changes, as UTF-8."""
    body = decode(body, None).encode("utf-8", "replace")
    if len(body) > MOST_BYTES:
        body = _shortened(body)
    for _ in range(dice.randrange(1, 4)):
        spans = _spans(body)[1:] if dice.random() < 0.85 else []
        if spans:
            one, other = dice.choice(spans), dice.choice(spans)
            body = dice.choice(_MUTATIONS)(body, one, other, dice)
        else:
            body = dice.choice(MUTATIONS[:-1])(body, dice)
    return body


def _shortened(body: bytes) -> bytes:
    """Without the entries in the middle."""
    spans = [span for span in _spans(body) if span.name.rpartition(":")[2] in ("item", "entry")]
    while spans and len(body) > MOST_BYTES:
        span = spans.pop()
        body = body[: span.start] + body[span.end :]
    return body


def _spans(body: bytes) -> list[_Span]:
    """Of all elements, in the order of their beginnings; none where it is not well-formed."""
    found: list[_Span] = []
    open_ones: list[tuple[int, str, int]] = []
    parser = expat.ParserCreate("utf-8")

    def start(name: str, attributes: dict[str, str]) -> None:
        open_ones.append((len(found), name, parser.CurrentByteIndex))
        found.append(_Span(name, 0, 0, 0, 0))

    def end(name: str) -> None:
        number, _, begun = open_ones.pop()
        at = parser.CurrentByteIndex
        inner = body.find(b">", begun) + 1
        is_empty = not body.startswith(b"</", at)
        found[number] = _Span(name, begun, inner, inner if is_empty else at, body.find(b">", at) + 1)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return []
    return found


def _drop(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    return body[: one.start] + body[one.end :]


def _move(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    at = dice.choice((other.start, other.end, other.start, other.end, other.close))
    if one.start < at < one.end:
        return body
    piece = body[one.start : one.end]
    if at >= one.end:
        return body[: one.start] + body[one.end : at] + piece + body[at:]
    return body[:at] + piece + body[at : one.start] + body[one.end :]


def _repeat(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    at = dice.choice((one.end, one.start, other.start, other.end))
    return body[:at] + body[one.start : one.end] + body[at:]


def _wrap(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    name, declared = _name(dice)
    around = dice.random() < 0.5
    start, end = (one.start, one.end) if around else (one.inner, one.close)
    return b"%s<%s%s>%s</%s>%s" % (body[:start], name, declared, body[start:end], name, body[end:])


def _insert(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    name, declared = _name(dice)
    attributes = "".join(f" {each}" for each in dice.sample(_ATTRIBUTES, dice.choice((0, 0, 1, 2))))
    at = dice.choice((one.start, one.end, one.start, one.end, one.close))
    text = _text(dice)
    return b"%s<%s%s%s>%s</%s>%s" % (body[:at], name, declared, attributes.encode(), text, name, body[at:])


def _rename(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    name, declared = _name(dice)
    head = re.sub(rb"^<[^\s/>]+", b"<" + name + declared, body[one.start : one.inner])
    tail = b"" if one.close == one.inner == one.end else b"</" + name + b">"
    if one.close == one.inner and not body.startswith(b"</", one.close):
        return body[: one.start] + head + body[one.end :]
    return body[: one.start] + head + body[one.inner : one.close] + tail + body[one.end :]


def _attribute(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    at = one.start + 1 + len(one.name.encode())
    return body[:at] + b" " + dice.choice(_ATTRIBUTES).encode() + body[at:]


def _write(body: bytes, one: _Span, other: _Span, dice: random.Random) -> bytes:
    start = dice.choice((one.inner, one.close))
    return body[:start] + _text(dice) + body[start if dice.random() < 0.5 else one.close :]


def _name(dice: random.Random) -> tuple[bytes, bytes]:
    """A name, and the declaration of its prefix."""
    name = dice.choice(_NAMES)
    uri = _NAMESPACES.get(name.partition(":")[0]) if ":" in name else None
    return name.encode(), f' xmlns:{name.partition(":")[0]}="{uri}"'.encode() if uri else b""


def _text(dice: random.Random) -> bytes:
    return "".join(dice.choice(_TEXTS) for _ in range(dice.choice((1, 1, 2)))).encode()


_MUTATIONS: Sequence[Mutation] = (_drop, _move, _repeat, _wrap, _insert, _insert, _rename, _attribute, _write)
