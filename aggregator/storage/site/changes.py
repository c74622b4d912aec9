"""What happened to posts and stories, for consumers elsewhere: with what may be shown of them, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.model.settings import Publish
from aggregator.model.site import ShownStory
from aggregator.storage.changelog import Place, log_range
from aggregator.storage.queries import Reader
from aggregator.storage.site.shown import may_be_shown
from aggregator.storage.site.stories import Stories


@dataclass(frozen=True, slots=True)
class ChangesAfter:
    """Changes, the oldest first, with the columns of the view `changes_detail`. `more`: there are others.

    `seq` is what to ask for the next time. Of what may not be shown, is gone or was merged there are the numbers alone,
    the rest is None. Stories are called as the site calls them; one that was merged tells in `story_id` which one took
    it over, where that may be shown.
    """

    changes: Sequence[dict[str, Any]]
    seq: int
    more: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say what happened since then: it is not kept any more, was undone, or was never. `place`: what there
    is."""

    place: Place

    @property
    def oldest(self) -> int | None:
        """The first change that is kept; None where none is."""
        return self.place.first_kept if self.place.first_kept <= self.place.newest else None

    @property
    def seq(self) -> int:
        """Where the log stands now."""
        return self.place.newest


def changes_after(reader: Reader, since: int, limit: int, settings: Publish) -> ChangesAfter | Unknown:
    """What happened after the change `since`, which the caller has seen; 0: from the beginning.

    Raises:
        AggregatorError: the database can't be read, or it took too long.
    """
    known = log_range(reader)
    if not known.is_known_after(since):
        return Unknown(known)
    answer = reader.ask(_CHANGES.format(may_be_shown("p", settings.people)), (since, limit + 1))
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows[:limit]]
    stories = _shown(reader, {row["story_id"] for row in rows if row["what"] == "story"} - {None}, settings)
    told = [_told(row, bool(row.pop(_IS_SHOWN)), stories) for row in rows]
    return ChangesAfter(told, told[-1]["seq"] if told else since, len(answer.rows) > limit)


def _told(row: dict[str, Any], is_shown: bool, stories: Mapping[int, ShownStory]) -> dict[str, Any]:
    """What others may know of a row. A column that is not known here is not told, unless the post may be shown."""
    if row["what"] == "post" and is_shown:
        return row
    told = {column: value if column in _NUMBERS else None for column, value in row.items()}
    story = stories.get(row["story_id"]) if row["what"] == "story" else None
    if story:
        told["story_id"] = story.id
        if story.id == row["row_id"]:
            told["title"], told["slug"] = story.title, story.slug
    return told


def _shown(reader: Reader, ids: set[int], settings: Publish) -> dict[int, ShownStory]:
    """These stories as the site shows them; those with nothing to show left out."""
    if not ids:
        return {}
    with reader.refusals_in_words():
        return {story.id: story for story in Stories(reader.conn, settings).load(sorted(ids))}


_IS_SHOWN = "is_shown"
# What the log itself says: of what may not be shown, too.
_NUMBERS = frozenset({"seq", "changed_at", "what", "change", "row_id"})

_CHANGES = f"""
SELECT c.*, c.what = 'post' AND EXISTS (SELECT 1 FROM posts p WHERE p.id = c.row_id AND {{}}) AS {_IS_SHOWN}
FROM changes_detail c WHERE c.seq > ? ORDER BY c.seq LIMIT ?
"""
