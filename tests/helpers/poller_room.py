"""The poller on scripted sources: a real database, and a clock that the test moves."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.engine.in_flight import PATIENCE
from aggregator.engine.poller import Poller
from aggregator.engine.polls.hour import Hour
from aggregator.model.changes import PolledSource
from aggregator.model.post import Post
from aggregator.model.rules import Term, TopicRule
from aggregator.model.settings import Config, DomainLimit, Polling, Storage
from aggregator.model.source import Source
from aggregator.text.urls import canonical_url
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fake_encoder import FakeEncoder
from tests.helpers.fakes import ScriptedCollect
from tests.helpers.new_database import new_database

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
RULES = (TopicRule(topic="ferries", label="Ferries", any=(Term("ferry"),)),)


class PollerRoom:
    """A database, scripted sources, and a clock that the test moves."""

    def __init__(
        self, folder: Path, *names: str, concurrency: int = 4, batch_posts: int = 300, patience: timedelta = PATIENCE,
        deadline: timedelta | None = None,
    ) -> None:  # fmt: skip
        self.config = Config(
            storage=Storage(path=folder / "news.db"),
            polling=Polling(
                interval=timedelta(minutes=15), concurrency=concurrency, per_domain=DomainLimit(spacing=timedelta(0))
            ),
            sources=tuple(Source(kind="feed", url=url_of(name), title=name) for name in names),
            rules=RULES,
        )
        self.now, self.batch_posts, self.patience, self.deadline = NOW, batch_posts, patience, deadline
        self.encoder: FakeEncoder | None = None
        self.hour: Hour | None = None
        self.lives_on = False
        self.database = new_database(self.config.storage.path)
        self.collect = ScriptedCollect(Taxonomy(RULES))
        self.poller = self.new_poller()

    def new_poller(self) -> Poller:
        return Poller(
            self.database,
            self.config,
            self.collect,
            clock=lambda: self.now,
            dice=lambda: 0.0,
            batch_posts=self.batch_posts,
            patience=self.patience,
            deadline=self.deadline,
            encoder=self.encoder,
            hour=self.hour,
            lives_on=self.lives_on,
        )

    async def poll(self, **kwargs: Any) -> list[PolledSource]:
        polled: list[PolledSource] = []
        await self.poller.poll(self.poller.sources, on_polled=polled.append, **kwargs)
        return polled

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.config.storage.path) as conn:
            found = conn.execute(sql).fetchall()
        conn.close()
        return found


def url_of(name: str) -> str:
    return f"https://{name}.example/feed"


def article(name: str, title: str, text: str = "", *, host: str = "gazette", hours: int = 1) -> Post:
    url = f"https://{host}.example/{name}"
    return Post(
        kind="article", native_id=url, title=title, text=text or title, url=url, canonical_url=canonical_url(url),
        published_at=NOW - timedelta(hours=hours),
    )  # fmt: skip


def subjects(count: int) -> list[Post]:
    """Posts about a few recurring matters, from one site."""
    matters = ["ferry rudder storm", "museum tide clocks", "bakers night tariff", "harbour crane accident"]
    return [
        article(
            f"{number}", f"{matters[number % 4]} report {number}",
            f"{matters[number % 4]} in the islands, part {number}", hours=40 - number,
        )
        for number in range(count)
    ]  # fmt: skip


def four_papers(folder: Path) -> PollerRoom:
    """`paper0` to `paper3`, each of which tells most of what the one before does."""
    room = PollerRoom(folder, *(f"paper{number}" for number in range(4)))
    for number in range(4):
        room.collect.posts(url_of(f"paper{number}"), subjects(16)[number : number + 9])
    return room
