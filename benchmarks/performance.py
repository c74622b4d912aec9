"""The figures and the pictures of docs/performance.md, anew: `make performance FEEDS=FOLDER`, or, of what is measured:

    python -m benchmarks.performance --from FOLDER [--page docs/performance.md]

FOLDER has what the benchmarks wrote with `--json`: `polling.json`, `day.json`, `growth.json`, `profile.json` and
`profile-words.json`. What stands between the marks of the page (`<!-- figures of polling -->` … `<!-- end -->`) is
replaced; where a file is missing, that part of the page stays as it is.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.pictures import CALLED, drawn, peers_of
from benchmarks.samples import Sample, markdown

_PAGE = Path(__file__).parent.parent / "docs/performance.md"
_PARTS = ("polling", "day", "growth", "profile", "profile-words")
# Stages that take less are noise.
_LEAST_SHARE = 0.005


def figures(measured: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Part of the page → its text, of the parts that were measured."""
    found = {}
    if polling := measured.get("polling"):
        found["polling"] = _polling(polling)
    if day := measured.get("day"):
        found["day"] = _day(day)
    if growth := measured.get("growth"):
        found["growth"] = _growth(growth)
    if profiles := {name: measured[name] for name in ("profile", "profile-words") if name in measured}:
        found["profile"] = _profile(profiles)
    return found


def _where(measured: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in measured["machine"].items()) + "."


def _polling(polling: Mapping[str, Any]) -> str:
    works = peers_of(polling, None)
    programs = list(dict.fromkeys(program for work in works.values() for program in work))
    lines = [["CPU seconds", "", *programs]]
    for work, values in works.items():
        lines.append([work, "", *(f"{values[program]:.2f}" if program in values else "–" for program in programs)])
    cold = {
        called: [Sample(**each) for each in polling["samples"] if (each["peer"], each["phase"]) == (peer, "cold")]
        for peer, called in CALLED.items()
    }
    groups = [cold.get(program, []) for program in programs]
    lines.append(
        ["memory of a first poll, MB", "", *(_median(group, lambda each: each.peak_pss_mb) for group in groups)]
    )
    lines.append(["bytes a post", "", *(_median(group, lambda each: each.bytes_per_post) for group in groups)])
    parts = [_where(polling), markdown(lines)]
    for mode, idle in polling["idle"].items():
        memory, cpu = idle["pss_mb"], idle["cpu_ms_a_second"]
        parts.append(f"A daemon with nothing to do, {CALLED[mode]}: {memory:.0f} MB, {cpu:.2f} ms of CPU a second.")
    if commands := polling["commands"]:
        spent = ", ".join(f"`aggregator {name}` {value:.0f}" for name, value in commands.items())
        parts.append(f"CPU milliseconds of short commands: {spent}.")
    return "\n\n".join(parts)


def _median(samples: Sequence[Sample], figure: Callable[[Sample], float]) -> str:
    return f"{median(map(figure, samples)):.0f}" if samples else "–"


def _day(day: Mapping[str, Any]) -> str:
    rows = [row for row in day["freshness"] if row["day"] == "last"]
    fresh = [["rhythm", "feeds", "requests", "posts", "a post waits, median, min", "90 %"]]
    fresh += [[str(row[name]) for name in ("rhythm", "feeds", "requests", "posts", "median", "90 %")] for row in rows]
    costs = [["program", "measured", "CPU s a day"]]
    costs += [[name, cost["told"], f"{cost['cpu_seconds']:.1f}"] for name, cost in day["costs"].items()]
    return "\n\n".join([_where(day), markdown(fresh), *([markdown(costs)] if len(costs) > 1 else [])])


def _growth(growth: Mapping[str, Any]) -> str:
    lines = [["posts", "", "a new post, ms", "a page of a view", "a query of the manual", "the slowest of them"]]
    for row in growth["sizes"]:
        values = (f"{row[name]:.2f}" for name in ("post_ms", "view_ms", "query_ms", "slowest_ms"))
        lines.append([f"{row['posts']:,}", "", *values])
    return f"{_where(growth)}\n\n{markdown(lines)}"


def _profile(profiles: Mapping[str, Mapping[str, Any]]) -> str:
    called = {"profile": "all on", "profile-words": "by words"}
    cold = {name: each["stages"]["cold"] for name, each in profiles.items()}
    stages = dict.fromkeys(stage for each in cold.values() for stage in each)
    most = {stage: max(each.get(stage, 0.0) / sum(each.values()) for each in cold.values()) for stage in stages}
    lines = [["stage", "", *(f"{called[name]}, µs a post" for name in cold)]]
    shown = [stage for stage in sorted(stages, key=lambda stage: -most[stage]) if most[stage] >= _LEAST_SHARE]
    lines += [[stage, "", *(f"{each.get(stage, 0.0):.0f}" for each in cold.values())] for stage in shown]
    lines.append(["together, what is not shown too", "", *(f"{sum(each.values()):.0f}" for each in cold.values())])
    return f"{_where(next(iter(profiles.values())))}\n\n{markdown(lines)}"


def with_figures(page: str, parts: Mapping[str, str]) -> str:
    """The page with these parts instead of those that it has between its marks.

    Raises:
        ValueError: it has no such marks.
    """
    for name, text in parts.items():
        marks = re.compile(rf"(<!-- figures of {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not marks.search(page):
            raise ValueError(f"the page has no place for the figures of {name}")
        page = marks.sub(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)  # type: ignore[misc]
    return page


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page's figures, and draw its pictures beside it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance", description="docs/performance.md anew.")
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="where the JSON files are")
    parser.add_argument("--page", type=Path, default=_PAGE, help="default: docs/performance.md")
    given = parser.parse_args(arguments)
    files = {name: given.folder / f"{name}.json" for name in _PARTS}
    measured = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    given.page.write_text(with_figures(given.page.read_text("utf-8"), figures(measured)), "utf-8")
    pictures = given.page.parent / "figures"
    pictures.mkdir(exist_ok=True)
    for name, picture in drawn(measured.get("polling"), measured.get("day"), measured.get("growth")).items():
        (pictures / name).write_text(picture, encoding="utf-8")
        print(pictures / name)
    print(given.page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
