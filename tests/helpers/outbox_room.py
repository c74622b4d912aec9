"""Papers, and an outbox that tells somebody of what they bring: a real database, a clock that the test moves, a target
that takes what it is sent, or does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from aggregator.engine.outbox.outbox import Outbox
from aggregator.model.outbox import Channel, Command, Delivery, Message, Notify, Target, Wanted
from aggregator.model.post import Post
from aggregator.model.settings import Network, Publish
from tests.helpers.poller_room import PollerRoom, article
from tests.helpers.site_room import PAPERS, STORM, polled

TITLE = "Ferry Halcyon loses its rudder in the storm"
DOWN = Delivery(error="HTTP 503")

OLD = {
    name: article(f"old-{name}", f"The {name} begins", f"Old words of the {name}.", host=name)
    for name in PAPERS
}  # fmt: skip
"""What a first poll of the papers brings."""


class FakeChannel:
    """A target: keeps what it took, and answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.given: list[Delivery] = []
        self.answers: list[Delivery] = []
        self.always: Delivery = Delivery()
        self.hold: asyncio.Event | None = None
        self.arrived = asyncio.Event()

    @property
    def taken(self) -> list[Message]:
        return [message for message, answer in zip(self.asked, self.given, strict=False) if answer.is_sent]

    async def send(self, message: Message, now: datetime) -> Delivery:
        self.asked.append(message)
        self.arrived.set()
        if self.hold:
            await self.hold.wait()
        answer = self.answers.pop(0) if self.answers else self.always
        self.given.append(answer)
        return answer


def notify(name: str = "desk", **values: Any) -> Notify:
    """A target that is told of stories."""
    wanted = Wanted(**{key: values.pop(key) for key in [*values] if key in Wanted.__dataclass_fields__})
    return Notify(**{"name": name, "on": ("story",), "target": Command(argv=(name,)), "wanted": wanted, **values})


def told(name: str, host: str, *, title: str = TITLE, text: str = STORM, hours: float = 1) -> Post:
    """An event in a paper's own words."""
    return article(name, title, f"{text} So the {host} says it.", host=host, hours=0 if hours < 1 else int(hours))


class OutboxRoom:
    """Three papers that were polled before, and an outbox."""

    def __init__(self, folder: Path, *targets: Notify, papers: tuple[str, ...] = PAPERS) -> None:
        self.room = PollerRoom(folder, *papers)
        self.channels: dict[str, FakeChannel] = {}
        self.stop = asyncio.Event()
        self.dice = 0.5
        self.config = replace(self.room.config, notify=targets)
        self.begin()

    def begin(self) -> None:
        """A program that was just started; what the targets are stays."""
        numbers = count(1)
        self.outbox = Outbox(
            self.room.database, self.stop, clock=lambda: self.room.now, dice=lambda: self.dice,
            channel_of=self._channel, new_id=lambda: f"m{next(numbers)}",
        )  # fmt: skip
        self.outbox.use(self.config)

    def use(self, *targets: Notify, publish: Publish | None = None) -> None:
        self.config = replace(self.config, notify=targets, publish=publish or self.config.publish)
        self.outbox.use(self.config)

    def _channel(self, target: Target, network: Network) -> Channel:
        assert isinstance(target, Command)
        return self.channels.setdefault(target.shown, FakeChannel())

    def channel(self, name: str = "desk") -> FakeChannel:
        return self.channels.setdefault(name, FakeChannel())

    async def first_poll(self, **posts: Any) -> None:
        """The papers are polled for the first time."""
        await self.poll(**posts)

    async def poll(self, **posts: Any) -> None:
        """One poll, some minutes later, and what it brings is noted and sent."""
        await polled(self.room, **posts)
        await self.look()
        self.room.now += timedelta(minutes=15)

    async def look(self) -> None:
        """What a daemon does every few seconds."""
        await self.outbox.go_on()
        await self.outbox.finish(timedelta(seconds=5))
        await self.outbox.go_on()
        await self.outbox.finish(timedelta(seconds=5))

    def heard(self, name: str = "desk") -> list[tuple[str, list[tuple[str, str]]]]:
        """Of each message that was taken: its id, and its items by kind and title."""
        return [
            (message.id, [(item.kind, item.row.get("title") or item.row.get("source")) for item in message.items])
            for message in self.channel(name).taken
        ]

    def kinds(self, name: str = "desk") -> list[str]:
        return [kind for _, items in self.heard(name) for kind, _ in items]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.room.rows(sql)

    def write(self, work: Callable[[Any], object]) -> None:
        with self.room.database.write():
            work(self.room.database.conn)


async def room_of(folder: Path, *targets: Notify) -> OutboxRoom:
    """Papers that were polled before, and somebody who is told of them."""
    room = OutboxRoom(folder, *targets)
    await room.poll(**OLD)
    return room
