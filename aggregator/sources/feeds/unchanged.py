"""Which entries of a document say what they said when they were taken in last. Nothing more is made of those.

An entry's digest is of all that its document has of it and of all that decides what is made of that. It is kept with
the sighting of its post (`sightings.said`) where taking the entry in once more would change nothing, and forgotten when
that post is changed. Only documents are sifted in which every entry has an id or an address of its own: what an entry
is called then does not depend on the others.
"""

from __future__ import annotations

import hashlib
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import selectolax

from aggregator.model.poll import Unchanged
from aggregator.model.source import Source
from aggregator.sources.feeds.entries import Body, Posts, RawEntry, id_of, posts_of, times_of
from aggregator.sources.feeds.names import short
from aggregator.text.urls import canonical_url, is_home_page, is_key_of_home_page

_DIGEST_BYTES = 8

# What comes between the document and the verdict on a post, and what it is made with.
_MAKERS = ("dedupe", "model", "pipeline", "sources", "text", "topics")
_CODE = (".py", ".toml")


@dataclass(frozen=True, slots=True)
class Known:
    """The digests that are kept of the entries of `source`, and the version of the rules for topics. Of a document that
    is nobody's nothing is known, nor to be."""

    said: Set[bytes] = frozenset()
    source: Source | None = None
    topics_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """The entries of a document: what was `made` of those that say something else than before, and those that do not.
    `said`: native id → digest, of the posts by which a later poll may go."""

    made: Posts
    unchanged: tuple[Unchanged, ...]
    said: Mapping[str, bytes]


NOTHING_KNOWN = Known()


@cache
def program() -> bytes:
    """Differs in each version of what makes posts of entries, and finds which of the stored ones they are."""
    found = hashlib.blake2b(f"{sys.version}\0{selectolax.__version__}".encode())
    for name in _MAKERS:
        for text in _code(files("aggregator") / name):
            found.update(text)
    return found.digest()


def _code(folder: Traversable) -> Iterator[bytes]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _code(each)
        elif each.name.endswith(_CODE):
            yield each.read_bytes()


def sift(entries: Sequence[RawEntry], now: datetime, known: Known, own_title: str | None = None) -> Sifted:
    """The posts of one document, in its order, without those that say what `known` has of them. `own_title`: what the
    source calls itself."""
    digests = _digests(entries, now, known.source, known.topics_version, own_title) if known.source else []
    aside = {} if known.said.isdisjoint(digests) else _aside(entries, digests, known.said)
    rest = [number for number in range(len(entries)) if number not in aside]
    made = posts_of([entries[number] for number in rest], now, rest)
    unchanged = (
        Unchanged(name, digests[number], times_of(entries[number], now)[0], bisect_left(made.numbers, number))
        for number, name in aside.items()
    )
    said = {
        post.native_id: digests[number]
        for post, number in zip(made.posts, made.numbers, strict=True)
        if digests and made.are_named_alone and number not in made.cut
    }
    return Sifted(made=made, unchanged=tuple(unchanged), said=said)


def _aside(entries: Sequence[RawEntry], digests: Sequence[bytes], said: Set[bytes]) -> dict[int, str]:
    """Number → name, of the entries of which nothing need be made; of none where that may depend on the others."""
    try:
        named = [_name_and_key(entry) for entry in entries]
    # Broad on purpose: of what can't be read posts are made, and what is wrong with it is told there.
    except Exception:
        return {}
    names = [name for name, _ in named]
    keys = [key for _, key in named if key]
    if "" in names or len(set(names)) < len(names) or len(set(keys)) < len(keys):
        return {}
    aside = {number: name for number, name in enumerate(names) if digests[number] in said}
    # What has no address is known by what it says, beside all others (`aggregator.dedupe.unlinked`).
    has_nameless = any(key is None and number not in aside for number, (_, key) in enumerate(named))
    return {} if has_nameless else aside


def _name_and_key(entry: RawEntry) -> tuple[str, str | None]:
    """What an entry is called that shares its id and address with no other, "" where it is named by what it says; and
    the key of its address, None where that is nobody's own."""
    key = canonical_url(entry.link) if entry.link else None
    if key and is_key_of_home_page(key):
        key = None
    guid, name = id_of(entry)
    if not guid and entry.link and key is None and is_home_page(entry.link):
        return "", None
    return short(name or entry.link or ""), key


def _digests(
    entries: Sequence[RawEntry], now: datetime, source: Source, topics_version: str, own_title: str | None
) -> list[bytes]:
    made_with = hashlib.blake2b(program(), digest_size=_DIGEST_BYTES)
    settings = (topics_version, source.url, source.title, own_title, source.language, source.topics)
    made_with.update(repr(settings).encode(errors="surrogatepass"))
    digests = []
    for entry in entries:
        found = made_with.copy()
        found.update(_all_of(entry, now).encode(errors="surrogatepass"))
        digests.append(found.digest())
    return digests


def _all_of(entry: RawEntry, now: datetime) -> str:
    """All that becomes part of a post, or decides what does. A date that was too far ahead becomes one in time."""
    few = (
        entry.link, entry.link_name, entry.has_plain_title, entry.authors, entry.language, entry.tags, entry.status,
        times_of(entry, now), [(file.url, file.media_type, file.length, file.description) for file in entry.enclosures],
        [_outline(body) for body in entry.bodies], [_outline(body) for body in entry.media_words],
        entry.origin, entry.origin_name,
    )  # fmt: skip
    texts = (body.value for body in (*entry.bodies, *entry.media_words))
    return "\0".join((repr(few), entry.guid, entry.title, *texts))


def _outline(body: Body) -> tuple[int, str | None, bool]:
    return len(body.value), body.base, body.is_plain
