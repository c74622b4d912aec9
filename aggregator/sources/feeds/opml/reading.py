"""A document → the subscriptions in it. It takes what it can, and names what it could not, with the line. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from aggregator.sources.encoding import decode
from aggregator.sources.feeds.opml.addresses import trouble_with, web_address
from aggregator.sources.feeds.opml.markup import Outline, Outlines, read_outlines
from aggregator.sources.feeds.opml.plain import read_list
from aggregator.sources.feeds.opml.texts import shown, title_of
from aggregator.sources.feeds.opml.values import Listed, OpmlError, Subscription
from aggregator.text.secrets.open_addresses import is_open_address
from aggregator.text.terminal.characters import one_line
from aggregator.text.urls import absolute_url, canonical_url

# A hundred thousand subscriptions have some 30 MB.
MOST_BYTES = 50 * 1024 * 1024
_HTML = re.compile(r"\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!DOCTYPE\s+html|html)\b", re.IGNORECASE | re.DOTALL)
# Before it may stand what a mail or a server put there.
_OPML = re.compile(r"<(?:[\w-]+:)?opml\b", re.IGNORECASE)
# What older programs call the type of a feed, whose address is then in `url`.
_FEED_TYPE = re.compile(r"(?:application/)?(?:rss|atom|rdf|feed|json ?feed)\b|rss[\d.]+$", re.IGNORECASE)
# FreshRSS makes feeds out of pages itself, and says in other attributes how.
_MADE = re.compile(r"(?:html|xml|json)\+\w+", re.IGNORECASE)

_NO_FEED_ROOTS = {
    "rss": "a feed", "rdf": "a feed", "feed": "a feed", "html": "a page", "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
}  # fmt: skip


def read_opml(document: bytes | str) -> Listed:
    """The feeds of a document, each address once.

    Raises:
        OpmlError: it is something else, too large, or nothing of it can be read.
    """
    if len(document) > MOST_BYTES:
        raise OpmlError(f"it has more than {MOST_BYTES // 1024 // 1024} MiB")
    text = (decode(document, None) if isinstance(document, bytes) else document).replace("\ufeff", "")
    is_opml = _OPML.search(text) is not None
    if not is_opml and not text.lstrip().startswith("<"):
        listed = read_list(text)
        if listed is None:
            raise OpmlError("it is neither OPML nor a list of addresses, one a line" if text.strip() else "it is empty")
    elif not is_opml and _HTML.match(text):
        raise OpmlError("it is a page of HTML, not OPML; `aggregator add URL` finds the feeds of a site")
    else:
        listed = _of_outlines(read_outlines(text))
    return _each_once(listed)


def _of_outlines(read: Outlines) -> Listed:
    if not read.found:
        if read.root in _NO_FEED_ROOTS:
            hint = "; `aggregator add URL` follows it" if _NO_FEED_ROOTS[read.root] == "a feed" else ""
            raise OpmlError(f"it is {_NO_FEED_ROOTS[read.root]}, not OPML{hint}")
        if read.trouble:
            raise OpmlError(read.trouble)
        if read.root not in ("opml", "body", "outline"):
            raise OpmlError(f"it is not OPML, but <{read.root[:60]}>" if read.root else "there is nothing in it")
    listed = Listed()
    for outline in read.found:
        _take(outline, listed)
    if read.trouble:
        if not listed.found and not listed.left_out:
            raise OpmlError(read.trouble)
        listed.left_out.append(f"{read.trouble}: what stood before that is taken, and nothing behind it was read")
    return listed


def _take(outline: Outline, listed: Listed) -> None:
    """The subscription that an outline is; or why it is none, if it looks like one."""
    named = {name: one_line(value) for name, value in outline.attributes.items()}
    kind, written = named.get("type", ""), named.get("xmlurl", "")
    if not written and _FEED_TYPE.match(kind):
        written = named.get("url", "")
    written_title = named.get("title") or named.get("text") or ""
    title = title_of(written_title)
    where = f"line {outline.line}: {shown(title) or 'an outline'}"
    if not written:
        # Within a feed stand its episodes, in lists of podcast players.
        if outline.is_empty and not outline.is_in_feed and (why := _no_feed(kind, named)):
            listed.left_out.append(f"{where}: {why}")
        return
    url = web_address(written)
    if _MADE.fullmatch(kind):
        made = "no feed, but a page or data that another program makes one of"
        listed.left_out.append(f"{where}: {made} ({shown(kind)[:40]})")
    elif (trouble := trouble_with(written, url)) or url is None:
        listed.left_out.append(f"{where}: {trouble}")
    else:
        listed.found.append(
            Subscription(
                url=url, title="" if written_title in (url, written) else title, line=outline.line,
                site_url=_page(named.get("htmlurl", "")),
                folders=tuple(map(title_of, outline.folders)) or _category(named.get("category", "")),
            )
        )  # fmt: skip


def _page(written: str) -> str | None:
    """The address of a page, if anybody may be told it."""
    page = absolute_url(written)
    return page if page and is_open_address(page) else None


def _no_feed(kind: str, named: dict[str, str]) -> str | None:
    """Why an outline with nothing in it is no feed, where it seems to be more than an empty folder."""
    if named.get("url"):
        return f"no feed, but of type {shown(kind)[:40] or 'unknown'}"
    if named.get("htmlurl"):
        return "it has the address of a page alone; `aggregator add URL` finds its feed"
    return "it has no address" if _FEED_TYPE.match(kind) else None


def _category(written: str) -> tuple[str, ...]:
    """The first of the categories that an outline without folders names: "/Press/Ports,/Harbour"."""
    first = title_of(written.partition(",")[0])
    return tuple(name.strip() for name in first.split("/") if name.strip())


def _each_once(listed: Listed) -> Listed:
    """The first of those with one canonical address; where a later one has a title or a page that it lacks, with
    that."""
    once: dict[str, Subscription] = {}
    for each in listed.found:
        key = canonical_url(each.url) or each.url
        first = once.setdefault(key, each)
        if first is each:
            continue
        once[key] = replace(first, title=first.title or each.title, site_url=first.site_url or each.site_url)
        folder = (
            f", and stays in its folder {shown(first.folders[-1])}"
            if each.folders != first.folders and first.folders
            else ""
        )
        title = f" {shown(each.title)}" if each.title else ""
        listed.notes.append(f"line {each.line}:{title} is there already, in line {first.line}{folder}")
    return Listed(list(once.values()), listed.left_out, listed.notes)
