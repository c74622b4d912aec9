"""Postings of the inverted index: for each word the ids of the newest stories, bounded."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

# A word of more stories than that has a low idf, and is no evidence.
MOST_IDS = 32

# Arrays of signed 64-bit integers are small, and nothing that the garbage collector would have to go through.
_TYPE = "q"


class Postings:
    """Key → ids in the order in which they were noted; at least the newest `MOST_IDS` of each are kept."""

    def __init__(self) -> None:
        # Most words are in one story alone: its id by itself is made faster than an array, and is smaller.
        self._one: dict[str, int] = {}
        self._many: dict[str, array[int]] = {}

    def note(self, keys: Iterable[str], story_id: int) -> None:
        """A story has these keys."""
        one, many = self._one, self._many
        for key in keys:
            held = many.get(key)
            if held is not None:
                held.append(story_id)
            elif key in one:
                many[key] = array(_TYPE, (one.pop(key), story_id))
            else:
                one[key] = story_id

    def newest(self, key: str, later: Postings) -> Sequence[int]:
        """The newest ids under a key, of these and later ones together."""
        held = self._all(key)
        if key in later._many or key in later._one:  # of most words a batch has none
            return (*held, *later._all(key))[-MOST_IDS:]
        return held[-MOST_IDS:]

    def take(self, later: Postings) -> None:
        """Note all later ones too."""
        for key, story_id in later._one.items():
            self.note((key,), story_id)
        for key, added in later._many.items():
            held = self._many.get(key)
            if held is None:
                held = self._many[key] = array(_TYPE, self._all(key))
                self._one.pop(key, None)
            held.extend(added)
            if len(held) > 2 * MOST_IDS:
                del held[:-MOST_IDS]

    def remove(self, keys: Iterable[str], story_id: int) -> None:
        """A story does not have these keys any more."""
        for key in keys:
            self._keep(key, [each for each in self._all(key) if each != story_id])

    def keys(self) -> Iterator[str]:
        """All under which there is anything."""
        yield from self._one
        yield from self._many

    def drop(self, gone: set[int], keys: Iterable[str]) -> None:
        """Leave out these stories, and the keys that no other has. Their keys are all among `keys`: to go through the
        words of a million posts takes a second."""
        one, many = self._one, self._many
        for key in keys:
            if one.get(key) in gone:
                del one[key]
            elif key in many and not gone.isdisjoint(many[key]):
                self._keep(key, [story_id for story_id in many[key] if story_id not in gone])

    def _all(self, key: str) -> Sequence[int]:
        held = self._many.get(key)
        if held is not None:
            return held
        story_id = self._one.get(key)
        return () if story_id is None else (story_id,)

    def _keep(self, key: str, kept: list[int]) -> None:
        self._one.pop(key, None)
        self._many.pop(key, None)
        if len(kept) > 1:
            self._many[key] = array(_TYPE, kept)
        elif kept:
            self._one[key] = kept[0]
