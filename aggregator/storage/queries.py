"""The questions that the command line asks, in SQL over the views that users query too. Reading only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from aggregator.model.errors import AggregatorError, NotFoundError, StorageError
from aggregator.model.outage import Outage
from aggregator.storage import schema
from aggregator.storage.file.damage import damage_in_words
from aggregator.storage.finding.misspelt import meant_name
from aggregator.storage.finding.search import FEW, NEWEST_FIRST, Search, containing, led
from aggregator.storage.outages.rows import load_outage
from aggregator.storage.result import LeftOut, Result, first_of, is_given_up
from aggregator.storage.times import from_text, to_text
from aggregator.storage.topic_rules import count_not_looked_at
from aggregator.text.typed.nearest import nearest

if TYPE_CHECKING:
    from aggregator.storage.finding.folders import InFolder


class Reader:
    """A connection that can't write. Use it as a context manager.

    `conn`: the connection itself. `few`: so many posts are quicker found and sorted than looked for from the newest
    post on.
    """

    def __init__(self, path: Path, *, few: int = FEW) -> None:
        self._path, self.few = path, few
        self.conn = schema.connect(path, read_only=True)
        try:
            if self._checked(path):
                raise StorageError(
                    f"{path} is empty; `aggregator poll` or `aggregator run` fills it, "
                    "and `aggregator restore` puts a backup in its place, if there was something in it"
                )
        except BaseException:
            self.conn.close()
            raise
        self.conn.execute("PRAGMA query_only = ON")
        self.conn.set_authorizer(_only_read)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.conn.close()

    def ask(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Result:
        """The answer to a query.

        Raises:
            AggregatorError: SQLite refuses the query; the message is SQLite's.
        """
        with self.refusals_in_words(sql):
            cursor = self.conn.execute(sql, parameters)
            columns = tuple(column[0] for column in cursor.description or ())
            return Result(columns, tuple(cursor.fetchall()))

    def ask_first(self, sql: str, limit: int, keep: Callable[[Any], Any]) -> tuple[Result, LeftOut]:
        """The first rows of the answer to a stranger's query, of each cell what `keep` makes of it; and how many rows
        more there are, which are counted one by one. So it takes little memory however large the answer is. Where
        SQLite gives up meanwhile (`give_up_after`), the rows that it had by then come all the same.

        Raises:
            AggregatorError: SQLite refuses the query, or a value or a row in it is too large; it gave up before it had
                one.
        """
        self.conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        self.conn.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
        with self.refusals_in_words(sql):
            cursor = self.conn.execute(sql)
            columns = tuple(column[0] for column in cursor.description or ())
            rows, left_out = first_of(cursor, limit, keep)
            return Result(columns, rows), left_out

    @contextmanager
    def refusals_in_words(self, sql: str = "") -> Iterator[None]:
        """What SQLite says within it against a query is said as `ask` says it. `sql`: the query, for names near those
        that it misspells."""
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:  # or what it can't take
            if words := damage_in_words(error, self._path):
                raise StorageError(words) from error
            raise AggregatorError(f"SQL: {self._in_words(error, sql)}") from error

    def _checked(self, path: Path) -> bool:
        try:
            return schema.check_ours(self.conn, path)
        except sqlite3.DatabaseError as error:
            raise StorageError(damage_in_words(error, path) or f"{path}: can't be read: {error}") from error

    def _in_words(self, error: Exception, sql: str) -> str:
        text = str(error)
        if is_given_up(error):
            return f"{text}: it took too long"
        if any(sign in text for sign in ("not authorized", "authorization denied", "readonly")):
            return f"{text}: this only reads; change the file with a SQLite client"
        if near := meant_name(self.conn, text, sql):
            text = f"{text} (did you mean {near}?)"
        if text.startswith("no such") and self._is_behind():
            text += "; the file is of an older version: the next `aggregator run` or `poll` brings it up to date"
        return text

    def _is_behind(self) -> bool:
        with closing(schema.connect(self._path, read_only=True)) as conn:  # this one may not be asked everything
            return schema.is_behind(conn)

    # ------------------------------------------------------------ named questions

    def sources(self, *, folder: InFolder | None = None) -> Result:
        """Every source with its health, those in trouble first."""
        return self.ask(f"SELECT * FROM source_health WHERE {folder.health() if folder else '1'}")

    def source_ids(self) -> dict[str, int]:
        """Address that names a source → its id."""
        return dict(self.ask("SELECT url, id FROM sources").rows)

    def source_titles(self) -> dict[int, str]:
        """Source id → its title, or its address."""
        return dict(self.ask("SELECT id, coalesce(title, url) FROM sources").rows)

    def source_sites(self) -> dict[str, tuple[str | None, str | None]]:
        """Address of a source → its title and its site's address, as it says."""
        rows = self.ask("SELECT url, title, site_url FROM sources").rows
        return {url: (title, site) for url, title, site in rows}

    def source_statuses(self) -> dict[str, int]:
        """Status → how many sources have it."""
        return dict(self.ask("SELECT status, count(*) FROM sources GROUP BY status").rows)

    def sizes(self) -> list[tuple[str, int]]:
        """How large the file was on which day, the oldest first; nothing of a file of an older version."""
        try:
            rows = self.ask("SELECT day, bytes FROM database_sizes WHERE bytes > 0 ORDER BY day").rows
        except StorageError:
            raise
        except AggregatorError:
            return []
        return [(day, size) for day, size in rows]

    def outage(self, now: datetime) -> Outage | None:
        """That no server can be reached, if that is so and can be told."""
        with suppress(sqlite3.Error):  # a damaged file: what is asked for next says so
            return load_outage(self.conn, now)
        return None

    def last_success(self) -> datetime | None:
        """When a source was read last, any of them; None where none ever was."""
        return from_text(self.ask("SELECT max(last_success_at) FROM sources").rows[0][0])

    def overdue(self, moment: datetime) -> tuple[int, datetime | None, int]:
        """How many sources have been due since before that moment, and since when the first; how many were never
        polled, which may have been added just now."""
        waiting, since, never = self.ask(
            "SELECT count(next_poll_at), min(next_poll_at), count(1) - count(next_poll_at) FROM sources "
            "WHERE removed_at IS NULL AND coalesce(next_poll_at, '') <= ?",
            (to_text(moment),),
        ).rows[0]
        return waiting, from_text(since), never

    def consumers(self) -> dict[str, int]:
        """Who follows the changes → how many they have not seen yet, numbers that were never given included."""
        rows = self.ask("SELECT name, coalesce((SELECT max(seq) FROM changes), seq) - seq FROM consumers ORDER BY name")
        return dict(rows.rows)

    def ungrouped(self) -> int:
        """How many posts have no story yet: those of sources that are polled for the first time."""
        rows = self.ask("SELECT count(1) FROM posts WHERE story_id IS NULL AND gone_at IS NULL AND pruned_at IS NULL")
        return int(rows.rows[0][0])

    def unseen_since(self, consumer: str) -> datetime | None:
        """Since when there is a change that this consumer has not seen; None where there is none, or no consumer."""
        if not self.ask("SELECT 1 FROM sqlite_master WHERE name = 'consumers'").rows:
            return None  # of an older version, and a daemon of that is at work on it
        rows = self.ask(
            "SELECT changed_at FROM changes WHERE seq > (SELECT seq FROM consumers WHERE name = ?) "
            "ORDER BY seq LIMIT 1",
            (consumer,),
        ).rows
        return from_text(rows[0][0]) if rows else None

    def give_up_after(self, seconds: float) -> None:
        """From then on SQLite refuses every query, also one that is under way: for questions of strangers."""
        until = monotonic() + seconds
        self.conn.set_progress_handler(lambda: monotonic() > until, _STEPS_BETWEEN_LOOKS)

    def has_posts(self) -> bool:
        """Whether any post is stored."""
        return bool(self.ask("SELECT 1 FROM posts LIMIT 1").rows)

    def labels(self) -> list[tuple[int, str, bool]]:
        """The user's own word on posts: post id, topic, whether it is about that."""
        rows = self.ask("SELECT post_id, topic, is_about FROM topic_labels ORDER BY post_id, topic").rows
        return [(post_id, topic, bool(is_about)) for post_id, topic, is_about in rows]

    def totals(self) -> Result:
        """One row of counts: how much there is of everything."""
        return self.ask(
            "SELECT (SELECT count(*) FROM posts) AS posts, (SELECT count(*) FROM posts WHERE kind = 'status') "
            "AS statuses, (SELECT count(*) FROM copies) AS copies, (SELECT count(*) FROM sightings) AS sightings, "
            "(SELECT count(DISTINCT language) FROM posts) AS languages, "
            "(SELECT count(*) FROM latest_stories) AS stories, "
            "(SELECT count(*) FROM latest_stories WHERE source_count > 1) AS in_several_sources, "
            "(SELECT count(DISTINCT topic) FROM post_topics) AS topics"
        )

    def widest_stories(self, limit: int) -> Result:
        """The stories that most publishers carry."""
        return self.ask(
            "SELECT id, title, source_count AS sources, post_count AS posts, topics FROM latest_stories "
            "ORDER BY source_count DESC, last_at DESC LIMIT ?",
            (limit,),
        )

    def posts(
        self, *, topics: Sequence[str] = (), source: str | None = None, language: str | None = None,
        since: datetime | None = None, limit: int = 20, folder: InFolder | None = None,
    ) -> Result:  # fmt: skip
        """The latest posts that have all of the topics, from sources whose title or address contains `source`."""
        where: list[str] = [folder.posts(self) if folder else "1"]
        values: list[Any] = []
        rarest = self._rarest(topics)
        for topic in topics:
            where.append(f"{led(topic == rarest)} IN (SELECT post_id FROM post_topics WHERE topic = ?)")
            values.append(topic)
        if source:
            where.append(
                f"{led(False)} IN (SELECT g.post_id FROM sources s JOIN sightings g ON g.source_id = s.id "
                "WHERE s.title LIKE ? ESCAPE '\\' OR s.url LIKE ? ESCAPE '\\')"
            )
            values += [containing(source)] * 2
        if language:
            where.append("p.language = ?")
            values.append(language)
        if since:
            where.append("p.published_at >= ?")
            values.append(to_text(since))
        return self.ask(
            f"SELECT p.* FROM latest_posts p WHERE {' AND '.join(where)} ORDER BY {NEWEST_FIRST} LIMIT ?",
            [*values, limit],
        )

    def _rarest(self, topics: Sequence[str]) -> str | None:
        """The topic that fewest posts have, if those are few."""
        counts = {topic: self.count_few("SELECT 1 FROM post_topics WHERE topic = ?", (topic,)) for topic in topics}
        rarest = min(counts, key=counts.__getitem__, default=None)
        return rarest if rarest is not None and counts[rarest] < self.few else None

    def find_story(self, name: str) -> int:
        """The id of a story by its id or slug; of the story that took it over, where it was merged.

        Raises:
            NotFoundError: there is none.
        """
        number = int(name) if name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS else -1
        found = self.ask("SELECT id, merged_into FROM stories WHERE slug = ? OR id = ?", (name, number)).rows
        if not found:
            were = self.ask("SELECT 1 FROM sqlite_sequence WHERE name = 'stories' AND seq >= ?1 AND ?1 > 0", (number,))
            why = f"story {number} is not kept any more" if were.rows else f"there is no story {name!r}"
            raise NotFoundError(f"{why}; `aggregator stories` lists the latest")
        story_id, merged_into = found[0]
        return self.find_story(str(merged_into)) if merged_into else int(story_id)

    def story(self, story_id: int) -> dict[str, Result]:
        """All that is known of a story: `head`, `posts`, `sources`, `topics`, `earlier` coverage."""
        by_id = (story_id,)
        return {
            "head": self.ask("SELECT * FROM latest_stories WHERE id = ?", by_id),
            "posts": self.ask("SELECT * FROM story_posts WHERE story_id = ? ORDER BY published_at, post_id", by_id),
            "sources": self.ask("SELECT * FROM story_sources WHERE story_id = ? ORDER BY source_id", by_id),
            "topics": self.ask(
                "SELECT v.*, (SELECT t.because FROM post_topics t JOIN posts p ON p.id = t.post_id "
                "WHERE p.story_id = v.story_id AND t.topic = v.topic ORDER BY t.score DESC LIMIT 1) AS because "
                "FROM story_topics v WHERE story_id = ? ORDER BY share DESC, topic",
                by_id,
            ),
            "earlier": self.ask(
                "SELECT * FROM earlier_coverage WHERE story_id = ? "
                "ORDER BY kind DESC, similarity DESC, earlier_at DESC, earlier_story_id",
                by_id,
            ),
        }

    def topics(self, *, kind: str | None = None) -> Result:
        """Every topic with how many posts it has, copies left out, those with most first."""
        return self.ask(
            "SELECT o.topic, o.label, o.kind, coalesce(n.posts, 0) AS post_count, "
            "coalesce(n.stories, 0) AS story_count, n.newest_at FROM topics o LEFT JOIN ("
            "SELECT t.topic, count(*) AS posts, count(DISTINCT p.story_id) AS stories, max(p.sort_at) AS newest_at "
            "FROM posts p CROSS JOIN post_topics t ON t.post_id = p.id "  # CROSS: posts first, from their index
            "WHERE p.copy_of IS NULL AND p.gone_at IS NULL GROUP BY t.topic) n ON n.topic = o.topic "
            "WHERE ?1 IS NULL OR o.kind = ?1 ORDER BY post_count DESC, o.topic",
            (kind,),
        )

    def not_looked_at(self) -> int:
        """How many stored posts were not looked at by the topics' rules in force; 0 in a file of an older version."""
        known = self.ask("SELECT 1 FROM sqlite_master WHERE name = 'topic_rules'").rows
        return count_not_looked_at(self.conn) if known else 0

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

    def search(self, words: str, *, limit: int = 20, folder: InFolder | None = None) -> Result:
        """Posts that contain the words, newest first; see `aggregator.storage.finding.search`.

        Raises:
            AggregatorError: the words are no query.
        """
        return Search(self, words, limit, also=folder.posts(self) if folder else "1").answer()

    def count_few(self, sql: str, parameters: Sequence[Any]) -> int:
        """How many rows a query gives, counted up to `few`."""
        return int(self.ask(f"SELECT count(*) FROM ({sql} LIMIT {self.few})", parameters).rows[0][0])

    # ------------------------------------------------------------ what is not there

    def need_topic(self, topic: str) -> None:
        """Raises NotFoundError, with the nearest spelling, where there is no such topic."""
        self._need(topic, "topic", "SELECT topic FROM topics ORDER BY topic", "aggregator topics --all")

    def need_kind(self, kind: str) -> None:
        """Raises NotFoundError, with the nearest spelling, where no topic is of this kind."""
        self._need(kind, "kind of topic", "SELECT DISTINCT kind FROM topics ORDER BY kind", "aggregator topics --all")

    def _need(self, name: str, what: str, sql: str, listing: str) -> None:
        names = [str(row[0]) for row in self.ask(sql).rows]
        if name not in names:
            near = nearest(name, names)
            hint = f"did you mean {near!r}?" if near else f"`{listing}` lists them"
            raise NotFoundError(f"there is no {what} {name!r}; {hint}")


# Of SQLite's machine, some ten to a microsecond: a look costs less than that.
_STEPS_BETWEEN_LOOKS = 10_000

# Of a value in a stranger's query, in bytes, and of the columns of a row: no text of a post is as long, and no view as
# wide. What compares long values is not interrupted meanwhile, so this bounds the time too.
_LARGEST_VALUE = 1_000_000
_MOST_COLUMNS = 100

# SQLite's integers have 19 digits at most.
_MOST_DIGITS = 19

# Pragmas that tell of the schema take an argument; with one, most others change something.
_TELLING_PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list"}
)


def _only_read(action: int, first: str | None, second: str | None, *_: object) -> int:
    """SQLite's authorizer: a file opened read-only still lets ATTACH and VACUUM INTO make others."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first not in _TELLING_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
