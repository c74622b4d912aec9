import os
import sqlite3
from pathlib import Path

import pytest

from aggregator.model.errors import StorageError
from aggregator.storage.copies.snapshot import write_snapshot
from aggregator.storage.database import Database
from aggregator.storage.queries import Reader
from aggregator.storage.sources import sync_topics
from tests.helpers.newsroom import fill


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = Database(tmp_path_factory.mktemp("snapshot") / "news.db")
    fill(writer)
    writer.close()
    return writer.path


def test_has_everything_and_is_whole(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "public" / "news.db"
    write_snapshot(database, target)
    with Reader(database) as original, Reader(target) as copy:
        for table in ("posts", "latest_posts", "latest_stories", "changes", "post_topics", "source_health"):
            sql = f"SELECT * FROM {table}"
            assert copy.ask(sql) == original.ask(sql)
        assert copy.ask("PRAGMA integrity_check").rows == (("ok",),)
        assert copy.search("Mistral") == original.search("Mistral")


def test_opens_where_nothing_can_be_written(database: Path, tmp_path: Path) -> None:
    """As on a read-only mount: no files beside it are needed, because it is not in WAL mode."""
    target = tmp_path / "news.db"
    write_snapshot(database, target)
    assert [path.name for path in tmp_path.iterdir()] == ["news.db"]
    conn = sqlite3.connect(f"file:{target}?mode=ro", uri=True)
    assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert conn.execute("SELECT count(*) FROM latest_posts").fetchone()[0] > 30
    conn.close()
    assert [path.name for path in tmp_path.iterdir()] == ["news.db"]


def test_sees_what_a_running_writer_has_committed_only(tmp_path: Path) -> None:
    writer = Database(tmp_path / "news.db")
    sync_topics(writer.conn, [("a", "A", "topic")])
    with writer.write():
        writer.conn.execute("INSERT INTO topics VALUES ('b', 'B', 'topic')")
        write_snapshot(writer.path, tmp_path / "copy.db")
    writer.close()
    with Reader(tmp_path / "copy.db") as copy:
        assert copy.ask("SELECT topic FROM topics").rows == (("a",),)


def test_replaces_the_old_one_while_it_is_read(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "news.db"
    write_snapshot(database, target)
    with Reader(target) as reading:
        write_snapshot(database, target)
        assert reading.ask("SELECT count(*) FROM posts").rows[0][0] > 30


def test_parts_of_killed_writers_are_removed_those_under_way_are_not(database: Path, tmp_path: Path) -> None:
    old, fresh = tmp_path / "news.db.1.part", tmp_path / "news.db.2.part"
    for part in (old, fresh):
        part.write_text("half")
    os.utime(old, (0, 0))
    write_snapshot(database, tmp_path / "news.db")
    assert not old.exists()
    assert fresh.exists()


def test_trouble_leaves_the_old_one(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "news.db"
    target.mkdir()
    with pytest.raises(StorageError, match="the snapshot can't be written"):
        write_snapshot(database, target)
    assert [path.name for path in tmp_path.iterdir()] == ["news.db"]
