"""What is left of a post that retention took away: a number, by which it is known when a source still shows it.

It stands for the address and the title, of a status for its id: so another article under an address that is used again,
or a page that says something else by now, is news, and what says the same is not. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from aggregator.model.post import EnrichedPost

# So much of a text tells it apart, where there is no title.
_BEGINNING = 200


def tombstones(
    *,
    kind: str,
    uri: str | None,
    canonical_url: str | None,
    title: str | None,
    text: str | None,
    seen_as: Iterable[tuple[int, str]],
) -> frozenset[int]:
    """The numbers that a post with these values leaves: signed, of 64 bits.

    `text`: at least its beginning. `seen_as`: the sources (by id) and native ids that it was seen under, which count
    where it has no address of its own.
    """
    if kind == "status" and uri:
        return frozenset({_number("status", uri)})
    words = " ".join((title or (text or "")[:_BEGINNING]).casefold().split())
    if canonical_url:
        return frozenset({_number("article", canonical_url, words)})
    return frozenset(_number("entry", str(source_id), native_id, words) for source_id, native_id in seen_as)


def tombstones_of(enriched: EnrichedPost, source_id: int) -> frozenset[int]:
    """What a post of a source would leave."""
    post = enriched.post
    return tombstones(
        kind=post.kind, uri=post.uri, canonical_url=post.canonical_url, title=post.title, text=post.text,
        seen_as=((source_id, post.native_id),),
    )  # fmt: skip


def _number(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
