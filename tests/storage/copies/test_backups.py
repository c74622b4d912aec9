"""Backups: whole, checked, rotated; and back in the database's place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.errors import (
    DatabaseBusyError,
    DatabaseUnwritableError,
    NotFoundError,
    NotOurDatabaseError,
    StorageError,
)
from aggregator.model.timelines import GoneBecause
from aggregator.storage.api.following import changes_after, note_seen
from aggregator.storage.changelog import log_changes
from aggregator.storage.copies.backups import backups_of, faults_of, make_backup
from aggregator.storage.copies.restore import restore
from aggregator.storage.database import Database
from aggregator.storage.deletions import bury_again, forget
from aggregator.storage.file.disk import Volume
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.queries import Reader
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2027, 3, 1, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    made = new_database(tmp_path / "news.db", fill)
    made.close()
    return made.path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def ask(file: Path, sql: str) -> tuple[tuple[Any, ...], ...]:
    with Reader(file) as reader:
        return reader.ask(sql).rows


def ask_plainly(file: Path, sql: str) -> list[tuple[object, ...]]:
    """Of a file that this version refuses."""
    conn = sqlite3.connect(file)
    rows = conn.execute(sql).fetchall()
    conn.close()
    return rows


def change(file: Path, sql: str) -> None:
    writer = Database(file)
    with writer.write():
        writer.conn.execute(sql)
    writer.close()


def damage(file: Path) -> None:
    """Overwrite a page in the middle, as a bad sector does."""
    conn = sqlite3.connect(file)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page, pages = (conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count"))
    conn.close()
    with file.open("r+b") as bytes_of:
        for number in range(pages // 3, pages // 3 + 4):
            bytes_of.seek(number * page)
            bytes_of.write(b"\xff" * page)


# ---------------------------------------------------------------- backups


def test_a_backup_has_everything_and_opens_anywhere(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=3)
    assert made == folder / "news-20270301T040000Z.db"
    assert [each.name for each in folder.iterdir()] == [made.name]
    for table in ("posts", "sources", "sightings", "changes", "latest_stories", "post_topics"):
        assert ask(made, f"SELECT * FROM {table}") == ask(database, f"SELECT * FROM {table}")
    conn = sqlite3.connect(f"file:{made}?mode=ro", uri=True)
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    conn.close()
    assert made.stat().st_mode == database.stat().st_mode


def test_it_has_what_was_committed_when_it_began_while_others_write(database: Path, folder: Path) -> None:
    writer = Database(database)
    before = writer.conn.execute("SELECT count(*) FROM topics").fetchone()
    written = iter(range(1000))

    def write() -> None:
        with writer.write():
            number = next(written)
            writer.conn.execute("INSERT INTO topics VALUES (?, 'T', 'topic')", (f"t{number}",))

    made = make_backup(database, folder, NOW, keep=3, beat=write)
    writer.close()
    assert next(written) > 0
    assert ask(made, "SELECT count(*) FROM topics") == (before,)


def test_the_newest_are_kept_and_nothing_else_is_touched(database: Path, folder: Path) -> None:
    folder.mkdir()
    others = ("news-notes.db", "other-20270301T040000Z.db", "news-20270301T040000Z.db.gz", "news-20279901T040000Z.db")
    for name in others:
        (folder / name).write_text("mine")
    for day in range(5):
        make_backup(database, folder, NOW + day * DAY, keep=2)
    assert [each.made_at for each in backups_of(database, folder)] == [NOW + 4 * DAY, NOW + 3 * DAY]
    assert all((folder / name).exists() for name in others)


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        (["malformed inverted index for FTS5 table main.posts_fts"], []),  # SQLite 3.44 to 3.50
        (
            ["unable to validate the inverted index for FTS5 table main.posts_fts: database is locked"],
            [],
        ),
        (['fts5: corruption found reading blob 137438953472 from table "posts_fts"'], []),  # 3.51
        (
            ['fts5: checksum mismatch for table "posts_fts"', 'fts5: corruption in table "posts_fts_cjk"']
            + [f"row {row} missing from index posts_latest" for row in range(1, 4)],
            [f"row {row} missing from index posts_latest" for row in range(1, 4)],
        ),
        (["Tree 26 page 7 cell 2: Rowid 4 out of order"], ["Tree 26 page 7 cell 2: Rowid 4 out of order"]),
    ],
)
def test_what_newer_versions_of_sqlite_say_of_the_search_is_no_damage(lines: list[str], faults: list[str]) -> None:
    class Newer:
        """A connection whose check of the file has this to say, and no reference leads nowhere."""

        def execute(self, sql: str) -> Newer:
            self.rows = [(line,) for line in lines] if "integrity" in sql else []
            return self

        def fetchall(self) -> list[tuple[str]]:
            return self.rows

        def fetchmany(self, _: int) -> list[tuple[str]]:
            return self.rows

    assert faults_of(Newer()) == faults  # type: ignore[arg-type]


def test_a_damaged_database_makes_none_and_the_old_ones_stay(database: Path, folder: Path) -> None:
    good = make_backup(database, folder, NOW, keep=1)
    damage(database)
    with pytest.raises(StorageError, match=r"damaged|malformed"):
        make_backup(database, folder, NOW + DAY, keep=1)
    assert [each.name for each in folder.iterdir()] == [good.name]


def test_rows_that_point_at_none_are_damage_too(database: Path, folder: Path) -> None:
    conn = sqlite3.connect(database)
    conn.execute("INSERT INTO sightings (source_id, native_id, post_id, seen_at) VALUES (1, 'x', 999999, '2027')")
    conn.commit()
    conn.close()
    with pytest.raises(StorageError, match=r"damaged.*sightings: row .* points at a row of posts that is not there"):
        make_backup(database, folder, NOW, keep=1)


def test_without_room_none_is_begun(database: Path, folder: Path) -> None:
    with pytest.raises(
        DatabaseUnwritableError, match=r"no room for a backup: [\d,.]+ MB are needed in .*, [\d.]+ (kB|bytes) are free"
    ):
        make_backup(database, folder, NOW, keep=1, look=lambda _: Volume(free=10))
    assert list(folder.iterdir()) == []


def test_what_a_killed_one_left_is_removed(database: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "news-20270228T040000Z.db.part").write_text("half")
    make_backup(database, folder, NOW, keep=1)
    assert [each.name for each in folder.iterdir()] == ["news-20270301T040000Z.db"]


def test_a_second_one_meanwhile_is_refused_and_spoils_nothing(database: Path, folder: Path) -> None:
    refused: list[str] = []

    def again() -> None:
        with pytest.raises(StorageError, match="another backup is being made there") as found:
            make_backup(database, folder, NOW + DAY, keep=1)
        refused.append(str(found.value))

    made = make_backup(database, folder, NOW, keep=1, beat=again)
    assert refused and ask(made, "SELECT count(*) FROM posts") == ask(database, "SELECT count(*) FROM posts")


def test_one_whose_part_was_removed_meanwhile_is_none(database: Path, folder: Path) -> None:
    good = make_backup(database, folder, NOW, keep=1)

    def remove() -> None:
        for part in folder.glob("*.part"):
            part.unlink()

    with pytest.raises(StorageError, match="can't be written"):
        make_backup(database, folder, NOW + DAY, keep=1, beat=remove)
    assert [each.name for each in folder.iterdir()] == [good.name]


def test_the_half_of_another_database_is_left_alone(database: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "news-eu-20270228T040000Z.db.part").write_text("half")
    make_backup(database, folder, NOW, keep=1)
    assert (folder / "news-eu-20270228T040000Z.db.part").exists()


@pytest.mark.parametrize("keep", [1, 2])
def test_the_one_just_made_is_never_rotated_away(database: Path, folder: Path, keep: int) -> None:
    for day in (8, 9):
        make_backup(database, folder, NOW + day * DAY, keep=2)
    made = make_backup(database, folder, NOW, keep=keep)  # the clock was set back
    assert made.exists() and len(backups_of(database, folder)) == keep


def test_no_database_no_backup(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(NotFoundError, match="no database there yet"):
        make_backup(tmp_path / "none.db", folder, NOW, keep=1)


# ---------------------------------------------------------------- back again


def test_a_restored_database_is_as_it_was(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    before = {table: ask(made, f"SELECT * FROM {table}") for table in ("posts", "sources", "stories", "post_topics")}
    change(database, "UPDATE stories SET title = 'wrong'")
    found = restore(made, database, NOW + DAY)
    assert {table: ask(database, f"SELECT * FROM {table}") for table in before} == before
    assert found.posts == len(before["posts"]) and found.newest_at
    assert found.replaced == database.with_name("news.db.replaced-20270302T040000Z")
    assert ask(found.replaced, "SELECT DISTINCT title FROM stories") == (("wrong",),)
    assert made.exists()


def test_a_damaged_file_is_replaced_and_kept(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    damage(database)
    found = restore(made, database, NOW)
    assert ask(database, "PRAGMA integrity_check") == (("ok",),)
    assert found.replaced and found.replaced.exists()


def test_on_a_clean_machine(database: Path, folder: Path, tmp_path: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    elsewhere = tmp_path / "elsewhere" / "news.db"
    assert restore(made, elsewhere, NOW).replaced is None
    assert ask(elsewhere, "SELECT id, title FROM posts") == ask(database, "SELECT id, title FROM posts")


def test_numbers_go_on_where_they_were(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    given = "SELECT name, seq FROM sqlite_sequence ORDER BY name"
    change(database, "UPDATE sqlite_sequence SET seq = seq + 100 WHERE name IN ('posts', 'changes')")
    before = ask(database, given)
    restore(made, database, NOW)
    # One more of `changes`: who reads anew goes on from there, past what is undone.
    assert ask(database, given) == tuple((name, seq + (name == "changes")) for name, seq in before)
    # Of another database numbers say nothing.
    other = new_database(folder.parent / "other.db", fill)
    other.close()
    change(other.path, "UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'posts'")
    restore(made, other.path, NOW)
    assert ask(other.path, given) == ask(made, given)


NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'changes'"


def happen(database: Path, number: int) -> None:
    with closing(Database(database)) as opened, opened.write():
        log_changes(opened.conn, NOW, "post", "edited", range(1, number + 1))


def follow(database: Path, name: str, seq: int) -> None:
    with closing(Database(database)) as opened:
        note_seen(opened, name, seq, NOW)


def after(database: Path, since: int) -> list[int]:
    with Reader(database) as reader:
        return [row[0] for row in changes_after(reader, since, 100).rows.rows]


def test_who_followed_past_the_backup_is_told_also_when_the_file_has_grown_past_them(
    database: Path, folder: Path
) -> None:
    ((kept,),) = ask(database, NEWEST)
    follow(database, "early", kept - 1)
    made = make_backup(database, folder, NOW, keep=1)
    happen(database, 5)
    follow(database, "early", kept)
    follow(database, "late", kept + 4)
    restore(made, database, NOW + DAY)
    happen(database, 20)
    assert ask(database, "SELECT name, seq FROM consumers") == (("early", kept), ("late", kept + 4))
    for undone in range(kept + 1, kept + 6):
        with pytest.raises(NotFoundError, match=f"change {undone} is undone: an older copy of the database was put in"):
            after(database, undone)
    # Who saw nothing of that goes on, and so does who has read anew.
    new = list(range(kept + 7, kept + 27))
    assert after(database, kept) == after(database, kept + 6) == new
    assert after(database, kept - 1) == [kept, *new]


def test_who_follows_goes_on_where_nothing_is_undone(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    ((kept,),) = ask(database, NEWEST)
    follow(database, "late", kept)
    restore(made, database, NOW + DAY)
    assert ask(database, "SELECT name, seq FROM consumers") == (("late", kept),)
    assert (after(database, kept), ask(database, "SELECT * FROM restores")) == ([], ())


def test_what_was_taken_back_since_does_not_return(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    first, second, kept = (row[0] for row in ask(database, "SELECT id FROM posts WHERE author IS NOT NULL LIMIT 3"))
    writer = Database(database)
    with writer.write():
        (author,) = writer.conn.execute("SELECT author FROM posts WHERE id = ?", (first,)).fetchone()
        forget(writer.conn, author, (), NOW)
        bury_again(writer.conn, {second: GoneBecause.DELETED}, NOW)
    writer.close()
    gone = "SELECT id, gone_because FROM posts WHERE gone_at IS NOT NULL ORDER BY id"
    before = ask(database, gone)
    assert {first, second} <= {row[0] for row in before}
    found = restore(made, database, NOW + DAY)
    assert found.taken_back == len(before)
    assert ask(database, gone) == before
    assert ask(database, "SELECT author FROM forgotten") == ((author,),)
    assert ask(database, f"SELECT title, text FROM posts WHERE id = {second}") == ((None, None),)
    if kept not in {row[0] for row in before}:
        assert ask(database, f"SELECT gone_at FROM posts WHERE id = {kept}") == ((None,),)


def test_who_is_to_be_forgotten_stays_so_though_the_backup_has_nothing_of_theirs(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "INSERT INTO forgotten VALUES ('Jane Doe', '2027-03-01T05:00:00Z')")
    restore(made, database, NOW + DAY)
    assert ask(database, "SELECT * FROM forgotten") == (("Jane Doe", "2027-03-01T05:00:00Z"),)


def test_what_only_went_from_sight_in_the_backup_is_emptied_too(database: Path, folder: Path) -> None:
    ((post,),) = ask(database, "SELECT id FROM posts WHERE text IS NOT NULL LIMIT 1")
    change(database, f"UPDATE posts SET gone_at = '2027-03-01T00:00:00Z', gone_because = 'deleted' WHERE id = {post}")
    made = make_backup(database, folder, NOW, keep=1)
    writer = Database(database)
    with writer.write():
        bury_again(writer.conn, {post: GoneBecause.FORGOTTEN}, NOW)
    writer.close()
    restore(made, database, NOW + DAY)
    sql = f"SELECT title, text, gone_because FROM posts WHERE id = {post}"
    assert ask(database, sql) == ((None, None, GoneBecause.FORGOTTEN.value),)


def test_a_number_that_was_given_twice_empties_no_other_post(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    ((post,),) = ask(database, "SELECT id FROM posts WHERE uri IS NOT NULL AND text IS NOT NULL LIMIT 1")
    change(database, f"UPDATE posts SET uri = 'https://other.example/1' WHERE id = {post}")
    writer = Database(database)
    with writer.write():
        bury_again(writer.conn, {post: GoneBecause.DELETED}, NOW)
    writer.close()
    assert restore(made, database, NOW + DAY).taken_back == 0


def test_back_from_a_later_version_loses_no_numbers(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "UPDATE sqlite_sequence SET seq = seq + 100 WHERE name = 'posts'")
    change(
        database,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "SELECT migration_set, 'm9999_later', applied_at FROM _sqlite_migrations LIMIT 1",
    )
    ((before,),) = ask_plainly(database, "SELECT seq FROM sqlite_sequence WHERE name = 'posts'")
    restore(made, database, NOW)
    assert ask(database, "SELECT seq FROM sqlite_sequence WHERE name = 'posts'") == ((before,),)


def test_a_link_to_the_database_stays_one(database: Path, folder: Path, tmp_path: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "UPDATE stories SET title = 'wrong'")
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(database)
    found = restore(made, link, NOW)
    assert link.is_symlink() and found.replaced and found.replaced.parent == tmp_path
    assert ("wrong",) not in ask(database, "SELECT DISTINCT title FROM stories")
    assert [each.name for each in link.parent.iterdir()] == ["link.db"]


def test_two_in_a_second_keep_both_files(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "UPDATE stories SET title = 'first'")
    one, two = (restore(made, database, NOW).replaced for _ in range(2))
    assert one and two and one != two
    assert ask(one, "SELECT DISTINCT title FROM stories") == (("first",),)


def test_without_room_nothing_is_restored(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "UPDATE stories SET title = 'newer'")
    with pytest.raises(DatabaseUnwritableError, match=r"no room to restore: [\d,.]+ MB are needed"):
        restore(made, database, NOW, look=lambda _: Volume(free=10))
    assert ask(database, "SELECT DISTINCT title FROM stories") == (("newer",),)


def test_nothing_is_changed_while_a_daemon_is_at_work(database: Path, folder: Path) -> None:
    made = make_backup(database, folder, NOW, keep=1)
    change(database, "UPDATE stories SET title = 'newer'")
    lock = WriterLock(database)
    lock.acquire()
    with pytest.raises(DatabaseBusyError, match="stop it first"):
        restore(made, database, NOW)
    lock.release()
    assert ask(database, "SELECT DISTINCT title FROM stories") == (("newer",),)


def test_what_is_no_whole_backup_is_refused(database: Path, folder: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    damaged = make_backup(database, folder, NOW, keep=1)
    damage(damaged)
    with pytest.raises(StorageError, match=r"damaged|malformed"):
        restore(damaged, database, NOW)
    with pytest.raises(NotFoundError, match="there is no such file"):
        restore(tmp_path / "none.db", database, NOW)
    text = tmp_path / "notes.txt"
    text.write_text("no database, but long enough to be one of them " * 30)
    with pytest.raises(StorageError, match="not a SQLite database"):
        restore(text, database, NOW)
    foreign = tmp_path / "foreign.db"
    conn = sqlite3.connect(foreign)
    conn.execute("CREATE TABLE t (x)")
    conn.close()
    with pytest.raises(NotOurDatabaseError):
        restore(foreign, database, NOW)
    with pytest.raises(StorageError, match="the database itself"):
        restore(database, database, NOW)
    assert database.read_bytes() == before
    assert not [each for each in tmp_path.iterdir() if "restoring" in each.name or "replaced" in each.name]
