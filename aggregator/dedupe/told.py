"""What is compared of two posts that may tell the same: title, text, language, time and files."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from aggregator.dedupe.candidates import files_of
from aggregator.model.post import EnrichedPost, KnownPost


class Told(NamedTuple):
    """`at`: when it was published, None where that is not known; `files`: the addresses of its enclosures."""

    title: str
    text: str
    language: str | None
    at: datetime | None = None
    files: frozenset[str] = frozenset()


def told_of(post: EnrichedPost | KnownPost) -> Told:
    """What is compared of a post, just come or stored."""
    if isinstance(post, KnownPost):
        return Told(post.title, post.text, post.language, post.published_at, post.files)
    said = post.post
    return Told(said.title, said.text, post.language, said.published_at, files_of(said))
