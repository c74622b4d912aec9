"""Log odds and probabilities, for the two fitted models: of evidence, and of links to earlier coverage. Pure."""

from __future__ import annotations

import math

_SURE = 700.0  # math.exp knows no more


def probability_of(log_odds: float) -> float:
    """1 / (1 + e^-x), 0..1."""
    return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, log_odds))))


def log_odds_of(probability: float) -> float:
    """ln(p / (1 - p)), for 0 < p < 1."""
    return math.log(probability / (1 - probability))
