"""Fingerprints: near-identical texts are found, others are not."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dedupe.shingles import (
    BINS,
    LEAST_WORDS,
    bands,
    jaccard,
    pack_fingerprint,
)
from aggregator.dedupe.shingles import shingles as shingles_of
from aggregator.text.words import words_of
from tests.helpers.stored import unpacked

FERRY = (
    "The harbour town gets its ferry back after eleven years. From May on it sails six times a day, the council said, "
    "and pupils ride for free. A second boat follows in autumn if enough people use the first one."
)


def shingles(title: str, text: str) -> frozenset[int]:
    return shingles_of(words_of(title, text))


def _words(dice: random.Random, number: int) -> list[str]:
    return ["".join(dice.choices("abcdefghij", k=5)) for _ in range(number)]


def test_links_case_and_punctuation_do_not_matter() -> None:
    assert shingles("", FERRY) == shingles("", f"{FERRY.upper()} https://news.example/ferry")


def test_a_title_repeated_at_the_beginning_counts_once() -> None:
    assert shingles("The harbour town", FERRY) == shingles("", FERRY)


def test_short_texts_are_not_compared() -> None:
    assert shingles("", " ".join(["word"] * (LEAST_WORDS - 1))) == frozenset()
    assert bands(frozenset()) == ()
    assert shingles("", "港町に十一年ぶりに渡し船が戻る") != frozenset()


def test_the_beginning_tells() -> None:
    long = " ".join(_words(random.Random(1), 300))
    assert shingles("", long) == shingles("", long + " and something else that was cut off elsewhere")


def test_lightly_edited_texts_share_a_band() -> None:
    dice = random.Random(2)
    found = 0
    for _ in range(200):
        words = _words(dice, 60)
        edited = list(words)
        edited[dice.randrange(60)] = "edited"
        one, other = shingles("", " ".join(words)), shingles("", " ".join(edited))
        assert jaccard(one, other) > 0.8
        found += bool(set(bands(one)) & set(bands(other)))
    assert found >= 199


def test_unrelated_texts_share_none() -> None:
    dice = random.Random(3)
    keys = [frozenset(bands(shingles("", " ".join(_words(dice, 60))))) for _ in range(200)]
    assert sum(bool(one & other) for number, one in enumerate(keys) for other in keys[:number]) == 0


def test_jaccard() -> None:
    assert jaccard(frozenset({1, 2, 3}), frozenset({2, 3, 4})) == 0.5
    assert jaccard(frozenset(), frozenset()) == 0.0
    assert jaccard(frozenset({1}), frozenset()) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.frozensets(st.integers(min_value=0, max_value=2**32 - 1), max_size=60))
def test_fingerprints_survive_storage(values: frozenset[int]) -> None:
    keys = bands(values)
    assert len(keys) <= BINS
    assert all(-(2**31) <= key < 0 for key in keys)
    fingerprint = pack_fingerprint(keys)
    assert fingerprint is None if not keys else unpacked(fingerprint) == keys


def test_no_bands_are_no_fingerprint() -> None:
    assert pack_fingerprint(()) is None
