"""`aggregator notify`: what it lists, what it tries, what it has sent again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.errors import NotFoundError
from aggregator.storage.database import Database
from tests.helpers.http_server import HttpServer

AT = "2026-11-30T12:00:00Z"
SECRET = "tops3cret"

Call = Callable[..., Result]


@pytest.fixture
def hook() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


@pytest.fixture
def call(tmp_path: Path, hook: HttpServer) -> Call:
    file, database = tmp_path / "a.toml", tmp_path / "news.db"
    file.write_text(
        f'[storage]\npath = "{database}"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        '[[notify]]\nname = "desk"\non = "story"\nwebhook_env = "HOOK"\n',
        "utf-8",
    )
    Database(database).close()
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("INSERT INTO outbox_targets (target, begun_at, begun_post, failures, last_error) "
                     "VALUES ('desk', ?1, 0, 3, 'HTTP 500'), ('former', ?1, 0, 0, NULL)", (AT,))  # fmt: skip
        conn.executemany(
            "INSERT INTO outbox (target, kind, row_id, state, noted_at, due_at, message_id, attempts, error) "
            "VALUES ('desk', 'story', ?, ?, ?, ?, ?, ?, ?)",
            [
                (1, "failed", AT, AT, "m1", 4, "HTTP 422"),
                (2, "failed", AT, AT, "m1", 4, "HTTP 422"),
                (3, "failed", AT, AT, "m2", 1, "x"),
                (4, "waiting", AT, AT, None, 0, None),
            ],
        )

    def call(*words: str) -> Result:
        environ = {"HOOK": f"{hook.url}/in?key={SECRET}"}
        done = CliRunner().invoke(cli, ["--config", str(file), "notify", *words], env=environ)
        assert SECRET not in done.output
        return done

    return call


def test_each_target_is_listed_and_one_that_is_configured_no_more(call: Call) -> None:
    desk, former = json.loads(call("list", "--json").stdout)
    assert (desk["target"], desk["channel"], desk["on"]) == ("desk", "HOOK", "story")
    assert (desk["waiting"], desk["failed"], desk["failures"], desk["last_error"]) == (1, 3, 3, "HTTP 500")
    assert (former["target"], former["channel"]) == ("former", None)


def test_the_list_says_when_the_next_digest_is_made(tmp_path: Path) -> None:
    file, database = tmp_path / "a.toml", tmp_path / "news.db"
    block = '[[digest]]\nname = "breakfast"\nat = "07:15"\ntimezone = "UTC"\npath = "d"\n'
    file.write_text(f'[storage]\npath = "{database}"\n{block}', "utf-8")
    Database(database).close()
    listed = ["--config", str(file), "notify", "list", "--json"]
    assert json.loads(CliRunner().invoke(cli, listed).stdout)[0]["next_try_at"] is None  # no poll began with it yet
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("INSERT INTO outbox_targets (target, begun_at, begun_post, failures) "
                     "VALUES ('breakfast', ?, 0, 0)", (AT,))  # fmt: skip
    next_at = datetime.fromisoformat(json.loads(CliRunner().invoke(cli, listed).stdout)[0]["next_try_at"])
    assert (next_at.hour, next_at.minute) == (7, 15)
    assert timedelta() <= next_at - max(datetime.now(UTC), datetime.fromisoformat(AT)) <= timedelta(days=1)


def test_the_list_ends_with_what_can_be_done(call: Call) -> None:
    *_, former, waiting, failed = call("list").stdout.splitlines()
    assert former == "not in the configuration any more: former"
    assert waiting == "1 thing waiting: `aggregator notify list --rows`"
    assert failed == "3 things given up: `aggregator notify retry` has them sent again"
    call("retry")
    assert call("list").stdout.splitlines()[-1] == "4 things waiting: `aggregator notify list --rows`"


def test_a_check_of_the_file_counts_whom_it_tells(tmp_path: Path) -> None:
    file, target = tmp_path / "a.toml", 'on = "story"\ncommand = ["true"]\n'
    block = '[[digest]]\nname = "c"\nat = "07:00"\npath = "d"\n'
    file.write_text(f'[[notify]]\nname = "a"\n{target}[[notify]]\nname = "b"\n{target}{block}', "utf-8")
    check = ["--config", str(file), "config", "check"]
    assert CliRunner().invoke(cli, check).stdout.partition("\n")[0].endswith(" topics, 2 targets, 1 digest")
    found = json.loads(CliRunner().invoke(cli, [*check, "--json"]).stdout)
    assert (found["targets"], found["digests"]) == (2, 1)


def test_what_waits_or_failed_is_a_row_each(call: Call) -> None:
    rows = json.loads(call("list", "--rows", "--json").stdout)
    assert [(row["id"], row["state"], row["error"]) for row in rows] == [
        (1, "failed", "HTTP 422"), (2, "failed", "HTTP 422"), (3, "failed", "x"), (4, "waiting", None)
    ]  # fmt: skip


def test_a_target_is_tried_by_the_way_that_leads_there(call: Call, hook: HttpServer) -> None:
    hook.pages["/in"] = web.Response(status=204)
    done = call("test", "desk")
    assert (done.exit_code, done.stdout) == (0, "desk: HOOK took it\n")
    [told] = json.loads(call("test", "desk", "--json").stdout)
    assert told == {"target": "desk", "taker": "HOOK", "taken": True, "error": None}
    body = json.loads(hook.asked[0].body)
    assert (body["test"], body["target"], len(body["items"])) == (True, "desk", 1)


def test_what_came_back_is_said_where_it_was_not_taken(call: Call, hook: HttpServer) -> None:
    hook.pages["/in"] = web.Response(status=500)
    done = call("test", "desk")
    assert done.exit_code == 1
    assert done.stderr.startswith("desk: HOOK did not take it: HTTP 500")
    hook.pages["/in"] = web.Response(status=422)
    assert call("test", "desk").stderr == "desk: HOOK did not take it: HTTP 422; it is refused for good\n"
    done = call("test", "desk", "--json")
    assert (done.exit_code, json.loads(done.stdout)[0]["error"]) == (1, "HTTP 422")
    assert isinstance(call("test", "dsk").exception, NotFoundError)


def test_what_failed_waits_again_with_its_message(call: Call) -> None:
    assert call("retry", "--id", "2").stdout == "waiting again: 2 things\n"
    rows = json.loads(call("list", "--rows", "--json").stdout)
    assert [row["state"] for row in rows] == ["waiting", "waiting", "failed", "waiting"]
    assert call("retry", "desk").stdout == "waiting again: 1 thing\n"
    assert call("retry").stdout == "nothing failed\n"
    assert json.loads(call("retry", "--json").stdout) == {"waiting": 0}
    assert isinstance(call("retry", "nobody").exception, NotFoundError)
