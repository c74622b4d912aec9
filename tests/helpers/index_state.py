"""What an index of open stories holds, to compare two of them."""

from __future__ import annotations

from typing import Any

from aggregator.stories.index import StoryIndex


def state(index: StoryIndex) -> dict[str, Any]:
    """Everything that decisions are made by."""
    stories = {
        story.id: (
            story.title, story.lead_post_id, story.lead_is_article, story.language, story.first_at, story.last_at,
            story.vector, story.squared, story.posts, story.repeated, story.source_ids, story.voices, story.entities,
            story.lead_vector, index.arrivals.get(story.lead_post_id) is not None,
        )
        for story in (*(index._shelf.stories_before(2**60) if index._shelf else ()), *index.stories.values())
    }  # fmt: skip
    came = list(index.arrivals.newest_first())
    return {
        "stories": stories,
        "open": {story_id for story_id in stories if index.story(story_id)},
        "posts": {each.serial: (each.story_id, set(each.words)) for each in came},
        "with_word": dict(index.arrivals.with_word),
        "with_part": {part: index.arrivals.times(part, 99) for each in came for part in each.parts},
        "found": {word: set(index.with_word._all(word)) for word in (*index.with_word._one, *index.with_word._many)},
        "grown": (index.grown, index.large),
    }
