"""Stories as the search for earlier coverage knows them, and how seldom their words are."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model.post import OlderStory
from aggregator.stories.earlier.keys import Rarity
from tests.helpers.build import NOW

ACME = frozenset({"acme"})
WITHIN = timedelta(days=200)


# Words that a newsroom meets all the time; all others were seen once or never.
COMMON = ("acme", "company", "today", "says", "new", "update", "port", "launches", "free", "news", "email", "read")
RARITY = Rarity(lambda word: 3.0 if word in COMMON else 7.0)


def story(
    story_id: int, title: str, text: str = "", *, days_ago: float = 0, entities: frozenset[str] = ACME
) -> OlderStory:
    at = NOW - timedelta(days=days_ago)
    return OlderStory(
        id=story_id, title=title, text=text, language="en", first_at=at, last_at=at, entities=entities
    )  # fmt: skip


# Two matters of one actor.
RAISE = story(
    9, "Quillon raises more millions", "Quillon, a maker of language models in Marlow, raises money.",
    entities=frozenset({"quillon"}),
)  # fmt: skip
AHEAD = story(
    3, "Quillon passes rivals in the ranking", "One of the language models of Quillon in Marlow leads.",
    days_ago=30,
    entities=frozenset({"quillon"}),
)  # fmt: skip
