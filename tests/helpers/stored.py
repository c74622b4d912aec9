"""Posts as deciding knows them once they are stored, without a database."""

from __future__ import annotations

import struct

from aggregator.dedupe.candidates import Candidates, stored_files
from aggregator.dedupe.shingles import FINGERPRINT_VERSION
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours
from aggregator.model.source import Source
from tests.helpers.build import make_source

HERE, THERE = make_source(1), make_source(2)


def stored_as(post_id: int, enriched: EnrichedPost, source: Source = HERE, **overrides: object) -> KnownPost:
    post = enriched.post
    known = KnownPost(
        id=post_id, kind=post.kind, digest=enriched.digest, uri=post.uri, language=enriched.language, title=post.title,
        text=post.text, canonical_url=post.canonical_url, article_key=enriched.article_key, edited_at=post.edited_at,
        story_id=post_id, source_ids=frozenset({source.id}),
        publisher=enriched.publisher, published_at=post.published_at, enclosures=stored_files(post),
    )  # fmt: skip
    return known._replace(**overrides)  # type: ignore[arg-type]


def known_of(*stored: tuple[EnrichedPost, Source]) -> Candidates:
    """Posts 1, 2, … as if each had been decided in turn."""
    known = Candidates(Neighbours())
    for number, (enriched, source) in enumerate(stored, 1):
        known.add(stored_as(number, enriched, source), source.id, enriched.post.native_id, enriched.bands)
    return known


def unpacked(fingerprint: bytes) -> tuple[int, ...]:
    """The bands of a stored fingerprint: a version byte, then 4 bytes each."""
    assert fingerprint[0] == FINGERPRINT_VERSION
    return struct.unpack(f"<{(len(fingerprint) - 1) // 4}i", fingerprint[1:])
