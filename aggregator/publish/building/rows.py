"""What the site is built from, as it is asked for. `aggregator.storage.site` gives it out of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from aggregator.model.rules import SavedQuery
from aggregator.model.site import GoneStory, Merged, ShownSource, ShownStory, ShownTopic, TopicWeek, Totals


class StoryRows(Protocol):
    """Stories, by their ids."""

    @property
    def names(self) -> Mapping[str, str]:
        """Publisher → its name for readers."""

    @property
    def topics(self) -> Mapping[str, ShownTopic]:
        """All topics by their slugs."""

    def load(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """These stories, in this order, without earlier and later coverage; those with nothing to show left out."""

    def load_whole(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """The same with earlier and later coverage."""

    def load_answered(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """As `load_whole`, with what was answered, which no change tells of: only for what is built each time."""

    def old_address(self, merged: Merged, target: ShownStory) -> str:
        """The slug of the page that a merged story had, as it was shown."""

    def forget(self) -> None:
        """Let go of what was loaded."""


class ListRows(Protocol):
    """Which stories stand where, as ids; see `aggregator.storage.site.lists.Lists`."""

    def newest_days(self, most: int) -> list[date]:
        """The newest days that have posts, in the site's zone, the newest first."""

    def all_paged(self) -> list[int]:
        """All stories that may have a page, the oldest first."""

    def paged_on(self, day: date) -> list[int]:
        """Stories that may have a page and have posts of this day."""

    def single_on(self, day: date, most: int) -> list[int]:
        """Stories of this day that have no page, the newest first."""

    def newest(self, most: int) -> list[int]:
        """Stories of the newest posts, those first."""

    def newest_paged(self, most: int) -> list[int]:
        """Stories that may have a page, the one with the newest post first."""

    def due(self, day: date, most: int) -> list[int]:
        """Stories whose briefs name something that is to happen on this day or later, the soonest first."""

    def of_topic(self, topic: str, most: int) -> list[int]:
        """Stories of a topic, those whose posts came last first."""

    def of_source(self, source_id: int, most: int) -> list[int]:
        """Stories that a source brought, the newest first."""

    def found(self, query: SavedQuery, most: int) -> list[int]:
        """Stories that a saved query selects, the newest first. `min_sources` counts publishers and people."""

    def topics_of(self, stories: Iterable[int]) -> set[str]:
        """The topics that posts of these stories have."""

    def days_of(self, stories: Iterable[int]) -> set[date]:
        """The days of posts of these stories."""

    def sources_of(self, stories: Iterable[int]) -> set[int]:
        """The sources that brought posts of these stories."""

    def linked_to(self, stories: Iterable[int]) -> set[int]:
        """The stories that are earlier or later coverage of these, as they are linked now."""

    def of_publishers(self, publishers: Iterable[str]) -> set[int]:
        """The stories with posts of these publishers. Reads all posts: names change rarely."""

    def all_topics(self) -> list[str]:
        """The topics that posts have."""

    def all_days(self) -> list[date]:
        """The days that have posts, in order."""

    def merged(self, ids: Iterable[int] | None = None) -> list[Merged]:
        """Stories that others took over: all, or those that have to do with these, taken over or taking."""

    def gone(self) -> list[GoneStory]:
        """Stories of which the last post went, those that went last first."""

    def weeks(self, day: date, topics: Mapping[str, ShownTopic]) -> list[TopicWeek]:
        """What topics had in the seven days up to this one, and in the four weeks before."""

    def totals(self) -> Totals:
        """How much there is."""


class Place(Protocol):
    """Where the site stands in the change log; see `aggregator.storage.changelog.Place`."""

    @property
    def seq(self) -> int | None:
        """The last change that it has seen; None where it never looked."""

    @property
    def newest(self) -> int:
        """The last change that there is."""

    def is_known_after(self, seq: int) -> bool:
        """Is everything kept that happened after this change, which there was?"""


class Rows(Protocol):
    """All of one moment."""

    @property
    def identity(self) -> str:
        """What tells this database from others, and stays."""

    @property
    def place(self) -> Place:
        """Where the site stands in the change log."""

    @property
    def stories(self) -> StoryRows:
        """The stories."""

    @property
    def lists(self) -> ListRows:
        """Which stories stand where."""

    def changed(self, after: int) -> set[int]:
        """The stories that changed after this change, or after the last one that the database knows to be published."""

    def sources(self, day: date) -> list[ShownSource]:
        """The sources that may be named, with the times of their posts in the seven days up to this one."""

    def vocabulary(self) -> str:
        """A digest of what no change tells of."""
