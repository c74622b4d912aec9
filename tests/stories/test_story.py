"""Grouping posts into stories, and the memory that this takes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.stories.index import StoryIndex
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from tests.helpers.build import NOW
from tests.helpers.grouping import DAY, WINDOW, WORDS, as_lists, new_index, place, place_all, post

ROOT = Path(__file__).parents[2]

# ---------------------------------------------------------------- joining


def test_two_reports_of_one_event_are_one_story() -> None:
    assert place_all(
        [
            post(1, "Ferry returns to Port Marlow after eleven years"),
            post(2, "Council approves school budget"),
            post(3, "After eleven years Port Marlow has its ferry back"),
        ]
    ) == [1, 2, 1]


def test_one_shared_name_is_no_story() -> None:
    assert place_all([post(1, "Zephyrion opens office"), post(2, "Zephyrion sues rival")]) == [1, 2]


def test_versions_tell_releases_apart() -> None:
    posts = [
        post(1, "Kestrel 4 boat released"),
        post(2, "Osprey 7 engine released"),
        post(3, "Hands on: the Kestrel 4 boat"),
    ]
    assert place_all(posts) == [1, 2, 1]


def test_a_footer_that_every_text_has_is_no_story() -> None:
    footer = "Join two hundred thousand curious readers of the Lantern newsletter every weekday morning"
    titles = ["Ferry returns", "Council elects mayor", "Orchard wins prize", "Bridge closes for repairs"]
    posts = [post(number, title, footer, source_id=1) for number, title in enumerate(titles, 1)]
    assert place_all(posts) == [1, 2, 3, 4]


def test_the_reason_names_the_words() -> None:
    overlay = Overlay(new_index())
    overlay.start(1, post(1, "Ferry returns to Port Marlow"))
    nearest = overlay.nearest(post(2, "Port Marlow ferry returns"))
    assert nearest is not None
    assert 0.15 <= nearest.similarity <= 1
    for word in ("ferry", "marlow", f"{nearest.similarity:.2f}"):
        assert word in nearest.because


def test_of_equally_near_stories_the_older_is_joined() -> None:
    overlay = Overlay(new_index())
    for number in (2, 1):
        overlay.start(number, post(number, "Ferry returns to Port Marlow"))
    nearest = overlay.nearest(post(3, "Ferry returns to Port Marlow"))
    assert nearest is not None
    assert nearest.story.id == 1


@pytest.mark.parametrize(
    ("away", "joins"),
    [(WINDOW, True), (-WINDOW, True), (WINDOW + timedelta(hours=1), False), (-WINDOW - timedelta(hours=1), False)],
)
def test_a_story_is_open_for_a_while_both_ways(away: timedelta, joins: bool) -> None:
    overlay = Overlay(new_index())
    overlay.start(1, post(1, "Ferry returns to Port Marlow"))
    assert (overlay.nearest(post(2, "Ferry returns to Port Marlow", at=NOW + away)) is not None) == joins


def test_a_copy_dated_last_year_does_not_open_the_story_to_last_years_posts() -> None:
    overlay = Overlay(new_index())
    overlay.start(1, post(1, "Ferry returns to Port Marlow"))
    overlay.join(1, post(2, "Ferry returns to Port Marlow", at=NOW - 365 * DAY))
    assert overlay.nearest(post(3, "Ferry returns to Port Marlow", at=NOW - 200 * DAY)) is None


def test_posts_without_words_start_stories_and_join_none() -> None:
    assert place_all([post(1, ""), post(2, ""), post(3, "…"), post(4, "the and of")]) == [1, 2, 3, 4]


def test_titles_in_scripts_without_spaces_are_grouped() -> None:
    posts = [
        post(1, "港町に十一年ぶりに渡し船が戻る", language="ja"),
        post(2, "市議会が学校予算を可決", language="ja"),
        post(3, "十一年ぶりの渡し船、港町に", language="ja"),
    ]
    assert place_all(posts) == [1, 2, 1]


def test_a_first_poll_of_months_of_posts_gives_a_story_for_each_time() -> None:
    posts = [
        post(number, "Port Marlow ferry timetable changes", at=NOW - 30 * DAY * (6 - number)) for number in range(1, 7)
    ]
    assert place_all(posts) == [1, 2, 3, 4, 5, 6]


# ---------------------------------------------------------------- heads


def test_the_first_article_becomes_the_lead() -> None:
    overlay = Overlay(new_index())
    story = overlay.start(1, post(1, "Did you see the ferry?", is_article=False))
    overlay.join(1, post(2, "Ferry returns"))
    overlay.join(1, post(3, "Ferry is back"))
    assert (story.title, story.lead_post_id) == ("Ferry returns", 2)


def test_times_span_the_posts_whatever_their_order() -> None:
    overlay = Overlay(new_index())
    story = overlay.start(1, post(1, "Ferry"))
    overlay.join(1, post(2, "Ferry", at=NOW - DAY))
    overlay.join(1, post(3, "Ferry", at=NOW + DAY))
    assert (story.first_at, story.last_at) == (NOW - DAY, NOW + DAY)


def test_coherence_falls_with_different_texts() -> None:
    overlay = Overlay(new_index())
    story = overlay.start(1, post(1, "Ferry returns"))
    for number in range(2, 10):
        overlay.join(1, post(number, "Ferry returns"))
    assert story.coherence == pytest.approx(1, abs=0.1)
    overlay.join(1, post(10, ""))
    assert story.coherence == pytest.approx(1, abs=0.1)
    overlay.join(1, post(11, "Captain waves at seagulls"))
    assert story.coherence < 1 / 1.1


# ---------------------------------------------------------------- the memory


def test_a_draft_that_is_not_accepted_leaves_no_trace() -> None:
    index = new_index()
    place_all([post(1, "Ferry returns to Port Marlow")], index)
    before = _memory(index)
    overlay = Overlay(index)
    place(overlay, post(2, "Port Marlow ferry returns"))
    place(overlay, post(3, "Council approves school budget"))
    assert _memory(index) == before


def test_joining_a_story_that_is_not_in_memory_counts_the_words() -> None:
    overlay = Overlay(new_index())
    assert overlay.join(7, post(1, "Ferry returns")) is None
    assert (overlay.serial, overlay.arrivals.with_word["ferry"]) == (1, 1)


def test_old_stories_are_forgotten_with_all_their_words() -> None:
    index = new_index()
    overlay = Overlay(index)
    old = NOW - 9 * DAY
    overlay.start(1, post(1, "Ferry returns: Port news", entities=frozenset({"acme"}), at=old, seen_at=old))
    index.accept(overlay)
    overlay = Overlay(index)
    for number in range(3000):
        overlay.join(0, post(10 + number, "budget"))
    overlay.start(2, post(2, "Ferry sails"))
    index.accept(overlay)
    index.forget(NOW - 6 * DAY)
    assert list(index.stories) == [2]
    assert as_lists(index.with_word) == {"ferry": [2], "sails": [2]}
    assert index.arrivals.with_word == {"budget": 3000, "ferry": 1, "sails": 1}
    assert {source_id for source_id, _ in index.arrivals.with_part} == {2, *range(10, 3010)}


def test_a_post_that_came_while_the_clock_was_ahead_does_not_keep_all_later_ones() -> None:
    index = new_index()
    place_all([post(1, "Ferry returns", seen_at=NOW + 900 * DAY)], index)
    place_all([post(10 + number, "", seen_at=NOW) for number in range(100)], index, 100)
    place_all([post(200 + number, "", seen_at=NOW + 9 * DAY) for number in range(3000)], index, 3000)
    index.forget(NOW + 3 * DAY)
    assert len(index.arrivals.posts) == 3000


def test_old_stories_stay_while_sources_bring_their_old_posts() -> None:
    index = new_index()
    old = NOW - 200 * DAY
    first = place_all([post(1, "Ferry returns to Port Marlow", at=old)], index)
    index.forget(NOW - 6 * DAY)
    second = place_all([post(2, "Port Marlow ferry returns", at=old)], index)
    assert first == second


def test_what_is_forgotten_is_not_seen_though_it_is_cleared_away_later() -> None:
    index = new_index()
    old = NOW - 9 * DAY
    place_all([post(1, "Ferry returns to Port Marlow", seen_at=old)], index)
    place_all([post(10 + number, f"{number} budgets", seen_at=old + DAY) for number in range(3000)], index, 3000)
    index.forget(NOW - 8.5 * DAY)
    index.forget(NOW - 8.5 * DAY)
    assert place_all([post(2, "Ferry returns to Port Marlow")], index) == [2]


def test_a_post_that_is_gone_is_not_counted() -> None:
    index = new_index()
    place_all([post(1, "Ferry returns"), post(2, "Budget"), post(3, "Mayor")], index)
    index.arrivals.leave_out(1)
    index.arrivals.leave_out(1)
    assert index.arrivals.with_word == {"budget": 1, "mayor": 1}
    assert index.arrivals.first_serial == 2
    assert index.story(1) is None


def test_second_thoughts_look_at_the_window_of_the_full_hour_after_the_last_post() -> None:
    index = new_index()
    assert index.arrivals.full_hour() is None
    place_all([post(1, "Ferry returns", seen_at=NOW + timedelta(minutes=59, seconds=59))], index)
    assert index.arrivals.full_hour() == NOW + timedelta(hours=1)


_MAKE_POSTS = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), max_size=6), st.integers(0, 20), st.booleans()), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(_MAKE_POSTS, st.integers(1, 7))
def test_stored_posts_in_their_order_give_the_same_memory(drawn: list[tuple[list[str], int, bool]], batch: int) -> None:
    posts = [
        post(number, " ".join(words), at=NOW + timedelta(hours=9 * hours), is_article=is_article,
             entities=frozenset(words[:1]))
        for number, (words, hours, is_article) in enumerate(drawn, 1)
    ]  # fmt: skip
    lived = new_index()
    words: dict[int, dict[str, float]] = {}
    story_ids = place_all(posts, lived, batch, words)
    assert _memory(_restored(lived, zip(posts, story_ids, strict=True), words)) == _memory(lived)


def _restored(
    lived: StoryIndex, placed: Iterable[tuple[StoryPost, int]], words: dict[int, dict[str, float]]
) -> StoryIndex:
    """As the memory is made again from the rows: the heads of the stories, then their posts."""
    replayed = new_index()
    for each, story_id in placed:
        head = lived.stories[story_id]
        story = replayed.stories.get(story_id) or Story(
            id=story_id, title=head.title, lead_post_id=head.lead_post_id, language=head.language,
            lead_is_article=head.lead_is_article, first_at=each.at, last_at=each.at,
        )  # fmt: skip
        replayed.restore(story, each, json.loads(json.dumps(words[each.post_id])), is_recent=True)
    return replayed


def _memory(index: StoryIndex) -> tuple[object, ...]:
    stories = {story_id: story.copy() for story_id, story in index.stories.items()}
    words = as_lists(index.with_word)
    arrivals = [(post_id, each._replace(words=set(each.words))) for post_id, each in index.arrivals.posts.items()]
    counts = index.arrivals.with_word, index.arrivals.with_part, index.arrivals.first_serial
    return stories, words, arrivals, deepcopy(counts), set(index.grown), index.serial


def test_the_result_does_not_depend_on_hash_seeds() -> None:
    script = (
        "import random\nfrom tests.helpers.grouping import WORDS, place_all, post\n"
        "dice = random.Random(5)\n"
        "print(place_all([post(n, ' '.join(dice.choices(WORDS, k=5))) for n in range(1, 80)]))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_two_thousand_open_stories_are_searched_quickly() -> None:
    dice = random.Random(4)
    vocabulary = [f"word{number}" for number in range(5000)]

    def text(size: int) -> str:
        return " ".join(vocabulary[int(5000 * dice.random() ** 3)] for _ in range(size))

    index = new_index(threshold=0.99)
    overlay = Overlay(index)
    for number in range(2000):
        overlay.start(number, post(number, text(8), text(40)))
    index.accept(overlay)
    overlay = Overlay(index)
    posts = [post(number, text(8), text(40)) for number in range(50)]
    started = time.perf_counter()
    for each in posts:
        overlay.nearest(each)
    assert (time.perf_counter() - started) / 50 < 0.05  # about 0.005 on an idle machine


# ---------------------------------------------------------------- columns, crowds, leads


def test_a_daily_column_is_a_story_each_day() -> None:
    texts = ["Harbour fees rise again this autumn", "Orchard owners count their losses", "A bridge opens for traffic"]
    posts = [
        post(number, "Morning briefing", text, source_id=1, at=NOW + number * DAY)
        for number, text in enumerate(texts, 1)
    ]
    assert place_all(posts) == [1, 2, 3]


def test_the_name_of_a_series_glues_nothing_once_it_is_known() -> None:
    subjects = ["mooring lines", "radar screens", "cargo hatches", "anchor chains", "paint lockers", "signal lamps"]
    posts = [post(n, f"Osprey Yard 2.1: {subject}", source_id=1) for n, subject in enumerate(subjects, 1)]
    found = place_all(posts)
    assert len(set(found[3:])) == 3
    assert max(found.count(story) for story in found) <= 3


def test_a_wall_of_hashtags_glues_no_strangers() -> None:
    wall = "#harbour #boats #news #sea #ferry #travel #coast"
    posts = [
        post(1, "", f"My neighbour paints garden gnomes {wall}", is_article=False),
        post(2, "", f"Exam results come out on Thursday {wall}", is_article=False),
    ]
    assert place_all(posts) == [1, 2]


def test_words_of_a_story_that_many_carry_bring_a_far_report_in() -> None:
    reports = [
        "Zephyrion tanker runs aground off Port Marlow",
        "Port Marlow: tanker Zephyrion aground",
        "Tanker aground near Port Marlow, crew safe",
        "Crew of Zephyrion safe after tanker runs aground",
        "Grounded tanker Zephyrion blocks Port Marlow",
        "Port Marlow closed by grounded tanker Zephyrion",
        "Zephyrion tanker: tugs reach Port Marlow",
    ]
    posts = [post(number, title) for number, title in enumerate(reports, 1)]
    index = new_index()
    assert set(place_all(posts, index)) == {1}
    nearest = Overlay(index).nearest(
        post(99, "Insurers, lawyers and brokers gather for talks over cargo papers of Zephyrion at Marlow")
    )
    assert nearest is not None
    assert "words that others lack" in nearest.because


def test_the_title_that_says_what_all_say_leads() -> None:
    index = new_index()
    overlay = Overlay(index)
    story = overlay.start(1, post(1, "What a morning we had at the quay with gulls"))
    for number in range(2, 6):
        overlay.join(1, post(number, "Ferry returns to Port Marlow after eleven years"))
    assert story.lead_post_id != 1
    assert story.title == "Ferry returns to Port Marlow after eleven years"
