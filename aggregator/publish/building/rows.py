"""What the site is built from, as it is asked for. `aggregator.storage.site` gives it out of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from aggregator.model.site import (
    GoneStory,
    Merged,
    SavedQuery,
    ShownSource,
    ShownStory,
    ShownTopic,
    TopicWeek,
    Totals,
)


class StoryRows(Protocol):
    """Stories, by their ids."""

    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def topics(self) -> Mapping[str, ShownTopic]: ...

    def load(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """These stories, in this order, without earlier and later coverage; those with nothing to show left out."""

    def load_whole(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """The same with earlier and later coverage."""

    def load_answered(self, ids: Iterable[int]) -> Sequence[ShownStory]:
        """As `load_whole`, with what was answered, which no change tells of: only for what is built each time."""

    def forget(self) -> None:
        """Let go of what was loaded."""


class ListRows(Protocol):
    """Which stories stand where, as ids; see `aggregator.storage.site.lists.Lists`."""

    def newest_day(self) -> date | None: ...
    def all_paged(self) -> list[int]: ...
    def paged_on(self, day: date) -> list[int]: ...
    def single_on(self, day: date, most: int) -> list[int]: ...
    def newest(self, most: int) -> list[int]: ...
    def newest_paged(self, most: int) -> list[int]: ...
    def of_topic(self, topic: str, most: int) -> list[int]: ...
    def of_source(self, source_id: int, most: int) -> list[int]: ...
    def found(self, query: SavedQuery, most: int) -> list[int]: ...
    def topics_of(self, stories: Iterable[int]) -> set[str]: ...
    def days_of(self, stories: Iterable[int]) -> set[date]: ...
    def sources_of(self, stories: Iterable[int]) -> set[int]: ...
    def of_publishers(self, publishers: Iterable[str]) -> set[int]: ...
    def all_topics(self) -> list[str]: ...
    def all_days(self) -> list[date]: ...
    def merged(self, ids: Iterable[int] | None = None) -> list[Merged]: ...
    def gone(self) -> list[GoneStory]: ...
    def weeks(self, day: date, topics: Mapping[str, ShownTopic]) -> list[TopicWeek]: ...
    def totals(self) -> Totals: ...


class Place(Protocol):
    """Where the site stands in the change log; see `aggregator.storage.changelog.Place`."""

    @property
    def seq(self) -> int | None: ...
    @property
    def newest(self) -> int: ...
    @property
    def is_lost(self) -> bool: ...


class Rows(Protocol):
    """All of one moment."""

    @property
    def place(self) -> Place: ...
    @property
    def stories(self) -> StoryRows: ...
    @property
    def lists(self) -> ListRows: ...

    def changed(self, after: int) -> set[int]:
        """The stories that changed after this change, or after the last one that the database knows to be published."""

    def sources(self, day: date) -> list[ShownSource]:
        """The sources that may be named, with the times of their posts in the seven days up to this one."""

    def vocabulary(self) -> str:
        """A digest of what no change tells of."""
