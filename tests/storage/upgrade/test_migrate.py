"""Migrations of a file: one transaction each, a copy before, nothing half done, whoever else opens it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from aggregator.model.errors import AggregatorError, DatabaseBusyError, Obstacle, StorageError
from aggregator.storage import schema
from aggregator.storage.database import Database
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice
from aggregator.storage.queries import Reader
from aggregator.storage.upgrade.migrate import Upgrade, Views, migrate
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.upgrade.scripts import run_script
from aggregator.storage.upgrade.tools import ByTable
from tests.helpers.newsroom import filled

Change = Callable[[sqlite_utils.Database], None]


def add_mood(db: sqlite_utils.Database) -> None:
    run_script(db.conn, "ALTER TABLE posts ADD COLUMN mood TEXT;\nUPDATE posts SET mood = 'calm';")


def remake_stories(db: sqlite_utils.Database) -> None:
    """The twelve steps of SQLite's manual: the way to change what ALTER TABLE can't."""
    [(sql,)] = db.conn.execute("SELECT sql FROM sqlite_master WHERE name = 'stories'")
    later = sql.replace("CREATE TABLE stories", "CREATE TABLE later").replace("slug          TEXT", "slug TEXT")
    indexes = db.conn.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'stories' AND type = 'index'").fetchall()
    run_script(
        db.conn,
        f"{later};\nINSERT INTO later SELECT * FROM stories;\nDROP TABLE stories;\n"
        "ALTER TABLE later RENAME TO stories;\n" + "".join(f"{sql};\n" for (sql,) in indexes if sql),
    )


def broken(db: sqlite_utils.Database) -> None:
    run_script(db.conn, "DELETE FROM changes;\nDROP TABLE briefs;\nINSERT INTO nowhere VALUES (1);")


def cuts_threads(db: sqlite_utils.Database) -> None:
    db.conn.execute("DELETE FROM stories")


def commits(db: sqlite_utils.Database) -> None:
    db.conn.executescript("DELETE FROM changes;")


def buggy(db: sqlite_utils.Database) -> None:
    db.conn.execute("DELETE FROM changes")
    raise KeyError("mood")


def steps(*later: Change) -> ByTable:
    """Today's migrations and these."""
    found = ByTable("aggregator")
    for each in (*(step.fn for step in migrations._migrations), *later):
        found()(each)
    return found


def prepare(path: Path, *later: Change) -> Upgrade | None:
    with closing(schema.connect(path)) as conn:
        return schema.prepare(conn, path, steps(*later))


def content(path: Path) -> tuple[Any, ...]:
    """All that is in a file: the schema, every row, what its header says."""
    with closing(sqlite3.connect(path)) as conn:
        pragmas = [conn.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")]
        return *pragmas, *(line for line in conn.iterdump() if "sqlite_stat" not in line)  # SQLite's own, at any time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with posts and stories in it, closed; twice, since SQLite may add statistics at the second time."""
    path = filled(tmp_path / "news.db")
    Database(path).close()
    return path


def copies(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("*.before-*"))


class TestUpgrading:
    def test_a_copy_from_before_is_beside_the_file(self, path: Path) -> None:
        path.chmod(0o640)
        before = content(path)
        done = prepare(path, add_mood)
        copy = path.with_name("news.db.before-add_mood")
        assert done == Upgrade(("add_mood",), copy)
        assert content(copy) == before
        assert copy.stat().st_mode & 0o777 == 0o640
        assert content(path) != before

    def test_the_copy_put_in_its_place_is_the_file_of_before(self, path: Path) -> None:
        before = content(path)
        prepare(path, add_mood)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        path.with_name("news.db.before-add_mood").replace(path)
        Database(path).close()
        assert content(path) == before

    def test_what_stands_in_the_log_is_in_the_copy(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as conn:  # not closed yet: the row is in the WAL alone
            conn.execute("INSERT INTO forgotten VALUES ('somebody', '2026-01-01T00:00:00Z')")
            conn.commit()
            prepare(path, add_mood)
        with closing(sqlite3.connect(path.with_name("news.db.before-add_mood"))) as copy:
            assert copy.execute("SELECT author FROM forgotten").fetchall() == [("somebody",)]

    def test_once(self, path: Path) -> None:
        prepare(path, add_mood)
        path.with_name("news.db.before-add_mood").unlink()
        assert prepare(path, add_mood) is None
        assert copies(path) == []

    def test_several_at_once_need_one_copy(self, path: Path) -> None:
        done = prepare(path, add_mood, remake_stories)
        assert done and done.names == ("add_mood", "remake_stories")
        assert copies(path) == ["news.db.before-add_mood"]

    def test_a_new_file_needs_none(self, tmp_path: Path) -> None:
        database = Database(tmp_path / "new.db")
        database.close()
        assert database.upgrade and database.upgrade.copy is None
        assert copies(tmp_path / "new.db") == []

    def test_a_table_made_anew_keeps_what_refers_to_it(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as conn:
            conn.execute("CREATE VIEW my_desk AS SELECT s.title FROM stories s JOIN posts p ON p.story_id = s.id")
            counted = conn.execute("SELECT count(*) FROM my_desk").fetchone()
        prepare(path, remake_stories)
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
            assert conn.execute("SELECT count(*) FROM my_desk").fetchone() == counted
            assert (
                "REFERENCES stories" in conn.execute("SELECT sql FROM sqlite_master WHERE name = 'posts'").fetchone()[0]
            )
            assert conn.execute("SELECT count(*) FROM latest_stories").fetchone()[0] > 0

    def test_afterwards_references_are_held_again(self, path: Path) -> None:
        with closing(schema.connect(path)) as conn:
            schema.prepare(conn, path, steps(add_mood))
            with pytest.raises(sqlite3.IntegrityError):
                conn.execute("INSERT INTO post_tags VALUES (9999, 'nothing')")


class TestFailing:
    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (broken, "no such table: nowhere"),
            (cuts_threads, "refer to rows that are not there"),
            (commits, "not authorized"),
            (buggy, "KeyError: 'mood'"),
        ],
    )
    def test_leaves_the_file_as_it_was_and_says_what_to_do(self, path: Path, change: Change, why: str) -> None:
        before = content(path)
        with pytest.raises(StorageError) as caught:
            prepare(path, change)
        assert content(path) == before
        message, copy = str(caught.value), path.with_name(f"news.db.before-{change.__name__}")
        assert f"the change {change.__name__!r} of this version failed" in message
        assert why in message
        assert f"A copy of the file from before is {copy}" in message
        assert "start again, or go on with the version before" in message
        assert content(copy) == before

    def test_what_was_done_before_it_stays_and_is_named(self, path: Path) -> None:
        with pytest.raises(StorageError, match=r"what was changed before it stays \(add_mood\).*put the copy"):
            prepare(path, add_mood, broken)
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("SELECT DISTINCT mood FROM posts").fetchall() == [("calm",)]
            assert conn.execute("SELECT count(*) FROM latest_posts").fetchone()[0] > 0

    def test_mended_it_goes_on(self, path: Path) -> None:
        with pytest.raises(StorageError):
            prepare(path, add_mood, broken)
        done = prepare(path, add_mood, remake_stories)
        assert done and done.names == ("remake_stories",)

    def test_old_copies_stay_until_an_upgrade_went_well(self, path: Path) -> None:
        for number, name in enumerate(("first", "second", "third")):
            copy = path.with_name(f"news.db.before-{name}")
            copy.write_bytes(b"old")
            os.utime(copy, (number, number))
        path.with_name("news.db.before-fourth.part").write_bytes(b"cut short")
        with pytest.raises(StorageError):
            prepare(path, broken)
        assert len(copies(path)) == 5
        prepare(path, add_mood)
        assert copies(path) == ["news.db.before-add_mood", "news.db.before-broken"]


_KILLED = """
import os, pathlib, signal, sys
from contextlib import closing
from aggregator.storage import schema
from aggregator.storage.file import copying
from aggregator.storage.upgrade.migrations import migrations
from sqlite_utils.migrations import Migrations
from aggregator.storage.upgrade.scripts import run_script
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
def add_mood(db):
    run_script(db.conn, "ALTER TABLE posts ADD COLUMN mood TEXT;\\nUPDATE posts SET mood = 'calm';")
    db.conn.execute("PRAGMA cache_spill = 1")
    if sys.argv[2] == "migration": die()
if sys.argv[2] == "copy": copying.make_like = die
if sys.argv[2] == "named": copying.sync = lambda path: path.is_dir() and die()
steps = Migrations("aggregator")
for each in (*(step.fn for step in migrations._migrations), add_mood): steps()(each)
path = pathlib.Path(sys.argv[1])
with closing(schema.connect(path)) as conn: schema.prepare(conn, path, steps)
"""


@pytest.mark.parametrize("when", ["copy", "named", "migration"])
def test_killed_it_begins_anew(path: Path, when: str) -> None:
    before = content(path)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path), when], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert content(path) == before
    again = prepare(path, add_mood)
    assert again and again.names == ("add_mood",)
    assert content(path.with_name("news.db.before-add_mood")) == before
    assert copies(path) == ["news.db.before-add_mood"]
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def health(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aggregator", "--database", str(path), "health"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def shown(path: Path) -> str:
    """What another process is told."""
    code = (
        "import pathlib, sys; from aggregator.storage.file.notice import Notice\n"
        "print(Notice(pathlib.Path(sys.argv[1])).read())"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_copy_of_a_file_that_is_linked_lies_beside_the_file(path: Path, tmp_path: Path) -> None:
    """There is the room that was looked for, and there it is found by who goes back."""
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(path)
    done = prepare(link, add_mood)
    assert done and done.copy == path.with_name("news.db.before-add_mood")
    assert copies(path) == ["news.db.before-add_mood"]
    assert [file.name for file in link.parent.iterdir()] == ["link.db"]
    assert link.is_symlink()


class TestNotAlone:
    def test_a_daemon_that_is_at_work_is_left_alone(self, path: Path) -> None:
        before = content(path)
        holder = (
            "import sys, pathlib; from aggregator.storage.file.lock import WriterLock\n"
            "WriterLock(pathlib.Path(sys.argv[1])).acquire(); print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as daemon:
            assert daemon.stdout and daemon.stdout.readline() == b"held\n"
            with closing(schema.connect(path)) as conn, pytest.raises(DatabaseBusyError) as caught:
                migrate(conn, path, steps(add_mood), _NO_VIEWS, pause=lambda _: None)
            daemon.communicate()
        assert "is of an older version" in str(caught.value)
        assert f"(process {daemon.pid})" in str(caught.value)
        assert content(path) == before
        assert copies(path) == []

    def test_who_holds_the_lock_itself_goes_on(self, path: Path) -> None:
        lock = WriterLock(path)
        lock.acquire()
        try:
            assert prepare(path, add_mood)
        finally:
            lock.release()

    def test_a_long_change_gives_signs_of_life(self, path: Path) -> None:
        lock = WriterLock(path)
        lock.acquire()
        ages: list[float] = []

        def slow(db: sqlite_utils.Database) -> None:
            ages.append(lock.seconds_since_beat())  # the copy gave some
            os.utime(lock.path, (0, 0))
            db.conn.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n"
            ).fetchone()
            ages.append(lock.seconds_since_beat())

        os.utime(lock.path, (0, 0))
        try:
            prepare(path, slow)
        finally:
            lock.release()
        assert max(ages) < 60

    def test_health_is_told_of_it_and_finds_nothing_wrong(self, path: Path) -> None:
        """However long it takes: who is started again in the middle begins anew."""
        lock = WriterLock(path)
        lock.acquire()
        lock.polled_at -= 3 * 3600
        lock.beat()
        told: list[subprocess.CompletedProcess[str]] = []

        def slow(db: sqlite_utils.Database) -> None:
            told.append(health(path))

        try:
            assert "upgrading" not in health(path).stdout
            prepare(path, slow)
            assert "upgrading" not in health(path).stdout
        finally:
            lock.release()
        assert [each.returncode for each in told] == [0], told
        assert "it is upgrading its database; it polls when that is done" in told[0].stdout

    def test_what_a_daemon_told_before_is_told_again_after_it(self, path: Path) -> None:
        notice = Notice(path)
        notice.open()
        notice.show(Obstacle.DISK_FULL)
        told: list[str] = []
        prepare(path, lambda db: told.append(shown(path)))
        assert [*told, shown(path)] == [Obstacle.UPGRADE, Obstacle.DISK_FULL]
        notice.close()

    def test_who_comes_second_finds_it_done(self, path: Path) -> None:
        lock = WriterLock(path)
        lock.acquire()
        _forget_holders()

        def pause(_: float) -> None:
            """The other process is ready, and goes on with its work."""
            with closing(schema.connect(path)) as other:
                steps(add_mood).apply(sqlite_utils.Database(other))

        with closing(schema.connect(path)) as conn:
            assert migrate(conn, path, steps(add_mood), _NO_VIEWS, pause=pause) == Upgrade((), None)
        lock.release()

    def test_several_processes_at_once(self, path: Path) -> None:
        code = _KILLED.replace("sys.argv[2]", "'nothing'")
        together = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
        assert [each.wait(60) for each in together] == [0, 0, 0, 0]
        with closing(sqlite3.connect(path)) as conn:
            names = conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
        assert names == [*((step.name,) for step in migrations._migrations), ("add_mood",)]

    def test_several_processes_make_a_new_file_at_once(self, tmp_path: Path) -> None:
        code = _KILLED.replace("sys.argv[2]", "'nothing'")
        path = tmp_path / "new.db"
        together = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
        assert [each.wait(60) for each in together] == [0, 0, 0, 0]
        assert copies(path) == []


_NO_VIEWS = Views(lambda _: None, lambda _: None)


def _forget_holders() -> None:
    """As in another process, which does not know of the locks of this one."""
    from aggregator.storage.file import lock

    lock._held_here.clear()


class TestReaders:
    def test_an_older_file_is_read_and_left_as_it_is(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as conn:
            conn.executescript("DROP TABLE reworks; DELETE FROM _sqlite_migrations WHERE name = 'reworks';")
        before = content(path)
        with Reader(path) as reader:
            assert reader.totals().rows[0][0] > 0
            with pytest.raises(AggregatorError, match=r"no such table: reworks.*is of an older version: the next"):
                reader.ask("SELECT * FROM reworks")
        assert content(path) == before

    def test_of_todays_file_nothing_of_the_kind_is_said(self, path: Path) -> None:
        with Reader(path) as reader, pytest.raises(AggregatorError, match=r"no such table: nowhere$"):
            reader.ask("SELECT * FROM nowhere")
