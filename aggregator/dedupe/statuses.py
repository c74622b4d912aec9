"""Which stored post a status is, however it came: from a server's API, or as an entry of a feed.

One status is one post. It is known by its `uri`, which every server of the fediverse calls it by; what came by a feed,
which has no more than an address, by that too. The API knows more (counts, mentions, languages, deletions), so its
version takes the place of the feed's in the same row, whichever came first: the id, the story and all sightings stay,
and a feed never changes it back. (A second row, with the feed's as its copy, would make each status two posts and leave
those two in the changes, the search and the counts of every reader.)

An article that older versions stored of such a feed becomes the status in the same way. One with a title of its own, at
a status's address (a planet's), is somebody's account of it: it becomes the status's copy.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.dedupe.candidates import Candidates
from aggregator.model.changes import CopyOf
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.model.source import Source

# Where servers show single statuses: Mastodon, GoToSocial, Pleroma, Misskey and Pixelfed.
_STATUS_PAGE = re.compile(
    r"/(?:web/)?@[^/]+/(?:\d{15,}|statuses/[0-9A-Z]{26})|/users/[^/]+/statuses/\w+|/ap/users/\d+/statuses/\d+"
    r"|/notes/[0-9a-z]{10,26}|/objects/[0-9a-f-]{36}|/notice/\w{10,}|/p/[^/]+/\d{10,}",
    re.IGNORECASE,
)
TELLS = "tells the status at its link: "
_CUT = re.compile(r"\s*(?:\.\.\.|…)\s*$")


def find(post: Post, source: Source, candidates: Candidates) -> KnownPost | None:
    """The stored post that this status is again; None if there is none."""
    named = candidates.item(source.id, post.native_id)
    of_uri = candidates.status(post.uri) if post.uri else None
    if not is_by_api(post, source):
        return of_uri or _at_address(post, candidates) or named
    found = of_uri or named
    # A server that began anew gives old ids to new statuses.
    if found and (not post.uri or found.uri in (None, post.uri)):
        return found
    return _from_feed(post, candidates)


def is_by_api(post: Post, source: Source) -> bool:
    """A status as its server's API gives it."""
    return post.kind == "status" and source.kind != "feed"


def is_richer(enriched: EnrichedPost, source: Source, known: KnownPost) -> bool:
    """Does this version of a status take the place of the stored one, without that its author changed anything?"""
    post = enriched.post
    if post.kind != "status" or known.is_gone or known.details is None:  # None: it was pruned
        return False
    return not known.is_by_api if is_by_api(post, source) else known.kind == "article"


def is_poorer(enriched: EnrichedPost, source: Source, known: KnownPost) -> bool:
    """A feed's version of what the API has, or a planet's of a status: nothing in it is news."""
    if known.kind != "status" or is_by_api(enriched.post, source):
        return False
    return known.is_by_api or enriched.post.kind == "article"


def is_from_home(post: Post, source: Source, known: KnownPost) -> bool:
    """Of two feeds that have a status only that of its own server corrects it: others have HTML of their own, and the
    two would correct each other for ever."""
    if is_by_api(post, source) or known.is_by_api or not post.url:
        return False
    is_alone = known.source_ids <= {source.id}
    return is_alone or urlsplit(source.url).hostname == urlsplit(post.url).hostname


def retellings(enriched: EnrichedPost, candidates: Candidates) -> tuple[tuple[KnownPost, CopyOf], ...]:
    """Stored articles at the address of a status that is new: they are its copies.

    The `CopyOf.post_id` is 0: the status has no id yet.
    """
    post = enriched.post
    if post.kind != "status" or not post.canonical_url:
        return ()
    because = f"{TELLS}{post.canonical_url}"
    return tuple((other, CopyOf(0, because, 1.0)) for other in _articles(post.canonical_url, candidates))


def _at_address(post: Post, candidates: Candidates) -> KnownPost | None:
    there = candidates.at_link(post.canonical_url) if post.canonical_url else []
    return next((other for other in there if other.kind == "status"), None)


def _from_feed(post: Post, candidates: Candidates) -> KnownPost | None:
    """What feeds alone have told of a status: by its address, since the `uri` that was made of that may be another."""
    if not post.canonical_url:
        return None
    articles = (
        other for other in _articles(post.canonical_url, candidates) if other.copy_of is None and _has_no_title(other)
    )
    statuses = (
        other for other in candidates.at_link(post.canonical_url) if other.kind == "status" and not other.is_by_api
    )
    return next(statuses, None) or next(articles, None)


def _articles(address: str, candidates: Candidates) -> list[KnownPost]:
    if not _STATUS_PAGE.fullmatch(urlsplit(address).path.rstrip("/")):
        return []
    return [other for other in candidates.at_link(address) if other.kind == "article" and not other.is_gone]


def _has_no_title(known: KnownPost) -> bool:
    """None, or one that was made of its text, as GoToSocial's feeds have."""
    start = _letters(_CUT.sub("", known.title))
    return _letters(known.text).startswith(start)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
