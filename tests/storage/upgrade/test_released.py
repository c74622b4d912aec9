"""A file of every released version reaches today's schema, keeps its rows, and is as sound as before."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aggregator import __version__
from aggregator.dedupe.shingles import key_of_two, stored_bands
from aggregator.engine.rebuild.stored import with_bands
from aggregator.storage.database import Database
from aggregator.storage.listings.stories import Wanted, stories_of
from aggregator.storage.queries import Reader
from aggregator.storage.stored_posts import load_saved_posts
from aggregator.storage.upgrade.migrations import migrations
from aggregator.storage.words.packed import unpack_words
from tests.helpers.released import VERSIONS, unpack

# Rows that tell of the upgrade itself.
_OF_THE_UPGRADE = {"_sqlite_migrations"}


@pytest.fixture(params=VERSIONS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return unpack(request.param, tmp_path)


def parts(path: Path) -> dict[tuple[str, str], str]:
    """Every table, index, trigger and view with its SQL, STRICT and all."""
    with closing(sqlite3.connect(path)) as conn:
        rows = conn.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        columns = {
            (f"column of {name}", column[1]): str(column)
            for kind, name, _ in rows
            if kind in ("table", "view")
            for column in conn.execute(f"PRAGMA table_xinfo('{name}')")
        }
    return {(kind, name): sql for kind, name, sql in rows} | columns


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as conn:
        names = [
            name
            for (name,) in conn.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
            )
            if not name.startswith("sqlite_") and "_fts" not in name and name not in _OF_THE_UPGRADE
        ]
        return {name: conn.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def today_of(key: int) -> int:
    """A look-up key as it is made today, of one that held two hashes side by side."""
    both = key & (2**63 - 1)
    folded = key_of_two(both >> 31, both % 2**31)
    return folded if key >= 0 else -1 - folded


def test_the_release_before_is_kept() -> None:
    assert VERSIONS
    assert __version__ not in VERSIONS or VERSIONS[-1] == __version__


def test_it_reaches_todays_schema(path: Path, tmp_path: Path) -> None:
    Database(tmp_path / "fresh.db").close()
    Database(path).close()
    assert parts(path) == parts(tmp_path / "fresh.db")
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(tmp_path / "fresh.db")) as other:
        for pragma in ("user_version", "application_id", "auto_vacuum", "journal_mode", "encoding"):
            assert one.execute(f"PRAGMA {pragma}").fetchone() == other.execute(f"PRAGMA {pragma}").fetchone()


def test_it_is_sound(path: Path) -> None:
    Database(path).close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        conn.execute("INSERT INTO posts_fts (posts_fts) VALUES ('integrity-check')")
        conn.execute("INSERT INTO posts_fts_cjk (posts_fts_cjk) VALUES ('integrity-check')")


def test_it_keeps_every_row(path: Path) -> None:
    before = rows(path)
    # Keys of 64 bits became keys of 32: each one, and nothing else of the row.
    before["post_bands"] = [(today_of(band), post_id) for band, post_id in before["post_bands"]]
    # JSON became bytes: the same words with the same weights, in the same order.
    before["post_words"] = [(post_id, list(json.loads(words).items())) for post_id, words in before["post_words"]]
    Database(path).close()
    after = rows(path)
    after["post_words"] = [
        (post_id, [(word, round(weight * 10_000)) for word, weight in unpack_words(words).items()])
        for post_id, words in after["post_words"]
    ]
    assert any(len(words) > 1 for _, words in after["post_words"])
    for name, stored in before.items():
        # In whatever order: that of an index that is gone now was SQLite's choice.
        assert sorted((row[: len(stored[0])] for row in after[name]), key=repr) == sorted(stored, key=repr)


def answers(path: Path) -> list[list[Any]]:
    """What the search finds, and what is near a text."""
    asked = [
        ("posts_fts", words) for words in ("mistral", "the", '"pension funds"', "title : mistral", "text : mistral*")
    ]
    asked += [("posts_fts_cjk", words) for words in ("資金調達", "ミストラル", "title : ミストラル")]
    with closing(sqlite3.connect(path)) as conn:
        return [
            *(
                conn.execute(f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY 1", (words,)).fetchall()
                for index, words in asked
            ),
            conn.execute("SELECT band, post_id FROM post_bands ORDER BY 1, 2").fetchall(),
        ]


def test_it_gives_the_same_answers(path: Path) -> None:
    before = answers(path)
    before[-1] = sorted((today_of(band), post_id) for band, post_id in before[-1])
    Database(path).close()
    assert answers(path) == before
    assert all(before)
    with closing(sqlite3.connect(path)) as conn:
        assert not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'post_bands_post_id'").fetchall()


def test_a_reader_leaves_it_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    with Reader(path) as reader:
        assert reader.has_posts()
        assert stories_of(reader, Wanted(sort="score"), 20).rows and reader.search("Mistral").rows
    assert path.read_bytes() == before


def test_there_is_a_copy_where_tables_changed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        dumped = list(conn.iterdump())
    database = Database(path)
    database.close()
    if database.upgrade:
        assert database.upgrade.copy
        with closing(sqlite3.connect(database.upgrade.copy)) as conn:
            assert list(conn.iterdump()) == dumped


def test_nothing_of_the_machine_that_made_it_is_in_it(path: Path) -> None:
    assert not [word for word in (b"/home/", b"/root/", b"/tmp/") if word in path.read_bytes()]


def test_steps_have_names_of_their_own() -> None:
    names = [step.name for step in migrations._migrations]
    assert names[0] == "initial"
    assert len(set(names)) == len(names)


def test_its_texts_are_found_by_todays_keys(path: Path) -> None:
    with closing(Database(path)) as database:
        found = {(post_id, band) for band, post_id in database.conn.execute("SELECT band, post_id FROM post_bands")}
        stored = database.conn.execute("SELECT id, fingerprint FROM posts WHERE fingerprint IS NOT NULL").fetchall()
        today = {saved.id: set(with_bands(saved).bands) for saved in load_saved_posts(database.conn, 0, 10**6)}
        assert found and found <= {(post_id, band) for post_id, blob in stored for band in stored_bands(blob)}
        assert found >= {(post_id, band) for post_id, blob in stored for band in today[post_id]}
