"""Many feeds on many domains: one web server on loopback, and names that lead to it, or don't."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from aggregator.engine.clock import Clock
from aggregator.engine.poller import Poller
from aggregator.model.settings import Config, Network, Polling, Storage
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer, Request

How = Literal["well", "nameless", "hanging", "refusing", "failing"]


class Domains:
    """`how` it goes: well; no name server answers; nor does it say so; all refuse connections; all answer 503. `dead`:
    hosts that are not there any more. `has_way_out`: has this machine a way to the internet? `asked`: hosts, in
    order."""

    def __init__(self, server: HttpServer) -> None:
        self.how: How = "well"
        self.dead: set[str] = set()
        self.has_way_out = True
        self.server = server
        server.answer = self._answer

    @property
    def asked(self) -> list[str]:
        return [request.host.partition(":")[0] for request in self.server.asked]

    def _answer(self, request: Request) -> web.Response:
        if self.how == "failing":
            return web.Response(status=503)
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        name = f"{request.host.partition(':')[0]}{request.path}"
        date = "Mon, 04 May 2026 10:00:00 GMT"
        body = rss(name, item(f"Report of {name}", f"https://{name}/1", f"What {name} found out.", date))
        return web.Response(body=body.encode(), content_type="application/rss+xml", headers={"ETag": '"1"'})

    async def resolve(self, _: object, host: str, port: int = 0, *args: object) -> list[dict[str, object]]:
        """In the place of aiohttp's own resolver."""
        if self.how == "nameless":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        while self.how == "hanging":
            await asyncio.sleep(0.01)
        if host in self.dead:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        address = "127.0.0.2" if self.how == "refusing" else "127.0.0.1"  # the server listens at the latter alone
        return [{"hostname": host, "host": address, "port": port, "family": 2, "proto": 6, "flags": 0}]

    def config(
        self, folder: Path, sources: int, domains: int, interval: timedelta, timeout: timedelta = timedelta(seconds=30)
    ) -> Config:
        """So many feeds, on so many domains, in turn."""
        port = urlsplit(self.server.url).port
        urls = [f"http://paper{number % domains}.example:{port}/feed{number}" for number in range(sources)]
        return Config(
            storage=Storage(path=folder / "news.db"),
            polling=Polling(interval=interval, max_interval=interval),
            network=Network(timeout=timeout, allow_private=(ip_network("127.0.0.0/8"),)),
            sources=tuple(Source(kind="feed", url=url, interval=interval) for url in urls),
        )


@contextmanager
def many_domains() -> Iterator[Domains]:
    """The server runs, and names are resolved by it."""
    with HttpServer() as server, pytest.MonkeyPatch.context() as patch:
        found = Domains(server)
        patch.setattr("aiohttp.resolver.ThreadedResolver.resolve", lambda *words, **_: found.resolve(*words))
        yield found


class Ticking:
    """A poller on these, whose `tick` is what the daemon does each second. An async context manager."""

    def __init__(self, config: Config, clock: Clock, has_way_out: Callable[[], bool] = lambda: True) -> None:
        self.config, self._clock = config, clock
        self.database = Database(config.storage.path, timedelta(seconds=0.1))
        self._collector = Collector(config.network, config.mastodon, Taxonomy(()), has_way_out=has_way_out)

    async def __aenter__(self) -> Ticking:
        await self._collector.__aenter__()
        self.start()
        return self

    def start(self) -> None:
        """As after a restart: nothing is remembered but what is stored."""
        self.poller = Poller(self.database, self.config, self._collector, clock=self._clock, dice=lambda: 0.0)

    async def __aexit__(self, *_: object) -> None:
        await self._collector.__aexit__(None, None, None)
        self.database.close()

    async def tick(self) -> None:
        # Names are known for ten seconds of the true time, which here may be days.
        self._collector._client._session.connector.clear_dns_cache()  # type: ignore[union-attr]
        await self.poller.poll(self.poller.due(), is_patient=False)
