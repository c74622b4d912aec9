"""The beginning of a text split by itself gives the words that it has as part of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.words import LEAD_WORDS, beginning_of, words_of

# What words are made of and cut at: links, marks, scripts without spaces, possessives, tags, letters of two characters.
PIECES = (
    "ferry", "l'IA", "Halden's", "’s", " ", ". ", "https://x.example/a?b=1 ", "www.x.example ", "https:/", "#tag ",
    "@you@x.example ", "がぎぐげご", "東京都議会", "İstanbul ", "ﬁnal ", "e\u0301te\u0301 ", "\u0307", "नमस्ते ",
    "GPT-5.1 ", "7 ", "½", "_", "\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=60, max_size=300).map("".join))
def test_the_lead_of_a_text_is_found_by_its_beginning(text: str) -> None:
    whole = words_of("Ferry idle", text)
    assert beginning_of("Ferry idle", text) == (whole.title, whole.lead, whole.lead)


@pytest.mark.parametrize("text", ["", "ferry", "ferry " * 39, "ferry " * 400, "x" * 399 + " ferry" * 50])
def test_so_is_that_of_a_short_one_and_of_long_words(text: str) -> None:
    assert beginning_of("", text).lead == words_of("", text).lead
    assert len(beginning_of("", text).lead) <= LEAD_WORDS
