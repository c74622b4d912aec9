"""Reworks: in small steps, each in a transaction; whatever cuts them short, they go on where they were."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from aggregator.engine.rebuild.copies import Recopying, rebuild_copies
from aggregator.engine.rebuild.progress import Reworked
from aggregator.engine.rebuild.reworks import REWORKS, Rework, go_on, take_step
from aggregator.model.errors import StorageError
from aggregator.storage.database import Database
from aggregator.storage.upgrade.progress import ReworkState, load_rework
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill
from tests.helpers.poller_room import NOW


class Marking:
    """A rework of the tests' own: gives each post another publisher, and notes how it was called."""

    def __init__(self, costs: float = 0.0, most: int = 10_000) -> None:
        self.taken: list[int] = []
        self.clock = 0.0
        self.costs, self.left = costs, most
        self.rework = Rework("marking", self.step)

    def timer(self) -> float:
        return self.clock

    def step(self, database: Database, after: int, rows: int, now: datetime) -> Reworked:
        ids = [row[0] for row in database.query("SELECT id FROM posts WHERE id > ? ORDER BY id LIMIT ?", (after, rows))]
        self.taken += ids
        self.clock += self.costs * len(ids)
        changed = 0
        for post_id in ids:
            if not self.left:
                raise RuntimeError("a bug in the middle of a step")
            self.left -= 1
            changed += database.conn.execute(
                "UPDATE posts SET publisher = 'marked ' || id WHERE id = ? AND publisher IS NOT 'marked ' || id",
                (post_id,),
            ).rowcount
        return Reworked(ids[-1] if ids else None, changed)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db")
    fill(database)
    yield database
    database.close()


def ids(database: Database) -> list[int]:
    return [row[0] for row in database.query("SELECT id FROM posts ORDER BY id")]


def marked(database: Database) -> list[int]:
    return [row[0] for row in database.query("SELECT id FROM posts WHERE publisher = 'marked ' || id ORDER BY id")]


async def test_goes_over_every_row_once(database: Database) -> None:
    marking = Marking()
    await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert marking.taken == ids(database) == marked(database)
    state = load_rework(database.conn, "marking")
    assert (state.changed, state.is_done) == (len(marking.taken), True)


async def test_done_once_it_is_not_done_again(database: Database) -> None:
    marking = Marking()
    for _ in range(2):
        await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert len(marking.taken) == len(ids(database))


async def test_a_bug_undoes_its_step_alone_and_is_told(database: Database) -> None:
    marking, later = Marking(most=5), Marking()
    take_step(database, marking.rework, 3, NOW)
    with structlog.testing.capture_logs() as logs:
        await go_on(database, asyncio.Event(), reworks=[marking.rework, Rework("later", later.step)])
    assert [(each["event"], each["rework"]) for each in logs] == [("bug", "marking")]
    assert marked(database) == ids(database)[:3]
    assert later.taken == []  # it may build on the one before
    marking.left = 10_000
    await go_on(database, asyncio.Event(), reworks=[marking.rework, Rework("later", later.step)])
    assert marked(database) == ids(database) == later.taken


async def test_steps_get_smaller_where_they_take_long(database: Database) -> None:
    marking = Marking(costs=0.002)  # a step of fifty rows takes a tenth of a second by that clock
    stop = asyncio.Event()
    sizes: list[int] = []

    def step(database: Database, after: int, rows: int, now: datetime) -> Reworked:
        sizes.append(rows)
        if len(sizes) == 4:
            stop.set()
        return marking.step(database, after, min(rows, 40), now)

    marking.clock = 0.0
    await go_on(database, stop, reworks=[Rework("marking", step)], timer=lambda: marking.clock)
    assert sizes[0] == 50
    assert sizes[1] == 25


async def test_stopped_it_ends_after_the_step(database: Database) -> None:
    stop = asyncio.Event()
    marking = Marking()

    def step(database: Database, after: int, rows: int, now: datetime) -> Reworked:
        stop.set()
        return marking.step(database, after, 4, now)

    await go_on(database, stop, reworks=[Rework("marking", step)])
    assert marked(database) == ids(database)[:4]
    assert load_rework(database.conn, "marking") == ReworkState(ids(database)[3], 4)


async def test_its_turn_ends(database: Database) -> None:
    marking = Marking(costs=1.0)
    await go_on(
        database, asyncio.Event(), reworks=[marking.rework], timer=marking.timer, turn=timedelta(0), clock=lambda: NOW
    )
    assert marking.taken == []


async def test_a_locked_file_is_left_for_later(database: Database) -> None:
    marking = Marking()
    database.conn.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with structlog.testing.capture_logs() as logs:
            await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert [each["event"] for each in logs] == ["rework waits"]
    await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert marked(database) == ids(database)


async def test_polls_have_their_turn_between_two_steps(database: Database) -> None:
    seen: list[Any] = []
    marking = Marking()

    def step(database: Database, after: int, rows: int, now: datetime) -> Reworked:
        seen.append("step")
        return marking.step(database, after, 5, now)

    async def poll() -> None:
        for _ in range(3):
            with database.write():
                seen.append("poll")
            await asyncio.sleep(0)

    await asyncio.gather(go_on(database, asyncio.Event(), reworks=[Rework("marking", step)]), poll())
    assert seen[:4] == ["step", "poll", "poll", "poll"] or "poll" in seen[1:3]


def test_what_is_held_in_memory_is_read_anew_where_rows_changed(database: Database) -> None:
    database.was_changed_by_others()
    marking = Marking()
    take_step(database, marking.rework, 3, NOW)
    assert database.was_changed_by_others()
    assert not database.was_changed_by_others()


def test_one_that_does_not_come_on_is_a_bug(database: Database) -> None:
    with pytest.raises(ValueError, match="does not come on"):
        take_step(database, Rework("stuck", lambda *_: Reworked(0)), 3, NOW)


def test_a_file_that_cannot_be_written_stays_as_it_is(database: Database) -> None:
    database.conn.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        take_step(database, Marking().rework, 3, NOW)


_KILLED = """
import asyncio, os, pathlib, signal, sys
from aggregator.engine.rebuild import reworks
from aggregator.engine.rebuild.progress import Reworked
from aggregator.storage.database import Database
count = 0
def step(database, after, rows, now):
    global count
    ids = [row[0] for row in database.query("SELECT id FROM posts WHERE id > ? ORDER BY id LIMIT 4", (after,))]
    for post_id in ids:
        database.conn.execute("UPDATE posts SET boosts = coalesce(boosts, 0) + 1000 WHERE id = ?", (post_id,))
        count += 1
        if count == int(sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)
    return Reworked(ids[-1] if ids else None, len(ids))
database = Database(pathlib.Path(sys.argv[1]))
asyncio.run(reworks.go_on(database, asyncio.Event(), reworks=[reworks.Rework("counting", step)]))
database.close()
"""


def test_killed_again_and_again_each_row_is_done_once(database: Database) -> None:
    before = database.query("SELECT sum(coalesce(boosts, 0)), count(*) FROM posts")[0]
    code = [sys.executable, "-c", _KILLED, str(database.path)]
    endings = [subprocess.run([*code, "7"], check=False, timeout=60).returncode for _ in range(3)]
    assert endings == [-signal.SIGKILL] * 3
    assert load_rework(database.conn, "counting").after_id == ids(database)[11]
    assert subprocess.run([*code, "-1"], check=False, timeout=60).returncode == 0
    after = database.query("SELECT sum(coalesce(boosts, 0)) FROM posts")[0]
    assert after[0] == before[0] + 1000 * before[1]


class TestStoryTitles:
    TEXT = (
        "The evening ferry between the islands sails again after the storm broke its rudder,\n"
        "says the harbour master of the municipality"
    )

    def story(self, database: Database, title: str, **values: Any) -> int:
        with database.write():
            story_id = database.query("SELECT lead_post_id, id FROM stories WHERE merged_into IS NULL")[0][1]
            lead = database.query("SELECT lead_post_id FROM stories WHERE id = ?", (story_id,))[0][0]
            database.conn.execute("UPDATE posts SET title = NULL, text = ? WHERE id = ?", (self.TEXT, lead))
            database.conn.execute("UPDATE stories SET title = ? WHERE id = ?", (title, story_id))
            for name, value in values.items():
                database.conn.execute(f"UPDATE stories SET {name} = ? WHERE id = ?", (value, story_id))
        return int(story_id)

    async def retitled(self, database: Database, story_id: int) -> str:
        await go_on(database, asyncio.Event())
        return str(database.query("SELECT title FROM stories WHERE id = ?", (story_id,))[0][0])

    @pytest.mark.parametrize("stored", [TEXT[:120], TEXT[:120].replace("\n", " ")])
    async def test_cut_amid_a_word_it_is_cut_after_one(self, database: Database, stored: str) -> None:
        others = database.query("SELECT id, title FROM stories")
        story_id = self.story(database, stored)
        seq = database.query("SELECT max(seq) FROM changes")[0][0]
        title = await self.retitled(database, story_id)
        assert title == self.TEXT.replace("\n", " ").removesuffix(" municipality") + " …"
        kept = {row[0]: row[1] for row in others if row[0] != story_id}
        assert {row[0]: row[1] for row in database.query("SELECT id, title FROM stories") if row[0] != story_id} == kept
        told = database.query("SELECT what, row_id, change FROM changes WHERE seq > ?", (seq,))
        assert [tuple(row) for row in told] == [("story", story_id, "edited")]

    @pytest.mark.parametrize("values", [{"given_title": TEXT[:120]}, {"pinned_at": "2026-04-05T12:00:00Z"}])
    async def test_what_an_editor_decided_stays(self, database: Database, values: dict[str, Any]) -> None:
        story_id = self.story(database, self.TEXT[:120], **values)
        assert await self.retitled(database, story_id) == self.TEXT[:120]

    async def test_a_whole_title_stays(self, database: Database) -> None:
        assert await self.retitled(database, self.story(database, "The ferry sails")) == "The ferry sails"


class TestRecopying:
    """What is a copy, decided anew in steps, as a rework that a later version may have."""

    COPIES = "SELECT id, copy_of, copy_because, copy_score, fingerprint FROM posts ORDER BY id"

    @pytest.mark.parametrize("rows", [1, 3, 1000])
    @pytest.mark.parametrize("is_restarted", [False, True])
    def test_in_steps_it_comes_to_the_same(self, database: Database, rows: int, is_restarted: bool) -> None:
        self.of_an_older_version(database)
        rebuild_copies(database, NOW, lambda _: None)
        whole = list(map(tuple, database.query(self.COPIES)))
        assert [row for row in whole if row[1]]
        self.of_an_older_version(database)
        rework = Rework("copies", Recopying().step)
        while not take_step(database, rework, rows, NOW).is_done:
            if is_restarted:
                rework = Rework("copies", Recopying().step)
        assert list(map(tuple, database.query(self.COPIES))) == whole

    async def test_hidden_news_comes_back_and_nobody_is_told_anew(self, database: Database) -> None:
        rebuild_copies(database, NOW, lambda _: None)
        originals = "SELECT id FROM posts WHERE copy_of IS NULL AND gone_at IS NULL ORDER BY id"
        first, *hidden = [row[0] for row in database.query(originals)][:4]
        with database.write():
            for post_id in hidden:
                database.conn.execute("UPDATE posts SET copy_of = ?, copy_because = 'x' WHERE id = ?", (first, post_id))
        shown, stories = database.query("SELECT id FROM latest_posts"), database.query("SELECT id, story_id FROM posts")
        [[seq]] = database.query("SELECT max(seq) FROM changes")
        await go_on(database, asyncio.Event(), reworks=[Rework("copies", Recopying().step)])
        back = {row[0] for row in database.query("SELECT id FROM latest_posts")} - {row[0] for row in shown}
        assert back == set(hidden)
        assert database.query("SELECT id, story_id FROM posts") == stories
        told = database.query("SELECT what, row_id, change FROM changes WHERE seq > ? ORDER BY row_id", (seq,))
        assert [tuple(row) for row in told] == [("post", post_id, "edited") for post_id in hidden]

    def of_an_older_version(self, database: Database) -> None:
        with database.write():
            database.conn.execute("UPDATE posts SET fingerprint = x'01', copy_of = NULL, copy_because = NULL")
            database.conn.execute("DELETE FROM post_bands")


def test_every_rework_has_a_name_of_its_own() -> None:
    assert len({rework.name for rework in REWORKS}) == len(REWORKS)


async def test_a_file_that_cannot_be_read_for_a_moment_is_no_bug(database: Database) -> None:
    marking = Marking()
    database.conn.execute("ALTER TABLE reworks RENAME TO hidden")
    with structlog.testing.capture_logs() as logs:
        await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert [line["event"] for line in logs] == ["rework waits"]
    database.conn.execute("ALTER TABLE hidden RENAME TO reworks")
    await go_on(database, asyncio.Event(), reworks=[marking.rework])
    assert marked(database) == ids(database)
