"""`aggregator new`: what came since the last time, and that the cursor moves only when all of it has been written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aggregator.cli.layout import cells
from aggregator.cli.main import cli
from aggregator.storage.changelog import BRIEFS, SITE, move_to
from aggregator.storage.corrections import Editor
from aggregator.storage.listings.news import load_news
from aggregator.storage.queries import Reader
from tests.helpers.poller_room import NOW, PollerRoom, article
from tests.helpers.site_room import STORM, polled

OTHER = STORM.replace("Two", "Three")


@pytest.fixture
async def room(tmp_path: Path) -> Iterator[PollerRoom]:  # type: ignore[misc]
    room = PollerRoom(tmp_path, "gazette", "courier")
    await polled(room, gazette=article("rudder", "Ferry Halcyon loses its rudder in the storm", STORM))
    yield room
    room.database.close()


async def more(room: PollerRoom) -> None:
    """A second paper takes the story up, and another story begins."""
    room.now += timedelta(minutes=30)
    tugs = article("tugs", "Halcyon towed: ferry without a rudder", OTHER, host="courier")
    clocks = article("clocks", "Museum of tide clocks opens in Ostermoor", "Forty tide clocks tick in the old mill.")
    await polled(room, gazette=clocks, courier=tugs)


def words(room: PollerRoom, *more: str) -> list[str]:
    return ["--database", str(room.config.storage.path), "new", *more]


def call(room: PollerRoom, *options: str) -> str:
    done = CliRunner().invoke(cli, words(room, *options), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def told(room: PollerRoom, *options: str) -> list[tuple[str, int, int]]:
    return [(row["news"], row["id"], row["new_posts"]) for row in json.loads(call(room, "--json", *options))]


def cursors(room: PollerRoom) -> dict[str, int]:
    return dict(room.rows("SELECT name, seq FROM consumers WHERE name LIKE 'new%'"))


def newest(room: PollerRoom) -> int:
    return int(room.rows("SELECT max(seq) FROM changes")[0][0])


async def test_new_stories_and_those_that_grew_are_told_once(room: PollerRoom) -> None:
    assert call(room) == "Nothing new of the last 24 hours.\n"  # the room's clock stands in May
    await more(room)
    shown = call(room)
    lines = shown.splitlines()
    assert lines[0].startswith("2 posts since ") and lines[0].endswith(": 1 new story, 1 that grew.")
    assert lines.index("New stories") < lines.index("  [2] Museum of tide clocks opens in Ostermoor")
    assert lines.index("Stories that grew") < lines.index("  [1] Ferry Halcyon loses its rudder in the storm")
    assert "began 2026-05-04; 1 new post by courier.example; now 2 posts of 2 publishers; ferries" in shown
    assert call(room).startswith("Nothing new since ")
    assert cursors(room) == {"new": newest(room)}


async def test_each_name_has_its_own_cursor_and_peeking_moves_none(room: PollerRoom) -> None:
    call(room), call(room, "--name", "desk")
    await more(room)
    news = [("new", 2, 1), ("grown", 1, 1)]
    assert told(room, "--peek") == told(room, "--keep") == told(room) == news
    assert told(room) == []
    assert told(room, "--name", "desk") == news
    assert cursors(room) == {"new": newest(room), "new:desk": newest(room)}


async def test_no_name_is_that_of_the_program_itself(room: PollerRoom) -> None:
    for name in (SITE, BRIEFS):
        with room.database.write():
            move_to(room.database.conn, name, 1, NOW)
        call(room, "--name", name)
        assert room.rows(f"SELECT seq FROM consumers WHERE name = '{name}'") == [(1,)]


async def test_the_first_time_it_is_the_last_24_hours(room: PollerRoom) -> None:
    await more(room)
    old = replace(
        article("old", "Bakers want a night tariff", "Flour is cheap at night."), published_at=NOW - timedelta(days=3)
    )
    await polled(room, gazette=old)

    def first(hours: int) -> list[tuple[Any, ...]]:
        with Reader(room.config.storage.path) as reader:
            found = load_news(reader, "nobody", NOW + timedelta(hours=hours))
        assert found.since is None and found.lost is None and found.up_to == newest(room)
        return sorted((row[found.rows.columns.index("id")], row[0]) for row in found.rows.rows)

    assert first(1) == [(1, "new"), (2, "new")]
    assert first(24) == []


async def test_what_an_editor_moves_is_no_news(room: PollerRoom) -> None:
    await more(room)
    call(room)
    Editor(room.database, NOW).split("1", [3])
    assert room.rows("SELECT count(*) FROM changes WHERE what = 'story' AND change = 'new'") == [(3,)]
    assert told(room) == []


async def test_posts_of_a_story_that_was_merged_are_told_with_the_other(room: PollerRoom) -> None:
    call(room)
    await more(room)
    Editor(room.database, NOW).merge("2", "1")
    assert told(room) == [("grown", 1, 2)]


async def test_a_reader_who_has_gone_moves_nothing(room: PollerRoom) -> None:
    call(room)
    before = cursors(room)
    await more(room)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "aggregator", *words(room)], stdout=writing, check=False)
    os.close(writing)
    assert done.returncode == 1
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "aggregator", *words(room)], stdout=full, check=False)
    assert done.returncode == 1
    assert cursors(room) == before
    assert len(told(room)) == 2


async def test_a_file_that_cannot_be_written_is_told_all_the_same(room: PollerRoom) -> None:
    call(room)
    before = cursors(room)
    await more(room)

    def nothing_may_grow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    command = [sys.executable, "-m", "aggregator", *words(room)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=nothing_may_grow, check=False)
    assert done.returncode == 3
    assert "Museum of tide clocks" in done.stdout
    assert "the next time shows the same" in done.stderr and "--peek" in done.stderr
    assert cursors(room) == before
    done = subprocess.run(
        [*command, "--peek"], capture_output=True, text=True, preexec_fn=nothing_may_grow, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_file_of_an_older_version_is_not_upgraded_by_it(room: PollerRoom) -> None:
    with room.database.write():
        room.database.conn.execute("PRAGMA user_version = 1")
    done = CliRunner().invoke(cli, words(room))
    assert "older version" in str(done.exception) and done.exception.exit_code == 3  # type: ignore[union-attr]
    assert room.rows("PRAGMA user_version") == [(1,)]


@pytest.mark.parametrize("how", ["pruned", "restored"])
async def test_where_the_log_does_not_reach_back_that_is_said_and_nothing_missed(how: str, room: PollerRoom) -> None:
    with room.database.write():
        move_to(room.database.conn, "new", newest(room) if how == "pruned" else 9_999, room.now + timedelta(minutes=1))
    await more(room)
    if how == "pruned":
        with room.database.write():
            room.database.conn.execute("DELETE FROM changes WHERE seq <= (SELECT max(seq) - 1 FROM changes)")
    done = CliRunner().invoke(cli, words(room, "--json"), catch_exceptions=False)
    assert [(row["news"], row["id"]) for row in json.loads(done.stdout)] == [("new", 2), ("grown", 1)]
    said = "[storage] keep_changes" if how == "pruned" else "a copy was put in its place"
    assert said in done.stderr and "since 2026-05-04 12:01" in done.stderr.replace("look at", "since")
    done = CliRunner().invoke(cli, words(room), catch_exceptions=False)
    assert done.stdout.startswith("Nothing new") and done.stderr == ""


async def test_a_new_story_says_what_was_reported_before(room: PollerRoom) -> None:
    call(room)
    await more(room)
    with room.database.write():
        room.database.conn.execute(
            "UPDATE stories SET first_at = ?1, last_at = ?1 WHERE id = 1", ("2026-04-05T12:00:00Z",)
        )
        room.database.conn.execute(
            "INSERT INTO story_links (story_id, earlier_story_id, similarity, because, kind) "
            "VALUES (2, 1, 0.9, '', 'continues')"
        )
    assert "      as reported on 2026-04-05: Ferry Halcyon loses its rudder in the storm [1]\n" in call(room)


async def test_rows_have_the_keys_of_the_view(room: PollerRoom) -> None:
    call(room)
    await more(room)
    [first, *_] = json.loads(call(room, "--json", "--peek"))
    view = {each[0] for each in room.database.conn.execute("SELECT * FROM latest_stories").description}
    more_keys = {"news", "new_posts", "new_publishers", "earlier_story_id", "earlier_title", "earlier_at"}
    assert set(first) == view | more_keys
    assert call(room, "--csv").splitlines()[0].split(",")[:2] == ["news", "id"]


@pytest.mark.parametrize("width", [60, 80])
async def test_it_keeps_to_the_width(width: int, room: PollerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    call(room)
    await more(room)
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(cells, call(room).splitlines())) <= width


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101])
async def test_names_that_are_none(name: str, room: PollerRoom) -> None:
    assert CliRunner().invoke(cli, words(room, "--name", name)).exit_code == 2
