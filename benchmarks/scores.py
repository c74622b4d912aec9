"""How well found groups and pairs agree with labelled ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scores:
    """B-cubed and pairwise precision, recall and F1; how many groups were found, and how many there are."""

    precision: float
    recall: float
    pair_precision: float
    pair_recall: float
    found: int
    wanted: int

    @property
    def f1(self) -> float:
        """The harmonic mean of B-cubed precision and recall."""
        return f1(self.precision, self.recall)

    @property
    def pair_f1(self) -> float:
        """The harmonic mean of pairwise precision and recall."""
        return f1(self.pair_precision, self.pair_recall)

    def __str__(self) -> str:
        return (
            f"B³ P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}   pairs P {self.pair_precision:.3f} "
            f"R {self.pair_recall:.3f} F1 {self.pair_f1:.3f}   clusters {self.found} (labelled {self.wanted})"
        )


def score(labels: Sequence[Hashable], found: Sequence[Hashable]) -> Scores:
    """How well the found groups agree with the labelled ones; both in the order of the items."""
    gold, mine, both = Counter(labels), Counter(found), Counter(zip(labels, found, strict=True))
    precision = ratio(sum(n * n / mine[group] for (_, group), n in both.items()), len(labels))
    recall = ratio(sum(n * n / gold[label] for (label, _), n in both.items()), len(labels))
    right = _pairs(both)
    return Scores(
        precision, recall, ratio(right, _pairs(mine)), ratio(right, _pairs(gold)), len(mine), len(gold)
    )  # fmt: skip


def ratio(part: float, whole: float) -> float:
    """Part of whole; 0 of nothing."""
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    """The harmonic mean."""
    return ratio(2 * precision * recall, precision + recall)


def best_threshold(scored: Sequence[tuple[float, bool]]) -> float:
    """The score from which saying yes gives the best F1. `scored`: each pair's score and label."""
    wanted = sum(label for _, label in scored)
    right, best = 0, (0.0, 1.0)
    for said, (value, label) in enumerate(sorted(scored, reverse=True), 1):
        right += label
        best = max(best, (f1(ratio(right, said), ratio(right, wanted)), value))
    return best[1]


def _pairs(counts: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())
