"""One `[[digest]]` of one day: what it tells, as it was chosen, and as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aggregator.model.outbox import Told
from aggregator.model.site import ShownPost, ShownStory, Voice, first_of_each, voices_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """A story that a digest tells. `posts`: the ids of those that are news to its readers. `told`: what they were told
    of it before, None at the first time."""

    story_id: int
    posts: frozenset[int]
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a digest tells, as it was chosen at `at`, best first.

    `seq`: the last change that was looked at; `since`: from when on it tells. `left_out`: how many stories found no
    room. `lost`: changes that it should have looked at are not kept any more.
    """

    target: str
    day: date
    at: datetime
    seq: int
    picked: tuple[Picked, ...]
    left_out: int = 0
    since: datetime | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStory:
    """A story in a digest. `news`: the posts of it that are news to its readers, the oldest first. `known_at`: when
    they could know the story last, None where it is new to them; `was_told`: this digest told them of it then."""

    story: ShownStory
    news: tuple[ShownPost, ...]
    known_at: datetime | None = None
    was_told: bool = False

    @property
    def speakers(self) -> list[Voice]:
        """Who brings the news, in order of arrival."""
        return [post.voice for post in first_of_each(self.news)]

    @property
    def is_line(self) -> bool:
        """Is there no more to tell of it than a line? One voice tells it, and nothing came before."""
        return voices_of(self.story.posts) < 2 and self.known_at is None and not self.story.earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A digest of a day, ready to be shown."""

    name: str
    day: date
    at: datetime
    stories: Sequence[DigestStory]
    since: datetime | None = None
    left_out: int = 0
    is_test: bool = False


def told_in(picked: Picked, story: ShownStory, at: datetime) -> DigestStory | None:
    """The story as a digest that was chosen at `at` tells it; None where nothing is left of what was news."""
    news = tuple(post for post in story.speaking if post.id in picked.posts)
    if not news:
        return None
    if picked.told:
        return DigestStory(story=story, news=news, known_at=picked.told.at, was_told=True)
    before = [post.seen_at for post in story.speaking if post.id not in picked.posts and post.seen_at <= at]
    return DigestStory(story=story, news=news, known_at=max(before, default=None))


def widest_first(stories: Iterable[ShownStory]) -> list[ShownStory]:
    """In the order of the pages of days: what several voices tell first, the widest carried before others, of these
    the newest."""
    return sorted(
        stories,
        key=lambda story: (
            voices_of(story.posts) < 2, -len(story.publishers), -len(story.people), -story.last_at.timestamp(), story.id
        ),
    )  # fmt: skip
