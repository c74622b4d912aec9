"""What all pages have around them: head, navigation, foot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from aggregator.model.settings import Publish
from aggregator.publish import addresses
from aggregator.publish.clean import plain
from aggregator.publish.items import Items

CSP = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
# With an index of the pages: its program, which is WebAssembly, and the pieces of the index it fetches.
CSP_SEARCH = f"{CSP}; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_NAVIGATION = (
    ("today", addresses.FRONT), ("river", addresses.RIVER), ("topics", addresses.TOPICS), ("agenda", addresses.AGENDA),
    ("days", addresses.DAYS), ("sources", addresses.SOURCES),
)  # fmt: skip


class Entry(NamedTuple):
    """An entry of the navigation."""

    key: str
    word: Markup
    href: str


@dataclass(frozen=True, slots=True)
class Site:
    """The site as a page of it sees it: what it is called, and where its parts are from there."""

    title: str
    language: str
    direction: str
    times: Markup
    own_stylesheet: bool
    home: str
    root: str
    navigation: tuple[Entry, ...]
    style: str
    own_style: str
    icon: str
    how: str
    search: str
    opml: str
    atom: str
    json: str
    stories_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around one page. `links`, `head` and `foot` are those of all pages of its kind, ready.

    `feeds`: the title of its own, its Atom and its JSON Feed. `canonical`: its address, if the site's is
    known. `data`: the element with its JSON-LD.
    """

    site: Site
    links: Markup
    head: Markup
    foot: Markup
    kind: str
    title: str
    description: str
    noindex: bool = False
    feeds: tuple[str, str, str] | None = None
    canonical: str | None = None
    data: Markup = field(default_factory=Markup)
    csp: str = CSP


def site_from(here: str, settings: Publish, items: Items) -> Site:
    """The site as it is seen from the page at `here`."""
    words = items.words

    def link(to: str) -> str:
        return items.link(here, to)

    if here == addresses.NOT_FOUND:
        # It is shown in the place of whatever page is missing, at any depth: its links begin at the site's root.
        base = urlsplit(settings.address).path if settings.address else "/"

        def link(to: str) -> str:
            return base + to.removesuffix("index.html")

    return Site(
        title=plain(settings.title), language=words.language, direction=words.direction,
        times=words.say("base.times", zone=words.zone_name), own_stylesheet=settings.stylesheet is not None,
        home=link(addresses.FRONT), root=link(addresses.FRONT),
        navigation=tuple(Entry(key, words.fixed[f"base.{key}"], link(to)) for key, to in _NAVIGATION),
        style=link(addresses.STYLESHEET), own_style=link(addresses.OWN_STYLESHEET), icon=link(addresses.ICON),
        how=link(addresses.HOW), search=link(addresses.SEARCH), opml=link(addresses.OPML),
        atom=link(addresses.feed(addresses.ALL) + ".atom"), json=link(addresses.feed(addresses.ALL) + ".json"),
        stories_json=link(addresses.STORIES_JSON),
    )  # fmt: skip
