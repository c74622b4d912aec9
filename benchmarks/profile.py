"""What a post costs, stage by stage, everything in one process and without a network:

    python -m benchmarks.profile --feeds FOLDER [--limit N] [--words] [--current] [--repeat 3] [--json FILE]

Polls the feeds of the folder cold, into an empty database, then those of a fifth with a new entry, by the program's own
poller on a clock that stands still. Prints microseconds of CPU a new post (cold) and a poll (changed), the medians of
the rounds. `--words`: without the model. How it is measured: `benchmarks/stages.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import tempfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from multidict import CIMultiDict, CIMultiDictProxy

from aggregator.cli.main import collect_rarely
from aggregator.config.load import load
from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.feeds.collect import collect_feed
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.results import ReadFeed
from aggregator.sources.http.reply import Reply
from aggregator.storage.database import Database
from aggregator.stories.encoder import encoder_for
from aggregator.topics.taxonomy import Taxonomy
from benchmarks.replay import load_feeds, with_new_entry
from benchmarks.samples import machine, markdown
from benchmarks.stages import Sampled

_NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
_LATER = timedelta(hours=3)
_SHARE_CHANGED = 0.2
# All of these posts are in the window of stories, and so all are encoded.
_CURRENT = timedelta(days=2)


class _Shelf:
    """The documents, as a client gives them; nothing is ever unchanged."""

    def __init__(self, bodies: Mapping[str, bytes], content_types: Mapping[str, str]) -> None:
        self.bodies, self._types = dict(bodies), content_types

    async def get(self, url: str, *_: object, **__: object) -> Reply:
        headers = CIMultiDictProxy(CIMultiDict({"Content-Type": self._types[url]}))
        return Reply(status=200, url=url, headers=headers, body=self.bodies[url])

    def change(self, share: float, now: datetime) -> list[str]:
        """Put a new entry into a share of them; their addresses."""
        urls = sorted(self.bodies)
        changed: list[str] = []
        for url in random.Random(1).sample(urls, len(urls)):
            if len(changed) < max(1, round(share * len(urls))) and (body := with_new_entry(self.bodies[url], url, now)):
                self.bodies[url] = body
                changed.append(url)
        return changed


class _Room:
    """One round: an empty database and the program's poller on it."""

    def __init__(self, folder: Path, shelf: _Shelf, config: Config, *, current: bool = False) -> None:
        self.now, self.shelf, self._dice = _NOW, shelf, random.Random(1) if current else None
        self.database = Database(folder / "posts.db")
        self._taxonomy = Taxonomy(config.rules)
        encoder = encoder_for(config.stories.semantic)
        self.poller = Poller(
            self.database, config, self._collect, clock=lambda: self.now, dice=lambda: 0.5, encoder=encoder
        )

    async def _collect(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        client: Any = self.shelf
        collected = await collect_feed(source, memory, client, self._read, now)
        return _of_today(collected, now, self._dice) if self._dice else collected

    async def _read(
        self, body: bytes, content_type: str | None, url: str, source: Source, now: datetime,
        known: Set[bytes] = frozenset(),
    ) -> ReadFeed:  # fmt: skip
        return read_feed(body, content_type, url, source, self._taxonomy, now, known=known)

    def poll(self, sources: Sequence[Source]) -> tuple[Mapping[str, float], int]:
        """Seconds by stage, and how many posts came."""
        before = self._posts()
        with Sampled() as sampled:
            asyncio.run(self.poller.poll(sources))
        return sampled.seconds, self._posts() - before

    def _posts(self) -> int:
        return int(self.database.conn.execute("SELECT count(*) FROM posts").fetchone()[0])


def _of_today(collected: Collected, now: datetime, dice: random.Random) -> Collected:
    """The same, its posts published at any time of the last two days."""
    posts = [
        replace(each, post=replace(each.post, published_at=now - dice.random() * _CURRENT)) for each in collected.posts
    ]
    return replace(collected, posts=tuple(posts))


def one_round(
    folder: Path, feeds: Path, limit: int, *, words: bool, current: bool = False
) -> dict[str, dict[str, float]]:
    """Phase → stage → microseconds: of a new post (`cold`), of a poll of a feed that changed (`changed`)."""
    versions = load_feeds(feeds, limit)
    urls = {f"https://s{number}.example/feed": version for number, version in enumerate(versions.values())}
    shelf = _Shelf(
        {url: version.body for url, version in urls.items()},
        {url: version.plain_headers["Content-Type"] for url, version in urls.items()},
    )
    file = folder / "aggregator.toml"
    file.write_text(f"[storage]\npath = {json.dumps(str(folder / 'posts.db'))}\n[stories]\nsemantic = ")
    with file.open("a") as more:
        more.write("false\n" if words else "true\n")
        more.writelines(f"[[feeds]]\nurl = {json.dumps(url)}\n" for url in urls)
    room = _Room(folder, shelf, load(file, {}), current=current)
    try:
        cold, posts = room.poll(room.poller.sources)
        room.now += _LATER
        changed_urls = set(shelf.change(_SHARE_CHANGED, room.now))
        asked = [source for source in room.poller.sources if source.url in changed_urls]
        changed, _ = room.poll(asked)
    finally:
        room.database.close()
    return {"cold": _each(cold, posts), "changed": _each(changed, len(asked))}


def _each(seconds: Mapping[str, float], count: int) -> dict[str, float]:
    return {stage: value * 1e6 / max(1, count) for stage, value in seconds.items()}


def medians(rounds: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Of each stage of each phase; a stage that a round has nothing of counts as nothing there."""
    found: dict[str, dict[str, float]] = {}
    for phase in rounds[0]:
        stages = {stage for each in rounds for stage in each[phase]}
        found[phase] = {stage: median(each[phase].get(stage, 0.0) for each in rounds) for stage in stages}
    return found


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """The stages, the dearest of a cold poll first."""
    cold, changed = found["cold"], found["changed"]
    lines = [["stage", "", "cold, µs a post", "share", "changed, µs a poll"]]
    total = sum(cold.values())
    for stage in sorted({*cold, *changed}, key=lambda stage: -cold.get(stage, 0.0)):
        share = f"{100 * cold.get(stage, 0.0) / total:.1f} %"
        lines.append([stage, "", f"{cold.get(stage, 0.0):.0f}", share, f"{changed.get(stage, 0.0):.0f}"])
    lines.append(["together", "", f"{total:.0f}", "", f"{sum(changed.values()):.0f}"])
    return markdown(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description="What a post costs, by stages.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--words", action="store_true", help="without the model")
    parser.add_argument("--current", action="store_true", help="as if every post were of the last two days")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the table has the medians (default: 3)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    collect_rarely()
    rounds = []
    for _ in range(given.repeat):
        with tempfile.TemporaryDirectory(prefix="aggregator-benchmark-") as name:
            rounds.append(one_round(Path(name), given.feeds, given.limit, words=given.words, current=given.current))
    found = medians(rounds)
    where = {**machine(), "feeds": len(load_feeds(given.feeds, given.limit)), "rounds": given.repeat}
    print(", ".join(f"{name} {value}" for name, value in where.items()), end="\n\n")
    print(table(found))
    if given.json:
        given.json.write_text(json.dumps({"machine": where, "words": given.words, "stages": found}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
