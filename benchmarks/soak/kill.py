"""Does `kill -9` lose or double anything? `python -m benchmarks.soak.kill [--rounds 10]`

20 feeds are polled every second, of which four in ten have a new entry each time. The daemon is killed 1.2 to 4.7 s
after its start and started again, so many rounds. Promised: no validator is ever saved without all entries of the
document it belongs to; a last poll, when nothing changes any more, completes all that was ever shown; nothing is
stored or told twice. (Cursors of hashtags: `python -m benchmarks.mastodon loss --kills 60`.)
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence

from benchmarks.soak.room import ChangingFeeds, newsroom, pause, told, verdict
from tests.helpers.program import Program

FEEDS = 20
_EARLIEST, _LATEST = 1.2, 4.7


def stored(program: Program) -> list[str]:
    """The ids of all entries that were saved, as often as they were."""
    return [str(row[0]) for row in program.rows("SELECT native_id FROM sightings")]


def validators_ahead(program: Program, feeds: ChangingFeeds) -> int:
    """How many sources would be told "not modified" of a document that was not saved whole."""
    have = set(stored(program))
    tags = program.rows("SELECT etag FROM sources WHERE etag IS NOT NULL")
    return sum(not have.issuperset(feeds.sent.get(tag, ["unknown"])) for (tag,) in tags)


def report(program: Program, feeds: ChangingFeeds, rounds: int, ahead: int) -> list[str]:
    """Print what was found; what of it is broken."""
    have = stored(program)
    [(posts, titles)] = program.rows("SELECT count(*), count(DISTINCT title) FROM posts")
    [(again,)] = program.rows(
        "SELECT count(*) - count(DISTINCT row_id) FROM changes WHERE what = 'post' AND change = 'new'"
    )
    [(polls,)] = program.rows("SELECT count(*) FROM polls")
    [(integrity,)] = program.rows("PRAGMA integrity_check")
    found = {
        "lost": len(feeds.shown - set(have)),
        "stored twice": len(have) - len(set(have)) + posts - titles,
        "told twice": again,
        "validators ahead": ahead,
    }
    told(f"kills {rounds}, polls saved {polls}, entries shown {len(feeds.shown)}, posts {posts}, file {integrity}")
    told(", ".join(f"{name} {count}" for name, count in found.items()))
    return [f"{name}: {count}" for name, count in found.items() if count] + ["damaged"] * (integrity != "ok")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="kills (default: 10)")
    rounds = parser.parse_args(arguments).rounds
    feeds, dice, ahead = ChangingFeeds(chance=0.4), random.Random(7), 0
    with newsroom(feeds, FEEDS) as program:
        for _ in range(rounds):
            daemon = program.start("run")
            pause(dice.uniform(_EARLIEST, _LATEST))
            daemon.kill()
            daemon.wait()
            ahead += validators_ahead(program, feeds)
        feeds.is_still = True
        last = program.call("poll")
        broken = [f"the last poll ended with {last.returncode}: {last.stderr[-300:]}"] if last.returncode else []
        return verdict(broken + report(program, feeds, rounds, ahead + validators_ahead(program, feeds)))


if __name__ == "__main__":
    raise SystemExit(main())
