"""What deciding wants written, as frozen dataclasses: the way from `decide` to `storage`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from aggregator.model.poll import Collected
from aggregator.model.post import Enclosure, EnrichedPost
from aggregator.model.source import SourceMemory, SourceStatus
from aggregator.model.timelines import GoneBecause


@dataclass(frozen=True, slots=True)
class CopyOf:
    """This post duplicates post `post_id`: why, and how sure that is (0..1)."""

    post_id: int
    because: str
    score: float


@dataclass(frozen=True, slots=True)
class Membership:
    """A post belongs to story `story_id`: why, and how sure that is (0..1)."""

    story_id: int
    because: str
    score: float


EarlierKind = Literal["continues", "background"]
"""What older coverage is to a story: what it goes on with, or another matter of its main actor."""


@dataclass(frozen=True, slots=True)
class EarlierLink:
    """The older `earlier_story_id` is earlier coverage of story `story_id`: of which kind, how sure that is (0..1), and
    why."""

    story_id: int
    earlier_story_id: int
    similarity: float
    because: str
    kind: EarlierKind = "continues"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A post to insert under `id`. `words`: its term weights among the stories, see `aggregator.stories.overlay`.

    `membership` None: it waits for its story, with the others of a first poll. `by_token`: it was seen with an access
    token or another secret. `by_first_poll`: as of a sighting. `said`: the digest of its entry, as in `Said`.
    """

    id: int
    source_id: int
    enriched: EnrichedPost
    first_seen_at: datetime
    copy_of: CopyOf | None
    membership: Membership | None
    words: Mapping[str, float]
    by_token: bool = False
    by_first_poll: bool = False
    said: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A tombstone becomes a post again: what it copies by now, its story, and its term weights among the stories."""

    copy_of: CopyOf | None
    story_id: int | None
    words: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateWords:
    """What came with a stored post came later than it: its story, its term weights among the stories, and where that
    story, of this post alone, turns out to belong; None: it stays."""

    story_id: int
    words: Mapping[str, float]
    membership: Membership | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPost:
    """A stored post whose source has a newer version; the old one is kept as a revision.

    `headline`: what the story is called from now on, if the post leads it. `is_said`: its author changed it. Otherwise
    the server found out more, and there is no revision. `back`: it was gone and is shown again. `late`: a card, a link
    or a quote came to it.
    """

    id: int
    enriched: EnrichedPost
    seen_at: datetime
    headline: str
    is_said: bool = True
    back: Back | None = None
    late: LateWords | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """The enclosures that a stored post has now, where nothing else of it is new."""

    post_id: int
    enclosures: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The newest counts of a stored status, and what its author's account says of itself, which no edit tells.

    None: not known now, what is stored stays.
    """

    post_id: int
    boosts: int | None
    favourites: int | None
    replies: int | None
    bot: bool | None = None
    indexable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A stored post was seen in a source where it had not been seen under this native id.

    `by_token`: with an access token or another secret. `by_first_poll`: as what was there before the source was polled.
    """

    source_id: int
    native_id: str
    post_id: int
    seen_at: datetime
    by_token: bool = False
    by_first_poll: bool = False


class Said(NamedTuple):
    """A post was taken in as its source's entry has it: to do so again would change nothing. `digest`: of the entry."""

    source_id: int
    native_id: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredPost:
    """A post that is not stored: `filter` of the user's kept it out, and why."""

    source_id: int
    native_id: str
    title: str
    url: str | None
    filter: str
    because: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryHead:
    """The head of a new or changed story; its counts and times follow from its posts."""

    id: int
    title: str
    lead_post_id: int
    language: str | None
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledSource:
    """How the poll of one source ended, and when it is due again. `status` None: it stays as it was."""

    collected: Collected
    status: SourceStatus | None
    memory: SourceMemory
    next_poll_at: datetime
    new: int = 0
    edited: int = 0
    copies: int = 0
    filtered: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that a batch of polls wants written, in one transaction.

    `unquoted`: ids of stored posts that are to lose the words of what they quote.
    `gone`: ids of posts that were deleted, and why; `empties_gone`: their texts go too.
    """

    now: datetime
    new: tuple[NewPost, ...] = ()
    edited: tuple[EditedPost, ...] = ()
    counts: tuple[Counts, ...] = ()
    files: tuple[Files, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    said: tuple[Said, ...] = ()
    became_copies: tuple[tuple[int, CopyOf], ...] = ()
    unquoted: tuple[int, ...] = ()
    stories: tuple[StoryHead, ...] = ()
    links: tuple[EarlierLink, ...] = ()
    filtered: tuple[FilteredPost, ...] = ()
    polled: tuple[PolledSource, ...] = ()
    gone: Mapping[int, GoneBecause] = field(default_factory=dict)
    empties_gone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The stories of posts that waited for them: post → story, in their order, and its term weights among the stories.

    `copies`: those that turned out to be copies, as only the stories could tell.
    """

    memberships: tuple[tuple[int, Membership], ...]
    words: Mapping[int, Mapping[str, float]]
    copies: tuple[tuple[int, CopyOf], ...]
    stories: tuple[StoryHead, ...]
    links: tuple[EarlierLink, ...]
