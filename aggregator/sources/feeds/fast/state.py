"""Where the fast parser stands in a document, and the values of elements as feedparser has them.

What is taken from feedparser itself is its own function, called on what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import Element

from feedparser.datetimes import _parse_date
from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin

from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.names import Names

Fields = dict[str, Any]
# What is done for an element, at its depth in the document (the root's is 1).
Action = Callable[["State", Element, int], None]

HTML_TYPES: frozenset[str] = frozenset(_FeedParserMixin.html_types)
_C1 = re.compile("[\x80-\x9f]")
# Dates on which feedparser does not break, whatever their numbers are.
_USUAL_DATE = re.compile(
    r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} (?:GMT|UTC|[A-Z]{3}|[+-][0-9]{4})"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?|"
)
# Attributes that anybody reads, by the name that they have without a namespace.
_READ = frozenset({
    "rel", "type", "href", "url", "uri", "term", "scheme", "domain", "label", "ispermalink", "mode", "base", "lang",
    "medium", "filesize", "length", "lastmod", "datetime", "text", "content",
})  # fmt: skip


class State:
    """`here`: the dictionary that fields go into, an entry's or the feed's. `depths`: where its fields were found.

    The document `is_atom` of some version, or of 1.0. `title_depth`, `has_content`, `language` (xml:lang) and `base`
    (xml:base) are feedparser's. `bases` are those of the elements that are open, where any has one; `has_languages`:
    not only the root may have one.
    """

    __slots__ = (
        "actions", "base", "bases", "depths", "entries", "feed", "has_content", "has_languages", "here", "in_entry",
        "is_atom", "is_atom_1", "language", "names", "open_file", "title_depth",
    )  # fmt: skip

    def __init__(self, names: Names) -> None:
        self.names = names
        self.actions: Mapping[str, Action] = {}
        self.feed: Fields = {}
        self.entries: list[Fields] = []
        self.here = self.feed
        self.depths: dict[str, int] = {}
        self.in_entry = self.is_atom = self.has_content = self.has_languages = False
        self.is_atom_1 = False
        self.title_depth = -1
        self.language: str | None = None
        self.base = ""
        self.bases: list[str] = []
        self.open_file: Fields | None = None

    def _get_context(self) -> Fields:
        return self.here

    save_author = _save_author = _FeedParserMixin._save_author
    sync_author = _sync_author_detail = _FeedParserMixin._sync_author_detail

    def keep(self, name: str, value: object, depth: int, key: str = "") -> None:
        """A field of an entry is that of the element which stands least deep, the last of these; of a feed the last."""
        if self.in_entry:
            if depth > self.depths.get(name, depth):
                return
            self.depths[name] = depth
        self.here[key or name] = value

    def attributes(self, element: Element) -> Fields:
        """An element's attributes, as feedparser has them."""
        found: Fields = {}
        for name, value in element.items():
            if name[0] == "{":
                plain = self.names.attribute(name)
                if plain is None:
                    if name.rpartition("}")[2].lower() in _READ:
                        raise DoubtError(Why.ATTRIBUTE, name)
                    plain = name
                name = plain
            name = name.lower()
            found[name] = value.lower() if name in ("rel", "type") else value
        return found

    def resolved(self, address: str) -> str:
        """An address, seen from the document's base: as it stands, where that has none."""
        if not self.base and ":///" not in address:  # of which feedparser takes the third slash away, and more
            return address
        return str(_urljoin(self.base, address))


def map_type(written: str) -> str:
    """A content type by its usual name."""
    return str(_FeedParserMixin.map_content_type(written))


def text_in(element: Element) -> str:
    """The text of an element that should have no others in it, without white space around it."""
    if len(element):
        raise DoubtError(Why.ELEMENTS_IN_TEXT, element.tag)
    return (element.text or "").strip()


def repaired(text: str) -> str:
    """Encoded twice, or with characters of Windows-1252 by their numbers there: as it was meant."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_cp1252) if _C1.search(text) else text


def check_date(text: str) -> None:
    """feedparser reads each date, and nothing of that is used. But it breaks on some, and with it on the document."""
    if _USUAL_DATE.fullmatch(text):
        return
    try:
        _parse_date(text)
    except Exception as error:  # broad: whatever it raises, it raises there too
        raise DoubtError(Why.DATE, text[:60]) from error
