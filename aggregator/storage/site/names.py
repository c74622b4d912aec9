"""How who speaks is called for readers: a paper by the name of its feed, a person by the name of the account."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from aggregator.model.site import Voice
from aggregator.text.open_addresses import host_of, without_secrets

# What several feeds of one paper have in common at the beginning of their titles is its name, if it is so long.
_SHORTEST_NAME = 3
_PARTING = " \t-–—:|·•/»›>,("


def load_names(conn: sqlite3.Connection) -> dict[str, str]:
    """Publisher → its name, as its own feeds call themselves. What a feed of another site is called says nothing."""
    titles: dict[str, list[str]] = defaultdict(list)
    rows = conn.execute("SELECT title, site_url, url FROM sources WHERE kind = 'feed' AND title <> '' ORDER BY id")
    for title, site, url in rows:
        if host := host_of(site) or host_of(url):
            titles[host].append(without_secrets(title))
    return {host: name for host, found in titles.items() if (name := _name(found))}


def voice(
    names: dict[str, str], *, kind: str, post_id: int, publisher: str | None, author: str | None, language: str | None
) -> Voice:
    """Who speaks in a post. One that nobody signed has a voice of its own."""
    if kind == "status":
        account = author or publisher or ""
        name = "@" + account.partition("@")[0] if account else ""
        return Voice(account or f"post {post_id}", name, is_person=True, language=language)
    key = publisher or f"post {post_id}"
    return Voice(key, names.get(key) or publisher or author or "", is_person=False, language=language)


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
