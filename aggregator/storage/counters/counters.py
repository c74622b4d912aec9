"""The tables of counts (`storage/counters.sql`), each with the query that counts its rows anew from what is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counter:
    """A table of counts. The first `keys` of its `columns` name a row, the others are what is counted.

    `source`: a query for all rows as they should be, in the order of their keys. `one`: the same for the row whose key
    is ?1, ?2, … . `rows`: which rows of the table these are.
    """

    table: str
    columns: tuple[str, ...]
    keys: int
    source: str
    one: str
    rows: str = "1"

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row."""
        return self.columns[: self.keys]

    @property
    def stored(self) -> str:
        """A query for all rows as they are, in the order of their keys."""
        order = ", ".join(self.key)
        return f"SELECT {', '.join(self.columns)} FROM {self.table} WHERE {self.rows} ORDER BY {order}"


def _counter(table: str, columns: str, keys: int, source: str, one: str, order: str, rows: str = "1") -> Counter:
    """`source` has `{}` where the condition of `one` goes; `order` is behind both."""
    whole = f"{source} {order}"
    return Counter(table, tuple(columns.split()), keys, whole.format(""), whole.format(f"AND {one}"), rows)


# Where views leave them out, a row that counts nothing is as good as none.
_COUNTS = "post_count <> 0"

# What counts for its story, and what counts for its day and its topics.
_THERE = "p.story_id IS NOT NULL AND p.gone_at IS NULL"
_ORIGINAL = "p.copy_of IS NULL AND p.gone_at IS NULL"
_HAD = "FROM posts p CROSS JOIN post_topics t WHERE t.post_id = p.id"
_PAIR = f"a.post_id = p.id AND b.post_id = p.id AND {_ORIGINAL} AND b.topic >= a.topic"
_ANY_TOPIC = (
    f"SELECT '', '', count(*) FROM posts p WHERE {_ORIGINAL} "
    "AND EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id) {} HAVING count(*) > 0"
)
_BY_TWO = "GROUP BY 1, 2 ORDER BY 1, 2"

COUNTERS = (
    _counter(
        "story_topic_counts", "story_id topic post_count", 2,
        f"SELECT p.story_id, t.topic, count(*) {_HAD} AND {_THERE} {{}}",
        "p.story_id = ?1 AND t.topic = ?2", _BY_TWO,
    ),
    _counter(
        "story_source_counts", "story_id source_id post_count first_post_id", 2,
        "SELECT p.story_id, g.source_id, count(DISTINCT p.id), "
        "CAST(substr(min(p.sort_at || printf('%019d', p.id)), -19) AS INTEGER) FROM posts p CROSS JOIN sightings g "
        f"WHERE g.post_id = p.id AND {_THERE} {{}}",
        "p.story_id = ?1 AND g.source_id = ?2", _BY_TWO,
    ),
    _counter(
        "source_counts", "source_id post_count", 1,
        "SELECT source_id, count(*) FROM sightings WHERE 1 {}", "source_id = ?1", "GROUP BY 1 ORDER BY 1", _COUNTS,
    ),
    _counter(
        "topic_posts", "topic sort_at post_id", 3,
        f"SELECT t.topic, p.sort_at, p.id {_HAD} AND {_ORIGINAL} {{}}",
        "t.topic = ?1 AND p.sort_at = ?2 AND p.id = ?3", "ORDER BY 1, 2, 3",
    ),
    _counter(
        "topic_day_counts", "day topic post_count story_count", 2,
        f"SELECT substr(p.sort_at, 1, 10), t.topic, count(*), count(DISTINCT p.story_id) {_HAD} AND {_ORIGINAL} {{}}",
        "p.sort_at >= ?1 AND p.sort_at < ?1 || '~' AND t.topic = ?2", _BY_TWO, _COUNTS,
    ),
    Counter(
        "topic_pair_counts", ("topic", "other", "post_count"), 2,
        "SELECT a.topic, b.topic, count(*) FROM posts p CROSS JOIN post_topics a CROSS JOIN post_topics b "
        f"WHERE {_PAIR} {_BY_TWO}",
        "SELECT a.topic, b.topic, count(*) FROM post_topics a CROSS JOIN post_topics b CROSS JOIN posts p "
        f"WHERE a.topic = ?1 AND b.topic = ?2 AND b.post_id = a.post_id AND {_PAIR} {_BY_TWO}",
        f"topic <> '' AND {_COUNTS}",
    ),
    Counter(  # of the same table, the row for posts with any topic
        "topic_pair_counts", ("topic", "other", "post_count"), 2,
        _ANY_TOPIC.format(""), _ANY_TOPIC.format("AND ?1 = ?2"), f"topic = '' AND {_COUNTS}",
    ),
)  # fmt: skip
