"""How a rebuild goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many posts were looked at, and how many (or how many stories) changed."""

    posts: int
    changed: int
