"""Figures that differ between sources: only where they are versions of one matter."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from aggregator.model.brief import Amount
from aggregator.model.site import Voice
from aggregator.publish.briefs.amounts import amounts
from aggregator.publish.briefs.evidence import evidence_of
from tests.helpers.shown import HOSTILE, LEITUNG, METIER, QUAY, WEFT, hostile, post, story

KURIER = Voice("courier.example", "The Lorn Courier", False, "en")


@dataclass(frozen=True, slots=True)
class Page:
    id: int
    text: str
    language: str | None = "en"
    may_quote: bool = True


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


def test_tolls_of_one_event_in_other_words() -> None:
    found = differing(
        (QUAY, "Five dead after ferry capsizes off Port Marlow"),
        (WEFT, "A ferry sank off Port Marlow on Friday, killing at least seven people, the coast guard said."),
        (KURIER, "Seven people were killed when a ferry capsized near Port Marlow."),
    )
    assert [(each.unit, each.text, each.value, len(each.posts)) for each in found] == [
        ("dead", "killing at least seven people", None, 2), ("dead", "Five dead", 5.0, 1),
    ]  # fmt: skip


def test_the_dead_and_the_hurt_are_two_matters() -> None:
    found = differing(
        (QUAY, "Storm in Port Marlow: 12 dead and 40 injured in the harbour"),
        (WEFT, "Storm kills 15 people in Port Marlow harbour, wounding 52, says ministry"),
    )
    assert [(each.matter, each.unit, each.text) for each in found] == [
        (1, "dead", "12 dead"), (1, "dead", "kills 15 people"), (2, "hurt", "40 injured"), (2, "hurt", "wounding 52"),
    ]  # fmt: skip


def test_of_a_toll_there_may_be_more_versions_than_two() -> None:
    found = differing(
        (QUAY, "Fire at Port Marlow mill: 26 dead"),
        (WEFT, "Fire at Port Marlow mill: 27 people, including 20 weavers, dead"),
        (KURIER, "The fire at the mill of Port Marlow left a death toll of 28."),
    )
    assert [each.text for each in found] == ["26 dead", "27 people", "28"]


def test_the_page_of_an_article_tells_figures_too() -> None:
    posts = post(QUAY, "10:00", "Ferry sinks off Port Marlow"), post(WEFT, "11:00", "Ferry sank off Port Marlow")
    texts = (
        "A ferry sank off Port Marlow and killed 26 people, police said.",
        "A ferry sank off Port Marlow and 15 people have died, the harbour master said.",
    )
    shown = story(1, posts)
    pages = {each.id: Page(each.id, text) for each, text in zip(posts, texts, strict=True)}
    assert {each.text for each in amounts(evidence_of(shown, pages))} == {"killed 26 people", "15 people have died"}


@pytest.mark.parametrize(
    "said",
    [
        # a toll that may rise, and one that did
        [
            (QUAY, "At least five people dead after ferry capsizes off Port Marlow"),
            (WEFT, "Seven people dead after ferry capsizes off Port Marlow"),
        ],
        # no number
        [
            (QUAY, "Several dead and dozens injured after ferry capsizes off Port Marlow"),
            (WEFT, "Seven dead and 50 injured after ferry capsizes off Port Marlow"),
        ],
        # a part of it, and others beside somebody
        [
            (QUAY, "Ferry capsizes off Port Marlow and kills 26 people, including 5 children killed"),
            (WEFT, "Captain and 24 others dead as ferry capsizes off Port Marlow"),
        ],
        # another event
        [
            (QUAY, "Five dead after ferry capsizes off Port Marlow"),
            (WEFT, "Seven people were killed by a truck in the north of Lorn"),
        ],
        [
            (QUAY, "Five dead after ferry capsizes off Port Marlow"),
            (WEFT, "Ferry that capsized off Port Marlow killed 12 people in 2011"),
        ],
        # the dead and the hurt
        [
            (QUAY, "Five dead after ferry capsizes off Port Marlow"),
            (WEFT, "Nine hurt after ferry capsizes off Port Marlow"),
        ],
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
