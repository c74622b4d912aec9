"""RSS 0.9x, 1.0 and 2.0, Atom, RDF and CDF → a `Document`: by `fast`, and by feedparser where that has a doubt.

feedparser gets UTF-8, and neither sanitises nor resolves addresses: `aggregator.text.html` does the first in a tenth of
the time. Nor is it told where the document comes from: it would put that before ids that are no addresses, and they
would change with it. Addresses are resolved here, from the document's own xml:base where it has one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from xml.sax import SAXParseException

import feedparser

from aggregator.model.source import Parser
from aggregator.sources.dates import EARLIEST, day_first_in, parse_date
from aggregator.sources.feeds.entries import Body, Document, RawEntry, each, enclosures_of
from aggregator.sources.feeds.fast.document import read_fast
from aggregator.sources.feeds.fast.names import OTHER_DATES
from aggregator.sources.feeds.links import link_address, own_link
from aggregator.sources.feeds.media import media_files, pictures
from aggregator.sources.feeds.media_words import described_files, media_words, read_apart
from aggregator.sources.feeds.poll_hints import patience_of, shortened
from aggregator.sources.feeds.references import with_escaped_ampersands
from aggregator.text.html import decoded, is_markup
from aggregator.text.urls import absolute_url, canonical_url

read_apart()

# What feedparser gives: its dictionaries answer `[]` with guesses and warnings, so they are only read by `dict.get`.
Fields = dict[str, Any]

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_DECLARED = re.compile(r"[\s\ufeff\u200b]*(?:<\?xml\b[^>]*\?>)?")

# One of these makes a document malformed, and the parser for malformed ones reads less well (XML 1.0 §2.2).
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32)))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_REFERENCE = re.compile(r"&#(?:(\d{1,10})|[xX]([0-9a-fA-F]{1,8}));?")
# feedparser looks at each of these lines with all the following ones: minutes, for a megabyte of them.
_GAP = re.compile(r"\s{100,}")
_THINNED_GAP = re.compile(r"\s{8}")

_ENTRY = re.compile(r"<(?:[\w.-]+:)?(item|entry)[\s>]", re.IGNORECASE)
_BARE_HEADS = {"item": '<rss version="2.0"><channel>', "entry": '<feed xmlns="http://www.w3.org/2005/Atom">'}
# Reading entries one by one takes the document's head again for each: no more of them, and no longer head.
_MOST_SALVAGED = 1_000
_LONGEST_HEAD = 20_000

_HTML_TYPES = ("text/html", "application/xhtml+xml")
# Where relations of links are registered. Their names came after this in RFC 4287.
_RELATIONS = "iana.org/assignments/relation/"
# Titles of Atom are plain text where nothing else is said, but not by habit: only where it is said, they are.
_SAID_PLAIN = re.compile(r"<(?:[\w.-]+:)?title\s[^<>]*?\btype\s*=\s*[\"']text(?:/plain)?[\"']", re.IGNORECASE)
# Contents that are no text (RFC 4287 §4.1.3); whatever else a type may be called, it is read.
_NO_TEXT = re.compile(r"(?:image|audio|video|font|model|application/(?!xhtml))", re.IGNORECASE)
# "address (name)" and "name <address>". Longer ones are neither, and would take long to match.
_ADDRESS_AND_NAME = re.compile(r"\s*[^\s()]+@[^\s()]+\s*\(([^()]+)\)\s*")
_NAME_AND_ADDRESS = re.compile(r"\s*([^<>()@]+?)\s*[(<][^\s<>()]+@[^\s<>()]+[)>]\s*")
_LONGEST_AUTHOR = 300
# When an entry was published, by feedparser's names, in order of trust. It takes dc:date for an "updated".
_DATES = ("published", "updated", "created")
# Others, as feedparser passes them on; those of PRISM whatever its prefix, since it has a namespace a version.
_ITS_OWN = ("publicationdate", "coverdate")
_KNOWN_PREFIXES = ("", "dc", "dcterms", "prism")
# What tells markup from a text about markup, where the document says "plain text".
_CERTAINLY_HTML = re.compile(r"</[a-z]|<(?:br|img|p)[\s/>]", re.IGNORECASE)
# What was escaped once more than its document says; no tag is left in it then.
_ESCAPED_TWICE = re.compile(r"&amp;(?=#?\w{2,8};)")
_ESCAPED_HTML = re.compile(r"\s*&lt;(?:p|div|br|img|a|h[1-6]|ul|span|strong|figure|table)\b", re.IGNORECASE)


def read_xml(text: str, url: str, *, parser: Parser = "auto") -> Document:
    """What the document at `url` says, read by whom `parser` says: they differ in nothing else.

    Raises whatever feedparser does on documents that break it twice.
    """
    text, left_out = prepared(text)
    parsed, lost = _read(text, parser)
    feed: Fields = parsed["feed"]
    version, entries = str(parsed.get("version") or ""), parsed["entries"]
    if parsed.get("bozo"):
        _decode_ids(entries)
    if not version and not entries:
        return Document(problem=_trouble(parsed) or "no feed's element in it")
    site_url = _site(feed, url)
    # RFC 4287 §2: relative to the document. RSS is silent, and means the site, also where a proxy serves the feed.
    base = url if version.startswith("atom") else site_url or url
    # RFC 4287 §4.2.1. RSS names a managing editor there, who writes the articles as little as the webmaster does.
    authors = tuple(_authors(feed)) if version.startswith("atom") else ()
    whole = _Whole(
        feed,
        base,
        authors,
        has_plain_titles=version.startswith("atom") and _SAID_PLAIN.search(text) is not None,
        day_first=day_first_in(_text(entry, name) for entry in entries for name in _DATES),
    )
    made, warnings = each(entries, lambda entry: _raw_entry(entry, whole))
    return Document(
        title=_text(feed, "title"),
        description=_text(feed, "subtitle"),
        generator=_text(feed, "generator"),
        site_url=site_url,
        language=_text(feed, "language"),
        entries=made,
        warnings=[*filter(None, [left_out, _trouble(parsed)]), *lost, *warnings],
        moved_to=_moved_to(feed, url),
        patience=patience_of(text, *(_text(feed, name) for name in ("ttl", "sy_updateperiod", "sy_updatefrequency"))),
    )


def prepared(text: str) -> tuple[str, str]:
    """The text that the parsers are given, and a warning of what was left out, or ""."""
    text, left_out = shortened(_well_formed_characters(text))
    return with_escaped_ampersands(text), left_out


def _read(text: str, parser: Parser) -> tuple[Fields, list[str]]:
    """feedparser's dictionaries, and warnings of the entries that broke it."""
    if parser == "auto":
        # Broad on purpose: most are a DoubtError; what nobody thought of breaks it by another error.
        with suppress(Exception):
            return read_fast(text), []
    try:
        return by_feedparser(text), []
    # Broad on purpose: feedparser raises KeyError, TypeError and others on nesting that it doesn't expect.
    except Exception as error:
        return _salvaged(text, error)


def _decode_ids(entries: Iterable[Fields]) -> None:
    """The parser for malformed documents leaves ids escaped. They must be the same on the day when all is well."""
    for entry in entries:
        if "&amp;" in (guid := _text(entry, "id")):
            entry["id"] = guid.replace("&amp;", "&")


def by_feedparser(text: str) -> Fields:
    """Its dictionaries. Raises whatever it does on a nesting that it doesn't expect."""
    parsed: Fields = feedparser.parse(
        io.BytesIO(text.encode()),  # never the bytes: it would open a file of that name
        response_headers=_HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return parsed


def _salvaged(text: str, error: Exception) -> tuple[Fields, list[str]]:
    """The entries read one by one, where feedparser breaks on all together; and warnings of those that broke it."""
    found = list(_ENTRY.finditer(text))[:_MOST_SALVAGED]
    if not found:
        raise error
    starts = [match.start() for match in found]
    head, bare_head = text[: starts[0]], _BARE_HEADS[found[0][1].lower()]
    try:
        whole = by_feedparser(head)
    except Exception:  # broad as above: then it is the head that breaks it
        head, whole = bare_head, by_feedparser(bare_head)
    if len(head) > _LONGEST_HEAD:
        head = bare_head
    read, lost = each(pairwise([*starts, len(text)]), lambda span: by_feedparser(head + text[slice(*span)])["entries"])
    entries = [entry for some in read for entry in some]
    return {**whole, "entries": entries, "bozo": 1, "bozo_exception": "elements are nested in the wrong way"}, lost


def _well_formed_characters(text: str) -> str:
    """The document without the characters that XML forbids, written out or by number; declared as UTF-8."""
    if _has_invalid(text):
        text = _INVALID.sub("", text)
    if "&#" in text:
        text = _REFERENCE.sub(_if_valid, text)
    before = _DECLARED.match(text)[0]  # type: ignore[index]  # matches the empty text too
    # Nothing may stand before the declaration. The lines are kept: messages name them.
    text = "\n" * before.count("\n") + text[len(before) :]
    # Of each twelfth character a gap has eight in a row, and nothing else does.
    return _DECLARATION + (_GAP.sub("\n", text) if _THINNED_GAP.search(text[::12]) else text)


def _has_invalid(text: str) -> bool:
    """The same as to search for `_INVALID`, in a fifth of the time."""
    try:
        written = text.encode()
    except UnicodeEncodeError:  # half a surrogate
        return True
    return len(written.translate(None, _CONTROLS)) < len(written) or any(each in written for each in _NO_CHARACTERS)


def _if_valid(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return match[0]
    return " "  # not nothing, which could make a new one of its surroundings


def _trouble(parsed: Fields) -> str:
    """What is wrong with the document's XML, in words; "" where nothing is."""
    error = parsed.get("bozo_exception") if parsed.get("bozo") else None
    if error is None:
        return ""
    if isinstance(error, SAXParseException):
        return f"malformed XML: {error.getMessage()} in line {error.getLineNumber()}"
    return f"malformed XML: {error}"


# ---------------------------------------------------------------- one entry


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the entries of a document share. `has_plain_titles`: it calls its titles plain text, in so many words.

    `day_first`: the order of day and month in its dates, where they show it.
    """

    feed: Fields
    base: str
    authors: tuple[str, ...]
    has_plain_titles: bool
    day_first: bool | None


def _raw_entry(entry: Fields, whole: _Whole) -> RawEntry:
    feed, base = whole.feed, whole.base
    title = _text(entry, "title")
    link, link_name = own_link(_written_links(entry, base), title)
    language = _language(entry) or _text(feed, "language")
    dates = [parse_date(_text(entry, name), whole.day_first, language) for name in _DATES]
    bodies = tuple(_bodies(entry, link or base))
    media = _list(entry, "media_content")
    described = described_files(entry, media, base)
    source = _dict(entry, "source")
    return RawEntry(
        guid=_text(entry, "id"),
        link=link,
        link_name=link_name,
        title=title,
        has_plain_title=whole.has_plain_titles and _text(_dict(entry, "title_detail"), "type") == "text/plain",
        bodies=bodies,
        media_words=tuple(_body(said, "text/html", link or base) for said in media_words(entry)),
        authors=tuple(_authors(entry)) or whole.authors,
        language=language,
        published=(*dates, *_other_dates(entry, dates, whole.day_first)),
        updated=dates[_DATES.index("updated")],
        tags=tuple(_text(tag, "label") or _text(tag, "term") for tag in _list(entry, "tags")),
        enclosures=enclosures_of((*map(_file, _links(entry, "enclosure")), *media_files(media)), base, described),
        pictures=enclosures_of(pictures(media), base, described),
        is_adult=_text(_dict(entry, "media_rating"), "content") == "adult" or _text(entry, "rating") == "adult",
        is_activity="activity_verb" in entry,
        origin=link_address(_text(source, "href"), base) if source.get("href") else None,
        origin_name=_text(source, "title") if source.get("href") else "",
    )


def _moved_to(feed: Fields, url: str) -> str | None:
    """Another address that a podcast gives as its own from now on (itunes:new-feed-url)."""
    target = link_address(_text(feed, "itunes_new-feed-url"), url) if feed.get("itunes_new-feed-url") else None
    return target if target and canonical_url(target) != canonical_url(url) else None


def _site(feed: Fields, url: str) -> str | None:
    """The page that a feed belongs to."""
    written = (_text(feed, "link"), *(_text(link, "href") for link in _links(feed, "alternate")))
    return next(filter(None, (link_address(text, url) for text in written if text)), None)


def _written_links(entry: Fields, base: str) -> Iterable[tuple[str, str | None]]:
    """What may be the address of the entry's own page, and from where it is seen; the better ones first."""
    if original := _text(entry, "feedburner_origlink"):  # FeedBurner's proxy keeps it beside its own
        yield original, base
    links = list(_links(entry, "alternate"))
    links.sort(key=lambda link: link.get("type") not in _HTML_TYPES)
    for link in links:
        if written := _text(link, "href"):
            yield written, base
    # An id may be the link (RSS 2.0, isPermaLink), if it is an address and not only a number.
    if entry.get("guidislink"):
        yield _text(entry, "id"), None


def _links(entry: Fields, rel: str) -> Iterable[Fields]:
    """RFC 4287 §4.2.7.2: the relation's name, or its address in full."""
    return (link for link in _list(entry, "links") if _text(link, "rel").rpartition(_RELATIONS)[2] == rel)


def _file(link: Fields) -> tuple[object, object, object]:
    media_type = link.get("type")
    # feedparser's own word for a link that says nothing of its type
    return link.get("href"), None if media_type == "text/html" else media_type, link.get("length")


def _bodies(entry: Fields, base: str) -> Iterable[Body]:
    """Its texts, the content before the summary: feedparser repeats one as the other where only one is there."""
    for content in (*_list(entry, "content"), entry.get("summary_detail")):
        if isinstance(content, dict) and (value := _text(content, "value")):
            media_type = _text(content, "type")
            if not _NO_TEXT.match(media_type):
                yield _body(value, media_type, _base(content, base))
    if "summary_detail" not in entry and (summary := _text(entry, "summary")):
        yield _body(summary, "text/html", base)


def _body(value: str, media_type: str, base: str) -> Body:
    if "&" in value and not is_markup(value):
        value = _ESCAPED_TWICE.sub("&", value)
        if _ESCAPED_HTML.match(value):
            value = decoded(value)
    if media_type == "text/plain" and not _CERTAINLY_HTML.search(value):
        return Body(decoded(value), is_plain=True)
    return Body(value, base)


def _base(content: Fields, base: str) -> str:
    """What links in an entry's content are relative to: an xml:base that the document declares, else its page."""
    declared = _text(content, "base")
    return (absolute_url(declared, base) if declared else None) or base


def _authors(fields: Fields) -> Iterable[str]:
    names = [_text(author, "name") or _text(author, "email") for author in _list(fields, "authors")]
    last = _text(fields, "author")[:_LONGEST_AUTHOR]
    if ("@" in last and len(names) == 1) or not any(names):
        # RSS writes "address (name)", which feedparser takes apart wrongly where the domain ends in a long word.
        written = _ADDRESS_AND_NAME.fullmatch(last) or _NAME_AND_ADDRESS.fullmatch(last)
        names[-1:] = [written[1] if written else last]
    return filter(None, names)


def _language(entry: Fields) -> str:
    """The language that the entry itself declares."""
    details = (*_list(entry, "content"), entry.get("summary_detail"), entry.get("title_detail"))
    declared = (_text(detail, "language") for detail in details if isinstance(detail, dict))
    return _text(entry, "language") or next((language for language in declared if language), "")


def _other_dates(entry: Fields, dates: Iterable[datetime | None], day_first: bool | None) -> Iterable[datetime | None]:
    """Dates of other vocabularies, for an entry that has none else."""
    if any(date and date >= EARLIEST for date in dates):
        return
    written: dict[str, str] = {}
    for name in entry:
        prefix, _, local = name.rpartition("_")
        if prefix in _KNOWN_PREFIXES or local in _ITS_OWN:
            written[local] = name
    for name in OTHER_DATES:
        if name in written:
            yield parse_date(_text(entry, written[name]), day_first)
    if isinstance(element := dict.get(entry, "time"), dict):  # XHTML's, inside of a pubDate
        yield parse_date(_text(element, "datetime"))


def _text(fields: Fields, name: str) -> str:
    """A field that should be text. An element with attributes and without handler is a dictionary instead."""
    value = dict.get(fields, name)
    return value if isinstance(value, str) else ""


def _dict(fields: Fields, name: str) -> Fields:
    value = dict.get(fields, name)
    return value if isinstance(value, dict) else {}


def _list(fields: Fields, name: str) -> list[Fields]:
    value = dict.get(fields, name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
