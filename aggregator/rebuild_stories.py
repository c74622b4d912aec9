"""Grouping all stored posts anew, with the code that groups them live, and keeping the stories' ids.

First all posts are taken in again, in the order in which they were saved, which gives *groups*. Then each group gets
the id of the stored story that has most of its posts, largest overlap first; a story that no group was given to points
at the one that took most of its posts over. The groups are written in short transactions, only where they differ.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.changes import EarlierLink, Membership, StoryHead
from aggregator.coverage import earlier_links
from aggregator.decide import headline
from aggregator.memory import MEMORY_WINDOWS
from aggregator.model import OlderStory
from aggregator.placing import Linked, place
from aggregator.rebuild import Progress, Rebuilt
from aggregator.settings import Stories
from aggregator.storage.rework import SavedPost
from aggregator.storage.store import Store
from aggregator.stories import Story, StoryPost
from aggregator.story_index import StoryIndex
from aggregator.vectors import vector

# Posts read at once, and stories written in one transaction.
_PORTION = 500
_GROUPS_AT_ONCE = 100

# As many older stories for each entity as deciding live looks at.
_MOST_OLDER = 60

# As much text as comparing looks at.
_TEXT_CHARACTERS = 2400


def rebuild_stories(store: Store, settings: Stories, now: datetime, progress: Progress) -> Rebuilt:
    """Group every stored post anew; how many stories changed, were made or were given up."""
    regrouping = _Regrouping(settings)
    after = posts = 0
    while portion := store.load_saved_posts(after, _PORTION):
        regrouping.take(portion)
        after = portion[-1].id
        posts += len(portion)
        progress(len(portion))
    groups = regrouping.groups()
    story_of = store.load_story_of_posts()
    ids = match_stories(groups, story_of)
    changed = _save_groups(store, groups, ids, now)
    changed += _give_up_stories(store, groups, ids, story_of, now)
    with store.write():
        store.replace_links(
            replace(link, story_id=ids[link.story_id], earlier_story_id=ids[link.earlier_story_id])
            for link in regrouping.links
        )
    return Rebuilt(posts, changed)


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


def _save_groups(store: Store, groups: Sequence[Group], ids: dict[int, int], now: datetime) -> int:
    """Write the groups; those without a stored story get new ids, which are added to `ids`."""
    changed = 0
    for start in range(0, len(groups), _GROUPS_AT_ONCE):
        with store.write():
            for group in groups[start : start + _GROUPS_AT_ONCE]:
                is_new = group.id not in ids
                story_id = ids.setdefault(group.id, store.next_story_id() if is_new else 0)
                head = StoryHead(
                    id=story_id, title=group.title, lead_post_id=group.lead_post_id, language=group.language,
                    at=group.first_at, is_new=is_new,
                )  # fmt: skip
                members = {post_id: replace(m, story_id=story_id) for post_id, m in group.members.items()}
                changed += store.save_group(head, members, now)
    return changed


def _give_up_stories(
    store: Store, groups: Sequence[Group], ids: Mapping[int, int], story_of: Mapping[int, int], now: datetime
) -> int:
    """Stories that no group was given to point at the one that has most of their posts now."""
    successors: dict[int, Counter[int]] = defaultdict(Counter)
    kept = set(ids.values())
    for group in groups:
        for post_id in group.members:
            if post_id in story_of and story_of[post_id] not in kept:
                successors[story_of[post_id]][ids[group.id]] += 1
    for story_id, counted in successors.items():
        with store.write():
            store.save_merged(story_id, min(counted, key=lambda each: (-counted[each], each)), now)
    return len(successors)


@dataclass(slots=True)
class Group:
    """A story as found anew: its head, and why each post is in it."""

    id: int
    title: str
    lead_post_id: int
    language: str | None
    first_at: datetime
    last_at: datetime
    members: dict[int, Membership] = field(default_factory=dict)
    text: str = ""
    entities: frozenset[str] = frozenset()


class _Regrouping:
    """The posts taken in so far."""

    def __init__(self, settings: Stories) -> None:
        self._settings = settings
        self._index = StoryIndex(settings.window, settings.threshold)
        self._groups: dict[int, Group] = {}
        self._group_of: dict[int, int] = {}
        self._at_link: dict[str, Linked] = {}
        self._pointing_at: dict[str, Linked] = {}
        self._older: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_MOST_OLDER))
        self.links: list[EarlierLink] = []

    def groups(self) -> list[Group]:
        """All groups, in the order in which they started."""
        return list(self._groups.values())

    def take(self, portion: Sequence[SavedPost]) -> None:
        """Take in the next posts, oldest first."""
        before = portion[-1].seen_at - MEMORY_WINDOWS * self._settings.window
        draft = self._index.draft(before)
        for saved in portion:
            post = _story_post(saved)
            placement = place(
                post,
                draft,
                copy_of=saved.copy_of,
                story_of_original=self._group_of.get(saved.copy_of.post_id) if saved.copy_of else None,
                linked=self._sharing_link(saved),
                new_story_id=len(self._groups) + 1,
            )
            self._note(saved, post, placement.membership, placement.story)
            if placement.is_new and placement.story:
                self.links.extend(earlier_links(placement.story, post, draft, self._older_groups(post)))
                for entity in post.entities:
                    self._older[entity].append(placement.story.id)
        self._index.accept(draft)
        self._index.forget(before)

    def _note(self, saved: SavedPost, post: StoryPost, membership: Membership, story: Story | None) -> None:
        group = self._groups.get(membership.story_id)
        if group is None:
            group = self._groups[membership.story_id] = Group(
                membership.story_id, post.title, post.post_id, post.language, post.at, post.at,
                text=saved.post.text[:_TEXT_CHARACTERS], entities=post.entities,
            )  # fmt: skip
        group.members[saved.id] = membership
        self._group_of[saved.id] = group.id
        if story:
            group.title, group.lead_post_id, group.language = story.title, story.lead_post_id, story.language
            group.first_at, group.last_at = story.first_at, story.last_at
        if saved.post.canonical_url:
            self._at_link.setdefault(saved.post.canonical_url, Linked(saved.id, group.id))
        if saved.article_key:
            self._pointing_at.setdefault(saved.article_key, Linked(saved.id, group.id))

    def _sharing_link(self, saved: SavedPost) -> Linked | None:
        """As `decide` looks for it: the page it points at, what points at the same page, what points at it."""
        page, own = saved.article_key, saved.post.canonical_url
        found = (page and self._at_link.get(page)) or (page and self._pointing_at.get(page))
        return found or (self._pointing_at.get(own) if own else None) or None

    def _older_groups(self, post: StoryPost) -> Iterable[OlderStory]:
        met: set[int] = set()
        for entity in sorted(post.entities):
            for group_id in reversed(self._older[entity]):
                if group_id not in met:
                    met.add(group_id)
                    group = self._groups[group_id]
                    yield OlderStory(
                        id=group.id, title=group.title, text=group.text, language=group.language,
                        first_at=group.first_at, last_at=group.last_at, entities=group.entities,
                    )  # fmt: skip


def _story_post(saved: SavedPost) -> StoryPost:
    post = saved.post
    return StoryPost(
        post_id=saved.id,
        source_id=saved.source_id,
        title=headline(post.title, post.text, post.url),
        language=saved.language,
        terms=vector(post.title, post.text, saved.language),
        entities=saved.entities,
        at=post.published_at or saved.seen_at,
        is_article=post.kind == "article",
        voice=saved.publisher,
    )
