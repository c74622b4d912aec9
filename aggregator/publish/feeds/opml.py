"""OPML 2.0 (opml.org/spec2.opml) of the sources, for other readers. Pure.

Only what anybody may ask for: a feed whose address has a password or a key in it is somebody's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from aggregator.model.settings import Publish
from aggregator.model.site import ShownSource
from aggregator.publish.clean import web_address
from aggregator.publish.feeds.out import ENGLISH, Labels
from aggregator.publish.feeds.telling import one_line
from aggregator.text.folders import Shelf, names_of
from aggregator.text.secrets.open_addresses import is_open_address

# What is asked no more, or no longer there.
_OVER = ("removed", "gone")


def opml(sources: Iterable[ShownSource], settings: Publish, labels: Labels = ENGLISH) -> str:
    """The sources as a document, in the folders of the configuration.

    A hashtag or an account is the feed that its server has of it; one without a folder stands in that of the hashtags
    or accounts.

    Timelines that only a signed-in user sees have none, and are left out.
    """
    shelf: Shelf[str] = Shelf()
    own = {"hashtag": labels.hashtags, "account": labels.accounts}
    for source in sources:
        if source.status in _OVER or source.kind not in ("feed", *own):
            continue
        names = names_of(source.folder or "") or ((own[source.kind],) if source.kind in own else ())
        if source.kind == "feed":
            outlines = _outline(source, source.url, source.site_url)
        else:
            page = _page_of(source, source.url or "")
            outlines = _outline(source, f"{page}.rss" if page else None, page)
        for outline in outlines:
            shelf.put(outline, names)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head>\n']
    parts.append(f"<title>{escape(one_line(settings.title))}</title>\n</head>\n<body>\n")
    parts += _in_folders(shelf)
    parts.append("</body>\n</opml>\n")
    return "".join(parts)


def _in_folders(shelf: Shelf[str]) -> Iterator[str]:
    yield from shelf.items
    for name, within in shelf.folders.items():
        shown = escape(one_line(name))
        yield f'<outline text="{shown}" title="{shown}">\n'
        yield from _in_folders(within)
        yield "</outline>\n"


def _outline(source: ShownSource, url: str | None, site_url: str | None) -> Iterable[str]:
    address, site = _open_address(url), _open_address(site_url)
    if address:
        name = escape(one_line(source.name) or address)
        page = f' htmlUrl="{escape(site)}"' if site else ""
        yield f'<outline type="rss" text="{name}" title="{name}" xmlUrl="{escape(address)}"{page}/>\n'


def _page_of(source: ShownSource, url: str) -> str:
    """The public page of a hashtag or an account; an account has it, and its feed, on its own server alone."""
    page = url.partition("?")[0]
    if source.kind == "account" and "@" in (account := page.rpartition("/@")[2]):
        name, _, host = account.partition("@")
        return f"https://{host}/@{name}"
    return page


def _open_address(url: str | None) -> str | None:
    """The address, if nothing in it looks like a secret."""
    address = web_address(url)
    return address if address and is_open_address(address) else None
