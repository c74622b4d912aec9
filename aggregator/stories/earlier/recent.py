"""The stories that were started in the batch that is decided, or in a first poll: no look-up in the database finds them
yet, or not in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import replace
from heapq import nlargest

from aggregator.model.post import OlderStory
from aggregator.stories.earlier.keys import Key
from aggregator.stories.earlier.telling import outline_of

# So many candidates are compared.
MOST_COMPARED = 16

# So many are held, the newest: some 10 MB. In stories.
MOST_HELD = 3000

_NONE: frozenset[int] = frozenset()


class RecentStories:
    """Stories by their words and entities."""

    def __init__(self) -> None:
        self._stories: dict[int, OlderStory] = {}
        self._having: dict[str, set[int]] = defaultdict(set)
        self._about: dict[str, set[int]] = defaultdict(set)

    def add(self, story: OlderStory) -> None:
        """A story has started; told again, by somebody else, it is looked up as it was told first."""
        if first := self._stories.get(story.id):
            if first.sole_publisher != story.sole_publisher:
                self._stories[story.id] = replace(first, sole_publisher=story.sole_publisher)
            return
        story = replace(story, outline=outline_of(story))
        self._stories[story.id] = story
        for ids in self._sets_of(story):
            ids.add(story.id)
        if len(self._stories) > MOST_HELD:
            oldest = self._stories.pop(next(iter(self._stories)))
            for ids in self._sets_of(oldest):
                ids.discard(oldest.id)

    def _sets_of(self, story: OlderStory) -> list[set[int]]:
        having, about = self._having, self._about
        return [*[having[term] for term in outline_of(story).terms], *[about[entity] for entity in story.entities]]

    def near(self, keys: Iterable[Key]) -> list[OlderStory]:
        """Those that most of the keys lead to, best first."""
        if not self._stories:
            return []
        weights: dict[int, float] = {}
        for key in keys:
            weight = key.weight
            for story_id in self._with(key):
                weights[story_id] = weights.get(story_id, 0) + weight
        best = nlargest(MOST_COMPARED, [(weight, story_id) for story_id, weight in weights.items()])
        return [self._stories[story_id] for _, story_id in best]

    def _with(self, key: Key) -> Set[int]:
        """The stories that have all of a key."""
        found = self._about.get(key.entity, _NONE) if key.entity else None
        for word in key.words:
            having = self._having.get(word, _NONE)
            found = having if found is None else found & having
        return found or _NONE
