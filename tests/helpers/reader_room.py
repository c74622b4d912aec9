"""A reader of pages beside a poller, on a clock that the test moves; and posts that lead to pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.engine.articles.reader import ArticleReader
from aggregator.model.article import DuePage, FetchedPage, ReadPage
from aggregator.model.post import Post
from aggregator.model.settings import Articles
from tests.helpers.poller_room import PollerRoom, article, url_of

DELAY = timedelta(minutes=5)
TEXT = "The ferry is late, says the captain."
GOOD = FetchedPage(page=ReadPage(text=TEXT, language="en"), http_status=200, etag='"1"')


class Web:
    """Answers for pages, by the path of their address; good ones if nothing else was scripted. `asked`: the paths."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.due: list[DuePage] = []
        self.answers: dict[str, FetchedPage | Exception] = {}
        self.held = asyncio.Event()
        self.holds = False

    async def __call__(self, due: DuePage, now: Any) -> FetchedPage:
        path = due.url.partition(".example/")[2]
        self.asked.append(path)
        self.due.append(due)
        if self.holds:
            await self.held.wait()
        answer = self.answers.get(path, GOOD)
        if isinstance(answer, Exception):
            raise answer
        return answer


class ReaderRoom(PollerRoom):
    """Papers whose posts were polled, and a reader of pages on the same clock."""

    def __init__(self, folder: Path, *names: str, articles: Articles | None = None, **own: Any) -> None:
        super().__init__(folder, *names)
        sources = tuple(
            replace(source, articles=own.get(source.title or "", source.articles)) for source in self.config.sources
        )
        self.config = replace(
            self.config, sources=sources, articles=articles or Articles(judge=False, fetch="stories", delay=DELAY)
        )
        self.poller = self.new_poller()
        self.web, self.stop = Web(), asyncio.Event()
        self.dice: Callable[[], float] = lambda: 0.5
        self.reader = self.new_reader()

    def new_reader(self) -> ArticleReader:
        reader = ArticleReader(self.database, self.stop, clock=lambda: self.now, dice=self.dice)
        reader.use(self.config, self.poller, self.web)
        return reader

    async def brings(self, name: str, *posts: Post) -> None:
        self.collect.begin_anew()
        self.collect.posts(url_of(name), posts)
        await self.poll()

    async def read(self, after: timedelta = timedelta(0)) -> list[str]:
        """The pages asked for at a later time, in order."""
        self.now += after
        self.web.asked.clear()
        await self.reader.go_on()
        return self.web.asked

    async def begin_reading(self) -> asyncio.Task[int]:
        """A page is asked for, and not answered."""
        self.web.holds = True
        reading = asyncio.create_task(self.reader.go_on())
        while not self.web.asked:
            await asyncio.sleep(0)
        return reading

    async def read_all(self) -> list[str]:
        """The same, until nothing is left: one page of a domain is asked for at a time."""
        found: list[str] = []
        while asked := list(await self.read()):
            found += asked
        return found


# Two papers on one event in their own words, and a third matter of one paper alone.
FERRY = (
    article("ferry", "Ferry rudder breaks in storm off Sandey", "A ferry lost its rudder in a storm off Sandey."),
    article(
        "rudder", "Storm off Sandey breaks ferry rudder", "Off Sandey the rudder of a ferry broke in heavy wind.",
        host="herald",
    ),
)  # fmt: skip
MUSEUM = article("museum", "Museum of tide clocks opens", "Forty tide clocks stand in a museum from Monday on.")


async def told(folder: Path, **kwargs: Any) -> ReaderRoom:
    """A room that was told all of that: one story of two papers, and one of one."""
    room = ReaderRoom(folder, "gazette", "herald", **kwargs)
    await room.brings("gazette", FERRY[0], MUSEUM)
    await room.brings("herald", FERRY[1])
    [(stories,)] = room.rows("SELECT count(*) FROM stories WHERE source_count = 2 AND post_count = 2")
    assert stories == 1
    return room
