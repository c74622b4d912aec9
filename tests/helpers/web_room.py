"""A web server of the program on loopback, with a database and a folder of a site, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from aggregator.engine.metrics.meters import Meters
from aggregator.engine.web.listen import Listen
from aggregator.engine.web.server import WebServer
from aggregator.model.settings import Config, Http, Publish, Storage
from aggregator.storage.database import Database

LOOPBACK = Listen("127.0.0.1", 0)
AT = "2026-05-04T10:00:00Z"


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class WebRoom:
    """`get` asks the server, by the name `host` if one is given; the paths stay as they are written."""

    def __init__(self, folder: Path) -> None:
        self.site, self.database = folder / "site", folder / "news.db"
        self.config = Config(
            storage=Storage(path=self.database), publish=Publish(path=self.site), http=Http(listen="127.0.0.1:0")
        )
        self.port = 0
        self.meters: Meters | None = None  # of a daemon, whose server it then is

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def publish(self, **settings: Any) -> None:
        self.config = replace(self.config, publish=replace(self.config.publish, **settings))

    async def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """`if_none_match` stands for the header `If-None-Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("accept-encoding", "identity")
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                method,
                URL(f"http://127.0.0.1:{self.port}{path}", encoded=True),
                headers=sent,
                allow_redirects=False,
            ) as reply,
        ):
            return Reply(reply.status, reply.headers, await reply.read())

    @asynccontextmanager
    async def served(self, listen: Listen = LOOPBACK) -> AsyncIterator[WebRoom]:
        """While it listens."""
        stop, begun = asyncio.Event(), asyncio.Event()
        server = WebServer(listen, lambda: self.config, self.meters)

        def note(at: Listen) -> None:
            self.port = at.port
            begun.set()

        serving = asyncio.create_task(server.run_once(stop, note))
        try:
            await asyncio.wait({serving, asyncio.create_task(begun.wait())}, return_when=asyncio.FIRST_COMPLETED)
            yield self
        finally:
            stop.set()
            await serving

    # ------------------------------------------------------------ rows

    def open(self) -> Database:
        return Database(self.database)


def add_source(database: Database, source_id: int = 1, *, publish: int = 0) -> None:
    with database.write():
        database.conn.execute(
            "INSERT INTO sources (id, kind, url, title, interval_seconds, publish, status) "
            "VALUES (?, 'feed', ?, 'The Ledger', 900, ?, 'ok')",
            (source_id, f"https://ledger{source_id}.example/feed", publish),
        )


def add_post(database: Database, post_id: int, title: str, *, by_token: int = 0, source: int = 1, **more: Any) -> None:
    """A post that one source showed, in a story of its own; an article unless `kind` says otherwise."""
    row = {
        "id": post_id, "story_id": 100 + post_id, "kind": "article", "title": title, "url": f"https://ledger.example/{post_id}",
        "publisher": "ledger.example", "first_seen_at": AT, "sort_at": AT, "digest": b"", "topics_version": "", **more,
    }  # fmt: skip
    with database.write():
        database.conn.execute(
            "INSERT INTO stories (id, slug, title, first_at, last_at, story_version, lead_post_id, post_count) "
            "VALUES (?, ?, ?, ?, ?, 1, ?, 1)",
            (100 + post_id, f"one-{post_id}", title, AT, AT, post_id),
        )
        database.conn.execute(
            f"INSERT INTO posts ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
        database.conn.execute(
            "INSERT INTO sightings (source_id, native_id, post_id, seen_at, by_token) VALUES (?, ?, ?, ?, ?)",
            (source, str(post_id), post_id, AT, by_token),
        )
        database.conn.execute(
            "INSERT INTO changes (changed_at, what, row_id, change) VALUES (?, 'post', ?, 'new')", (AT, post_id)
        )
