import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils.migrations import Migrations

from aggregator.model.errors import DatabaseUnwritableError, NotOurDatabaseError, SchemaTooNewError, StorageError
from aggregator.storage import schema
from aggregator.storage.database import Database
from aggregator.storage.upgrade import earlier as steps
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.upgrade.scripts import run_script, statements
from aggregator.text.headline import headline

# The names that other tools rely on.
PROMISED = {
    "sources": "id kind url title status last_poll_at last_success_at next_poll_at failures last_error removed_at",
    "posts": (
        "id kind uri url canonical_url article_url title text html author language published_at edited_at "
        "first_seen_at gone_at sensitive content_warning boosts favourites replies copy_of copy_because copy_score "
        "story_id story_because story_score"
    ),
    "sightings": "source_id native_id post_id seen_at",
    "post_tags": "post_id tag",
    "topics": "topic label kind",
    "post_topics": "post_id topic score because",
    "stories": ("id slug title lead_post_id language first_at last_at post_count source_count score merged_into"),
    "story_links": "story_id earlier_story_id similarity because kind",
    "changes": "seq changed_at what row_id change",
    "latest_posts": "id published_at title url source source_count language topics story_id",
    "latest_stories": "id slug title last_at post_count source_count topics score publishers",
}
VIEWS = {
    "latest_posts", "latest_amounts", "latest_stories", "story_posts", "story_sources", "story_topics",
    "earlier_coverage", "story_briefs", "agenda", "copies",
    "topic_counts_daily", "source_health", "spaceless_posts", "rising_topics", "topics_together", "changes_detail",
    "stories_atom",
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new database, closed."""
    path = tmp_path / "new.db"
    Database(path).close()
    return path


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.commit()
        conn.close()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFreshFile:
    def test_all_tables_are_strict(self, path: Path) -> None:
        loose = ask(
            path,
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND strict = 0 "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite_%'",
        )
        assert loose == []

    def test_says_whose_it_is_and_can_shrink(self, path: Path) -> None:
        assert ask(path, "PRAGMA application_id") == [(schema.APPLICATION_ID,)]
        assert ask(path, "PRAGMA auto_vacuum") == [(2,)]
        assert ask(path, "PRAGMA journal_mode") == [("wal",)]

    @pytest.mark.parametrize("name", PROMISED)
    def test_promised_columns_exist(self, path: Path, name: str) -> None:
        columns = {row[0] for row in ask(path, f"SELECT name FROM pragma_table_xinfo('{name}')")}
        assert set(PROMISED[name].split()) <= columns

    def test_promised_views_exist(self, path: Path) -> None:
        assert {row[0] for row in ask(path, "SELECT name FROM sqlite_master WHERE type = 'view'")} == VIEWS

    def test_every_table_and_view_says_what_it_is(self, path: Path) -> None:
        silent = [
            name
            for name, sql in ask(path, "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')")
            if "--" not in str(sql) and not re.match(r"sqlite_|_sqlite_|posts_fts", str(name))
        ]
        assert silent == []

    def test_foreign_keys_are_declared_and_on(self, path: Path) -> None:
        assert len(ask(path, "SELECT * FROM pragma_foreign_key_list('posts')")) == 2
        writer = Database(path)
        with pytest.raises(sqlite3.IntegrityError), writer.write():
            writer.conn.execute("INSERT INTO post_tags VALUES (99, 'nothing')")
        writer.close()

    def test_ids_are_never_reused(self, path: Path) -> None:
        for name in ("posts", "stories", "changes"):
            assert "AUTOINCREMENT" in str(ask(path, f"SELECT sql FROM sqlite_master WHERE name = '{name}'"))

    def test_other_tools_find_the_search_index(self, path: Path) -> None:
        database = sqlite_utils.Database(path)
        assert database["posts"].detect_fts() == "posts_fts"
        database.close()


class TestOpening:
    def test_twice_changes_nothing(self, path: Path) -> None:
        # Of what SQLite keeps for itself: statistics may come with the second closing.
        everything = "SELECT * FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
        before = ask(path, everything)
        Database(path).close()
        assert ask(path, everything) == before

    def test_newer_schema_is_refused(self, path: Path) -> None:
        ask(
            path,
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('aggregator', 'teleport', '')",
        )
        with pytest.raises(SchemaTooNewError, match=r"later version .* \(it has teleport\); upgrade the program"):
            Database(path)

    def test_other_programs_file_is_refused_and_stays_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        ask(path, "CREATE TABLE recipes (name)")
        before = path.read_bytes()
        with pytest.raises(NotOurDatabaseError, match="another program"):
            Database(path)
        assert path.read_bytes() == before

    def test_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("This is a shopping list, not a database. " * 50)
        with pytest.raises(StorageError, match="is not a SQLite database"):
            Database(path)

    def test_file_whose_making_was_cut_short_is_made_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "half.db"
        conn = schema.connect(path)
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        conn.close()
        Database(path).close()
        assert ask(path, "SELECT count(*) FROM posts") == [(0,)]

    def test_folder_is_made(self, tmp_path: Path) -> None:
        Database(tmp_path / "a" / "b" / "news.db").close()
        assert (tmp_path / "a" / "b" / "news.db").exists()

    def test_folder_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("")
        with pytest.raises(StorageError, match="folder for the database can't be made"):
            Database(tmp_path / "data" / "news.db")

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
    def test_folder_of_somebody_else(self, tmp_path: Path) -> None:
        code = (
            "import os, sys, pathlib, sqlite_utils\n"
            "from aggregator.storage import database\n"  # before the change: the code itself may not be readable after
            "from aggregator.model.errors import StorageError\n"
            "os.setuid(65534)\n"
            "try: database.Database(pathlib.Path(sys.argv[1]))\n"
            "except StorageError as error: print(error)\n"
        )
        for folder in (tmp_path, *tmp_path.parents):  # it can be looked into, but not be written
            if folder.owner() == "root" and "pytest" in str(folder):
                folder.chmod(0o755)
        path = tmp_path / "news.db"
        found = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
        assert found.stdout.startswith(f"{path}: can't be opened")
        assert "Is the folder writable for uid 65534?" in found.stdout


def migrate(path: Path, steps: Migrations) -> None:
    with closing(schema.connect(path)) as conn:
        schema.prepare(conn, path, steps)


class TestMigrations:
    def test_failing_one_leaves_the_file_as_it_was(self, path: Path) -> None:
        def broken(db: sqlite_utils.Database) -> None:
            run_script(db.conn, "CREATE TABLE half (a);\nINSERT INTO half VALUES (1);\nINSERT INTO nowhere VALUES (1);")

        later = Migrations("aggregator")
        for step in migrations._migrations:
            later()(step.fn)
        later()(broken)
        before = ask(path, "SELECT * FROM sqlite_master"), ask(path, "SELECT name FROM _sqlite_migrations")
        with pytest.raises(StorageError, match="no such table: nowhere"):
            migrate(path, later)
        assert (ask(path, "SELECT * FROM sqlite_master"), ask(path, "SELECT name FROM _sqlite_migrations")) == before

    def test_later_one_is_applied_once(self, path: Path) -> None:
        def add_mood(db: sqlite_utils.Database) -> None:
            run_script(db.conn, "ALTER TABLE posts ADD COLUMN mood TEXT;")

        later = Migrations("aggregator")
        for step in migrations._migrations:
            later()(step.fn)
        later()(add_mood)
        migrate(path, later)
        migrate(path, later)
        assert ask(path, "SELECT mood FROM posts") == []


class TestViews:
    def test_made_again_when_they_changed(self, path: Path) -> None:
        ask(path, "DROP VIEW latest_posts")
        ask(path, "CREATE VIEW latest_posts AS SELECT 1 AS of_an_older_version")
        ask(path, "PRAGMA user_version = 5")
        Database(path).close()
        assert "published_at" in str(ask(path, "SELECT sql FROM sqlite_master WHERE name = 'latest_posts'"))

    @pytest.mark.parametrize("is_undone_already", [False, True])
    def test_no_room_for_them_is_told_as_that(self, path: Path, is_undone_already: bool) -> None:
        """SQLite undoes the transaction by itself where the commit finds no room, not where a statement does."""
        with closing(schema.connect(path)) as conn:
            for view in VIEWS - {"spaceless_posts"}:  # which belongs to a search index
                conn.execute(f"DROP VIEW {view}")
            conn.execute("VACUUM")
            conn.execute("PRAGMA user_version = 5")
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = conn.execute("PRAGMA page_count").fetchone()[0]
            if is_undone_already:
                with files_of_at_most(4096), pytest.raises(DatabaseUnwritableError, match="disk"):
                    Database(path)
            else:
                conn.execute(f"PRAGMA max_page_count = {pages}")
                with pytest.raises(StorageError, match="full"):
                    schema.prepare(conn, path)
            assert not conn.in_transaction
            assert conn.execute("SELECT count(*) FROM sqlite_master WHERE type = 'view'").fetchone() == (1,)
        Database(path).close()
        assert {row[0] for row in ask(path, "SELECT name FROM sqlite_master WHERE type = 'view'")} == VIEWS

    def test_users_own_are_kept(self, path: Path) -> None:
        ask(path, "CREATE VIEW my_desk AS SELECT title FROM latest_posts")
        ask(path, "PRAGMA user_version = 5")
        Database(path).close()
        assert ask(path, "SELECT * FROM my_desk") == []

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Seals sing.",
            "One line\n\nand another",
            "The ferry sails again " * 20,
            "x" * 120,
            "x" * 121,
            "x" * 119 + " and more",
            "x" * 120 + " and more",
            f"{'x ' * 58}two words",
            "猫の鳴き声を聞く" * 30,
            "Grüße aus Köln, die Fähre fährt wieder, " * 5,
        ],
    )
    @pytest.mark.parametrize("url", ["https://paper.example/1", None])
    def test_a_post_without_a_title_is_called_as_its_story_is(self, path: Path, text: str, url: str | None) -> None:
        called = headline("", text, url)  # as it is stored
        with closing(sqlite3.connect(path)) as conn:  # as other clients open it: without functions of ours
            conn.execute(
                "INSERT INTO stories (id, slug, title, first_at, last_at, story_version) VALUES (1, '', '', '', '', 1)"
            )
            conn.executemany(
                "INSERT INTO posts (id, kind, text, url, first_seen_at, sort_at, digest, topics_version, story_id, "
                "copy_of, headline) VALUES (?, 'status', ?, ?, '2026', '2026', x'00', '1', 1, ?, ?)",
                [(1, text or None, url, None, called), (2, text or None, url, 1, called)],
            )
            views = ("latest_posts", "story_posts", "copies")
            titles = {row[0] for view in views for row in conn.execute(f"SELECT title FROM {view}")}
            titles |= {row[0] for row in conn.execute("SELECT original_title FROM copies")}
        assert titles == {headline("", text, url)}


def test_statements_keep_triggers_whole() -> None:
    script = (
        "-- first\nCREATE TABLE a (x); -- semicolons; in comments\n\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  INSERT INTO a VALUES (1);\n  SELECT 'END;';\nEND;\n"
        "CREATE TABLE b (y);\n"
    )
    parts = list(statements(script))
    assert len(parts) == 3
    assert parts[0].startswith("-- first\nCREATE TABLE a")
    assert parts[1].startswith("CREATE TRIGGER") and parts[1].endswith("END;")


def test_every_foreign_key_has_an_index_on_its_side(path: Path) -> None:
    """Without one, each change of the row it points at reads the whole table: saving would slow down as it grows."""
    missing = []
    for (table,) in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%REFERENCES%'"):
        for (column,) in ask(path, f"SELECT \"from\" FROM pragma_foreign_key_list('{table}')"):
            [*plan] = ask(path, f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = 1")
            if not str(plan[0][3]).startswith("SEARCH"):
                missing.append(f"{table}.{column}")
    assert missing == []


def test_stored_sources_get_addresses_that_people_read(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(schema.connect(path)) as conn:
        for each in (steps.initial, steps.reworks, steps.missing_statuses):
            each(sqlite_utils.Database(conn))
        conn.execute(
            "INSERT INTO sources (kind, url, interval_seconds) VALUES ('hashtag', 'https://a.example/tags/K%C3%BC', 1)"
        )
        steps.shown_urls(sqlite_utils.Database(conn))
        assert conn.execute("SELECT url, shown_url FROM sources").fetchall() == [
            ("https://a.example/tags/K%C3%BC", "https://a.example/tags/Kü")
        ]
