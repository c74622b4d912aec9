"""JSON Feed 1.1 (jsonfeed.org/version/1.1). It has no form for what is gone: that is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.publish import addresses
from aggregator.publish.feeds.content import content_of
from aggregator.publish.feeds.json_text import json_text
from aggregator.publish.feeds.out import ENGLISH, Entries, FeedOut, Labels
from aggregator.publish.feeds.telling import (
    one_line,
    outside_page,
    own_page,
    root_of,
    stamp,
    summary_of,
    tag_id,
    title_of,
    told,
)


def json_feed(feed: FeedOut, settings: Publish, labels: Labels = ENGLISH, entries: Entries | None = None) -> str:
    """The feed as a document. The format has no relative links: a site without an address has none to itself.

    `entries`: what was written for other feeds of the same settings and labels.
    """
    entries = entries or Entries()
    root = root_of(settings, f"{feed.path}.json")

    def write(story: ShownStory) -> str:
        return json_text(_item(story, root, settings, labels))

    items = [entries.written("json", root, story, write) for story in feed.stories]
    return whole(feed.path, feed.title, feed.home, items, settings)


def whole(path: str, title: str, home: str, items: Iterable[str], settings: Publish) -> str:
    """A feed at `path`, without its ending, with these items, which are JSON already."""
    here = f"{path}.json"
    root = root_of(settings, here)
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": one_line(title),
        "language": settings.language,
        "authors": [{"name": one_line(settings.title)}],
    }
    if settings.address:
        document["home_page_url"] = addresses.absolute(root, home)
        document["feed_url"] = addresses.absolute(root, here)
    head = json_text(document).removesuffix("}\n")
    return f'{head},"items":[\n{",".join(items)}]}}\n'


def _item(story: ShownStory, root: str, settings: Publish, labels: Labels) -> dict[str, Any]:
    who, outside, summary = told(story), outside_page(story), summary_of(story)
    page = own_page(story, root) if settings.address else None
    item: dict[str, Any] = {
        "id": tag_id(settings, f"stories/{story.id}"),
        "url": page or (None if story.has_page else outside),
        "external_url": outside if story.has_page else None,
        "title": title_of(story),
        "content_html": content_of(story, summary, who, root, settings, labels),
        "summary": summary or None,
        "date_published": stamp(story.first_at),
        "date_modified": stamp(story.changed_at),
        "authors": [{"name": name} for name in who.authors],
        "tags": [of.topic.label for of in story.topics],
        "language": story.language,
        "_aggregator": {
            "story": story.id,
            "publishers": len(who.publishers),
            "people": len(who.people) + story.hidden_people,
            "score": round(story.score, 3),
        },
    }
    return {name: value for name, value in item.items() if value is not None}
