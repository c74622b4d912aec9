"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → a `Document`. Tolerant: whatever has a list of items is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aggregator.sources.dates import day_first_in, parse_date
from aggregator.sources.feeds.entries import MAX_NAME, Body, Document, RawEntry, each, enclosures_of
from aggregator.sources.feeds.links import link_address, own_link
from aggregator.sources.feeds.poll_hints import MAX_ENTRIES, MAX_LAST_ENTRIES

Fields = Mapping[str, Any]

_DATES = ("date_published", "date_modified")


def read_json(text: str, url: str) -> Document:
    """What the document at `url` says."""
    try:
        # Numbers stay as they are written: ids lose digits as floats, and Python refuses to read very long ones.
        feed = json.loads(text, parse_int=_number, parse_float=str, strict=False)
    except json.JSONDecodeError as error:
        return Document(problem=f"malformed JSON: {error.msg} in line {error.lineno}, column {error.colno}")
    except RecursionError:
        return Document(problem="malformed JSON: nested too deep")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Document(problem="JSON, but not a JSON Feed: it has no list of items")
    site_url = link_address(_text(feed, "home_page_url"), url)
    count = len(items)
    if count > MAX_ENTRIES + MAX_LAST_ENTRIES:
        items = items[:MAX_ENTRIES] + items[-MAX_LAST_ENTRIES:]
    day_first = day_first_in(_text(item, name) for item in items if isinstance(item, Mapping) for name in _DATES)
    entries, warnings = each(items, lambda item: _raw_entry(item, feed, url, day_first))
    if count > len(items):
        warnings.insert(0, f"{count} entries: only the first {MAX_ENTRIES} and the last {MAX_LAST_ENTRIES} were read")
    return Document(
        title=_text(feed, "title"),
        description=_text(feed, "description"),
        site_url=site_url,
        language=_text(feed, "language"),
        entries=entries,
        warnings=warnings,
    )


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


def _raw_entry(item: object, feed: Fields, base: str, day_first: bool | None) -> RawEntry:
    if not isinstance(item, Mapping):
        raise TypeError(f"an item is an object, not {type(item).__name__}")
    guid = _text(item, "id")
    title = _text(item, "title")
    written = ((_text(item, "url"), base), (guid, None), (_text(item, "external_url"), base))
    link, link_name = own_link(written, title)
    language = _text(item, "language") or _text(feed, "language")
    published, updated = (parse_date(_text(item, name), day_first, language) for name in _DATES)
    return RawEntry(
        guid=guid,
        link=link,
        link_name=link_name,
        title=title,
        has_plain_title=True,  # so it is by the specification
        bodies=tuple(_bodies(item, link or base)),
        authors=tuple(_authors(item)) or tuple(_authors(feed)),
        language=language,
        published=(published, updated),
        updated=updated,
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        enclosures=enclosures_of(
            (
                (file.get("url"), file.get("mime_type"), file.get("size_in_bytes"))
                for file in _list(item, "attachments")
                if isinstance(file, Mapping)
            ),
            base,
        ),
        account=_account(item),
    )


def _bodies(item: Fields, base: str) -> Iterable[Body]:
    """The HTML first: where both are there, they say the same."""
    for name, is_plain in (("content_html", False), ("content_text", True), ("summary", True)):
        if value := _text(item, name):
            yield Body(value, None if is_plain else base, is_plain)


def _account(item: Fields) -> str:
    """micro.blog's extension: who wrote the entry, by the name of the account."""
    extension = _mapping(_mapping(item.get("author")).get("_microblog"))
    return _text(extension, "username").strip()[:MAX_NAME]


def _mapping(value: object) -> Fields:
    return value if isinstance(value, Mapping) else {}


def _authors(fields: Fields) -> Iterable[str]:
    """`authors` since 1.1, `author` before."""
    for author in (*_list(fields, "authors"), fields.get("author")):
        name = _text(author, "name") if isinstance(author, Mapping) else author
        if isinstance(name, str) and name:
            yield name


def _text(fields: Fields, name: str) -> str:
    """A field that should be text; a number where software writes one (ids, dates as Unix time)."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _list(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []
