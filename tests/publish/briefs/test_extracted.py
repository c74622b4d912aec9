"""The parts of a brief without a model beside one another: a sentence stands in one of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aggregator.model.brief import Brief, Due
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.words import Words
from tests.helpers.shown import QUAY, WEFT, post, story

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
WORDS = Words("en", "UTC")


def brief_of(text: str, other: str) -> Brief:
    shown = story(1, (post(QUAY, "10:00", "Port Marlow and a crane", text), post(WEFT, "11:00", "A crane", other)))
    return extracted(shown, evidence_of(shown, {}), None, WORDS, NOW)


def test_what_the_lead_goes_on_with_does_not_stand_without_its_first_sentence() -> None:
    first = "Halcyon Lines announced a crane for Port Marlow, set to open on 9 December."
    second = "The machine will lift ninety tons and replace the old crane of Port Marlow."
    brief = brief_of(f"{first} {second}", "The crane of Port Marlow weighs nine hundred tons.")
    told = brief.part("happened")
    assert [each.text for each in told][:2] == [first, second]
    # It stands once, and the agenda has its day all the same.
    assert told[0].due == Due(date(2026, 12, 9), date(2026, 12, 9), "day")
    assert first not in [each.text for each in brief.part("watch")]


def test_what_is_to_come_stands_apart_where_something_else_happened() -> None:
    coming = "The council of Port Marlow will vote on the crane on 9 December."
    brief = brief_of(f"The crane of Port Marlow fell on a shed at noon. {coming}", "The crane was built in 1911.")
    assert coming not in [each.text for each in brief.part("happened")]
    assert [each.text for each in brief.part("watch")] == [coming]
