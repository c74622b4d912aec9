"""What is left of a post that retention took away: numbers, by which it is known when a source still shows it.

An entry is known under the name that its source gave it, as long as it is called the same. Under another name, or from
another source, it is known by its address, its title and its date, without one by how its text begins: some sites show
all that they have to say at one address and under one title. So another article under an address that is used again, or
a page that is called otherwise by now, is news. A status is known by its id, or by its address: feeds have no more.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from aggregator.model.post import EnrichedPost

# So much of a text tells it apart, where there is no title or no date.
_BEGINNING = 200


def tombstones(
    *,
    kind: str,
    uri: str | None,
    canonical_url: str | None,
    title: str | None,
    text: str | None,
    published_at: datetime | None,
    seen_as: Iterable[tuple[int, str]],
) -> frozenset[int]:
    """The numbers that a post with these values leaves: signed, of 64 bits.

    `text`: at least its beginning. `seen_as`: the sources (by id) and native ids that it was seen under.
    """
    if kind == "status" and uri:
        return frozenset(_number("status", name) for name in (uri, canonical_url) if name)
    beginning = _plain((text or "")[:_BEGINNING])
    words = _plain(title or "") or beginning
    numbers = {_number("entry", str(source_id), native_id, words) for source_id, native_id in seen_as}
    if canonical_url:
        told = str(int(published_at.replace(microsecond=0).timestamp())) if published_at else beginning
        numbers.add(_number("article", canonical_url, words, told))
    return frozenset(numbers)


def tombstones_of(enriched: EnrichedPost, source_id: int) -> frozenset[int]:
    """What a post of a source would leave."""
    post = enriched.post
    return tombstones(
        kind=post.kind, uri=post.uri, canonical_url=post.canonical_url, title=post.title, text=post.text,
        published_at=post.published_at, seen_as=((source_id, post.native_id),),
    )  # fmt: skip


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _number(*parts: str) -> int:
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big", signed=True)
