"""All stored posts grouped again in memory, in the order in which they came, with the code that does it live.

Where this gives other groups than live did: posts that are gone or pruned by now take no part, edited ones come with
their newest version, topics, copies and rules are those of today.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from aggregator.engine.rebuild.stored import story_post_of
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.changes import EarlierLink, Membership
from aggregator.model.post import MOST_OLDER, OlderStory
from aggregator.model.settings import Stories
from aggregator.storage.stored_posts import SavedPost
from aggregator.stories.assign import Linked, place, sharing_link
from aggregator.stories.earlier import earlier_links
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.words import CHARACTERS

if TYPE_CHECKING:
    from aggregator.stories.embeddings import Sketches


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


class Regrouping:
    """The posts taken in so far. `placed`: the posts that an editor put somewhere, each with the post it goes with.

    `sketches`: none yet, where stories are found by embedding too.
    """

    def __init__(self, settings: Stories, placed: Mapping[int, int], sketches: Sketches | None = None) -> None:
        self._settings = settings
        self._placed = placed
        self._group_of_placed: dict[int, int] = {}
        self._successors: dict[int, int] = {}
        self._next_group = 1
        self._index = StoryIndex(settings.window, settings.threshold, sketches)
        self._groups: dict[int, Group] = {}
        self._group_of: dict[int, int] = {}
        self._at_link: dict[str, Linked] = {}
        self._pointing_at: dict[str, Linked] = {}
        self._older: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MOST_OLDER))
        self.links: list[EarlierLink] = []

    def groups(self) -> list[Group]:
        """All groups, in the order in which they started."""
        return list(self._groups.values())

    def take(self, batch: Sequence[SavedPost], vectors: Mapping[int, bytes]) -> dict[int, Mapping[str, float]]:
        """Take in the next posts, oldest first, with the `vectors` of their embeddings. Gives the term weights of each.

        As live, what was forgotten by a post's arrival plays no part, and each hour stories are looked at again.
        """
        words: dict[int, Mapping[str, float]] = {}
        for seen_at, together in groupby(batch, key=lambda saved: saved.seen_at):
            self.reconsider(seen_at)
            self._index.forget(seen_at - MEMORY_WINDOWS * self._settings.window)
            overlay = Overlay(self._index)
            for saved in together:
                words[saved.id] = self._take(saved, vectors.get(saved.id), overlay)
            self._index.accept(overlay)
        return words

    def reconsider(self, now: datetime) -> None:
        """Second thoughts on what came since the last time, if the hour for it has come."""
        since, hour = pending(self._index.arrivals, now), self._index.arrivals.full_hour()
        if since is None or hour is None:
            return
        self._index.forget(hour - MEMORY_WINDOWS * self._settings.window)
        overlay = Overlay(self._index)
        fixed = frozenset(map(self._now, self._group_of_placed.values()))
        for merge in second_thoughts(overlay, since, fixed):
            self._successors[merge.story_id] = merge.into
            gone, group = self._groups.pop(merge.story_id), self._groups[merge.into]
            because = Membership(merge.into, merge.because, merge.similarity)
            group.members.update(dict.fromkeys(gone.members, because))
            group.first_at, group.last_at = min(group.first_at, gone.first_at), max(group.last_at, gone.last_at)
        self._index.accept(overlay)
        links = (
            replace(link, story_id=self._now(link.story_id), earlier_story_id=self._now(link.earlier_story_id))
            for link in self.links
        )
        self.links = [link for link in links if link.story_id != link.earlier_story_id]

    def _take(self, saved: SavedPost, embedding: bytes | None, overlay: Overlay) -> Mapping[str, float]:
        post = story_post_of(saved, embedding)
        anchor = self._placed.get(saved.id)
        copied = self._group_of.get(saved.copy_of.post_id) if saved.copy_of else None
        placement = place(
            post,
            overlay,
            by_hand=anchor is not None,
            story_by_hand=None if anchor is None else self._now_or_none(self._group_of_placed.get(anchor)),
            copy_of=saved.copy_of,
            story_of_original=self._now_or_none(copied),
            linked=self._sharing_link(saved),
            new_story_id=self._next_group,
        )
        if anchor is not None:
            self._group_of_placed.setdefault(anchor, placement.membership.story_id)
        self._note(saved, post, placement.membership, placement.story)
        if placement.is_new and placement.story:
            self._next_group += 1
            self.links.extend(earlier_links(placement.story, post, overlay, self._older_groups(post)))
            for entity in post.entities:
                self._older[entity].append(placement.story.id)
        return overlay.words(post)

    def _now(self, group_id: int) -> int:
        """The group that took this one over, or itself."""
        while group_id in self._successors:
            group_id = self._successors[group_id]
        return group_id

    def _now_or_none(self, group_id: int | None) -> int | None:
        return None if group_id is None else self._now(group_id)

    def _note(self, saved: SavedPost, post: StoryPost, membership: Membership, story: Story | None) -> None:
        group = self._groups.get(membership.story_id)
        if group is None:
            group = self._groups[membership.story_id] = Group(
                membership.story_id, post.title, post.post_id, post.language, post.at, post.at,
                text=saved.post.text[:CHARACTERS], entities=post.entities,
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
        found = sharing_link(
            saved.article_key,
            saved.post.canonical_url,
            at_link=lambda url: _known(self._at_link.get(url)),
            pointing_at=lambda url: _known(self._pointing_at.get(url)),
        )
        return Linked(found.post_id, self._now(found.story_id)) if found else None

    def _older_groups(self, post: StoryPost) -> Iterable[OlderStory]:
        met: set[int] = set()
        for entity in sorted(post.entities):
            for group_id in map(self._now, reversed(self._older[entity])):
                if group_id not in met:
                    met.add(group_id)
                    group = self._groups[group_id]
                    yield OlderStory(
                        id=group.id, title=group.title, text=group.text, language=group.language,
                        first_at=group.first_at, last_at=group.last_at, entities=group.entities,
                    )  # fmt: skip


def _known(linked: Linked | None) -> tuple[Linked, ...]:
    return (linked,) if linked else ()
