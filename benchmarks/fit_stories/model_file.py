"""The file of the model: its coefficients as they are, and written anew."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aggregator.stories import evidence
from aggregator.stories.story import STORIES_VERSION

PATH = Path(evidence.__file__).parent / "models" / "evidence.toml"
COMMAND = "python -m benchmarks.fit_stories --data FOLDER --write"

BARS = ("joins", "merges", "merges_large")
"""Chosen by running the stream: kept when the rest is fitted."""

_TOP = """\
# The evidence that a post belongs to a story: see aggregator/stories/evidence.py. Written by the command below, out of
# labelled news and of pairs that readers judged (benchmarks/README.md, Stories). Not fitted are `joins`, `merges` and
# `merges_large`, the bars as probabilities: they are chosen by running the stream and reading what it joins, and kept
# when the rest is fitted anew. `usual`: the mean of each measure, as it is weighed, of a post and another event.
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted: bias and a coefficient for each measure, and the usual of two events, by names."""

    coefficients: Mapping[str, float]
    usual: Mapping[str, float]


def load(path: Path = PATH) -> dict[str, dict[str, Any]]:
    """The sets of the file, by name."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: table for name, table in read.items() if isinstance(table, dict)}


def text_of(
    fits: Mapping[str, Fit], before: Mapping[str, Mapping[str, Any]], on: date, version: int = STORIES_VERSION
) -> str:
    """The file with these fits; what was not fitted, and the bars, as it was `before`. `version`: of the grouping.

    Raises:
        KeyError: a set is new, and has no bars.
    """
    head = [_TOP, f"version = {version}  # of the grouping\n", f"date = {on}\n", f'command = "{COMMAND}"\n']
    return "".join([*head, *[_table(name, fits.get(name), before[name]) for name in {**before, **fits}]])


def _table(name: str, fit: Fit | None, before: Mapping[str, Any]) -> str:
    known = {key: value for key, value in before.items() if key not in (*BARS, "usual")}
    coefficients = fit.coefficients if fit else known
    lines: Sequence[str] = [
        f"\n[{name}]\n",
        *[f"{key} = {value}\n" for key, value in coefficients.items()],
        *[f"{key} = {before[key]}\n" for key in BARS],
        f"\n[{name}.usual]\n",
        *[f"{key} = {value}\n" for key, value in (fit.usual if fit else before.get("usual", {})).items()],
    ]
    return "".join(lines)
