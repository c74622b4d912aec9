"""What happened: whole sentences, the lead's first, none twice, each with its source."""

# ruff: noqa: E501 -- texts stand whole

from __future__ import annotations

from itertools import pairwise

import pytest

from aggregator.model.site import ShownStory
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.happened import MOST, happened
from tests.helpers.shown import FARO, FUNDED, HOSTILE, IDA, LEITUNG, METIER, QUAY, STORIES, WEFT, hostile, post, story


def told(shown: ShownStory, language: str = "en") -> list[str]:
    return [each.text for each in happened(shown, evidence_of(shown, {}), language)]


def test_the_lead_comes_first_and_each_sentence_stands_in_a_source() -> None:
    for shown in STORIES:
        found = happened(shown, evidence_of(shown, {}), "en")
        assert len(found) <= MOST
        texts = {each.id: " ".join(each.text.split()) for each in shown.posts}
        for each in found:
            assert each.made == "quoted" and each.pattern is None
            assert all(each.text in texts[post_id] for post_id in each.posts) and len(each.posts) == 1
    assert happened(FUNDED, evidence_of(FUNDED, {}), "en")[0].posts == (FUNDED.lead.id,)


def test_what_another_one_said_is_not_said_again() -> None:
    posts = (
        post(QUAY, "10:00", "Aurore raises 700 million", "Aurore has closed a round of 700 million euros with two pension funds."),
        post(WEFT, "10:30", "700 million for Aurore", "Two pension funds give Aurore 700 million euros in a new round. Aurore will hire 200 people in Lyon with the money."),
    )  # fmt: skip
    found = told(story(1, posts))
    assert len(found) == 2 and found[1].startswith("Aurore will hire 200")


def test_how_another_publisher_tells_the_same_event_is_not_said_again() -> None:
    posts = (
        post(QUAY, "10:00", "Mayor of Port Marlow held", "The mayor of Port Marlow, Ada Stone, has been arrested in connection with the sale of the crane."),
        post(WEFT, "10:30", "Stone held over crane", "Ada Stone, the long-serving mayor of Port Marlow and a captain by trade, was arrested on Friday over a disputed crane. Officers searched the town hall of Port Marlow for four hours and took away the books of six years."),
    )  # fmt: skip
    found = told(story(1, posts))
    assert len(found) == 2 and found[1].startswith("Officers searched")


@pytest.mark.parametrize(
    "text",
    [
        '"We stand together with the crane of Port Marlow.',
        'The crane of Port Marlow is a disgrace for all of us."',
        "held off the crane of Port Marlow during the final laps.",
    ],
)
def test_a_piece_of_something_is_not_told(text: str) -> None:
    first = "The crane of Port Marlow fell on a shed at noon."
    assert told(story(1, (post(QUAY, "10:00", "Crane falls in Port Marlow", f"{first}\n{text}"),))) == [first]


def test_the_same_in_another_language_is_not_said_again() -> None:
    posts = (
        post(QUAY, "10:00", "Aurore raises 700 million", "Aurore of Lyon has closed a round of 700 million euros with Caisse Lumen."),
        post(METIER, "10:30", "700 millions pour Aurore", "Aurore boucle à Lyon un tour de 700 millions d’euros avec Caisse Lumen."),
    )  # fmt: skip
    assert len(told(story(1, posts))) == 1


def test_a_sentence_that_leans_on_another_one_follows_it_or_is_left_out() -> None:
    text = "The crane fell on a shed with two boats in Port Marlow. It had stood there since 1911. But nobody in Port Marlow saw it fall."
    found = told(story(1, (post(QUAY, "10:00", "Crane falls in Port Marlow", text),)))
    assert found[0].startswith("The crane fell")
    for before, after in pairwise(found):
        assert text.index(after) > text.index(before)
    other = (
        post(QUAY, "10:00", "Crane falls in Port Marlow", "The crane of Port Marlow fell on a shed at noon."),
        post(WEFT, "10:10", "Port Marlow loses its crane", "They said the crane of Port Marlow was inspected in 2024."),
    )
    assert told(story(1, other)) == ["The crane of Port Marlow fell on a shed at noon."]


def test_what_has_nothing_to_do_with_the_matter_is_left_out() -> None:
    posts = (
        post(QUAY, "10:00", "Crane falls in Port Marlow", "The crane of Port Marlow fell on a shed at noon."),
        post(FARO, "10:10", "Crane falls in Port Marlow", "Bakers elsewhere want a higher tariff for bread baked by night.", language="en"),
    )  # fmt: skip
    assert told(story(1, posts)) == ["The crane of Port Marlow fell on a shed at noon."]


def test_people_are_quoted_where_nobody_reports() -> None:
    said = post(
        IDA, "09:00", "Der Kran ist umgefallen", "Der Kran in Port Marlow ist heute Mittag auf einen Schuppen gefallen."
    )
    paper = post(LEITUNG, "10:00", "Kran fällt auf Schuppen", "In Port Marlow fiel am Mittag der alte Hafenkran um.")
    assert told(story(1, (said,))) == [said.text]
    assert told(story(1, (said, paper))) == [paper.text]


def test_a_sentence_that_another_part_has_is_not_taken() -> None:
    posts = (post(QUAY, "10:00", "Crane falls", "The crane of Port Marlow fell on a shed at noon today."),)
    shown = story(1, posts)
    assert happened(shown, evidence_of(shown, {}), "en", ahead=[2]) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_no_harm(text: str) -> None:
    assert len(told(hostile(text))) <= MOST
