"""What the shipped topics make of a headline."""

from __future__ import annotations

from aggregator.model.post import Post
from aggregator.topics.taxonomy import Taxonomy


def topics_of(taxonomy: Taxonomy, title: str, url: str | None = None) -> set[str]:
    return {match.topic for match in taxonomy.match(Post(kind="article", native_id="1", title=title, url=url))}
