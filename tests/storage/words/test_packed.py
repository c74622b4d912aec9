"""The words of a post as they are stored, and what comes back of them."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.storage.upgrade.narrower import pack_stored_words
from aggregator.storage.words.packed import pack_words, unpack_words
from aggregator.text.word_vectors import vector, weigh
from aggregator.text.words import words_of

VECTORS = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1),
    st.integers(0, 10_000).map(lambda weight: weight / 10_000),
    max_size=40,
)


@given(VECTORS)
def test_words_come_back_in_their_order_with_their_weights(words: dict[str, float]) -> None:
    assert list(unpack_words(pack_words(words)).items()) == list(words.items())


@given(st.text(), st.text())
def test_no_word_of_a_text_breaks_the_line(title: str, text: str) -> None:
    """A word with a line break or a zero byte in it would come back as two, or move the weights."""
    words = weigh(vector(words_of(title, text), "en"))
    assert list(unpack_words(pack_words(words))) == list(words)


def test_weights_are_rounded_to_ten_thousandths() -> None:
    assert unpack_words(pack_words({"ferry": 0.12345678, "Hafen 5": 0.0, "港": 1.0})) == {
        "ferry": 0.1235, "Hafen 5": 0.0, "港": 1.0
    }  # fmt: skip


def test_it_takes_fewer_bytes_than_json() -> None:
    words = {"ferry": 0.4575, "raises 124": 0.4575, "reliable": 0.3702, "systems": 0.2577}
    scaled = {word: round(weight * 10_000) for word, weight in words.items()}
    assert len(pack_words(words)) <= len(json.dumps(scaled, separators=(",", ":"))) - 5 * len(words)


@pytest.mark.parametrize("words", [{}, {"ferry": 10000}, {"ferry": 3000, "new": 0, "Größe": 1, "gpt 5": 257}])
def test_what_an_older_version_stored_as_json_is_taken_along(words: dict[str, int]) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE post_words (post_id INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT")
    conn.execute("CREATE TABLE post_words_anew (post_id INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT")
    conn.execute("INSERT INTO post_words VALUES (7, ?)", (json.dumps(words, ensure_ascii=False),))
    pack_stored_words(conn)
    assert [(post_id, unpack_words(packed)) for post_id, packed in conn.execute("SELECT * FROM post_words")] == [
        (7, {word: weight / 10_000 for word, weight in words.items()})
    ]
