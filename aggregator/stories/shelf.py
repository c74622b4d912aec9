"""What the index of open stories lays aside, and where.

A story that nothing came to for long is seldom looked at, and a post is needed again when it leaves the window. What is
taken back is the same as what was laid aside, each number and each word, so decisions don't depend on what lies where.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from aggregator.stories.story import Story

PartKey = tuple[int, str]


class Arrived(NamedTuple):
    """A post that came: its number among all that ever came, when, to which story (0: one no more in the index).

    `words` count for document frequency, `parts` of its title, each with the source, for boilerplate; `voice`: whose.
    """

    serial: int
    seen_at: datetime
    story_id: int
    words: Collection[str]
    parts: tuple[PartKey, ...]
    voice: str


class Shelf(Protocol):
    """Where posts of the window and stories lie that are not in memory.

    Each method raises ShelfError where something goes wrong: then nothing that lies here is to be relied on.
    """

    def lay_posts(self, posts: Iterable[tuple[int, Arrived]]) -> None:
        """Lay posts aside, each with its id."""

    def post(self, post_id: int) -> Arrived | None:
        """A post; None where it does not lie here."""

    def oldest(self, most: int) -> Sequence[tuple[int, Arrived]]:
        """The first of the posts, by serial, with their ids."""

    def first_id(self, after: datetime | None) -> int | None:
        """The least id of the posts that came after that time, of all without one; None where there is none."""

    def newest_first(self) -> Iterator[Arrived]:
        """From the last of the posts, by serial."""

    def newest_of(self, voice: str, most: int) -> Sequence[Arrived]:
        """Those of one publisher, from the last."""

    def times(self, part: PartKey, most: int) -> int:
        """How many posts have this part in their titles, counted up to `most`."""

    def drop_posts(self, posts: Iterable[Arrived]) -> None:
        """They are not needed any more."""

    def lay_stories(self, stories: Iterable[Story]) -> None:
        """Lay stories aside; one that lies here is replaced."""

    def story(self, story_id: int) -> Story | None:
        """A story; None where it does not lie here."""

    def stories_before(self, serial: int) -> Sequence[Story]:
        """The stories that nothing came to from this serial on."""

    def drop_stories(self, ids: Collection[int]) -> None:
        """They are not needed any more."""
