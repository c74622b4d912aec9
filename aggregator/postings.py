"""Which stories have a word: for each key the ids of the newest, bounded, whatever there is."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

# What is common is in more stories than that, and tells nothing.
MOST_IDS = 32

# Arrays of signed 64-bit integers are small, and nothing that the garbage collector would have to go through.
_TYPE = "q"
_NONE = array(_TYPE)


class Postings:
    """Key → ids in the order in which they were noted; at least the newest `MOST_IDS` of each are kept."""

    def __init__(self) -> None:
        self._ids: dict[str, array[int]] = {}

    def note(self, keys: Iterable[str], story_id: int) -> None:
        """A story has these keys."""
        ids = self._ids
        for key in keys:
            held = ids.get(key)
            if held is None:
                ids[key] = array(_TYPE, (story_id,))
            else:
                held.append(story_id)

    def newest(self, key: str, later: Postings) -> array[int]:
        """The newest ids under a key, of these and later ones together."""
        held, added = self._ids.get(key, _NONE), later._ids.get(key)
        return (held + added if added else held)[-MOST_IDS:]

    def take(self, later: Postings) -> None:
        """Note all later ones too; those must not be used any more."""
        for key, added in later._ids.items():
            held = self._ids.get(key)
            if held is None:
                self._ids[key] = added
                continue
            held.extend(added)
            if len(held) > 2 * MOST_IDS:
                del held[:-MOST_IDS]

    def remove(self, keys: Iterable[str], story_id: int) -> None:
        """A story does not have these keys any more."""
        for key in keys:
            held = self._ids.get(key)
            if held and story_id in held:
                held.remove(story_id)

    def drop(self, gone: set[int]) -> None:
        """Leave out these stories, and the keys that no other has."""
        for key in [key for key, ids in self._ids.items() if not gone.isdisjoint(ids)]:
            kept = array(_TYPE, [story_id for story_id in self._ids[key] if story_id not in gone])
            if kept:
                self._ids[key] = kept
            else:
                del self._ids[key]

    def as_lists(self) -> dict[str, list[int]]:
        """All of it as plain values."""
        return {key: list(ids[-MOST_IDS:]) for key, ids in self._ids.items()}
