"""A day of feeds as they publish: how soon their posts are seen, how many requests that is, and what it costs.

    python -m benchmarks.day --feeds FOLDER [--seeds 1,2,3] [--limit N] [--json FILE]
                             [--cost] [--peers aggregator,newsboat,reader,naive] [--hours 24] [--speed 16] [--reloads 8]

Without `--cost` by a simulated clock alone, in some seconds a seed; with it, lived: see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from aggregator.model.settings import Polling
from benchmarks.day.lived import Cost, costs, written
from benchmarks.day.model import Day, Rhythm, day_of, fixed, ours
from benchmarks.day.published import Feed, Which, read_feeds
from benchmarks.peers import NAMES, OURS
from benchmarks.polling import DEFAULT_VENV, replaying, wanted
from benchmarks.samples import machine, markdown

QUARTER = timedelta(minutes=15)

# What a day may cost, at most, beside those that are asked every 15 minutes.
_MOST = {"newsboat": 0.2, "naive": 0.3}
_MOST_MEDIAN, _MOST_LONG = 9.0, 30.0


def rhythms() -> dict[str, Rhythm]:
    """Those that are compared: the program's own by its defaults, and what a timer does."""
    return {"every 15 minutes": fixed(QUARTER), "the program": ours(Polling())}


def patient(feed: Feed) -> bool:
    """Whether the feed's document asks to be asked more rarely than every quarter of an hour."""
    return feed.patience.wait > QUARTER or bool(feed.patience.hours or feed.patience.days)


def freshness(feeds: Sequence[Feed], seeds: Sequence[int]) -> list[dict[str, object]]:
    """A row for each rhythm, kind of day, and kind of feeds: the sums of the seeds' days, by day."""
    kinds = {"all": list(feeds), "that ask for no patience": [feed for feed in feeds if not patient(feed)]}
    days: tuple[Which, ...] = ("last", "any")
    return [
        {"rhythm": name, "day": which, "feeds": kind, **_figures(_days(chosen, rhythm, seeds, which), len(seeds))}
        for which in days
        for kind, chosen in kinds.items()
        for name, rhythm in rhythms().items()
    ]


def _days(feeds: Sequence[Feed], rhythm: Rhythm, seeds: Sequence[int], which: Which) -> Day:
    found = Day()
    for seed in seeds:
        found.add(day_of(feeds, rhythm, seed, which))
    return found


def _figures(day: Day, days: int) -> dict[str, object]:
    domains = sorted(day.by_domain.values())
    return {
        "requests": round(day.polls / days),
        "with news": round(day.with_news / days),
        "posts": round(len(day.waits) / days),
        "median": round(day.wait(0.5), 1),
        "90 %": round(day.wait(0.9), 1),
        "mean": round(day.mean_wait, 1),
        "a domain": round(median(domains) / days) if domains else 0,
        "most": round(domains[-1] / days) if domains else 0,
    }


def costs_table(found: Mapping[str, Cost]) -> str:
    """What a day costs each, and this program's over theirs."""
    lines = [["program", "how", "CPU s a day", *(f"{mode} ÷ it" for mode in OURS)]]
    for name, cost in found.items():
        ratios = (f"{found[mode].cpu_seconds / cost.cpu_seconds:.2f}" if mode in found else "–" for mode in OURS)
        lines.append([name, cost.told, f"{cost.cpu_seconds:.1f}", *ratios])
    return markdown(lines)


def targets(rows: Sequence[Mapping[str, object]], found: Mapping[str, Cost]) -> str:
    """What this program wants to reach on that day, and what it did."""
    lines = [["target", "", "at most", "measured"]]
    for row in rows:
        if row["rhythm"] == "the program" and row["day"] == "last":
            for name, most in (("median", _MOST_MEDIAN), ("90 %", _MOST_LONG)):
                lines.append(_target(f"a post waits, {name}, feeds: {row['feeds']}, min", float(str(row[name])), most))
    for mode in OURS:
        for peer, most in _MOST.items():
            if mode in found and peer in found:
                ratio = found[mode].cpu_seconds / found[peer].cpu_seconds
                lines.append(_target(f"a day, {mode}, CPU ÷ {peer}", ratio, most))
    return markdown(lines)


def _target(what: str, measured: float, most: float) -> list[str]:
    return [what, "met" if measured <= most else "missed", f"{most:g}", f"{measured:.2f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, live if asked to, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description="A day of feeds as they publish.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--seeds", default="1,2,3", help="which days; the first is the one that is lived")
    parser.add_argument("--cost", action="store_true", help="live the day, and measure what it costs")
    parser.add_argument("--peers", default=",".join(NAMES), help=f"whose cost: some of {','.join(NAMES)}")
    parser.add_argument("--hours", type=float, default=24, help="so many of them are lived (default: 24)")
    parser.add_argument("--speed", type=float, default=16, help="so many times as fast (default: 16, 90 minutes a day)")
    parser.add_argument("--reloads", type=int, default=8, help="of the others' 96, so many are measured (default: 8)")
    parser.add_argument("--venv", type=Path, default=DEFAULT_VENV, help="where reader is, or will be, installed")
    parser.add_argument("--json", type=Path, help="write the figures here")
    given = parser.parse_args(arguments)
    seeds = [int(seed) for seed in given.seeds.split(",")]
    feeds = read_feeds(given.feeds, given.limit)
    rows = freshness(feeds, seeds)
    where = {**machine(), "feeds": len(feeds), "seeds": given.seeds}
    print(", ".join(f"{name} {value}" for name, value in where.items()), end="\n\n")
    print(markdown([list(rows[0]), *([str(value) for value in row.values()] for row in rows)]), flush=True)
    found: dict[str, Cost] = {}
    if given.cost:
        with replaying(given.feeds, given.limit, "benchmarks.day.served", "--seed", str(seeds[0])) as control:
            found, troubles = costs(
                wanted(given.peers), control, given.venv, given.feeds, given.hours, given.speed, given.reloads
            )
        print(f"\n{costs_table(found)}\n")
        for mode in (name for name in found if name in OURS):
            lived = found[mode]
            print(
                f"{mode}: {lived.polls} polls, {lived.news} with something new, {lived.posts} posts, which waited "
                f"{lived.median_wait:.1f} min (median), {lived.long_wait:.1f} (90 %); peak {lived.peak_mb:.0f} MB"
            )
        for name, trouble in troubles.items():
            print(f"{name} took no part: {trouble}")
    print(f"\n{targets(rows, found)}")
    if given.json:
        given.json.write_text(json.dumps({"machine": where, "freshness": rows, "costs": written(found)}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
