"""The stories of posts that waited for them, as `aggregator.pipeline.decide` decides those of posts that come. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from aggregator.dedupe.verdict import New
from aggregator.model.changes import CopyOf, Grouped, Membership
from aggregator.model.post import MOST_OLDER, EnrichedPost, Neighbours, OlderStory
from aggregator.pipeline.decide import Decider, Settings
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.words import CHARACTERS


class OlderStories:
    """The stories that one which begins now may continue: the newest `MOST_OLDER` about each entity.

    Kept while posts that wait are decided, since the newest can't be told by ids then.
    """

    def __init__(self) -> None:
        self._about: dict[str, deque[int]] = {}
        self._stories: dict[int, OlderStory] = {}

    def knows(self, entity: str) -> bool:
        """Was it begun with this one?"""
        return entity in self._about

    def begin(self, entity: str, stories: Iterable[OlderStory]) -> None:
        """The stories about an entity that are stored, the newest first."""
        newest = list(islice(stories, MOST_OLDER))
        self._about[entity] = deque((story.id for story in reversed(newest)), maxlen=MOST_OLDER)
        for story in newest:
            self._stories.setdefault(story.id, story)

    def about(self, entities: Iterable[str]) -> tuple[OlderStory, ...]:
        """The stories about one of these entities."""
        ids = {story_id for entity in entities for story_id in self._about.get(entity, ())}
        return tuple(self._stories[story_id] for story_id in sorted(ids))

    def note(self, story: Story, post: StoryPost, text: str, *, is_new: bool) -> None:
        """A post of this text came to a story."""
        if is_new:
            for entity in post.entities:
                self._about.setdefault(entity, deque(maxlen=MOST_OLDER)).append(story.id)
        elif story.id not in self._stories:
            return
        held = self._stories.get(story.id)
        leads = held is None or story.lead_post_id == post.post_id
        self._stories[story.id] = OlderStory(
            id=story.id, title=story.title, text=text[:CHARACTERS] if leads or held is None else held.text,
            language=story.language, first_at=story.first_at, last_at=story.last_at,
            entities=post.entities if leads or held is None else held.entities,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored post that waits for its story; `copy_of` as it is stored."""

    enriched: EnrichedPost
    post: StoryPost
    copy_of: CopyOf | None


def decide_stories(
    waiting: Sequence[Waiting],
    neighbours: Neighbours,
    stories: Overlay,
    older: OlderStories,
    settings: Settings,
    now: datetime,
) -> Grouped:
    """The stories of these, one after the other: later ones see the earlier. The posts are among the `neighbours`.

    `older` takes in what begins.
    """
    grouper = _Grouper(neighbours, stories, settings, now)
    return grouper.grouped([grouper.take_waiting(each, older) for each in waiting])


class _Placed(NamedTuple):
    """`copy_of`: where the stories told that it is one."""

    post_id: int
    membership: Membership
    words: Mapping[str, float]
    copy_of: CopyOf | None


class _Grouper(Decider):
    """Decides on stories alone."""

    def take_waiting(self, waiting: Waiting, older: OlderStories) -> _Placed:
        post_id, first_new = waiting.post.post_id, self._next_story_id
        self._older = older.about(waiting.post.entities)
        copy_of, membership, words = self._decide_story(waiting.post, waiting.enriched, New("", waiting.copy_of))
        if story := self._stories.story(membership.story_id):
            text = waiting.enriched.post.text
            older.note(story, waiting.post, text, is_new=membership.story_id == first_new)
        self._candidates.move(post_id, membership.story_id)
        if copy_of and not waiting.copy_of:
            self._candidates.make_copy(post_id, copy_of.post_id)
        return _Placed(post_id, membership, words, None if waiting.copy_of else copy_of)

    def grouped(self, placed: Sequence[_Placed]) -> Grouped:
        return Grouped(
            memberships=tuple((each.post_id, each.membership) for each in placed),
            words={each.post_id: each.words for each in placed},
            copies=tuple((each.post_id, each.copy_of) for each in placed if each.copy_of),
            stories=tuple(self._out.heads.values()),
            links=tuple(self._out.links),
        )
