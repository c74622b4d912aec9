"""Grouping all stored posts anew, with the code that groups them live, and keeping the stories' ids.

First all posts are taken in again, in the order in which they came, which gives *groups*. Then each group gets
the id of the stored story that has most of its posts, largest overlap first; a story that no group was given to points
at the one that took most of its posts over. The groups are written in short transactions, only where they differ.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from aggregator.engine.embed import fill_in
from aggregator.engine.rebuild.grouping import Group, Regrouping
from aggregator.engine.rebuild.progress import Progress, Rebuilt
from aggregator.model.changes import StoryHead
from aggregator.model.embedding import Encoder
from aggregator.model.settings import Stories
from aggregator.storage.arrival import Arrival, all_as_they_came, load_arrival
from aggregator.storage.corrections import load_placed
from aggregator.storage.database import Database
from aggregator.storage.embeddings import load_vectors
from aggregator.storage.ids import next_id
from aggregator.storage.open_stories import save_words
from aggregator.storage.stored_posts import load_posts
from aggregator.storage.stories import give_up_story, load_story_of_posts, replace_links, save_group
from aggregator.storage.words.older_stories import load_leads, posts_before
from aggregator.storage.words.packed import pack_words
from aggregator.stories.encoder import sketches_for

# Posts read at once, and stories written in one transaction.
_BATCH = 500
_GROUPS_AT_ONCE = 100


def rebuild_stories(
    database: Database, settings: Stories, now: datetime, progress: Progress, encoder: Encoder | None = None
) -> Rebuilt:
    """Group every stored post anew; how many stories changed, were made or were given up.

    `encoder`: the model whose vectors count; posts without one of it get it first.
    """
    if encoder:
        fill_in(database, encoder, settings.window)
    arrival = load_arrival(database.conn)
    regrouping = _regrouping(database, settings, arrival, encoder)
    posts = 0
    for page in all_as_they_came(database.conn, _BATCH):
        # Those that wait for their stories get them from the daemon.
        saved_posts = (each for each in load_posts(database.conn, page) if each.story_id is not None)
        batch = [replace(each, seen_at=arrival.at(each.id, each.seen_at)) for each in saved_posts]
        vectors = load_vectors(database.conn, encoder, [saved.id for saved in batch]) if encoder else {}
        words = regrouping.take(batch, vectors)
        differing = {
            saved.id: words[saved.id] for saved in batch if saved.words not in (None, pack_words(words[saved.id]))
        }
        if differing:
            with database.write():
                save_words(database.conn, differing.items())
        posts += len(batch)
        progress(len(batch))
    regrouping.reconsider(now)
    groups = regrouping.groups()
    story_of = load_story_of_posts(database.conn)
    ids = match_stories(groups, story_of)
    changed = _save_groups(database, groups, ids, now)
    changed += _give_up_stories(database, groups, ids, story_of, now)
    with database.write():
        links = (
            replace(link, story_id=ids[link.story_id], earlier_story_id=ids[link.earlier_story_id])
            for link in regrouping.links
        )
        replace_links(database.conn, links, now)
    return Rebuilt(posts, changed)


def _regrouping(database: Database, settings: Stories, arrival: Arrival, encoder: Encoder | None) -> Regrouping:
    model = (encoder.model, encoder.version) if encoder else None
    return Regrouping(
        settings,
        load_placed(database.conn),
        arrival.first_of,
        partial(posts_before, database.conn),
        partial(load_leads, database.conn, model=model),
        sketches_for(encoder),
    )


def match_stories(groups: Sequence[Group], story_of: Mapping[int, int]) -> dict[int, int]:
    """Group id → id of the stored story with most of its posts, each story once, the largest overlap first.

    Groups without one are missing.
    """
    overlaps: Counter[tuple[int, int]] = Counter()
    for group in groups:
        overlaps.update((group.id, story_of[post_id]) for post_id in group.members if post_id in story_of)
    ids: dict[int, int] = {}
    taken: set[int] = set()
    for (group_id, story_id), _ in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if group_id not in ids and story_id not in taken:
            ids[group_id] = story_id
            taken.add(story_id)
    return ids


def _save_groups(database: Database, groups: Sequence[Group], ids: dict[int, int], now: datetime) -> int:
    """Write the groups; those without a stored story get new ids, which are added to `ids`."""
    changed = 0
    for start in range(0, len(groups), _GROUPS_AT_ONCE):
        with database.write():
            for group in groups[start : start + _GROUPS_AT_ONCE]:
                is_new = group.id not in ids
                story_id = ids.setdefault(group.id, next_id(database.conn, "stories") if is_new else 0)
                head = StoryHead(
                    id=story_id, title=group.title, lead_post_id=group.lead_post_id, language=group.language,
                    at=group.first_at, is_new=is_new,
                )  # fmt: skip
                members = {post_id: replace(m, story_id=story_id) for post_id, m in group.members.items()}
                changed += save_group(database.conn, head, members, now)
    return changed


def _give_up_stories(
    database: Database, groups: Sequence[Group], ids: Mapping[int, int], story_of: Mapping[int, int], now: datetime
) -> int:
    """Stories that no group was given to point at the one that has most of their posts now."""
    successors: dict[int, Counter[int]] = defaultdict(Counter)
    kept = set(ids.values())
    for group in groups:
        for post_id in group.members:
            if post_id in story_of and story_of[post_id] not in kept:
                successors[story_of[post_id]][ids[group.id]] += 1
    for story_id, counted in successors.items():
        with database.write():
            give_up_story(database.conn, story_id, min(counted, key=lambda each: (-counted[each], each)), now)
    return len(successors)
