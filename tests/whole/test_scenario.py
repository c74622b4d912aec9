"""The whole job in one story, through real HTTP into a real file: what an editor finds after one poll."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load_config
from aggregator.engine.poller import Poller
from aggregator.model.settings import Config
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fediverse import Fediverse
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

APRIL = datetime(2026, 4, 6, 7, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 29, 12, 0, tzinfo=UTC)
ARTICLE = "https://gazette.example/business/mistral-raises-a-billion"

OLDER = [
    ("Mistral looks for money to build computing centres", "/tech/mistral-talks",
     "The Paris start-up Mistral is in talks with investors about a funding round. It wants data centres of its own, "
     "say two people who know the talks.", "Sun, 05 Apr 2026 08:10:00 GMT"),
    ("Harbour museum opens a wing for tide clocks", "/culture/tide-clocks",
     "The harbour museum shows forty tide clocks from three centuries.", "Sat, 04 Apr 2026 09:00:00 GMT"),
    ("Mistral wind closes the coastal road", "/regional/coastal-road",
     "Gusts of the mistral reached 110 kilometres an hour near Marseille; the coastal road was closed for a day.",
     "Fri, 03 Apr 2026 10:00:00 GMT"),
    ("Bakers switch to night tariffs for their ovens", "/regional/bakers",
     "Power at night costs half, so bakers in the valley start their ovens at eleven.",
     "Thu, 02 Apr 2026 06:00:00 GMT"),
]  # fmt: skip


NATIVE_ID = "115280000000000001"
TAGS = ("Mistral", "AI", "Europa")


def status(server: str) -> dict[str, Any]:
    """The German post, as the API gives it; what the server adds is left out."""
    anchors = " ".join(
        f'<a href="{server}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>' for tag in TAGS
    )
    link = (
        f'<a href="{ARTICLE}" rel="nofollow noopener" target="_blank"><span class="invisible">https://</span>'
        '<span class="ellipsis">gazette.example/business/mistr</span>'
        '<span class="invisible">al-raises-a-billion</span></a>'
    )
    return {
        "created_at": "2026-09-29T09:30:00.000Z",
        "edited_at": None,
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "de",
        "uri": f"https://social.example/users/karla/statuses/{NATIVE_ID}",
        "url": f"https://social.example/@karla/{NATIVE_ID}",
        "replies_count": 3,
        "reblogs_count": 21,
        "favourites_count": 40,
        "content": f"<p>Fast eine Milliarde für das französische Start-up, so antwortet der Kontinent. {anchors}</p>"
        f"<p>{link}</p>",
        "reblog": None,
        "account": {"username": "karla", "acct": "karla", "url": "https://social.example/@karla", "bot": False},
        "media_attachments": [],
        "mentions": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def write_pages(server: HttpServer, fediverse: Fediverse) -> None:
    """What the sources say in September."""
    title = "Mistral raises €830 million to build computing centres of its own"
    text = (
        "The Paris start-up Mistral has closed a funding round of 830 million euros. It will build data centres of its "
        "own; under the AI Act, regulators will look at how they are run."
    )
    server.page("/gazette", rss("Gazette", item(title, f"{ARTICLE}?utm_source=rss&utm_medium=feed", text,
                "Tue, 29 Sep 2026 08:00:00 GMT")))  # fmt: skip
    server.page("/digest", rss("Digest", item(f"Worth reading: {title}", f"{ARTICLE}/amp", "From the Gazette.",
                "Tue, 29 Sep 2026 10:00:00 GMT")))  # fmt: skip
    other = (
        "Fresh capital for Mistral: investors put 830 million euros into the French start-up, which wants computing "
        "centres of its own instead of rented ones."
    )
    server.page("/courier", rss("Courier", item("Mistral gets 830 million euros for its own computing centres",
                "https://courier.example/mistral-centres", other, "Tue, 29 Sep 2026 09:10:00 GMT"),
                item("Ferry timetable changes in October", "https://courier.example/ferry",
                     "The last ferry leaves an hour earlier.", "Mon, 28 Sep 2026 09:00:00 GMT")))  # fmt: skip
    fediverse.post(native_id=NATIVE_ID, tags=TAGS, **status(fediverse.url))


def config_of(folder: Path, server: HttpServer, fediverse: Fediverse) -> Config:
    file = folder / "aggregator.toml"
    feeds = "\n".join(f'[[feeds]]\nurl = "{server.url}/{name}"' for name in ("archive", "gazette", "digest", "courier"))
    file.write_text(
        f'[storage]\npath = "{folder / "news.db"}"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        f'{feeds}\n[[hashtags]]\nserver = "{fediverse.url}"\ntags = ["AI", "Mistral"]\n',
        encoding="utf-8",
    )
    return load_config(file, {})


async def poll(config: Config, now: datetime) -> None:
    database = Database(config.storage.path)
    try:
        async with Collector(config.network, config.mastodon, Taxonomy(config.rules)) as collector:
            poller = Poller(database, config, collector, clock=lambda: now, dice=lambda: 0.0)
            await poller.poll(poller.sources)
    finally:
        database.close()


async def live_through(folder: Path) -> Path:
    """Two polls half a year apart, and a third; the database."""
    with HttpServer() as server, Fediverse(APRIL) as fediverse:
        archive = [item(title, f"https://gazette.example{path}", text, date) for title, path, text, date in OLDER]
        server.page("/archive", rss("Gazette archive", *archive))
        for name in ("gazette", "digest", "courier"):
            server.page(f"/{name}", rss(name.title()))
        config = config_of(folder, server, fediverse)
        await poll(config, APRIL)
        fediverse.clock = SEPTEMBER
        write_pages(server, fediverse)
        await poll(config, SEPTEMBER)
        # Months of polls lie between; a third one changes nothing.
        await poll(config, SEPTEMBER + timedelta(hours=1))
    return config.storage.path


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(asyncio.run(live_through(tmp_path_factory.mktemp("scenario"))))
    conn.row_factory = sqlite3.Row
    yield conn
    conn.close()


def rows(conn: sqlite3.Connection, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(sql, values)]


@pytest.fixture
def story(newsroom: sqlite3.Connection) -> int:
    [(story_id,)] = rows(newsroom, "SELECT id FROM latest_stories WHERE title LIKE 'Mistral%830%'")
    return int(story_id)


def test_one_event_is_one_story_with_all_who_carried_it(newsroom: sqlite3.Connection, story: int) -> None:
    found = rows(newsroom, "SELECT kind, publisher FROM story_posts WHERE story_id = ? ORDER BY kind, publisher", story)
    assert [kind for kind, _ in found] == ["article", "article", "article", "status"]
    sources = rows(newsroom, "SELECT source FROM story_sources WHERE story_id = ?", story)
    assert {"Gazette", "Digest", "Courier"} <= {source for (source,) in sources}
    assert len(sources) == 5  # the status was seen under two hashtags


def test_the_second_carrier_is_a_copy_and_says_why(newsroom: sqlite3.Connection) -> None:
    [(title, original, because)] = rows(newsroom, "SELECT title, original_url, because FROM copies")
    assert title.startswith("Worth reading")
    assert original.startswith(ARTICLE)
    assert because == f"same link: {ARTICLE}"


def test_the_status_is_one_post_with_two_sightings(newsroom: sqlite3.Connection) -> None:
    [(post, article, copy_of)] = rows(newsroom, "SELECT id, article_url, copy_of FROM posts WHERE kind = 'status'")
    assert (article, copy_of) == (ARTICLE, None)
    assert rows(newsroom, "SELECT count(*) FROM sightings WHERE post_id = ?", post) == [(2,)]


def test_the_story_is_tagged_and_each_tag_says_why(newsroom: sqlite3.Connection, story: int) -> None:
    topics = dict(rows(newsroom, "SELECT topic, kind FROM story_topics WHERE story_id = ?", story))
    assert {"mistral", "startup", "funding", "regulation"} <= topics.keys()
    reasons = rows(newsroom, "SELECT t.topic, t.because FROM post_topics t JOIN posts p ON p.id = t.post_id "
                   "WHERE p.story_id = ?", story)  # fmt: skip
    assert all(because for _, because in reasons)
    assert any(topic == "funding" and "funding round" in because for topic, because in reasons)


def test_source_line_and_original_article(newsroom: sqlite3.Connection, story: int) -> None:
    lines = rows(
        newsroom,
        "SELECT 'Source: Mastodon | ' || article_url FROM story_posts WHERE story_id = ? AND kind = 'status'",
        story,
    )
    assert lines == [(f"Source: Mastodon | {ARTICLE}",)]


def test_earlier_coverage_is_linked_with_its_date(newsroom: sqlite3.Connection, story: int) -> None:
    [(title, at, because)] = rows(
        newsroom, "SELECT earlier_title, earlier_at, because FROM earlier_coverage WHERE story_id = ?", story
    )
    assert title.startswith("Mistral looks for money")
    assert at == "2026-04-05T08:10:00Z"
    assert "mistral" in because


def test_a_wind_is_no_company(newsroom: sqlite3.Connection) -> None:
    found = rows(newsroom, "SELECT t.topic FROM post_topics t JOIN posts p ON p.id = t.post_id "
                 "WHERE p.title LIKE 'Mistral wind%'")  # fmt: skip
    assert ("mistral",) not in found


def test_polling_again_changes_nothing(newsroom: sqlite3.Connection) -> None:
    assert rows(newsroom, "SELECT max(new + edited) FROM polls WHERE started_at > '2026-09-29T12:30:00Z'") == [(0,)]
