"""What to watch: days to come and stated plans, and nothing that is a guess."""

# ruff: noqa: E501 -- texts stand whole

from __future__ import annotations

from datetime import date

import pytest

from aggregator.model.brief import BriefSentence, Due
from aggregator.model.site import ShownStory, Voice
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.watch import MOST, may_name_a_day, watch
from tests.helpers.shown import HOSTILE, LEITUNG, METIER, QUAY, WEFT, YESTERDAY, hostile, post, story

# The stories are of 28 November 2026, a Saturday.


def ahead(shown: ShownStory, near: float = 1.0) -> list[BriefSentence]:
    return [sentence for _, sentence in watch(shown, evidence_of(shown, {}), lambda _: near)]


def one(text: str, voice: Voice = QUAY) -> ShownStory:
    return story(1, (post(voice, "10:00", "Port Marlow and its crane", text),))


@pytest.mark.parametrize(
    ("voice", "text", "due"),
    [
        (QUAY, "The council of Port Marlow will vote on the crane on Tuesday.", Due(date(2026, 12, 1), date(2026, 12, 1), "day")),
        (QUAY, "The council of Port Marlow votes on the crane on Tuesday.", Due(date(2026, 12, 1), date(2026, 12, 1), "day")),
        (LEITUNG, "Der Stadtrat entscheidet am Dienstag über den Kran.", Due(date(2026, 12, 1), date(2026, 12, 1), "day")),
        (METIER, "Le conseil de Port Marlow vote mardi sur la grue.", Due(date(2026, 12, 1), date(2026, 12, 1), "day")),
        (QUAY, "The mayor said the ferries would stop at noon on Sunday.", Due(date(2026, 11, 29), date(2026, 11, 29), "day")),
        (QUAY, "Port Marlow will require a permit for each crane from 9 December.", Due(date(2026, 12, 9), date(2026, 12, 9), "day")),
        (QUAY, "Halcyon Lines has until Friday to sell its crane.", Due(date(2026, 12, 4), date(2026, 12, 4), "day")),
        (QUAY, "Halcyon Lines must repair the crane by 9 December.", Due(date(2026, 12, 9), date(2026, 12, 9), "day")),
        (QUAY, "Halcyon Lines expects to open the quay in March 2027.", Due(date(2027, 3, 1), date(2027, 3, 31), "month")),
        (QUAY, "The first crane opens in spring 2027 at the old quay.", Due(date(2027, 3, 1), date(2027, 5, 31), "season")),
        (QUAY, "The hearing is scheduled for 9 December in the town hall.", Due(date(2026, 12, 9), date(2026, 12, 9), "day")),
        (QUAY, "Halcyon Lines plans to launch a second ferry in March 2027.", Due(date(2027, 3, 1), date(2027, 3, 31), "month")),
        (LEITUNG, "Der Stadtrat soll am 2. Dezember über den Kran abstimmen.", Due(date(2026, 12, 2), date(2026, 12, 2), "day")),
        (LEITUNG, "Die neue Fähre soll im März 2027 in Dienst kommen.", Due(date(2027, 3, 1), date(2027, 3, 31), "month")),
        (METIER, "Le port devrait ouvrir une nouvelle grue en mars 2027.", Due(date(2027, 3, 1), date(2027, 3, 31), "month")),
    ],
)  # fmt: skip
def test_a_day_to_come(voice: Voice, text: str, due: Due) -> None:
    [found] = ahead(one(text, voice))
    assert (found.text, found.due, found.part, found.made) == (text, due, "watch", "quoted")
    assert may_name_a_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "Halcyon Lines plans to build a second ferry at the old quay.",
        "The ruling is still pending in the court of Port Marlow.",
    ],
)
def test_a_plan_without_a_day(text: str) -> None:
    [found] = ahead(one(text))
    assert found.due is None


@pytest.mark.parametrize(
    "text",
    [
        "The council of Port Marlow voted on the crane on Tuesday.",
        "The crane was built in 1911 and opened in spring 1912.",
        "The crane will change how we think about harbours.",
        "Analysts think that the market for cranes will reach two billion euros in 2027.",
        "The council could vote on the crane on Tuesday.",
        "If the storm ends, the ferry will sail on Tuesday.",
        "Will the council vote on the crane on Tuesday?",
        "The ferry will not sail on Tuesday, Halcyon Lines said.",
        "Register now for the harbour conference, which begins on 3 March 2027.",
        "It will open on 9 December, the mayor said to the paper.",
        "She has no plans to open a second crane at the old quay.",
        "The paper shows detailed plans to build a second crane there.",
        "By 2035 the harbour will open three more cranes.",
        "I will visit the crane on 9 December with my children.",
        "The crane, shown at the fair this month, opens the harbour to larger ships.",
        "The race was halted on Saturday after three of nine laps following a start in the rain.",
        "The captain would like to see the crane in March 2027.",
    ],
)
def test_what_nobody_has_stated_is_left_out(text: str) -> None:
    assert ahead(one(text)) == []


def test_a_day_counts_from_when_it_was_said_and_must_be_after_the_last_post() -> None:
    text = "The council of Port Marlow will vote on the crane on Saturday."
    posts = (
        post(QUAY, "10:00", "Vote on the crane", text, day=YESTERDAY),
        post(WEFT, "10:00", "They vote today", "The crane is up for a vote."),
    )
    assert ahead(story(1, posts)) == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("The council will vote on the crane on Tuesday.", None),
        ("The crane will open on 9 December.", None),
        ("The crane will open on 9 December 2026.", Due(date(2026, 12, 9), date(2026, 12, 9), "day")),
    ],
)
def test_days_of_a_post_without_a_date_go_by_nothing(text: str, due: Due | None) -> None:
    posts = (post(QUAY, "10:00", "Port Marlow and its crane", text, dated="never"),)
    assert [each.due for each in ahead(story(1, posts))] == ([due] if due else [])


@pytest.mark.parametrize(
    ("voice", "text", "due"),
    [
        (QUAY, "Halcyon Lines plans to open a yard by the end of next year.", Due(date(2027, 10, 1), date(2027, 12, 31), "year")),
        (LEITUNG, "Die Reederei will bis Ende 2027 eine Werft eröffnen.", Due(date(2027, 10, 1), date(2027, 12, 31), "year")),
        (QUAY, "Halcyon Lines plans to open a yard by the end of this year.", Due(date(2026, 11, 29), date(2026, 12, 31), "year")),
        (QUAY, "Halcyon Lines plans to open a yard in the next year or so.", None),
        (QUAY, "Halcyon Lines plans to open a yard in the next month.", None),
        (QUAY, "Halcyon Lines plans to open a yard in two years.", None),
        (QUAY, "Halcyon Lines plans to open a yard next month.", Due(date(2026, 12, 1), date(2026, 12, 31), "month")),
    ],
)  # fmt: skip
def test_a_due_day_is_what_the_words_tell(voice: Voice, text: str, due: Due | None) -> None:
    [found] = ahead(one(text, voice))
    assert found.due == due


def test_a_week_that_goes_on_is_none_to_come() -> None:
    # A Saturday.
    assert ahead(one("The council of Port Marlow is to vote on the crane this week.")) == []


@pytest.mark.parametrize(
    ("voice", "text", "first"),
    [
        (QUAY, "A public vote on the crane takes place on 14 March 2027.", date(2027, 3, 14)),
        (QUAY, "Opponents of the crane have until 20 January 2027 to collect signatures.", date(2027, 1, 20)),
        (QUAY, "The vote is on 14 March in the whole of Port Marlow.", date(2027, 3, 14)),
        (QUAY, "Voters decide on the crane on 14 March.", date(2027, 3, 14)),
        (QUAY, "The court rules on the case of the crane on 9 December.", date(2026, 12, 9)),
        (QUAY, "The summit of harbours takes place in Port Marlow next week.", date(2026, 11, 30)),
        (QUAY, "The new timetable comes to all ferries next month.", date(2026, 12, 1)),
        (QUAY, "Shipments of the new crane start in spring.", date(2027, 3, 1)),
        (LEITUNG, "Das Volk stimmt am 14. März 2027 darüber ab.", date(2027, 3, 14)),
        (LEITUNG, "Das Gericht verkündet das Urteil am 9. Dezember.", date(2026, 12, 9)),
        (LEITUNG, "Das neue Hafengesetz gilt ab 2. August 2027.", date(2027, 8, 2)),
        (LEITUNG, "Der Gipfel der Häfen findet am 9. Dezember statt.", date(2026, 12, 9)),
        (LEITUNG, "Das neue Schiff erscheint nächste Woche im Hafen.", date(2026, 11, 30)),
        (LEITUNG, "Der Dienst wird Ende Januar eingestellt.", date(2027, 1, 21)),
        (LEITUNG, "Betreiber müssen ab dem 1. März Zähler einbauen.", date(2027, 3, 1)),
    ],
)
def test_a_day_to_come_is_stated_whatever_the_verb(voice: Voice, text: str, first: date) -> None:
    [found] = ahead(one(text, voice))
    assert found.due and found.due.first == first


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        (QUAY, "The council extended the contract of the crane to 14 March 2027."),
        (QUAY, "The fares are as of 1 December 2026 those of the harbour."),
        (QUAY, "The council should listen to the people on 14 March 2027."),
        (QUAY, "The black friday sale at the harbour ends on 2 December."),
        (QUAY, "Port Marlow and its crane on 14 March 2027"),
        (QUAY, "Revenues of the harbour start to fall in March 2027."),
        (LEITUNG, "Das Angebot des Hafens gilt bis 2. Dezember 2026."),
        (LEITUNG, "Der Rat hat den Vertrag bis 14. März 2027 verlängert."),
    ],
)
def test_what_is_past_an_offer_or_an_opinion_is_not_stated(voice: Voice, text: str) -> None:
    assert ahead(one(text, voice)) == []


def test_the_next_day_comes_first_and_what_is_told_twice_stands_once() -> None:
    posts = (
        post(QUAY, "10:00", "Crane", "Halcyon Lines plans to build a second ferry at the old quay. The new crane of Port Marlow opens in spring 2027."),
        post(WEFT, "11:00", "Crane", "The council of Port Marlow will vote on the crane on 1 December."),
        post(LEITUNG, "12:00", "Kran", "Der Stadtrat von Port Marlow soll am 1. Dezember über den Kran abstimmen."),
        post(METIER, "12:30", "Grue", "Le conseil de Port Marlow doit voter le 1er décembre."),
    )  # fmt: skip
    found = ahead(story(1, posts))
    assert len(found) == MOST
    assert [each.due and each.due.precision for each in found] == ["day", "season", None]


def test_one_plan_told_more_and_less_exactly_stands_once() -> None:
    posts = (
        post(QUAY, "10:00", "Crane for Port Marlow", "Halcyon Lines will open its new crane in December 2026."),
        post(WEFT, "10:30", "New crane", "Halcyon Lines will open the new crane on 9 December."),
    )
    assert [each.due for each in ahead(story(1, posts))] == [Due(date(2026, 12, 9), date(2026, 12, 9), "day")]


def test_what_is_far_from_the_matter_must_be_the_leads() -> None:
    posts = (
        post(QUAY, "10:00", "Crane falls", "The crane fell on a shed."),
        post(WEFT, "11:00", "Other news", "Bakers will vote on the night tariff on 1 December."),
    )
    assert ahead(story(1, posts), near=0.0) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_do_no_harm(text: str) -> None:
    assert len(ahead(hostile(text))) <= MOST
