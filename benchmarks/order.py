"""Does it matter in which order the sources of a first poll come?

    python -m benchmarks.order [--orders 20] [--lexical] [--json FILE]

Polls the sources of the demo once, and then as often as asked what that brought, in shuffled orders, each into an empty
database; then the second thoughts of an hour later. Prints how many groupings, leads, slugs, sets of originals, links
and kinds of changes came out: one each, if the order does not matter. Nothing is fetched from outside.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from aggregator.cli.demo.server import DemoServer, demo_config_toml
from aggregator.config import load_config
from aggregator.engine.poller import Poller
from aggregator.model.embedding import Encoder
from aggregator.model.poll import Collected
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.stories.encoder import encoder_for
from aggregator.topics.taxonomy import Taxonomy

# Posts on the raise, in the languages of the demo: nine hundred millions, of Mistral.
_WORDS = "coalesce(title, '') || coalesce(text, '')"
_RAISED = f"({_WORDS} LIKE '%900%' OR {_WORDS} LIKE '%9億%') AND {_WORDS} LIKE '%mistral%'"


class Outcome(NamedTuple):
    """What one order came to, in values that know nothing of ids. `raised`: stories with Mistral's EUR 900 million."""

    stories: frozenset[frozenset[str]]
    leads: frozenset[tuple[str, str]]
    slugs: frozenset[str]
    originals: frozenset[tuple[str, str]]
    links: frozenset[tuple[str, str]]
    changes: frozenset[tuple[str, str, int]]
    raised: int


class Recorded:
    """Collects each source once, and says the same again whenever it is asked: only the order differs."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._answers: dict[str, list[Collected]] = defaultdict(list)
        self._asked: dict[str, int] = defaultdict(int)

    def begin_anew(self) -> None:
        """From the first answer of each source."""
        self._asked.clear()

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """As `aggregator.engine.deadlines.Collect` promises."""
        number, held = self._asked[source.url], self._answers[source.url]
        self._asked[source.url] += 1
        if number == len(held):
            held.append(await self._collector(source, memory, now))
        return replace(held[number], source=source)


class Orders:
    """The sources of the demo, polled in any order."""

    def __init__(self, config: Config, collect: Recorded, encoder: Encoder | None, now: datetime) -> None:
        self._config, self._collect, self._encoder, self._now = config, collect, encoder, now

    async def poll(self, folder: Path, seed: int) -> Outcome:
        """What a first poll into an empty database comes to. `seed` 0: in the order of the configuration."""
        self._collect.begin_anew()
        now = self._now
        database = Database(folder / f"{seed}.db")
        try:
            poller = Poller(database, self._config, self._collect, clock=lambda: now, encoder=self._encoder)
            sources = list(poller.sources)
            if seed:
                random.Random(seed).shuffle(sources)
            await poller.poll(sources)
            now += timedelta(hours=1)
            poller.reconsider()
            return outcome(database)
        finally:
            database.close()


def outcome(database: Database) -> Outcome:
    """What the database says of its stories."""
    name = "coalesce({0}.canonical_url, {0}.uri, {0}.url, {0}.title)"

    def ask(sql: str) -> list[Any]:
        return [tuple(row) for row in database.query(sql.format(p=name.format("p"), o=name.format("o")))]

    members: dict[int, set[str]] = defaultdict(set)
    for story_id, post in ask("SELECT p.story_id, {p} || ' of ' || coalesce(p.publisher, '') FROM posts p"):
        members[story_id].add(post)
    heads = ask(
        "SELECT s.title, {p}, s.slug FROM stories s JOIN posts p ON p.id = s.lead_post_id WHERE merged_into IS NULL"
    )
    return Outcome(
        stories=frozenset(frozenset(each) for each in members.values()),
        leads=frozenset((title, lead) for title, lead, _ in heads),
        slugs=frozenset(slug for *_, slug in heads),
        originals=frozenset(ask("SELECT {p}, {o} FROM posts p JOIN posts o ON o.id = p.copy_of")),
        links=frozenset(
            ask(
                "SELECT s.title, o.title FROM story_links l JOIN stories s ON s.id = l.story_id "
                "JOIN stories o ON o.id = l.earlier_story_id"
            )
        ),
        changes=frozenset(
            ask("SELECT what, change, count(*) FROM changes WHERE change <> 'edited' GROUP BY what, change")
        ),
        raised=len(ask(f"SELECT DISTINCT story_id FROM posts WHERE {_RAISED}")),
    )


@asynccontextmanager
async def demo_orders(encoder: Encoder | None, now: datetime, folder: Path) -> AsyncIterator[Orders]:
    """The demo's sources, served on this machine while this lasts."""
    async with DemoServer(now) as server:
        file = folder / "demo.toml"
        file.write_text(demo_config_toml(server.url, folder / "demo.db"), encoding="utf-8")
        async with _recorded(load_config(file, {}), encoder, now) as orders:
            yield orders


@asynccontextmanager
async def _recorded(config: Config, encoder: Encoder | None, now: datetime) -> AsyncIterator[Orders]:
    collector = Collector(config.network, config.mastodon, Taxonomy(config.rules), config.polling.parse_timeout)
    async with collector:
        yield Orders(config, Recorded(collector), encoder, now)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how many came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.order", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=20, help="so many shuffled orders")
    parser.add_argument("--lexical", action="store_true", help="without the extra `semantic`")
    parser.add_argument("--json", type=Path, help="where to write the stories of the first order, by addresses")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found = asyncio.run(_poll_all(given.orders, None if given.lexical else encoder_for("auto")))
    for name in Outcome._fields[:-1]:
        values = [getattr(each, name) for each in found]
        print(f"{name}: {len(set(values))} distinct, {len(values[0])} in the first")
    print(f"stories that hold the raise of EUR 900 million: {sorted({each.raised for each in found})}")
    if given.json:
        given.json.write_text(json.dumps(sorted(sorted(each) for each in found[0].stories), indent=1))
    return 0


async def _poll_all(orders: int, encoder: Encoder | None) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with demo_orders(encoder, datetime.now(UTC).replace(microsecond=0), folder) as made:
            started = time.process_time()
            found = [await made.poll(folder, seed) for seed in range(orders + 1)]
            print(
                f"{orders} shuffled orders and that of the configuration: {time.process_time() - started:.1f} s of CPU"
            )
            return found


if __name__ == "__main__":
    raise SystemExit(main())
