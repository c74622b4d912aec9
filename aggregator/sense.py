"""Vectors of meaning as numbers: of a post, of a story, and which of many stories are near. Needs numpy.

All sums are of whole numbers, so they come out the same in whatever order posts are added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from aggregator.meaning import DIMENSIONS, NEAREST

# A sketch is a bit for each dimension: is the number above zero? The part of bits in which two sketches differ is about
# the angle between the vectors, divided by 180° (Charikar 2002). At a cosine of 0.4 that is 189 of 512 bits, give or
# take 11; strangers differ in 240. What differs in more need not be looked at.
_MOST_BITS = 200
_WORDS = DIMENSIONS // 64

_FIRST_ROWS = 64

_Array = np.ndarray[Any, np.dtype[Any]]


class Sense:
    """What one post means, or the sum of several: whole numbers, a component for each dimension. Never changed."""

    __slots__ = ("length", "numbers")

    def __init__(self, numbers: _Array) -> None:
        self.numbers = numbers
        wide = numbers.astype(np.int64)
        self.length = math.sqrt(int(wide @ wide))

    @classmethod
    def of(cls, vector: bytes) -> Sense:
        """That of a post, as it is stored."""
        return cls(np.frombuffer(vector, dtype=np.int8))  # a byte a number: most stories have one post

    def __add__(self, other: Sense) -> Sense:
        return Sense(np.add(self.numbers, other.numbers, dtype=np.int32))

    def cosine(self, other: Sense) -> float:
        """How near two are, -1..1; 0 where one says nothing."""
        scale = self.length * other.length
        return int(self.numbers.astype(np.int64) @ other.numbers) / scale if scale else 0.0

    def sketch(self) -> _Array:
        """A bit for each dimension, in 64-bit words."""
        return np.packbits(self.numbers > 0).view(np.uint64)


class Sketches:
    """The sketches of many stories, to find those near a meaning: one look at all of them, 64 bytes each.

    Beside each stands when the story is open, from and to, in seconds, and the serial of its latest post.
    """

    def __init__(self) -> None:
        self._bits = np.zeros((_FIRST_ROWS, _WORDS), dtype=np.uint64)
        self._facts = np.zeros((_FIRST_ROWS, 4), dtype=np.int64)  # id, from, to, serial
        self._row_of: dict[int, int] = {}

    def empty(self) -> Sketches:
        """Another one, of no stories."""
        return Sketches()

    def note(self, story_id: int, sense: Sense, first_at: datetime, last_at: datetime, serial: int) -> None:
        """A story means this now, and has posts of these times."""
        row = self._row_of.setdefault(story_id, len(self._row_of))
        if row == len(self._bits):
            self._bits = np.concatenate([self._bits, np.zeros_like(self._bits)])
            self._facts = np.concatenate([self._facts, np.zeros_like(self._facts)])
        self._bits[row] = sense.sketch()
        self._facts[row] = story_id, first_at.timestamp(), last_at.timestamp(), serial

    def drop(self, ids: Iterable[int]) -> None:
        """Leave these stories out."""
        for story_id in ids:
            row = self._row_of.pop(story_id, None)
            last = len(self._row_of)
            if row is not None and row != last:  # the last row takes the place
                self._bits[row], self._facts[row] = self._bits[last], self._facts[last]
                self._row_of[int(self._facts[row, 0])] = row

    def near(
        self, sense: Sense, at: datetime, window: timedelta, first_serial: int, without: Iterable[int] = ()
    ) -> list[tuple[int, int]]:
        """In how many bits they differ, and the ids of the stories nearest to a meaning, best first.

        Only those with posts within `window` of a time, and one from `first_serial` on.
        """
        bits, facts = self._bits[: len(self._row_of)], self._facts[: len(self._row_of)]
        differ = np.bitwise_count(bits ^ sense.sketch()).sum(axis=1, dtype=np.int32)
        differ[[row for each in without if (row := self._row_of.get(each)) is not None]] = DIMENSIONS
        second, reach = at.timestamp(), window.total_seconds()
        fits = (differ <= _MOST_BITS) & (facts[:, 3] >= first_serial)
        fits &= (facts[:, 1] - reach <= second) & (facts[:, 2] + reach >= second)
        rows = np.flatnonzero(fits)
        if len(rows) > NEAREST:  # with those that differ as much as the last of them
            least = np.partition(differ[rows], NEAREST - 1)[NEAREST - 1]
            rows = rows[differ[rows] <= least]
        return sorted((int(differ[row]), int(facts[row, 0])) for row in rows)[:NEAREST]
