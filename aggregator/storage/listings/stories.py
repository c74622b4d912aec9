"""The latest stories, or the most important ones, narrowed down. Rows of `latest_stories`, whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from aggregator.storage.result import Asked, Result
from aggregator.storage.times import to_text

if TYPE_CHECKING:
    from aggregator.storage.finding.folders import InFolder

# Stories are looked through from the newest on, until no older one can have a better score: so many days, then more.
_FIRST_DAYS = 30
_MORE_TIMES = 4
_ALL_DAYS = 40_000

_WITH_RARE_TOPIC = "s.id IN (SELECT t.story_id FROM story_topics t WHERE t.topic = ?)"
_WITH_TOPIC = "EXISTS (SELECT 1 FROM story_topics t WHERE t.story_id = s.id AND t.topic = ?)"

# As `latest_stories` has it, before it is rounded: halved after a day without a new post, a third after two.
_SCORE = "s.score / (1 + max(0, julianday('now') - julianday(s.last_at)))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories. `since`: with a post of that time or later; `min_sources`: of so many publishers at least;
    `folder`: carried by a source in it."""

    topics: Sequence[str] = ()
    since: datetime | None = None
    min_sources: int = 0
    language: str | None = None
    sort: Literal["time", "score"] = "time"
    folder: InFolder | None = None


def stories_of(reader: Asked, wanted: Wanted, limit: int) -> Result:
    """The stories that are wanted, those with the newest posts first, or those with the highest score."""
    counts = {topic: reader.count_few("SELECT 1 FROM post_topics WHERE topic = ?", (topic,)) for topic in wanted.topics}
    rare = [topic for topic in counts if counts[topic] < reader.few]
    where, values = _conditions(wanted, rare)
    if wanted.sort == "time":
        return reader.ask(
            f"SELECT s.* FROM latest_stories s WHERE {where} ORDER BY s.last_at DESC, s.id DESC LIMIT ?",
            [*values, limit],
        )
    ids = _of_highest_score(reader, wanted, where, values, limit)
    return reader.ask(
        "SELECT s.* FROM json_each(?) j JOIN latest_stories s ON s.id = j.value ORDER BY j.key",
        (f"[{','.join(map(str, ids))}]",),
    )


def _conditions(wanted: Wanted, rare: Sequence[str]) -> tuple[str, list[Any]]:
    where, values = [wanted.folder.stories() if wanted.folder else "1"], list[Any]()
    for topic in wanted.topics:
        where.append(_WITH_RARE_TOPIC if topic in rare else _WITH_TOPIC)
        values.append(topic)
    if wanted.since:
        where.append("s.last_at >= ?")
        values.append(to_text(wanted.since))
    if wanted.min_sources > 1:
        where.append("s.source_count >= ?")
        values.append(wanted.min_sources)
    if wanted.language:
        where.append("s.language = ?")
        values.append(wanted.language)
    return " AND ".join(where), values


def _of_highest_score(reader: Asked, wanted: Wanted, where: str, values: Sequence[Any], limit: int) -> list[int]:
    """The ids of the best. No score is above 1, and it falls with the days: what is old enough can't be among them."""
    days = _FIRST_DAYS
    while True:
        found = reader.ask(
            f"SELECT s.id, {_SCORE} AS now FROM stories s WHERE {where} AND s.merged_into IS NULL AND s.post_count > 0 "
            "AND s.last_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?) "
            "ORDER BY now DESC, s.last_at DESC, s.id DESC LIMIT ?",
            [*values, f"-{days} days", limit],
        ).rows
        least = found[-1][1] if len(found) >= limit else 0
        is_surely_best = least > 0 and 1 / least - 1 <= days
        if is_surely_best or days >= _ALL_DAYS or (wanted.since and _is_covered(reader, wanted.since, days)):
            return [story_id for story_id, _ in found]
        days = min(days * _MORE_TIMES, _ALL_DAYS)


def _is_covered(reader: Asked, since: datetime, days: int) -> bool:
    [(now,)] = reader.ask("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')").rows
    return since >= datetime.fromisoformat(now) - timedelta(days=days)
