"""Is this entry a stored post again: seen before in this source under this native id, or under its link."""

from __future__ import annotations

from datetime import datetime

from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.details import are_more
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.model.source import Source
from aggregator.text.tokens import tokens

# Titles that share this much of the shorter one's words say the same thing; for entries whose id changed.
_SAME_TITLE = 0.6


def native_id(enriched: EnrichedPost, source: Source, candidates: Candidates) -> str:
    """The native id; with the link added where the source used the same id for another article before."""
    post = enriched.post
    found = candidates.item(source.id, post.native_id)
    if not found or post.kind == "status" or not post.canonical_url or not found.canonical_url:
        return post.native_id
    if post.canonical_url == found.canonical_url or _same_title(post.title, found.title):
        return post.native_id
    return f"{post.native_id} {post.canonical_url}"


def same_item(enriched: EnrichedPost, source: Source, native_id: str, candidates: Candidates) -> KnownPost | None:
    """The stored post that this one is again; None if there is none."""
    post = enriched.post
    if post.kind == "status" and post.uri:
        found = candidates.status(post.uri) or candidates.item(source.id, native_id)
        # A server that began anew gives old ids to new statuses.
        return found if found is None or found.uri in (None, post.uri) else None
    found = candidates.item(source.id, native_id)
    if found:
        return found
    # The id changed, as after a site's move: the link in this source identifies it, if the title does not object.
    if not post.canonical_url:
        return None
    for other in candidates.at_link(post.canonical_url):
        if source.id in other.source_ids and other.kind == post.kind and _same_title(post.title, other.title):
            return other
    return None


def is_newer(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Does the source have a newer version of the stored post?"""
    if known.is_gone or enriched.digest == known.digest:
        return False
    edited_at = enriched.post.edited_at
    # An older version, from a cache or from a server that learns of edits late, does not undo a newer one. A status
    # comes from many servers, each with its own HTML: only what it says itself is an edit, else two of them would
    # edit it for ever.
    if enriched.post.kind == "status":
        return edited_at is not None and (known.edited_at is None or edited_at > known.edited_at)
    return edited_at is None or known.edited_at is None or edited_at >= known.edited_at


def has_late_link(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Servers look up the page behind a link a minute later, and not all do: a link is added, never taken away."""
    is_current = enriched.post.edited_at == known.edited_at and not known.is_gone
    return known.kind == "status" and is_current and known.article_key is None and enriched.article_key is not None


def says_more(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Does the source say something else than what is stored, beside the words: another date, tags, files, author?"""
    said, stored = enriched.post.edited_at, known.edited_at
    if known.is_gone or known.details is None:
        return False
    if known.kind == "status":
        return said == stored and are_more(enriched.details, known.details)
    if said and stored and said < stored:  # an older version, from a cache
        return False
    return enriched.details != known.details or date_of(enriched.post, known) != known.published_at


def date_of(post: Post, known: KnownPost) -> datetime | None:
    """When a stored post was published, now that its source says so again.

    What is known of no date, or of a later one, is corrected. A later date than the stored one is a correction only if
    we had not yet seen the post then, and it has an id: else it was sent out anew, or the date is that of the run.
    """
    said, stored = post.published_at, known.published_at
    if said is None or (stored and known.kind == "status"):
        return stored
    said = said.replace(microsecond=0)  # as it is stored
    if stored is None or said < stored:
        return said
    is_correction = post.has_id and known.first_seen_at is not None and said <= known.first_seen_at
    return said if is_correction else stored


def _same_title(one: str, other: str) -> bool:
    mine, theirs = set(tokens(one)), set(tokens(other))
    if not mine or not theirs:
        return mine == theirs
    return len(mine & theirs) / min(len(mine), len(theirs)) >= _SAME_TITLE
