"""The words of a post among the stories, as `post_words` has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from sys import intern

from aggregator.text.word_vectors import DIGITS, WEIGHTS

# Weights are whole numbers: a restart reads tens of thousands of posts, and this and tuples take a fifth off its time.
_SCALE = 10**DIGITS


def unpack_words(packed: str) -> dict[str, float]:
    """What `pack_words` made."""
    return {intern(word): WEIGHTS[weight] for word, weight in json.loads(packed).items()}


def pack_words(words: Mapping[str, float]) -> str:
    """The words as stored: a JSON object, the weights in ten thousandths."""
    scaled = {word: round(weight * _SCALE) for word, weight in words.items()}
    return json.dumps(scaled, ensure_ascii=False, separators=(",", ":"))
