"""How many requests come in each second after an outage of our own: python -m benchmarks.herd [SOURCES] [DOMAINS]

Real requests to a web server on loopback, by the true clock, with the limits that ship (16 at once, 2 of a domain, a
second between two of one). All sources were read before, could not be reached for a while, and are due.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from aggregator.engine.clock import utc_now
from tests.helpers.domains import Domains, Ticking, many_domains

# After the first answer.
_SECONDS = 20


async def measure(domains: Domains, folder: Path, sources: int, of: int) -> list[int]:
    """Requests in each second."""
    config = domains.config(folder, sources, of, timedelta(minutes=15))
    async with Ticking(config, utc_now) as ticking:
        await ticking.poller.poll(ticking.poller.sources)
        for how in ("nameless", "well"):
            await asyncio.sleep(1.1)  # so that each domain may be asked again
            _due(ticking, "-1 hour")
            domains.how = how
            if how == "nameless":
                await ticking.tick()
        counts, asked = list[int](), len(domains.asked)
        ticking.poller.politeness._probe_at = utc_now()  # the minute between two tries is known
        started = time.monotonic()
        for second in range(1, _SECONDS + 1):
            while time.monotonic() < started + second:
                await ticking.tick()
                await asyncio.sleep(0.05)
            counts.append(len(domains.asked) - asked)
            asked = len(domains.asked)
        return counts


def _due(ticking: Ticking, since: str) -> None:
    with ticking.database.write():
        ticking.database.conn.execute(
            "UPDATE sources SET next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)", (since,)
        )


def main() -> None:
    """Print the figures."""
    sources, of = map(int, sys.argv[1:3] or (300, 60))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory() as folder, many_domains() as domains:
        counts = asyncio.run(measure(domains, Path(folder), sources, of))
    print(f"{sources} sources on {of} domains, requests in each second after the end of the outage:")
    print(*counts)
    print(f"most in a second: {max(counts)}; in {_SECONDS} s: {sum(counts)}")


if __name__ == "__main__":
    main()
