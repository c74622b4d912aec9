"""Messages as a target gets them, with rows as the views have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model.outbox import Item, Message, Told

NOW = datetime(2026, 11, 30, 14, 45, 23, tzinfo=UTC)
PAGE = "https://news.example/stories/mistral-raises-900-million-32.html"


def at(minutes: int) -> str:
    """So many minutes before now, as the database has it."""
    return f"{NOW - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def story_row(**changes: Any) -> dict[str, Any]:
    """A row of latest_stories."""
    return {
        "id": 32, "slug": "mistral-raises-900-million-32", "title": "Mistral raises €900 million",
        "last_at": at(5), "post_count": 14, "source_count": 10, "topics": "mistral, funding", "score": 0.91,
        "language": "en", "first_at": at(120), "pinned_at": None, "topics_json": '["mistral","funding"]',
        "last_ts": 1796049623, "publishers": "gazette.example, paper.example", "amounts": "raised €900 million",
    } | changes  # fmt: skip


def post_of_story(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A row of story_posts."""
    return {
        "story_id": 32, "post_id": number, "published_at": at(121 - number), "title": f"Mistral raises money {number}",
        "url": f"https://paper{number}.example/mistral", "article_url": None, "kind": "article", "author": None,
        "publisher": f"paper{number}.example", "language": "en", "because": "shared words", "score": 0.8,
        "copy_of": None, "content_warning": None, "sensitive": 0, "indexable": None, "published_ts": 1796042423,
    } | changes  # fmt: skip


def post_row(**changes: Any) -> dict[str, Any]:
    """A row of latest_posts."""
    return {
        "id": 7, "published_at": at(3), "title": "Halcyon loses its rudder", "url": "https://gazette.example/halcyon",
        "source": "The Gazette", "source_count": 1, "language": "en", "topics": "ferries", "story_id": None,
        "kind": "article", "author": "Oona Whitlock", "article_url": None, "content_warning": None, "sensitive": 0,
        "indexable": None, "topics_json": '["ferries"]', "published_ts": 1796049743, "folder": None,
    } | changes  # fmt: skip


def source_row(**changes: Any) -> dict[str, Any]:
    """A row of source_health."""
    return {
        "id": 3, "kind": "feed", "source": "The Harbour Ledger", "url": "https://ledger.example/feed.xml",
        "shown_url": "https://ledger.example/feed.xml", "status": "failing", "last_error": "HTTP 503", "warning": None,
        "failures": 61, "last_poll_at": at(30), "last_success_at": at(4 * 24 * 60), "next_poll_at": at(-30),
        "newest_post_at": at(5 * 24 * 60), "post_count": 60, "folder": None,
    } | changes  # fmt: skip


def earlier_row(**changes: Any) -> dict[str, Any]:
    """A row of earlier_coverage."""
    return {
        "story_id": 32, "title": "Mistral raises €900 million", "earlier_story_id": 5,
        "earlier_title": "Mistral looks for money", "earlier_slug": "mistral-looks-for-money-5",
        "earlier_at": "2026-04-05T08:00:00Z", "kind": "continues", "similarity": 0.7, "because": "shared words",
    } | changes  # fmt: skip


def story(posts: int = 2, **row: Any) -> Item:
    """A story that is told for the first time."""
    rows = tuple(post_of_story(number) for number in range(1, posts + 1))
    return Item(kind="story", row=story_row(**row), posts=rows, link=PAGE)


def grown(publishers: int = 7, minutes: int = 40, **changes: Any) -> Item:
    """A story of which the target was told when so many publishers spoke of it."""
    told = Told(at=NOW - timedelta(minutes=minutes), posts=9, publishers=publishers)
    given: dict[str, Any] = {"row": story_row(), "posts": (post_of_story(11),), "told": told, "link": PAGE} | changes
    return Item(kind="grown", **given)


def message(*items: Item, **changes: Any) -> Message:
    """A message with these; with a story where none is given."""
    given: dict[str, Any] = {"id": "msg-1", "target": "desk", "at": NOW, "items": items or (story(),)} | changes
    return Message(**given)
