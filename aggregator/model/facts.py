"""What only the database can count of a story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from aggregator.model.site import ShownTopic


class Nth(NamedTuple):
    """A story is the `nth` on a topic in its month, of those that several voices carry. `before`: how many the month
    before had; None where the database does not reach back so far."""

    topic: ShownTopic
    nth: int
    before: int | None


class Week(NamedTuple):
    """How many posts a topic had in the seven days up to a story's last post, and in a usual week of the four
    before."""

    topic: ShownTopic
    week: int
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database counts beside a story, of what may be shown, up to the story's last post.

    `nth`, `weeks`: for topics that at least half of its posts have, as in the story. `answers`: boosts and replies of
    its statuses. `is_most_answered`: no other story of its last day had as many.
    """

    nth: tuple[Nth, ...] = ()
    weeks: tuple[Week, ...] = ()
    answers: int = 0
    is_most_answered: bool = False
