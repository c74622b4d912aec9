"""Which parts of the site are stale: those that show what changed, and those that it belongs on now.

A part is stale when a story changed that it shows, or that belongs on it by its topics, days, sources and links as they
are now. What a story belonged on before is among the parts that show it, if it was shown there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from aggregator.publish.building.manifest import Manifest

STORY, MERGED, TOPIC, DAY, SOURCE, LIST = "story", "merged", "topic", "day", "source", "list"


@dataclass(frozen=True, slots=True)
class Stale:
    """What is to be built anew: stories by id, those that others took over, topics, days, feeds of sources. The lists
    (front page, river, …) are always built: there are a dozen of them."""

    stories: frozenset[int]
    merged: frozenset[int]
    topics: frozenset[str]
    days: frozenset[date]
    sources: frozenset[int]


def stale_parts(
    before: Manifest,
    changed: set[int],
    *,
    linked: Iterable[int],
    topics: Iterable[str],
    days: Iterable[date],
    sources: Iterable[int],
    today: date,
) -> Stale:
    """What must be built anew. `linked` are the stories that came before or after the changed ones, `topics`, `days`
    and `sources` those of the changed stories, all as they are now; `today` is the newest day."""
    showing = before.showing(changed)
    # How far back the page of a topic goes is counted from the newest day.
    stale_topics = _behind(showing, TOPIC) if before.day == today else before.named(TOPIC)
    return Stale(
        stories=frozenset(changed | set(linked) | {int(each) for each in _behind(showing, STORY)}),
        merged=frozenset(changed | {int(each) for each in _behind(showing, MERGED)}),
        topics=frozenset(stale_topics | set(topics)),
        days=frozenset({date.fromisoformat(each) for each in _behind(showing, DAY)} | set(days)),
        sources=frozenset(set(sources) | {int(each) for each in _behind(showing, SOURCE)}),
    )


def _behind(names: Iterable[str], kind: str) -> set[str]:
    return {name.partition("/")[2] for name in names if name.startswith(f"{kind}/")}
