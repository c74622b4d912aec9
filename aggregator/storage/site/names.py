"""How who speaks is called for readers: a paper by the name of its feed, a person by the name of the account."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from aggregator.model.site import Voice
from aggregator.text.secrets.open_addresses import host_of, without_secrets
from aggregator.text.urls import registrable_domain

# What several feeds of one paper have in common at the beginning of their titles is its name, if it is so long.
_SHORTEST_NAME = 3
_FRONT = re.compile(r"(?:[a-z]{2}(?:[-_][a-z]{2})?|news|blog|home|index|default|rss|feed)(?:\.\w+)?", re.IGNORECASE)
_FEEDS = """
SELECT g.post_id, s.title, s.site_url, s.url FROM sightings g JOIN sources s ON s.id = g.source_id
WHERE g.post_id IN (SELECT value FROM json_each(?)) AND s.kind = 'feed' AND s.title <> '' AND g.by_token = 0
ORDER BY g.post_id, g.rowid
"""
_PARTING = " \t-–—:|·•/»›>,("


def load_names(conn: sqlite3.Connection) -> dict[str, str]:
    """Publisher → its name, as its own feeds call themselves; "" where they disagree.

    What a feed of another site is called says nothing, nor does a single feed of a part of the site.
    """
    titles: dict[str, list[str]] = defaultdict(list)
    whole: dict[str, bool] = defaultdict(bool)
    rows = conn.execute("SELECT title, site_url, url FROM sources WHERE kind = 'feed' AND title <> '' ORDER BY id")
    for title, site, url in rows:
        if host := host_of(site) or host_of(url):
            titles[host].append(without_secrets(title))
            whole[host] |= not _is_part(site)
    # Of several that have no name in common none is the site's.
    return {host: _name(found) for host, found in titles.items() if whole[host] or len(set(found)) > 1}


def names_of_feeds(conn: sqlite3.Connection, posts: str) -> dict[int, dict[str, str]]:
    """Post → the sites whose feeds brought it, by the name that each registered, → what the first such feed is called.

    `posts`: their ids as JSON.
    """
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for post_id, title, site, url in conn.execute(_FEEDS, (posts,)):
        for address in (site, url):
            if label := _registered(host_of(address)):
                found[post_id].setdefault(label, without_secrets(title))
    return found


def voice(
    names: dict[str, str],
    *,
    kind: str,
    post_id: int,
    publisher: str | None,
    author: str | None,
    language: str | None,
    feeds: Mapping[str, str] = MappingProxyType({}),
) -> Voice:
    """Who speaks in a post. One that nobody signed has a voice of its own. `feeds`: as of `names_of_feeds`."""
    if kind == "status":
        account = author or publisher or ""
        name = "@" + account.partition("@")[0] if account else ""
        return Voice(account or f"post {post_id}", name, is_person=True, language=language)
    key = publisher or f"post {post_id}"
    title = names[key] if key in names else feeds.get(_registered(publisher))
    return Voice(key, title or publisher or author or "", is_person=False, language=language)


def _is_part(site: str | None) -> bool:
    """Does an address lead into a site? A page of news or a language is its front, too."""
    path = urlsplit(site or "").path.strip("/")
    return bool(path) and not _FRONT.fullmatch(path)


def _registered(publisher: str | None) -> str:
    """What somebody registered, without its suffix, which differs from country to country: "bbc"."""
    domain = registrable_domain(publisher) if publisher and "/" not in publisher else None
    return domain.partition(".")[0] if domain else ""


def _name(titles: Iterable[str]) -> str:
    different = list(dict.fromkeys(titles))
    if len(different) == 1:
        return different[0]
    shared = different[0]
    while not all(title.startswith(shared) for title in different):
        shared = shared[:-1]
    # Not amid a word.
    if any(title[len(shared) : len(shared) + 1].isalnum() for title in different) and shared[-1:].isalnum():
        shared = shared.rpartition(" ")[0]
    name = shared.rstrip(_PARTING)
    return name if len(name) >= _SHORTEST_NAME else ""
