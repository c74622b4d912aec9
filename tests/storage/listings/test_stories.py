"""Lists of stories, narrowed down and sorted: the right ones, and by way of an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.storage.database import Database
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader
from aggregator.storage.times import to_text
from benchmarks.views.rows import make_file

NOW = datetime.now(UTC)  # scores fall with the time at which one asks


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path = tmp_path_factory.mktemp("listings") / "news.db"
    make_file(path, 3000, filler=100)
    database = Database(path)
    with database.write():
        database.conn.execute(
            "UPDATE stories SET score = (id * 7919 % 997) / 1000.0, source_count = id % 6 + 1, "
            "language = iif(id % 3, 'en', 'de')"
        )
        # The best of all is old, and no longer among the first.
        oldest = database.conn.execute("SELECT id FROM stories ORDER BY last_at LIMIT 1").fetchone()[0]
        database.conn.execute("UPDATE stories SET score = 1, last_at = '2020-01-01T00:00:00Z' WHERE id = ?", (oldest,))
    database.close()
    with Reader(path) as reader:
        yield reader


def ids(reader: Reader, limit: int = 20, **wanted: Any) -> list[int]:
    return [row[0] for row in stories_of(reader, Wanted(**wanted), limit).rows]


def asked(reader: Reader, rest: str, *values: Any) -> list[int]:
    return [row[0] for row in reader.ask(f"SELECT id FROM latest_stories {rest}", values).rows]


def test_the_newest_or_the_best_stand_first(reader: Reader) -> None:
    assert ids(reader) == asked(reader, "ORDER BY last_at DESC, id DESC LIMIT 20")
    best = stories_of(reader, Wanted(sort="score"), 50)
    score = best.columns.index("score")
    scores = [row[score] for row in best.rows]
    assert scores == sorted(scores, reverse=True)
    assert scores == [
        row[0] for row in reader.ask("SELECT score FROM latest_stories ORDER BY score DESC LIMIT 50").rows
    ]  # fmt: skip


def test_all_are_found_where_more_are_wanted_than_there_are(reader: Reader) -> None:
    assert sorted(ids(reader, 10_000, sort="score")) == sorted(asked(reader, ""))


@pytest.mark.parametrize("sort", ["time", "score"])
def test_they_are_narrowed_down(reader: Reader, sort: Any) -> None:
    since = NOW - timedelta(hours=9)
    text = to_text(since)
    assert set(ids(reader, 10_000, since=since, sort=sort)) == set(asked(reader, "WHERE last_at >= ?", text)) != set()
    assert set(ids(reader, 10_000, min_sources=5, sort=sort)) == set(asked(reader, "WHERE source_count >= 5"))
    assert set(ids(reader, 10_000, language="de", sort=sort)) == set(asked(reader, "WHERE language = 'de'"))
    [(topic,)] = reader.ask("SELECT topic FROM story_topics GROUP BY topic ORDER BY count(*) LIMIT 1").rows
    with_topic = set(asked(reader, "WHERE id IN (SELECT story_id FROM story_topics WHERE topic = ?)", topic))
    assert set(ids(reader, 10_000, topics=[topic], sort=sort)) == with_topic != set()
    together = ids(reader, 10_000, topics=[topic], since=since, min_sources=2, language="en", sort=sort)
    assert set(together) <= with_topic and len(together) < len(with_topic)


def test_rows_have_all_that_the_view_has(reader: Reader) -> None:
    view = reader.ask("SELECT * FROM latest_stories LIMIT 1").columns
    assert stories_of(reader, Wanted(), 1).columns == stories_of(reader, Wanted(sort="score"), 1).columns == view
    assert reader.posts(limit=1).columns == reader.ask("SELECT * FROM latest_posts LIMIT 1").columns
    assert reader.sources().columns == reader.ask("SELECT * FROM source_health LIMIT 1").columns


def test_publishers_stand_in_the_order_in_which_they_spoke(reader: Reader) -> None:
    [(story_id, named)] = reader.ask(
        "SELECT id, publishers FROM latest_stories WHERE post_count > 2 ORDER BY id DESC LIMIT 1"
    ).rows
    rows = reader.ask(
        "SELECT publisher FROM story_posts WHERE story_id = ? ORDER BY published_at, post_id", (story_id,)
    ).rows
    assert named.split(", ") == list(dict.fromkeys(row[0] for row in rows))


@pytest.mark.parametrize("sort", ["time", "score"])
@pytest.mark.parametrize(
    "wanted",
    [{}, {"since": NOW - timedelta(days=1)}, {"min_sources": 3}, {"language": "de"}, {"topics": ["subject-1"]}],
)
def test_no_table_is_read_as_it_lies(reader: Reader, sort: Any, wanted: dict[str, Any]) -> None:
    statements: list[str] = []
    reader.conn.set_trace_callback(statements.append)
    try:
        ids(reader, sort=sort, **wanted)
    finally:
        reader.conn.set_trace_callback(None)
    plans = [
        row[3] for sql in statements if "stories" in sql for row in reader.conn.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]  # fmt: skip
    assert any("stories_last_at" in line or "story_topic_counts_topic" in line for line in plans)
    assert [line for line in plans if line.startswith("SCAN") and "INDEX" not in line and "subquery" not in line] == []
