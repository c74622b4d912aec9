"""The stories that were started in the batch that is decided, or in a first poll: no look-up in the database finds them
yet, or not in the order of time."""

from __future__ import annotations

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
        self._having, self._about = _Having(), _Having()

    def add(self, story: OlderStory) -> None:
        """A story has started; told again, by somebody else, it is looked up as it was told first."""
        if first := self._stories.get(story.id):
            if first.sole_publisher != story.sole_publisher:
                self._stories[story.id] = replace(first, sole_publisher=story.sole_publisher)
            return
        story = replace(story, outline=outline_of(story))
        self._stories[story.id] = story
        self._having.add(outline_of(story).terms, story.id)
        self._about.add(story.entities, story.id)
        if len(self._stories) > MOST_HELD:
            oldest = self._stories.pop(next(iter(self._stories)))
            self._having.discard(outline_of(oldest).terms, oldest.id)
            self._about.discard(oldest.entities, oldest.id)

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
        found = self._about.with_key(key.entity) if key.entity else None
        for word in key.words:
            having = self._having.with_key(word)
            found = having if found is None else found & having
        return found or _NONE


class _Having:
    """Key → the ids of the stories that have it. Most words are in one story alone, and a set of one takes 216 bytes:
    of 3,000 stories that is 5 of 8 MB."""

    def __init__(self) -> None:
        self._ids: dict[str, int | set[int]] = {}

    def add(self, keys: Iterable[str], story_id: int) -> None:
        ids = self._ids
        for key in keys:
            held = ids.get(key)
            if held is None:
                ids[key] = story_id
            elif isinstance(held, set):
                held.add(story_id)
            elif held != story_id:
                ids[key] = {held, story_id}

    def discard(self, keys: Iterable[str], story_id: int) -> None:
        for key in keys:
            held = self._ids.get(key)
            if isinstance(held, set):
                held.discard(story_id)
            elif held == story_id:
                del self._ids[key]

    def with_key(self, key: str) -> Set[int]:
        held = self._ids.get(key, _NONE)
        return frozenset((held,)) if isinstance(held, int) else held
