"""Is this post new, the same item again, or a copy, and of which?

*The same item*: seen before in this source under this native id, or under another and one by all that it says
(`aggregator.dedupe.identity`), or a status with this `uri` (`aggregator.dedupe.statuses`). An update, not a post.
What is new may be a copy (`aggregator.dedupe.copies`).
"""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.dedupe import identity, same_text
from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.copies import find_copy
from aggregator.dedupe.document import Document
from aggregator.dedupe.evidence import has_other_numbers, is_same_place
from aggregator.dedupe.shingles import text_bands
from aggregator.dedupe.told import told_of
from aggregator.model.changes import CopyOf
from aggregator.model.post import EnrichedPost, KnownPost
from aggregator.model.source import Source
from aggregator.model.timelines import GoneBecause
from aggregator.text.urls import is_home


@dataclass(frozen=True, slots=True)
class Same:
    """The post is stored already, as `known`. `edited`: its source has a newer version.

    `is_said`: its author changed it, or so it seems; otherwise the source found out more.
    `is_back`: it was believed to be deleted, and is shown again.
    """

    known: KnownPost
    native_id: str
    edited: bool
    is_said: bool = True
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class New:
    """The post is not stored yet. `copy_of`: it duplicates one that is. `native_id`: how its source names it."""

    native_id: str
    copy_of: CopyOf | None = None


def verdict(
    enriched: EnrichedPost,
    source: Source,
    candidates: Candidates,
    *,
    document: Document | None = None,
    is_flood: bool = False,
) -> Same | New:
    """What a post is, given the stored posts near it. `document`: all that its source shows now. `is_flood`:
    it is one of many that came with unknown ids at once, so that its source may have given new ids, and perhaps new
    addresses, to what it had before."""
    if source.lists_links and (known := _listed(enriched, candidates)):
        return Same(known, enriched.post.native_id, edited=False)
    if listed := _told_by_lists_alone(enriched, source, candidates):
        return Same(listed, enriched.post.native_id, edited=True, is_said=False)
    document = document or Document((enriched,), source, candidates)
    native_id, same = identity.find(enriched, source, candidates, document)
    if same is None and is_flood and enriched.post.kind == "article":
        same = _renamed(enriched, source, candidates, document)
    if same and _is_back(same, source):
        return Same(same, native_id, edited=True, is_said=False, is_back=True)
    if same:
        return Same(same, native_id, *identity.news(enriched, source, same))
    return New(native_id, find_copy(enriched, source, candidates, lambda known: not document.shows(known)))


def _listed(enriched: EnrichedPost, candidates: Candidates) -> KnownPost | None:
    """The article that a list of trending links names: what the list says of it is no version of its own."""
    found = candidates.at_link(enriched.post.canonical_url) if enriched.post.canonical_url else ()
    return next((post for post in found if post.kind == "article" and not post.is_gone), None)


def _told_by_lists_alone(enriched: EnrichedPost, source: Source, candidates: Candidates) -> KnownPost | None:
    """The stored article at this address that has no more than a preview's words: that of the publisher's own feed, or
    of any other, takes its place in the same row."""
    post = enriched.post
    if (
        source.kind != "feed"
        or post.kind != "article"
        or not post.canonical_url
        or candidates.has_item(source.id, post.native_id)
    ):
        return None
    found = candidates.at_link(post.canonical_url)
    return next((other for other in found if other.is_listed and not other.is_gone), None)


def _is_back(known: KnownPost, source: Source) -> bool:
    """May this source take back that a post is gone? What its home server said only that one can: others may just not
    have heard of a deletion. A feed says nothing of it: it may be an old one."""
    if source.kind == "feed":
        return False
    if known.gone_because is GoneBecause.DELETED:
        return is_home(known.uri, source.url)
    return known.gone_because is GoneBecause.MISSING


def _renamed(enriched: EnrichedPost, source: Source, candidates: Candidates, document: Document) -> KnownPost | None:
    """A stored post of this source that this one may be under another id and address, as after a site's move."""
    mine, post = told_of(enriched), enriched.post
    best: tuple[float, KnownPost | None] = 0.0, None
    for other in candidates.with_bands(text_bands(enriched.bands)):
        if (
            other.is_gone
            or source.id not in other.source_ids
            or has_other_numbers(post, other)
            or document.shows(other)
        ):
            continue
        share = same_text.share_if_moved(mine, told_of(other), is_same_place=is_same_place(post.url, other.url))
        if share > best[0]:
            best = share, other
    return best[1]
