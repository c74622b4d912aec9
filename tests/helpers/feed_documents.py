"""Small feeds of every format, and what is read of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from aggregator.model.post import Post
from aggregator.sources.feeds.parse import parse_feed
from aggregator.sources.feeds.results import ParsedFeed

URL = "https://feeds.paper.example/all.xml"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def parsed(document: str | bytes, content_type: str | None = None) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse_feed(body, content_type, URL, NOW)


def rss(*items: str, channel: str = "<link>https://paper.example/</link>", attributes: str = "") -> str:
    return f'<rss version="2.0" {attributes}><channel><title>Paper</title>{channel}{"".join(items)}</channel></rss>'


def atom(*entries: str, head: str = "", attributes: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Paper</title>{head}{"".join(entries)}</feed>'


def json_feed(*items: object, **fields: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Paper", **fields, "items": items})


def only(document: str | bytes) -> Post:
    feed = parsed(document)
    assert feed.problem == ""
    [post] = feed.posts
    return post


def item(inner: str) -> Post:
    """The post of an RSS item with this inside."""
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    return only(rss(f"<item>{inner}</item>", attributes=spaces))


def entry(inner: str, attributes: str = "") -> Post:
    """The post of an Atom entry with this inside."""
    return only(atom(f"<entry {attributes}>{inner}</entry>"))
