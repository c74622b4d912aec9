"""What machines of the web look for: the sitemap, robots.txt, redirects of what was merged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from aggregator.model.settings import Publish
from aggregator.model.site import Redirect
from aggregator.publish import addresses
from aggregator.publish.feeds.telling import stamp

# sitemaps.org/protocol.html: more must be parted.
MOST_PAGES = 50_000

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class ListedPage(NamedTuple):
    """A page of the site: its path, when what it tells last changed, and whether search engines shall leave it out."""

    path: str
    changed_at: datetime | None = None
    is_noindex: bool = False


def sitemap(pages: Iterable[ListedPage], settings: Publish, most: int = MOST_PAGES) -> Mapping[str, str]:
    """The files of the sitemap by their paths: one, or one that lists the others, of `most` pages each.

    None where the site has no address: a sitemap knows no relative links.
    """
    site = settings.address
    if not site:
        return {}
    listed = [
        _item("url", addresses.absolute(site, page.path), page.changed_at) for page in pages if not page.is_noindex
    ]
    if len(listed) <= most:
        return {addresses.SITEMAP: _list("urlset", listed)}
    stem, _, ending = addresses.SITEMAP.rpartition(".")
    parts = [listed[start : start + most] for start in range(0, len(listed), most)]
    files = {f"{stem}-{n}.{ending}": _list("urlset", part) for n, part in enumerate(parts, 1)}
    index = [_item("sitemap", addresses.absolute(site, path), None) for path in files]
    return {**files, addresses.SITEMAP: _list("sitemapindex", index)}


def _item(name: str, url: str, changed_at: datetime | None) -> str:
    changed = f"<lastmod>{stamp(changed_at)}</lastmod>" if changed_at else ""
    return f"<{name}><loc>{escape(url)}</loc>{changed}</{name}>\n"


def _list(name: str, items: Sequence[str]) -> str:
    return f"{_XML}<{name} {_NAMESPACE}>\n{''.join(items)}</{name}>\n"


def robots(settings: Publish) -> str:
    """robots.txt (RFC 9309): pages may be visited. The same for programs need not be, and can't say `noindex`; nor can
    feeds, which may not be where people are in them who did not agree to be found."""
    below = _prefix(settings)
    kept = ["stories/*/story.json", "stories/*/story.md", addresses.STORIES_JSON]
    if settings.people == "all":
        kept.append(addresses.feed(""))
    lines = ["User-agent: *", *(f"Disallow: {below}{path}" for path in kept)]
    if settings.address:
        lines += ["", f"Sitemap: {addresses.absolute(settings.address, addresses.SITEMAP)}"]
    return "\n".join(lines) + "\n"


def redirects(merged: Iterable[Redirect], settings: Publish) -> str:
    """`_redirects`, which several hosts of static sites read: a line for each merged story, its end, and 301."""
    target = {each.slug: each.target for each in merged}
    below = _prefix(settings)
    lines = []
    for slug in sorted(target):
        end = _last(slug, target)
        if end != slug:
            lines.append(f"{_folder(below, slug)} {_folder(below, end)} 301\n")
    return "".join(lines)


def _last(slug: str, target: Mapping[str, str]) -> str:
    """Where a chain of merged stories ends; the slug itself where they go round in a circle."""
    seen = [slug]
    while (following := target.get(seen[-1])) is not None:
        if following in seen:
            return slug
        seen.append(following)
    return seen[-1]


def _folder(below: str, slug: str) -> str:
    return below + quote(addresses.story(slug).removesuffix("index.html"))


def _prefix(settings: Publish) -> str:
    """Where the site begins on its host: "/", or a folder."""
    return quote(urlsplit(settings.address or "").path or "/", safe="/%")
