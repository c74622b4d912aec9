"""Earlier coverage: which older stories a new one continues, and which are its background."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model.changes import EarlierLink
from aggregator.model.post import OlderStory
from aggregator.stories.earlier.keys import keys_of
from aggregator.stories.earlier.links import MOST_BACKGROUND, MOST_LINKS, earlier_links
from aggregator.stories.earlier.model import Model, judge, log_odds, shipped
from aggregator.stories.earlier.recent import RecentStories
from aggregator.stories.earlier.telling import furniture, names_in, numbered_in, said_by
from tests.helpers.build import NOW
from tests.helpers.older_stories import ACME, AHEAD, RAISE, RARITY, WITHIN, story

DAY = timedelta(days=1)


def links(
    started: OlderStory, *older: OlderStory, within: timedelta = WITHIN, habits: Mapping[str, int] | None = None
) -> list[EarlierLink]:
    return list(earlier_links(started, older, RARITY, lambda _: habits or {}, within))


def pairs(found: Iterable[EarlierLink]) -> list[tuple[int, int]]:
    return [(link.story_id, link.earlier_story_id) for link in found]


FERRY = "Acme ferry pier opens in Marlow after the court ruling"
FERRY_TEXT = "Acme opened the Marlow ferry pier on Monday, two weeks after the Halden court lifted its stop."
STOP = story(
    3, "Halden court stops Acme ferry pier in Marlow", "The Halden court stopped the pier of Acme.", days_ago=20
)


class TestContinues:
    def test_the_matter_goes_on(self) -> None:
        [link] = links(story(9, FERRY, FERRY_TEXT), STOP)
        assert (link.story_id, link.earlier_story_id, link.kind) == (9, 3, "continues")
        assert 0.5 <= link.similarity <= 1
        assert "the same matter goes on" in link.because
        assert "acme" in link.because
        assert "ferry" in link.because

    def test_a_dispute_in_other_words_at_one_port_without_an_entity_of_the_taxonomy(self) -> None:
        nobody: frozenset[str] = frozenset()
        older = story(
            3, "Dockers walk out at Port Marlow", "The Dockhands Union and Brannoch Terminals disagree over night "
            "shifts at Port Marlow.", days_ago=9, entities=nobody,
        )  # fmt: skip
        newer = story(
            9, "Brannoch Terminals offers Dockhands Union more pay", "Cranes at Port Marlow have stood still since the "
            "dockers of the Union walked out over night shifts.", entities=nobody,
        )  # fmt: skip
        assert [(link.earlier_story_id, link.kind) for link in links(newer, older)] == [(3, "continues")]

    def test_two_products_of_one_maker_are_not_one_matter(self) -> None:
        other = story(3, "Acme launches the Quillon camera", "The Quillon camera sees at night.", days_ago=20)
        found = links(story(9, "Acme launches the Torvane printer", "The Torvane printer needs no ink."), other)
        assert [link for link in found if link.kind == "continues"] == []

    def test_two_versions_of_one_name_are_less_than_one(self) -> None:
        newer, text = "Acme Quillon 5 sees at night", "Its lens needs no light, and turns by itself to all who speak."
        price = "of Acme comes in May and costs as much as a boat."
        same = story(3, "Acme Quillon 5 is late", f"The camera Quillon 5 {price}", days_ago=20)
        other = replace(same, title="Acme Quillon 4 is late", text=f"The camera Quillon 4 {price}")
        assert pairs(links(story(9, newer, text), same)) == [(9, 3)]
        assert links(story(9, newer, text), other) == []


class TestNoMatter:
    def test_the_company_alone(self) -> None:
        assert links(story(9, FERRY, FERRY_TEXT), story(3, "Acme reports a dividend", days_ago=20)) == []

    def test_one_word_beside_nothing_else(self) -> None:
        nobody: frozenset[str] = frozenset()
        older = story(3, "A console for pottery", days_ago=20, entities=nobody)
        assert links(story(9, "Workspaces in the console", entities=nobody), older) == []

    def test_generic_words(self) -> None:
        older = story(3, "Acme says new update launches today", days_ago=20)
        assert links(story(9, "New Acme update launches today, company says"), older) == []

    def test_furniture_of_a_newsletter(self) -> None:
        foot = " Read the most important harbour news in one free daily email, join forty thousand captains."
        older = story(3, "Tug captains retire", "Many go early." + foot, days_ago=20)
        assert links(story(9, "Lighthouse keepers celebrate", "A feast on the quay." + foot), older) == []

    def test_the_next_of_a_series(self) -> None:
        older = story(3, "Marlow harbour report 12: tides and cranes", days_ago=7)
        assert links(story(9, "Marlow harbour report 13: tides and cranes"), older) == []

    def test_the_last_day_is_the_same_news(self) -> None:
        assert links(story(9, FERRY, FERRY_TEXT), replace(STOP, first_at=NOW - DAY / 2, last_at=NOW - DAY / 2)) == []


def told_by(publisher: str | None, *stories: OlderStory) -> list[OlderStory]:
    return [replace(each, sole_publisher=publisher) for each in stories]


class TestOnePublisherAlone:
    """Two stories of one publisher, which nobody else tells."""

    OFFER = story(9, "Torvane Studio brings Wendel panels", "Look at Torvane Studio and its Wendel panels.")
    OTHER = story(3, "Torvane Studio has Wendel knobs", "Torvane Studio now turns with Wendel.", days_ago=20)

    def test_what_it_says_all_the_time_is_no_evidence(self) -> None:
        offer, other = told_by("acme.example", self.OFFER, self.OTHER)
        repeated = dict.fromkeys(("torvane", "studio", "wendel", "acme"), 30)
        assert pairs(links(offer, other)) == [(9, 3)]
        assert links(offer, other, habits=repeated) == []

    def test_but_it_is_where_somebody_else_tells_it_too(self) -> None:
        repeated = dict.fromkeys(("torvane", "studio", "wendel", "acme"), 30)
        assert pairs(links(*told_by(None, self.OFFER, self.OTHER), habits=repeated)) == [(9, 3)]
        [offer], [other] = told_by("acme.example", self.OFFER), told_by("courier.example", self.OTHER)
        assert pairs(links(offer, other, habits=repeated)) == [(9, 3)]

    def test_one_rare_word_among_what_it_repeats_is_too_little(self) -> None:
        offer, other = told_by("acme.example", self.OFFER, self.OTHER)
        assert links(offer, other, habits={"studio": 12, "wendel": 12}) == []
        assert pairs(links(offer, other, habits={"studio": 12})) == [(9, 3)]

    def test_the_matter_goes_on(self) -> None:
        ferry, stop = told_by("courier.example", story(9, FERRY, FERRY_TEXT), STOP)
        assert pairs(links(ferry, stop, habits={"acme": 20, "ferry": 5})) == [(9, 3)]

    @pytest.mark.parametrize(
        ("newer", "older"),
        [
            ("Marlow harbour digest for April", "Marlow harbour digest for March"),
            ("Marlow tug drill of Wednesday 3 June 2026", "Marlow tug drill of Sunday 24 May 2026"),
            ("Rudderkit 2.1.0.rc3 for Marlow is out", "Rudderkit 2.1.0.beta2 for Marlow is out"),
            ("Letters from the Marlow quay", "Letters from the Marlow quay"),
        ],
    )
    def test_the_next_of_a_series_differs_in_dates_and_numbers(self, newer: str, older: str) -> None:
        text = "Quayside captains of Halden gather."
        found = links(*told_by("quay.example", story(9, newer, text), story(3, older, text[::-1], days_ago=9)))
        assert found == []

    def test_a_title_that_says_something_else_beside_the_month_is_no_next_one(self) -> None:
        older = story(3, "Halden stops Marlow pier in March", days_ago=20)
        newer = story(9, "Halden reopens Marlow pier in April")
        assert pairs(links(*told_by("quay.example", newer, older))) == [(9, 3)]

    def test_an_offer_told_again_in_the_same_words(self) -> None:
        text = "Wendel workshops are days at sea that help captains to steer a tug through the Marlow fog."
        newer, older = story(9, "Steer your Wendel tug", text), story(3, "Wendel tug days", text, days_ago=9)
        assert links(*told_by("quay.example", newer, older)) == []
        other = replace(older, text="Captains may come to the Wendel workshops, and take a tug into the Marlow fog.")
        assert pairs(links(*told_by("quay.example", newer, other))) == [(9, 3)]


class TestNamesAlone:
    def test_two_words_are_often_one_name(self) -> None:
        nobody_else = "Acme Quillon in the harbour museum", "Quillon lamps by Acme for lighthouses"
        newer, older = story(9, nobody_else[0], "Old ships stand there."), story(3, nobody_else[1], days_ago=9)
        assert links(newer, older) == []
        more = replace(older, text="They hang in the harbour of the old museum, too.")
        assert pairs(links(newer, more)) == [(9, 3)]

    def test_one_word_that_both_stress_makes_no_matter(self) -> None:
        nobody: frozenset[str] = frozenset()
        filler = " ".join(f"pier{number} quay{number}" for number in range(40))
        newer = story(9, "Quillon Quillon", f"Quillon in Marlow. {filler}", entities=nobody)
        older = story(3, "Quillon again Quillon", "Quillon is in Marlow today.", days_ago=9, entities=nobody)
        assert links(newer, older) == []

    def test_no_background_by_the_name_of_a_company_alone(self) -> None:
        both = frozenset({"quillon", "torvane-labs"})
        raised = story(9, "Quillon raises 900 million", "Torvane Labs gives most, in Marlow.", entities=both)
        ahead = story(3, "Quillon passes Torvane Labs", "The ranking has others.", days_ago=30, entities=both)
        assert links(raised, ahead) == []
        in_marlow = replace(ahead, text="In Marlow the ranking has others.")
        assert [(link.earlier_story_id, link.kind) for link in links(raised, in_marlow)] == [(3, "background")]


class TestAge:
    @pytest.mark.parametrize(("days_ago", "is_linked"), [(190, True), (210, False)])
    def test_no_older_than_configured(self, days_ago: int, is_linked: bool) -> None:
        at = NOW - days_ago * DAY
        found = links(story(9, FERRY, FERRY_TEXT), replace(STOP, first_at=at, last_at=at))
        assert bool(found) is is_linked

    def test_another_limit(self) -> None:
        assert links(story(9, FERRY, FERRY_TEXT), STOP, within=10 * DAY) == []


class TestOrder:
    def test_an_older_story_that_arrives_later_is_linked_from_the_newer_one(self) -> None:
        newer = story(9, FERRY, FERRY_TEXT)
        assert pairs(links(STOP, newer)) == [(9, 3)]

    def test_a_story_is_not_its_own_past(self) -> None:
        assert links(story(3, FERRY, FERRY_TEXT), STOP) == []

    def test_the_surest_few_come_first_and_none_says_what_another_says(self) -> None:
        steps = ["tug", "crane", "rudder", "anchor", "buoy", "mast", "keel", "sail"]
        older = [
            story(number, f"Halden court hears Acme on the Marlow ferry pier and its {step}", days_ago=20 + number)
            for number, step in enumerate(steps, 10)
        ]
        found = links(story(9, FERRY, FERRY_TEXT), *older)
        assert 1 <= len(found) <= MOST_LINKS
        assert [link.similarity for link in found] == sorted((link.similarity for link in found), reverse=True)
        again = replace(STOP, id=4, first_at=STOP.first_at - DAY, last_at=STOP.last_at - DAY)
        assert len(links(story(9, FERRY, FERRY_TEXT), STOP, again)) == 1


class TestBackground:
    def test_another_matter_of_the_main_actor(self) -> None:
        [link] = links(RAISE, AHEAD)
        assert (link.earlier_story_id, link.kind) == (3, "background")
        assert "another matter of the same" in link.because

    def test_one_at_most(self) -> None:
        older = [
            replace(
                AHEAD,
                id=number,
                title=f"Quillon {what}",
                text=f"One of the language models of Quillon in Marlow {what}.",
            )
            for number, what in enumerate(("leads a ranking", "learns Welsh", "reads maps"), 3)
        ]
        found = links(RAISE, *older)
        assert sum(link.kind == "background" for link in found) == MOST_BACKGROUND


class TestKeys:
    def test_rare_words_of_the_title_entities_and_both_together(self) -> None:
        said = said_by("Acme opens Marlow pier today", "Halden allowed it.", "en")
        keys = keys_of("Acme opens Marlow pier today", said.terms, ACME, RARITY)
        assert {key.words for key in keys if len(key.words) == 1} >= {("marlow",), ("pier",), ("halden",)}
        assert [key for key in keys if key.entity == "acme"]
        assert ("acme", "marlow") in {key.words for key in keys}

    def test_their_number_is_bounded(self) -> None:
        words = " ".join(f"word{number}" for number in range(60))
        entities = frozenset(f"maker{number}" for number in range(9))
        assert len(keys_of(words, said_by(words, words, "en").terms, entities, RARITY)) <= 20

    def test_what_has_just_started_is_found_by_them(self) -> None:
        recent = RecentStories()
        recent.add(STOP)
        recent.add(story(4, "Bakery wins a prize", entities=frozenset()))
        said = said_by(FERRY, FERRY_TEXT, "en")
        assert [each.id for each in recent.near(keys_of(FERRY, said.terms, ACME, RARITY))] == [3]


class TestTelling:
    def test_names_are_capitalised_amid_a_sentence_or_written_like_one(self) -> None:
        text = "Today judges of Halden ruled quickly. Nobody likes iPads and GPT-7."
        assert names_in("Court stops the Marlow pier", text) == {"marlow", "halden", "ipads", "gpt", "7"}

    def test_a_title_in_capitals_tells_no_names(self) -> None:
        assert names_in("Court Stops The Marlow Pier Again", "") == frozenset()

    def test_numbers_behind_names(self) -> None:
        assert numbered_in("Sonnet 4.5 beats GPT-5 in 2 tests") == {"sonnet": "4.5", "gpt": "5", "in": "2"}

    def test_numbers_of_episodes(self) -> None:
        assert numbered_in("Knots I Ropes and Tides (RAT) #3") == {"rat": "3"}
        assert numbered_in("Tidecast #12") == {"tidecast": "12"}

    def test_long_runs_in_both_are_furniture_but_for_the_words_of_titles(self) -> None:
        foot = "join forty thousand captains for one daily letter"
        one, other = said_by("Captains retire", foot, "en"), said_by("Tides", "High. " + foot, "en")
        assert {"forty", "thousand", "letter"} <= furniture(one, other)
        assert "captains" not in furniture(one, other)
        assert furniture(one, said_by("Tides", "join forty captains", "en")) == frozenset()


def test_the_model_is_bias_and_coefficients_times_measures() -> None:
    model = Model({"bias": -1.0, "cosine": 4.0}, {"bias": 0.5, "titled": -1.0}, {"continues": 0.5, "background": 0.5})
    assert log_odds({"cosine": 0.5}, model.link) == 1.0
    judged = judge({"cosine": 0.25, "titled": 1.0}, model)
    assert (judged.kind, judged.likelihood) == ("background", 0.5)


def test_the_shipped_model_knows_its_measures() -> None:
    for with_meaning in (False, True):
        model = shipped(with_meaning=with_meaning)
        assert {"continues", "background"} == model.bars.keys()
        assert ("meaning" in model.continues) is with_meaning
