"""The forms in which a text is searched: the quick way for plain texts gives what the thorough one gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.post import Post
from aggregator.topics.fields import searched
from aggregator.topics.matcher import TermFinder
from aggregator.topics.normal_forms import forms, joined, normalise

SIGNS = (
    "aZ9 -–—`’´…“”_.,;:!?/%#\t\n\r\x0b\x1c\x7f\0\u00a0\u00ad\u200b\u200e\u200f\u2011"
    "ßẞİéäñ語がไⅧﬁ²٣™•€ŠŒÿƒ˜½µ\x85\x81\u0301，"
)
TEXTS = st.text(st.sampled_from(SIGNS), max_size=30)
WORDS = [
    "tea",
    "green",
    "Tea!",
    "teas",
    "cup-of",
    "raises",
    "$5",
    "million.",
    "GREEN",
    "tee\u00ad",
    "é",
    "語が",
    "\n",
    "—",
]
PHRASES = [
    "tea",
    "green tea",
    "tea~",
    "=Tea",
    "raises … <money>",
    "<money> … tea",
    "green … tea",
    "cup of tea",
    "語",
    "*ea",
]


@given(st.lists(TEXTS, max_size=4))
def test_texts_made_ready_together_are_as_made_ready_alone(texts: list[str]) -> None:
    together = joined(texts)
    assert together == forms("".join(f"{normalise(text)}\n" for text in texts))


@given(TEXTS)
def test_every_place_is_the_same_in_all_forms(text: str) -> None:
    shown, folded, words = forms(normalise(text))
    assert len(shown) == len(folded) == len(words) - 2
    for char, word in zip(folded, words[1:], strict=False):
        assert word == (char if char.isalnum() else " ")


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.lists(st.sampled_from(WORDS), max_size=60), st.booleans())
def test_a_term_is_told_where_it_tells_most(title: list[str], text: list[str], has_tags: bool) -> None:
    post = Post(
        kind="article",
        native_id="1",
        title=" ".join(title),
        text=" ".join(text),
        tags=("GreenTea",) if has_tags else (),
        url="https://tea.example/green-tea",
    )
    finder = TermFinder(PHRASES)
    whole = searched(post)
    best: dict[int, float] = {}
    for number, start, _ in finder.places(whole.forms):
        i = max(i for i, begin in enumerate(whole.starts) if begin <= start)
        best[number] = max(best.get(number, 0.0), whole.fields[i].strength)
    strongest = finder.strongest(whole, sites=())
    assert {number: strength for number, (strength, *_) in strongest.items()} == best


def test_parts_are_lines_of_their_own() -> None:
    assert joined(["- Green-tea -", "", "a  b\tc"]).text == "Green tea\n\na b c\n"
