"""What a reader is shown: stories, posts, topics and sources as the site and the feeds out tell of them.

Rows that `aggregator.storage` has read, already without what must not be shown: posts that are gone, or that only an
access token shows where the configuration does not say that they may be; the words and names of people who did not
agree, unless the configuration says so. What is here may be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from aggregator.model.brief import Brief
from aggregator.model.changes import EarlierKind
from aggregator.model.post import PostKind


class ShownTopic(NamedTuple):
    """A topic or an entity. `kind` is "topic", or what an entity is: "company", "lab", "person", …"""

    topic: str
    label: str
    kind: str

    @property
    def is_entity(self) -> bool:
        """Is it somebody or something, not a subject?"""
        return self.kind != "topic"


class Voice(NamedTuple):
    """Who speaks. `name` is what readers know them by: a paper's name, or `@name` of a person.

    `key` tells voices apart: the host of a publisher, `name@server` of a person.
    """

    key: str
    name: str
    is_person: bool
    language: str | None = None


class Said(NamedTuple):
    """What a post was called until it was edited at `until`."""

    until: datetime
    title: str


# What a source tells of when a post was published.
Dated = Literal["never", "day", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """A post of a story. `text` has the beginning, as plain text; of a status all that it says.

    `at` is its time as readers order posts; `seen_at` when this program saw it first. `because`: why it is in its
    story. `copy_of`: the id of the post it repeats. `content_warning`: what is folded behind these words. `agreed`
    is False where its author did not agree to be found, and is shown only since the configuration says so.
    `boosts`, `replies`: how often it was boosted and answered, 0 where that is not told. `before`: earlier titles, the
    oldest first. `topics`: slugs, with how sure that is, 0..1. `dated`: what its source tells of `at`: nothing, so that
    it is `seen_at`; its day alone; its time, too.
    """

    id: int
    kind: PostKind
    at: datetime
    seen_at: datetime
    title: str
    text: str
    url: str | None
    article_url: str | None
    author: str | None
    voice: Voice
    language: str | None
    because: str
    copy_of: int | None = None
    content_warning: str | None = None
    agreed: bool = True
    boosts: int = 0
    replies: int = 0
    edited_at: datetime | None = None
    before: tuple[Said, ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    dated: Dated = "time"

    @property
    def is_copy(self) -> bool:
        """Does it repeat another post?"""
        return self.copy_of is not None


class StoryTopic(NamedTuple):
    """A topic of a story; `share` of its posts that have it, 0..1."""

    topic: ShownTopic
    share: float


def shared_topics(posts: Sequence[ShownPost], known: Mapping[str, ShownTopic]) -> tuple[StoryTopic, ...]:
    """The topics of a story of these posts: entities first, then subjects, of each the widest shared first."""
    counts: dict[str, int] = {}
    best: dict[str, float] = {}
    for post in posts:
        for topic, score in post.topics:
            counts[topic] = counts.get(topic, 0) + 1
            best[topic] = max(score, best.get(topic, 0.0))
    found = [StoryTopic(known[topic], count / len(posts)) for topic, count in counts.items()]
    return tuple(
        sorted(found, key=lambda each: (not each.topic.is_entity, -each.share, -best[each.topic.topic], each.topic))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedStory:
    """A story that came before or after another one, and because of what they are linked.

    `slug` is None where it has no page of its own; `url` leads to its lead's article then.
    """

    id: int
    slug: str | None
    url: str | None
    title: str
    language: str | None
    at: datetime
    kind: EarlierKind
    similarity: float
    because: str
    lead: str
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStory:
    """A story with what may be shown of it; `posts` are the oldest first, copies included.

    `lead` is one of them. `topics`: entities first, then subjects, of each the widest shared first. `hidden_people`:
    how many people more speak of it who did not agree to be named. `has_page`: it is carried widely enough, or an
    editor wants it seen; else it is told in lists alone. `changed_at`: when what is told of it became other than it
    was. `score` is 0..1. `given_at`: when an editor gave it its title, None where that is its lead's. `brief`: what is
    stored of it in the site's language, without sentences that rest on what is not shown; None where nothing is.
    """

    id: int
    slug: str
    title: str
    language: str | None
    first_at: datetime
    last_at: datetime
    changed_at: datetime
    score: float
    pinned: bool
    has_page: bool
    lead: ShownPost
    posts: tuple[ShownPost, ...]
    topics: tuple[StoryTopic, ...] = ()
    earlier: tuple[LinkedStory, ...] = ()
    later: tuple[LinkedStory, ...] = ()
    hidden_people: int = 0
    given_at: datetime | None = None
    brief: Brief | None = None

    @property
    def originals(self) -> tuple[ShownPost, ...]:
        """Its posts without the copies."""
        return tuple(post for post in self.posts if not post.is_copy)

    @property
    def speaking(self) -> tuple[ShownPost, ...]:
        """The posts whose voices count: not statuses that only pass something on."""
        return _speaking(self.posts)

    @property
    def publishers(self) -> tuple[Voice, ...]:
        """Who carried it, in order of arrival: the first had it first. Who printed a copy carried it too."""
        return _voices(post for post in self.speaking if not post.voice.is_person)

    @property
    def people(self) -> tuple[Voice, ...]:
        """Which people speak of it in words of their own, in order of arrival."""
        return _voices(post for post in self.speaking if post.voice.is_person)

    @property
    def languages(self) -> tuple[str, ...]:
        """In which languages it is told, in order of arrival."""
        return tuple(dict.fromkeys(post.language for post in self.posts if post.language))

    @property
    def boosts(self) -> int:
        """How often its statuses were boosted."""
        return sum(post.boosts for post in self.posts)

    @property
    def is_noindex(self) -> bool:
        """Does somebody speak here who did not agree to be found by search engines?"""
        return not all(post.agreed for post in self.posts)


def voices_of(posts: Iterable[ShownPost]) -> int:
    """How many publishers and people tell a story of these posts."""
    return len({(post.voice.is_person, post.voice.key) for post in _speaking(posts)})


def _speaking(posts: Iterable[ShownPost]) -> tuple[ShownPost, ...]:
    return tuple([post for post in posts if post.copy_of is None or not post.voice.is_person])


def first_of_each(posts: Iterable[ShownPost]) -> list[ShownPost]:
    """The first of these posts of each voice."""
    found: dict[str, ShownPost] = {}
    for post in posts:
        found.setdefault(post.voice.key, post)
    return list(found.values())


def _voices(posts: Iterable[ShownPost]) -> tuple[Voice, ...]:
    return tuple([post.voice for post in first_of_each(posts)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSource:
    """A source and its state in words. `week`: times of its posts of seven days.

    `url`, `site_url` and addresses in `name` and `trouble` are such as anybody may be told: `url` is None where a
    password or a key is in it. `folder`: the path of the folder that the configuration sorts it into.
    """

    id: int
    kind: str
    name: str
    url: str | None
    site_url: str | None
    status: str
    trouble: str | None
    last_success_at: datetime | None
    newest_at: datetime | None
    post_count: int
    week: tuple[datetime, ...] = ()
    folder: str | None = None


class Rising(NamedTuple):
    """A topic with more posts in seven days than in a usual week of the four before."""

    topic: ShownTopic
    week: int
    usual: float


class TopicCount(NamedTuple):
    """A topic and how many stories of the last seven days have it."""

    topic: ShownTopic
    stories: int


class TopicWeek(NamedTuple):
    """What a topic had in the last seven days, and how many posts a usual week of the four before."""

    topic: ShownTopic
    stories: int
    posts: int
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is, for the page that says how all is made. `since`: the first post."""

    posts: int
    copies: int
    stories: int
    sources: int
    topics: int
    since: date | None


class GoneStory(NamedTuple):
    """A story of which nothing is left to be shown, and since when: feeds out say so."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Redirect:
    """The address of a merged story, and the slug of the one that has its posts."""

    slug: str
    target: str


class Merged(NamedTuple):
    """A story that another one took over, and its old address."""

    id: int
    slug: str
    into: int
