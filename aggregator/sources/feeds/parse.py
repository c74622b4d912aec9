"""The bytes of a feed → posts. `parse_feed` is the parser; what it calls knows one format each."""

from __future__ import annotations

import re
from datetime import datetime

from aggregator.model.source import Parser
from aggregator.sources.consent_walls import is_consent_page
from aggregator.sources.encoding import decode
from aggregator.sources.feeds.entries import MAX_TITLE
from aggregator.sources.feeds.fediverse import with_statuses
from aggregator.sources.feeds.json_feed import read_json
from aggregator.sources.feeds.results import ParsedFeed
from aggregator.sources.feeds.unchanged import NOTHING_KNOWN, Known, sift
from aggregator.sources.feeds.xml_feed import read_xml
from aggregator.sources.languages import language_code
from aggregator.sources.named_feeds import Pages, feeds_named
from aggregator.text.html import clean_text

# More says nothing new: a generator's mistake is in every entry.
_MOST_WARNINGS = 20

# Where the first element of a document stands.
_HEAD = 100_000
_BLANK = "\ufeff\u200b \t\r\n\0"
_NOT_ELEMENTS = re.compile(r"<!--.*?(?:-->|$)|<[?!][^<>]*>?", re.DOTALL)
_ELEMENT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_ENTRIES = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)

_MOST_LINKED_FEEDS = 5
_CONSENT = (
    "this is a web page, not a feed: it asks for consent to cookies first, and none is kept here "
    "(`cookie_env` of the feed can name one)"
)


def parse_feed(
    body: bytes,
    content_type: str | None,
    url: str,
    now: datetime,
    *,
    parser: Parser = "auto",
    known: Known = NOTHING_KNOWN,
    pages: Pages | None = None,
) -> ParsedFeed:
    """The posts in a document that was served as `content_type` from `url`, the address after redirects.

    RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, RDF, CDF, JSON Feed 1.0, 1.1, in the document's order. `now` tells which dates
    are plausible; `parser` who reads XML, `known` what is known of the entries, `pages` who parses a web page that
    is no feed. Pure, and never raises, whatever the bytes are.
    """
    try:
        return _parsed(decode(body, content_type), url, now, parser, known, pages)
    # Broad on purpose: the document is a stranger's, and no parser's list of exceptions is complete. It is told to
    # the user, and the other sources go on.
    except Exception as error:
        return ParsedFeed(problem=clean_text(f"the document breaks the parser: {type(error).__name__}: {error}")[:300])


def _parsed(text: str, url: str, now: datetime, parser: Parser, known: Known, pages: Pages | None) -> ParsedFeed:
    beginning = text.lstrip(_BLANK)[:1]
    if not beginning:
        return ParsedFeed(problem="empty body")
    is_json = beginning in "{["
    document = read_json(text.lstrip("\ufeff\u200b\0"), url) if is_json else read_xml(text, url, parser=parser)
    if document.problem:
        if is_json:
            return ParsedFeed(problem=document.problem)
        return ParsedFeed(problem=_what_it_is(text.lstrip(_BLANK), url, document.problem, pages))
    title = clean_text(document.title[: 4 * MAX_TITLE])[:MAX_TITLE] or None
    sifted = sift(with_statuses(document, url).entries, now, known, title)
    made = sifted.made
    warnings = [*document.warnings, *made.warnings]
    if not made.posts and not sifted.unchanged and not is_json and (count := len(_ENTRIES.findall(text))):
        because = "; ".join(warnings[:3])
        return ParsedFeed(problem=f"{count} entries in the document, but none could be read{because and ': '}{because}")
    return ParsedFeed(
        title=title,
        site_url=document.site_url,
        language=language_code(document.language),
        posts=made.posts,
        numbers=made.numbers,
        unchanged=sifted.unchanged,
        said=sifted.said,
        warnings=_few(warnings),
        patience=document.patience,
        moved=_moved(document.moved_to),
    )


def _moved(target: str | None) -> str | None:
    """A stranger's word alone moves nothing: a host may say so to keep what left it. A redirect is believed in time."""
    return f"the feed says that it has moved to {target} (itunes:new-feed-url): follow that" if target else None


def _few(warnings: list[str]) -> tuple[str, ...]:
    if len(warnings) <= _MOST_WARNINGS:
        return tuple(warnings)
    return (*warnings[:_MOST_WARNINGS], f"and {len(warnings) - _MOST_WARNINGS} more")


# ---------------------------------------------------------------- no feed


def _what_it_is(page: str, url: str, trouble: str, pages: Pages | None) -> str:
    """What a document is that is no feed, in words."""
    head = page[:_HEAD]
    element = _ELEMENT.search(_NOT_ELEMENTS.sub("", head))
    if re.match(r"\s*<!doctype html", head, re.IGNORECASE) or (
        element and element[1].lower() in ("html", "head", "body")
    ):
        feeds = [feed.url for feed in feeds_named(page, url, pages=pages) if not feed.is_link][:_MOST_LINKED_FEEDS]
        if not feeds and is_consent_page(page, url):
            return _CONSENT
        return f"this is a web page, not a feed{'; it links these feeds: ' if feeds else ''}{', '.join(feeds)}"
    if element is None or not head.startswith("<"):
        return f"not XML or JSON: it begins with “{clean_text(head[:200])[:60]}”"
    malformed = f" ({trouble})" if trouble.startswith("malformed") else ""
    return f"an XML document <{element[1][:60]}>, but not a feed{malformed}"
