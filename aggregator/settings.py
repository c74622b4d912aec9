"""What can be configured, as frozen dataclasses, defaults included. `aggregator.config` fills them from TOML.

They stand apart from the configuration's reading and checking, so that no part of the program depends on that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from aggregator import __version__
from aggregator.model import Source
from aggregator.rules import TopicRule

LogFormat = Literal["auto", "pretty", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where the database is. `snapshot`: a consistent copy for read-only mounts, written anew every
    `snapshot_interval` while the daemon runs; None: no copy."""

    path: Path = Path("data/aggregator.db")
    snapshot: Path | None = None
    snapshot_interval: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """`interval`: how often a source is polled that names none itself. `max_backoff`: the longest wait after errors.
    `concurrency`: requests at once, over all sources."""

    interval: timedelta = timedelta(minutes=15)
    max_backoff: timedelta = timedelta(hours=6)
    concurrency: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How the outside world is spoken to.

    `timeout` is for a whole request, redirects included. `max_bytes` is for a body after decompression.
    `allow_private`: the addresses outside the public internet that may be asked all the same.
    """

    user_agent: str = f"aggregator/{__version__} (feed and hashtag reader)"
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 15 * 1024 * 1024
    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastodon:
    """How far back the first poll of a hashtag goes: no older than `backfill_age`, no more than `backfill_posts`."""

    backfill_age: timedelta = timedelta(days=2)
    backfill_posts: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """`window`: how far a post's time may be from a story it joins. `threshold`: how near its words must be (0..1)."""

    window: timedelta = timedelta(hours=72)
    threshold: float = 0.17


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """`format` "auto" is "pretty" on a terminal and "json" elsewhere."""

    level: LogLevel = "info"
    format: LogFormat = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration. `file` is where it was read from; `rules` are the default taxonomy with the user's."""

    file: Path | None = None
    storage: Storage = field(default_factory=Storage)
    polling: Polling = field(default_factory=Polling)
    network: Network = field(default_factory=Network)
    mastodon: Mastodon = field(default_factory=Mastodon)
    stories: Stories = field(default_factory=Stories)
    log: Logging = field(default_factory=Logging)
    sources: tuple[Source, ...] = ()
    rules: tuple[TopicRule, ...] = ()
