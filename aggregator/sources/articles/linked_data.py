"""What a page says of itself for programs: its JSON-LD, as far as it is about an article. Never raises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

# Longer blocks are data; more of them are an attack.
_MOST_CHARACTERS = 300_000
_MOST_BLOCKS = 20
_MOST_DEPTH = 6
_MOST_NODES = 2_000

_ARTICLES = ("Article", "Posting", "Report", "WebPage")


@dataclass(frozen=True, slots=True)
class Said:
    """`is_free`: False where the page says that its text is not for everybody. `words`: how many it has."""

    is_free: bool = True
    words: int = 0
    licence: str | None = None


def said_by(page: LexborHTMLParser) -> Said:
    """What the page's own data say of its article."""
    is_free, words, licence = True, 0, None
    for node in _nodes(page):
        kinds = node.get("@type")
        kinds = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
        if not any(isinstance(kind, str) and kind.endswith(_ARTICLES) for kind in kinds):
            continue
        is_free = is_free and str(node.get("isAccessibleForFree", True)).casefold() not in ("false", "0", "no")
        count = node.get("wordCount")
        if isinstance(count, int | str) and str(count).isdecimal() and len(str(count)) < 7:
            words = max(words, int(count))
        named = node.get("license")
        named = named.get("url") or named.get("@id") if isinstance(named, dict) else named
        licence = licence or (named if isinstance(named, str) else None)
    return Said(is_free, words, licence)


def _nodes(page: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    for script in page.css('script[type="application/ld+json"]')[:_MOST_BLOCKS]:
        text = script.text()
        if len(text) > _MOST_CHARACTERS:
            continue
        try:
            found = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _within(found)


def _within(found: Any) -> Iterator[dict[str, Any]]:
    waiting, seen = [(found, 0)], 0
    while waiting and seen < _MOST_NODES:
        value, depth = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            yield value
            inner = [value[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in value]
        else:
            inner = value if isinstance(value, list) else []
        if depth < _MOST_DEPTH:
            waiting += [(each, depth + 1) for each in inner]
