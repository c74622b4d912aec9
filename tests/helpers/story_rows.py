"""Stories of posts about one company, written straight into a database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aggregator.model.facts import Facts
from aggregator.model.settings import Publish
from aggregator.storage.site.brief_rows import BriefRows
from tests.helpers.new_database import new_database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS = Publish()


class StoryRows:
    """Stories of posts about one company, written straight into a database."""

    def __init__(self, folder: Path) -> None:
        self.database = new_database(folder / "news.db")
        conn = self.database.conn
        conn.execute(
            "INSERT INTO sources (id, kind, url, interval_seconds) VALUES (1, 'feed', 'https://a.example/', 900)"
        )
        conn.execute("INSERT INTO topics (topic, label, kind) VALUES ('aurore', 'Aurore', 'company')")
        self._story = self._post = 0

    def story(self, at: datetime, *, posts: int = 2, **more: object) -> int:
        self._story += 1
        conn, text = self.database.conn, _text(at)
        conn.execute(
            "INSERT INTO stories (id, slug, title, first_at, last_at, post_count, source_count, story_version) "
            "VALUES (?, ?, 'Aurore grows', ?, ?, ?, ?, 1)",
            (self._story, f"s-{self._story}", text, text, posts, posts),
        )
        for number in range(posts):
            self._post += 1
            values = {
                "id": self._post, "kind": "article", "title": "Aurore grows", "publisher": f"p{number}.example",
                "first_seen_at": text, "sort_at": text, "published_at": text, "story_id": self._story, "digest": b"",
                "topics_version": "", "text": f"Aurore grows {self._post}.",
            } | more  # fmt: skip
            marks = ", ".join("?" * len(values))
            conn.execute(f"INSERT INTO posts ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
            conn.execute(
                "INSERT INTO post_topics (post_id, topic, score, because) VALUES (?, 'aurore', 1, '')", (self._post,)
            )
            conn.execute(
                "INSERT INTO sightings (source_id, native_id, post_id, seen_at) VALUES (1, ?, ?, ?)",
                (str(self._post), self._post, text),
            )
        conn.execute("UPDATE stories SET lead_post_id = ? WHERE id = ?", (self._post, self._story))
        return self._story

    def facts(self, story: int, settings: Publish = SETTINGS) -> Facts:
        with BriefRows(self.database.path, settings) as rows:
            [shown] = rows.stories.load_whole([story])
            return rows.facts.of(shown)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
