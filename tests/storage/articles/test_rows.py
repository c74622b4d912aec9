"""Pages that posts lead to, as rows: queued once, asked for when due, emptied and never asked for anew."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.model.article import Article, DuePage, FetchedPage, ReadPage
from aggregator.storage.articles.rows import (
    Queued,
    count_asked,
    drop_stale,
    empty_articles,
    forget_articles,
    load_articles,
    load_due,
    load_leading,
    queue_pages,
    save_fetched,
)
from aggregator.storage.database import Database
from tests.helpers.new_database import new_database
from tests.helpers.newsroom import fill

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = ReadPage(text="The ferries stay in port.", title="Ferries", language="en", rights=("noarchive",))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = new_database(tmp_path / "news.db")
    fill(database, NOW)
    return database


def address_of_a_post(database: Database) -> tuple[int, str]:
    post_id, key = database.conn.execute(
        "SELECT id, canonical_url FROM posts WHERE kind = 'article' AND canonical_url IS NOT NULL ORDER BY id LIMIT 1"
    ).fetchone()
    return post_id, key


def queue(database: Database, *keys: str, at: datetime = NOW, now: datetime = NOW) -> None:
    with database.write():
        queue_pages(database.conn, [Queued(key, f"{key}?shown", at) for key in keys], now)


def save(database: Database, due: DuePage, fetched: FetchedPage, again: datetime | None = None) -> bool:
    with database.write():
        return save_fetched(database.conn, due, fetched, again, NOW)


def row(database: Database, key: str) -> dict[str, Any]:
    [found] = database.query("SELECT * FROM articles WHERE canonical_url = ?", (key,))
    return dict(found)


def test_a_page_is_queued_once_and_due_at_its_time(database: Database) -> None:
    queue(database, "https://paper.example/a", at=NOW + HOUR)
    queue(database, "https://paper.example/a")
    assert load_due(database.conn, NOW, 9) == []
    [due] = load_due(database.conn, NOW + HOUR, 9)
    assert due == DuePage(due.id, "https://paper.example/a?shown", "https://paper.example/a")


def test_the_news_comes_first(database: Database) -> None:
    queue(database, "https://paper.example/old", now=NOW - HOUR)
    queue(database, "https://paper.example/new")
    assert [due.canonical_url for due in load_due(database.conn, NOW, 1)] == ["https://paper.example/new"]


def test_what_was_read_is_for_the_briefs_of_the_posts_that_lead_there(database: Database) -> None:
    post_id, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    fetched = FetchedPage(page=PAGE, http_status=200, final_url="https://paper.example/there", etag='"1"')
    assert save(database, due, fetched)
    assert load_articles(database.conn, [post_id]) == {
        post_id: Article(due.id, "https://paper.example/there", "Ferries", None, "en", PAGE.text)
    }
    assert post_id in load_leading(database.conn, key)
    assert load_due(database.conn, NOW + 99 * HOUR, 9) == []
    assert count_asked(database.conn, NOW + HOUR) == 1
    assert count_asked(database.conn, NOW + 25 * HOUR) == 0


@pytest.mark.parametrize("sign", ["noai", "tdm-reservation"])
def test_no_text_is_kept_of_a_page_that_reserves_it(database: Database, sign: str) -> None:
    post_id, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    page = ReadPage(text=PAGE.text, title="Ferries", rights=(sign,), trouble="reserved")
    assert not save(database, due, FetchedPage(page=page, http_status=200))
    assert load_articles(database.conn, [post_id]) == {}
    assert (row(database, key)["text"], row(database, key)["length"]) == (None, len(PAGE.text))


def test_a_page_that_forbids_it_is_not_to_be_quoted(database: Database) -> None:
    post_id, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    save(database, due, FetchedPage(page=ReadPage(text="No.", rights=("nosnippet",)), http_status=200))
    assert not load_articles(database.conn, [post_id])[post_id].may_quote


def test_what_does_not_come_leaves_what_is_stored_and_what_was_not_changed_is_no_news(database: Database) -> None:
    post_id, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    save(database, due, FetchedPage(page=PAGE, http_status=200, etag='"1"'))
    queue(database, key)  # a post that leads there was edited
    [again] = load_due(database.conn, NOW, 9)
    assert again.etag == '"1"'
    assert not save(database, again, FetchedPage(trouble="HTTP 503", http_status=503, is_passing=True), NOW + HOUR)
    [again] = load_due(database.conn, NOW + HOUR, 9)
    assert (again.attempts, row(database, key)["trouble"]) == (1, "HTTP 503")
    assert not save(database, again, FetchedPage(http_status=304))
    assert load_articles(database.conn, [post_id])[post_id].text == PAGE.text
    assert row(database, key)["attempts"] == 0


def test_retention_takes_the_text_and_leaves_the_row(database: Database) -> None:
    post_id, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    save(database, due, FetchedPage(page=PAGE, http_status=200, etag='"1"'))
    with database.write():
        assert empty_articles(database.conn, NOW + 10 * HOUR, timedelta(hours=11)) == 0
        assert empty_articles(database.conn, NOW + 12 * HOUR, timedelta(hours=11)) == 1
    kept = row(database, key)
    assert (kept["text"], kept["etag"], kept["title"], kept["length"]) == (None, None, "Ferries", len(PAGE.text))
    assert kept["emptied_at"] == "2026-11-30T00:00:00Z"
    assert load_articles(database.conn, [post_id]) == {}
    assert load_due(database.conn, NOW + 99 * HOUR, 9) == []


def test_what_is_forgotten_leaves_nothing_of_what_the_page_says(database: Database) -> None:
    _, key = address_of_a_post(database)
    queue(database, key)
    [due] = load_due(database.conn, NOW, 9)
    save(database, due, FetchedPage(page=PAGE, http_status=200))
    with database.write():
        assert forget_articles(database.conn, [key], NOW) == 1
    assert (row(database, key)["text"], row(database, key)["title"]) == (None, None)


def test_pages_that_nobody_waits_for_any_more_are_dropped(database: Database) -> None:
    queue(database, "https://paper.example/a", now=NOW - 4 * HOUR)
    with database.write():
        assert drop_stale(database.conn, NOW - 5 * HOUR) == 0
        assert drop_stale(database.conn, NOW - 3 * HOUR) == 1
    assert load_due(database.conn, NOW, 9) == []
    assert row(database, "https://paper.example/a")["trouble"] == "not asked for in time"


def test_nothing_that_is_published_reads_the_texts_of_pages() -> None:
    """The site, the feeds, the views and the web server know no table of pages; briefs ask this package."""
    root = Path(__file__).parents[3] / "aggregator"
    files = [
        root / "storage" / "views.sql", root / "storage" / "finding" / "search.py", root / "storage" / "queries.py",
        *(root / "storage" / "site").rglob("*.py"), *(root / "publish").rglob("*.*"),
        *(root / "engine" / "web").rglob("*.py"), *(root / "engine" / "site").rglob("*.py"),
    ]  # fmt: skip
    asks = re.compile(r"\b(?:FROM|JOIN)\s+articles\b", re.IGNORECASE)
    assert len(files) > 40
    assert [
        str(file) for file in files if file.suffix in (".py", ".sql") and asks.search(file.read_text("utf-8"))
    ] == []
