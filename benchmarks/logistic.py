"""Logistic regression in a few lines: weighted, with a ridge, by iteratively reweighted least squares.

The same numbers give the same coefficients, to the digits that are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Of the standardised coefficients: enough that two measures that say nearly the same share what they say.
_RIDGE = 1.0
_MOST_STEPS = 50
_STEADY = 1e-8
# Of a probability, so that one sure mistake does not decide a log loss.
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of measures, whether each is one event (1 or 0), and what it counts."""

    rows: Numbers
    same: Numbers
    weights: Numbers

    def part(self, chosen: NDArray[np.bool_]) -> Sample:
        """Some of the rows."""
        return Sample(self.rows[chosen], self.same[chosen], self.weights[chosen])


def sample_of(rows: Sequence[Sequence[float]], same: Sequence[bool], weights: Sequence[float]) -> Sample:
    """From plain lists."""
    return Sample(np.array(rows, dtype=float), np.array(same, dtype=float), np.array(weights, dtype=float))


def fitted(sample: Sample, without: Sequence[int] = ()) -> Numbers:
    """The bias and then a coefficient for each column; 0 for those left out."""
    rows = sample.rows.copy()
    rows[:, list(without)] = 0.0
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread[spread == 0] = 1.0
    standard = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    ridge = np.eye(standard.shape[1]) * _RIDGE
    ridge[0, 0] = 0.0  # how often there is one event at all is not drawn to a half
    found = iterated(standard, sample.same, sample.weights, ridge)
    coefficients = found[1:] / spread
    return np.concatenate([[found[0] - float(coefficients @ mean)], coefficients])


def iterated(rows: Numbers, same: Numbers, weights: Numbers, ridge: Numbers) -> Numbers:
    """The coefficients of these columns by Newton's method; `ridge`: what holds them, a square matrix."""
    found: Numbers = np.zeros(rows.shape[1])
    for _ in range(_MOST_STEPS):
        sure = 1 / (1 + np.exp(-(rows @ found)))
        slope = rows.T @ (weights * (sure - same)) + ridge @ found
        curve = (rows * (weights * sure * (1 - sure))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        found = found - step
        if float(np.abs(step).max()) < _STEADY:
            break
    return found


def log_odds(coefficients: Numbers, rows: Numbers) -> Numbers:
    """Of each row."""
    found: Numbers = coefficients[0] + rows @ coefficients[1:]
    return found


def log_loss(odds: Numbers, sample: Sample) -> float:
    """The weighted mean; that of always saying "as likely as not" is .693."""
    sure = np.clip(1 / (1 + np.exp(-odds)), _LEAST, 1 - _LEAST)
    lost = sample.same * np.log(sure) + (1 - sample.same) * np.log(1 - sure)
    return float(-(sample.weights @ lost) / sample.weights.sum())


def mean_of(sample: Sample, chosen: NDArray[np.bool_]) -> list[float]:
    """The weighted mean of every column over some of the rows."""
    part = sample.part(chosen)
    mean: Any = np.average(part.rows, axis=0, weights=part.weights)
    return [float(each) for each in mean]
