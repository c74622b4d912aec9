"""In context: sentences that are counted, true by construction, in the words of the catalogue."""

# ruff: noqa: E501 -- texts stand whole

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model.brief import Amount
from aggregator.model.facts import Facts, Nth, Week
from aggregator.model.settings import Publish
from aggregator.model.site import Dated, ShownTopic
from aggregator.publish.briefs.counted import counted
from aggregator.publish.briefs.digest import mark_of
from aggregator.publish.briefs.evidence import evidence_of
from aggregator.publish.briefs.extracted import extracted
from aggregator.publish.words import Words
from tests.helpers.shown import (
    AURORE,
    BY_PEOPLE,
    FUNDED,
    FUNDING,
    HOSTILE,
    IDA,
    LEITUNG,
    QUAY,
    SINGLES,
    WEFT,
    hostile,
    post,
    story,
)

ENGLISH, GERMAN = Words("en", "UTC"), Words("de", "UTC")
NOW = datetime(2026, 11, 29, tzinfo=UTC)
XYLEM = ShownTopic("xylem", "Xylem", "lab")
FACTS = Facts(
    nth=(Nth(AURORE, 4, 1),), weeks=(Week(FUNDING, 12, 3.0),), answers=240, is_most_answered=True
)  # fmt: skip


def test_all_that_is_counted_in_english() -> None:
    amounts = [
        Amount(matter=1, text="700 million euros", value=7e8, unit="EUR", language="en", posts=(FUNDED.posts[0].id,)),
        Amount(matter=1, text="830 Millionen", value=8.3e8, unit="EUR", language="de", posts=(FUNDED.posts[3].id,)),
    ]
    assert [(each.pattern, each.text) for each in counted(FUNDED, FACTS, ENGLISH, amounts)] == [
        ("carried", "Carried by 8 publishers in 6 languages within three hours, first by The Quay Courier."),
        ("people", "Taken up by 5 people on Mastodon, with 42 boosts."),
        ("continues", "As we reported on 3 July 2026: “Aurore looks for money in three countries”."),
        ("differ", "Not everyone has the same figure: 700 million euros (The Quay Courier), 830 Millionen (Leitung & Draht)."),
        ("nth", "The fourth story on Aurore here this month that several carry; the month before had 1."),
        ("rising", "Funding has 12 posts here in seven days; 3 in a usual week."),
        ("answered", "Most answered on Mastodon of the stories of its day: 240 boosts and replies."),
        ("background", "For the background, as we reported on 30 June 2026: “Neues Modell von Aurore führt die Rangliste an”."),
    ]  # fmt: skip


def test_the_same_in_german() -> None:
    found = [each.text for each in counted(FUNDED, FACTS, GERMAN)]
    assert found[0] == "Binnen drei Stunden berichteten 8 Medien in 6 Sprachen, zuerst The Quay Courier."
    assert (
        "In diesem Monat die vierte Meldung zu Aurore, über die mehrere Medien berichten; im Vormonat war es eine."
        in found
    )
    assert {each.language for each in counted(FUNDED, FACTS, GERMAN)} == {"de"}


def test_counted_sentences_name_what_they_rest_on() -> None:
    by_pattern = {each.pattern: each for each in counted(FUNDED, FACTS, ENGLISH)}
    assert all(each.made == "counted" and each.part == "context" for each in by_pattern.values())
    first_of_each = {each.voice.key: each.id for each in reversed(FUNDED.speaking) if not each.voice.is_person}
    assert set(by_pattern["carried"].posts) == set(first_of_each.values())
    assert by_pattern["continues"].stories == (3,) and by_pattern["background"].stories == (2,)


@pytest.mark.parametrize(
    "facts",
    [
        None,
        Facts(),
        Facts(nth=(Nth(AURORE, 1, 0), Nth(FUNDING, 3, 0))),
        Facts(weeks=(Week(FUNDING, 3, 0.0), Week(AURORE, 12, 9.0))),
        Facts(answers=9, is_most_answered=True),
        Facts(answers=900),
    ],
)
def test_what_is_no_news_is_not_said(facts: Facts | None) -> None:
    assert {each.pattern for each in counted(FUNDED, facts, ENGLISH)} == {
        "carried",
        "people",
        "continues",
        "background",
    }


@pytest.mark.parametrize(
    ("nth", "words", "said"),
    [
        (12, ENGLISH, "twelfth"),
        (13, ENGLISH, "13th"),
        (21, ENGLISH, "21st"),
        (32, ENGLISH, "32nd"),
        (43, ENGLISH, "43rd"),
        (112, ENGLISH, "112th"),
        (12, GERMAN, "zwölfte"),
        (13, GERMAN, "13."),
        (21, GERMAN, "21."),
    ],
)
def test_ordinals_after_the_twelfth_are_numbers(nth: int, words: Words, said: str) -> None:
    [found] = [each.text for each in counted(FUNDED, Facts(nth=(Nth(AURORE, nth, 9),)), words) if each.pattern == "nth"]
    assert f" {said} " in found


def test_one_voice() -> None:
    assert [each.text for each in counted(SINGLES[0], None, ENGLISH)] == ["Carried by 光の窓 alone."]
    assert [each.text for each in counted(BY_PEOPLE, None, ENGLISH)] == ["Told by 2 people on Mastodon, with 3 boosts."]


def test_an_earlier_story_of_the_same_title_is_no_background() -> None:
    link = FUNDED.earlier[0]
    shown = replace(FUNDED, earlier=(link, replace(link, id=8), replace(link, id=9, kind="background")))
    found = counted(shown, None, ENGLISH)
    assert [each.stories for each in found if each.stories] == [(3,)]


def test_a_catalogue_of_the_users_has_its_words(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(
        '[brief]\ncarried_alone = "Only {first} & nobody else <here>."\n', encoding="utf-8"
    )
    own = Words("en", "UTC", tmp_path)
    shown = story(1, (post(QUAY, "10:00", "Title"),))
    assert [each.text for each in counted(shown, None, own)] == ["Only The Quay Courier & nobody else <here>."]
    assert mark_of(Publish(), own) != mark_of(Publish(), ENGLISH)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(text: str) -> None:
    for each in counted(hostile(text), None, ENGLISH):
        assert "\x00" not in each.text and "&lt;" not in each.text


def test_the_same_input_gives_the_same_brief_and_digest() -> None:
    mark = mark_of(Publish(), ENGLISH)
    evidence = evidence_of(FUNDED, {})
    one, other = (extracted(FUNDED, evidence, FACTS, ENGLISH, NOW, mark) for _ in range(2))
    assert one == other and one.digest.startswith(mark)
    assert extracted(FUNDED, evidence, None, ENGLISH, NOW, mark).digest != one.digest
    assert extracted(FUNDED, evidence[:-1], FACTS, ENGLISH, NOW, mark).digest != one.digest
    assert mark_of(Publish(people="all"), ENGLISH) != mark != mark_of(Publish(timezone="Asia/Tokyo"), ENGLISH)


def test_a_story_is_not_on_somebody_whom_no_title_names() -> None:
    facts = Facts(nth=(Nth(XYLEM, 3, 1),), weeks=(Week(XYLEM, 20, 1.0),))
    assert {each.pattern for each in counted(FUNDED, facts, ENGLISH)} == {
        "carried",
        "people",
        "continues",
        "background",
    }


def test_how_fast_is_until_the_last_publisher_had_it() -> None:
    posts = (
        post(QUAY, "10:00", "Crane falls"),
        post(WEFT, "10:50", "A crane fell"),
        post(QUAY, "13:10", "Crane: what is known"),
    )
    [found] = counted(story(1, posts), None, ENGLISH)
    assert found.text == "Carried by 2 publishers within 50 minutes, first by The Quay Courier."


@pytest.mark.parametrize("dated", ["never", "day"])
def test_where_no_time_is_told_nobody_was_first(dated: Dated) -> None:
    posts = (post(QUAY, "00:00", "Crane falls", dated=dated), post(LEITUNG, "10:50", "Ein Kran fiel"))
    assert [each.text for each in counted(story(1, posts), None, ENGLISH)] == [
        "Carried by 2 publishers in 2 languages."
    ]
    assert [each.text for each in counted(story(1, posts), None, GERMAN)] == ["Berichtet haben 2 Medien in 2 Sprachen."]
    alone = story(1, (posts[0], post(QUAY, "11:00", "Crane: what is known")))
    assert [each.text for each in counted(alone, None, ENGLISH)] == ["Carried by The Quay Courier alone, in 2 posts."]


def test_a_story_of_one_publisher_is_no_nth_that_several_carry() -> None:
    posts = (post(QUAY, "10:00", "Xylem opens a laboratory"), post(IDA, "10:50", "Xylem opens a laboratory, at last"))
    found = counted(story(1, posts), Facts(nth=(Nth(XYLEM, 3, 1),)), ENGLISH)
    assert [each.text for each in found] == [
        "Carried by The Quay Courier alone.",
        "Taken up by one person on Mastodon.",
    ]
    assert [each.text for each in counted(story(1, posts), None, GERMAN)] == [
        "Bisher berichtet nur The Quay Courier.", "Auf Mastodon von einer Person aufgegriffen.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("titles", "is_on"),
    [
        (("Xylem opens a laboratory", "A laboratory opens"), True),
        (("A laboratory opens", "A laboratory opens, Xylem's", "The laboratory"), False),
        (("Xylems are plants", "Xylems again"), False),
    ],
)
def test_a_story_is_on_whom_its_titles_name(titles: tuple[str, ...], is_on: bool) -> None:
    voices = (QUAY, WEFT, LEITUNG)
    posts = tuple(post(voice, "10:00", title) for voice, title in zip(voices, titles, strict=False))
    found = counted(story(1, posts), Facts(nth=(Nth(XYLEM, 3, 1),)), ENGLISH)
    assert ("nth" in {each.pattern for each in found}) == is_on
