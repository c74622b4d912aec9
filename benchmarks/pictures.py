"""The pictures of docs/performance.md, from what the benchmarks measured: see `benchmarks.performance`."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.drawing import bars, lines

# Phase, peer → what they are called in the page.
PHASES = {"cold": "a first poll", "changed": "a tenth of the feeds has news", "warm": "nothing has changed"}
CALLED = {
    "aggregator": "aggregator",
    "words": "– by words",
    "newsboat": "newsboat",
    "reader": "reader",
    "naive": "a script",
}
DAY = "a whole day"

_GROWTH = {
    "a new post": "post_ms",
    "a page of a view": "view_ms",
    "a query of the manual": "query_ms",
    "the slowest of them": "slowest_ms",
}


def peers_of(polling: Mapping[str, Any], day: Mapping[str, Any] | None) -> dict[str, dict[str, float]]:
    """Work → program → CPU seconds, medians; works that nobody did are left out."""
    spent: dict[str, dict[str, list[float]]] = {phase: {} for phase in PHASES}
    for sample in polling["samples"]:
        if sample["phase"] in spent and not sample["error"]:
            spent[sample["phase"]].setdefault(sample["peer"], []).append(sample["cpu_seconds"])
    found = {
        name: {called: median(spent[phase][peer]) for peer, called in CALLED.items() if peer in spent[phase]}
        for phase, name in PHASES.items()
    }
    if day:
        costs = day["costs"]
        found[DAY] = {called: costs[peer]["cpu_seconds"] for peer, called in CALLED.items() if peer in costs}
    return {name: values for name, values in found.items() if values}


def growth_of(growth: Mapping[str, Any]) -> dict[str, list[tuple[float, float]]]:
    """Name → (posts, CPU ms)."""
    return {name: [(row["posts"], max(row[key], 0.01)) for row in growth["sizes"]] for name, key in _GROWTH.items()}


def drawn(
    polling: Mapping[str, Any] | None, day: Mapping[str, Any] | None, growth: Mapping[str, Any] | None
) -> dict[str, str]:
    """File name → picture, of what was measured."""
    found = {}
    if polling:
        found["peers.svg"] = bars("CPU for the same feeds", "seconds; shorter is better", peers_of(polling, day))
    if growth:
        found["growth.svg"] = lines("As the file grows", "CPU milliseconds", growth_of(growth))
    return found
