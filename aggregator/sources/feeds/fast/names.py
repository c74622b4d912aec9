"""The name that feedparser gives an element: `media_content`, `dc_date`, `title`. By its vocabulary where feedparser
knows that, else by the prefix that the document chose, which expat's tree has forgotten."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape

from feedparser.mixin import _FeedParserMixin

from aggregator.sources.feeds.fast.doubts import DoubtError, Why

# Vocabulary, in lower case → the prefix that feedparser calls it by.
_KNOWN: dict[str, str] = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
# Whatever has this in its address is RSS without a prefix.
_USERLAND = "backend.userland.com/rss"
_XLINK = "http://www.w3.org/1999/xlink"

# Also those that stand in a text: they only add doubt.
_DECLARATION = re.compile(r"xmlns(?::([^\s=]{1,200}))?\s*=\s*(?:\"([^\"]{0,1000})\"|'([^']{0,1000})')")
_FIRST_TAG = re.compile(r"<\w[^>]*>")

# The vocabularies that tell feedparser a version, in the order in which the document declares them.
_ATOM, _RSS_1 = "http://www.w3.org/2005/atom", "http://purl.org/rss/1.0/"
_VERSIONS = {_ATOM: "atom10", _RSS_1: "rss10"}
_RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"

# Dates of other vocabularies than feedparser's, by trust: PRISM 2.0 §4 (a cover's date is that of the printed issue);
# DCMI terms, and what generators write without one. An event's date is none.
OTHER_DATES = (
    "publicationdate", "onlinedate", "publisheddate", "datepublished", "issued", "available", "date", "coverdate",
    "creationdate", "datesubmitted", "modificationdate", "datemodified", "modified",
)  # fmt: skip
# What else is read of elements that feedparser has no handler for, by the end of their names.
_READ = frozenset({"rating", "origlink", "verb", "time", "ttl", "updateperiod", "updatefrequency", *OTHER_DATES})

# The elements that feedparser has a handler for. Documents' names are in lower case here.
HANDLED = frozenset(
    name.split("_", 2)[2]
    for name in dir(_FeedParserMixin)
    if name.startswith(("_start_", "_end_")) and name == name.lower()
)

Declared = list[tuple[str | None, str]]


def is_read(name: str) -> bool:
    """Is an element of this name, without a handler, one that anybody reads?"""
    return name.rpartition("_")[2] in _READ


class Names:
    """The names of one document's elements and attributes. Raises DoubtError(PREFIX) where they can't be told."""

    def __init__(self, text: str) -> None:
        self._prefixes: dict[str, set[str]] = defaultdict(set)
        # feedparser looks up its own prefixes once more among the document's.
        self._again: dict[str, str] = {}
        self.version = _version(_declared(first[0])) if (first := _FIRST_TAG.search(text)) else ""
        declared = _declared(text)
        bound: dict[str | None, str] = {}
        for prefix, uri in declared:
            if prefix and bound.setdefault(prefix, uri) != uri:
                raise DoubtError(Why.PREFIX, prefix)
            known = _known(uri)
            if known is None:
                self._prefixes[uri].add((prefix or "").lower())
            elif prefix:
                self._again[prefix] = known
        if sum(uri == _XLINK for _, uri in declared) > 1:  # feedparser gives the declaration to the next element
            raise DoubtError(Why.PREFIX, "xlink")

    def element(self, tag: str) -> str:
        """Of an element, by its tag in expat's tree."""
        if tag[0] != "{":
            return tag.lower()
        uri, _, local = tag[1:].rpartition("}")
        prefix = self._prefix(uri)
        return f"{prefix}_{local}".lower() if prefix else local.lower()

    def attribute(self, name: str) -> str | None:
        """Of an attribute with a namespace: `xml:lang`. None for a vocabulary that feedparser does not know."""
        uri, _, local = name[1:].rpartition("}")
        prefix = _known(uri)
        return f"{prefix}:{local}".lower() if prefix else None

    def _prefix(self, uri: str) -> str:
        prefix = _known(uri)
        if prefix is None:
            prefixes = self._prefixes.get(uri, ())
            if len(prefixes) != 1:
                raise DoubtError(Why.PREFIX, uri)
            prefix = next(iter(prefixes))
        prefix = prefix.lower()
        if self._again.get(prefix, prefix).lower() != prefix:
            raise DoubtError(Why.PREFIX, prefix)
        return prefix


def _declared(text: str) -> Declared:
    return [(prefix or None, unescape(one or other)) for prefix, one, other in _DECLARATION.findall(text)]


def _known(uri: str) -> str | None:
    uri = uri.lower()
    return "" if _USERLAND in uri else _KNOWN.get(uri)


def _version(declared: Declared) -> str:
    for prefix, uri in declared:
        if prefix is None and uri.lower() == _RSS_090:
            return "rss090"
        if version := _VERSIONS.get(uri.lower()):
            return version
    return ""
