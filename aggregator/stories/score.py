"""How much news a story is: how widely it is carried and answered."""

from __future__ import annotations

import math

# How much each further publisher that carries a story takes off the rest of the way to a score of 1.
_SCORE_PER_PUBLISHER = 0.3

# And each doubling of the answers to it: a thousand weigh as much as a publisher and a half.
_SCORE_PER_DOUBLING = 0.05


def story_score(publishers: int, answers: int = 0) -> float:
    """How widely a story is carried and answered, 0..1: 1 − 0.7ⁿ × 0.95ᵏ; docs/database.md explains it.

    n: publishers beyond the first; k: log₂(1 + `answers`), the boosts, favourites and replies of its posts together.
    """
    missing = (1 - _SCORE_PER_PUBLISHER) ** max(0, publishers - 1)
    return round(1 - float(missing * (1 - _SCORE_PER_DOUBLING) ** math.log2(1 + max(0, answers))), 3)
