"""Stories across languages, by what posts mean; and that nothing depends on when the model is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.rebuild.progress import Rebuilt
from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.storage.deletions import forget
from aggregator.storage.embeddings import load_vectors
from aggregator.storage.open_stories import load_members
from aggregator.stories.across import ACROSS_BAR, across_languages, two_stories
from aggregator.stories.encoder import dense_vector_of
from aggregator.stories.story import Story, StoryPost
from aggregator.text.word_vectors import unit
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

pytest.importorskip("numpy", reason="the extra `semantic` is not installed")

GERMAN = "Die Fähre liegt nach dem Sturm mit dem Ruder still im Hafen der Insel"
ENGLISH = "The ferry lies idle after storm broke its rudder in island harbour"
ENGLISH_AGAIN = "Idle island ferry waits for a new rudder after the storm, harbour says"
OTHERS = [
    "Museum buys forty old clocks from a private collection",
    "Bakers on strike for better pay at night in the capital",
    "Bridge closed for repairs until the end of September",
]
EVERYTHING = (
    "SELECT id, story_id, story_because, story_score, copy_of FROM posts ORDER BY id",
    "SELECT id, title, lead_post_id, merged_into, post_count FROM stories ORDER BY id",
    "SELECT post_id, model, version, vector FROM post_vectors ORDER BY post_id",
    "SELECT count(*) FROM changes",
)


def ignore(_: int) -> None:
    """Progress that nobody looks at."""


def newsroom(folder: Path, encoder: FakeEncoder | None) -> PollerRoom:
    made = PollerRoom(folder, "zeitung", "paper", "gazette")
    made.encoder = encoder
    made.poller = made.new_poller()
    made.collect.posts(url_of("zeitung"), [in_language("de", "1", GERMAN, host="zeitung", hours=2)])
    made.collect.posts(url_of("paper"), [in_language("en", str(n), title) for n, title in enumerate(OTHERS, 2)])
    made.collect.posts(url_of("gazette"), [in_language("en", "9", ENGLISH, host="gazette")])
    return made


def in_language(language: str, name: str, title: str, host: str = "paper", hours: int = 1) -> Any:
    return replace(article(name, title, title, host=host, hours=hours), declared_language=language)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[PollerRoom]:
    made = newsroom(tmp_path, FakeEncoder())
    yield made
    made.database.close()


def state(room: PollerRoom) -> list[list[tuple[Any, ...]]]:
    return [room.rows(query) for query in EVERYTHING]


def story_of(room: PollerRoom, title: str) -> tuple[int, str]:
    [(story_id, because)] = room.rows(f"SELECT story_id, story_because FROM posts WHERE title = '{title}'")
    return story_id, because


async def test_a_german_post_and_an_english_article_land_in_one_story(room: PollerRoom) -> None:
    await room.poll()
    (german, _), (english, because) = story_of(room, GERMAN), story_of(room, ENGLISH)
    assert german == english
    assert because.startswith("same event in another language (0.")
    assert len({story_of(room, title)[0] for title in (*OTHERS, GERMAN)}) == 1 + len(OTHERS)


@pytest.mark.parametrize(
    ("shared", "told"),
    [("Halcyon 12", "; shared names: halcyon, halcyon 12"), ("12", ""), ("Halcyon", "; shared names: halcyon")],
)
async def test_the_reason_names_names_and_no_number_alone(tmp_path: Path, shared: str, told: str) -> None:
    """ "shared names: 12" would read as how many there are."""
    room = PollerRoom(tmp_path, "zeitung", "gazette")
    room.encoder = FakeEncoder()
    room.poller = room.new_poller()
    room.collect.posts(url_of("zeitung"), [in_language("de", "1", f"{GERMAN} {shared}", host="zeitung", hours=2)])
    room.collect.posts(url_of("gazette"), [in_language("en", "9", f"{ENGLISH} {shared}", host="gazette")])
    await room.poll()
    _, because = story_of(room, f"{ENGLISH} {shared}")
    room.database.close()
    assert because.startswith("same event in another language (") and because.partition(")")[2] == told


async def test_without_the_model_words_alone_decide(tmp_path: Path) -> None:
    room = newsroom(tmp_path, None)
    await room.poll()
    assert story_of(room, GERMAN)[0] != story_of(room, ENGLISH)[0]
    assert room.rows("SELECT count(*) FROM post_vectors") == [(0,)]
    room.database.close()


async def test_a_restart_between_two_posts_changes_nothing(tmp_path: Path) -> None:
    rooms = []
    for name in ("whole", "restarted"):
        (tmp_path / name).mkdir()
        room = newsroom(tmp_path / name, FakeEncoder())
        room.collect.posts(url_of("gazette"), [in_language("en", "10", ENGLISH_AGAIN, host="gazette")])
        await room.poll()
        if name == "restarted":
            room.poller = room.new_poller()
        room.now += timedelta(minutes=20)
        await room.poll()
        rooms.append(state(room))
        room.database.close()
    assert rooms[0] == rooms[1]
    assert len({row[1] for row in rooms[0][0] if row[0] in (1, 5, 6)}) == 1


async def test_a_poll_that_was_cut_off_ends_as_one_that_was_not(tmp_path: Path) -> None:
    posts = [in_language("de" if n % 2 else "en", f"{n}", f"{GERMAN if n % 2 else ENGLISH} {n}") for n in range(12)]
    states = []
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
        room = PollerRoom(tmp_path / name, "paper", batch_posts=4)
        room.encoder = FakeEncoder()
        room.poller = room.new_poller()
        room.collect.posts(url_of("paper"), posts)
        if name == "cut":
            stop = asyncio.Event()
            stop.set()
            await room.poll(stop=stop)
            room.poller = room.new_poller()
        await room.poll()
        states.append(state(room)[:3])
        room.database.close()
    assert states[0] == states[1]


async def test_rebuilding_with_nothing_changed_changes_nothing(room: PollerRoom) -> None:
    await room.poll()
    before = state(room)
    done = rebuild_stories(room.database, room.config.stories, NOW, ignore, room.encoder)
    assert done == Rebuilt(len(before[0]), 0)
    assert state(room) == before


async def test_rebuilding_brings_posts_together_that_came_before_the_model(tmp_path: Path) -> None:
    room = newsroom(tmp_path, None)
    await room.poll()
    assert rebuild_stories(room.database, room.config.stories, NOW, ignore, FakeEncoder()).changed > 0
    assert story_of(room, GERMAN)[0] == story_of(room, ENGLISH)[0]
    room.database.close()


async def test_vectors_of_another_version_are_not_compared(room: PollerRoom) -> None:
    await room.poll()
    with room.database.write():
        room.database.conn.execute("UPDATE post_vectors SET version = 'old'")
    assert room.encoder
    assert {member.vector for member in load_members(room.database.conn, [1], room.encoder)} == {None}
    assert load_vectors(room.database.conn, room.encoder, [1, 2]) == {}


async def test_what_is_gone_attracts_nothing_any_more(room: PollerRoom) -> None:
    room.collect.posts(url_of("gazette"), [])
    await room.poll()
    with room.database.write():
        forget(room.database.conn, None, ["https://zeitung.example/1", "https://gazette.example/9"], room.now)
    room.poller = room.new_poller()
    room.collect.posts(url_of("paper"), [in_language("en", "10", ENGLISH_AGAIN, host="courier")])
    room.now += timedelta(hours=2)
    await room.poll()
    await room.poll()
    assert story_of(room, ENGLISH_AGAIN)[1] == "first report"


def story(story_id: int, language: str, title: str, posts: int = 2) -> Story:
    """A story of so many posts, all with this title."""
    made = Story(
        id=story_id, title=title, lead_post_id=1, language=language, lead_is_article=True, first_at=NOW, last_at=NOW
    )  # fmt: skip
    [vector] = FakeEncoder().encode([title])
    words = unit([(-1.0, word) for word in title.lower().split()])
    for number in range(posts):
        post = StoryPost(
            post_id=number, source_id=number, title=title, language=language, terms={}, entities=frozenset(), at=NOW,
            seen_at=NOW, is_article=True, embedding=dense_vector_of(vector),
        )  # fmt: skip
        made.add(post, words, timedelta(days=3))
    return made


class TestStories:
    def test_two_that_grew_in_two_languages_are_one(self) -> None:
        assert two_stories(story(1, "de", GERMAN), story(2, "en", ENGLISH)) > ACROSS_BAR

    @pytest.mark.parametrize(
        ("title", "language"), [(ENGLISH, "de"), (OTHERS[0], "en"), ("Ferry idle", "en"), ("", "en")]
    )
    def test_not_in_one_language_nor_of_other_matters_nor_with_titles_that_say_little(
        self, title: str, language: str
    ) -> None:
        assert two_stories(story(1, "de", GERMAN), story(2, language, title)) == 0

    def test_larger_ones_must_be_nearer(self) -> None:
        half = "The ferry lies idle after storm broke its rudder while bakers and museum wait"
        assert two_stories(story(1, "de", GERMAN, posts=1), story(2, "en", half, posts=1)) > 0
        assert two_stories(story(1, "de", GERMAN, posts=64), story(2, "en", half, posts=64)) == 0


class TestRules:
    def test_time_names_and_others_named_count_across_languages(self) -> None:
        near = across_languages(0.7, 0.0, timedelta(0))
        assert near >= ACROSS_BAR
        assert across_languages(0.7, 0.2, timedelta(0)) > near
        assert across_languages(0.7, 0.0, timedelta(days=3)) < ACROSS_BAR
        assert across_languages(0.7, 0.0, timedelta(0), others_named=True) < ACROSS_BAR
