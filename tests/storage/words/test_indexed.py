"""New posts come into the search at the end of their transaction; what else it does to them is right before that."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.dedupe.shingles import pack_fingerprint
from aggregator.model.changes import Changes, EditedPost, Membership, NewPost, StoryHead
from aggregator.storage.database import Database
from aggregator.storage.deletions import bury, forget
from aggregator.storage.keeping.keys import drop_keys
from aggregator.storage.save import save_changes
from aggregator.storage.sources import sync_sources
from aggregator.storage.stored_posts import save_fingerprint
from aggregator.storage.words.indexed import index_posts
from tests.helpers.build import NOW, make_enriched, make_source
from tests.helpers.new_database import new_database

INDEXES = ("posts_fts", "posts_fts_cjk")
SEALS = "Seals sing in the bay of Ostermoor, and nobody knows why they do so at night."
JAPANESE = "猫の鳴き声を聞き分ける装置"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path / "news.db")
    sync_sources(database.conn, [make_source(1)], NOW)
    yield database
    database.close()


def add(database: Database, post_id: int, title: str, text: str = "", language: str = "en") -> None:
    """A new post in a story of its own. Expects an open transaction."""
    enriched = make_enriched(f"{post_id}", title=title, text=text, declared_language=language, author="ann")
    story = StoryHead(id=post_id, title=title, lead_post_id=post_id, language=language, at=NOW, is_new=True)
    new = NewPost(
        id=post_id, enriched=enriched, source_id=1, first_seen_at=NOW, copy_of=None,
        membership=Membership(post_id, "first of its kind", 1.0), words={}, by_token=False,
    )  # fmt: skip
    save_changes(database.conn, Changes(now=NOW, new=(new,), stories=(story,)))


def found(database: Database, words: str, index: str = "posts_fts") -> list[int]:
    for each in INDEXES:  # rank 1: compared with the rows of posts
        database.conn.execute(f"INSERT INTO {each} ({each}, rank) VALUES ('integrity-check', 1)")
    return [row[0] for row in database.conn.execute(f"SELECT rowid FROM {index} WHERE {index} MATCH ?", (words,))]


def edit(database: Database) -> None:
    newer = make_enriched("1", title="Walruses dive", text="", author="ann")
    edited = EditedPost(id=1, enriched=newer, seen_at=NOW, headline="Walruses dive")
    save_changes(database.conn, Changes(now=NOW, edited=(edited,)))


def becomes_japanese(database: Database) -> None:
    newer = make_enriched("1", title=JAPANESE, text="", declared_language="ja")
    edited = EditedPost(id=1, enriched=newer, seen_at=NOW, headline=JAPANESE)
    save_changes(database.conn, Changes(now=NOW, edited=(edited,)))


def sql(statement: str) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        database.conn.execute(statement)

    return run


CHANGES = {
    "edited": edit,
    "edited, in another script": becomes_japanese,
    "buried": lambda database: bury(database.conn, [1], NOW),
    "forgotten": lambda database: forget(database.conn, "ann", (), NOW),
    "pruned": sql("UPDATE posts SET text = NULL, title = NULL, pruned_at = sort_at WHERE id = 1"),
    "no words touched": sql("UPDATE posts SET boosts = 3 WHERE id = 1"),
    "set to what it was": sql("UPDATE posts SET title = title, text = text, spaceless = spaceless WHERE id = 1"),
    "attached": sql("UPDATE posts SET attached = 'a walrus on a picture' WHERE id = 1"),
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("when", ["before it is in the index", "after that", "in the next transaction"])
def test_the_search_is_right_however_a_post_changes(database: Database, language: str, how: str, when: str) -> None:
    title = JAPANESE if language == "ja" else "Seals sing"
    with database.write():
        add(database, 1, title, SEALS, language)
        add(database, 2, title, SEALS, language)
        if when == "before it is in the index":
            CHANGES[how](database)
        elif when == "after that":
            index_posts(database.conn)
            CHANGES[how](database)
        add(database, 3, title, SEALS, language)
    if when == "in the next transaction":
        with database.write():
            CHANGES[how](database)
    rows = database.query("SELECT id, title, text, attached, spaceless FROM posts")
    for word in ("seals", "walruses", "walrus"):
        expected = [row[0] for row in rows if word in " ".join(str(value).lower() for value in row[1:4]).split()]
        assert found(database, word) == expected
    expected = [row[0] for row in rows if row[4] and "鳴き声" in (row[1] or "")]
    assert found(database, "鳴き声", "posts_fts_cjk") == expected


@pytest.mark.parametrize("is_indexed", [False, True])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_rows_that_are_removed_by_hand(database: Database, language: str, is_indexed: bool) -> None:
    title = JAPANESE if language == "ja" else "Seals sing"
    with database.write():
        add(database, 1, title, SEALS, language)
        add(database, 2, title, SEALS, language)
        if is_indexed:
            index_posts(database.conn)
        database.conn.execute("PRAGMA defer_foreign_keys = ON")
        for table in ("sightings", "post_details", "post_words"):
            database.conn.execute(f"DELETE FROM {table} WHERE post_id = 2")
        database.conn.execute("UPDATE stories SET lead_post_id = NULL WHERE id = 2")
        database.conn.execute("DELETE FROM posts WHERE id = 2")
        add(database, 3, title, SEALS, language)
    assert found(database, "seals") == [1, 3]
    assert found(database, "鳴き声", "posts_fts_cjk") == ([1, 3] if language == "ja" else [])


def test_nothing_is_left_of_a_transaction_that_is_undone(database: Database) -> None:
    with database.write():
        add(database, 1, "Seals sing")
    with pytest.raises(ZeroDivisionError), database.write():
        add(database, 2, "Seals sing")
        index_posts(database.conn)
        add(database, 3, "Seals sing")
        raise ZeroDivisionError
    assert found(database, "seals") == [1]
    with database.write():
        add(database, 2, "Seals dive")
    assert found(database, "seals") == [1, 2]


def test_a_transaction_makes_one_part_of_the_index(database: Database) -> None:
    with database.write():
        for number in range(1, 31):
            add(database, number, f"Seals sing {number}")
    assert database.query("SELECT count(DISTINCT segid) FROM posts_fts_idx")[0][0] == 1


def test_a_text_in_the_first_column_is_still_searched_by_its_name(database: Database) -> None:
    with database.write():
        add(database, 1, "Seals sing", "Walruses dive.")
    assert found(database, "title : seals") == [1] and found(database, "text : walruses") == [1]
    assert found(database, "text : seals") == [] and found(database, '"seals sing"') == [1]


_CRASHES = """
import os, sys
sys.path.insert(0, os.getcwd())
from datetime import timedelta
from pathlib import Path
from aggregator.storage.database import Database
from tests.storage.words.test_indexed import add
from aggregator.storage.stored_posts import save_fingerprint
from aggregator.storage.words.indexed import index_posts
database = Database(Path(sys.argv[1]))
with database.write():
    add(database, 1, "Seals sing")
database.conn.execute("PRAGMA cache_size = 1")  # what is written goes to the log before the end of the transaction
database.conn.execute("BEGIN IMMEDIATE")
for number in range(2, 200):
    add(database, number, f"Seals dive {number}", "x" * 5000)
    if sys.argv[2] == "indexed" and number == 150:
        index_posts(database.conn)
os._exit(9)
"""


@pytest.mark.parametrize("how", ["indexed", "not yet"])
def test_a_crash_amid_a_transaction(tmp_path: Path, how: str) -> None:
    path = tmp_path / "news.db"
    with closing(new_database(path)) as database:
        sync_sources(database.conn, [make_source(1)], NOW)
    ended = subprocess.run([sys.executable, "-c", _CRASHES, str(path), how], check=False)
    assert ended.returncode == 9
    with closing(Database(path)) as database:
        assert found(database, "seals") == [1]
        assert database.conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with database.write():
            add(database, 2, "Seals sing again")
        assert found(database, "seals") == [1, 2]


class TestBands:
    """The look-up keys of a post are found by its fingerprint."""

    TEXT = "Nine weather offices train a model together and keep their measurements at home, they said."

    @staticmethod
    def bands(database: Database) -> list[sqlite3.Row]:
        return database.query("SELECT post_id, count(*) FROM post_bands GROUP BY 1 ORDER BY 1")

    def test_go_with_what_the_post_said(self, database: Database) -> None:
        with database.write():
            add(database, 1, "Weather", self.TEXT)
            add(database, 2, "Weather", self.TEXT)
        [(_, count), _] = self.bands(database)
        with database.write():
            bury(database.conn, [1], NOW)
        assert [tuple(row) for row in self.bands(database)] == [(2, count)]

    def test_housekeeping_drops_those_of_any_number_of_old_posts(self, database: Database) -> None:
        with database.write():
            for number in range(1, 1203):
                add(database, number, "Weather", self.TEXT)
            database.conn.execute("UPDATE posts SET first_seen_at = '2026-01-01T00:00:00Z' WHERE id < 1202")
            drop_keys(database.conn, NOW, NOW - NOW, 3000)
        assert [row[0] for row in self.bands(database)] == [1202]

    @pytest.mark.parametrize("how", ["edited", "their fingerprint made anew"])
    def test_old_posts_get_none_again(self, database: Database, how: str) -> None:
        """Housekeeping looks for them among those that have become old since; so it would leave them for ever."""
        with database.write():
            for number in range(1, 602):
                add(database, number, "Weather", self.TEXT)
        later = NOW + timedelta(days=30)
        with database.write():
            drop_keys(database.conn, later, timedelta(0), 0)
        newer = make_enriched("5", title="Weather", text=f"{self.TEXT} Others do not.", declared_language="en")
        with database.write():
            if how == "edited":
                edited = EditedPost(id=5, enriched=newer, seen_at=later, headline="Weather")
                save_changes(database.conn, Changes(now=later, edited=(edited,)))
            else:
                save_fingerprint(database.conn, 5, pack_fingerprint(newer.bands), newer.bands, later)
        assert self.bands(database) == []

    def test_an_edited_post_has_those_of_its_new_text(self, database: Database) -> None:
        newer = make_enriched("1", title="Seals", text=SEALS, declared_language="en")
        with database.write():
            add(database, 1, "Weather", "")
            for _ in range(2):
                edited = EditedPost(id=1, enriched=newer, seen_at=NOW, headline="Seals")
                save_changes(database.conn, Changes(now=NOW, edited=(edited,)))
        found = {row[0] for row in database.query("SELECT band FROM post_bands")}
        assert found == set(newer.bands) != set()
