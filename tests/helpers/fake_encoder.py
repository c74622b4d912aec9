"""A model for tests, at the seam: texts with the same words of a small dictionary mean the same, in two languages."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import sqrt

from aggregator.model.embedding import DIMENSIONS, LENGTH
from aggregator.text.language import stop_words
from aggregator.text.tokens import tokens

# German and English words for one thing.
_SENSES = {
    "fähre": "ferry", "fähren": "ferry", "sturm": "storm", "ruder": "rudder", "insel": "island", "inseln": "islands",
    "hafen": "harbour", "kran": "crane", "brücke": "bridge", "brücken": "bridge", "gesperrt": "closed",
    "museum": "museum", "uhren": "clocks", "bäcker": "bakers", "streik": "strike", "liegt": "lies", "still": "idle",
}  # fmt: skip

_IDLE = stop_words("en") | stop_words("de")


class FakeEncoder:
    """Each sense is a direction of its own; a text is the sum of its senses. `asked`: how many texts came at a time."""

    model = "fake"
    is_usable = True

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.asked: list[int] = []

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        self.asked.append(len(texts))
        return [_vector(text) for text in texts]

    def rest(self) -> None:
        """Never."""


def _vector(text: str) -> bytes:
    words = {word for word in tokens(text) if word in _SENSES or word not in _IDLE}
    senses = {_SENSES.get(word, word) for word in words}
    places = {zlib.crc32(sense.encode()) % DIMENSIONS for sense in senses}
    weight = min(127, round(LENGTH / sqrt(len(places)))) if places else 0
    return bytes(weight if place in places else 0 for place in range(DIMENSIONS))
