"""A file from before folders: its sources have none until the configuration names one, and lose nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from aggregator.cli.main import cli
from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader
from aggregator.storage.sources import sync_sources
from tests.helpers.newsroom import filled

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_VIEWS = ("latest_posts", "story_sources", "source_health")


def from_before(folder: Path) -> Path:
    """A file as the version before this change made it."""
    path = filled(folder / "news.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for view in _VIEWS:
            [(sql,)] = conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,))
            conn.execute(f"DROP VIEW {view}")
            head, _, tail = sql.rpartition(",\n    (SELECT s.folder" if view != "source_health" else ",\n    s.folder")
            conn.execute(head + tail[tail.index("\n  FROM ") :])
        conn.execute("ALTER TABLE sources DROP COLUMN folder")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'folders'")
        conn.execute("PRAGMA user_version = 1")
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as conn:
        columns = {
            name: [row[1] for row in conn.execute(f"PRAGMA table_xinfo('{name}')") if row[1] != "folder"]
            for name in ("sources", *_VIEWS)
        }
        return {
            name: conn.execute(f"SELECT {', '.join(names)} FROM {name} ORDER BY 1, 2").fetchall()
            for name, names in columns.items()
        }


def test_its_sources_get_the_folders_of_the_file_and_keep_all_else(tmp_path: Path) -> None:
    path = from_before(tmp_path)
    before = rows(path)
    database = Database(path)
    assert database.conn.execute("SELECT DISTINCT folder FROM sources").fetchall() == [(None,)]
    assert rows(path) == before and before["latest_posts"]
    feeds = [
        Source(kind=kind, url=url, title=title, folder="Press" if kind == "feed" else None)
        for kind, url, title in database.conn.execute("SELECT kind, url, title FROM sources WHERE removed_at IS NULL")
    ]
    with database.write():
        sync_sources(database.conn, feeds, NOW)
    assert database.conn.execute("SELECT DISTINCT folder FROM sources WHERE kind = 'feed'").fetchall() == [("Press",)]
    in_press = "SELECT count(1) FROM latest_posts WHERE folder = 'Press'"
    assert database.conn.execute(in_press).fetchone()[0] > 0
    assert {row[0] for row in database.conn.execute("SELECT DISTINCT folder FROM story_sources")} == {"Press", None}
    database.close()


def test_who_only_reads_it_sees_what_is_there(tmp_path: Path) -> None:
    path = from_before(tmp_path)
    with Reader(path) as reader:
        assert reader.posts().rows and stories_of(reader, Wanted(), 5).rows
        assert "folder" not in reader.sources().columns
    shown = CliRunner().invoke(cli, ["--database", str(path), "sources"])
    assert shown.exit_code == 0, shown.exception
