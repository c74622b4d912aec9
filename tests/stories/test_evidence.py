"""The model of evidence: what is measured of a post and a story, how it is weighed, and where it ends early."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.stories.comparison import (
    Subject,
    Yardstick,
    _at_most,
    candidates_met,
    judged,
    measured,
    of_post,
    of_story,
)
from aggregator.stories.evidence import Measures, model
from aggregator.stories.index import StoryIndex
from aggregator.stories.lexical import MANY_VOICES
from aggregator.stories.logistic import log_odds_of, probability_of
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import MOST_TERMS, Story, Weighed
from tests.helpers.build import NOW
from tests.helpers.grouping import DAY, WINDOW, new_index, post

BOTH = [False, True]
MODELS = pytest.mark.parametrize("with_meaning", BOTH, ids=["words", "meaning"])


def story(vector: dict[str, float], title: str = "", posts: int = 1, **changes: Any) -> Story:
    """A story with this sum of vectors, of one feed."""
    made = Story(
        id=1, title=title, lead_post_id=1, language="en", lead_is_article=True, first_at=NOW, last_at=NOW,
        vector=vector, squared=sum(weight * weight for weight in vector.values()), posts=posts,
        source_ids=frozenset({7}), voices=frozenset(str(number) for number in range(posts)), lead_vector=vector,
    )  # fmt: skip
    return replace(made, **changes)


def subject(vector: dict[str, float], in_title: str = "", **changes: Any) -> Subject:
    made = Subject(
        vector=vector, in_title=frozenset(in_title.split()), first_at=NOW, last_at=NOW, feed=frozenset({7}), words=2.0,
        embedding=None,
    )  # fmt: skip
    return made._replace(**changes)


def yardstick(**seen: int) -> Yardstick:
    return Yardstick(WINDOW, lambda word: seen.get(word, 0))


def measure(who: Subject, of: Story, **seen: int) -> Measures:
    [met] = candidates_met(who, [of])
    return measured(who, met, yardstick(**seen), 0.0)


# A post "ferry storm …" and a story that has both words: products of .6 × .6 and .8 × .8, centroid of length 1.
POST = {"ferry": 0.6, "storm": 0.8}
STORY = {"ferry": 0.6, "storm": 0.8}
LATER = timedelta(days=1.5)

CASES: dict[str, tuple[Measures, str, float]] = {
    "cosine, of what is shared": (measure(subject({"ferry": 0.6, "gull": 0.8}), story(STORY)), "cosine", 0.36),
    "cosine, whatever the story's size": (
        measure(subject(POST), story({word: 9 * weight for word, weight in STORY.items()})), "cosine", 1.0
    ),
    "own: one post of four with each title word is the story's": (
        measure(subject(POST, "ferry storm"), story(STORY), ferry=3, storm=3), "own", 0.25
    ),
    "own: a word that no other has": (measure(subject(POST, "ferry"), story(STORY), ferry=1), "own", 0.18),
    "own: words of the lead are no title's": (measure(subject(POST), story(STORY)), "own", 0.0),
    "own: two stories would be one, all but one of their posts are evidence": (
        measure(subject(POST, "ferry", story=story(POST)), story(STORY), ferry=2), "own", 0.36 / 3
    ),
    "away, in windows": (measure(subject(POST, first_at=NOW + LATER, last_at=NOW + LATER), story(STORY)), "away", 0.5),
    "away, the other way": (
        measure(subject(POST, first_at=NOW - LATER, last_at=NOW - LATER), story(STORY)), "away", 0.5
    ),
    "not away within the span": (
        measure(subject(POST), story(STORY, first_at=NOW - DAY, last_at=NOW + DAY)), "away", 0.0
    ),
    "one feed": (measure(subject(POST), story(STORY)), "one_feed", 1.0),
    "not one feed": (measure(subject(POST), story(STORY, source_ids=frozenset({7, 8}))), "one_feed", 0.0),
    "a status is of no feed": (measure(subject(POST, feed=frozenset()), story(STORY)), "one_feed", 0.0),
    "no contrast with nothing else near": (measure(subject(POST), story(STORY)), "contrast", 0.0),
    "words of the post": (measure(subject(POST, words=3.5), story(STORY)), "words", 3.5),
    "shared words of the title, not those of the lead": (
        measure(subject({**POST, "gull": 0.1}, "storm gull"), story(STORY)), "shared", 1.0
    ),
    "unmet: the heaviest word of the title that the story lacks": (
        measure(subject({"ferry": 0.6, "brise": 0.5, "gull": 0.2}, "ferry brise gull"), story(STORY)), "unmet", 0.5
    ),
    "unmet: words of the lead may be others": (measure(subject({"ferry": 0.6, "gull": 0.8}), story(STORY)), "unmet", 0),
    "missed: the heaviest word of the lead's title that the post lacks": (
        measure(subject({"ferry": 1.0}), story(STORY, "Ferry in storm")), "missed", 0.8
    ),
    "missed: words of the lead's text may be others": (
        measure(subject({"ferry": 1.0}), story(STORY, "Ferry")), "missed", 0
    ),
    "missed: a lead that is not in memory misses nothing": (
        measure(subject({"ferry": 1.0}), story(STORY, "Ferry in storm", lead_vector=None)), "missed", 0
    ),
    "strongest": (measure(subject(POST), story(STORY)), "strongest", 0.64),
}  # fmt: skip


@pytest.mark.parametrize(("found", "name", "expected"), CASES.values(), ids=CASES)
def test_measures(found: Measures, name: str, expected: float) -> None:
    assert getattr(found, name) == pytest.approx(expected)


def test_contrast_is_the_best_cosine_of_the_others() -> None:
    near, nearer, far = story(STORY), story({"storm": 1.0}), story({"ferry": 1.0})
    met = candidates_met(subject(POST), [far, near, nearer, story({"gull": 1.0})])
    assert [each.contrast for each in met] == pytest.approx([1.0, 0.8, 1.0])
    assert [each.story for each in met] == [far, near, nearer]  # who shares nothing is no candidate


def test_two_equally_near_are_each_others_contrast() -> None:
    assert [each.contrast for each in candidates_met(subject(POST), [story(STORY), story(STORY)])] == [1.0, 1.0]


# ---------------------------------------------------------------- who is compared


def test_of_a_story_the_mean_of_its_posts_is_compared_under_its_title() -> None:
    many = story({f"word{number}": 2.0 for number in range(100)}, "Ferry storm", posts=9)
    who = of_story(many)
    assert math.hypot(*who.vector.values()) == pytest.approx(1)
    assert (who.in_title, who.words) == (frozenset({"ferry", "storm"}), math.log2(1 + MOST_TERMS))
    assert (who.feed, who.story) == (frozenset({7}), many)
    assert of_story(replace(many, source_ids=frozenset({7, 8}))).feed == frozenset()


def test_only_articles_are_of_one_feed_and_columns_have_no_meaning() -> None:
    weighed = Weighed(POST, frozenset())
    embedding: Any = object()
    who = of_post(post(1, "Ferry", source_id=7, embedding=embedding), weighed)
    assert (who.feed, who.words, who.embedding, who.story) == (frozenset({7}), math.log2(3), embedding, None)
    assert of_post(post(1, "Ferry", is_article=False), weighed).feed == frozenset()
    assert of_post(post(1, "Ferry", embedding=embedding), replace(weighed, is_column=True)).embedding is None
    assert of_post(post(1, "Ferry", embedding=embedding), weighed, by_words=True).embedding is None


# ---------------------------------------------------------------- the model


def test_log_odds_are_a_sum() -> None:
    weights = model(with_meaning=True)
    found = Measures(0.38, 0.1, 0.2, 1.0, 0.3, 4.0, 2.0, 0.4, 0.5, 0.15, 0.6)
    logged = {**found._asdict(), "cosine": math.log(0.4)}
    expected = weights.bias + sum(getattr(weights.weights, name) * value for name, value in logged.items())
    assert weights.log_odds(found) == pytest.approx(expected)


def test_reasons_are_what_is_above_the_usual() -> None:
    usual = Measures(*[0.0] * len(Measures._fields))._replace(away=0.5, cosine=math.log(0.1))
    weights = model(with_meaning=False)._replace(usual=usual)
    found = Measures(0.08, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    added = weights.reasons(found)
    assert added["away"] == pytest.approx(-0.25 * weights.weights.away)
    assert added["cosine"] == pytest.approx(0)


def test_probabilities_and_log_odds_are_one_scale() -> None:
    assert log_odds_of(0.5) == 0
    assert [round(probability_of(log_odds_of(each)), 3) for each in (0.01, 0.5, 0.6, 0.99)] == [0.01, 0.5, 0.6, 0.99]
    assert probability_of(0) == 0.5 and round(probability_of(50), 3) == 1.0 and probability_of(-9999) < 1e-9


@MODELS
def test_signs_are_as_the_early_end_relies_on(with_meaning: bool) -> None:
    """`_at_most` puts the most for `own` and `shared`, the least for the others."""
    shipped = model(with_meaning=with_meaning)
    weights = shipped.weights
    assert min(weights.cosine, weights.own, weights.shared) >= 0
    assert max(weights.unmet, weights.missed, weights.strongest) <= 0
    assert 0.4 <= min(shipped.joins, shipped.merges, shipped.merges_large) <= 1


@MODELS
def test_nothing_measured_is_surer_than_what_is_known_at_once(with_meaning: bool) -> None:
    dice = random.Random(11)
    vocabulary = [f"word{number}" for number in range(12)]

    def drawn() -> dict[str, float]:
        return {word: dice.random() + 0.01 for word in dice.sample(vocabulary, dice.randrange(1, 9))}

    weights, compared = model(with_meaning=with_meaning), 0
    for _ in range(2000):
        length = math.hypot(*(vector := drawn()).values())
        who = subject({word: weight / length for word, weight in vector.items()}, " ".join(dice.sample(vocabulary, 5)))
        seen = {word: dice.randrange(0, 9) for word in vocabulary}
        others = [story(drawn(), " ".join(dice.sample(vocabulary, 4)), dice.randrange(1, 9)) for _ in range(3)]
        for met in candidates_met(who, others):
            known = _at_most(who, met, yardstick(**seen), 0.5)
            assert weights.log_odds(measured(who, met, yardstick(**seen), 0.5)) <= weights.log_odds(known) + 1e-9
            compared += 1
    assert compared > 3000


# ---------------------------------------------------------------- bars and floors


def _is_joined(who: Subject, of: Story, raised: float = -99.0) -> bool:
    """With all bars out of the way: only the floors are left."""
    return bool(list(judged(who, candidates_met(who, [of]), yardstick()._replace(raised=raised))))


@pytest.mark.parametrize(
    ("vector", "in_title", "voices", "is_one"),
    [
        ({"ferry": 0.9, "storm": 0.3}, "ferry storm", 1, True),
        ({"ferry": 1.0}, "ferry", 1, False),  # one name
        ({"ferry": 1.0}, "ferry", 2, False),
        ({"ferry": 1.0}, "ferry", 3, True),  # three publishers: the model alone
        ({"ferry": 0.9, "storm": 0.3}, "gull", 1, False),  # in the lead alone
    ],
)
def test_one_shared_name_is_no_event_while_few_speak(
    vector: dict[str, float], in_title: str, voices: int, is_one: bool
) -> None:
    assert _is_joined(subject(vector, in_title), story(STORY, posts=voices)) == is_one


def test_a_single_story_goes_into_another_by_one_name_only_where_many_speak() -> None:
    small = story({"ferry": 1.0}, "Ferry")
    few, many = (
        story({word: posts * weight for word, weight in STORY.items()}, posts=posts)
        for posts in (MANY_VOICES - 1, MANY_VOICES)
    )
    assert not _is_joined(of_story(small), few)
    assert _is_joined(of_story(small), many)


def test_a_story_of_several_posts_goes_into_another_by_one_name_never() -> None:
    small = story({"ferry": 2.0}, "Ferry", posts=2)
    assert not _is_joined(of_story(small), story(STORY, posts=3 * MANY_VOICES))


def test_a_raised_bar_keeps_out_what_is_less_sure() -> None:
    who, open_story = subject(POST, "ferry storm"), story(STORY, "Ferry in storm")
    [sure] = judged(who, candidates_met(who, [open_story]), yardstick(ferry=1, storm=1))
    room = sure.log_odds - log_odds_of(model(with_meaning=False).joins)
    met = candidates_met(who, [open_story])
    assert list(judged(who, met, yardstick(ferry=1, storm=1)._replace(raised=room - 0.01)))
    assert not list(judged(who, met, yardstick(ferry=1, storm=1)._replace(raised=room + 0.01)))


def test_the_threshold_raises_and_lowers_all_bars() -> None:
    assert new_index().raised == 0
    assert StoryIndex(WINDOW, 0.5).raised < 0 < StoryIndex(WINDOW, 0.9).raised
    found = []
    for threshold in (0.5, 0.99):
        overlay = Overlay(StoryIndex(WINDOW, threshold))
        overlay.start(1, post(1, "Ferry returns to Port Marlow after eleven years"))
        found.append(overlay.nearest(post(2, "Ferry captain at Marlow looks back on a life at sea")) is not None)
    assert found == [True, False]
