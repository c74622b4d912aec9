"""Which name a misspelt one means, and when none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.typed.nearest import how_far, nearest


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("fundng", "funding"),
        ("fudning", "funding"),
        ("Funding", "funding"),
        ("open source", "open-source"),
        ("open_sorce", "open-source"),
        ("pol", "poll"),
        ("rnu", "run"),
        ("pth", "path"),
        ("storeis", "stories"),
        ("post", "posts"),
        ("lang", "language"),
        ("regulations", "regulation"),
        ("harbor ledger", "harbour ledger"),
        ("reglation of markts", "regulation of markets"),
    ],
)
def test_a_slip_is_near(word: str, choice: str) -> None:
    assert nearest(word, ["quite another", choice]) == choice


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("url", "rules"),  # which difflib finds alike
        ("amd", "ams"),
        ("eu", "us"),
        ("ai", "aim"),
        ("gap", "gpt"),
        ("sport", "export"),
        ("court", "courses"),
        ("stop", "stories"),
        ("fun", "funding"),
        ("weather", "regulation"),
        ("finland", "funding"),
        ("", "run"),
    ],
)
def test_other_words_are_not(word: str, choice: str) -> None:
    assert nearest(word, [choice]) is None


def test_the_nearest_counts_and_of_equally_near_ones_the_first() -> None:
    assert nearest("brief", ["briefs", "brief-s", "brie"]) == "briefs"
    assert nearest("briefs", ["brief", "briefs"]) == "briefs"
    assert nearest("x", []) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_it_is_as_far_there_as_back(one: str, other: str) -> None:
    assert how_far(one, other) == how_far(other, one)
    assert how_far(one, one) == 0
