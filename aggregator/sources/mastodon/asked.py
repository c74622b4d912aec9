"""From a source to what its server is asked for: where the API has it, and what people call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from aggregator.model.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What one source asks for. `path` and `query` are the API's, `words` how people call it ("posts of #AI").

    `unknown` and `lost` say in words what a server means that answers 404 and 410.
    """

    path: str
    words: str
    unknown: str
    lost: str
    query: Mapping[str, str | list[str]] = field(default_factory=dict)


def timeline_of(source: Source) -> Timeline:
    """What a source asks its server for."""
    tag = unquote(source.tag)
    query: dict[str, str | list[str]] = {}
    for name, value in source.query:
        query[name] = [*query.get(name, []), value] if name.endswith("[]") else value
    return Timeline(
        path=f"/api/v1/timelines/tag/{quote(tag, safe='')}",
        words=f"posts of #{tag}",
        unknown=f"does not know the tag #{tag}, or is no Mastodon server",
        lost=f"says that #{tag} is gone for good",
        query=query,
    )
