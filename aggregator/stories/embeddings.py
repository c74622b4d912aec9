"""Embeddings as numbers: of a post, the sum of a story's, and which of many stories are near. Needs numpy.

All sums are of whole numbers, so they come out the same in whatever order posts are added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from aggregator.model.embedding import DIMENSIONS, NEAREST

# A sketch is a bit for each dimension: is the component above zero? The share of bits in which two sketches differ is
# about the angle between the vectors, divided by 180° (Charikar 2002). At a cosine of 0.4 that is 189 of 512 bits, give
# or take 11; unrelated texts differ in 240. What differs in more is no candidate.
_MOST_BITS = 200
_WORDS = DIMENSIONS // 64

_FIRST_COLUMNS = 64

_Array = np.ndarray[Any, np.dtype[Any]]


class DenseVector:
    """The embedding of one post, or the sum of several: whole numbers, a component for each dimension. Immutable."""

    __slots__ = ("length", "numbers")

    def __init__(self, numbers: _Array) -> None:
        self.numbers = numbers
        wide = numbers.astype(np.int64)
        self.length = math.sqrt(int(wide @ wide))

    @classmethod
    def of(cls, vector: bytes) -> DenseVector:
        """That of a post, as it is stored, or a sum, as it is laid aside."""
        # A byte a number: most stories have one post.
        return cls(np.frombuffer(vector, dtype=np.int8 if len(vector) == DIMENSIONS else np.int32))

    def __add__(self, other: DenseVector) -> DenseVector:
        return DenseVector(np.add(self.numbers, other.numbers, dtype=np.int32))

    def cosine(self, other: DenseVector) -> float:
        """The cosine of two embeddings, -1..1; 0 where one has no length."""
        scale = self.length * other.length
        return int(self.numbers.astype(np.int64) @ other.numbers) / scale if scale else 0.0

    def sketch(self) -> _Array:
        """A bit for each dimension, in 64-bit words."""
        return np.packbits(self.numbers > 0).view(np.uint64)


class Sketches:
    """The sketches of many stories, to find those near an embedding: one scan over all of them, 64 bytes each.

    Beside each stands when the story is open, from and to, in seconds, and the serial of its latest post.
    """

    def __init__(self) -> None:
        # A column a story: going through one long row after the other takes a third of the time of many short ones.
        self._bits = np.zeros((_WORDS, _FIRST_COLUMNS), dtype=np.uint64)
        self._facts = np.zeros((4, _FIRST_COLUMNS), dtype=np.int64)  # id, from, to, serial
        self._column_of: dict[int, int] = {}

    def empty(self) -> Sketches:
        """Another one, of no stories."""
        return Sketches()

    def note(self, story_id: int, embedding: DenseVector, first_at: datetime, last_at: datetime, serial: int) -> None:
        """This is the sum of a story's embeddings now, and its posts have these times."""
        column = self._column_of.setdefault(story_id, len(self._column_of))
        if column == self._bits.shape[1]:
            self._bits = np.concatenate([self._bits, np.zeros_like(self._bits)], axis=1)
            self._facts = np.concatenate([self._facts, np.zeros_like(self._facts)], axis=1)
        self._bits[:, column] = embedding.sketch()
        self._facts[:, column] = story_id, first_at.timestamp(), last_at.timestamp(), serial

    def drop(self, ids: Iterable[int]) -> None:
        """Leave these stories out."""
        for story_id in ids:
            column = self._column_of.pop(story_id, None)
            last = len(self._column_of)
            if column is not None and column != last:  # the last one takes the place
                self._bits[:, column], self._facts[:, column] = self._bits[:, last], self._facts[:, last]
                self._column_of[int(self._facts[0, column])] = column

    def near(
        self, embedding: DenseVector, at: datetime, window: timedelta, first_serial: int, without: Iterable[int] = ()
    ) -> list[tuple[int, int]]:
        """The candidates by embedding: Hamming distance of the sketches and story id, nearest first.

        Only those with posts within `window` of a time, and one from `first_serial` on.
        """
        count = len(self._column_of)
        ids, first, last, serial = self._facts[:, :count]
        differ = np.zeros(count, dtype=np.uint16)
        for word, mine in zip(self._bits[:, :count], embedding.sketch(), strict=True):
            differ += np.bitwise_count(word ^ mine)
        near = np.flatnonzero(differ <= _MOST_BITS)
        second, reach = at.timestamp(), window.total_seconds()
        near = near[(serial[near] >= first_serial) & (first[near] - reach <= second) & (last[near] + reach >= second)]
        left_out = [column for each in without if (column := self._column_of.get(each)) is not None]
        if left_out:
            near = near[~np.isin(near, left_out)]
        if len(near) > NEAREST:  # with those that differ as much as the last of them
            near = near[differ[near] <= np.partition(differ[near], NEAREST - 1)[NEAREST - 1]]
        return sorted((int(differ[column]), int(ids[column])) for column in near)[:NEAREST]
