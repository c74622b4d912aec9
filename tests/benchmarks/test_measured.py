"""What a command takes, measured from outside; and the figures that are made of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.measured import pss_in, run, tree_of
from benchmarks.samples import Sample, cpu_ratio, ratios_table, targets_table

ROLLUP = """5581f0e2a000-7ffd0a9f1000 ---p 00000000 00:00 0    [rollup]
Rss:               12000 kB
Pss:                7001 kB
Pss_Dirty:          5000 kB
SwapPss:               3 kB
"""

# Burns a fifth of a second of CPU in a process that nobody waits for.
LEAVES_BEHIND = """
import subprocess, sys
burn = "import time, sys; sys.stdout.close()\\nwhile time.process_time() < 0.2: pass"
subprocess.Popen([sys.executable, "-c", burn])
"""


def test_the_pss_is_read_and_nothing_that_is_called_alike() -> None:
    assert pss_in(ROLLUP) == 7001 * 1024
    assert pss_in("") == 0


def test_a_tree_has_each_process_once() -> None:
    children = {1: [2, 3], 2: [4], 3: [4], 4: []}
    assert tree_of(1, lambda pid: children[pid]) == [1, 2, 3, 4]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_what_a_program_leaves_behind_counts(tmp_path: Path) -> None:
    use = run(
        [sys.executable, "-c", LEAVES_BEHIND],
        out=tmp_path / "out", err=tmp_path / "err", folder=tmp_path, environment=os.environ, most_seconds=60,
    )  # fmt: skip
    assert use.status == 0, (tmp_path / "err").read_text()
    assert use.cpu_seconds >= 0.2
    assert use.peak_pss_mb > 0


def _sample(peer: str, cpu: float, phase: str = "cold", **given: object) -> Sample:
    return Sample(peer, phase, cpu, 1.0, 1.0, 1.0, **given)  # type: ignore[arg-type]


def test_a_ratio_is_the_median_of_those_within_a_round() -> None:
    rounds = [(4.0, 1.0), (9.0, 3.0), (10.0, 1.0)]  # 4, 3, 10; of the medians it would be 9
    samples = [sample for our, other in rounds for sample in (_sample("words", our), _sample("newsboat", other))]
    assert cpu_ratio(samples, "words", "newsboat", "cold") == 4.0
    assert cpu_ratio(samples, "words", "reader", "cold") is None
    assert "| cold | newsboat | 4.00 |" in ratios_table(samples, "words")
    assert "| cold | words |" not in ratios_table([*samples, _sample("aggregator", 1.0)], "aggregator")


def test_a_target_is_met_missed_or_was_not_measured() -> None:
    samples = [_sample("words", 3.0, database_mb=4.2, text_bytes=2_000_000), _sample("newsboat", 1.0)]
    table = targets_table(samples, {"words": 80.5}, {})
    assert "| cold, by words, CPU ÷ newsboat | met | 3.5 | 3 |" in table
    assert "| idle daemon, by words, MB | missed | 80 | 80.50 |" in table
    assert "| database over texts, by words | met | 2.1 | 2.10 |" in table
    assert "| idle daemon, all on, MB |  | 130 | – |" in table
