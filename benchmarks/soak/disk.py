"""What if the disk can't be written for a while? `python -m benchmarks.soak.disk [--seconds 12] [--only full]`

Four feeds on a small volume are polled every second, with a new entry each time. The volume is filled, and freed; turns
read-only, and writable again; fails, and is mounted anew. Promised: within 10 s the daemon polls nothing any more and
`health` says so; it stays up, and goes on by itself when there is room (after a pause no longer than it lasted, where
that can't be seen); nothing is lost. On a volume that must be mounted anew it ends when told to, and goes on when
started again. Needs root, and says what else is missing.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from benchmarks.soak.kill import stored
from benchmarks.soak.room import ChangingFeeds, newsroom, pause, seconds_until, skipped, stop, told, verdict
from benchmarks.soak.volumes import KINDS, CannotMountError, Volume, mounted
from tests.helpers.program import Program

FEEDS = 4
_ALL = 10_000
_WELL_SECONDS = 6.0
_MOST_UNTIL_SAID, _MOST_PAUSE = 10.0, 10.0
_MOST_UNTIL_SAVED = 15.0


def is_well(program: Program) -> bool:
    """`aggregator health` says so."""
    return program.call("health").returncode == 0


def stand_still(program: Program, volume: Volume, seconds: float, broken: list[str]) -> tuple[float | None, int]:
    """Spoil the volume for so long: after how many seconds health said so, and how many requests came after that."""
    volume.spoil()
    said = seconds_until(lambda: not is_well(program), _MOST_UNTIL_SAID)
    if said is None:
        broken.append(f"health says nothing within {_MOST_UNTIL_SAID:g} s")
    asked = len(program.site.asked)
    pause(seconds)
    health = program.call("health")
    told(f"  health {health.returncode}: {health.stderr.strip()}")
    if health.returncode != 1 or "polls nothing" not in health.stderr:
        broken.append("health does not say that nothing is polled")
    if program.process is None or program.process.poll() is not None:
        broken.append("the daemon ended")
    return said, len(program.site.asked) - asked


def go_on(program: Program, volume: Volume, seconds: float, broken: list[str]) -> float | None:
    """Mend it: after how many seconds the next request came."""
    if volume.is_mounted_anew:
        stop(program, broken)
    asked = len(program.site.asked)
    volume.mend()
    if volume.is_mounted_anew:
        program.start("run")
    took = seconds_until(lambda: len(program.site.asked) > asked, seconds + _MOST_PAUSE)
    if took is None:
        broken.append("it does not go on")
    return took


def live(kind: str, seconds: float) -> list[str]:
    """One volume, spoilt for so long; what is broken. Raises CannotMountError."""
    feeds, broken = ChangingFeeds(keep=_ALL), list[str]()
    with mounted(kind) as volume, newsroom(feeds, FEEDS, database_in=volume.folder) as program:
        program.environment = volume.environment
        program.start("run")
        program.wait_for(lambda: stored(program))
        pause(_WELL_SECONDS)
        said, in_vain = stand_still(program, volume, seconds, broken)
        took = go_on(program, volume, seconds, broken)
        feeds.is_still = True
        if seconds_until(lambda: feeds.shown <= set(stored(program)), _MOST_UNTIL_SAVED) is None:
            broken.append(f"{len(feeds.shown - set(stored(program)))} entries are lost")
        if not is_well(program):
            broken.append("health does not say that it is over")
        stop(program, broken)
        [(integrity,)] = program.rows("PRAGMA integrity_check")
        have = stored(program)
        told(
            f"  said after {said or 0:.1f} s, polls meanwhile {in_vain}, goes on after {took or 0:.1f} s; "
            f"entries shown {len(feeds.shown)}, saved {len(set(have))}, twice {len(have) - len(set(have))}, "
            f"file {integrity}"
        )
    broken += [f"{in_vain} polls while nothing can be written"] * bool(in_vain)
    return [f"{kind}: {each}" for each in broken + ["damaged"] * (integrity != "ok")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 if the daemon ended, polled in vain, did not go on, or lost anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.disk", description=__doc__)
    parser.add_argument("--only", choices=list(KINDS), help="default: all")
    parser.add_argument("--seconds", type=float, default=12, help="how long it can't be written (default: 12)")
    given = parser.parse_args(arguments)
    if os.geteuid() != 0:
        return skipped("needs root to mount a volume")
    broken = []
    for kind in [given.only] if given.only else KINDS:
        told(f"{kind}, for {given.seconds:g} s")
        try:
            broken += live(kind, given.seconds)
        except CannotMountError as error:
            skipped(str(error))
    return verdict(broken)


if __name__ == "__main__":
    raise SystemExit(main())
