"""Does a busy daemon end when told to? `python -m benchmarks.soak.stop [--rounds 6] [--second 3]`

40 feeds are polled every second, each with five new entries every time. SIGTERM comes 0 to 9 s after the start, a
round later each time; in the rounds of `--second` it comes once more, up to half a second after. Promised: it ends
within 3 s with status 0, says `stopped` once, and leaves no process behind.
"""

from __future__ import annotations

import argparse
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.soak.room import HUNG_SECONDS, ChangingFeeds, newsroom, pause, seconds_until, told, verdict
from tests.helpers.process import children_of
from tests.helpers.program import Program

FEEDS = 40
MOST_SECONDS = 3.0
_SECOND_WITHIN = 0.5


@dataclass(frozen=True, slots=True)
class Stop:
    """One round. `seconds` from the signal to the end, None: it hung; `trouble` in words."""

    after: float
    seconds: float | None
    trouble: str


def stop_once(after: float, second_after: float | None) -> Stop:
    """Start a daemon and tell it to stop after so many seconds; a second time after some more."""
    with newsroom(ChangingFeeds(new=5, keep=5), FEEDS) as program:
        daemon = program.start("run")
        pause(after)
        readers = children_of(daemon.pid)
        daemon.terminate()
        waited = 0.0
        if second_after is not None:
            waited = seconds_until(lambda: daemon.poll() is not None, second_after) or second_after
            daemon.send_signal(signal.SIGTERM)
        took = seconds_until(lambda: daemon.poll() is not None, HUNG_SECONDS)
        seconds = None if took is None else waited + took
        return Stop(after, seconds, _trouble(program, seconds, readers, was_told_twice=second_after is not None))


def _trouble(program: Program, seconds: float | None, readers: list[int], *, was_told_twice: bool) -> str:
    if seconds is None:
        return "hung"
    assert program.process
    status, said = program.process.returncode, [event["event"] for event in program.events()]
    found = [f"took {seconds:.2f} s"] if seconds > MOST_SECONDS else []
    # Before the interpreter has come to hear signals, the system ends it: nothing was begun.
    if status != 0 and not (status == -signal.SIGTERM and not said):
        found.append(f"status {status}: {program.log.read_text()[-300:]}")
    # Whom a second signal ends at once need not say it.
    if "started" in said and said.count("stopped") != 1 and not (was_told_twice and "stopped" not in said):
        found.append(f"said {said[-3:]}")
    if seconds_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers), 2) is None:
        found.append("left processes behind")
    return ", ".join(found)


def measure(rounds: int, most: float, *, is_told_twice: bool) -> list[Stop]:
    """So many rounds, the signal from 0 to `most` seconds after the start."""
    dice = random.Random(4)
    stops = []
    for number in range(rounds):
        after = most * number / max(1, rounds - 1)
        stops.append(stop_once(after, dice.random() * _SECOND_WITHIN if is_told_twice else None))
    return stops


def _row(name: str, stops: Sequence[Stop]) -> str:
    times = [each.seconds for each in stops if each.seconds is not None]
    longest, middle = (f"{value:.2f}" if times else "–" for value in (max(times, default=0), median(times or [0])))
    hung = sum(each.seconds is None for each in stops)
    over = sum(each > MOST_SECONDS for each in times)
    return f"| {name} | {len(stops)} | {hung} | {over} | {longest} | {middle} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 if any round went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.stop", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="with one signal (default: 6)")
    parser.add_argument("--second", type=int, default=3, help="rounds with a second signal (default: 3)")
    parser.add_argument("--most", type=float, default=9.0, help="the latest signal, seconds after the start")
    given = parser.parse_args(arguments)
    told("| signals | rounds | hung | over 3 s | longest s | median s |\n|--|--:|--:|--:|--:|--:|")
    once = measure(given.rounds, given.most, is_told_twice=False)
    told(_row("one", once))
    twice = measure(given.second, given.most, is_told_twice=True)
    told(_row("two", twice))
    return verdict([f"signal after {each.after:.1f} s: {each.trouble}" for each in once + twice if each.trouble])


if __name__ == "__main__":
    raise SystemExit(main())
