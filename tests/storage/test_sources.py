"""The `sources` table follows the configuration, and rows that say what it says are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.source import Source
from aggregator.storage.database import Database
from aggregator.storage.sources import sync_sources
from tests.helpers.build import NOW
from tests.helpers.new_database import new_database

GIVEN = Source(
    kind="feed", url="https://gazette.example/caf%C3%A9", title="Gazette", folder="Press", language="en",
    interval=timedelta(hours=1),
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = new_database(tmp_path / "news.db")
    yield made
    made.close()


def synced(database: Database, *sources: Source) -> tuple[tuple[Source, ...], int]:
    """The sources with their ids, and how many rows were written."""
    before = database.conn.total_changes
    with database.write():
        found = sync_sources(database.conn, sources, NOW)
    return found, database.conn.total_changes - before


def test_a_start_with_the_same_configuration_writes_no_source(database: Database) -> None:
    other = replace(GIVEN, url="https://courier.example/feed", title=None, folder=None)
    first, written = synced(database, GIVEN, other)
    assert written == 2
    with database.write():  # what it calls itself
        database.conn.execute(
            "UPDATE sources SET title = 'Courier', site_url = 'https://courier.example/' WHERE id = 2"
        )
    assert synced(database, GIVEN, other) == (first, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "The Gazette"),
        ("site_url", "https://gazette.example/"),
        ("folder", None),
        ("language", "de"),
        ("interval", timedelta(minutes=30)),
        ("publish", not GIVEN.publish),
    ],
)
def test_what_the_configuration_says_otherwise_is_written(database: Database, field: str, value: Any) -> None:
    synced(database, GIVEN)
    (changed,), written = synced(database, replace(GIVEN, **{field: value}))
    assert written == 1
    column = "interval_seconds" if field == "interval" else field
    stored = value.total_seconds() if isinstance(value, timedelta) else value
    assert [tuple(row) for row in database.query(f"SELECT id, {column} FROM sources")] == [(changed.id, stored)]


def test_one_that_was_removed_comes_back(database: Database) -> None:
    (first,), _ = synced(database, GIVEN)
    synced(database)
    (again,), written = synced(database, GIVEN)
    assert (again.id, written) == (first.id, 1)
    assert [tuple(row) for row in database.query("SELECT status, removed_at FROM sources")] == [("new", None)]
