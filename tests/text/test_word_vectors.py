"""Posts as bags of words."""

from __future__ import annotations

import math

import pytest

from aggregator.text import word_vectors
from aggregator.text.word_vectors import dot, shared_words, title_terms, weigh
from aggregator.text.words import words_of


def vector(title: str, text: str, language: str) -> dict[str, float]:
    return word_vectors.vector(words_of(title, text), language)


def test_stop_words_and_single_letters_are_left_out() -> None:
    assert set(vector("The ferry is a boat", "", "en")) == {"ferry", "boat"}
    assert set(vector("Die Fähre und das Boot", "", "de")) == {"fähre", "boot"}


def test_title_words_weigh_more_than_text_words() -> None:
    found = vector("ferry", "harbour", "en")
    assert found["ferry"] > found["harbour"]


def test_repeating_a_word_adds_less_and_less() -> None:
    once, twice, often = (vector("", "ferry " * times + "harbour", "en")["ferry"] for times in (1, 2, 20))
    assert once < twice < often < 5 * once


def test_short_numbers_mean_something_with_the_word_before() -> None:
    assert set(vector("Kestrel 5 beats Kestrel 4.5", "", "en")) == {"kestrel", "kestrel 5", "kestrel 4", "beats"}
    assert set(vector("Kubelet v1.34 in 2026", "", "en")) == {"kubelet", "v1", "34", "v1 34", "2026"}
    assert "the 7" not in vector("The 7 boats", "", "en")


def test_a_post_without_title_says_it_in_its_first_words() -> None:
    text = "Ferry returns " + "filler " * 30 + "harbour"
    found = vector("", text, "en")
    assert found["ferry"] > found["harbour"]


def test_the_end_of_a_long_text_and_links_do_not_count() -> None:
    found = vector("Ferry", "boat " * 100 + "subscribe", "en")
    assert "subscribe" not in found
    assert set(vector("Ferry", "https://news.example/harbour", "en")) == {"ferry"}


def test_cjk_words_are_pairs() -> None:
    assert {"渡し", "し船"} <= set(vector("渡し船", "", "ja"))


def test_terms_of_a_title_are_those_of_its_vector() -> None:
    title = "Kestrel 5 sails again"
    assert set(vector(title, "", "en")) <= title_terms(title)


def test_weighing_gives_unit_vectors() -> None:
    found = weigh({"ferry": 3.0, "boat": 2.0})
    assert math.isclose(sum(weight * weight for weight in found.values()), 1.0)
    assert found["ferry"] > found["boat"]
    assert weigh({}) == {}


def test_shared_words_come_strongest_first() -> None:
    one, other = {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5}, {"b": 0.9, "c": 0.1, "a": 0.9}
    assert [word for word, _ in shared_words(one, other)] == ["a", "b", "c"]
    assert len(shared_words(one, other, most=2)) == 2
    assert dot(one, other) == pytest.approx(0.95)
