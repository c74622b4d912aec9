"""What is laid aside on the shelf and taken back: posts are placed as if all were in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.errors import ShelfError
from aggregator.storage.file import temporary
from aggregator.storage.file.shelf import FileShelf
from aggregator.stories import index as index_module
from aggregator.stories import window
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Overlay
from aggregator.stories.shelf import Arrived
from aggregator.stories.story import Story, StoryPost
from tests.helpers.build import NOW
from tests.helpers.grouping import WINDOW, WORDS, as_lists, new_index, place, place_all, post

# Few enough that a stream of some hundred posts fills the window, and most of it lies on the shelf.
HELD = 10

CAME = Arrived(1, NOW, 1, ("ferry",), ((1, "the gazette"),), "gazette")


@pytest.fixture
def short_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A window of as few posts as the stream has, not of 3,000."""
    monkeypatch.setattr(window, "LEAST_POSTS", 60)
    monkeypatch.setattr(index_module, "_FORGET_EVERY", 20)
    monkeypatch.setattr(window, "_PAGE", 7)
    yield


def shelved(folder: Path, held: int = HELD) -> StoryIndex:
    return new_index(shelf=FileShelf(folder), most_held=held)


def stories_of(index: StoryIndex) -> dict[int, Story]:
    """All that are there, wherever they lie."""
    laid = index._shelf.stories_before(2**60) if index._shelf else []
    return {**{story.id: story for story in laid}, **index.stories}


def state(index: StoryIndex) -> dict[str, Any]:
    """Everything that decisions are made by."""
    parts = {part for came in index.arrivals.newest_first() for part in came.parts}
    return {
        "stories": {story_id: (story.copy(), index.story(story_id)) for story_id, story in stories_of(index).items()},
        "found": as_lists(index.with_word),
        "posts": [each._replace(words=set(each.words)) for each in index.arrivals.newest_first()],
        "with_word": dict(index.arrivals.with_word),
        "times": {part: index.arrivals.times(part, 99) for part in parts},
        "sizes": (index.grown, index.large, index.serial, index.arrivals.first_serial, len(index.arrivals)),
        "hour": index.arrivals.full_hour(),
        "first": index.arrivals.first_id() if len(index.arrivals) else None,
    }


def stream(dice: random.Random, count: int) -> list[StoryPost]:
    """Posts of few sources, with words that recur, and parts of titles that do."""
    made = []
    for number in range(1, count + 1):
        title = " ".join(dice.choices([*WORDS, *(f"name{each}" for each in range(60))], k=dice.randint(0, 7)))
        title = dice.choice([title, title, f"{title} | The Gazette", f"Weekly: {title}"])
        at = NOW + timedelta(hours=number)
        source = dice.randint(1, 6)
        made.append(
            post(number, title, " ".join(dice.choices(WORDS, k=3)), source_id=source, at=at, seen_at=at,
                 is_article=dice.random() < 0.8, voice=f"paper{source % 4}", entities=frozenset(title.split()[:1]))
        )  # fmt: skip
    return made


def lived(index: StoryIndex, posts: list[StoryPost], dice: random.Random) -> list[tuple[object, ...]]:
    """What a process does to its index from day to day; what was decided."""
    decided: list[tuple[object, ...]] = []
    rest = list(posts)
    while rest:
        batch, rest = rest[: (size := dice.randint(1, 9))], rest[size:]
        index.forget(batch[-1].seen_at - 2 * WINDOW)
        overlay = Overlay(index)
        decided += [(each.post_id, place(overlay, each), sorted(overlay.habits("paper1").items())) for each in batch]
        index.accept(overlay)
        what = dice.random()
        some = dice.choice(posts).post_id
        if what < 0.2 and (since := pending(index.arrivals, batch[-1].seen_at + timedelta(hours=1))) is not None:
            overlay = Overlay(index)
            merges = second_thoughts(overlay, max(0, since - 20))
            decided += [(merge.story_id, merge.into, merge.because) for merge in merges]
            index.accept(overlay)
            # Of what was merged nothing is left to hide what is there.
            assert not any(merge.story_id in ids for ids in as_lists(index.with_word).values() for merge in merges)
        elif what < 0.3:
            index.arrivals.leave_out(some)
        elif what < 0.4:
            story = index.held(some)
            index.replace(some, story.copy() if story and dice.random() < 0.5 else None)
        elif what < 0.5 and (came := index.arrivals.get(some)):
            index.arrivals.replace(some, came._replace(words=(*came.words, "ferry")[-4:]))
    return decided


@pytest.mark.parametrize("seed", range(8))
def test_posts_are_placed_as_if_all_were_in_memory(tmp_path: Path, short_window: None, seed: int) -> None:
    posts = stream(random.Random(seed), 260)
    whole, other = new_index(), shelved(tmp_path)
    assert lived(other, posts, random.Random(seed)) == lived(whole, posts, random.Random(seed))
    assert state(other) == state(whole)
    assert len(other.arrivals.posts) <= HELD + 1 < len(other.arrivals)  # else nothing was put to the test
    assert len(other.stories) < len(stories_of(other)) / 2


def test_what_is_in_memory_does_not_grow_with_the_window(tmp_path: Path) -> None:
    index = shelved(tmp_path, held=100)
    place_all([post(number, f"Name{number} of the day") for number in range(1, 1001)], index, 50)
    assert len(index.arrivals) == 1000
    assert len(index.arrivals.posts) <= 105
    assert len(index.stories) <= 105 + 50


def test_with_nothing_in_memory_posts_are_placed_the_same(tmp_path: Path, short_window: None) -> None:
    posts = stream(random.Random(9), 200)
    whole, other = new_index(), shelved(tmp_path, held=0)
    assert lived(other, posts, random.Random(9)) == lived(whole, posts, random.Random(9))
    assert state(other) == state(whole)
    assert not other.arrivals.posts and not other.stories


def test_few_posts_need_no_shelf(tmp_path: Path) -> None:
    index = shelved(tmp_path, held=100)
    place_all([post(number, "Ferry returns") for number in range(1, 101)], index)
    assert index._shelf._opened is None


@pytest.mark.parametrize(
    "change",
    [
        lambda story: story,
        lambda story: setattr(story, "lead_vector", None),
        lambda story: story.vector.update({"größe": 0.1 + 0.2}),
        lambda story: setattr(story, "source_ids", frozenset({3, 1, 2})),
        lambda story: setattr(story, "language", None),
    ],
)
def test_a_story_taken_back_is_the_same(tmp_path: Path, change: Callable[[Story], object]) -> None:
    story = Overlay(new_index()).start(1, post(1, 'The "ferry" 島 returns', "A text\nof two lines", voice="Gazette"))
    change(story)
    shelf = FileShelf(tmp_path)
    shelf.lay_stories([story])
    back = shelf.story(1)
    assert back == story
    assert back and list(back.vector) == list(story.vector)  # sums of floats depend on their order


def test_a_story_that_is_joined_again_is_in_memory(tmp_path: Path) -> None:
    index = shelved(tmp_path)
    place_all([post(1, "Ferry returns to Port Marlow after eleven years")], index)
    place_all([post(number, f"Name{number} of the day") for number in range(2, 50)], index)
    assert 1 not in index.stories
    assert place_all([post(50, "After eleven years Port Marlow has its ferry back")], index) == [1]
    assert index.stories[1].posts == 2


def without_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "_is_writable", lambda folder: False)


def lies_in_a_file(shelf: FileShelf) -> bool:
    # A database in memory has no journal that could be a file.
    return shelf._conn.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)


def test_without_a_folder_for_temporary_files_it_lies_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lies_in_a_file(FileShelf(tmp_path))
    assert not lies_in_a_file(FileShelf(tmp_path, is_in_memory=True))
    without_folders(monkeypatch)
    assert not lies_in_a_file(FileShelf(tmp_path))


CALLS: list[Callable[[FileShelf], object]] = [
    lambda shelf: shelf.lay_posts([(1, CAME)]),
    lambda shelf: shelf.post(1),
    lambda shelf: shelf.oldest(1),
    lambda shelf: shelf.first_id(None),
    lambda shelf: next(shelf.newest_first(), None),
    lambda shelf: shelf.newest_of("gazette", 1),
    lambda shelf: shelf.times((1, "ferry"), 1),
    lambda shelf: shelf.drop_posts([CAME]),
    lambda shelf: shelf.lay_stories([Overlay(new_index()).start(1, post(1, "Ferry"))]),
    lambda shelf: shelf.story(1),
    lambda shelf: shelf.stories_before(1),
    lambda shelf: shelf.drop_stories([1]),
]


@pytest.mark.parametrize("call", CALLS)
def test_whatever_goes_wrong_is_told_as_trouble_of_the_shelf(
    tmp_path: Path, call: Callable[[FileShelf], object]
) -> None:
    well, shelf = FileShelf(tmp_path), FileShelf(tmp_path)
    call(well)
    assert not well.trouble
    for table in ("posts", "parts", "stories"):
        shelf._conn.execute(f"DROP TABLE {table}")
    with pytest.raises(ShelfError, match="no such table"):
        call(shelf)
    assert "no such table" in shelf.trouble


def test_what_is_read_from_the_last_on_may_be_dropped_meanwhile(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path)
    shelf.lay_posts([(number, CAME._replace(serial=number)) for number in range(1, 502)])
    found = []
    for came in shelf.newest_first():
        found.append(came.serial)
        shelf.drop_posts([came])
    assert found == list(range(501, 0, -1))
