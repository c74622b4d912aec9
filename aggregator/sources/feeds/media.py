"""The files that Media RSS names (rssboard.org/media-rss): audio, video and documents that belong to an entry.

Its pictures illustrate the article and stand in nearly every news feed, and its players are programs of a web site:
neither is a file that belongs to the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

_FILES = frozenset({"audio", "video"})
_MEDIUMS = frozenset({"audio", "video", "document"})
_PROGRAMS = re.compile(
    r"application/(?:x-shockwave-flash|vnd\.adobe\.flash.*|(?:x-)?javascript|json|xml|.*\+(?:xml|json))"
)
_PICTURES = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico)$", re.IGNORECASE)
_NAMES = re.compile(
    r"\.(?:mp3|m4[abv]|aac|og[agv]|opus|flac|wav|mp4|mov|webm|mkv|avi|wmv|mpe?g|m3u8|pdf|epub)$", re.IGNORECASE
)


def media_files(contents: Iterable[Mapping[str, Any]]) -> Iterable[tuple[object, object, object]]:
    """(address, media type, length in bytes) of each `media:content` that is a file, as the document has it."""
    for content in contents:
        if _is_file(*(_text(content, name) for name in ("url", "type", "medium"))):
            yield content.get("url"), content.get("type"), content.get("filesize")


def pictures(contents: Iterable[Mapping[str, Any]]) -> Iterable[tuple[object, object, object]]:
    """The same of each that is a picture."""
    for content in contents:
        if _text(content, "medium") == "image" or _text(content, "type").startswith("image/"):
            yield content.get("url"), content.get("type"), content.get("filesize")


def _is_file(url: str, media_type: str, medium: str) -> bool:
    """By its type; without one by its medium, and without that by its name."""
    kind, _, _ = media_type.partition("/")
    if kind:
        is_document = kind == "application" and medium != "image" and not _PROGRAMS.match(media_type)
        return kind in _FILES or is_document
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    if _PICTURES.search(path):
        return False
    return medium in _MEDIUMS if medium else _NAMES.search(path) is not None


def _text(content: Mapping[str, Any], name: str) -> str:
    value = dict.get(content, name) if isinstance(content, dict) else None
    return value.strip().lower() if isinstance(value, str) else ""
