"""Feeds whose addresses hold a key: what the database knows of them, today, since yesterday, and under another key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aggregator.config import load_config
from aggregator.engine.poller import Poller
from aggregator.model.changes import PolledSource
from aggregator.model.errors import StorageError
from aggregator.model.settings import Config, Mastodon, Network, Storage
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.storage.upgrade.secret_addresses import take_out_keys
from aggregator.storage.words.packed import unpack_words
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Answer, HttpServer, Request
from tests.storage.upgrade.test_migrate import broken, prepare

KEY, OTHER = "Kf93c2a71d5e", "Qz10b8e64f2a"
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),))


def answer(request: Request) -> Answer:
    """A private feed, as podcasts have them: every address in it carries the key of who asks."""
    mine = request.query.get("auth") or request.path.split("/")[-2]
    entries = [
        item(f"Episode {n} on the harbour", f"https://radio.example/episodes/{n}?lang=en&auth={mine}",
             f"Harbour number {n}. Your feed is {request.host}{request.target}, {mine}.".replace("&", "&amp;"),
             f"Mon, {n + 4:02} May 2026 10:00:00 GMT")
        for n in range(3)
    ]  # fmt: skip
    return web.Response(text=rss("Radio", *entries), content_type="application/rss+xml")


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer(answer) as found:
        yield found


def configured(folder: Path, text: str, **environ: str) -> tuple[Source, ...]:
    """The sources of a configuration with these `[[feeds]]`."""
    file = folder / "aggregator.toml"
    file.write_text(text, "utf-8")
    return load_config(file, environ).sources


async def poll(path: Path, *sources: Source) -> list[PolledSource]:
    """One poll of each, by the real poller over HTTP, into the file."""
    polled: list[PolledSource] = []
    database = Database(path)
    try:
        async with Collector(NETWORK, Mastodon(), Taxonomy(())) as collector:
            config = Config(storage=Storage(path=path), network=NETWORK, sources=sources)
            poller = Poller(database, config, collector)
            await poller.poll(poller.sources, on_polled=polled.append)
    finally:
        database.close()
    assert {each.collected.outcome for each in polled} <= {"ok", "not_modified"}
    return polled


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def words_of(path: Path) -> list[dict[str, float]]:
    """What posts are known by among the stories, which is packed."""
    return [unpack_words(row[0]) for row in rows(path, "SELECT words FROM post_words ORDER BY post_id")]


def brought(polled: list[PolledSource]) -> tuple[int, int, int]:
    """New, edited, copies."""
    return sum(p.new for p in polled), sum(p.edited for p in polled), sum(p.copies for p in polled)


def holding(folder: Path, *words: str) -> list[str]:
    """The files in which one of these stands, the configuration left out."""
    found = (file for file in folder.iterdir() if file.is_file() and file.name != "aggregator.toml")
    return sorted(file.name for file in found if any(word.lower() in _lower(file) for word in words))


def _lower(file: Path) -> str:
    return file.read_bytes().decode("latin-1").lower()


async def yesterdays(path: Path, url: str) -> None:
    """A file as the version before made it: the address is stored as it is asked, and quoted where trouble was."""
    await poll(path, Source(kind="feed", url=url))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA secure_delete = OFF")  # some builds of SQLite have it on
        words = f"moved permanently to {url}&x=1; (see https://other.example/?token=a1b2c3d4e5)"
        conn.execute("UPDATE polls SET detail = ?", (words,))
        conn.execute("UPDATE sources SET last_error = ?, warning = ?, moved_to = ?", (words, words, f"{url}&x=1"))
        conn.executemany(
            "INSERT INTO polls (source_id, started_at, duration_ms, outcome, bytes_read, entries, new, edited, copies, "
            "detail) SELECT id, '2026-05-01T00:00:00Z', 1, 'failed', 0, 0, 0, 0, 0, ? FROM sources",
            [(words * 9,)] * 500,
        )
        conn.execute("PRAGMA secure_delete = OFF")  # as SQLite is built elsewhere
        conn.execute("DELETE FROM polls WHERE started_at = '2026-05-01T00:00:00Z'")  # pages that nothing is in
        conn.execute("DELETE FROM _sqlite_migrations WHERE name IN ('secret_addresses', 'written_anew')")


async def test_yesterdays_file_loses_its_keys_and_nothing_else(site: HttpServer, tmp_path: Path) -> None:
    path, url = tmp_path / "news.db", f"{site.url}/feed?lang=en&auth={KEY}"
    await yesterdays(path, url)
    before = rows(path, "SELECT id, last_success_at, body_digest, full_at FROM sources")
    seen = rows(path, "SELECT id, title, first_seen_at, story_id FROM posts")
    assert len(seen) == 3 and rows(path, "SELECT url FROM sources") == [(url,)]
    assert "news.db" in holding(tmp_path, KEY)  # else nothing is shown here

    Database(path).close()
    assert holding(tmp_path, KEY, "a1b2c3d4e5") == ["news.db.before-secret_addresses"]  # which docs say to remove
    assert rows(path, "SELECT id, last_success_at, body_digest, full_at FROM sources") == before
    assert rows(path, "SELECT id, title, first_seen_at, story_id FROM posts") == seen
    [(known, shown, moved_to)] = rows(path, "SELECT url, shown_url, moved_to FROM sources")
    assert known.startswith(f"{site.url}/feed?lang=en#key-") and shown == known
    assert moved_to == f"{site.url}/feed?lang=en&auth=hidden-key&x=1"
    assert rows(path, "SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'number'") == [(3,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "SELECT url FROM posts WHERE id = 1") == [
        ("https://radio.example/episodes/0?lang=en&auth=hidden-key",)
    ]

    [source] = configured(tmp_path, f'[[feeds]]\nurl = "{url}"\n')
    assert source.url == known
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:  # so that all of it is read
        conn.execute("UPDATE sources SET body_digest = NULL, moved_to = NULL")
    assert brought(await poll(path, source)) == (0, 0, 0)
    assert rows(path, "SELECT id, title, first_seen_at, story_id FROM posts") == seen
    assert rows(path, "SELECT count(*) FROM sources") == [(1,)]
    assert rows(path, "SELECT count(*) FROM changes WHERE change = 'edited' AND what = 'post'") == [(0,)]


async def test_who_was_stopped_before_the_file_was_written_anew_does_it_at_the_next_start(
    site: HttpServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By a kill, or because a later change failed: free pages are not to keep the keys for that."""
    path, url = tmp_path / "news.db", f"{site.url}/feed?lang=en&auth={KEY}"
    await yesterdays(path, url)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        take_out_keys(conn)
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "SELECT migration_set, 'secret_addresses', applied_at FROM _sqlite_migrations LIMIT 1"
        )
        conn.execute("COMMIT")
    assert holding(tmp_path, KEY) == ["news.db"]

    Database(path).close()
    assert holding(tmp_path, KEY) == []
    assert "Copies from before (news.db.before-…, backups) still hold them" in caplog.text
    caplog.clear()
    Database(path).close()  # the near miss: once is enough
    assert caplog.text == ""


async def test_where_the_file_can_not_be_written_anew_that_is_said(
    site: HttpServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The rows are without keys all the same, and the daemon begins."""
    path, url = tmp_path / "news.db", f"{site.url}/feed?lang=en&auth={KEY}"
    await yesterdays(path, url)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM posts").fetchone()  # it needs the pages of before
        Database(path, timedelta(seconds=0.1)).close()
    said = caplog.text
    assert "free pages of the file may still hold such keys (another program reads it): run VACUUM" in said
    assert "Copies from before (news.db.before-secret_addresses, backups) still hold them" in said and KEY not in said
    with closing(sqlite3.connect(path)) as conn:
        assert not [line for line in conn.iterdump() if KEY in line and "posts_fts" not in line]


async def test_it_is_written_anew_also_where_a_later_change_fails(site: HttpServer, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    await yesterdays(path, f"{site.url}/feed?lang=en&auth={KEY}")
    with pytest.raises(StorageError, match="'broken' of this version failed"):
        prepare(path, broken)
    assert holding(tmp_path, KEY) == ["news.db.before-secret_addresses"]


async def test_the_copy_that_holds_keys_is_called_what_it_is_called(
    site: HttpServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It has its name of the first change that was pending, which is another where the file is older."""
    path = tmp_path / "news.db"
    await yesterdays(path, f"{site.url}/feed?lang=en&auth={KEY}")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("DROP INDEX posts_author")
        conn.execute("DROP INDEX post_revisions_replaced_at")
        conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'asked_by_author_and_correction'")
    Database(path).close()
    [copy] = holding(tmp_path, KEY)
    assert f"Copies from before ({copy}, backups) still hold them" in caplog.text
    assert copy == "news.db.before-asked_by_author_and_correction"


async def test_what_only_begins_like_a_short_key_is_left_alone(site: HttpServer, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    await yesterdays(path, f"{site.url}/feed?auth=ab12")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("UPDATE sightings SET native_id = 'tag:?auth=ab12' WHERE post_id = 1")
        conn.execute("UPDATE sightings SET native_id = 'tag:?auth=ab123' WHERE post_id = 2")
        conn.execute("UPDATE sources SET site_url = 'https://radio.example/?oauth=ab12345', title = 'auth=ab123'")
    Database(path).close()
    assert rows(path, "SELECT native_id FROM sightings WHERE post_id < 3 ORDER BY post_id") == [
        ("tag:?auth=hidden-key",), ("tag:?auth=ab123",)
    ]  # fmt: skip
    assert rows(path, "SELECT id, title FROM sources") == [(1, "auth=ab123")]


async def test_of_two_rows_that_differ_by_the_key_alone_one_stays(site: HttpServer, tmp_path: Path) -> None:
    """A page that was read under the keys of two sources: the second is the same as what is left of the first."""
    path = tmp_path / "news.db"
    await yesterdays(path, f"{site.url}/feed?auth={KEY}")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.executemany(
            "INSERT INTO articles (canonical_url, url, queued_at) VALUES (?1, ?1, '2026-05-01T00:00:00Z')",
            [(f"https://radio.example/page?auth={key}",) for key in ("hidden-key", KEY)],
        )
    Database(path).close()
    assert rows(path, "SELECT id, url FROM articles") == [(1, "https://radio.example/page?auth=hidden-key")]
    assert "news.db" not in holding(tmp_path, KEY)


async def test_an_open_file_is_not_written_anew(site: HttpServer, tmp_path: Path) -> None:
    """The near miss: `key` with a plain word for its value names a page."""
    path, url = tmp_path / "news.db", f"{site.url}/x/feed?key=harbour"
    await poll(path, Source(kind="feed", url=url))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("DELETE FROM _sqlite_migrations WHERE name IN ('secret_addresses', 'written_anew')")
    Database(path).close()
    assert rows(path, "SELECT url, shown_url FROM sources") == [(url, url)]
    [source] = configured(tmp_path, f'[[feeds]]\nurl = "{url}"\n')
    assert (source.url, source.address, source.has_key) == (url, None, False)


async def test_two_keys_are_two_sources(site: HttpServer, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    one, two = (f'[[feeds]]\nurl = "{site.url}/feed?auth={key}"\n' for key in (KEY, OTHER))
    await poll(path, *configured(tmp_path, one))
    await poll(path, *configured(tmp_path, one + two))
    found = rows(path, "SELECT id, url, removed_at FROM sources ORDER BY id")
    assert [(row[0], row[2]) for row in found] == [(1, None), (2, None)]
    assert len({row[1] for row in found}) == 2 and {row[1].partition("#")[0] for row in found} == {f"{site.url}/feed"}
    # One feed under two keys: what both show is one post, as of any two sources.
    assert rows(path, "SELECT count(*) FROM posts WHERE copy_of IS NULL") == [(3,)]
    assert holding(tmp_path, KEY, OTHER) == []


async def test_a_source_keeps_its_history_under_another_key(site: HttpServer, tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    await poll(path, *configured(tmp_path, f'[[feeds]]\nurl = "{site.url}/feed?auth={KEY}"\n'))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("UPDATE sources SET status = 'failing', failures = 40, next_poll_at = '2030-01-01T00:00:00Z'")
    [source] = configured(tmp_path, f'[[feeds]]\nurl = "{site.url}/feed?auth={OTHER}"\n')
    assert brought(await poll(path, source)) == (0, 0, 0)
    assert rows(path, "SELECT id, url, status, failures, removed_at FROM sources") == [(1, source.url, "ok", 0, None)]
    assert rows(path, "SELECT count(*) FROM posts") == [(3,)]


async def test_of_several_new_keys_titles_tell_which_is_whose(site: HttpServer, tmp_path: Path) -> None:
    path = tmp_path / "news.db"

    def feeds(*keys: str, titled: bool = True) -> tuple[Source, ...]:
        blocks = (f'[[feeds]]\nurl = "{site.url}/feed?auth={key}"\n' for key in keys)
        titles = (f'title = "{name}"\n' if titled else "" for name in ("Ann", "Bo"))
        return configured(tmp_path, "".join(block + title for block, title in zip(blocks, titles, strict=True)))

    await poll(path, *feeds(KEY, OTHER))
    swapped = feeds("n3w1aaaa77", "n3w2bbbb88")
    await poll(path, *swapped)
    assert rows(path, "SELECT title, url FROM sources ORDER BY id") == [
        ("Ann", swapped[0].url), ("Bo", swapped[1].url)
    ]  # fmt: skip
    # The near miss: without titles nobody can tell, so they are other sources. What they show is known all the same.
    polled = await poll(path, *feeds("n3w3cccc99", "n3w4dddd11", titled=False))
    assert rows(path, "SELECT count(*), sum(removed_at IS NULL) FROM sources") == [(4, 2)]
    assert polled and rows(path, "SELECT count(*) FROM posts WHERE copy_of IS NULL") == [(3,)]


async def test_an_address_that_leaves_the_file_is_the_same_source(site: HttpServer, tmp_path: Path) -> None:
    """A key in a path that nothing calls one: who knows it to be one hides the address."""
    path, url = tmp_path / "news.db", f"{site.url}/rss/{KEY}/feed"
    await poll(path, *configured(tmp_path, f'[[feeds]]\nurl = "{url}"\n'))
    assert rows(path, "SELECT url FROM sources") == [(url,)]
    assert KEY.lower() in {word for packed in words_of(path) for word in packed}
    [source] = configured(tmp_path, '[[feeds]]\nurl_env = "FEED"\n', FEED=url)
    assert source.has_key and KEY not in repr(source)
    assert brought(await poll(path, source)) == (0, 0, 0)
    [(source_id, known)] = rows(path, "SELECT id, url FROM sources")
    assert source_id == 1 and known.startswith(f"{site.url}/rss/hidden-key/feed#key-")
    with closing(sqlite3.connect(path)) as conn:
        assert not [line for line in conn.iterdump() if KEY.lower() in line.lower() and "posts_fts" not in line]
    told = words_of(path)
    assert {"hidden-key", "harbour"} <= told[0].keys() and KEY.lower() not in {word for each in told for word in each}


async def test_the_same_address_is_the_same_source_wherever_it_stands(site: HttpServer, tmp_path: Path) -> None:
    url = f"{site.url}/feed?auth={KEY}"
    (tmp_path / "feed").write_text(f"{url}\n", "utf-8")
    ways = [f'url = "{url}"', 'url_env = "FEED"', f'url_file = "{tmp_path / "feed"}"']
    assert len({configured(tmp_path, f"[[feeds]]\n{way}\n", FEED=url)[0].url for way in ways}) == 1
