"""The words of a post among the stories, as `post_words` has them: 165 bytes of a post where JSON took 243."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from sys import byteorder, intern

from aggregator.text.word_vectors import DIGITS, WEIGHTS

# Weights are whole numbers: a restart reads tens of thousands of posts, and this and tuples take a fifth off its time.
_SCALE = 10**DIGITS

# Between the words, which have no spaces but within a pair, and between them and their weights.
_AFTER_WORD, _AFTER_WORDS = "\n", b"\0"


def unpack_words(packed: bytes) -> dict[str, float]:
    """What `pack_words` made."""
    words, _, weights = packed.partition(_AFTER_WORDS)
    if not words:
        return {}
    numbers = _numbers(weights)
    return dict(zip(map(intern, words.decode().split(_AFTER_WORD)), map(WEIGHTS.__getitem__, numbers), strict=True))


def pack_words(words: Mapping[str, float]) -> bytes:
    """The words as stored: a line each, a zero byte, and two bytes each for their weights in ten thousandths."""
    weights = array("H", [round(weight * _SCALE) for weight in words.values()])
    if byteorder == "big":
        weights.byteswap()
    return _AFTER_WORD.join(words).encode() + _AFTER_WORDS + weights.tobytes()


def _numbers(weights: bytes) -> array[int]:
    numbers = array("H", weights)
    if byteorder == "big":
        numbers.byteswap()
    return numbers
