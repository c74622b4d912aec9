"""What a page is, for search engines: schema.org as JSON-LD.

A page of ours is a `CollectionPage` with an `ItemList`: we are not the author of the articles. People are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish import addresses
from aggregator.publish.clean import plain, web_address

# What would end the element, or begin a comment in it.
_ESCAPES = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def page(name: str, language: str, items: list[dict[str, Any]], url: str | None = None, **more: str) -> Markup:
    """The element for a page with these items, in their order."""
    for position, item in enumerate(items, 1):
        item["position"] = position
    whole = {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "name": name,
        "inLanguage": language,
        **({"url": url} if url else {}),
        **more,
        "mainEntity": {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items},
    }
    text = _encode(whole)
    for character, escaped in _ESCAPES:
        text = text.replace(character, escaped)
    return Markup(f'<script type="application/ld+json">{text}</script>')


def articles(posts: Iterable[ShownPost]) -> list[dict[str, Any]]:
    """The articles of a story by their publishers."""
    return [
        {"@type": "ListItem", "item": _article(post)}
        for post in posts
        if post.kind == "article" and not post.voice.is_person and web_address(post.url)
    ]


def _article(post: ShownPost) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": plain(post.title),
        "url": web_address(post.url),
        "datePublished": post.at.isoformat(),
        "publisher": {"@type": "Organization", "name": plain(post.voice.name)},
    }
    if post.language:
        found["inLanguage"] = plain(post.language)
    return found


def stories(shown: Iterable[ShownStory], site: str | None) -> list[dict[str, Any]]:
    """Stories of a list: their pages where the site's address is known, else where their leads stand."""
    found = []
    for story in shown:
        own = addresses.absolute(site, addresses.story(story.slug)) if site and story.has_page else None
        url = own or web_address(story.lead.url or story.lead.article_url)
        # What only a person tells is not a search engine's business, if it is not a page of ours.
        if url and (own or not story.lead.voice.is_person):
            found.append({"@type": "ListItem", "name": plain(story.title), "url": url})
    return found
