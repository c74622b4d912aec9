"""Posts get their vectors: only new ones are encoded, and what was stored before is filled in."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import structlog

from aggregator.engine.embed import SharedEncoder, fill_in, said
from aggregator.model.embedding import DIMENSIONS
from aggregator.model.errors import DatabaseUnwritableError
from aggregator.model.rules import PostFilter
from aggregator.model.settings import Stories
from aggregator.storage.deletions import forget
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.poller_room import PollerRoom, article, url_of

pytest.importorskip("numpy", reason="the extra `semantic` is not installed")

COUNT = "SELECT count(*) FROM post_vectors"
WINDOW = Stories().window


@pytest.fixture
def room(tmp_path: Path) -> Any:
    made = PollerRoom(tmp_path, "gazette")
    made.encoder = FakeEncoder()
    made.poller = made.new_poller()
    yield made
    made.database.close()


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (
            "A title that is long enough to say what happened by itself", "And a text.",
            "A title that is long enough to say what happened by itself",
        ),
        ("Ferry idle", "The storm broke its rudder. https://x.example/1", "Ferry idle. The storm broke its rudder."),
        ("Ferry idle", "Ferry idle: the storm broke its rudder.", "Ferry idle. the storm broke its rudder."),
        ("", "A status says it   in its first words.", "A status says it in its first words."),
        ("Ferry idle", "", "Ferry idle"),
        ("", " https://x.example/1 ", ""),
    ],
)  # fmt: skip
def test_what_is_encoded_of_a_post(title: str, text: str, expected: str) -> None:
    assert said(title, text) == expected


def test_a_long_text_is_cut_between_words() -> None:
    found = said("", "ferry " * 100)
    assert len(found) <= 120
    assert set(found.split()) == {"ferry"}


async def test_new_posts_get_a_vector_and_known_ones_are_not_encoded_again(room: PollerRoom) -> None:
    first, second = article("1", "The ferry lies idle"), article("2", "Bakers on strike")
    room.collect.posts(url_of("gazette"), [first])
    room.collect.posts(url_of("gazette"), [first, second])
    await room.poll()
    room.now += timedelta(hours=1)
    await room.poll()
    assert room.encoder and room.encoder.asked == [1, 1]
    assert room.rows("SELECT post_id, model, version, length(vector) FROM post_vectors") == [
        (1, "fake", "1", DIMENSIONS), (2, "fake", "1", DIMENSIONS),
    ]  # fmt: skip


async def test_an_edited_post_keeps_the_vector_of_when_it_came_until_it_is_filled_in(room: PollerRoom) -> None:
    post = article("1", "The ferry lies idle")
    room.collect.posts(url_of("gazette"), [post])
    room.collect.posts(url_of("gazette"), [replace(post, title="The ferry lies idle in a storm", text="It does")])
    await room.poll()
    before = room.rows("SELECT vector FROM post_vectors")
    room.now += timedelta(hours=1)
    [polled] = await room.poll()
    assert polled.edited == 1
    assert room.rows("SELECT vector FROM post_vectors") == before
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 1
    [after] = room.rows("SELECT vector FROM post_vectors")
    assert [after] != before
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 0


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_restart_after_an_edit_decides_as_before(room: PollerRoom, restarts: bool) -> None:
    told = replace(
        article("1", "The ferry lies still in the storm by the island, its rudder gone"), declared_language="en"
    )
    edited = replace(told, title="The museum clocks and the bridge closed, bakers on strike today", text="It does")
    german = replace(
        article("2", "Fähre im Sturm: Ruder, Insel, Hafen liegt still Brücke", host="courier"), declared_language="de"
    )
    for posts in ([told], [edited], [edited, german]):
        room.collect.posts(url_of("gazette"), posts)
    await room.poll()
    await room.poll()
    if restarts:
        room.poller = room.new_poller()
    await room.poll()
    assert room.rows("SELECT story_id FROM posts ORDER BY id") == [(1,), (1,)]


async def test_what_another_article_says_under_an_old_id_gets_a_vector(room: PollerRoom) -> None:
    other = replace(article("2", "Bakers on strike"), native_id="1")
    room.collect.posts(url_of("gazette"), [replace(article("1", "The ferry lies idle"), native_id="1")])
    room.collect.posts(url_of("gazette"), [other])
    await room.poll()
    await room.poll()
    assert room.rows(COUNT) == [(2,)]


async def test_what_a_filter_keeps_out_is_not_encoded(room: PollerRoom) -> None:
    room.config = replace(room.config, filters=(PostFilter(name="boats", action="drop", terms=("ferry",)),))
    room.poller = room.new_poller()
    room.collect.posts(url_of("gazette"), [article("1", "The ferry lies idle"), article("2", "Bakers on strike")])
    await room.poll()
    assert room.encoder and room.encoder.asked == [1]
    assert room.rows("SELECT count(*) FROM posts") == [(1,)]


async def test_what_is_older_than_the_window_of_stories_when_it_comes_goes_by_words_alone(room: PollerRoom) -> None:
    old, new = article("1", "The ferry lies idle"), article("2", "Bakers on strike")
    at = {"old": room.now - WINDOW - timedelta(seconds=1), "new": room.now - WINDOW}
    room.collect.posts(url_of("gazette"), [replace(old, published_at=at["old"]), replace(new, published_at=at["new"])])
    await room.poll()
    assert room.encoder and room.encoder.asked == [1]
    assert room.rows("SELECT native_id FROM sightings JOIN post_vectors USING (post_id)") == [(new.native_id,)]
    # As if all came now: none is made of the old one, and what an earlier version made of it goes.
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 0
    assert fill_in(room.database, FakeEncoder(), WINDOW + timedelta(seconds=1)) == 1
    assert room.rows(COUNT) == [(2,)]
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 0
    assert room.rows(COUNT) == [(1,)]


async def test_the_loop_goes_on_while_the_model_works(room: PollerRoom) -> None:
    class Slow(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> list[bytes]:
            has_begun.set()
            assert goes_on.wait(20)
            return super().encode(texts)

    has_begun, goes_on = threading.Event(), threading.Event()
    room.encoder = Slow()
    room.poller = room.new_poller()
    room.collect.posts(url_of("gazette"), [article("1", "The ferry lies idle")])
    poll = asyncio.create_task(room.poll())
    assert await asyncio.to_thread(has_begun.wait, 20)
    assert not room.database.conn.in_transaction
    goes_on.set()
    await poll
    assert room.rows(COUNT) == [(1,)]


async def test_how_many_of_the_new_posts_were_encoded_is_said(room: PollerRoom) -> None:
    old = replace(article("1", "The ferry lies idle"), published_at=room.now - 2 * WINDOW)
    room.collect.posts(url_of("gazette"), [old, article("2", "Bakers on strike")])
    with structlog.testing.capture_logs() as lines:
        await room.poll()
    assert [(line["new"], line["encoded"]) for line in lines if line["event"] == "encoded"] == [(2, 1)]


def test_a_shared_model_gives_its_memory_back_unless_it_works() -> None:
    class Resting(FakeEncoder):
        rests = 0

        def encode(self, texts: Sequence[str]) -> list[bytes]:
            shared.rest()
            return super().encode(texts)

        def rest(self) -> None:
            self.rests += 1

    model = Resting()
    shared = SharedEncoder(model)
    shared.encode(["ferry"])
    assert model.rests == 0
    shared.rest()
    assert model.rests == 1


class Failing(FakeEncoder):
    """A model that gives something else than it should, or raises."""

    def __init__(self, fail: Callable[[list[bytes]], list[bytes]]) -> None:
        super().__init__()
        self._fail = fail

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        return self._fail(super().encode(texts))


def _raise(_: list[bytes]) -> list[bytes]:
    raise RuntimeError("no weights")


@pytest.mark.parametrize(
    "fail",
    [_raise, lambda made: made[1:], lambda made: [*made, made[0]], lambda made: [vector[1:] for vector in made]],
    ids=["raises", "too few", "too many", "too short"],
)
async def test_a_model_that_fails_costs_no_post(room: PollerRoom, fail: Callable[[list[bytes]], list[bytes]]) -> None:
    room.encoder = Failing(fail)
    room.poller = room.new_poller()
    for number in (1, 2, 3):
        posts = [article(f"{each}", f"Harbour crane number {each}") for each in range(number)]
        room.collect.posts(url_of("gazette"), posts)
    for hours in (0, 0, 1):
        room.now += timedelta(hours=hours)
        [polled] = await room.poll()
        assert (polled.status, polled.new) == ("ok", 1)
    assert room.rows(COUNT) == [(0,)]
    assert len(room.encoder.asked) == 2  # once an hour
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 3


async def test_what_is_forgotten_loses_its_vector(room: PollerRoom) -> None:
    room.collect.posts(url_of("gazette"), [replace(article("1", "The ferry lies idle"), author="Ada Reed")])
    await room.poll()
    with room.database.write():
        forget(room.database.conn, "Ada Reed", (), room.now)
    assert room.rows(COUNT) == [(0,)]
    assert fill_in(room.database, FakeEncoder(), WINDOW) == 0


async def test_what_is_forgotten_is_not_encoded_at_every_poll(room: PollerRoom) -> None:
    for _ in range(2):
        room.collect.posts(url_of("gazette"), [replace(article("1", "The ferry lies idle"), author="Ada Reed")])
    await room.poll()
    with room.database.write():
        forget(room.database.conn, "Ada Reed", (), room.now)
    await room.poll()
    assert room.encoder and room.encoder.asked == [1]
    assert room.rows(COUNT) == [(0,)]


async def test_missing_vectors_and_those_of_another_version_are_filled_in(room: PollerRoom) -> None:
    posts = [article(f"{number}", f"Harbour crane number {number}") for number in range(5)]
    room.collect.posts(url_of("gazette"), posts)
    await room.poll()
    with room.database.write():
        room.database.conn.execute("DELETE FROM post_vectors WHERE post_id = 3")
    same = FakeEncoder()
    assert fill_in(room.database, same, WINDOW) == 1
    assert same.asked == [1]
    newer = FakeEncoder("2")
    assert fill_in(room.database, newer, WINDOW) == 5
    assert room.rows("SELECT DISTINCT version FROM post_vectors") == [("2",)]
    assert fill_in(room.database, newer, WINDOW) == 0


async def test_a_file_that_cannot_be_read_for_a_moment_does_not_silence_the_model(
    room: PollerRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.collect.posts(url_of("gazette"), [article("1", "The ferry sails again")])
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    with monkeypatch.context() as unreadable:
        unreadable.setattr("aggregator.engine.embed.load_unknown", Mock(side_effect=error))
        with pytest.raises(DatabaseUnwritableError):
            await room.poll()
    await room.poll()
    assert room.rows(COUNT) == [(1,)]
