"""Posts whose pages may be read, as rows: since when, in which story, and what their sources say of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from aggregator.model.article import Leading
from aggregator.storage.result import Result
from aggregator.storage.times import from_text, to_text

# Of each source: what is said of what everybody sees there, and of what only a secret shows. 2: all pages, 1: those of
# stories, 0: none.
Says = Mapping[int, tuple[int, int]]


class Asked(Protocol):
    """What is asked: `aggregator.storage.queries.Reader`."""

    def ask(self, sql: str, parameters: Mapping[str, Any] = ..., /) -> Result:
        """The answer to a query. Raises AggregatorError."""


_LEADING = """
WITH says AS (
  SELECT CAST(key AS INTEGER) AS source_id, value ->> 0 AS open, value ->> 1 AS hidden FROM json_each(:says)
), told AS (
  SELECT p.id, p.kind, p.story_id, p.sort_at, p.first_seen_at,
    iif(p.kind = 'article', p.canonical_url, p.article_key) AS page,
    iif(p.kind = 'article', p.url, p.article_url) AS url,
    iif(p.kind = 'article', length(p.text), 0) AS length,
    (SELECT max(iif(g.by_token, s.hidden, s.open)) FROM sightings g JOIN says s ON s.source_id = g.source_id
      WHERE g.post_id = p.id) AS wish
  FROM posts p
  WHERE p.sort_at >= :since AND p.copy_of IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL
    AND p.story_id IS NOT NULL
)
SELECT * FROM (
SELECT t.page, t.url, t.kind, t.story_id, t.id = s.lead_post_id, t.sort_at, t.first_seen_at, t.length,
  t.wish = 2 OR EXISTS (SELECT 1 FROM post_topics o WHERE o.post_id = t.id
    AND o.topic IN (SELECT value FROM json_each(:topics))) AS is_asked_for,
  s.source_count >= 2 AS is_carried, s.last_at,
  EXISTS (SELECT 1 FROM articles a WHERE a.canonical_url = t.page)
FROM told t JOIN stories s ON s.id = t.story_id
WHERE t.wish > 0 AND t.page IS NOT NULL AND t.url IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM posts f WHERE f.canonical_url = t.page AND f.gone_because = 'forgotten')
) WHERE is_asked_for OR is_carried
"""

_EDITED = """
SELECT DISTINCT a.canonical_url, a.url
FROM posts p JOIN post_revisions r ON r.post_id = p.id JOIN articles a ON a.canonical_url = p.canonical_url
WHERE p.kind = 'article' AND p.sort_at >= :since AND p.gone_at IS NULL AND p.pruned_at IS NULL
  AND a.next_at IS NULL AND a.text IS NOT NULL AND r.replaced_at > a.fetched_at AND a.fetched_at < :asked_before
"""


def load_leading_posts(reader: Asked, says: Says, topics: Iterable[str], since: datetime) -> list[Leading]:
    """The posts since then that lead to a page which may be read, or was; copies, gone and pruned posts left out.

    Of those that wait for their stories nothing is known yet.

    Raises:
        AggregatorError: the database can't be read, or is of an older version.
    """
    values = {
        "says": json.dumps({str(source_id): said for source_id, said in says.items()}),
        "topics": json.dumps(list(topics)),
        "since": to_text(since),
    }
    return [
        Leading(
            page=row[0], url=row[1], is_status=row[2] == "status", story_id=row[3], leads=bool(row[4]),
            at=from_text(row[5]) or since, seen_at=from_text(row[6]) or since, length=row[7] or 0,
            is_asked_for=bool(row[8]), is_carried=bool(row[9]), story_at=from_text(row[10]) or since,
            is_known=bool(row[11]),
        )
        for row in reader.ask(_LEADING, values).rows
    ]  # fmt: skip


def load_edited(reader: Asked, since: datetime, asked_before: datetime) -> list[tuple[str, str]]:
    """Pages that were read before that, and whose posts were edited since: their keys and addresses. Raises as
    `load_leading_posts`."""
    values = {"since": to_text(since), "asked_before": to_text(asked_before)}
    return [(row[0], row[1]) for row in reader.ask(_EDITED, values).rows]


class NamedPair(NamedTuple):
    """Two articles at two addresses whose pages name one: the later, the first, and that address."""

    later: int
    first: int
    address: str


# What more pages than these name as their own is a section, or a mistake.
_MOST_NAMED = 3

_NAMED = """
WITH named AS (
  SELECT a.declared_url AS address, p.id FROM articles a JOIN posts p ON p.canonical_url = a.canonical_url
  WHERE a.declared_url IS NOT NULL AND p.kind = 'article' AND p.copy_of IS NULL AND p.gone_at IS NULL
    AND p.sort_at >= :since AND p.story_id IS NOT NULL
    AND (SELECT count(*) FROM articles x WHERE x.declared_url = a.declared_url AND x.canonical_url <> a.declared_url)
      <= :most
  UNION
  SELECT a.declared_url, p.id FROM articles a JOIN posts p ON p.canonical_url = a.declared_url
  WHERE a.declared_url IS NOT NULL AND p.kind = 'article' AND p.copy_of IS NULL AND p.gone_at IS NULL
    AND p.sort_at >= :since AND p.story_id IS NOT NULL
)
SELECT later.id, min(first.id), later.address
FROM named later JOIN named first ON first.address = later.address AND first.id < later.id
GROUP BY later.id
ORDER BY later.id
"""


def load_named(reader: Asked, since: datetime) -> list[NamedPair]:
    """Articles since then whose pages name one address, each with the first of them. Raises as `load_leading_posts`."""
    found = reader.ask(_NAMED, {"since": to_text(since), "most": _MOST_NAMED})
    return [NamedPair(*row) for row in found.rows]
