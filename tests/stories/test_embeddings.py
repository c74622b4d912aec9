"""Vectors of meaning as numbers, and finding the near ones among many."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.embedding import DIMENSIONS, NEAREST
from aggregator.storage.file.shelf import FileShelf
from aggregator.stories.overlay import Overlay
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.grouping import new_index, post
from tests.helpers.poller_room import NOW

pytest.importorskip("numpy", reason="the extra `semantic` is not installed")

from aggregator.stories.embeddings import DenseVector, Sketches

WINDOW = timedelta(days=3)


def random_vector(seed: int) -> bytes:
    dice = random.Random(seed)
    return bytes(dice.randrange(-60, 60) % 256 for _ in range(DIMENSIONS))


def mixed(one: bytes, other: bytes, places: int) -> DenseVector:
    """Mostly `one`, in so many places `other`."""
    return DenseVector.of(other[:places] + one[places:])


def test_a_meaning_is_nearest_to_itself_and_far_from_strangers() -> None:
    one, other = DenseVector.of(random_vector(1)), DenseVector.of(random_vector(2))
    assert one.cosine(one) == pytest.approx(1)
    assert abs(one.cosine(other)) < 0.2
    assert DenseVector.of(bytes(DIMENSIONS)).cosine(one) == 0


@pytest.mark.parametrize("posts", [1, 3])
def test_a_story_taken_back_from_the_shelf_has_its_embedding(tmp_path: Path, posts: int) -> None:
    vectors = [DenseVector.of(random_vector(seed)) for seed in range(posts)]
    story = Overlay(new_index()).start(1, post(1, "Ferry returns", embedding=vectors[0]))
    for each in vectors[1:]:
        story.embedding = story.embedding + each if story.embedding else each
    shelf = FileShelf(tmp_path)
    shelf.lay_stories([story])
    back = shelf.story(1)
    assert back and back.embedding and story.embedding
    assert back.embedding.numbers.tolist() == story.embedding.numbers.tolist()
    assert back.embedding.length == story.embedding.length


@given(st.permutations(range(6)))
def test_sums_are_the_same_in_any_order(order: list[int]) -> None:
    vectors = [DenseVector.of(random_vector(seed)) for seed in range(6)]

    def added(numbers: list[int]) -> DenseVector:
        total = vectors[numbers[0]]
        for number in numbers[1:]:
            total = total + vectors[number]
        return total

    probe = vectors[3]
    assert added(order).cosine(probe) == added(list(range(6))).cosine(probe)


def test_many_posts_do_not_overflow() -> None:
    total = one = DenseVector.of(bytes([127]) * DIMENSIONS)
    for _ in range(1000):
        total = total + one
    assert total.cosine(one) == pytest.approx(1)


class TestSketches:
    def filled(self, count: int = 50) -> Sketches:
        made = Sketches()
        for number in range(1, count + 1):
            made.note(number, DenseVector.of(random_vector(number)), NOW, NOW, number)
        return made

    def near(self, sketches: Sketches, dense: DenseVector, **kwargs: object) -> list[int]:
        given = {"at": NOW, "window": WINDOW, "first_serial": 0, **kwargs}
        return [each for _, each in sketches.near(dense, **given)]  # type: ignore[arg-type]

    def test_the_near_ones_are_found_best_first(self) -> None:
        sketches = self.filled()
        sketches.note(60, mixed(random_vector(7), random_vector(99), 100), NOW, NOW, 60)
        assert self.near(sketches, DenseVector.of(random_vector(7))) == [7, 60]

    def test_what_a_story_means_now_counts(self) -> None:
        sketches = self.filled()
        sketches.note(7, DenseVector.of(random_vector(98)), NOW, NOW, 61)
        assert self.near(sketches, DenseVector.of(random_vector(7))) == []
        assert self.near(sketches, DenseVector.of(random_vector(98))) == [7]

    @pytest.mark.parametrize(
        "left_out",
        [{"at": NOW + timedelta(days=4)}, {"at": NOW - timedelta(days=4)}, {"first_serial": 8}, {"without": [7]}],
    )
    def test_closed_forgotten_and_excluded_stories_are_left_out(self, left_out: dict[str, object]) -> None:
        assert self.near(self.filled(), DenseVector.of(random_vector(7)), **left_out) == []

    def test_dropped_stories_are_gone_and_the_others_stay(self) -> None:
        sketches = self.filled()
        sketches.drop([7, 50, 1, 999])
        assert self.near(sketches, DenseVector.of(random_vector(7))) == []
        for number in (2, 8, 49):
            assert self.near(sketches, DenseVector.of(random_vector(number))) == [number]

    def test_no_more_than_are_compared_and_the_same_ones_in_any_order_of_noting(self) -> None:
        near = [mixed(random_vector(7), random_vector(500 + n), 40) for n in range(3 * NEAREST)]
        one, other = Sketches(), Sketches()
        for number, dense in enumerate(near):
            one.note(number, dense, NOW, NOW, number)
        for number, dense in reversed(list(enumerate(near))):
            other.note(number, dense, NOW, NOW, number)
        found = self.near(one, DenseVector.of(random_vector(7)))
        assert len(found) == NEAREST
        assert found == self.near(other, DenseVector.of(random_vector(7)))

    def test_an_empty_one_finds_nothing(self) -> None:
        assert self.near(Sketches(), DenseVector.of(random_vector(7)), without=[1]) == []


def test_the_model_of_the_tests_speaks_two_languages() -> None:
    german, english, other = map(
        DenseVector.of, FakeEncoder().encode(["Fähre liegt still", "ferry lies idle", "bakers strike"])
    )
    assert german.cosine(english) == pytest.approx(1)
    assert german.cosine(other) == 0
