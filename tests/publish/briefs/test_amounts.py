"""Figures that differ between sources: only where they are versions of one matter."""

from __future__ import annotations

import pytest

from aggregator.model.brief import Amount
from aggregator.publish.briefs.amounts import amounts
from aggregator.publish.briefs.evidence import evidence_of
from tests.helpers.shown import HOSTILE, LEITUNG, METIER, QUAY, WEFT, hostile, post, story


def differing(*said: tuple[object, str]) -> list[Amount]:
    voices = tuple(post(voice, f"1{number}:00", text) for number, (voice, text) in enumerate(said))  # type: ignore[arg-type]
    return amounts(evidence_of(story(1, voices), {}))


def test_two_figures_of_one_round() -> None:
    found = differing(
        (QUAY, "Aurore raises 700 million euros in new funding round"),
        (WEFT, "Aurore raises 650 million euros in new funding round"),
        (METIER, "Aurore of Lyon raises 700 million euros from funds"),
    )
    assert [(each.matter, each.text, each.value, each.unit, len(each.posts)) for each in found] == [
        (1, "700 million euros", 7e8, "EUR", 2), (1, "650 million euros", 6.5e8, "EUR", 1),
    ]  # fmt: skip


def test_across_languages_by_names() -> None:
    found = differing(
        (QUAY, "Aurore of Lyon raises 700 million euros from Caisse Lumen"),
        (LEITUNG, "Aurore aus Lyon: 830 Millionen Euro kommen von Caisse Lumen"),
    )
    assert [each.text for each in found] == ["700 million euros", "830 Millionen Euro"]


def test_counted_things() -> None:
    found = differing(
        (QUAY, "Storm at Port Marlow leaves 40 ferries damaged in the harbour"),
        (WEFT, "Storm at Port Marlow leaves 52 ferries damaged in the harbour"),
    )
    assert [(each.text, each.unit) for each in found] == [("40", "ferries"), ("52", "ferries")]


@pytest.mark.parametrize(
    "said",
    [
        # another matter
        [
            (QUAY, "Aurore raises 700 million euros in new funding round"),
            (WEFT, "Aurore is valued at 900 million euros after the deal"),
        ],
        [
            (QUAY, "Aurore raises 900 million euros in new funding round"),
            (WEFT, "Aurore raises funding at a 12 billion euros valuation"),
        ],
        # the same, rounded
        [
            (QUAY, "Aurore raises 702 million euros in new funding round"),
            (WEFT, "Aurore raises about 700 million euros in new funding round"),
        ],
        [
            (QUAY, "Aurore raises nearly a billion euros in new funding round"),
            (WEFT, "Aurore raises 950 million euros in new funding round"),
        ],
        # another unit
        [
            (QUAY, "Aurore raises 700 million euros in new funding round"),
            (WEFT, "Aurore raises 830 million dollars in new funding round"),
        ],
        # one publisher
        [
            (QUAY, "Aurore raises 700 million euros in new funding round"),
            (QUAY, "Aurore raises 650 million euros in new funding round"),
        ],
        # who names both has two matters
        [
            (QUAY, "Aurore raises 500 million euros in equity and 430 million euros in debt"),
            (WEFT, "Aurore raises 500 million euros in equity and debt"),
        ],
        # years, versions, places
        [(QUAY, "Aurore shows model 4.5 at the fair in 2026"), (WEFT, "Aurore shows model 4.6 at the fair in 2025")],
    ],
)
def test_what_is_no_version_of_one_matter_is_left_out(said: list[tuple[object, str]]) -> None:
    assert differing(*said) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_no_harm(text: str) -> None:
    assert amounts(evidence_of(hostile(text), {})) == []
