"""What a source says of a post beside its words: author, tags, files. In a few bytes, which change when that does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from aggregator.model.post import Post, PostKind

# Signed addresses are others at every poll: of such parameters the name alone counts, and so of long values.
_VOLATILE = re.compile(
    r"_|cb|r|e|ts?|rn?d|rand.*|exp.*|.*(?:sig|token|hash|hmac|policy|key|auth|nonce|time|date|session|sid|expire).*",
    re.IGNORECASE,
)
_LONG_VALUE = 10

_MOST = 255


def details(kind: PostKind, author: str | None, tags: Iterable[str], files: Iterable[str]) -> bytes:
    """Of an article a digest; of a status how many files and tags it has. `files`: addresses.

    A status comes from many servers, each with its own copy of the files: only that one knows more of it can be told.
    """
    names, addresses = set(tags), set(files)
    if kind == "status":
        return bytes((min(len(addresses), _MOST), min(len(names), _MOST)))
    parts = "\0".join((author or "", "", *sorted(names), "", *sorted(map(file_key, addresses))))
    return hashlib.blake2b(parts.encode(errors="replace"), digest_size=8).digest()


def content_digest(
    title: str | None, text: str | None, *, url: str | None, canonical_url: str | None, article_key: str | None,
    content_warning: str | None,
) -> bytes:  # fmt: skip
    """Changes when what a post says changes. Counts, times and trackers in links change by themselves: left out.

    Stored with each post, and worked out again from its row where its keys change (`posts.digest`): another digest here
    would make every stored post an edited one.
    """
    parts = (title, text, canonical_url or url, article_key, content_warning)
    return hashlib.blake2b("\0".join(part or "" for part in parts).encode(errors="replace"), digest_size=8).digest()


def are_more(found: bytes, known: bytes) -> bool:
    """Of a status: one of the counts has grown, and none has become less; so two servers can't undo each other."""
    pairs = list(zip(found, known, strict=False))
    return found != known and all(now >= before for now, before in pairs)


def mark(post: Post) -> str:
    """What tells an entry apart that has no id of its own: a digest of its title, text and files."""
    parts = (post.title, post.text, *(file_key(file.url) for file in post.enclosures))
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=8).hexdigest()


def file_key(url: str) -> str:
    """The address of a file without what is another at every poll."""
    address, _, query = url.partition("#")[0].partition("?")
    return f"{address}?{'&'.join(map(_pair, query.split('&')))}" if query else address


def are_other_files(one: Iterable[str], other: Iterable[str]) -> bool:
    """Each has files, and none is of both. In addresses."""
    mine, theirs = set(map(file_key, one)), set(map(file_key, other))
    return bool(mine and theirs) and not mine & theirs


def _pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return name if len(value) >= _LONG_VALUE or _VOLATILE.fullmatch(name) else pair
