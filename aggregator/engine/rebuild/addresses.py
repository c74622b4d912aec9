"""Keys of addresses, worked out again where today's rules write them otherwise, and what is a copy because of them.

A post keeps its story, as where copies are decided anew; but a story that only copies made goes into that of the
original, and a post that is no copy any more goes on to `aggregator.engine.rebuild.former_copies`. Of what retention
took away only numbers are left, made of the former keys: it is known by the name that its source gave it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from aggregator.dedupe.candidates import Candidates, as_known
from aggregator.dedupe.copies import BY_LINK, become_copies, find_copy
from aggregator.engine.rebuild.progress import Reworked
from aggregator.engine.rebuild.stored import enriched_of
from aggregator.model.changes import CopyOf
from aggregator.model.post import Neighbours
from aggregator.model.source import Source
from aggregator.storage.changelog import log_changes
from aggregator.storage.database import Database
from aggregator.storage.stored_posts import SavedPost, load_ids_with_links, load_posts, save_found_copies
from aggregator.storage.upgrade.addresses import (
    Addressed,
    is_one_of_several,
    load_addressed,
    load_addressed_at,
    load_pages,
    merge_stories_of_copies,
    save_keys,
    save_page_keys,
)
from aggregator.text.urls import canonical_url, is_key_of_home_page

_AFTER_ALL = 2**62


def rekey_pages(database: Database, after: int, most: int, now: datetime) -> Reworked:
    """The next pages that posts lead to, inside the transaction that is open."""
    pages = load_pages(database.conn, after, most)
    changed = 0
    for page in pages:
        key = _key(page.url, page.canonical_url)
        declared = _key(None, page.declared_url) if page.declared_url else None
        if declared == key:
            declared = None
        if (key, declared) != (page.canonical_url, page.declared_url):
            save_page_keys(database.conn, page, key, declared)
            changed += 1
    return Reworked(pages[-1].id if pages else None, changed, len(pages), stories=())


def rekey_posts(database: Database, after: int, most: int, now: datetime) -> Reworked:
    """The next posts, inside the transaction that is open; with those that had the former key, wherever they are."""
    posts = load_addressed(database.conn, after, most)
    keys, changed = _rekey(database, posts)
    stories: set[int] = set()
    if keys:
        more, others = _rekey(database, load_addressed_at(database.conn, keys))
        keys, changed = keys | more, changed | others
        copies = _redecide(database, keys, now)
        log_changes(database.conn, now, "post", "edited", sorted(changed.difference(copies)))
        stories = merge_stories_of_copies(database.conn, copies, now)
        changed.update(copies)
    return Reworked(posts[-1].id if posts else None, len(changed), len(posts), stories=stories)


def _rekey(database: Database, posts: Iterable[Addressed]) -> tuple[set[str], set[int]]:
    """The keys that posts had and have, where these are not the same; and which posts those are."""
    keys: set[str | None] = set()
    changed: set[int] = set()
    for post in posts:
        found = _keys(database, post)
        if found != (post.canonical_url, post.article_key):
            save_keys(database.conn, post, *found)
            keys |= {*found, post.canonical_url, post.article_key}
            changed.add(post.id)
    return {key for key in keys if key}, changed


def _keys(database: Database, post: Addressed) -> tuple[str | None, str | None]:
    own = _key(post.url, post.canonical_url) if post.canonical_url else _route(database, post)
    return own, _key(post.article_url, post.article_key) if post.article_key else None


def _key(address: str | None, stored: str) -> str:
    key = canonical_url(address or stored)
    return stored if key is None or is_key_of_home_page(key) else key


def _route(database: Database, post: Addressed) -> str | None:
    """Of an address without a key that of its route: earlier rules took all routes of an application for one page,
    which no post had alone."""
    if not post.is_article or not post.url or "#/" not in post.url:
        return None
    key = canonical_url(post.url)
    return key if key and "#/" in key and not is_one_of_several(database.conn, post) else None


def _redecide(database: Database, keys: Collection[str], now: datetime) -> list[int]:
    """Of the posts at these keys: which are copies because of their links. The ids of those that changed."""
    ids = sorted(load_ids_with_links(database.conn, keys, _AFTER_ALL))
    candidates = Candidates(Neighbours())
    found: dict[int, CopyOf | None] = {}
    # What is an original stays one: of a first poll the earliest is, whatever its number.
    for saved in sorted(load_posts(database.conn, ids), key=lambda each: each.copy_of is not None):
        this = enriched_of(saved)
        source = Source(kind="feed", url="", id=saved.source_id)
        copy = _chosen(saved, find_copy(this, source, candidates, lambda _: None))
        found[saved.id] = copy
        at = saved.post.published_at or saved.seen_at
        seen = as_known(
            saved.id, this, saved.source_ids, at=at, seen_at=saved.seen_at, copy_of=copy, story_id=saved.story_id
        )
        candidates.add(seen, saved.source_id, f"{saved.id}", ())
        for other, of_this in become_copies(this, candidates) if copy is None else ():
            found[other.id] = CopyOf(saved.id, of_this.because, of_this.score)
            candidates.make_copy(other.id, saved.id)
    return save_found_copies(database.conn, found, now)


def _chosen(saved: SavedPost, found: CopyOf | None) -> CopyOf | None:
    """What was decided by the texts, by a page or by an editor's hand stands."""
    stored = saved.copy_of
    if stored and not stored.because.startswith(BY_LINK):
        return stored
    return found if found is None or found.post_id != saved.id else stored
