"""The questions that the command line asks, in SQL over the views that users query too. Reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.errors import AggregatorError, NotFoundError, StorageError
from aggregator.storage import schema
from aggregator.storage.rework import SavedPost, load_saved_posts
from aggregator.text import fold, is_spaceless

# The trigram index knows no shorter words.
_TRIGRAM = 3


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a question: the columns' names, and the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Reader:
    """A connection that can't write. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._conn = schema.connect(path, read_only=True)
        try:
            if schema.check_ours(self._conn, path):
                raise StorageError(f"{path} is empty; `aggregator poll` or `aggregator run` fills it")
        except BaseException:
            self._conn.close()
            raise
        self._conn.execute("PRAGMA query_only = ON")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._conn.close()

    def ask(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Table:
        """The answer to a query.

        Raises:
            AggregatorError: SQLite refuses the query; the message is SQLite's.
        """
        try:
            cursor = self._conn.execute(sql, parameters)
            columns = tuple(column[0] for column in cursor.description or ())
            return Table(columns, tuple(cursor.fetchall()))
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:  # or what it can't take
            raise AggregatorError(f"SQL: {error}") from error

    # ------------------------------------------------------------ named questions

    def sources(self) -> Table:
        """Every source with its health, those in trouble first."""
        return self.ask(
            "SELECT id, kind, source, status, post_count AS posts, newest_post_at, last_poll_at, next_poll_at, "
            "failures, last_error, url FROM source_health"
        )

    def posts(
        self, *, topics: Sequence[str] = (), source: str | None = None, language: str | None = None, limit: int = 20
    ) -> Table:
        """The latest posts that have all of the topics, from sources whose title or address contains `source`."""
        where: list[str] = ["1"]
        values: list[Any] = []
        rarest = self._rarest(topics)
        for topic in topics:
            where.append(f"{_led(topic == rarest)} IN (SELECT post_id FROM post_topics WHERE topic = ?)")
            values.append(topic)
        if source:
            where.append(
                f"{_led(False)} IN (SELECT g.post_id FROM sources s JOIN sightings g ON g.source_id = s.id "
                "WHERE s.title LIKE ? ESCAPE '\\' OR s.url LIKE ? ESCAPE '\\')"
            )
            values += [_containing(source)] * 2
        if language:
            where.append("p.language = ?")
            values.append(language)
        return self.ask(
            "SELECT id, published_at, title, source, source_count AS sources, language, topics, story_id, url "
            f"FROM latest_posts p WHERE {' AND '.join(where)} LIMIT ?",
            [*values, limit],
        )

    def stories(self, *, topics: Sequence[str] = (), limit: int = 20) -> Table:
        """The latest stories that have all of the topics."""
        rarest = self._rarest(topics)
        where = ["1", *(_STORIES_WITH_RARE_TOPIC if topic == rarest else _STORIES_WITH_TOPIC for topic in topics)]
        return self.ask(
            "SELECT id, last_at, title, post_count AS posts, source_count AS sources, score, topics, slug "
            f"FROM latest_stories s WHERE {' AND '.join(where)} LIMIT ?",
            [*topics, limit],
        )

    def _rarest(self, topics: Sequence[str]) -> str | None:
        """The topic that fewest posts have, if those are few."""
        counts = {topic: self._count_few("SELECT 1 FROM post_topics WHERE topic = ?", (topic,)) for topic in topics}
        rarest = min(counts, key=counts.__getitem__, default=None)
        return rarest if rarest is not None and counts[rarest] < _FEW else None

    def _count_few(self, sql: str, parameters: Sequence[Any]) -> int:
        """How many rows a query gives, counted up to `_FEW`."""
        return int(self.ask(f"SELECT count(*) FROM ({sql} LIMIT {_FEW})", parameters).rows[0][0])

    def find_story(self, name: str) -> int:
        """The id of a story by its id or slug; of the story that took it over, where it was merged.

        Raises:
            NotFoundError: there is none.
        """
        number = int(name) if name.isascii() and name.isdigit() else -1
        found = self.ask("SELECT id, merged_into FROM stories WHERE slug = ? OR id = ?", (name, number)).rows
        if not found:
            raise NotFoundError(f"there is no story {name!r}; `aggregator stories` lists the latest")
        story_id, merged_into = found[0]
        return self.find_story(str(merged_into)) if merged_into else int(story_id)

    def story(self, story_id: int) -> dict[str, Table]:
        """All that is known of a story: `head`, `posts`, `sources`, `topics`, `earlier` coverage."""
        by_id = (story_id,)
        return {
            "head": self.ask("SELECT * FROM latest_stories WHERE id = ?", by_id),
            "posts": self.ask(
                "SELECT post_id, published_at, title, publisher, language, copy_of, because, url, article_url "
                "FROM story_posts WHERE story_id = ?",
                by_id,
            ),
            "sources": self.ask("SELECT source, kind, post_count, url FROM story_sources WHERE story_id = ?", by_id),
            "topics": self.ask(
                "SELECT topic, kind, share, (SELECT t.because FROM post_topics t JOIN posts p ON p.id = t.post_id "
                "WHERE p.story_id = v.story_id AND t.topic = v.topic ORDER BY t.score DESC LIMIT 1) AS because "
                "FROM story_topics v WHERE story_id = ? ORDER BY share DESC, topic",
                by_id,
            ),
            "earlier": self.ask(
                "SELECT earlier_at, earlier_story_id AS story_id, earlier_title AS title, similarity, because "
                "FROM earlier_coverage WHERE story_id = ?",
                by_id,
            ),
        }

    def topics(self, *, kind: str | None = None) -> Table:
        """Every topic with how many posts it has, copies left out, those with most first."""
        return self.ask(
            "SELECT o.topic, o.label, o.kind, coalesce(n.posts, 0) AS posts, coalesce(n.stories, 0) AS stories, "
            "n.newest_at FROM topics o LEFT JOIN ("
            "SELECT t.topic, count(*) AS posts, count(DISTINCT p.story_id) AS stories, max(p.sort_at) AS newest_at "
            "FROM posts p CROSS JOIN post_topics t ON t.post_id = p.id "  # CROSS: posts first, from their index
            "WHERE p.copy_of IS NULL AND p.gone_at IS NULL GROUP BY t.topic) n ON n.topic = o.topic "
            "WHERE ?1 IS NULL OR o.kind = ?1 ORDER BY posts DESC, o.topic",
            (kind,),
        )

    def topic_days(self, days: int) -> dict[str, list[int]]:
        """Topic → how many posts it got a day in the last `days` days (UTC), oldest first, if any."""
        found: dict[str, list[int]] = {}
        for topic, age, count in self.ask(
            "SELECT t.topic, CAST(julianday('now', 'start of day') - julianday(substr(p.sort_at, 1, 10)) AS INTEGER) "
            "AS age, count(*) FROM posts p CROSS JOIN post_topics t ON t.post_id = p.id "
            "WHERE p.copy_of IS NULL AND p.gone_at IS NULL AND p.sort_at >= date('now', ?) GROUP BY t.topic, age",
            (f"-{days - 1} days",),
        ).rows:
            if 0 <= age < days:
                found.setdefault(topic, [0] * days)[days - 1 - age] += count
        return found

    def saved_post(self, post_id: int) -> SavedPost | None:
        """A stored post, whole; None if it is gone, pruned, or not there."""
        found = load_saved_posts(self._conn, post_id - 1, 1)
        return found[0] if found and found[0].id == post_id else None

    def search(self, words: str, *, limit: int = 20) -> Table:
        """Posts that contain the words, newest first. Full-text syntax ("…", OR, NOT, prefix*) may be used.

        Scripts without spaces are searched by trigrams, for words of one or two characters by reading every such post.

        Raises:
            AggregatorError: the words are no query.
        """
        terms = [word.strip('"*') for word in words.split() if word not in _OPERATORS]
        long_enough = all(len(term) >= _TRIGRAM for term in terms)
        if any(_is_spaceless_char(char) for char in fold(words)):
            return self._search_index(_IN_CJK, words, limit) if long_enough else self._search_like(words, terms, limit)
        # In a Japanese text a Latin name stands between letters without a space: only the trigrams find it.
        return self._search_index(_IN_BOTH if long_enough else _IN_WORDS, words, limit)

    def _search_index(self, matching: str, words: str, limit: int) -> Table:
        try:
            is_rare = self._count_few(matching, (words,)) < _FEW
            return self.ask(f"{_FOUND} WHERE {_led(is_rare)} IN ({matching}) LIMIT ?2", (words, limit))
        except AggregatorError as error:
            raise AggregatorError(
                f"{words!r} is no search ({error}); put words with special characters into double quotes: '\"{words}\"'"
            ) from error

    def _search_like(self, words: str, terms: Sequence[str], limit: int) -> Table:
        if len(terms) < len(words.split()):
            raise AggregatorError(f"{words!r}: AND, OR and NOT need words of at least {_TRIGRAM} characters")
        patterns = [_containing(term) for term in terms]
        condition = " AND ".join("(title LIKE ? ESCAPE '\\' OR text LIKE ? ESCAPE '\\')" for _ in patterns)
        values = [pattern for pattern in patterns for _ in range(2)]
        return self.ask(
            f"{_FOUND} WHERE p.id IN (SELECT id FROM spaceless_posts WHERE {condition}) LIMIT ?", [*values, limit]
        )


_OPERATORS = frozenset({"AND", "OR", "NOT"})

# So many posts are quicker found and sorted than looked for from the newest post on.
_FEW = 2000

_STORIES_WITH_RARE_TOPIC = (
    "s.id IN (SELECT p.story_id FROM post_topics t JOIN posts p ON p.id = t.post_id "
    "WHERE t.topic = ? AND p.gone_at IS NULL)"
)
_STORIES_WITH_TOPIC = (
    "EXISTS (SELECT 1 FROM posts p JOIN post_topics t ON t.post_id = p.id "
    "WHERE p.story_id = s.id AND p.gone_at IS NULL AND t.topic = ?)"
)

_FOUND = "SELECT p.id, p.published_at, p.title, p.source, p.language, p.topics, p.story_id, p.url FROM latest_posts p"
_IN_WORDS = "SELECT rowid FROM posts_fts WHERE posts_fts MATCH ?1"
_IN_CJK = "SELECT rowid FROM posts_fts_cjk WHERE posts_fts_cjk MATCH ?1"
_IN_BOTH = f"{_IN_WORDS} UNION {_IN_CJK}"


def _led(by_list: bool) -> str:
    """`p.id`, for a condition that leads SQLite to the posts, which it then sorts.

    Or `+p.id`, for a condition that it looks at while it goes through the posts from the newest on, until there are
    enough: quicker unless few fulfil it.
    """
    return "p.id" if by_list else "+p.id"


def _is_spaceless_char(char: str) -> bool:
    return is_spaceless(char * 2)


def _containing(text: str) -> str:
    """The LIKE pattern for texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
