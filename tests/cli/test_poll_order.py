"""What a poll tells is in the order of the configuration, whatever was saved first."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from aggregator.cli.run import poll_once
from aggregator.model.settings import Config, Network, Storage, Stories
from aggregator.model.source import Source
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer


def polls(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        return int(conn.execute("SELECT count(1) FROM polls").fetchone()[0])


async def test_a_slow_source_with_news_is_told_in_its_place(tmp_path: Path) -> None:
    with HttpServer() as site:
        site.page("/first", rss("gazette", item("Ferry fares rise", "https://gazette.example/1", "More.", "")))
        site.held.add("/first")  # the others are not there: 404
        names = ("first", "second", "third")
        config = Config(
            storage=Storage(path=tmp_path / "news.db"),
            network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
            stories=Stories(semantic=False),
            sources=tuple(Source(kind="feed", url=f"{site.url}/{name}", title=name) for name in names),
        )
        config = replace(config, polling=replace(config.polling, interval=timedelta(hours=1)))
        poll = asyncio.create_task(poll_once(config))
        async with asyncio.timeout(5):
            while not config.storage.path.exists() or len(site.asked) < 3 or polls(config.storage.path) < 2:
                await asyncio.sleep(0.01)
        site.release()
        assert [each.collected.source.title for each in await poll] == list(names)
