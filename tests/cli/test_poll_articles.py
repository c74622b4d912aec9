"""`aggregator poll` reads the pages that posts lead to, where the configuration asks for it; a stop cuts that off."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.cli.run import poll_once
from aggregator.engine.articles.open import open_pages
from aggregator.engine.articles.reader import ArticleReader
from aggregator.engine.poller import Poller
from aggregator.model.settings import Articles, Config, DomainLimit, Network, Polling, Storage, Stories
from aggregator.model.source import Source
from aggregator.storage.database import Database
from tests.helpers.article_server import SENTENCES, page
from tests.helpers.fakes import ScriptedCollect
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer() as site:
        at = (datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        site.page("/feed", rss("gazette", item("Ferry fares rise", f"{site.url}/ferry", "More from December on.", at)))
        site.pages["/ferry"] = web.Response(text=page(), content_type="text/html")
        yield site


def config(site: HttpServer, folder: Path, articles: Articles) -> Config:
    return Config(
        storage=Storage(path=folder / "news.db"),
        network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
        polling=Polling(per_domain=DomainLimit(spacing=timedelta(0))),
        stories=Stories(semantic=False),
        articles=articles,
        sources=(Source(kind="feed", url=f"{site.url}/feed"),),
    )


def asked(site: HttpServer) -> list[str]:
    return [request.path for request in site.asked]


async def test_a_poll_reads_the_pages_that_are_due(site: HttpServer, tmp_path: Path) -> None:
    await poll_once(config(site, tmp_path, Articles(fetch="all")))
    assert asked(site) == ["/feed", "/robots.txt", "/ferry"]
    with closing(sqlite3.connect(tmp_path / "news.db")) as conn:
        [(text, trouble)] = conn.execute("SELECT text, trouble FROM articles").fetchall()
    assert SENTENCES[0] in text and trouble is None


async def test_without_the_key_a_poll_asks_for_no_page(site: HttpServer, tmp_path: Path) -> None:
    await poll_once(config(site, tmp_path, Articles()))
    assert asked(site) == ["/feed"]


async def test_a_page_that_hangs_holds_up_no_stop(site: HttpServer, tmp_path: Path) -> None:
    settings = config(site, tmp_path, Articles(fetch="all"))
    site.held.add("/ferry")
    quiet = config(site, tmp_path, Articles())
    await poll_once(quiet)
    database, stop = Database(tmp_path / "news.db"), asyncio.Event()
    try:
        async with AsyncExitStack() as stack:
            poller = Poller(database, settings, ScriptedCollect())
            reader = ArticleReader(database, stop)
            reader.use(settings, poller, await open_pages(settings, poller.sources, stack))
            reading = asyncio.create_task(reader.go_on())
            while "/ferry" not in asked(site):
                await asyncio.sleep(0.01)
            begun = time.monotonic()
            stop.set()
            await reading
            assert time.monotonic() - begun < 1
    finally:
        database.close()
        site.release()
