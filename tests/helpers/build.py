"""Values to test with: readable defaults, keywords override them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import EnrichedPost, Post
from aggregator.model.rules import Term, TopicRule
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.text.urls import canonical_url
from aggregator.topics.taxonomy import Taxonomy

NOW = datetime(2026, 4, 5, 12, 0, tzinfo=UTC)

NO_TOPICS = Taxonomy(())


def make_source(number: int = 1, **overrides: Any) -> Source:
    """A saved feed; `kind="hashtag"` makes it a hashtag."""
    url = f"https://feed{number}.example/feed.xml"
    if overrides.get("kind") == "hashtag":
        url = f"https://social{number}.example/tags/ai"
    return Source(**{"kind": "feed", "url": url, "id": number, **overrides})


def make_post(native_id: str = "1", **overrides: Any) -> Post:
    """An article at its own address, published an hour ago; `kind="status"` makes it a status without title."""
    is_status = overrides.get("kind") == "status"
    defaults: dict[str, Any] = {
        "kind": "article",
        "native_id": native_id,
        "title": "" if is_status else f"Title {native_id}",
        "url": f"https://social.example/@ann/{native_id}" if is_status else f"https://news.example/{native_id}",
        "uri": f"https://social.example/users/ann/statuses/{native_id}" if is_status else None,
        "author": "ann@social.example" if is_status else None,
        "published_at": NOW - timedelta(hours=1),
    }
    values = {**defaults, **overrides}
    if "canonical_url" not in overrides:
        values["canonical_url"] = canonical_url(values["url"]) if values["url"] else None
    return Post(**values)


def make_enriched(
    native_id: str = "1",
    *,
    source: Source | None = None,
    taxonomy: Taxonomy = NO_TOPICS,
    **overrides: Any,
) -> EnrichedPost:
    """A post made ready by the real `enrich`. Texts are taken as English, unless `declared_language` says otherwise."""
    overrides.setdefault("declared_language", "en")
    return enrich(make_post(native_id, **overrides), source or make_source(), taxonomy)


def make_collected(posts: Iterable[EnrichedPost] = (), *, source: Source | None = None, **overrides: Any) -> Collected:
    """What a good poll of one source brought."""
    defaults: dict[str, Any] = {
        "source": source or make_source(),
        "outcome": Outcome.OK,
        "memory": SourceMemory(),
        "started_at": NOW,
        "posts": tuple(posts),
    }
    return Collected(**{**defaults, **overrides})


def make_taxonomy(**terms: tuple[str, ...]) -> Taxonomy:
    """Companies by name: `make_taxonomy(acme=("Acme",))`."""
    return Taxonomy(
        tuple(
            TopicRule(topic=topic, label=topic.title(), kind="company", any=tuple(Term(text) for text in found))
            for topic, found in terms.items()
        )
    )
