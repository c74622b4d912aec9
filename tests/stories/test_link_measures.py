"""What is measured of two stories for a link, and how sure it must be."""

from __future__ import annotations

import random
from dataclasses import replace

from aggregator.model.post import OlderStory
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.links import earlier_links, is_enough, may_carry
from aggregator.stories.earlier.measures import beyond, form, headlines, length, shared_by, stray, weighed, words_in
from aggregator.stories.earlier.telling import telling_of
from tests.helpers.older_stories import AHEAD, RAISE, RARITY, WITHIN, story

ONE = story(9, "Harbour lore: Wendel lamps at sea", "Fog needs a lamp.", entities=frozenset())
OTHER = story(3, "Harbour lore: Halden ropes at sea", "Ropes of Halden hold.", days_ago=9, entities=frozenset())


def measured_alone(one: OlderStory, other: OlderStory) -> float:
    """`form`, where one publisher tells both."""
    a, b = telling_of(one), telling_of(other)
    return form(a, b, shared_by(weighed(a, RARITY), b, RARITY)._replace(is_one_voice=True))


def test_a_format_is_the_words_with_which_both_titles_begin_and_end() -> None:
    assert measured_alone(ONE, OTHER) == 4  # harbour lore … at sea


def test_no_word_of_a_format_counts_twice_and_numbers_are_all_the_same() -> None:
    assert measured_alone(replace(ONE, title="Tug news 7"), replace(OTHER, title="Tug news 12")) == 3
    assert measured_alone(replace(ONE, title="Tug news"), replace(OTHER, title="Tug news of Marlow")) == 2


def test_two_publishers_have_no_format_in_common() -> None:
    a, b = telling_of(ONE), telling_of(OTHER)
    assert form(a, b, shared_by(weighed(a, RARITY), b, RARITY)) == 0


def test_the_part_of_the_titles_that_is_in_both() -> None:
    one, other = telling_of(story(9, "Tug meets pier")), telling_of(story(3, "Tug meets fog"))
    assert headlines(one, other) == 0.5  # tug, meets; of tug, meets, pier, fog
    assert headlines(one, one) == 1


def test_the_longer_text_says_how_much_is_known() -> None:
    short, long = telling_of(story(9, "Tug")), telling_of(story(3, "Tug", "Lamps and buoys are sold in Marlow."))
    assert length(short, long) == length(long, short) > length(short, short)


def test_what_one_publisher_tells_does_not_stray() -> None:
    a, b = telling_of(ONE), telling_of(OTHER)
    shared = shared_by(weighed(a, RARITY), b, RARITY)
    assert stray(shared, RARITY) > 0
    assert stray(shared._replace(is_one_voice=True), RARITY) == 0


def likelihoods(one: OlderStory, other: OlderStory, rarity: Rarity = RARITY) -> list[float]:
    """Of the links between them."""
    return [link.similarity for link in earlier_links(one, [other], rarity, lambda _: {}, WITHIN)]


def test_one_publisher_alone_must_be_surer() -> None:
    newer = replace(RAISE, title="Quillon raises 9 millions from many friends")
    older = replace(AHEAD, title="Quillon passes eleven rivals in the latest ranking of chess")
    [likelihood] = likelihoods(newer, older)
    assert 0.5 <= likelihood < 0.65
    newer, older = (replace(each, sole_publisher="quay.example") for each in (newer, older))
    assert likelihoods(newer, older) == []


def _drawn(dice: random.Random, number: int) -> OlderStory:
    """A story of words drawn at random, some with a run of words that all have, as furniture."""
    vocabulary = [f"{first}{second}ar" for first in "bdfgklmnprst" for second in "aeiou"]
    title = " ".join(dice.choices(vocabulary[:25], k=dice.randint(2, 7)))
    text = " ".join(dice.choices(vocabulary, k=dice.randint(0, 40)))
    if dice.random() < 0.3:
        text += " subscribe to our letter and read it each day at noon"
    entities = frozenset(dice.sample(["badar", "gelar"], k=dice.randint(0, 2)))
    return replace(story(number, title, text), entities=entities)


def test_no_pair_that_weighing_would_keep_is_left_out_before_it_is_weighed() -> None:
    dice = random.Random(18)
    kept = left_out = 0
    for number in range(3000):
        one, other = _drawn(dice, 2 * number), _drawn(dice, 2 * number + 1)
        words = {*telling_of(one).said.terms, *telling_of(other).said.terms}
        rarities = {word: dice.choice([0.0, 0.1, 1.0, 3.0, 8.0]) for word in sorted(words)}
        rarity = Rarity(lambda word, known=rarities: known.get(word, 9.0))
        mine, theirs = weighed(telling_of(one), rarity), telling_of(other)
        shared = shared_by(mine, theirs, rarity)
        bar = 0.12 if len(words_in(shared.products)) < 3 else 0.09
        if is_enough(telling_of(one), theirs, shared) and beyond(shared) >= bar:
            assert may_carry(mine, theirs, rarity)
            kept += 1
        left_out += not may_carry(mine, theirs, rarity)
    assert kept > 300 and left_out > 300
