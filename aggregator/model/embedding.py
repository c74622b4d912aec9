"""Embeddings, what posts mean as numbers: texts that say the same, in whatever language, get vectors that are alike.

The seam between the program and a model. Only the optional extra `semantic` brings one
(`aggregator.stories.sentence_encoder`); without it a post has no `Embedding`, and everything goes by words.

A vector is `DIMENSIONS` signed bytes: a unit vector times `LENGTH`, rounded. That takes a quarter of the space, costs
less than 0.001 of a cosine, and makes dot products whole numbers, which come out the same in whatever order they are
added: what is decided after a restart must be what was decided before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

DIMENSIONS = 512

# The components of such a vector are below 0.3 of its length, so this fills a signed byte.
LENGTH = 400

# Of the stories near by embedding so many are compared.
NEAREST = 12


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text as an embedding model sees it. Only vectors of the same model and version can be compared."""

    model: str
    version: str
    vector: bytes


class Encoder(Protocol):
    """A model. `model` and `version` are kept with every vector; vectors of others are not compared."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def version(self) -> str:
        """Changes whenever the same text gets another vector."""

    @property
    def is_usable(self) -> bool:
        """Can it be asked on this machine? Where not, all goes by words. To find out may take a moment, once."""

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """The vectors of these texts, in their order."""

    def rest(self) -> None:
        """Called now and then: a model that nobody has asked gives memory back, all of it after an hour."""


class Around:
    """An encoder that asks another one, in its own way: the model is that one's."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def model(self) -> str:
        """See `Encoder`."""
        return self._encoder.model

    @property
    def version(self) -> str:
        """See `Encoder`."""
        return self._encoder.version

    @property
    def is_usable(self) -> bool:
        """See `Encoder`."""
        return self._encoder.is_usable

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `Encoder`."""
        return self._encoder.encode(texts)

    def rest(self) -> None:
        """See `Encoder`."""
        self._encoder.rest()
