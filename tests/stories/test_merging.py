"""Stories looked at again: which turn out to be one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from aggregator.stories.comparison import of_story
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import Merge, second_thoughts
from aggregator.stories.overlay import Overlay
from tests.helpers.build import NOW
from tests.helpers.grouping import DAY, new_index, post

FERRY = [
    "Ferry returns to Port Marlow after eleven years",
    "After eleven years the ferry returns to Port Marlow",
    "Port Marlow ferry returns after eleven years away",
]


def _index(stories: Sequence[Sequence[str]], days: Sequence[int] = ()) -> StoryIndex:
    """An index in which these titles stand in these stories, each from its own source; story ids count from 1."""
    index, number = new_index(), 0
    overlay = Overlay(index)
    for story_id, titles in enumerate(stories, 1):
        for title in titles:
            number += 1
            at = NOW + (days[story_id - 1] if days else 0) * DAY
            each = post(number, title, at=at)
            overlay.join(story_id, each) if story_id in overlay.stories else overlay.start(story_id, each)
    index.accept(overlay)
    return index


def _merges(index: StoryIndex, since: int = 0, fixed: frozenset[int] = frozenset()) -> list[Merge]:
    return second_thoughts(Overlay(index), since, fixed)


def test_two_stories_that_tell_one_event_become_one() -> None:
    [merge] = _merges(_index([FERRY, FERRY[:2]]))
    assert (merge.story_id, merge.into) == (2, 1)
    assert "ferry" in merge.because
    assert 0 < merge.similarity <= 1


def test_the_smaller_goes_into_the_larger_whatever_its_age() -> None:
    [merge] = _merges(_index([FERRY[:2], FERRY]))
    assert (merge.story_id, merge.into) == (1, 2)


def test_strangers_stay_apart() -> None:
    assert _merges(_index([FERRY, ["Council approves school budget", "School budget approved"]])) == []


def test_what_an_editor_decided_stays() -> None:
    assert _merges(_index([FERRY, FERRY[:2]]), fixed=frozenset({2})) == []


def test_only_stories_with_something_new_are_looked_at() -> None:
    index = _index([FERRY, FERRY[:2]])
    assert _merges(index, since=index.serial) == []


def test_the_same_event_a_month_later_is_another() -> None:
    assert _merges(_index([FERRY, FERRY[:2]], days=[0, 30])) == []


def test_a_post_that_stood_alone_finds_the_large_story_it_belongs_to() -> None:
    tanker = [
        "Zephyrion tanker runs aground off Port Marlow",
        "Port Marlow: tanker Zephyrion aground",
        "Tanker Zephyrion aground near Port Marlow, crew safe",
        "Crew of Zephyrion safe after tanker runs aground",
        "Grounded tanker Zephyrion blocks Port Marlow",
        "Port Marlow closed by grounded tanker Zephyrion",
    ]
    index = _index([["Zephyrion in Marlow: insurers ask for papers"], tanker, ["Council approves school budget"]])
    [merge] = _merges(index)
    assert (merge.story_id, merge.into) == (1, 2)


def test_a_chain_of_merges_ends_in_one_story() -> None:
    merges = _merges(_index([FERRY, FERRY[:2], FERRY[1:]]))
    assert len(merges) == 2
    assert {merge.into for merge in merges} == {1}


def test_a_story_without_words_is_looked_at_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is near by what it means alone: there is no cosine of words to divide by."""
    index = _index([[""], FERRY])
    near: Any = lambda self, *_: [each for each in map(self.story, (1, 2)) if each]  # noqa: E731
    monkeypatch.setattr(Overlay, "near_by_embedding", near)
    assert _merges(index) == []


def test_merged_stories_take_no_place_among_the_newest_with_a_word() -> None:
    """The newest of each word are looked at: dead ones would hide what took them over."""
    index = _index([FERRY[:1], *[[f"Marlow {number}"] for number in range(2, 40)]])
    overlay = Overlay(index)
    for number in range(2, 40):
        overlay.merge(number, 1)
    index.accept(overlay)
    assert list(index.with_word.newest("marlow", Overlay(index).with_word)) == [1]


def test_statuses_under_one_hashtag_are_of_no_feed() -> None:
    """People speak there, not the source."""
    overlay = Overlay(new_index())
    people = overlay.start(1, post(1, FERRY[0], source_id=7, is_article=False))
    paper = overlay.start(2, post(2, FERRY[0], source_id=7))
    assert (of_story(people).feed, of_story(paper).feed) == (frozenset(), frozenset({7}))
