"""What a worker does with a task: the very collecting that a daemon does, on a loop of its own in this process.

The loop, the processes that read documents, the model and the settings stay between tasks. Nothing is written: a worker
has no database, and needs no disk. A task is begun once, whoever sends it again.
"""

from __future__ import annotations

import asyncio
import pickle
import tempfile
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import TimeoutError as OutOfTime
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.cluster.task import READING, Answer, Settings, Task, left_of, this_program
from aggregator.engine.politeness import OUTAGE_DOMAINS
from aggregator.model.embedding import Encoder
from aggregator.model.poll import Collected
from aggregator.model.settings import Mastodon
from aggregator.model.source import Source
from aggregator.sources.collect import Collector
from aggregator.sources.http.client import Client
from aggregator.text.urls import registrable_domain

if TYPE_CHECKING:
    from aggregator.pipeline.filters import Filters

# Begun tasks are remembered, the newest: none is begun twice.
_REMEMBERED = 10_000
# Configurations at once: the one in force, and the one before.
_MOST_SETTINGS = 2

# Of the task that asks: when its lease ends, by the loop's clock.
_ends_at: ContextVar[float] = ContextVar("ends_at")

# What a source no longer says of itself on its way back: the daemon knows it, and its secrets go one way.
_NOBODY = Source(kind="feed", url="")


class LeaseOverError(Exception):
    """The lease ended while a server was asked."""


class _LeasedClient(Client):
    """Asks as long as the lease of the task lasts, and not a moment longer."""

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        """See `Client.get`.

        Raises:
            LeaseOverError: the lease is over; nothing more is asked.
        """
        asking = asyncio.timeout_at(_ends_at.get())
        try:
            async with asking:
                return await super().get(*args, **kwargs)
        except TimeoutError:
            if asking.expired():
                raise LeaseOverError from None
            raise


class _Desk:
    """What collects by one configuration. Made and used on the loop."""

    def __init__(self, settings: Settings, model: Callable[[], Encoder | None]) -> None:
        from aggregator.pipeline.filters import Filters
        from aggregator.topics.taxonomy import Taxonomy

        self.settings = settings
        self.collector = Collector(
            settings.network, Mastodon(), Taxonomy(settings.rules, at_once=False), settings.parse_timeout,
            client=_LeasedClient,
        )  # fmt: skip
        self._filters: Filters = Filters(settings.filters)
        self._encoder = model() if settings.model else None

    async def collect(self, task: Task, left: timedelta) -> Collected:
        """What the source has to say, its new posts encoded. Raises LeaseOverError."""
        _ends_at.set(asyncio.get_running_loop().time() + left.total_seconds())
        memory = replace(task.memory, said_by_entries=lambda: task.known)
        collected = await self.collector(task.source, memory, task.now)
        return await self._encoded(collected, task)

    async def _encoded(self, collected: Collected, task: Task) -> Collected:
        from aggregator.engine.embed import embeddings
        from aggregator.storage.embeddings import is_current
        from aggregator.text.headline import told

        encoder, most = self._encoder, self.settings.most_encoded
        if encoder is None or not 0 < len(collected.posts) <= most or not encoder.is_usable:
            return collected
        if (encoder.model, encoder.version) != self.settings.model:
            return collected
        wanted = [
            each
            for each in collected.posts
            if each.post.native_id not in task.names
            and is_current(each.post, task.now, self.settings.window)
            and not self._filters.why_out(each, task.source, collected.title)
        ]
        texts = [told(each.post.title, each.post.text, each.post.attached) for each in wanted]
        made = await asyncio.to_thread(embeddings, texts, encoder) if texts else []
        encoder.rest()
        by_id = {id(each): replace(each, embedding=found) for each, found in zip(wanted, made, strict=True)}
        posts = tuple(by_id.get(id(each), each) for each in collected.posts)
        return replace(collected, posts=posts, encoded=tuple(each.post.native_id for each in wanted))


def _model() -> Encoder | None:
    """The model, where its extra is there: unpacked into the system's folder for temporary files, or into memory."""
    import time

    from aggregator.engine.embed import SharedEncoder
    from aggregator.storage.file.weights import plain_weights
    from aggregator.stories.encoder import encoder_for

    found = encoder_for("auto", plain_weights(Path(tempfile.gettempdir())), time.monotonic)
    return SharedEncoder(found) if found else None


class Home:
    """A worker's loop, in a thread of its own, and what was learnt there. `clock` and `model`: for tests."""

    def __init__(self, clock: Clock = utc_now, model: Callable[[], Encoder | None] = _model) -> None:
        self._clock, self._model, self._lock = clock, model, threading.Lock()
        self._begun: set[str] = set()
        self._in_order: deque[str] = deque()
        self._settings: OrderedDict[str, Settings] = OrderedDict()
        self._desks: OrderedDict[str, _Desk] = OrderedDict()
        self._unreached: set[str] = set()  # domains, since a server answered last
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="collecting", daemon=True)
        self._thread.start()

    def run(self, task: Task) -> Answer:
        """Collect the source, if that may be; what came of it. Blocks, and raises nothing that is expected."""
        if task.who != this_program():
            why = f"this worker is {this_program()}, the daemon is {task.who}: both have to be the same"
            return Answer(serial=task.serial, refused=why)
        with self._lock:
            settings = self._settings_of(task)
            if settings is None:
                return Answer(serial=task.serial, wants_settings=True)
            if task.serial in self._begun:
                return Answer(serial=task.serial, refused="this worker has begun that task before", is_over=True)
            self._remember(task.serial)
        left = left_of(task, self._clock(), settings.network.timeout)
        if isinstance(left, str):
            return Answer(serial=task.serial, refused=left)
        done = asyncio.run_coroutine_threadsafe(self._collect(task, settings, left), self._loop)
        try:
            return done.result((left + READING).total_seconds())
        except OutOfTime:
            done.cancel()
            return Answer(serial=task.serial, is_over=True)

    def close(self) -> None:
        """End the loop and what belongs to it."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _remember(self, serial: str) -> None:
        self._begun.add(serial)
        self._in_order.append(serial)
        if len(self._in_order) > _REMEMBERED:
            self._begun.discard(self._in_order.popleft())

    def _settings_of(self, task: Task) -> Settings | None:
        """Those of the task, known from another one, or come with it."""
        if task.mark not in self._settings and task.settings is not None:
            # From the daemon, by the way that the code of tasks comes by as well: who may send that is not asked here.
            self._settings[task.mark] = pickle.loads(task.settings)
            while len(self._settings) > _MOST_SETTINGS:
                self._settings.popitem(last=False)
        return self._settings.get(task.mark)

    async def _desk_of(self, mark: str, settings: Settings) -> _Desk:
        """The one of this configuration; the oldest is closed where there are too many."""
        if mark not in self._desks:
            desk = self._desks[mark] = _Desk(settings, self._model)
            await desk.collector.__aenter__()
        if len(self._desks) > _MOST_SETTINGS:
            _, old = self._desks.popitem(last=False)
            await old.collector.__aexit__(None, None, None)
        return self._desks[mark]

    async def _close(self) -> None:
        for desk in self._desks.values():
            await desk.collector.__aexit__(None, None, None)

    async def _collect(self, task: Task, settings: Settings, left: timedelta) -> Answer:
        desk = await self._desk_of(task.mark, settings)
        try:
            collected = await desk.collect(task, left)
        except LeaseOverError:
            return Answer(serial=task.serial, is_over=True)
        kept = replace(collected.memory, said_by_entries=frozenset)
        bare = replace(collected, source=_NOBODY, memory=kept, posts=())
        is_cut_off = self._is_cut_off(task.source.url, collected)
        return Answer(serial=task.serial, is_cut_off=is_cut_off, collected=bare, posts=collected.posts)

    def _is_cut_off(self, url: str, collected: Collected) -> bool:
        """Could one after the other not be reached that others could? A domain that is down is none but itself."""
        if collected.http_status is not None:
            self._unreached.clear()
        if not collected.unreached:
            return False
        self._unreached.add(registrable_domain(url) or url)
        return len(self._unreached) >= OUTAGE_DOMAINS


# This process, as no other is called, whatever address it has.
_PROCESS = uuid4().hex


def who_runs() -> tuple[str, str]:
    """What this process is: the program, and the process."""
    return this_program(), _PROCESS


def only_in(process: str, run: Callable[..., Any], *arguments: Any) -> Any:
    """Run it in that very process, and in no other: who hands out tasks may give one to another worker.

    Raises:
        RuntimeError: it is another.
    """
    if process != _PROCESS:
        raise RuntimeError("this task is another worker's")
    return run(*arguments)


_home: list[Home] = []
_making = threading.Lock()


def run_task(task: Task) -> Answer:
    """Collect one source in this process: what an executor is given. Blocks."""
    with _making:
        if not _home:
            _home.append(Home())
    return _home[0].run(task)
