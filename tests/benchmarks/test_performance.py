"""The figures and pictures of docs/performance.md, made from what the benchmarks measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drawing import bars, lines, written
from benchmarks.performance import figures, with_figures
from benchmarks.pictures import drawn, peers_of

PAGE = Path(__file__).parents[2] / "docs/performance.md"

MACHINE = {"date": "2026-11-30", "cpus": 2}


def _sample(peer: str, phase: str, cpu: float, error: str = "") -> dict[str, Any]:
    return {
        "peer": peer, "phase": phase, "cpu_seconds": cpu, "wall_seconds": 1.0, "peak_rss_mb": 1.0, "load": 1.0,
        "error": error,
    }  # fmt: skip


POLLING: dict[str, Any] = {
    "machine": MACHINE,
    "samples": [
        _sample("words", "cold", 3.0),
        _sample("words", "cold", 5.0),
        _sample("words", "cold", 4.0),
        _sample("newsboat", "second", 9.0),
        _sample("newsboat", "cold", 1.0),
        _sample("newsboat", "warm", 1.0, "exit status 1"),
    ],
    "idle": {"words": {"pss_mb": 70.0, "cpu_ms_a_second": 1.0}},
    "commands": {"--version": 120.0},
}
GROWTH: dict[str, Any] = {
    "machine": MACHINE,
    "sizes": [
        {"posts": size, "post_ms": 1.5, "view_ms": 0.1, "query_ms": 0.0, "slowest_ms": 20.0, "slowest": "docs 4"}
        for size in (10_000, 1_000_000)
    ],
}


def test_the_median_of_each_work_and_nothing_that_failed_or_is_compared_with_nothing() -> None:
    assert peers_of(POLLING, None) == {"a first poll": {"– by words": 4.0, "newsboat": 1.0}}
    day = {"costs": {"newsboat": {"cpu_seconds": 80.0}}}
    assert peers_of(POLLING, day)["a whole day"] == {"newsboat": 80.0}


@pytest.mark.parametrize("name", ["peers.svg", "growth.svg"])
def test_pictures_are_xml_for_light_and_dark(name: str) -> None:
    picture = drawn(POLLING, None, GROWTH)[name]
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in picture


def test_bars_are_as_long_as_they_are_beside_the_longest_of_their_group() -> None:
    root = ET.fromstring(bars("CPU & more", "s", {"cold": {"a": 4.0, "b": 1.0}, "warm": {"a": 0.5}}))
    lengths = [float(rect.get("width", "0")) for rect in root.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert lengths[0] == pytest.approx(4 * lengths[1], rel=0.01)
    assert lengths[2] == lengths[0]


def test_lines_have_a_point_for_each_size_inside_the_picture() -> None:
    root = ET.fromstring(lines("Growth", "ms", {"a": [(10_000, 0.2), (100_000, 2.0), (1_000_000, 20.0)]}))
    points = [
        (float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in root.iter("{http://www.w3.org/2000/svg}circle")
    ]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] > points[1][1] > points[2][1] > 0


def test_numbers_are_short() -> None:
    assert [written(value) for value in (12345.6, 20.0, 12.34, 2.345, 0.066)] == [
        "12,346",
        "20",
        "12.3",
        "2.3",
        "0.066",
    ]


def test_the_page_has_a_place_for_all_figures_and_keeps_the_rest() -> None:
    profile = {"machine": MACHINE, "stages": {"cold": {"topics": 90.0, "rare": 0.1}, "changed": {"topics": 9.0}}}
    row = {
        "rhythm": "the program",
        "day": "last",
        "feeds": "all",
        "requests": 9,
        "posts": 5,
        "median": 8.0,
        "90 %": 29.0,
    }
    day = {"machine": MACHINE, "freshness": [row], "costs": {"words": {"told": "lived", "cpu_seconds": 30.0}}}
    parts = figures({"polling": POLLING, "growth": GROWTH, "profile": profile, "profile-words": profile, "day": day})
    page = PAGE.read_text(encoding="utf-8")
    again = with_figures(page, parts)
    assert "| a first poll |  | 4.00 | 1.00 |" in again
    assert "| memory of a first poll, MB |  | 0 | 0 |" in again
    assert "by words: 70 MB, 1.00 ms of CPU a second." in again
    assert "`aggregator --version` 120." in again
    assert "| topics |  | 90 | 90 |" in again
    assert "| words | lived | 30.0 |" in again
    assert "rare" not in parts["profile"]
    assert with_figures(again, parts) == again
    assert again.splitlines()[0] == page.splitlines()[0]


def test_a_page_without_a_place_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the figures of day"):
        with_figures("# Nothing\n", {"day": "…"})
