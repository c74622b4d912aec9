"""The memory of the open stories, made again from the stored posts.

The posts of the last days are taken in again in the order in which they were saved, so the centroids and the word
counts are those of a process that lived through it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.decide import headline
from aggregator.meaning import Encoder
from aggregator.settings import Stories
from aggregator.storage.load import StoredPost
from aggregator.storage.store import Store
from aggregator.stories import StoryPost
from aggregator.story_index import StoryIndex
from aggregator.vectors import vector

# How many windows back posts are taken in: words seen before say little about today's.
MEMORY_WINDOWS = 2


def load_story_index(store: Store, settings: Stories, now: datetime, encoder: Encoder | None = None) -> StoryIndex:
    """The open stories as they stand in the database. `encoder`: whose vectors of the posts are taken in too."""
    index = StoryIndex(settings.window, settings.threshold)
    draft = index.draft(before=now - MEMORY_WINDOWS * settings.window)
    for stored in store.load_recent_posts(now - MEMORY_WINDOWS * settings.window):
        if stored.story_id is not None:
            draft.restore(stored.story_id, story_post(stored))
    index.accept(draft)
    # A story may be older than what was taken in, and its title may have been chosen since.
    for head in store.load_story_heads(index.stories):
        index.stories[head.id] = replace(
            index.stories[head.id],
            title=head.title,
            lead_post_id=head.lead_post_id or 0,
            language=head.language,
            lead_is_article=head.lead_is_article,
        )
    return index


def story_post(stored: StoredPost) -> StoryPost:
    """What grouping needs of a stored post."""
    return StoryPost(
        post_id=stored.id,
        source_id=stored.source_id,
        title=headline(stored.title, stored.text, stored.url),
        language=stored.language,
        terms=vector(stored.title, stored.text, stored.language),
        entities=stored.entities,
        at=stored.at,
        is_article=stored.kind == "article",
        voice=stored.publisher,
    )
