"""Does a step of the clock stall the daemon? `python -m benchmarks.soak.clock [--seconds 6]`

Two feeds are polled every second, with new entries each time, while the daemon's clock steps: a year forward and back,
a year back and forward, half an hour back and forward; so many seconds each. Then a daemon starts in 1970, until its
clock is set. Promised: after each step it polls within 5 s and its memory stays as it was; in 1970 it polls nothing and
says why; no post is dated before. Needs libfaketime (Debian's package of that name).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.soak.room import ChangingFeeds, newsroom, pause, seconds_until, skipped, stop, told, use_of, verdict
from tests.helpers.clock import LIBRARY, Clock
from tests.helpers.program import Program

FEEDS = 2
MOST_SECONDS, MOST_GROWTH_MB = 5.0, 30.0
_YEAR = 365 * 86400
_STEPS = (
    ("a year forward", f"+{_YEAR}"),
    ("back again", "+0"),
    ("a year back", f"-{_YEAR}"),
    ("forward again", "+0"),
    ("half an hour back", "-1800"),
    ("forward again", "+0"),
)


def watch(program: Program, name: str, seconds: float) -> str:
    """Print a row on the next seconds; what is wrong with them, in words."""
    asked, before = len(program.site.asked), use_of(program)
    took = seconds_until(lambda: len(program.site.asked) > asked, seconds)
    pause(seconds - (seconds if took is None else took))
    use = use_of(program)
    first = "–" if took is None else f"{took:.1f}"
    cpu = use.cpu_seconds - before.cpu_seconds
    told(f"| {name} | {first} | {len(program.site.asked) - asked} | {cpu:.2f} | {use.now:.0f} | {use.peak:.0f} |")
    if took is None or took > MOST_SECONDS:
        return f"{name}: no poll within {MOST_SECONDS:g} s"
    return f"{name}: {use.peak - before.peak:.0f} MB more" if use.peak - before.peak > MOST_GROWTH_MB else ""


def step_about(program: Program, clock: Clock, seconds: float) -> list[str]:
    """A daemon whose clock steps while it runs."""
    program.start("run")
    program.wait_for(lambda: program.rows("SELECT id FROM posts"))
    pause(seconds)  # until it has all that it needs in memory
    broken = [watch(program, "as it is", seconds)]
    for name, text in _STEPS:
        clock.set(text)
        broken.append(watch(program, name, seconds))
    stop(program, broken)
    return [each for each in broken if each]


def start_in_1970(program: Program, clock: Clock, seconds: float) -> list[str]:
    """A daemon on a machine without a clock, which is set after a while."""
    clock.set("@1970-01-01 00:01:00")
    program.start("run")
    program.wait_for(lambda: program.has_said("the clock was never set"))
    pause(seconds)
    broken = ["it polls in 1970"] if program.site.asked else []
    told(f"| in 1970 | – | {len(program.site.asked)} | {use_of(program).cpu_seconds:.2f} | | |")
    clock.set("+0")
    took = seconds_until(lambda: program.site.asked, seconds)
    if took is None or took > MOST_SECONDS:
        broken.append("the clock was set: no poll")
    first = "–" if took is None else f"{took:.1f}"
    pause(seconds)
    use = use_of(program)
    told(f"| set | {first} | {len(program.site.asked)} | {use.cpu_seconds:.2f} | {use.now:.0f} | {use.peak:.0f} |")
    stop(program, broken)
    [(early,)] = program.rows("SELECT count(*) FROM posts WHERE first_seen_at < '2020'")
    return broken + [f"{early} posts are dated before the clock was set"] * bool(early)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 if a step stalled the daemon."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.clock", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="how long each time is kept (default: 6)")
    seconds = parser.parse_args(arguments).seconds
    if LIBRARY is None:
        return skipped("needs libfaketime")
    broken = []
    told("| clock | next poll after s | polls | CPU s | MB | most MB |\n|--|--:|--:|--:|--:|--:|")
    for scene in (step_about, start_in_1970):
        with TemporaryDirectory() as name, newsroom(ChangingFeeds(keep=5, start=5), FEEDS) as program:
            clock = Clock(Path(name))
            program.environment = clock.environment
            broken += scene(program, clock, seconds)
    return verdict(broken)


if __name__ == "__main__":
    raise SystemExit(main())
