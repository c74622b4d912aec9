"""The daemon as a process: signals, a clean stop, kill -9, one writer, reloading. Real HTTP on loopback."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.engine.daemon import Daemon
from aggregator.model.settings import Config, Storage
from aggregator.storage.file.lock import WriterLock
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.process import children_of
from tests.helpers.program import EVERY_SECOND, PATIENCE, Program, posts


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer() as server:
        yield server


def asked(site: HttpServer) -> set[str]:
    return {request.path for request in site.asked}


@pytest.fixture
def program(tmp_path: Path, site: HttpServer) -> Iterator[Program]:
    made = Program(tmp_path, site)
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_daemon_polls_and_stops_cleanly(program: Program, number: int) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    health = program.call("health")
    assert health.returncode == 0, health.stderr
    daemon.send_signal(number)
    assert daemon.wait(PATIENCE) == 0
    assert program.events()[-1]["event"] == "stopped"
    assert program.call("health").returncode == 1
    assert [path.name for path in program.database.parent.glob("news.db-*")] == []  # the log is folded in


def test_it_stops_within_three_seconds_while_a_mastodon_server_hangs(tmp_path: Path, site: HttpServer) -> None:
    site.held.add("/api/")
    program = Program(tmp_path, site, extra=f'[[hashtags]]\nserver = "{site.url}"\ntags = ["harbour"]\n')
    daemon = program.start("run")
    try:
        program.wait_for(lambda: posts(program) == 40 and any(path.startswith("/api/") for path in asked(site)))
        asked_at = time.monotonic()
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
        assert time.monotonic() - asked_at < 3
    finally:
        program.close()


def test_what_was_collected_before_the_stop_is_saved(tmp_path: Path, site: HttpServer) -> None:
    # Without a model, which is loaded with the first posts: on a busy machine that takes longer than a stop may.
    extra = "[polling]\nconcurrency = 2\n[stories]\nsemantic = false\n"
    program = Program(tmp_path, site, feeds=4, extra=extra)
    # The first in line holds up the saving of the others. The last is asked when the two between have been collected.
    site.held |= {"/feed0", "/feed3"}
    daemon = program.start("run")
    try:
        program.wait_for(lambda: asked(site) == {"/feed0", "/feed1", "/feed2", "/feed3"})
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
        assert posts(program) == 40
    finally:
        program.close()


@pytest.mark.parametrize("polls", [0, 3, 10])
def test_a_busy_daemon_stops_within_three_seconds_and_leaves_no_process(
    tmp_path: Path, site: HttpServer, polls: int
) -> None:
    extra = "[polling]\ninterval = '1s'\nmax_interval = '1s'\n[stories]\nsemantic = false\n"
    program = Program(tmp_path, site, feeds=40, extra=extra)
    daemon = program.start("run")
    try:
        program.wait_for(lambda: len(site.asked) > 40 * polls)
        readers = children_of(daemon.pid)
        asked_at = time.monotonic()
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
        assert time.monotonic() - asked_at < 3
        assert program.events()[-1]["event"] == "stopped"
        program.process = None
        program.wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers))
    finally:
        daemon.kill()
        daemon.wait()


def test_what_forks_readers_is_forked_from_the_daemon_and_another_is_had_where_it_was_killed(
    tmp_path: Path, site: HttpServer
) -> None:
    """And a signal to the whole group ends all of them, without a word."""
    program = Program(tmp_path, site, extra=f"{EVERY_SECOND}[stories]\nsemantic = false\n")
    daemon = program.start("run")
    try:
        program.wait_for(lambda: posts(program) == 40)
        forked, *_ = children_of(daemon.pid)
        assert Path(f"/proc/{forked}/cmdline").read_bytes() == Path(f"/proc/{daemon.pid}/cmdline").read_bytes()
        os.kill(forked, signal.SIGKILL)
        site.page("/feed0", rss("Paper0", item("New", "https://paper0.example/new", "It is new.", "")))
        program.wait_for(lambda: posts(program) == 41)
        processes = children_of(daemon.pid)
        for pid in (*processes, daemon.pid):
            os.kill(pid, signal.SIGINT)
        assert daemon.wait(PATIENCE) == 0
        assert processes and forked not in processes
        assert not any(Path(f"/proc/{pid}").exists() for pid in processes)
        assert not [event for event in program.events() if event["level"] in ("warning", "error")]
    finally:
        daemon.kill()
        daemon.wait()


def test_a_second_signal_ends_it_at_once(tmp_path: Path, site: HttpServer) -> None:
    site.held.add("/feed")
    program = Program(tmp_path, site)
    daemon = program.start("run")
    try:
        program.wait_for(lambda: len(asked(site)) == 2)
        daemon.terminate()
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
    finally:
        program.close()


def test_a_kill_in_mid_poll_loses_and_doubles_nothing(tmp_path: Path, site: HttpServer) -> None:
    query = (
        "SELECT p.title, p.url, p.canonical_url, p.copy_of, p.story_id, g.source_id FROM posts p "
        "JOIN sightings g ON g.post_id = p.id ORDER BY p.id"
    )
    folders = [tmp_path / name for name in ("killed", "undisturbed")]
    for folder in folders:
        folder.mkdir()
    killed, undisturbed = (Program(folder, site, feeds=8) for folder in folders)
    assert undisturbed.call("poll").returncode == 0
    site.held.add("/feed5")
    daemon = killed.start("run")
    killed.wait_for(lambda: posts(killed) >= 60)
    daemon.send_signal(signal.SIGKILL)
    daemon.wait(PATIENCE)
    site.release()
    killed.start("run")
    killed.wait_for(lambda: killed.rows("SELECT count(*), count(story_id) FROM posts") == [(160, 160)])
    killed.close()
    assert killed.rows(query) == undisturbed.rows(query)


def test_jobs_that_use_the_database_run_on_the_loop(tmp_path: Path) -> None:
    config = Config(storage=Storage(path=tmp_path / "news.db", snapshot=tmp_path / "snapshot.db"))
    scheduler = Daemon(config, lambda: config)._schedule()
    in_threads = {job.id for job in scheduler.get_jobs() if not inspect.iscoroutinefunction(job.func)}
    assert in_threads == {"beat"}


def test_it_tells_how_long_a_poll_may_take_with_its_settings(tmp_path: Path, site: HttpServer) -> None:
    program = Program(tmp_path, site, extra="[polling]\nparse_timeout = '10m'\n[stories]\nsemantic = false\n")
    program.start("run")
    try:
        program.wait_for(lambda: WriterLock(program.database).told_poll_limit() > timedelta(minutes=31))
    finally:
        program.close()


def test_a_second_writer_is_refused(program: Program) -> None:
    program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    for command in ("run", "poll"):
        second = program.call(command)
        assert second.returncode == 4
        assert f"process {program.process.pid if program.process else 0}" in second.stderr


def test_a_changed_configuration_is_taken_over_and_a_wrong_one_is_not(program: Program) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    program.file.write_text(program.file.read_text() + "[polling]\nintervall = '5m'\n")
    daemon.send_signal(signal.SIGHUP)
    program.wait_for(lambda: program.has_said("stays in force"))
    [wrong] = [event for event in program.events() if "stays in force" in event["event"]]
    assert "interval" in wrong["problems"][0]
    health = program.call("health")  # which judges the daemon, not the file
    assert (health.returncode, health.stdout[:9]) == (0, "at work; ")
    assert "1 mistake" in health.stderr
    program.write_config(1)
    daemon.send_signal(signal.SIGHUP)
    program.wait_for(lambda: program.rows("SELECT status FROM sources WHERE status = 'removed'"))
    assert posts(program) == 40


def test_a_reloaded_topic_is_given_to_stored_posts_where_that_is_asked_for(program: Program) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) == 40)
    before = program.file.read_text()
    topic = '[topics.posts]\nany = ["post", "entry", "the", "a"]\n'
    program.file.write_text(before + topic)
    daemon.send_signal(signal.SIGHUP)
    program.wait_for(lambda: program.has_said("stored posts not looked at"))
    [told] = [event for event in program.events() if event["event"] == "stored posts not looked at"]
    assert (told["posts"], told["remedy"]) == (40, "aggregator rebuild topics")
    assert program.rows("SELECT count(*) FROM post_topics") == [(0,)]
    program.file.write_text(before.replace("default = false", 'default = false\napply = "stored"') + topic)
    daemon.send_signal(signal.SIGHUP)
    program.wait_for(lambda: program.has_said("topics of stored posts are worked out"))
    live = program.rows("SELECT post_id, topic, score, because FROM post_topics ORDER BY 1")
    assert live
    assert program.call("rebuild", "topics").stdout.endswith("40 posts looked at, 0 posts changed\n")


def test_a_snapshot_is_written_and_can_be_read_without_the_rest(tmp_path: Path, site: HttpServer) -> None:
    program = Program(tmp_path, site)
    snapshot = tmp_path / "copy" / "snapshot.db"
    text = program.file.read_text().replace(
        "[network]", f'snapshot = "{snapshot}"\nsnapshot_interval = "1m"\n[network]'
    )
    program.file.write_text(text)
    program.start("run")
    try:
        program.wait_for(snapshot.exists)
        conn = sqlite3.connect(f"{snapshot.as_uri()}?mode=ro&immutable=1", uri=True)
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        conn.close()
    finally:
        program.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_folder_that_is_not_writable_is_named_with_what_to_do(site: HttpServer) -> None:
    nobody = 65534
    # Not in pytest's folders, which are private to root, and made so again by every other run.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        done = _polled_as(nobody, Program(Path(folder), site))
    assert done.returncode == 3, done.stderr
    assert f"writable for uid {nobody}" in done.stderr
    assert folder in done.stderr


def _polled_as(user: int, program: Program) -> subprocess.CompletedProcess[str]:
    # The interpreter may lie where only root can read: everything is imported before the change of user.
    script = (
        "import os, sys, runpy, aggregator.cli.run, aggregator.cli.app, aggregator.config, aggregator.engine.poller, "
        "aggregator.sources.collect, aggregator.storage.database; from aggregator.cli.main import main; "
        "from pathlib import Path; from aggregator.config import load_config; "
        f"load_config(Path({str(program.file)!r}), {{}}); "
        f"sys.argv = ['aggregator', '--config', {str(program.file)!r}, 'poll']; os.setuid({user}); main()"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_a_start_waits_for_another_program_and_says_so(program: Program) -> None:
    assert program.call("poll").returncode == 0
    with closing(sqlite3.connect(program.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        daemon = program.start("run")
        program.wait_for(lambda: program.has_said("waiting for the database"))
        health = program.call("health")
        assert (health.returncode, health.stdout) == (1, "")
        assert "polls nothing: another program holds the database locked" in health.stderr
        assert not any(event["event"] == "started" for event in program.events())
        other.execute("ROLLBACK")
    program.wait_for(lambda: any(event["event"] == "started" for event in program.events()))
    program.wait_for(lambda: program.call("health").returncode == 0)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0


def test_a_command_does_not_wait_for_another_program(program: Program) -> None:
    assert program.call("poll").returncode == 0
    with closing(sqlite3.connect(program.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        poll = program.call("poll")
    assert poll.returncode == 3
    assert "another program holds it locked" in poll.stderr


@pytest.mark.parametrize("kind", ["folder", "text"])
def test_what_is_no_database_is_refused_at_once(program: Program, kind: str) -> None:
    if kind == "folder":
        program.database.mkdir()
    else:
        program.database.write_text("no database " * 1000)
    run = program.call("run")
    assert run.returncode == 3
    assert "waiting" not in run.stderr + run.stdout
