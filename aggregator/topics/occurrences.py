"""Where terms stand in a text, as plain values: what the finder gives, and what scoring counts."""

from __future__ import annotations

from typing import NamedTuple

# Where something begins and ends in a text, as `re` has it.
Span = tuple[int, int]


class Place(NamedTuple):
    """A place of a term, the term by its number: `text[start:end]` are the words."""

    number: int
    start: int
    end: int


# A place inside the finder, where two come up for every post: as `Place` they make matching 1 % slower.
BarePlace = tuple[int, int, int]


class Occurrence(NamedTuple):
    """A term where it is strongest in a post: `text[start:end]`, in the field of that name.

    `strength` (0..1) is what a term of weight 1 counts there. `end` is 0 where the words stand in no text of the post
    but in its source's title or address; `field` then has them too.
    """

    strength: float
    end: int
    start: int
    field: str
