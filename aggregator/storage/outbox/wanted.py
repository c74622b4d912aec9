"""Which of some posts meet the conditions of a target. Only reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from aggregator.model.errors import AggregatorError
from aggregator.model.outbox import Wanted
from aggregator.storage.finding.search import Search
from aggregator.storage.outbox.asking import Asking
from aggregator.storage.outbox.noting import SeenPost, publishers_of
from aggregator.storage.times import to_text
from aggregator.text.folders import is_within

_IN = "IN (SELECT value FROM json_each(?))"


def posts_meeting(conn: sqlite3.Connection, wanted: Wanted, posts: Sequence[SeenPost]) -> list[set[int]]:
    """For each condition that is named, the ids of those of these posts that meet it."""
    return [*_met(conn, wanted, posts, json.dumps([each.id for each in posts]))]


def stories_meeting(
    conn: sqlite3.Connection, wanted: Wanted, of_story: Mapping[int, Sequence[SeenPost]], now: datetime
) -> list[int]:
    """Of these stories, given with their posts, those that meet all conditions that are named, in their order."""
    scores = scores_of(conn, of_story, now)
    met = posts_meeting(conn, wanted, [post for posts in of_story.values() for post in posts])
    return [
        story_id
        for story_id, posts in of_story.items()
        if len(publishers_of(posts)) >= wanted.min_sources
        and scores.get(story_id, 0.0) >= wanted.min_score
        and all(any(post.id in each for post in posts) for each in met)
    ]


def _met(conn: sqlite3.Connection, wanted: Wanted, posts: Sequence[SeenPost], ids: str) -> Iterator[set[int]]:
    if wanted.topics:
        yield _ids(
            conn,
            f"SELECT DISTINCT post_id FROM post_topics WHERE post_id {_IN} AND topic {_IN}",
            (ids, json.dumps(wanted.topics)),
        )
    if wanted.languages:
        spoken = {language.partition("-")[0].lower() for language in wanted.languages}
        yield {each.id for each in posts if (each.language or "") in spoken}
    if wanted.words:
        yield _with_words(conn, wanted.words, ids)
    if wanted.folders:
        sources = sources_in(conn, wanted.folders)
        yield _ids(
            conn,
            f"SELECT DISTINCT post_id FROM sightings WHERE post_id {_IN} AND source_id {_IN}",
            (ids, json.dumps([*sources])),
        )


def _ids(conn: sqlite3.Connection, sql: str, values: tuple[str, ...]) -> set[int]:
    return {row[0] for row in conn.execute(sql, values)}


def _with_words(conn: sqlite3.Connection, words: str, ids: str) -> set[int]:
    also = f"p.id IN (SELECT value FROM json_each('{ids}'))"  # a list of whole numbers, and nothing else
    try:
        found = Search(Asking(conn), words, -1, found="SELECT p.id FROM latest_posts p", also=also).answer()
    except AggregatorError:  # no query, which the configuration would have said
        return set()
    return {row[0] for row in found.rows}


def sources_in(conn: sqlite3.Connection, folders: Collection[str]) -> set[int]:
    """The sources in one of these folders, or in one within."""
    rows = conn.execute("SELECT id, folder FROM sources WHERE folder IS NOT NULL")
    return {source_id for source_id, path in rows if any(is_within(path, folder) for folder in folders)}


def scores_of(conn: sqlite3.Connection, stories: Collection[int], now: datetime) -> Mapping[int, float]:
    """Of each of these stories its score at this time, as `latest_stories` has it."""
    rows = conn.execute(
        "SELECT id, round(score / (1 + max(0, julianday(?) - julianday(last_at))), 3) FROM stories "
        f"WHERE id {_IN} AND merged_into IS NULL AND post_count > 0",
        (to_text(now), json.dumps([*stories])),
    )
    return dict(rows.fetchall())
