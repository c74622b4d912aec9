"""What happened to posts and stories, for consumers elsewhere: with what may be shown of them, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.model.settings import People
from aggregator.storage.queries import Reader
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.words.called import called


@dataclass(frozen=True, slots=True)
class ChangesAfter:
    """Changes, the oldest first: seq, changed_at, what, id, change, title, url, slug. `more`: there are others.

    `seq` is what to ask for the next time. `title` is None of what may not be shown or is gone; `url` leads to the
    post, `slug` names the story.
    """

    changes: Sequence[dict[str, Any]]
    seq: int
    more: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say what happened since then: it is not kept any more (`oldest`: the first that is), or was never.

    `seq` is where the log stands now.
    """

    oldest: int | None
    seq: int


def changes_after(reader: Reader, since: int, limit: int, people: People) -> ChangesAfter | Unknown:
    """What happened after the change `since`, which the caller has seen; 0: from the beginning."""
    oldest, newest = reader.ask(
        "SELECT (SELECT min(seq) FROM changes), "
        "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'changes'), 0)"  # also of those that are not kept
    ).rows[0]
    if since > newest or since < (oldest - 1 if oldest else newest):
        return Unknown(oldest, newest)
    answer = reader.ask(_CHANGES.format(**_conditions(people)), (since, limit + 1))
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows[:limit]]
    return ChangesAfter(rows, rows[-1]["seq"] if rows else since, len(answer.rows) > limit)


def _conditions(people: People) -> dict[str, str]:
    return {"title": called("p"), "post": may_be_shown("p", people), "lead": may_be_shown("l", people)}


# A story has the title of its lead, unless an editor gave it one.
_CHANGES = """
SELECT c.seq, c.changed_at, c.what, c.row_id AS id, c.change,
  CASE c.what
    WHEN 'post' THEN (SELECT {title} FROM posts p WHERE p.id = c.row_id AND {post})
    ELSE (SELECT s.title FROM stories s JOIN posts l ON l.id = s.lead_post_id
      WHERE s.id = c.row_id AND s.merged_into IS NULL AND {lead})
  END AS title,
  CASE c.what WHEN 'post' THEN (SELECT p.url FROM posts p WHERE p.id = c.row_id AND {post}) END AS url,
  CASE c.what WHEN 'story' THEN (SELECT s.slug FROM stories s JOIN posts l ON l.id = s.lead_post_id
    WHERE s.id = c.row_id AND {lead}) END AS slug
FROM (SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?) c ORDER BY c.seq
"""
