"""What a round of polling came to, and the tables that are made of many: figures, ratios, the targets beside them."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

from benchmarks.peers import OURS


@dataclass(frozen=True, slots=True)
class Sample:
    """One phase of one peer, measured once. `error`: it didn't end well, in words; the figures are then partial.

    `text_bytes`: titles, texts and HTML of all posts together, as they are stored; 0: unknown.
    """

    peer: str
    phase: str
    cpu_seconds: float
    wall_seconds: float
    peak_rss_mb: float
    load: float
    error: str = ""
    peak_pss_mb: float = 0.0
    posts: int = 0
    new_posts: int = 0
    database_mb: float = 0.0
    text_bytes: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def bytes_per_post(self) -> float:
        """Size of the database for each post in it."""
        return self.database_mb * 1e6 / self.posts if self.posts else 0.0

    @property
    def bytes_over_texts(self) -> float:
        """Size of the database over the texts that are in it."""
        return self.database_mb * 1e6 / self.text_bytes if self.text_bytes else 0.0

    @property
    def posts_per_cpu_second(self) -> float:
        """New posts for each second of CPU."""
        return self.new_posts / self.cpu_seconds if self.cpu_seconds else 0.0


_COLUMNS: dict[str, Callable[[Sample], float]] = {
    "CPU s": lambda sample: sample.cpu_seconds,
    "wall s": lambda sample: sample.wall_seconds,
    "peak MB": lambda sample: sample.peak_pss_mb,
    "DB MB": lambda sample: sample.database_mb,
    "posts": lambda sample: sample.posts,
    "new": lambda sample: sample.new_posts,
    "bytes/post": lambda sample: sample.bytes_per_post,
    "÷ texts": lambda sample: sample.bytes_over_texts,
    "new/CPU s": lambda sample: sample.posts_per_cpu_second,
    "load": lambda sample: sample.load,
}
_RATIOS = ("CPU s", "wall s", "peak MB", "bytes/post", "new/CPU s")


def figures_table(samples: Sequence[Sample]) -> str:
    """The medians of each peer and phase, as a Markdown table."""
    lines = [["peer", "phase", *_COLUMNS, "answers", "outcomes"]]
    for (peer, phase), group in grouped(samples).items():
        error = next((sample.error for sample in group if sample.error), "")
        figures = [_number(median(map(column, group))) for column in _COLUMNS.values()]
        answers, outcomes = (_counts(each) for each in (group[-1].statuses, group[-1].outcomes))
        lines.append([peer, phase, *figures, answers, error or outcomes])
    return markdown(lines)


def ratios_table(samples: Sequence[Sample], base: str) -> str:
    """`base` against each other peer: the median of the ratios within a round. 0.5: half of what the other takes."""
    groups = grouped(samples)
    lines = [["phase", "against", *_RATIOS]]
    for (peer, phase), group in groups.items():
        if peer not in OURS and (ours := groups.get((base, phase))):
            ratios = (_ratio(ours, group, _COLUMNS[name]) for name in _RATIOS)
            lines.append([phase, peer, *("–" if each is None else f"{each:.2f}" for each in ratios)])
    return markdown(lines) if len(lines) > 1 else ""


def cpu_ratio(samples: Sequence[Sample], base: str, peer: str, phase: str) -> float | None:
    """CPU of one over that of another: the median of the ratios within a round. None: one of them took no part."""
    groups = grouped(samples)
    return _ratio(groups.get((base, phase), []), groups.get((peer, phase), []), _COLUMNS["CPU s"])


def _ratio(ours: Sequence[Sample], others: Sequence[Sample], column: Callable[[Sample], float]) -> float | None:
    pairs = [(column(our), column(other)) for our, other in zip(ours, others, strict=False)]
    ratios = [our / other for our, other in pairs if our and other]
    return median(ratios) if ratios else None


def grouped(samples: Sequence[Sample]) -> dict[tuple[str, str], list[Sample]]:
    """By peer and phase, in the order of the rounds."""
    groups: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.peer, sample.phase), []).append(sample)
    return groups


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 100 and value != int(value) else f"{value:.0f}"


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A table; the first line is its head, from the third column on there are numbers."""
    rule = ["--" if index < 2 else "--:" for index in range(len(lines[0]))]
    return "\n".join("| " + " | ".join(line) + " |" for line in (lines[0], rule, *lines[1:]))


def machine() -> dict[str, Any]:
    """Where the figures are from."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
        **{name: found for name in ("feedparser", "numpy") if (found := _version_of(name))},
    }


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# ---------------------------------------------------------------- the targets

# phase → (mode, peer → at most so many times its CPU)
_MOST_CPU: tuple[tuple[str, str, Mapping[str, float]], ...] = (
    ("cold", "aggregator", {"newsboat": 3.8, "reader": 1.05, "naive": 1.05}),
    ("cold", "words", {"newsboat": 3.5, "reader": 1.0, "naive": 1.0}),
    ("changed", "aggregator", {"newsboat": 1.4}),
    ("changed", "words", {"newsboat": 1.0}),
    ("warm", "aggregator", {"newsboat": 0.5, "naive": 1.2}),
    ("warm", "words", {"newsboat": 0.5, "naive": 1.2}),
)
# What it is, by mode or by command → at most. MB, and CPU milliseconds.
_MOST_PEAK = {"aggregator": 320.0, "words": 200.0}
_MOST_IDLE = {"aggregator": 130.0, "words": 80.0}
_MOST_MS = {"--version": 150.0, "--help": 180.0, "stories": 250.0}
_MOST_OVER_TEXTS = 2.1

_CALLED = {"aggregator": "all on", "words": "by words"}


def targets_table(samples: Sequence[Sample], idle: Mapping[str, float], commands: Mapping[str, float]) -> str:
    """What this program wants to reach, and what it did; "–" where it was not measured."""
    rows = [row for each in _MOST_CPU for row in _rows_of_cpu(samples, *each)]
    for mode in OURS:
        cold = [sample for sample in samples if (sample.peer, sample.phase) == (mode, "cold")]
        peak = median(sample.peak_pss_mb for sample in cold) if cold else None
        size = median(sample.bytes_over_texts for sample in cold) if cold else None
        rows.append(_row(f"peak of a cold poll, {_CALLED[mode]}, MB", peak, _MOST_PEAK[mode]))
        rows.append(_row(f"idle daemon, {_CALLED[mode]}, MB", idle.get(mode), _MOST_IDLE[mode]))
        rows.append(_row(f"database over texts, {_CALLED[mode]}", size, _MOST_OVER_TEXTS))
    rows += [_row(f"aggregator {name}, CPU ms", commands.get(name), most) for name, most in _MOST_MS.items()]
    return markdown([["target", "", "at most", "measured"], *rows])


def _rows_of_cpu(samples: Sequence[Sample], phase: str, mode: str, most: Mapping[str, float]) -> list[list[str]]:
    return [
        _row(f"{phase}, {_CALLED[mode]}, CPU ÷ {peer}", cpu_ratio(samples, mode, peer, phase), limit)
        for peer, limit in most.items()
    ]


def _row(what: str, measured: float | None, most: float) -> list[str]:
    mark = "" if measured is None else "met" if measured <= most else "missed"
    return [what, mark, f"{most:g}", "–" if measured is None else _number(measured)]
