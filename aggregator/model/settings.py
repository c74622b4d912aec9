"""What can be configured, as frozen dataclasses, defaults included. `aggregator.config` fills them from TOML.

They stand apart from the configuration's reading and checking, so that no part of the program depends on that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from aggregator import __version__
from aggregator.model.rules import PostFilter, TopicRule
from aggregator.model.source import Source
from aggregator.model.timelines import Keep

Semantic = bool | Literal["auto"]
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
class DomainLimit:
    """How much of us the servers of one registrable domain get, all its sub-domains together: `concurrency` requests
    at once, and `spacing` between the beginnings of two polls."""

    concurrency: int = 2
    spacing: timedelta = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """`interval`: how often a source is polled that names none itself; `max_interval`: how often, if it publishes
    rarely. `max_backoff`: the longest wait after errors. `concurrency`: requests at once, over all sources.
    `per_domain` is for each domain, `domains` for some instead (domain, or several under one suffix → limit).
    `parse_timeout`: how long a document may take to be parsed."""

    interval: timedelta = timedelta(minutes=15)
    max_interval: timedelta = timedelta(hours=4)
    max_backoff: timedelta = timedelta(hours=6)
    concurrency: int = 16
    per_domain: DomainLimit = DomainLimit()
    domains: Mapping[str, DomainLimit] = field(default_factory=dict)
    parse_timeout: timedelta = timedelta(seconds=20)


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
    """How hashtag timelines are read.

    `backfill_age`, `backfill_posts`: how far back the first poll goes. `overlap`: how long a post may take to become
    visible. Every `rescan_interval` the last `rescan_window` is gone over again, every `deep_rescan_interval` the last
    `deep_rescan_window`. Stored posts younger than `recheck_age` are asked after for deletions, where a server makes
    that cheap. `budget`: requests that one server gets in a quarter of an hour. `honour_deletions`: empty what was
    deleted. `keep`: which statuses are kept; hashtags may differ.
    """

    backfill_age: timedelta = timedelta(days=2)
    backfill_posts: int = 400
    overlap: timedelta = timedelta(seconds=60)
    rescan_interval: timedelta = timedelta(hours=1)
    rescan_window: timedelta = timedelta(hours=2)
    deep_rescan_interval: timedelta = timedelta(days=1)
    deep_rescan_window: timedelta = timedelta(days=1)
    recheck_age: timedelta = timedelta(days=7)
    budget: int = 240
    honour_deletions: bool = True
    keep: Keep = field(default_factory=Keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stories:
    """`window`: how far a post's time may be from a story it joins. `threshold`: how near its words must be (0..1).

    `semantic`: by meaning too, across languages, which needs an optional extra; "auto": if it is installed.
    """

    window: timedelta = timedelta(hours=72)
    threshold: float = 0.17
    semantic: Semantic = "auto"


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
    filters: tuple[PostFilter, ...] = ()
