"""Which stories stand in which list of the site, as ids. What may be shown of them is for `stories` to say.

Nothing here goes by the clock: the newest day is that of the newest post. So the same rows make the same site.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aggregator.model.rules import SavedQuery
from aggregator.model.settings import Publish
from aggregator.model.site import GoneStory, Merged, ShownTopic, TopicWeek, Totals
from aggregator.storage.queries import Reader
from aggregator.storage.site.shown import is_public, may_be_shown
from aggregator.storage.times import to_text
from aggregator.text.folders import is_within

# The page of a topic looks at so many of its newest posts, and a source's feed, however many there are.
_NEWEST_OF_TOPIC, _NEWEST_OF_SOURCE = 1_000, 200
# Posts whose stories are looked for in a saved query, the newest first.
_NEWEST_FOUND = 2_000
_GONE = 200
# So far back in the change log merged stories are looked for.
_LOOKED_BACK = 20_000
# A day, and a day more for the zone: of these it is looked at closely.
_SOON = "+2 days"

_IN = "IN (SELECT value FROM json_each(?))"
_OF_THESE = (
    "AND (id IN (SELECT value FROM json_each(?1)) OR merged_into IN (SELECT value FROM json_each(?1)) "
    "OR merged_into IN (SELECT merged_into FROM stories WHERE id IN (SELECT value FROM json_each(?1))))"
)
# One of these sources shows it to everybody, or a copy of it.
_SEEN_IN = (
    "s.id IN (SELECT q.story_id FROM sightings g JOIN sources c ON c.id = g.source_id JOIN posts q ON q.id = g.post_id "
    f"WHERE g.source_id {_IN} AND (g.by_token = 0 OR c.publish = 1) AND q.gone_at IS NULL)"
)
_WORTH_A_PAGE = "(s.source_count > 1 OR s.pinned_at IS NOT NULL OR s.score >= ?)"


class Lists:
    """Lists of ids of stories, and what is counted beside them."""

    def __init__(self, reader: Reader, settings: Publish) -> None:
        self._reader, self._conn, self._settings = reader, reader.conn, settings
        self._zone = ZoneInfo(settings.timezone)
        # Before any limit: what is not shown takes no place from what is.
        self._shown = may_be_shown("p", settings.people)

    def newest_days(self, most: int) -> list[date]:
        """The newest days that have posts, in the site's zone, the newest first."""
        found: list[date] = []
        before = "9"  # sorts behind every time
        while len(found) < most:
            row = self._conn.execute(
                "SELECT p.sort_at FROM posts p INDEXED BY posts_latest WHERE p.copy_of IS NULL AND p.gone_at IS NULL "
                f"AND p.sort_at < ? AND {self._shown} ORDER BY p.sort_at DESC LIMIT 1",
                (before,),
            ).fetchone()
            if row is None:
                break
            found.append(self._day(row[0]))
            before = self._begin(found[-1])
        return found

    def all_paged(self) -> list[int]:
        """All stories that may have a page, the oldest first."""
        rows = self._conn.execute(
            f"SELECT id FROM stories s WHERE merged_into IS NULL AND post_count > 0 AND {_WORTH_A_PAGE} ORDER BY id",
            (self._settings.page_for,),
        )
        return [row[0] for row in rows]

    def paged_on(self, day: date) -> list[int]:
        """Stories that may have a page and have posts of this day."""
        rows = self._conn.execute(
            "SELECT DISTINCT s.id FROM posts p JOIN stories s ON s.id = p.story_id "
            f"WHERE p.sort_at >= ? AND p.sort_at < ? AND {self._shown} AND {_WORTH_A_PAGE} ORDER BY s.id",
            (*self._bounds(day), self._settings.page_for),
        )
        return [row[0] for row in rows]

    def single_on(self, day: date, most: int) -> list[int]:
        """Stories of this day that have no page, the newest first."""
        rows = self._conn.execute(
            "SELECT s.id FROM posts p JOIN stories s ON s.id = p.story_id WHERE p.sort_at >= ? AND p.sort_at < ? "
            f"AND p.copy_of IS NULL AND {self._shown} AND NOT {_WORTH_A_PAGE} "
            "GROUP BY s.id ORDER BY max(p.sort_at) DESC, s.id DESC LIMIT ?",
            (*self._bounds(day), self._settings.page_for, most),
        )
        return [row[0] for row in rows]

    def newest(self, most: int) -> list[int]:
        """Stories of the newest posts, those first."""
        return self._distinct(
            "SELECT p.story_id FROM posts p INDEXED BY posts_latest WHERE p.copy_of IS NULL AND p.gone_at IS NULL "
            f"AND p.story_id IS NOT NULL AND {self._shown} ORDER BY p.sort_at DESC, p.id DESC LIMIT ?",
            (most,),
        )

    def newest_paged(self, most: int) -> list[int]:
        """Stories that may have a page, the one with the newest post first."""
        rows = self._conn.execute(
            f"SELECT id FROM stories s WHERE merged_into IS NULL AND post_count > 0 AND {_WORTH_A_PAGE} "
            "ORDER BY last_at DESC, id DESC LIMIT ?",
            (self._settings.page_for, most),
        )
        return [row[0] for row in rows]

    def due(self, day: date, most: int) -> list[int]:
        """Stories whose briefs name something that is to happen on this day or later, the soonest first."""
        rows = self._conn.execute(
            "SELECT story_id FROM agenda WHERE language = ?1 AND due_until >= ?2 "
            "GROUP BY story_id ORDER BY min(max(due_from, ?2)), story_id LIMIT ?3",
            (self._settings.language, day.isoformat(), most),
        )
        return [row[0] for row in rows]

    def of_topic(self, topic: str, most: int) -> list[int]:
        """Stories of a topic, those whose posts came last first."""
        return self._distinct(
            "SELECT p.story_id FROM (SELECT post_id FROM post_topics WHERE topic = ? ORDER BY post_id DESC LIMIT ?) t "
            f"JOIN posts p ON p.id = t.post_id WHERE p.story_id IS NOT NULL AND {self._shown} "
            "ORDER BY p.sort_at DESC, p.id DESC",
            (topic, _NEWEST_OF_TOPIC),
        )[:most]

    def of_source(self, source_id: int, most: int) -> list[int]:
        """Stories that a source brought, the newest first."""
        return self._distinct(
            "SELECT p.story_id FROM (SELECT DISTINCT post_id FROM sightings WHERE source_id = ? ORDER BY post_id DESC "
            f"LIMIT ?) g JOIN posts p ON p.id = g.post_id WHERE p.story_id IS NOT NULL AND {self._shown} "
            "ORDER BY p.sort_at DESC, p.id DESC",
            (source_id, _NEWEST_OF_SOURCE),
        )[:most]

    def found(self, query: SavedQuery, most: int) -> list[int]:
        """Stories that a saved query selects, the newest first. `min_sources` counts publishers and people.

        Raises:
            AggregatorError: its words are no query.
        """
        # What is not shown selects nothing either.
        conditions = ["p.copy_of IS NULL", self._shown]
        values: list[str | int] = []
        if query.query:
            conditions.append(f"p.id {_IN}")
            values.append(json.dumps([row[0] for row in self._reader.search(query.query, limit=_NEWEST_FOUND).rows]))
        if query.topics:
            conditions.append(f"p.id IN (SELECT post_id FROM post_topics WHERE topic {_IN})")
            values.append(json.dumps(list(query.topics)))
        if query.languages:
            conditions.append(f"p.language {_IN}")
            values.append(json.dumps(list(query.languages)))
        if query.folders:
            sources = self._conn.execute("SELECT id, folder FROM sources WHERE folder IS NOT NULL").fetchall()
            within = [number for number, path in sources if any(is_within(path, each) for each in query.folders)]
            conditions.append(_SEEN_IN)
            values.append(json.dumps(within))
        if query.min_sources > 1:
            conditions.append("s.source_count >= ?")
            values.append(query.min_sources)
        return self._distinct(
            f"SELECT s.id FROM posts p JOIN stories s ON s.id = p.story_id WHERE {' AND '.join(conditions)} "
            "ORDER BY p.sort_at DESC, p.id DESC LIMIT ?",
            (*values, _NEWEST_FOUND),
        )[:most]

    # ------------------------------------------------------------ of what changed

    def topics_of(self, stories: Iterable[int]) -> set[str]:
        """The topics that posts of these stories have."""
        rows = self._conn.execute(
            f"SELECT DISTINCT t.topic FROM posts p JOIN post_topics t ON t.post_id = p.id WHERE p.story_id {_IN}",
            (json.dumps(sorted(stories)),),
        )
        return {row[0] for row in rows}

    def days_of(self, stories: Iterable[int]) -> set[date]:
        """The days of posts of these stories."""
        rows = self._conn.execute(
            f"SELECT DISTINCT sort_at FROM posts WHERE story_id {_IN} AND gone_at IS NULL",
            (json.dumps(sorted(stories)),),
        )
        return {self._day(row[0]) for row in rows}

    def sources_of(self, stories: Iterable[int]) -> set[int]:
        """The sources that brought posts of these stories."""
        rows = self._conn.execute(
            f"SELECT DISTINCT g.source_id FROM posts p JOIN sightings g ON g.post_id = p.id WHERE p.story_id {_IN}",
            (json.dumps(sorted(stories)),),
        )
        return {row[0] for row in rows}

    def linked_to(self, stories: Iterable[int]) -> set[int]:
        """The stories that are earlier or later coverage of these, as they are linked now."""
        ids = json.dumps(sorted(stories))
        rows = self._conn.execute(
            f"SELECT earlier_story_id FROM story_links WHERE story_id {_IN} "
            f"UNION SELECT story_id FROM story_links WHERE earlier_story_id {_IN}",
            (ids, ids),
        )
        return {row[0] for row in rows}

    def of_publishers(self, publishers: Iterable[str]) -> set[int]:
        """The stories with posts of these publishers. Reads all posts: names change rarely."""
        rows = self._conn.execute(
            f"SELECT DISTINCT story_id FROM posts WHERE publisher {_IN} AND story_id IS NOT NULL",
            (json.dumps(sorted(publishers)),),
        )
        return {row[0] for row in rows}

    # ------------------------------------------------------------ of all

    def all_topics(self) -> list[str]:
        """The topics that posts have."""
        return [row[0] for row in self._conn.execute("SELECT DISTINCT topic FROM post_topics ORDER BY topic")]

    def all_days(self) -> list[date]:
        """The days that have posts which were seen soon, in order: what a first poll brings of years ago makes none."""
        rows = self._conn.execute(
            "SELECT DISTINCT substr(sort_at, 1, 13) FROM posts WHERE gone_at IS NULL "
            "AND substr(first_seen_at, 1, 10) <= date(sort_at, ?)",
            (_SOON,),
        )
        # Zones are whole quarters of an hour from UTC: both ends of an hour tell its days.
        return sorted({self._day(f"{row[0]}:{minute}Z") for row in rows for minute in ("00:00", "59:59")})

    def merged(self, ids: Iterable[int] | None = None) -> list[Merged]:
        """Stories that others took over: all, or those of these ids, whoever one of these took over, and whoever the
        same story took over as them: that another story ends there now may be known of one in a chain only."""
        which, values = ("", ()) if ids is None else (_OF_THESE, (json.dumps(sorted(ids)),))
        rows = self._conn.execute(
            f"SELECT id, slug, merged_into FROM stories WHERE merged_into IS NOT NULL {which} ORDER BY id", values
        )
        return [Merged(*row) for row in rows]

    def gone(self) -> list[GoneStory]:
        """Stories that are told no more, those that went last first: their last post went, or another took them over.

        None that was never told: one of its posts was public, or one of that other story is.
        """
        emptied = self._conn.execute(
            "SELECT s.id, max(g.gone_at) AS at FROM "
            "(SELECT story_id, gone_at FROM posts p WHERE p.gone_at IS NOT NULL "
            f"AND {is_public('p')} ORDER BY p.gone_at DESC LIMIT ?) g "
            "JOIN stories s ON s.id = g.story_id WHERE s.post_count = 0 AND s.merged_into IS NULL "
            "GROUP BY s.id",
            (_GONE,),
        ).fetchall()
        merged = self._conn.execute(
            "SELECT s.id, c.changed_at FROM (SELECT row_id, changed_at FROM changes WHERE seq > "
            "(SELECT max(seq) FROM changes) - ? AND what = 'story' AND change = 'merged') c "
            "JOIN stories s ON s.id = c.row_id WHERE s.merged_into IS NOT NULL AND EXISTS "
            f"(SELECT 1 FROM posts p WHERE p.story_id = s.merged_into AND {self._shown})",
            (_LOOKED_BACK,),
        ).fetchall()
        found = {story_id: GoneStory(story_id, _time(at)) for story_id, at in (*emptied, *merged)}
        return sorted(found.values(), key=lambda each: (-each.at.timestamp(), each.id))[:_GONE]

    def weeks(self, day: date, topics: Mapping[str, ShownTopic]) -> list[TopicWeek]:
        """What topics had in the seven days up to this one, and in the four weeks before."""
        week, before = (self._begin(day - timedelta(days=days)) for days in (6, 34))
        rows = self._conn.execute(
            "SELECT t.topic, count(DISTINCT iif(p.sort_at >= ?1, p.story_id, NULL)), sum(p.sort_at >= ?1), "
            "sum(p.sort_at < ?1) / 4.0 FROM posts p INDEXED BY posts_latest CROSS JOIN post_topics t "
            "ON t.post_id = p.id WHERE p.copy_of IS NULL AND p.gone_at IS NULL AND p.sort_at >= ?2 AND p.sort_at < ?3 "
            f"AND {self._shown} "
            "GROUP BY t.topic ORDER BY t.topic",
            (week, before, self._begin(day + timedelta(days=1))),
        )
        return [TopicWeek(topics[topic], *counts) for topic, *counts in rows]

    def totals(self) -> Totals:
        """How much there is."""
        row = self._conn.execute(
            "SELECT (SELECT count(1) FROM posts), (SELECT count(1) FROM posts WHERE copy_of IS NOT NULL), "
            "(SELECT count(1) FROM stories WHERE merged_into IS NULL AND post_count > 0), "
            "(SELECT count(1) FROM sources WHERE removed_at IS NULL), (SELECT count(1) FROM topics), "
            "(SELECT min(sort_at) FROM posts)"
        ).fetchone()
        return Totals(
            posts=row[0], copies=row[1], stories=row[2], sources=row[3], topics=row[4],
            since=self._day(row[5]) if row[5] else None,
        )  # fmt: skip

    # ------------------------------------------------------------

    def _distinct(self, sql: str, values: Sequence[object]) -> list[int]:
        return list(dict.fromkeys(row[0] for row in self._conn.execute(sql, values)))

    def _bounds(self, day: date) -> tuple[str, str]:
        return self._begin(day), self._begin(day + timedelta(days=1))

    def _begin(self, day: date) -> str:
        return to_text(datetime.combine(day, time(), self._zone)) or ""

    def _day(self, text: str) -> date:
        return _time(text).astimezone(self._zone).date()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
