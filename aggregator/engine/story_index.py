"""The index of the open stories, made again from the stored posts.

The posts of the window are taken in again in the order in which they came, with the term weights that they
got then, and of their stories the older ones too: so centroids and word counts are those of a process that
lived through it.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Stories
from aggregator.storage.database import Database
from aggregator.storage.file.shelf import FileShelf
from aggregator.storage.open_stories import (
    StoredMember,
    StoredStory,
    load_members,
    load_open_stories,
    load_stories_of,
    load_stories_since,
    load_story_heads,
)
from aggregator.stories.encoder import sketches_for
from aggregator.stories.index import MOST_HELD, StoryIndex, take_in
from aggregator.stories.story import Story, StoryPost, story_post
from aggregator.stories.window import LEAST_POSTS
from aggregator.text.headline import headline

# How many windows back posts are counted: words seen before say little about today's.
MEMORY_WINDOWS = 2

# Posts whose stories' heads are read together.
_PAGE = 500


def load_story_index(
    database: Database,
    settings: Stories,
    now: datetime,
    encoder: Encoder | None = None,
    most_held: int | None = None,
    shelf: FileShelf | None = None,
) -> StoryIndex:
    """The open stories as they stand in the database; as `new_index` says.

    Raises:
        ShelfError: what is to be laid aside can't be.
    """
    index = new_index(settings, encoder, shelf or FileShelf(database.path.parent), most_held)
    for _ in loading(database, index, now, encoder):
        pass
    return index


def new_index(settings: Stories, encoder: Encoder | None, shelf: FileShelf, most_held: int | None = None) -> StoryIndex:
    """One without posts. `encoder`: whose vectors are taken in too; `most_held`: so many posts are in memory, the
    newest, as many as usual if left out; the others lie on `shelf`, an empty one."""
    held = MOST_HELD if most_held is None else most_held
    return StoryIndex(settings.window, settings.threshold, sketches_for(encoder), shelf, held)


def loading(database: Database, index: StoryIndex, now: datetime, encoder: Encoder | None = None) -> Iterator[int]:
    """Load the open stories into an empty index, some posts at a time: gives how many so far. Between two steps nothing
    that is read is open, so anybody may write; then it is for the caller to see to it that what was read holds.

    Raises:
        ShelfError: what is to be laid aside can't be.
    """
    first, ids = load_open_stories(database.conn, now - MEMORY_WINDOWS * index.window, LEAST_POSTS)
    members = load_members(database.conn, ids, encoder)
    while _restored(database, index, members, first):
        yield len(index.arrivals)


def _restored(database: Database, index: StoryIndex, members: Iterator[StoredMember], first: int) -> bool:
    """Take in the next posts; False where there are none."""
    is_collecting = gc.isenabled()
    gc.disable()  # nothing of it is garbage, and to find that out again and again takes a fifth of the time
    try:
        page = list(islice(members, _PAGE))
        heads = {head.id: head for head in load_story_heads(database.conn, {member.story_id for member in page})}
        for member in page:
            if member.story_id in heads:
                story = index.held(member.story_id) or _story(heads[member.story_id], member)
                index.restore(story, _post(member), member.words, is_recent=member.id >= first)
    finally:
        if is_collecting:
            gc.enable()
    return bool(page)


def leave_out(database: Database, index: StoryIndex, gone: Collection[int], encoder: Encoder | None = None) -> None:
    """Posts are gone: what they said must not attract others."""
    story_of = load_stories_of(database.conn, gone)
    _replace(database, index, set(story_of.values()), encoder)
    for post_id in gone:
        index.arrivals.leave_out(post_id)


def read_again(database: Database, index: StoryIndex, ids: Collection[int], encoder: Encoder | None = None) -> bool:
    """The rows of these stories, or of their posts, were changed: take over what of it is in the index.

    Gives False where that can't be, since a post is in the window by now that was not: then it has to be loaded anew.
    """
    if not len(index.arrivals):
        return not ids
    first = index.arrivals.first_id()
    touched = {each for each in ids if index.held(each)} | load_stories_since(database.conn, ids, first)
    for member in _replace(database, index, touched, encoder):
        came = index.arrivals.get(member.id)
        if came is None and member.id >= first:
            return False
        if came and (came.story_id != member.story_id or set(came.words) != member.words.keys()):
            index.arrivals.replace(member.id, came._replace(story_id=member.story_id, words=tuple(member.words)))
    return True


def _replace(
    database: Database, index: StoryIndex, ids: Collection[int], encoder: Encoder | None
) -> list[StoredMember]:
    """Put these stories into the index as their rows say; their posts."""
    heads = {head.id: head for head in load_story_heads(database.conn, ids)}
    members = list(load_members(database.conn, heads, encoder))
    found: dict[int, Story] = {}
    for member in members:
        story = found.get(member.story_id)
        if story is None:
            story = found[member.story_id] = _story(heads[member.story_id], member)
        take_in(story, _post(member), member.words, index.window)
        came = index.arrivals.get(member.id)
        if came:
            story.serial = came.serial
    for story_id in sorted(ids):
        left = found.get(story_id)
        index.replace(story_id, left if left and left.serial else None)
    return members


def _story(head: StoredStory, member: StoredMember) -> Story:
    """A story without posts; `member` is the first that it gets."""
    return Story(
        id=head.id, title=head.title, lead_post_id=head.lead_post_id or 0, language=head.language,
        lead_is_article=head.lead_is_article, first_at=member.at, last_at=member.at,
    )  # fmt: skip


def _post(stored: StoredMember) -> StoryPost:
    """What grouping needs of a stored post whose words are known."""
    return story_post(
        post_id=stored.id, source_id=stored.source_id, kind=stored.kind,
        title=stored.title or headline("", stored.beginning, stored.url), language=stored.language, terms={},
        entities=stored.entities, at=stored.at, seen_at=stored.seen_at, voice=stored.publisher, vector=stored.vector,
    )  # fmt: skip
