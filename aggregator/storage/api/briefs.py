"""What is told of a story, as rows of the view `story_briefs`."""

from __future__ import annotations

from aggregator.storage.briefs.rows import IN_ORDER
from aggregator.storage.result import Asked, Result


def brief_of(reader: Asked, story_id: int) -> Result:
    """The sentences of a story's briefs, whole rows, in the order in which they are read."""
    return reader.ask(f"SELECT * FROM story_briefs WHERE story_id = ? ORDER BY language, {IN_ORDER}", (story_id,))
