import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model.changes import Changes, PolledSource
from aggregator.model.errors import StorageError
from aggregator.model.poll import Outcome
from aggregator.model.source import Source, SourceMemory
from aggregator.storage.database import LOG_LIMIT, Database
from aggregator.storage.keeping.keys import believed, drop_keys
from aggregator.storage.open_stories import load_members, load_open_stories
from aggregator.storage.save import save_changes
from aggregator.storage.sources import load_due, load_memories, sync_sources, sync_topics
from tests.helpers.build import NOW, make_collected
from tests.helpers.newsroom import Newsroom
from tests.helpers.newsroom_polls import LANTERN, Poll, article

ONE = Source(kind="feed", url="https://one.example/feed", title="One")
TWO = Source(kind="hashtag", url="https://two.example/tags/ai")
THREE = Source(kind="feed", url="https://three.example/feed", interval=timedelta(hours=6), language="de")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "news.db")
    yield database
    database.close()


def polled(source: Source, **values: object) -> PolledSource:
    collected = make_collected(source=source)
    defaults = {"status": "ok", "memory": SourceMemory(), "next_poll_at": NOW + source.interval}
    return PolledSource(collected=collected, **{**defaults, **values})  # type: ignore[arg-type]


def save(database: Database, *each: PolledSource) -> None:
    with database.write():
        save_changes(database.conn, Changes(now=NOW, polled=each))


def source_row(database: Database, source: Source) -> sqlite3.Row:
    [row] = database.query("SELECT * FROM sources WHERE url = ?", (source.url,))
    return row


def due(database: Database, now: datetime = NOW) -> list[int]:
    """The sources that are due, failing ones last."""
    return [source_id for source_id, _ in load_due(database.conn, now)]


class TestSyncSources:
    def test_gives_ids_in_the_order_of_the_configuration(self, database: Database) -> None:
        assert [source.id for source in sync_sources(database.conn, [ONE, TWO], NOW)] == [1, 2]
        again = sync_sources(database.conn, [THREE, TWO, ONE], NOW)
        assert [(source.url, source.id) for source in again] == [(THREE.url, 3), (TWO.url, 2), (ONE.url, 1)]

    def test_writes_what_the_configuration_says(self, database: Database) -> None:
        sync_sources(database.conn, [THREE], NOW)
        row = source_row(database, THREE)
        assert (row["kind"], row["language"], row["interval_seconds"], row["status"]) == ("feed", "de", 21600, "new")

    def test_one_that_left_is_marked_and_keeps_its_row(self, database: Database) -> None:
        sync_sources(database.conn, [ONE, TWO], NOW)
        sync_sources(database.conn, [ONE], NOW)
        row = source_row(database, TWO)
        assert (row["status"], row["removed_at"], row["next_poll_at"]) == ("removed", "2026-04-05T12:00:00Z", None)
        assert due(database) == [1]

    def test_all_may_leave(self, database: Database) -> None:
        sync_sources(database.conn, [ONE, TWO], NOW)
        assert sync_sources(database.conn, [], NOW) == ()
        assert due(database) == []

    def test_one_that_came_back_is_due_at_once_and_forgets_its_trouble(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        save(database, polled(one, status="failing", memory=SourceMemory(failures=7, etag='"v1"')))
        sync_sources(database.conn, [], NOW)
        sync_sources(database.conn, [ONE], NOW)
        row = source_row(database, ONE)
        assert (row["status"], row["removed_at"], row["failures"], row["last_error"]) == ("new", None, 0, None)
        assert due(database) == [one.id]
        assert load_memories(database.conn, [one.id])[one.id].etag == '"v1"'

    def test_trouble_of_one_that_stays_is_kept(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        save(database, polled(one, status="failing", memory=SourceMemory(failures=7)))
        sync_sources(database.conn, [ONE], NOW)
        assert (source_row(database, ONE)["status"], source_row(database, ONE)["failures"]) == ("failing", 7)

    def test_own_title_stays_where_the_configuration_has_none(self, database: Database) -> None:
        [two] = sync_sources(database.conn, [TWO], NOW)
        with database.write():
            database.conn.execute("UPDATE sources SET title = 'AI at Two' WHERE id = ?", (two.id,))
        sync_sources(database.conn, [TWO], NOW)
        assert source_row(database, TWO)["title"] == "AI at Two"
        sync_sources(database.conn, [replace(TWO, title="Two")], NOW)
        assert source_row(database, TWO)["title"] == "Two"

    def test_shorter_interval_counts_from_the_last_poll(self, database: Database) -> None:
        [three] = sync_sources(database.conn, [THREE], NOW)
        save(database, polled(three))
        sync_sources(database.conn, [replace(THREE, interval=timedelta(minutes=30))], NOW)
        assert source_row(database, THREE)["next_poll_at"] == "2026-04-05T12:30:00Z"

    def test_shorter_interval_does_not_cut_a_backoff(self, database: Database) -> None:
        [three] = sync_sources(database.conn, [THREE], NOW)
        save(database, polled(three, status="limited"))
        sync_sources(database.conn, [replace(THREE, interval=timedelta(minutes=30))], NOW)
        assert source_row(database, THREE)["next_poll_at"] == "2026-04-05T18:00:00Z"

    def test_thousands(self, database: Database) -> None:
        many = [Source(kind="feed", url=f"https://s{number}.example/feed") for number in range(3000)]
        assert len(sync_sources(database.conn, many, NOW)) == len(due(database)) == 3000


class TestSyncTopics:
    def test_follows_the_taxonomy(self, database: Database) -> None:
        sync_topics(database.conn, [("funding", "Funding", "topic"), ("acme", "Acme", "company")])
        sync_topics(database.conn, [("funding", "Money", "topic")])
        assert [tuple(row) for row in database.query("SELECT * FROM topics")] == [("funding", "Money", "topic")]

    def test_one_that_posts_have_stays(self, database: Database) -> None:
        newsroom = Newsroom(database)
        newsroom.poll(Poll(timedelta(0), LANTERN, (article(LANTERN, "x", "Acme raises money", "A lot."),)))
        sync_topics(database.conn, [])
        assert [row[0] for row in database.query("SELECT topic FROM topics")] == ["funding"]


class TestSchedule:
    def test_longest_due_first_those_never_polled_before(self, database: Database) -> None:
        one, two, three = sync_sources(database.conn, [ONE, TWO, THREE], NOW)
        save(
            database,
            polled(one, next_poll_at=NOW - timedelta(minutes=1)),
            polled(two, next_poll_at=NOW - timedelta(hours=1)),
        )
        assert due(database) == [three.id, two.id, one.id]

    def test_what_is_not_due_yet_is_left_out(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        save(database, polled(one, next_poll_at=NOW + timedelta(seconds=1)))
        assert due(database) == []
        assert due(database, NOW + timedelta(seconds=1)) == [one.id]


class TestMemories:
    def test_come_back_as_saved(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        memory = SourceMemory(
            etag='W/"ü"', last_modified="Sun, 05 Apr 2026", body_digest=b"\x00\xff", cursor="1099", failures=3,
            last_success_at=NOW,
        )  # fmt: skip
        save(database, polled(one, memory=memory))
        assert load_memories(database.conn, [one.id]) == {one.id: memory}

    def test_of_a_new_source_are_empty(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        assert load_memories(database.conn, [one.id, 99]) == {one.id: SourceMemory()}

    def test_trouble_is_kept_in_words_until_a_success(self, database: Database) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        failed = make_collected(source=one, outcome=Outcome.FAILED, detail="no route to host")
        save(database, replace(polled(one, status="failing"), collected=failed))
        assert source_row(database, ONE)["last_error"] == "no route to host"
        save(database, polled(one))
        assert source_row(database, ONE)["last_error"] is None


class TestWrite:
    def test_is_undone_when_the_block_raises(self, database: Database) -> None:
        with pytest.raises(KeyError), database.write():
            database.conn.execute("INSERT INTO topics VALUES ('a', 'A', 'topic')")
            raise KeyError
        assert database.query("SELECT * FROM topics") == []
        with database.write():
            database.conn.execute("INSERT INTO topics VALUES ('b', 'B', 'topic')")
        assert len(database.query("SELECT * FROM topics")) == 1

    def test_a_commit_that_is_refused_leaves_the_store_usable(self, database: Database) -> None:
        with pytest.raises(sqlite3.IntegrityError), database.write():  # the lead post is checked at the commit
            database.conn.execute(
                "INSERT INTO stories (slug, title, lead_post_id, first_at, last_at, story_version) "
                "VALUES ('s', 't', 9, '', '', 1)"
            )
        with database.write():
            assert database.query("SELECT * FROM stories") == []

    def test_trouble_with_the_file_is_a_storage_error(self, database: Database) -> None:
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        database.conn.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(StorageError, match="another program holds it locked"), database.write():
            raise AssertionError("not reached")
        other.execute("ROLLBACK")
        other.close()
        with database.write():
            pass

    def test_full_disk_is_a_storage_error_and_undone(self, database: Database) -> None:
        pages = database.query("PRAGMA page_count")[0][0]
        database.conn.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageError, match="full"), database.write():
            database.conn.executemany("INSERT INTO topics VALUES (?, 'x', 'y')", ((str(n) * 50,) for n in range(1000)))
        assert database.query("SELECT * FROM topics") == []


class TestOtherWriters:
    def test_are_noticed_once(self, database: Database) -> None:
        assert not database.was_changed_by_others()
        other = Database(database.path)
        sync_topics(other.conn, [("a", "A", "topic")])
        other.close()
        assert database.was_changed_by_others()
        assert not database.was_changed_by_others()

    def test_own_writing_does_not_count(self, database: Database) -> None:
        sync_topics(database.conn, [("a", "A", "topic")])
        assert not database.was_changed_by_others()


class TestPrune:
    @staticmethod
    def poll_at(database: Database, *ages: timedelta) -> None:
        [one] = sync_sources(database.conn, [ONE], NOW)
        for age in ages:
            save(database, replace(polled(one), collected=make_collected(source=one, started_at=NOW - age)))

    def test_a_clock_that_was_set_forward_is_believed_after_a_day(self, database: Database) -> None:
        year, day = timedelta(days=365), timedelta(days=1)
        self.poll_at(database, timedelta(hours=30), timedelta(0))
        assert believed(database.conn, NOW) == NOW - timedelta(hours=6)
        assert believed(database.conn, NOW + year) == NOW + day
        self.poll_at(database, -year)
        assert believed(database.conn, NOW + year) == NOW + day
        assert believed(database.conn, NOW + year + day) == NOW + year + day
        assert believed(database.conn, NOW + timedelta(hours=1)) == NOW - timedelta(hours=6)  # it was set back again

    def test_nothing_is_old_where_no_poll_is_a_day_old(self, database: Database) -> None:
        assert believed(database.conn, NOW) is None
        self.poll_at(database, timedelta(0))
        assert believed(database.conn, NOW) is None
        assert believed(database.conn, datetime(1970, 1, 1, tzinfo=UTC)) is None

    def test_what_came_while_the_clock_was_behind_takes_nothing_along(self, database: Database) -> None:
        newsroom = Newsroom(database)
        text = "Nine weather offices train a model together and keep their measurements at home, they said."
        for number, days in enumerate((2, 365, 1)):
            post = article(LANTERN, f"{number}", f"Title {number}", text)
            newsroom.poll(Poll(timedelta(days=days), LANTERN, (post,)))
        with database.write():
            drop_keys(database.conn, NOW, timedelta(days=6), 0)
        assert [row[0] for row in database.query("SELECT DISTINCT post_id FROM post_bands ORDER BY 1")] == [1, 2, 3]
        assert [row[0] for row in database.query("SELECT post_id FROM post_words")] == [1, 2, 3]

    def test_drops_look_up_keys_of_old_texts_only(self, database: Database) -> None:
        newsroom = Newsroom(database)
        text = "Nine weather offices train a model together and keep their measurements at home, they said."
        newsroom.poll(Poll(timedelta(days=20), LANTERN, (article(LANTERN, "old", "Old", text),)))
        newsroom.poll(Poll(timedelta(days=1), LANTERN, (article(LANTERN, "new", "New", f"{text} It works well."),)))
        with database.write():
            drop_keys(database.conn, NOW, timedelta(days=6), 3000)
        assert [row[0] for row in database.query("SELECT DISTINCT post_id FROM post_bands")] == [2]

    @pytest.mark.parametrize(("least", "kept"), [(1, [2, 3]), (2, [2, 3]), (3, [1, 2, 3])])
    def test_drops_the_words_of_posts_that_grouping_has_forgotten(
        self, database: Database, least: int, kept: list[int]
    ) -> None:
        newsroom = Newsroom(database)
        for number, days in enumerate((21, 19, 1)):
            post = article(LANTERN, f"{number}", f"Title {number}", "")
            newsroom.poll(Poll(timedelta(days=days), LANTERN, (post,)))
        with database.write():
            drop_keys(database.conn, NOW, timedelta(days=6), least)
        assert [row[0] for row in database.query("SELECT post_id FROM post_words")] == kept

    def test_keeps_the_words_of_as_many_posts_as_grouping_remembers(self, database: Database) -> None:
        newsroom = Newsroom(database)
        for number in range(4):
            newsroom.poll(
                Poll(timedelta(days=30 - number), LANTERN, (article(LANTERN, f"{number}", f"Title {number}", ""),))
            )
        with database.write():
            database.conn.execute("UPDATE posts SET gone_at = first_seen_at WHERE id = 3")
            drop_keys(database.conn, NOW, timedelta(days=6), 2)
        _, stories = load_open_stories(database.conn, NOW, 2)
        assert [bool(member.words) for member in load_members(database.conn, stories)] == [True, True]


class TestLog:
    @staticmethod
    def size(database: Database) -> int:
        return database.path.with_name(f"{database.path.name}-wal").stat().st_size

    def grow(self, database: Database) -> None:
        with database.write():
            database.conn.execute("CREATE TABLE IF NOT EXISTS much (data BLOB)")
        for _ in range(6):
            with database.write():
                database.conn.execute("DELETE FROM much")
                database.conn.execute("INSERT INTO much VALUES (zeroblob(1000000))")

    def test_what_a_long_reader_made_grow_is_folded_in_after_it(self, database: Database) -> None:
        reader = sqlite3.connect(database.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sources").fetchone()
        self.grow(database)
        grown = self.size(database)
        database.fold_log()
        assert self.size(database) == grown > LOG_LIMIT
        assert database.conn.execute("PRAGMA busy_timeout").fetchone() == (10_000,)
        reader.execute("COMMIT")
        database.fold_log()
        assert self.size(database) == 0
        reader.close()

    def test_it_is_found_where_the_file_is_only_linked(self, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "link.db").symlink_to(tmp_path / "disk" / "news.db")
        database = Database(tmp_path / "link.db")
        database.conn.execute("PRAGMA wal_autocheckpoint = 0")
        self.grow(database)
        log = tmp_path / "disk" / "news.db-wal"
        assert log.stat().st_size > LOG_LIMIT
        database.fold_log()
        assert log.stat().st_size == 0
        database.close()

    def test_nobody_is_waited_for(self, database: Database) -> None:
        self.grow(database)
        database.conn.execute("PRAGMA wal_autocheckpoint = 0")
        self.grow(database)
        other = sqlite3.connect(database.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        database.fold_log()
        assert time.monotonic() - began < 5
        other.close()

    def test_a_small_one_is_left_alone(self, database: Database) -> None:
        with database.write():
            database.conn.execute("CREATE TABLE little (data BLOB)")
        before = self.size(database)
        database.fold_log()
        assert self.size(database) == before > 0

    def test_it_is_cut_when_it_begins_anew(self, database: Database) -> None:
        database.conn.execute("PRAGMA wal_autocheckpoint = 0")
        self.grow(database)
        assert self.size(database) > LOG_LIMIT
        database.conn.execute("PRAGMA wal_checkpoint(PASSIVE)")
        with database.write():
            database.conn.execute("DELETE FROM much")
        assert self.size(database) <= LOG_LIMIT
