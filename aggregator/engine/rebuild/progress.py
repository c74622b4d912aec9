"""How a rebuild or a rework goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many posts were looked at, and how many (or how many stories) changed."""

    posts: int
    changed: int


@dataclass(frozen=True, slots=True)
class Reworked:
    """What a step did: up to which id, None where there was nothing left; how many rows came out otherwise.

    `posts`: how many it looked at, where somebody asks. `stories`: those that got another head, another post, or lost
    one, and those of which a post got other words; what is kept in memory of them is read again. None: it can't say.
    """

    up_to: int | None
    changed: int = 0
    posts: int = 0
    stories: Collection[int] | None = None
