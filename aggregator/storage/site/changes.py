"""What happened to posts and stories, for consumers elsewhere: with what may be shown of them, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.model.settings import People, Publish
from aggregator.model.site import ShownStory
from aggregator.storage.changelog import Place, log_range
from aggregator.storage.queries import Reader
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.site.stories import Stories
from aggregator.storage.words.called import called


@dataclass(frozen=True, slots=True)
class ChangesAfter:
    """Changes, the oldest first: seq, changed_at, what, id, change, title, url, slug. `more`: there are others.

    `seq` is what to ask for the next time. `title` is None of what may not be shown, is gone or was merged; `url` leads
    to the post, `slug` names the story. Stories are called as the site calls them.
    """

    changes: Sequence[dict[str, Any]]
    seq: int
    more: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say what happened since then: it is not kept any more, was undone, or was never. `place`: what there
    is."""

    place: Place

    @property
    def oldest(self) -> int | None:
        """The first change that is kept; None where none is."""
        return self.place.first_kept if self.place.first_kept <= self.place.newest else None

    @property
    def seq(self) -> int:
        """Where the log stands now."""
        return self.place.newest


def changes_after(reader: Reader, since: int, limit: int, settings: Publish) -> ChangesAfter | Unknown:
    """What happened after the change `since`, which the caller has seen; 0: from the beginning.

    Raises:
        AggregatorError: the database can't be read, or it took too long.
    """
    known = log_range(reader)
    if not known.is_known_after(since):
        return Unknown(known)
    answer = reader.ask(_CHANGES.format(**_conditions(settings.people)), (since, limit + 1))
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows[:limit]]
    of_stories = [row for row in rows if row["what"] == "story"]
    stories = _shown(reader, {row["id"] for row in of_stories}, settings)
    for row in of_stories:
        if story := stories.get(row["id"]):
            row["title"], row["slug"] = story.title, story.slug
    return ChangesAfter(rows, rows[-1]["seq"] if rows else since, len(answer.rows) > limit)


def _conditions(people: People) -> dict[str, str]:
    return {"title": called("p"), "post": may_be_shown("p", people)}


def _shown(reader: Reader, ids: set[int], settings: Publish) -> dict[int, ShownStory]:
    """These stories as the site shows them; those with nothing to show left out."""
    if not ids:
        return {}
    with reader.refusals_in_words():
        return {story.id: story for story in Stories(reader.conn, settings).load(sorted(ids))}


_CHANGES = """
SELECT c.seq, c.changed_at, c.what, c.row_id AS id, c.change,
  CASE c.what WHEN 'post' THEN (SELECT {title} FROM posts p WHERE p.id = c.row_id AND {post}) END AS title,
  CASE c.what WHEN 'post' THEN (SELECT p.url FROM posts p WHERE p.id = c.row_id AND {post}) END AS url,
  NULL AS slug
FROM (SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?) c ORDER BY c.seq
"""
