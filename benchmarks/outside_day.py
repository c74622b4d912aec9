"""A day of 1,000 sources on a simulated clock: what is asked of whom, against a poller that asks at a fixed interval.

The poller, the schedule, the limits and the database are real; the network is played: sources that publish from a
hundred times a day to once in two months, some that say how long their answers keep, some in trouble, many of one
platform. Two days are lived through, and the second is counted.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from aggregator.engine.poller import Poller
from aggregator.model.poll import Collected, Outcome
from aggregator.model.post import EnrichedPost, Post
from aggregator.model.settings import Config, Storage
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy

SOURCES = 1_000
START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(seconds=5)
DAY = timedelta(days=1)
FIXED = timedelta(minutes=15)

_NO_TOPICS = Taxonomy(())
_LIMITED_FOR = timedelta(minutes=30)


def addresses() -> list[str]:
    """Most sites have one feed, some three; two platforms have a hundred sub-domains each."""
    hosts = [f"paper{n}.example" for n in range(500)]
    hosts += [f"news.house{n // 3}.example" for n in range(300)]
    hosts += [f"writer{n}.platform{n % 2}.example" for n in range(200)]
    return [f"https://{host}/feed{n}.xml" for n, host in enumerate(hosts)]


class World:
    """Plays the servers. `asked` has the time of each request by source."""

    def __init__(self, urls: list[str], dice: random.Random) -> None:
        self.asked: dict[str, list[datetime]] = defaultdict(list)
        self.waits: list[timedelta] = []
        self.found_from = START + DAY
        self._posts = {url: self._times(10 ** dice.uniform(-1.8, 2), dice) for url in urls}
        self._kinds = {url: self._kind(n) for n, url in enumerate(urls)}
        self._limited: dict[str, datetime] = {}

    def _times(self, per_day: float, dice: random.Random) -> list[datetime]:
        """When one source publishes: by chance, so often a day on average, from three months before on."""
        at, times = START - 90 * DAY, []
        while at < START + 3 * DAY:
            at += DAY * dice.expovariate(per_day)
            times.append(at)
        return times

    def _kind(self, number: int) -> str:
        kinds = {0: "dead", 1: "dead", 2: "gone", 3: "missing", 4: "limits", 5: "limits"}
        return kinds.get(number % 100, "keeps" if number % 5 == 0 else "plain")

    async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
        """As `aggregator.engine.poller.Collect` promises."""
        self.asked[source.url].append(now)
        answer = Collected(source=source, outcome=Outcome.NOT_MODIFIED, memory=memory, started_at=now, http_status=304)
        match self._kinds[source.url]:
            case "dead":
                return replace(answer, outcome=Outcome.FAILED, http_status=None, unreached=True, detail="refused")
            case "gone":
                return replace(answer, outcome=Outcome.GONE, http_status=410)
            case "missing":
                return replace(answer, outcome=Outcome.FAILED, http_status=404)
            case "limits" if self._limited.get(source.url, START) <= now and now.hour % 6 == 0:
                self._limited[source.url] = now + _LIMITED_FOR
                return replace(answer, outcome=Outcome.RATE_LIMITED, http_status=429, retry_at=now + _LIMITED_FOR)
        if self._kinds[source.url] == "keeps":
            answer = replace(answer, fresh_for=timedelta(hours=1))
        return self._news(answer, memory, now)

    def _news(self, answer: Collected, memory: SourceMemory, now: datetime) -> Collected:
        since = datetime.fromisoformat(memory.etag) if memory.etag else START - 90 * DAY
        times = [at for at in self._posts[answer.source.url] if at <= now][-20:]
        new = [at for at in times if at > since]
        if not new:
            return answer
        if memory.etag and now >= self.found_from:
            self.waits += [now - at for at in new]
        posts = (self._post(answer.source, at) for at in times)
        return replace(
            answer, outcome=Outcome.OK, http_status=200, posts=tuple(posts),
            memory=replace(memory, etag=now.isoformat()),
        )  # fmt: skip

    def _post(self, source: Source, at: datetime) -> EnrichedPost:
        url = f"{source.url}/{at.timestamp()}"
        post = Post(
            kind="article", native_id=url, title=f"At {at:%H %M %S %f}", url=url, canonical_url=url, published_at=at
        )
        return enrich(post, source, _NO_TOPICS)


async def simulate() -> None:
    """Live through two days and print what the second one saw."""
    dice = random.Random(7)
    urls = addresses()
    world = World(urls, dice)
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        sources = tuple(
            Source(kind="feed", url=url, interval=FIXED, longest_interval=timedelta(hours=4)) for url in urls
        )
        config = Config(storage=Storage(path=Path(folder) / "day.db"), sources=sources)
        database = Database(config.storage.path)
        now = START
        poller = Poller(database, config, world, clock=lambda: now, dice=dice.random)
        while now < START + 2 * DAY:
            if due := poller.due():
                await poller.poll(due, is_patient=False)
            now += TICK
        _report(world, poller)
        database.close()
    print(f"\n(simulated in {time.monotonic() - began:.0f} s)")


def _report(world: World, poller: Poller) -> None:
    asked = {url: [at for at in times if at >= START + DAY] for url, times in world.asked.items()}
    counts = sorted(len(times) for times in asked.values())
    fixed = DAY // FIXED
    print("| requests in a day | this poller | every 15 minutes |")
    print("|---|--:|--:|")
    print(f"| all | {sum(counts)} | {SOURCES * fixed} |")
    for name, value in (
        ("a source: least", counts[0]), ("a source: median", median(counts)),
        ("a source: 90 of 100 have at most", quantiles(counts, n=10)[8]), ("a source: most", counts[-1]),
    ):  # fmt: skip
        print(f"| {name} | {value:.0f} | {fixed} |")
    for kind in ("plain", "keeps", "limits", "dead", "gone", "missing"):
        found = [len(times) for url, times in asked.items() if world._kinds[url] == kind]
        print(f"| a source that is “{kind}”, mean of {len(found)} | {sum(found) / len(found):.1f} | {fixed} |")
    by_domain: dict[str, list[datetime]] = defaultdict(list)
    for url, times in asked.items():
        by_domain[poller.politeness.domain_of(url) or ""] += times
    for domain in ("platform0.example", "house7.example", "paper7.example"):
        print(f"| {domain} | {len(by_domain[domain])} | {sum(domain in url for url in asked) * fixed} |")
    busiest = max(max(Counter(at.replace(second=0) for at in times).values()) for times in by_domain.values() if times)
    gaps = [later - earlier for times in by_domain.values() for earlier, later in pairwise(sorted(times))]
    print(f"| one domain in one minute, most | {busiest} | 100 |")
    print(f"| one domain, least time between two | {min(gaps).total_seconds():.0f} s | 0 s |")
    waits = sorted(wait.total_seconds() / 60 for wait in world.waits)
    print(f"\nA new post is seen after {median(waits):.0f} minutes (median of {len(waits)}), ", end="")
    print(f"nine of ten within {quantiles(waits, n=10)[8]:.0f}; every 15 minutes: 7.5, within 13.5.")
