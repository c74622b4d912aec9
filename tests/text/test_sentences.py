from __future__ import annotations

import pytest

from aggregator.text.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing happened. Then another did! Was that all? It was not all.", 4),
        ("Dr. J. Okafor of the U.S. office met Mr. Lund on 5. November. That was all of it.", 2),
        ("Das gilt z. B. für die Firma bzw. ihre Kinder. Am 3. Oktober ist Schluss.", 2),
        ("The round is 1.5 million euros, says lamp.example. More will come in 2027. We wait for it.", 3),
        ("“We stop here.” She left the room. (Nobody followed.) The rest stayed.", 4),
        ("新しいチップが発表された。出荷は春に始まる。", 2),
        ("بدأ المستشفى تجربة جديدة. سيستمر الاختبار ستة أشهر؟ نعم هذا صحيح.", 3),
    ],
)  # fmt: skip
def test_a_text_falls_into_whole_sentences(text: str, expected: int) -> None:
    found = list(sentences(text))
    assert len(found) == expected, found
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    "rest", ["This one is cut in the mid", "It is cut…", "Read more of it [...]", "It goes on ..."]
)
def test_what_was_cut_is_left_out(rest: str) -> None:
    assert list(sentences(f"This sentence is whole. {rest}")) == ["This sentence is whole."]


def test_who_wrote_a_whole_text_needs_no_stop() -> None:
    assert list(sentences("A spider sits here\n\nIt has eight legs", complete=True)) == [
        "A spider sits here", "It has eight legs",
    ]  # fmt: skip


def test_a_line_broken_for_its_width_is_one_sentence() -> None:
    text = "The laboratory says that it will build a great many\nCentres of its own with\nthe money."
    assert list(sentences(text)) == [" ".join(text.split())]


def test_a_heading_does_not_run_into_the_text() -> None:
    assert list(sentences("What is new\nThe laboratory builds two centres.")) == ["The laboratory builds two centres."]


def test_a_sentence_that_fills_a_page_is_left_out() -> None:
    assert list(sentences("x" * 3000 + ". This one is fine.")) == ["This one is fine."]


def test_a_sentence_may_begin_with_a_name_in_small_letters() -> None:
    text = "Two models were tried in the harbour. o3-medium read all signs there. iPhones were too small for it."
    assert list(sentences(text))[:2] == ["Two models were tried in the harbour.", "o3-medium read all signs there."]
