"""Is anything lost or doubled on a timeline, what does following it cost, and how fast is it read?

python -m benchmarks.mastodon loss              six posters, 5,000 posts, a day in minutes; also --family ulid
python -m benchmarks.mastodon loss --kills 25   the same, the follower killed (SIGKILL) at random moments
python -m benchmarks.mastodon loss --account    an account in place of a hashtag; it has six hands
python -m benchmarks.mastodon loss --naive      without overlap and re-scan, to see what they are for
python -m benchmarks.mastodon speed             statuses per CPU second, from page bytes to saved posts

The server is that of the tests; it runs in this process and its clock is driven. The follower is a process of its own
with the real poller, collector and database. Everything is seeded but the moments of the kills.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import structlog

from aggregator.config.topics import default_rules
from aggregator.engine.poller import Poller
from aggregator.model.settings import Config, Mastodon, Network, Storage
from aggregator.model.source import Source, SourceKind
from aggregator.sources.collect import Collector
from aggregator.storage.database import Database
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fediverse import Answer, Fediverse

START = datetime(2031, 3, 1, 6, 0, tzinfo=UTC)
INTERVAL = timedelta(minutes=15)
# Posting goes on for so long, six posters side by side: about 200 posts in each interval.
POSTING = timedelta(hours=6)
POSTERS = 6
MOST_DELAY = timedelta(seconds=2)
BACKDATED, MOST_BACKDATED = 0.05, timedelta(hours=1)
# After the last post: until a re-scan has surely been done.
AFTER = timedelta(hours=1) + 2 * INTERVAL
TICK = timedelta(minutes=1)
# Each request takes this long on the driven clock, so that posts become visible between two pages.
PER_REQUEST = timedelta(milliseconds=300)
NEVER = timedelta(days=3650)

_WORDS = re.findall(
    r"\w+",
    "harbour ferry lighthouse winter budget council lock keeper storm rudder island bakery tariff museum clock tide "
    "engine model paper funding regulation court school nurse bridge tunnel tram garden orchard violin choir",
)


class DrivenServer(Fediverse):
    """The server of the tests, with a clock that is read and moved over HTTP, and a record of when it was asked."""

    def __init__(self, family: str) -> None:
        super().__init__(START, family)
        self.accounts = {"ada": {}}
        self.times: list[datetime] = []

    def reply(self, target: str, token: str | None) -> Answer:
        """As the server; `/clock?SECONDS` moves the clock, and tells it."""
        path, _, seconds = target.partition("?")
        if path != "/clock":
            self.times.append(self.clock)
            return super().reply(target, token)
        self.clock += timedelta(seconds=float(seconds or 0))
        return 200, {}, self.clock.isoformat()


@dataclass(frozen=True, slots=True)
class Planned:
    """A post that will be there: its uri and when it becomes visible."""

    uri: str
    visible_at: datetime


def fill(server: Fediverse, posts: int, seed: int) -> list[Planned]:
    """Six posters post side by side; the clock decides who sees what."""
    dice = random.Random(seed)
    planned = []
    for number in range(posts):
        at = START + POSTING * (number // POSTERS * POSTERS + dice.uniform(0, POSTERS)) / posts
        late = dice.random() < BACKDATED
        native_id = server.post(
            at=at,
            id_time=at - MOST_BACKDATED * dice.random() if late else at,
            delay=MOST_DELAY * dice.random(),
            acct="ada",
            content=f"<p>{' '.join(dice.choices(_WORDS, k=25))}</p>",
        )
        entry = server.by_id[native_id]
        planned.append(Planned(entry.uri, entry.visible_at))
    return planned


# ---------------------------------------------------------------- the follower, a process of its own


def config_of(url: str, folder: Path, *, naive: bool = False, account: bool = False, posts: int = 0) -> Config:
    """One hashtag, or one account, of a server at `url`, with the shipped topics."""
    kind: SourceKind = "account" if account else "hashtag"
    mastodon = Mastodon()
    if posts:  # all at once, to measure the time
        mastodon = Mastodon(backfill_posts=posts, budget=100_000)
    if naive:
        mastodon = Mastodon(overlap=timedelta(0), rescan_interval=NEVER, deep_rescan_interval=NEVER)
    return Config(
        storage=Storage(path=folder / "news.db"),
        network=Network(allow_private=(ip_network("127.0.0.0/8"),)),
        mastodon=mastodon,
        sources=(Source(kind=kind, url=f"{url}/{'@ada' if account else 'tags/ai'}", interval=INTERVAL),),
        rules=tuple(default_rules().values()),
    )


async def follow(url: str, folder: Path, end: datetime, *, naive: bool, account: bool) -> None:
    """Poll what is due by the server's clock, and move it on, until it shows `end`."""

    def clock(seconds: float = 0) -> datetime:
        with urlopen(f"{url}/clock?{seconds}") as reply:
            return datetime.fromisoformat(reply.read().decode().strip('"'))

    config = config_of(url, folder, naive=naive, account=account)
    database = Database(config.storage.path)
    async with Collector(config.network, config.mastodon, Taxonomy(config.rules)) as collector:
        poller = Poller(database, config, collector, clock=clock)
        while clock() < end:
            await poller.poll(poller.due())
            clock(TICK.total_seconds())
    database.close()


def run_follower(server: DrivenServer, folder: Path, kills: int, options: Sequence[str]) -> int:
    """Run the follower to its end, killing it so many times on the way; how often it was really killed."""
    end = START + POSTING + AFTER
    command = [sys.executable, "-m", "benchmarks.mastodon", "follow", server.url, str(folder), end.isoformat()]
    command += options
    dice, killed = random.Random(), 0
    while True:
        process = subprocess.Popen(command)
        try:
            # A start takes a second or so; the moments are spread over what follows.
            code = process.wait(dice.uniform(1.0, 4.0) if killed < kills else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        if code:
            raise SystemExit(f"the follower ended with {code}")
        return killed


# ---------------------------------------------------------------- what came of it


def report_loss(server: DrivenServer, planned: list[Planned], folder: Path, settings: Mastodon) -> bool:
    """Print what was missed and doubled, how late posts came and what it cost; True if nothing was."""
    with sqlite3.connect(folder / "news.db") as conn:
        seen = dict(conn.execute("SELECT uri, first_seen_at FROM posts").fetchall())
        rows, sightings, log = (
            conn.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM posts",
                "SELECT count(*) FROM sightings",
                "SELECT count(*) FROM changes WHERE what = 'post' AND change = 'new'",
            )
        )
    missed = [each for each in planned if each.uri not in seen]
    doubled = max(rows, sightings, log) - len(seen)
    waits = sorted(
        (datetime.fromisoformat(seen[each.uri].replace("Z", "+00:00")) - each.visible_at) / timedelta(minutes=1)
        for each in planned
        if each.uri in seen
    )
    print(f"posts {len(planned)}, missed {len(missed)}, doubled {doubled}")
    print(f"minutes until seen: median {median(waits):.1f}, at most {waits[-1]:.1f}")
    hours = (server.clock - START) / timedelta(hours=1)
    paged = [
        at for at, target in zip(server.times, server.asked, strict=True) if "min_id" in target or "max_id" in target
    ]
    print(
        f"requests {len(server.asked)} in {hours:.1f} h ({len(paged)} with an id); in the busiest 15 minutes "
        f"{busiest(server.times)} ({busiest(paged)} with an id), the budget is {settings.budget}"
    )
    return not missed and not doubled


def busiest(times: list[datetime]) -> int:
    """The most requests in any quarter of an hour."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - timedelta(minutes=15):
            first += 1
        most = max(most, last - first + 1)
    return most


def measure_loss(options: argparse.Namespace) -> int:
    """The whole simulation; 1 if anything was missed or doubled."""
    with DrivenServer(options.family) as server, tempfile.TemporaryDirectory() as name:
        planned = fill(server, options.posts, options.seed)
        started = time.monotonic()
        passed = [f"--{each}" for each in ("naive", "account") if getattr(options, each)]
        killed = run_follower(server, Path(name), options.kills, passed)
        print(f"{options.family}, seed {options.seed}, killed {killed} times, {time.monotonic() - started:.0f} s")
        return 0 if report_loss(server, planned, Path(name), Mastodon()) else 1


def measure_speed(options: argparse.Namespace) -> int:
    """Read a long timeline once, and once more when all of it is known; the server's CPU time is not counted."""
    with tempfile.TemporaryDirectory() as name:
        serve = [sys.executable, "-m", "benchmarks.mastodon", "serve", str(options.posts)]
        process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            for turn in range(options.turns):
                folder = Path(name) / str(turn)
                folder.mkdir()
                config = config_of(url, folder, posts=options.posts)
                seconds, posts = asyncio.run(_read_once(config))
                print(f"{posts} statuses in {seconds:.2f} CPU s: {posts / seconds:.0f} a CPU second")
        finally:
            process.terminate()
            process.wait()
    return 0


async def _read_once(config: Config) -> tuple[float, int]:
    database = Database(config.storage.path)
    now: Callable[[], datetime] = lambda: START + POSTING + timedelta(minutes=1)  # noqa: E731
    async with Collector(config.network, config.mastodon, Taxonomy(config.rules)) as collector:
        poller = Poller(database, config, collector, clock=now)
        started = time.process_time()
        while poller.due():
            await poller.poll(poller.due())
        seconds = time.process_time() - started
    posts = database.query("SELECT count(*) FROM posts")[0][0]
    database.close()
    return seconds, posts


def serve(posts: int) -> int:
    """The server alone, everything visible, until it is ended."""
    with DrivenServer("snowflake") as server:
        fill(server, posts, 1)
        server.clock = START + POSTING + timedelta(minutes=1)
        print(server.url, flush=True)
        signal.pause()
    return 0


def main() -> int:
    """Arguments."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    loss = commands.add_parser("loss")
    loss.add_argument("--posts", type=int, default=5000)
    loss.add_argument("--kills", type=int, default=0)
    loss.add_argument("--seed", type=int, default=1)
    loss.add_argument("--family", choices=["snowflake", "ulid"], default="snowflake")
    loss.add_argument("--naive", action="store_true")
    loss.add_argument("--account", action="store_true")
    speed = commands.add_parser("speed")
    speed.add_argument("--posts", type=int, default=5000)
    speed.add_argument("--turns", type=int, default=3)
    follower = commands.add_parser("follow")
    follower.add_argument("url")
    follower.add_argument("folder", type=Path)
    follower.add_argument("end", type=datetime.fromisoformat)
    follower.add_argument("--naive", action="store_true")
    follower.add_argument("--account", action="store_true")
    commands.add_parser("serve").add_argument("posts", type=int)
    options = parser.parse_args()
    if options.command == "follow":
        asyncio.run(follow(options.url, options.folder, options.end, naive=options.naive, account=options.account))
        return 0
    if options.command == "serve":
        return serve(options.posts)
    return measure_loss(options) if options.command == "loss" else measure_speed(options)


if __name__ == "__main__":
    sys.exit(main())
