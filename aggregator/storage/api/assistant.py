"""What an assistant asks of the database: few rows, short, over the views. Reading only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.storage.api.briefs import brief_of
from aggregator.storage.changelog import Place, log_range, newest_seq, stories_changed
from aggregator.storage.finding.search import Search
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader
from aggregator.storage.result import Result
from aggregator.storage.times import to_text

_COLUMNS = ("id", "last_at", "title", "source_count", "post_count", "topics", "language", "slug")
_STORY = f"SELECT {', '.join(_COLUMNS)} FROM latest_stories s"


def found_posts(
    reader: Reader, words: str, *, since: datetime | None, topic: str | None, language: str | None, limit: int
) -> Result:
    """Posts that contain the words, the newest first.

    Raises:
        NotFoundError: there is no such topic.
        AggregatorError: the words are no query.
    """
    also = ["1"]
    if since:
        also.append(f"p.published_at >= {_literal(to_text(since))}")
    if topic:
        reader.need_topic(topic)
        also.append(f"p.id IN (SELECT t.post_id FROM post_topics t WHERE t.topic = {_literal(topic)})")
    if language:
        also.append(f"p.language = {_literal(language)}")
    return Search(reader, words, limit, also=" AND ".join(also)).answer()


def _literal(text: str | None) -> str:
    return "'" + (text or "").replace("\0", "").replace("'", "''") + "'"


def found_stories(reader: Reader, wanted: Wanted, limit: int) -> Result:
    """The stories that are wanted, in few columns.

    Raises:
        NotFoundError: there is no such topic.
    """
    for topic in wanted.topics:
        reader.need_topic(topic)
    return stories_of(reader, wanted, limit).narrowed(_COLUMNS)


def topic_days(reader: Reader, topic: str, since: datetime) -> Result:
    """How many posts and stories a topic had a day, the oldest first.

    Raises:
        NotFoundError: there is no such topic.
    """
    reader.need_topic(topic)
    return reader.ask(
        "SELECT day, post_count, story_count FROM topic_counts_daily WHERE topic = ? AND day >= ? ORDER BY day",
        (topic, f"{since:%Y-%m-%d}"),
    )


def widest_on(reader: Reader, topic: str, since: datetime, limit: int) -> Result:
    """The stories on a topic that most sources carried, in the order of time."""
    return reader.ask(
        f"SELECT * FROM ({_STORY} WHERE s.last_at >= ? "
        "AND EXISTS (SELECT 1 FROM story_topics t WHERE t.story_id = s.id AND t.topic = ?) "
        "ORDER BY source_count DESC, last_at DESC LIMIT ?) ORDER BY last_at, id",
        (to_text(since), topic, limit),
    )


@dataclass(frozen=True, slots=True)
class News:
    """Stories in few columns; how many more there are; the newest change now."""

    rows: Result
    left_out: int
    seq: int


def touched_since(reader: Reader, seq: int, limit: int) -> News | Place:
    """Stories that changes after `seq` touched, the one with the newest post first; the log alone where what happened
    since then is not known."""
    log = log_range(reader)
    if not log.is_known_after(seq):
        return log
    ids = stories_changed(reader.conn, seq, log.newest)
    where = f"s.id IN ({', '.join(str(each) for each in sorted(ids))})"  # numbers of our own
    rows = reader.ask(f"{_STORY} WHERE {where} ORDER BY last_at DESC, id DESC LIMIT ?", (limit,))
    return News(rows, _others(reader, rows, limit, where), log.newest)


def begun_since(reader: Reader, since: datetime, limit: int) -> News:
    """Stories with a post since then, the one that most sources carried first, with when each began."""
    where = f"s.last_at >= {_literal(to_text(since))}"
    rows = reader.ask(
        f"{_STORY.replace('last_at,', 'first_at, last_at,', 1)} WHERE {where} "
        "ORDER BY source_count DESC, last_at DESC LIMIT ?",
        (limit,),
    )
    return News(rows, _others(reader, rows, limit, where), newest_seq(reader))


def _others(reader: Reader, rows: Result, limit: int, where: str) -> int:
    if len(rows.rows) < limit:
        return 0
    return int(reader.ask(f"SELECT count(1) FROM latest_stories s WHERE {where}").rows[0][0]) - len(rows.rows)


def brief_told(reader: Reader, story_id: int) -> Result:
    """The sentences of a story's briefs, in few columns."""
    return brief_of(reader, story_id).narrowed(("part", "text", "sources"))


def troubled_sources(reader: Reader, limit: int) -> Result:
    """Sources that are not well, or say something that their reader should know."""
    return reader.ask(
        "SELECT id, source, kind, status, last_error, warning, last_success_at, next_poll_at FROM source_health "
        "WHERE status IN ('failing', 'gone', 'limited') OR warning IS NOT NULL LIMIT ?",
        (limit,),
    )


def schema_text(reader: Reader) -> str:
    """The views and tables as they were made, with their comments; those of search and of migrations left out."""
    rows = reader.ask(
        "SELECT sql FROM sqlite_master WHERE type IN ('view', 'table') AND sql IS NOT NULL "
        "AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_sqlite*' AND name NOT GLOB 'posts_fts*' "
        "ORDER BY type DESC, rowid"
    ).rows
    return "\n\n".join(f"{row[0]};" for row in rows)


def topics_in_use(reader: Reader) -> Result:
    """Every topic that has posts, with how many, those with most first."""
    found: Sequence[tuple[Any, ...]] = reader.ask(
        "SELECT o.topic, o.label, o.kind, n.posts FROM topics o JOIN (SELECT topic, sum(post_count) AS posts "
        "FROM topic_day_counts GROUP BY topic) n ON n.topic = o.topic WHERE n.posts > 0 ORDER BY n.posts DESC, o.topic"
    ).rows
    return Result(("topic", "label", "kind", "posts"), tuple(found))
