"""A poller with a real database that reads a hashtag, or another source, of a `Fediverse`, by the server's clock."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aggregator.engine.poller import Poller
from aggregator.model.changes import PolledSource
from aggregator.model.poll import Collected
from aggregator.model.rules import TopicRule
from aggregator.model.settings import Config, Mastodon, Network, Storage
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.mastodon.collect import collect_timeline
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fediverse import Fediverse
from tests.helpers.new_database import new_database

TAXONOMY = Taxonomy(())
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=10))
INTERVAL = timedelta(minutes=15)
NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)


class Follower:
    """Follows `tags` of a server, or what is at `path`, and `tags` of those `also`. Everything in memory can be thrown
    away with `restart`."""

    def __init__(
        self,
        folder: Path,
        server: Fediverse,
        *tags: str,
        also: Sequence[Fediverse] = (),
        mastodon: Mastodon | None = None,
        path: str | None = None,
        **source: Any,
    ) -> None:
        self.server, self.also = server, also
        self.config = Config(
            storage=Storage(path=folder / "news.db"),
            network=NETWORK,
            mastodon=mastodon or Mastodon(),
            sources=tuple(
                Source(url=f"{each.url}{place}", **{"kind": "hashtag", "interval": INTERVAL, **source})
                for each in (server, *also)
                for place in ([path] if path else [f"/tags/{tag}" for tag in tags or ("AI",)])
            ),
        )
        self.database = new_database(self.config.storage.path)
        self.steps: list[PolledSource] = []
        self.taxonomy = TAXONOMY
        self.restart()

    def restart(self) -> None:
        self.poller = Poller(
            self.database, self.config, self._collect, clock=lambda: self.server.clock, dice=lambda: 0.0
        )

    async def _collect(self, source: Source, memory: SourceMemory, now: Any) -> Collected:
        return await asyncio.to_thread(
            collect_timeline, source, memory, NETWORK, self.config.mastodon, self.taxonomy, now
        )

    async def poll(self, after: timedelta = timedelta(0), **kwargs: Any) -> list[PolledSource]:
        """Poll what is due, once more when something is due at once; the steps, in order."""
        self.server.clock += after
        for other in self.also:
            other.clock = self.server.clock
        self.steps = []
        await self.poller.poll(self.poller.due(), on_polled=self.steps.append, **kwargs)
        return self.steps

    async def poll_for(self, time: timedelta) -> None:
        """Poll every quarter of an hour for so long."""
        end = self.server.clock + time
        while self.server.clock < end:
            await self.poll(INTERVAL + timedelta(seconds=1))

    def set(self, **mastodon: Any) -> None:
        """Other settings, as after a changed configuration."""
        self.config = replace(self.config, mastodon=replace(self.config.mastodon, **mastodon))
        self.restart()

    def follow(self, *sources: Source) -> None:
        """Other sources, as after a changed configuration."""
        self.config = replace(self.config, sources=sources)
        self.restart()

    def tag(self, *rules: TopicRule) -> None:
        """Other topics, as after a changed configuration."""
        self.config, self.taxonomy = replace(self.config, rules=rules), Taxonomy(rules)
        self.restart()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.config.storage.path) as conn:
            found = conn.execute(sql).fetchall()
        conn.close()
        return found

    def ids(self) -> list[str]:
        """Native ids of all posts that are there."""
        return [
            row[0]
            for row in self.rows(
                "SELECT g.native_id FROM sightings g JOIN posts p ON p.id = g.post_id "
                "WHERE p.gone_at IS NULL ORDER BY length(g.native_id), g.native_id"
            )
        ]

    def gone(self) -> int:
        """How many posts are tombstones."""
        return int(self.rows("SELECT count(*) FROM posts WHERE gone_at IS NOT NULL")[0][0])


def fill(server: Fediverse, count: int, step: timedelta = timedelta(minutes=1), **changes: object) -> list[str]:
    """So many posts, `step` apart, the newest now; their ids."""
    times = [server.clock - step * number for number in reversed(range(count))]
    return [server.post(at=time, id_time=time, **changes) for time in times]  # type: ignore[arg-type]


def queries(server: Fediverse, since: int = 0) -> list[dict[str, list[str]]]:
    """The parameters of all requests, or of those after so many."""
    return [parse_qs(urlsplit(target).query) for target in server.asked[since:]]


def details(room: Follower) -> str:
    """What is said of all polls so far."""
    return " / ".join(row[0] for row in room.rows("SELECT detail FROM polls WHERE detail IS NOT NULL"))
