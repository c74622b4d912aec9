"""The stories of posts that waited for them, as `aggregator.pipeline.decide` decides those of posts that come. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.verdict import New
from aggregator.model.changes import CopyOf, Grouped, Membership
from aggregator.model.post import EnrichedPost, Neighbours
from aggregator.pipeline.decide import Settings
from aggregator.pipeline.placing import Older, Placing
from aggregator.stories.earlier.recent import RecentStories
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import StoryPost


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
    older: Older,
    recent: RecentStories,
    settings: Settings,
) -> Grouped:
    """The stories of these, one after the other: later ones see the earlier. The posts are among the `neighbours`.

    `older`: what may be earlier coverage, of the stories that were there before these posts came. `recent` has those
    that began since, and takes in what begins.
    """
    candidates = Candidates(neighbours)
    placing = Placing(candidates, stories, neighbours.next_story_id, settings.earlier_within, recent)
    placed = [_place(placing, each, older) for each in waiting]
    return Grouped(
        memberships=tuple((each.post_id, each.membership) for each in placed),
        words={each.post_id: each.words for each in placed},
        copies=tuple((each.post_id, each.copy_of) for each in placed if each.copy_of),
        stories=tuple(placing.heads.values()),
        links=tuple(placing.links),
    )


class _Placed(NamedTuple):
    """`copy_of`: where the stories told that it is one."""

    post_id: int
    membership: Membership
    words: Mapping[str, float]
    copy_of: CopyOf | None


def _place(placing: Placing, waiting: Waiting, older: Older) -> _Placed:
    post_id = waiting.post.post_id
    copy_of, membership, words = placing.decide(waiting.post, waiting.enriched, New("", waiting.copy_of), older)
    placing.candidates.move(post_id, membership.story_id)
    if copy_of and not waiting.copy_of:
        placing.candidates.make_copy(post_id, copy_of.post_id)
    return _Placed(post_id, membership, words, None if waiting.copy_of else copy_of)
