"""The pictures of docs/performance.md and the README, from what the benchmarks wrote:

    python -m benchmarks.pictures --polling FILE [--day FILE] [--growth FILE] [--out docs/pictures]

`peers.svg`: CPU of each work, beside the others (`benchmarks.polling --json`, `benchmarks.day --cost --json`).
`growth.svg`: what a post and the queries take as the file grows (`benchmarks.growth --json`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.drawing import bars, lines

_OUT = Path(__file__).parent.parent / "docs/pictures"

_PHASES = {"cold": "a first poll", "changed": "a tenth of the feeds has news", "warm": "nothing has changed"}
_CALLED = {
    "aggregator": "aggregator",
    "words": "– by words",
    "newsboat": "newsboat",
    "reader": "reader",
    "naive": "a script",
}


def peers_of(polling: Mapping[str, Any], day: Mapping[str, Any] | None) -> dict[str, dict[str, float]]:
    """Work → program → CPU seconds, medians; works that nobody did are left out."""
    spent: dict[str, dict[str, list[float]]] = {phase: {} for phase in _PHASES}
    for sample in polling["samples"]:
        if sample["phase"] in spent and not sample["error"]:
            spent[sample["phase"]].setdefault(sample["peer"], []).append(sample["cpu_seconds"])
    found = {
        name: {_CALLED[peer]: median(spent[phase][peer]) for peer in _CALLED if peer in spent[phase]}
        for phase, name in _PHASES.items()
    }
    if day and day["costs"]:
        costs = day["costs"]
        found["a whole day"] = {_CALLED[peer]: costs[peer]["cpu_seconds"] for peer in _CALLED if peer in costs}
    return {name: values for name, values in found.items() if values}


def growth_of(growth: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Name → (posts, CPU ms)."""
    rows = growth["sizes"]
    names = {
        "a new post": "post_ms",
        "a page of a view": "view_ms",
        "a query of the manual": "query_ms",
        "the slowest of them": "slowest_ms",
    }
    return {name: [(row["posts"], max(row[key], 0.01)) for row in rows] for name, key in names.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what there are figures for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description="The pictures of the manual.")
    parser.add_argument("--polling", type=Path, required=True, help="what benchmarks.polling --json wrote")
    parser.add_argument("--day", type=Path, help="what benchmarks.day --cost --json wrote")
    parser.add_argument("--growth", type=Path, help="what benchmarks.growth --json wrote")
    parser.add_argument("--out", type=Path, default=_OUT, help="folder for the pictures (default: docs/pictures)")
    given = parser.parse_args(arguments)
    polling = json.loads(given.polling.read_text())
    day = json.loads(given.day.read_text()) if given.day else None
    given.out.mkdir(parents=True, exist_ok=True)
    drawn = {"peers.svg": bars("CPU for the same feeds", "seconds; shorter is better", peers_of(polling, day))}
    if given.growth:
        series = growth_of(json.loads(given.growth.read_text()))
        drawn["growth.svg"] = lines("As the file grows", "CPU milliseconds", series)
    for name, picture in drawn.items():
        (given.out / name).write_text(picture, encoding="utf-8")
        print(given.out / name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
