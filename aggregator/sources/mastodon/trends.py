"""The links that trend on a server: pages that its people share. Each is an article, or a sighting of one.

A list without memory, paged by an offset: what trends no more is only not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aggregator.model.post import Post
from aggregator.model.timelines import Allowance
from aggregator.sources.languages import language_code
from aggregator.sources.mastodon.client import Server, Stop
from aggregator.sources.mastodon.servers import explained
from aggregator.sources.mastodon.step import Step
from aggregator.sources.mastodon.values import date, text
from aggregator.text.html import clean_text
from aggregator.text.urls import absolute_url, canonical_url, is_home_page

# Mastodon gives 20 at once at most (documentation: methods/trends). What stands behind three pages trends with few.
_PAGES = 3


def step_of_trends(server: Server, allowance: Allowance | None = None, *, is_known: bool = False) -> Step:
    """What trends now, from the top. `is_known`: the server has answered before. Raises nothing."""
    found, count = Step(None), 0
    server.allowance = allowance.onwards if allowance else None
    try:
        for _ in range(_PAGES):
            page = [item for item in server.page({"offset": str(count)} if count else {}) if isinstance(item, dict)]
            cards = {url: item for item in page if (url := _url(item))}
            is_new = not cards.keys() <= found.statuses.keys()
            found.statuses |= cards
            count += len(page)
            if not is_new:  # the end, or a server that knows no offset
                break
            server.stop_if_exhausted()
    except Stop as stop:
        found.stop = stop if is_known else explained(server, stop)
    found.seen = dict.fromkeys(found.statuses)
    return found


def article_of(card: Mapping[str, Any], server: str, now: datetime) -> Post | None:
    """The article that a trending link leads to, with what its preview says; None for a home page."""
    url = _url(card)
    if url is None or is_home_page(url):
        return None
    return Post(
        kind="article",
        native_id=url,
        title=_text(card, "title"),
        text=_text(card, "description"),
        url=url,
        canonical_url=canonical_url(url),
        author=_text(card, "author_name") or None,
        declared_language=language_code(_text(card, "language")),
        published_at=date(card.get("published_at"), now),
    )


def _url(card: Mapping[str, Any]) -> str | None:
    return absolute_url(_text(card, "url"))


def _text(card: Mapping[str, Any], key: str) -> str:
    return clean_text(text(card.get(key)))
