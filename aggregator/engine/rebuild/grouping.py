"""All stored posts grouped again in memory, in the order in which they came, with the code that does it live.

Where this gives other groups than live did: posts that are gone or pruned by now take no part, edited ones come with
their newest version, topics, copies and rules are those of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from aggregator.engine.rebuild.stored import story_post_of
from aggregator.engine.story_index import MEMORY_WINDOWS
from aggregator.model.changes import EarlierLink, Membership
from aggregator.model.post import OlderStory
from aggregator.model.settings import Stories
from aggregator.storage.stored_posts import SavedPost
from aggregator.stories.assign import Linked, place, sharing_link
from aggregator.stories.earlier.keys import Key, Rarity, keys_of
from aggregator.stories.earlier.links import earlier_links, is_second_voice
from aggregator.stories.earlier.recent import MOST_COMPARED, RecentStories
from aggregator.stories.earlier.telling import LEAD_CHARACTERS
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.headline import told

if TYPE_CHECKING:
    from aggregator.stories.embeddings import Sketches


@dataclass(slots=True)
class Group:
    """A story as found anew: its head, and why each post is in it. `sole_publisher`: whose it is, if of one alone."""

    id: int
    title: str
    lead_post_id: int
    language: str | None
    first_at: datetime
    last_at: datetime
    sole_publisher: str | None = None
    members: dict[int, Membership] = field(default_factory=dict)


class Regrouping:
    """The posts taken in so far. `placed`: the posts that an editor put somewhere, each with the post it goes with.

    `first_of`: the first of the posts that came together with one, in a first poll; else that itself. `older`: gives,
    for a post and keys, the stored posts before it that most of them lead to; `leads`, for posts, what they would be
    compared by as leads of stories. `sketches`: none yet, where stories are found by embedding too.
    """

    def __init__(
        self,
        settings: Stories,
        placed: Mapping[int, int],
        first_of: Callable[[int], int],
        older: Callable[[int, Sequence[Key]], Sequence[int]],
        leads: Callable[[Sequence[int]], Mapping[int, OlderStory]],
        sketches: Sketches | None = None,
    ) -> None:
        self._settings = settings
        self._first_of, self._older_posts, self._leads = first_of, older, leads
        self._recent, self._first = RecentStories(), 0
        self._placed = placed
        self._group_of_placed: dict[int, int] = {}
        self._successors: dict[int, int] = {}
        self._next_group = 1
        self._index = StoryIndex(settings.window, settings.threshold, sketches)
        self._groups: dict[int, Group] = {}
        self._group_of: dict[int, int] = {}
        self._at_link: dict[str, Linked] = {}
        self._pointing_at: dict[str, Linked] = {}
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
            if group.sole_publisher != gone.sole_publisher:
                group.sole_publisher = None
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
        if placement.story and (placement.is_new or is_second_voice(placement.story)):
            self._link(placement.story, saved, post, embedding, overlay)
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
                membership.story_id, post.title, post.post_id, post.language, post.at, post.at, post.voice
            )
        elif group.sole_publisher != post.voice:
            group.sole_publisher = None
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

    def _link(self, story: Story, saved: SavedPost, post: StoryPost, embedding: bytes | None, overlay: Overlay) -> None:
        """Look for the earlier coverage of a group, as this post tells it, among those that are there."""
        _, text = told(saved.post.title, saved.post.text, saved.post.attached)
        started = OlderStory(
            id=story.id, title=post.title, text=text[:LEAD_CHARACTERS], language=post.language,
            first_at=story.first_at, last_at=story.last_at, entities=post.entities, vector=embedding,
            sole_publisher=self._groups[story.id].sole_publisher,
        )  # fmt: skip
        rarity = Rarity(overlay.rarity_now())
        keys = keys_of(post.title, post.terms, post.entities, rarity)
        first = self._first_of(saved.id)
        if first != self._first:  # as live: those that came together are looked up by themselves
            self._recent, self._first = RecentStories(), first
        found = self._older_posts(first, keys)
        told_by = self._leads(found)
        candidates: dict[int, OlderStory] = {}
        for post_id in found:
            group = self._groups.get(self._now(self._group_of.get(post_id, 0)))
            if group and group.id != story.id and post_id in told_by:
                older = replace(
                    told_by[post_id], id=group.id, first_at=group.first_at, last_at=group.last_at,
                    sole_publisher=group.sole_publisher,
                )  # fmt: skip
                candidates.setdefault(group.id, older)
        nearest = [*list(candidates.values())[:MOST_COMPARED], *self._recent_now(keys, story.id)]
        self.links.extend(earlier_links(started, nearest, rarity, overlay.habits, self._settings.earlier_within))
        self._recent.add(started)

    def _recent_now(self, keys: Sequence[Key], without: int) -> Iterator[OlderStory]:
        """Of those that came together, as the groups are now that hold them."""
        for recent in self._recent.near(keys):
            group = self._groups[self._now(recent.id)]
            if group.id != without:
                yield replace(recent, id=group.id, sole_publisher=group.sole_publisher)


def _known(linked: Linked | None) -> tuple[Linked, ...]:
    return (linked,) if linked else ()
