"""The database as the writer of briefs reads it: one moment of it, with what may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from aggregator.model.article import Article
from aggregator.model.brief import Brief
from aggregator.model.settings import Publish
from aggregator.storage.articles.rows import load_articles
from aggregator.storage.briefs.requests import LastAsked, last_asked
from aggregator.storage.briefs.rows import load_briefs
from aggregator.storage.changelog import BRIEFS
from aggregator.storage.site.facts import FactsRows
from aggregator.storage.site.rows import SiteRows
from aggregator.storage.times import from_text, to_text

_IN = "IN (SELECT value FROM json_each(?))"
_STALE = """
SELECT story_id FROM briefs WHERE iif(language <> ?, method = 'extracted', substr(input_digest, 1, ?) <> ?)
ORDER BY story_id
"""
_SINGLE = f"""
SELECT s.id FROM stories s WHERE s.id {_IN} AND s.source_count = 1 AND s.pinned_at IS NULL AND s.score < ?
AND NOT EXISTS (SELECT 1 FROM briefs b WHERE b.story_id = s.id)
"""
_ELSEWHERE = f"""
SELECT b.story_id, b.language, b.written_at, json_group_array(e.value)
FROM briefs b LEFT JOIN brief_sentences t ON t.brief_id = b.id AND t.made = 'written' LEFT JOIN json_each(t.posts) e
WHERE b.method = 'model' AND b.language <> ? AND b.story_id {_IN} GROUP BY b.id
"""
_EDITED = f"""
SELECT p.id FROM posts p WHERE p.id {_IN.replace("?", "?1")}
AND (p.edited_at > ?2 OR EXISTS (SELECT 1 FROM post_revisions r WHERE r.post_id = p.id AND r.replaced_at > ?2))
"""
# As much of a text as is shown.
_WORDS = f"""
SELECT p.story_id, coalesce(p.title, '') || ' ' || coalesce(substr(p.text, 1, 1500), '') FROM posts p
WHERE p.story_id {_IN} AND p.copy_of IS NULL AND p.gone_at IS NULL AND p.pruned_at IS NULL
AND p.content_warning IS NULL AND p.sort_at >= ?
"""


class StoredBrief(NamedTuple):
    """What is known of a brief before it is loaded: how it was made, and the digest of its input."""

    method: str
    digest: str


class BriefRows(SiteRows):
    """Adds to `SiteRows` what only briefs need. `place`: where the writer of briefs stands in the change log."""

    def __init__(self, path: Path, settings: Publish) -> None:
        """Raises:
        StorageError: there is no database yet, or it can't be read.
        """
        super().__init__(path, settings, BRIEFS)
        self.facts = FactsRows(self._conn, settings)

    def newest_at(self) -> datetime | None:
        """The time of the last post of all stories."""
        return from_text(self._conn.execute("SELECT max(last_at) FROM stories").fetchone()[0])

    def since(self, at: datetime) -> list[int]:
        """The stories with posts since this time, the newest first."""
        rows = self._conn.execute(
            "SELECT id FROM stories WHERE merged_into IS NULL AND post_count > 0 AND last_at >= ? "
            "ORDER BY last_at DESC, id DESC",
            (to_text(at),),
        )
        return [row[0] for row in rows]

    def having(self) -> list[int]:
        """The stories with a brief, the newest first."""
        rows = self._conn.execute("SELECT DISTINCT story_id FROM briefs ORDER BY 1 DESC")
        return [row[0] for row in rows]

    def stale(self, mark: str) -> list[int]:
        """The stories with a brief that other rules, settings or words made: its digest does not begin with `mark`."""
        rows = self._conn.execute(_STALE, (self._settings.language, len(mark), mark))
        return list(dict.fromkeys(row[0] for row in rows))

    def later_than(self, stories: Iterable[int]) -> set[int]:
        """The stories that name one of these as earlier coverage."""
        rows = self._conn.execute(
            f"SELECT story_id FROM story_links WHERE earlier_story_id {_IN}", (json.dumps(sorted(stories)),)
        )
        return {row[0] for row in rows}

    def singles(self, stories: Iterable[int]) -> set[int]:
        """Those of these stories that are no more than one voice without a page of its own, and have no brief."""
        rows = self._conn.execute(_SINGLE, (json.dumps(sorted(stories)), self._settings.page_for))
        return {row[0] for row in rows}

    def words_since(self, stories: Iterable[int], at: datetime) -> Iterator[tuple[int, str]]:
        """Story → title and text, as far as they are shown, of each of its posts since this time."""
        yield from self._conn.execute(_WORDS, (json.dumps(sorted(stories)), to_text(at)))

    def stored(self, stories: Iterable[int]) -> dict[int, StoredBrief]:
        """Story → what is known of its brief in the site's language, of those that have one."""
        rows = self._conn.execute(
            f"SELECT story_id, method, input_digest FROM briefs WHERE language = ? AND story_id {_IN}",
            (self._settings.language, json.dumps(sorted(stories))),
        )
        return {row[0]: StoredBrief(row[1], row[2]) for row in rows}

    def told(self, stories: Iterable[int]) -> dict[int, Brief]:
        """Story → its brief in the site's language, of those that have one."""
        return load_briefs(self._conn, stories, self._settings.language)

    def pages(self, posts: Iterable[int]) -> dict[int, Article]:
        """Post → the page that it leads to, of those that were read."""
        return load_articles(self._conn, posts)

    def elsewhere(self, stories: Iterable[int]) -> Iterator[tuple[int, str, datetime, set[int]]]:
        """What models wrote of these stories in other languages than the site's: story, language, when, the posts that
        it rests on."""
        found = self._conn.execute(_ELSEWHERE, (self._settings.language, json.dumps(sorted(stories))))
        for story_id, language, written, posts in found:
            at = from_text(written)
            assert at is not None
            yield story_id, language, at, {post_id for post_id in json.loads(posts) if post_id is not None}

    def edited(self, posts: Iterable[int], since: datetime) -> set[int]:
        """Those of these posts that say something else since then: by their source's word, or by ours."""
        rows = self._conn.execute(_EDITED, (json.dumps(sorted(posts)), to_text(since)))
        return {row[0] for row in rows}

    def last_asked(self, story: int, language: str) -> LastAsked | None:
        """When a model was last asked for the brief of a story, and answered."""
        return last_asked(self._conn, story, language)

    def with_any(self, stories: Iterable[int]) -> set[int]:
        """Those of these ids that have a brief in whatever language."""
        rows = self._conn.execute(f"SELECT story_id FROM briefs WHERE story_id {_IN}", (json.dumps(sorted(stories)),))
        return {row[0] for row in rows}
