"""Sizes and spans as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model.quantities import about, size_in_words, span_in_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (812_345, "812 kB"),
        (1_000_000, "1 MB"),
        (52_000_000, "52 MB"),
        (53_240_000, "53.2 MB"),
        (412_900_000, "413 MB"),
        (1_340_000_000, "1.3 GB"),
        (2_500_000_000_000, "2,500 GB"),
    ],
)
def test_sizes(count: int, words: str) -> None:
    assert size_in_words(count) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=72), "1 h 12 min"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_spans(span: timedelta, words: str) -> None:
    assert span_in_words(span) == words


@pytest.mark.parametrize(("days", "words"), [(12.4, "12 days"), (60, "60 days"), (152, "5 months"), (1100, "3 years")])
def test_estimates(days: float, words: str) -> None:
    assert about(timedelta(days=days)) == words
