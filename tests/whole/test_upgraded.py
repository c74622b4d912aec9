"""A database of every released version, polled again by today's program: nothing is stored, started or told anew."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli.demo.samples import render_statuses
from aggregator.cli.demo.server import DemoServer, demo_config_toml
from aggregator.cli.run import poll_once
from aggregator.config import load_config
from aggregator.engine.rebuild.reworks import REWORKS
from tests.helpers.released import VERSIONS, unpack

_ANY = datetime(2026, 1, 1, tzinfo=UTC)


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def made_at(path: Path) -> datetime:
    """The time of the samples when the file was made: they are as old as they say, seen from then."""
    shifts = {
        datetime.fromisoformat(found[0][0]) - datetime.fromisoformat(status["created_at"]).replace(microsecond=0)
        for status in render_statuses(_ANY)
        if (found := ask(path, f"SELECT published_at FROM posts WHERE uri = '{status['uri']}'"))
    }
    [shift] = shifts
    return _ANY + shift


def move(path: Path, server: str) -> None:
    """The sample server had another port then."""
    with closing(sqlite3.connect(path)) as conn:
        [(old,)] = conn.execute("SELECT DISTINCT substr(url, 1, instr(substr(url, 8), '/') + 6) FROM sources")
        conn.execute("UPDATE sources SET url = replace(url, ?, ?)", (old, server))
        conn.commit()


async def poll_again(path: Path, *, is_forgetful: bool) -> list[str]:
    """The outcomes. `is_forgetful`: the servers send everything once more, whatever was known of it."""
    async with DemoServer(made_at(path)) as server:
        move(path, server.url)
        if is_forgetful:
            with closing(sqlite3.connect(path)) as conn:
                conn.execute("UPDATE sources SET etag = NULL, last_modified = NULL, body_digest = NULL, cursor = NULL")
                conn.commit()
        file = path.with_name("demo.toml")
        file.write_text(demo_config_toml(server.url, path), encoding="utf-8")
        config = load_config(file, {})
        polled = await poll_once(replace(config, stories=replace(config.stories, semantic=False)))
    return [str(each.collected.outcome) for each in polled]


_POSTS = "SELECT id, kind, uri, url, title, story_id, first_seen_at FROM posts ORDER BY id"
_STORIES = "SELECT id, slug FROM stories ORDER BY id"
# What second thoughts find in a file that 0.1.0 grouped: two reports of one patch, and of one model, in two languages.
_ONE_EVENT = {(12, 31), (24, 16)}
_SHOWN = "SELECT id FROM posts WHERE copy_of IS NULL"
# Reports of one event, each at an address of its own, which 0.1.0 took for copies of another.
_HIDDEN = """
SELECT p.id FROM posts p JOIN posts o ON o.id = p.copy_of
WHERE p.copy_because LIKE 'same article retold%' AND p.canonical_url <> o.canonical_url
"""


@pytest.fixture(params=VERSIONS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return unpack(request.param, tmp_path)


def merged(path: Path) -> dict[int, int]:
    return dict(ask(path, "SELECT id, merged_into FROM stories WHERE merged_into IS NOT NULL"))


def in_stories_of_now(posts: list[tuple[Any, ...]], path: Path) -> list[tuple[Any, ...]]:
    """The rows of `_POSTS` with the stories that theirs were merged into."""
    into = merged(path)
    return [(*row[:5], into.get(row[5], row[5]), *row[6:]) for row in posts]


@pytest.mark.parametrize("is_forgetful", [False, True])
def test_polled_again_it_stays_as_it_is(path: Path, is_forgetful: bool) -> None:
    posts, stories, before = ask(path, _POSTS), ask(path, _STORIES), merged(path)
    shown, hidden = set(ask(path, _SHOWN)), set(ask(path, _HIDDEN))
    [(seq,)] = ask(path, "SELECT max(seq) FROM changes")
    outcomes = asyncio.run(poll_again(path, is_forgetful=is_forgetful))
    assert set(outcomes) <= {"ok", "not_modified"}
    assert len(outcomes) >= 14
    assert ask(path, _POSTS) == in_stories_of_now(posts, path)
    assert set(ask(path, _SHOWN)) == shown | hidden
    assert len(hidden) == 4
    assert ask(path, _STORIES) == stories
    assert merged(path).items() - before.items() <= _ONE_EVENT
    told = ask(path, f"SELECT what, row_id, change FROM changes WHERE seq > {seq} AND change = 'new'")
    assert told == []
    assert ask(path, "SELECT name FROM reworks WHERE ended_at IS NULL") == []
    assert len(ask(path, "SELECT name FROM reworks")) == len(REWORKS)


def test_an_old_post_under_another_id_is_found_by_its_address(path: Path) -> None:
    """What is known of old posts still counts, their keys of addresses too."""
    with closing(sqlite3.connect(path)) as conn:
        [(post_id,)] = conn.execute(
            "SELECT p.id FROM posts p JOIN stories s ON s.id = p.story_id JOIN sightings g ON g.post_id = p.id "
            "WHERE p.kind = 'article' AND p.copy_of IS NULL AND s.post_count > 1 AND p.url IS NOT NULL "
            "GROUP BY p.id HAVING count(*) = 1 ORDER BY p.id LIMIT 1"
        )
        conn.execute("UPDATE sightings SET native_id = native_id || ' of before' WHERE post_id = ?", (post_id,))
        conn.commit()
    before = ask(path, _POSTS)
    asyncio.run(poll_again(path, is_forgetful=True))
    assert ask(path, _POSTS) == in_stories_of_now(before, path)
    assert len(ask(path, f"SELECT 1 FROM sightings WHERE post_id = {post_id}")) == 2


def test_the_daemon_takes_it_along(path: Path) -> None:
    """Tables at its start, rows while it runs; killed in between, the next one goes on."""
    with closing(sqlite3.connect(path)) as conn:  # as the first release did when the lead of a story went
        [(story_id, lead, cut)] = conn.execute(
            "SELECT s.id, p.id, substr(p.text, 1, 120) FROM stories s JOIN posts p ON p.id = s.lead_post_id "
            "WHERE length(p.text) > 130 AND substr(p.text, 120, 2) NOT LIKE '% %' AND s.merged_into IS NULL LIMIT 1"
        )
        conn.execute("UPDATE posts SET title = NULL WHERE id = ?", (lead,))
        conn.execute("UPDATE stories SET title = ? WHERE id = ?", (cut, story_id))
        conn.commit()
    file = path.with_name("daemon.toml")
    file.write_text(f'[storage]\npath = "{path}"\n[log]\nformat = "json"\n', encoding="utf-8")
    command = [sys.executable, "-m", "aggregator", "--config", str(file), "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as daemon:
        assert daemon.stdout
        events = (json.loads(line)["event"] for line in iter(daemon.stdout.readline, b""))
        before = list(takewhile(lambda event: event != "started", events))
        daemon.kill()
    assert before == ["stored posts not looked at"]  # by the rules of today
    done = "SELECT changed FROM reworks WHERE name = 'story_titles' AND ended_at IS NOT NULL"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as daemon:
        assert daemon.stdout
        lines = map(json.loads, iter(daemon.stdout.readline, b""))
        wanted = "started" if ask(path, done) else "reworked"  # the first one may have come so far
        assert next(line for line in lines if line["event"] == wanted)
        daemon.terminate()
        assert daemon.wait(30) == 0
    assert ask(path, done) == [(1,)]
    assert ask(path, f"SELECT title FROM stories WHERE id = {story_id}") != [(cut,)]
    assert path.with_name(f"{path.name}.before-reworks").exists()
