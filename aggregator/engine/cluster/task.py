"""What a worker is given and what it gives back: plain values that pickle, and the rules of a lease.

A task may be asked for `ON_ITS_WAY` over the longest request. The one who lends waits longer: see `lending.REST`.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b

from aggregator.model.poll import Collected
from aggregator.model.post import EnrichedPost
from aggregator.model.rules import PostFilter, TopicRule
from aggregator.model.settings import Network
from aggregator.model.source import Source, SourceMemory

# How long a task may be on its way to a worker, over the time that its request may take.
ON_ITS_WAY = timedelta(seconds=10)
# Clocks of two machines are no further apart, or the worker refuses.
MARGIN = timedelta(seconds=10)
# To read a document may take so long after the lease is over; the server is not asked for that. What takes longer is
# read here the next time: a poll of all that is due ends no sooner than the answer that is waited for longest.
READING = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a worker needs for all sources alike. `window`: new posts no older than that are encoded by this model, by
    name and version; None: none are. `most_encoded`: of more posts none are, since they are not saved together."""

    rules: Sequence[TopicRule]
    network: Network
    parse_timeout: timedelta
    filters: Sequence[PostFilter] = ()
    model: tuple[str, str] | None = None
    window: timedelta = timedelta(0)
    most_encoded: int = 0


@dataclass(frozen=True, slots=True)
class Packed:
    """Settings as bytes, packed once for many tasks; `mark` tells one from another."""

    mark: str
    settings: bytes

    @classmethod
    def of(cls, settings: Settings) -> Packed:
        """The settings, packed."""
        packed = pickle.dumps(settings, pickle.HIGHEST_PROTOCOL)
        return cls(blake2b(packed, digest_size=16).hexdigest(), packed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Collect one source. `serial`: run of the daemon and number; no two tasks share it.

    `handed_at`, `until`: when the lease began and when it ends, by the clock of the one who lends; `lease`: how long
    that is. `known`: digests of the source's entries, `names`: native ids of its newest posts, where the model is
    asked. `settings`: None where the worker should have them by their `mark`.
    """

    serial: str
    who: str
    source: Source = field(repr=False)
    memory: SourceMemory = field(repr=False)
    now: datetime
    handed_at: datetime
    lease: timedelta
    known: Set[bytes] = field(default=frozenset(), repr=False)
    names: Set[str] = field(default=frozenset(), repr=False)
    mark: str = field(default="", repr=False)
    settings: bytes | None = field(default=None, repr=False)

    @property
    def until(self) -> datetime:
        """When the lease ends, by the clock of the one who lends."""
        return self.handed_at + self.lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a task. `refused`: why nothing was asked, in words; `wants_settings`: because it has not these.

    `collected` is without its source and its posts, which stand in `posts`, enriched. `is_over`: the lease ended while
    it asked. `is_cut_off`: the worker has reached no server of late, of several domains.
    """

    serial: str
    refused: str = ""
    wants_settings: bool = False
    is_over: bool = False
    is_cut_off: bool = False
    collected: Collected | None = None
    posts: tuple[EnrichedPost, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., Answer], tuple[object, ...]]:
        """Posts as bare values: see `aggregator.sources.feeds.results`."""
        from aggregator.sources.feeds.results import ParsedFeed, ReadFeed

        others = (self.serial, self.refused, self.wants_settings, self.is_over, self.is_cut_off, self.collected)
        return _answer, (*others, ReadFeed(ParsedFeed(), self.posts) if self.posts else None)

    def of(self, source: Source, memory: SourceMemory) -> Collected | None:
        """What was collected, with the source that was asked; None where nothing was."""
        if self.collected is None:
            return None
        kept = replace(self.collected.memory, said_by_entries=memory.said_by_entries)
        return replace(self.collected, source=source, memory=kept, posts=self.posts)


def _answer(
    serial: str, refused: str, wants_settings: bool, is_over: bool, is_cut_off: bool, collected: Collected | None,
    feed: object,
) -> Answer:  # fmt: skip
    return Answer(
        serial=serial, refused=refused, wants_settings=wants_settings, is_over=is_over, is_cut_off=is_cut_off,
        collected=collected, posts=getattr(feed, "posts", ()),
    )  # fmt: skip


def lease_for(timeout: timedelta) -> timedelta:
    """How long a worker may ask, where one request may take `timeout`."""
    return timeout + ON_ITS_WAY


def left_of(task: Task, now: datetime, timeout: timedelta) -> timedelta | str:
    """How long a worker whose clock says `now` may ask from now on; why it may not, in words.

    The stricter of both counts: how long the lease is, as if it began now, and when it ends by the clock.
    """
    if now < task.handed_at - MARGIN:
        behind = task.handed_at - now
        return f"this worker's clock is {behind.total_seconds():.0f}s behind the daemon's, or more"
    left = min(task.lease, task.until - now)
    if left < timeout:
        late = now - task.handed_at
        return f"it was handed out {late.total_seconds():.0f}s ago, by the clocks of daemon and worker: too late to ask"
    return left


@cache
def this_program() -> str:
    """What has to be the same on daemon, scheduler and workers: values are pickled between them, and posts must come
    out the same. In words."""
    import platform
    from importlib.resources import files

    from aggregator import __version__
    from aggregator.sources.feeds.unchanged import program

    code, engine = blake2b(program(), digest_size=4), files("aggregator.engine")
    for each in sorted((engine / "cluster").iterdir(), key=lambda each: each.name):
        code.update(each.read_bytes() if each.name.endswith(".py") else b"")
    code.update((engine / "embed.py").read_bytes())
    return f"aggregator {__version__} (code {code.hexdigest()}) on Python {platform.python_version()}"
