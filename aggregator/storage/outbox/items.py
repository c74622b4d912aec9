"""What a message tells: of each row of the outbox the rows of the views, as far as they may be shown. Only reads.

Stories are what `aggregator.storage.site.stories` shows of them; where a view counts more than that, less is said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from aggregator.model.outbox import Item, Kind, Told
from aggregator.model.settings import People, Publish
from aggregator.model.site import ShownStory
from aggregator.storage.outbox.taking import Noted
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.site.stories import Stories
from aggregator.storage.times import to_text

_IN = "IN (SELECT value FROM json_each(?))"

# By which posts a row tells of a story, and by which it was told of before: not what was given up.
_BY = "SELECT post_id FROM outbox_posts WHERE target = ? AND outbox_id = ? AND noted_at >= ?"
_BEFORE = """
SELECT min(t.noted_at), count(1), count(DISTINCT coalesce(p.publisher, p.id)) FROM outbox_posts t
JOIN posts p ON p.id = t.post_id JOIN outbox o ON o.id = t.outbox_id AND o.times > 0
WHERE t.target = ? AND p.story_id = ? AND t.noted_at < ?
"""
# What may be said of where a post was seen: no source that only a token opens.
_SEEN = """
SELECT coalesce(c.title, c.shown_url, c.url), c.folder FROM sightings g JOIN sources c ON c.id = g.source_id
WHERE g.post_id = ? AND (g.by_token = 0 OR c.publish = 1) ORDER BY g.seen_at, g.source_id LIMIT 1
"""


class Loaded(NamedTuple):
    """An item, and the slug of the page that its story has on a site; None where it has none."""

    item: Item
    slug: str | None = None


def load_items(conn: sqlite3.Connection, target: str, rows: Sequence[Noted], settings: Publish) -> list[Loaded]:
    """What these rows tell, in their order; what nothing is left of is left out."""
    of_stories = [row for row in rows if row.kind in ("story", "grown")]
    shown = {story.id: story for story in Stories(conn, settings).load_whole({row.row_id for row in of_stories})}
    found: list[Loaded] = []
    for row in rows:
        match row.kind:
            case "story" | "grown":
                item = _of_story(conn, target, row, shown.get(row.row_id), settings.people)
            case "post":
                item = _of_post(conn, row, settings.people)
            case _:
                item = _of_source(conn, row)
        if item:
            found.append(item)
    return found


# ---------------------------------------------------------------- stories


def _of_story(
    conn: sqlite3.Connection, target: str, row: Noted, story: ShownStory | None, people: People
) -> Loaded | None:
    view = _first(conn, "SELECT * FROM latest_stories WHERE id = ?", (row.row_id,))
    if story is None or view is None:
        return None
    by = {each[0] for each in conn.execute(_BY, (target, row.id, to_text(row.noted_at)))}
    ids = [post.id for post in story.posts if post.id in by]
    if not ids:
        return None
    posts = _rows(
        conn, f"SELECT * FROM story_posts WHERE post_id {_IN} ORDER BY published_at, post_id", (json.dumps(ids),)
    )
    item = Item(
        kind=cast(Kind, row.kind),
        row=_shown_row(conn, view, story, people),
        posts=tuple(posts),
        earlier=_earlier(conn, story),
        told=_told(conn, target, row),
        link=story.lead.url,
    )
    return Loaded(item, story.slug if story.has_page else None)


def _shown_row(
    conn: sqlite3.Connection, view: Mapping[str, Any], story: ShownStory, people: People
) -> Mapping[str, Any]:
    """The row of `latest_stories`, called as the site calls it; what it counts of posts that may not be shown is left
    out."""
    row = {**view, "title": story.title, "slug": story.slug}
    if len(story.posts) == row["post_count"]:
        return row
    counted = conn.execute(
        "SELECT count(1), count(DISTINCT coalesce(p.publisher, p.id)), min(p.sort_at), max(p.sort_at) FROM posts p "
        f"WHERE p.story_id = ? AND {may_be_shown('p', people)}",
        (story.id,),
    ).fetchone()
    topics = [each.topic.topic for each in story.topics]
    names = dict.fromkeys(post.voice.key for post in story.posts)
    row |= {"post_count": counted[0], "source_count": counted[1], "first_at": counted[2], "last_at": counted[3]}
    row |= {"topics": ", ".join(topics) or None, "topics_json": json.dumps(topics), "amounts": None}
    row |= {"publishers": ", ".join(names) or None, "last_ts": int(story.last_at.timestamp())}
    return row


def _earlier(conn: sqlite3.Connection, story: ShownStory) -> Mapping[str, Any] | None:
    """The surest earlier coverage that may be shown."""
    rows = _rows(
        conn,
        "SELECT * FROM earlier_coverage WHERE story_id = ? ORDER BY kind DESC, similarity DESC, earlier_at DESC",
        (story.id,),
    )
    shown = {link.id: link for link in story.earlier}
    for row in rows:
        if link := shown.get(row["earlier_story_id"]):
            return {**row, "title": story.title, "earlier_title": link.title, "earlier_slug": link.slug}
    return None


def _told(conn: sqlite3.Connection, target: str, row: Noted) -> Told | None:
    at, posts, publishers = conn.execute(_BEFORE, (target, row.row_id, to_text(row.noted_at))).fetchone()
    return Told(at=datetime.fromisoformat(at), posts=posts, publishers=publishers) if posts else None


# ---------------------------------------------------------------- posts and sources


def _of_post(conn: sqlite3.Connection, row: Noted, people: People) -> Loaded | None:
    view = _first(
        conn,
        "SELECT v.* FROM latest_posts v JOIN posts p ON p.id = v.id WHERE v.id = ? AND " + may_be_shown("p", people),
        (row.row_id,),
    )
    if view is None:
        return None
    source, folder = conn.execute(_SEEN, (row.row_id,)).fetchone() or (None, None)
    return Loaded(Item(kind="post", row={**view, "source": source, "folder": folder}, link=view["url"]))


def _of_source(conn: sqlite3.Connection, row: Noted) -> Loaded | None:
    view = _first(conn, "SELECT * FROM source_health WHERE id = ?", (row.row_id,))
    if view is None:
        return None
    link = conn.execute("SELECT site_url FROM sources WHERE id = ?", (row.row_id,)).fetchone()[0]
    return Loaded(Item(kind=cast(Kind, row.kind), row=view, link=link or view["shown_url"]))


# ---------------------------------------------------------------- rows


def _rows(conn: sqlite3.Connection, sql: str, values: Iterable[Any]) -> list[dict[str, Any]]:
    cursor = conn.execute(sql, tuple(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _first(conn: sqlite3.Connection, sql: str, values: Iterable[Any]) -> dict[str, Any] | None:
    return next(iter(_rows(conn, sql, values)), None)
