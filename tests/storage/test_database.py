import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.model.changes import Changes, PolledSource
from aggregator.model.errors import StorageError
from aggregator.model.poll import Outcome
from aggregator.model.source import Source, SourceMemory
from aggregator.storage.database import Store
from aggregator.storage.open_stories import load_members, load_open_stories
from aggregator.storage.retention import prune
from aggregator.storage.save import save_changes
from aggregator.storage.sources import load_due, load_memories, sync_sources, sync_topics
from tests.helpers.build import NOW, make_collected
from tests.helpers.newsroom import Newsroom
from tests.helpers.newsroom_posts import LANTERN, Poll, article

ONE = Source(kind="feed", url="https://one.example/feed", title="One")
TWO = Source(kind="hashtag", url="https://two.example/tags/ai")
THREE = Source(kind="feed", url="https://three.example/feed", interval=timedelta(hours=6), language="de")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "news.db")
    yield store
    store.close()


def polled(source: Source, **values: object) -> PolledSource:
    collected = make_collected(source=source)
    defaults = {"status": "ok", "memory": SourceMemory(), "next_poll_at": NOW + source.interval}
    return PolledSource(collected=collected, **{**defaults, **values})  # type: ignore[arg-type]


def save(store: Store, *each: PolledSource) -> None:
    with store.write():
        save_changes(store.conn, Changes(now=NOW, polled=each))


def source_row(store: Store, source: Source) -> sqlite3.Row:
    [row] = store.query("SELECT * FROM sources WHERE url = ?", (source.url,))
    return row


class TestSyncSources:
    def test_gives_ids_in_the_order_of_the_configuration(self, store: Store) -> None:
        assert [source.id for source in sync_sources(store.conn, [ONE, TWO], NOW)] == [1, 2]
        again = sync_sources(store.conn, [THREE, TWO, ONE], NOW)
        assert [(source.url, source.id) for source in again] == [(THREE.url, 3), (TWO.url, 2), (ONE.url, 1)]

    def test_writes_what_the_configuration_says(self, store: Store) -> None:
        sync_sources(store.conn, [THREE], NOW)
        row = source_row(store, THREE)
        assert (row["kind"], row["language"], row["interval_seconds"], row["status"]) == ("feed", "de", 21600, "new")

    def test_one_that_left_is_marked_and_keeps_its_row(self, store: Store) -> None:
        sync_sources(store.conn, [ONE, TWO], NOW)
        sync_sources(store.conn, [ONE], NOW)
        row = source_row(store, TWO)
        assert (row["status"], row["removed_at"], row["next_poll_at"]) == ("removed", "2026-04-05T12:00:00Z", None)
        assert load_due(store.conn, NOW) == [1]

    def test_all_may_leave(self, store: Store) -> None:
        sync_sources(store.conn, [ONE, TWO], NOW)
        assert sync_sources(store.conn, [], NOW) == ()
        assert load_due(store.conn, NOW) == []

    def test_one_that_came_back_is_due_at_once_and_forgets_its_trouble(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        save(store, polled(one, status="failing", memory=SourceMemory(failures=7, etag='"v1"')))
        sync_sources(store.conn, [], NOW)
        sync_sources(store.conn, [ONE], NOW)
        row = source_row(store, ONE)
        assert (row["status"], row["removed_at"], row["failures"], row["last_error"]) == ("new", None, 0, None)
        assert load_due(store.conn, NOW) == [one.id]
        assert load_memories(store.conn, [one.id])[one.id].etag == '"v1"'

    def test_trouble_of_one_that_stays_is_kept(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        save(store, polled(one, status="failing", memory=SourceMemory(failures=7)))
        sync_sources(store.conn, [ONE], NOW)
        assert (source_row(store, ONE)["status"], source_row(store, ONE)["failures"]) == ("failing", 7)

    def test_own_title_stays_where_the_configuration_has_none(self, store: Store) -> None:
        [two] = sync_sources(store.conn, [TWO], NOW)
        with store.write():
            store.conn.execute("UPDATE sources SET title = 'AI at Two' WHERE id = ?", (two.id,))
        sync_sources(store.conn, [TWO], NOW)
        assert source_row(store, TWO)["title"] == "AI at Two"
        sync_sources(store.conn, [replace(TWO, title="Two")], NOW)
        assert source_row(store, TWO)["title"] == "Two"

    def test_shorter_interval_counts_from_the_last_poll(self, store: Store) -> None:
        [three] = sync_sources(store.conn, [THREE], NOW)
        save(store, polled(three))
        sync_sources(store.conn, [replace(THREE, interval=timedelta(minutes=30))], NOW)
        assert source_row(store, THREE)["next_poll_at"] == "2026-04-05T12:30:00Z"

    def test_shorter_interval_does_not_cut_a_backoff(self, store: Store) -> None:
        [three] = sync_sources(store.conn, [THREE], NOW)
        save(store, polled(three, status="limited"))
        sync_sources(store.conn, [replace(THREE, interval=timedelta(minutes=30))], NOW)
        assert source_row(store, THREE)["next_poll_at"] == "2026-04-05T18:00:00Z"

    def test_thousands(self, store: Store) -> None:
        many = [Source(kind="feed", url=f"https://s{number}.example/feed") for number in range(3000)]
        assert len(sync_sources(store.conn, many, NOW)) == len(load_due(store.conn, NOW)) == 3000


class TestSyncTopics:
    def test_follows_the_taxonomy(self, store: Store) -> None:
        sync_topics(store.conn, [("funding", "Funding", "topic"), ("acme", "Acme", "company")])
        sync_topics(store.conn, [("funding", "Money", "topic")])
        assert [tuple(row) for row in store.query("SELECT * FROM topics")] == [("funding", "Money", "topic")]

    def test_one_that_posts_have_stays(self, store: Store) -> None:
        newsroom = Newsroom(store)
        newsroom.poll(Poll(timedelta(0), LANTERN, (article(LANTERN, "x", "Acme raises money", "A lot."),)))
        sync_topics(store.conn, [])
        assert [row[0] for row in store.query("SELECT topic FROM topics")] == ["funding"]


class TestSchedule:
    def test_longest_due_first_those_never_polled_before(self, store: Store) -> None:
        one, two, three = sync_sources(store.conn, [ONE, TWO, THREE], NOW)
        save(
            store,
            polled(one, next_poll_at=NOW - timedelta(minutes=1)),
            polled(two, next_poll_at=NOW - timedelta(hours=1)),
        )
        assert load_due(store.conn, NOW) == [three.id, two.id, one.id]

    def test_what_is_not_due_yet_is_left_out(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        save(store, polled(one, next_poll_at=NOW + timedelta(seconds=1)))
        assert load_due(store.conn, NOW) == []
        assert load_due(store.conn, NOW + timedelta(seconds=1)) == [one.id]


class TestMemories:
    def test_come_back_as_saved(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        memory = SourceMemory(
            etag='W/"ü"', last_modified="Sun, 05 Apr 2026", body_digest=b"\x00\xff", cursor="1099", failures=3,
            last_success_at=NOW,
        )  # fmt: skip
        save(store, polled(one, memory=memory))
        assert load_memories(store.conn, [one.id]) == {one.id: memory}

    def test_of_a_new_source_are_empty(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        assert load_memories(store.conn, [one.id, 99]) == {one.id: SourceMemory()}

    def test_trouble_is_kept_in_words_until_a_success(self, store: Store) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        failed = make_collected(source=one, outcome=Outcome.FAILED, detail="no route to host")
        save(store, replace(polled(one, status="failing"), collected=failed))
        assert source_row(store, ONE)["last_error"] == "no route to host"
        save(store, polled(one))
        assert source_row(store, ONE)["last_error"] is None


class TestWrite:
    def test_is_undone_when_the_block_raises(self, store: Store) -> None:
        with pytest.raises(KeyError), store.write():
            store.conn.execute("INSERT INTO topics VALUES ('a', 'A', 'topic')")
            raise KeyError
        assert store.query("SELECT * FROM topics") == []
        with store.write():
            store.conn.execute("INSERT INTO topics VALUES ('b', 'B', 'topic')")
        assert len(store.query("SELECT * FROM topics")) == 1

    def test_a_commit_that_is_refused_leaves_the_store_usable(self, store: Store) -> None:
        with pytest.raises(sqlite3.IntegrityError), store.write():  # the lead post is checked at the commit
            store.conn.execute(
                "INSERT INTO stories (slug, title, lead_post_id, first_at, last_at, story_version) "
                "VALUES ('s', 't', 9, '', '', 1)"
            )
        with store.write():
            assert store.query("SELECT * FROM stories") == []

    def test_trouble_with_the_file_is_a_storage_error(self, store: Store) -> None:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.conn.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(StorageError, match="another program holds it locked"), store.write():
            raise AssertionError("not reached")
        other.execute("ROLLBACK")
        other.close()
        with store.write():
            pass

    def test_full_disk_is_a_storage_error_and_undone(self, store: Store) -> None:
        pages = store.query("PRAGMA page_count")[0][0]
        store.conn.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageError, match="full"), store.write():
            store.conn.executemany("INSERT INTO topics VALUES (?, 'x', 'y')", ((str(n) * 50,) for n in range(1000)))
        assert store.query("SELECT * FROM topics") == []


class TestOtherWriters:
    def test_are_noticed_once(self, store: Store) -> None:
        assert not store.was_changed_by_others()
        other = Store(store.path)
        sync_topics(other.conn, [("a", "A", "topic")])
        other.close()
        assert store.was_changed_by_others()
        assert not store.was_changed_by_others()

    def test_own_writing_does_not_count(self, store: Store) -> None:
        sync_topics(store.conn, [("a", "A", "topic")])
        assert not store.was_changed_by_others()


class TestPrune:
    def test_drops_look_up_keys_of_old_texts_only(self, store: Store) -> None:
        newsroom = Newsroom(store)
        text = "Nine weather offices train a model together and keep their measurements at home, they said."
        newsroom.poll(Poll(timedelta(days=20), LANTERN, (article(LANTERN, "old", "Old", text),)))
        newsroom.poll(Poll(timedelta(days=1), LANTERN, (article(LANTERN, "new", "New", f"{text} It works well."),)))
        with store.write():
            prune(store.conn, NOW, timedelta(days=6), 3000)
        assert [row[0] for row in store.query("SELECT DISTINCT post_id FROM post_bands")] == [2]

    @pytest.mark.parametrize(("least", "kept"), [(1, [2, 3]), (2, [2, 3]), (3, [1, 2, 3])])
    def test_drops_the_words_of_posts_that_grouping_has_forgotten(
        self, store: Store, least: int, kept: list[int]
    ) -> None:
        newsroom = Newsroom(store)
        for number, days in enumerate((21, 19, 1)):
            post = article(LANTERN, f"{number}", f"Title {number}", "")
            newsroom.poll(Poll(timedelta(days=days), LANTERN, (post,)))
        with store.write():
            prune(store.conn, NOW, timedelta(days=6), least)
        assert [row[0] for row in store.query("SELECT post_id FROM post_words")] == kept

    def test_keeps_the_words_of_as_many_posts_as_grouping_remembers(self, store: Store) -> None:
        newsroom = Newsroom(store)
        for number in range(4):
            newsroom.poll(
                Poll(timedelta(days=30 - number), LANTERN, (article(LANTERN, f"{number}", f"Title {number}", ""),))
            )
        with store.write():
            store.conn.execute("UPDATE posts SET gone_at = first_seen_at WHERE id = 3")
            prune(store.conn, NOW, timedelta(days=6), 2)
        _, stories = load_open_stories(store.conn, NOW, 2)
        assert [bool(member.words) for member in load_members(store.conn, stories)] == [True, True]

    @pytest.mark.parametrize(("ages", "kept"), [((40, 31, 29, 1), 2), ((40, 31), 0), ((2, 1), 2), ((), 0)])
    def test_drops_polls_after_a_month(self, store: Store, ages: tuple[int, ...], kept: int) -> None:
        [one] = sync_sources(store.conn, [ONE], NOW)
        for age in ages:
            collected = make_collected(source=one, started_at=NOW - timedelta(days=age))
            save(store, replace(polled(one), collected=collected))
        with store.write():
            prune(store.conn, NOW, timedelta(days=6), 3000)
        assert store.query("SELECT count(*) FROM polls")[0][0] == kept
