"""Post + open stories → join one or start one.

A post joins the story that shares a link with it (decided by the caller, who knows the links), else the open story
whose centroid is nearest, if it is near enough; else it starts a story.

The centroid of a story is the sum of its posts' unit vectors: tf × idf over title and lead (`aggregator.vectors`). The
rarity of a word, idf = ln(1 + N / (1 + n)), is counted over the posts seen so far, never later ones; a post's vector is
weighed once, when it arrives. How near is measured beyond the strongest shared word, because all news about one company
share its name: on pairs of AI news read by hand that tells reports of one event from others better than the whole
cosine (precision .81 at recall .68, against .64 at .73). Most of it must stand in the post's title: feeds repeat their
footers in every text. `benchmarks/quality_stories.py` measures what all of this gives.

`StoryIndex` is the memory of the open stories. Nothing changes it but `accept`, called after the commit: a batch is
decided on a `Draft` laid over it. What is in memory follows from the posts in the order of their acceptance alone:
`Draft.restore` makes it again from stored posts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from aggregator.vectors import dot, shared_words, title_terms, weigh

# Changes whenever this code groups the same posts otherwise.
STORIES_VERSION = 1

# One feed seldom reports one event twice; its series and columns look alike. A hashtag has many authors.
_WITHIN_FEED = 1.2

# Each doubling of the different texts in a story (`Story.breadth`) lowers the bar by this part, down to the lowest:
# the more angles a story has been told from, the less a further report repeats of each.
_BREADTH_LOWERS = 0.25
_LOWEST_BAR = 0.5

# This part of the bar must be met by words of the post's title: what stands there is what happened.
_TITLE_PART = 0.75

# Until so many posts were seen, rarity says little, so all words start as if seen among so many.
_PRIOR_POSTS = 200

# A story that one of the last so many posts came to is kept whatever its age: the first polls bring months of old posts
# from one source after another.
_RECENT_POSTS = 3000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPost:
    """What grouping needs of a post. `terms` is the vector before rarity; `at` its time; `is_article` its kind."""

    post_id: int
    source_id: int
    title: str
    language: str | None
    terms: Mapping[str, float]
    entities: frozenset[str]
    at: datetime
    is_article: bool


@dataclass(slots=True, kw_only=True)
class Story:
    """An open story in memory.

    `vector` is the sum of its posts' unit vectors, `squared` its squared length; `posts` are those that have words.
    `serial` counts all posts ever: it is that of the latest one.
    """

    id: int
    title: str
    lead_post_id: int
    language: str | None
    lead_is_article: bool
    first_at: datetime
    last_at: datetime
    vector: dict[str, float] = field(default_factory=dict)
    squared: float = 0.0
    posts: int = 0
    source_ids: frozenset[int] = frozenset()
    entities: frozenset[str] = frozenset()
    serial: int = 0

    @property
    def length(self) -> float:
        """The length of its vector."""
        return math.sqrt(self.squared)

    @property
    def breadth(self) -> float:
        """How many different texts its posts amount to: 1 for copies of one text, `posts` if nothing is shared."""
        return self.posts * self.posts / self.squared if self.squared > 0 else 1.0

    def copy(self) -> Story:
        """A story that can be changed without changing this one."""
        return replace(self, vector=dict(self.vector))

    def add(self, post: StoryPost, vector: Mapping[str, float], window: timedelta) -> None:
        """Take a post in: its vector, time, source and entities; a first article becomes the lead."""
        self.squared += 2 * dot(vector, self.vector) + sum(weight * weight for weight in vector.values())
        for term, weight in vector.items():
            self.vector[term] = self.vector.get(term, 0.0) + weight
        if self.is_open(post.at, window):  # a copy dated last year does not open the story to last year's posts
            self.first_at, self.last_at = min(self.first_at, post.at), max(self.last_at, post.at)
        self.posts += bool(vector)
        self.source_ids |= {post.source_id}
        self.entities |= post.entities
        if post.is_article and not self.lead_is_article:
            self.title, self.lead_post_id, self.language = post.title, post.post_id, post.language
            self.lead_is_article = True

    def is_forgotten(self, before: datetime, posts: int) -> bool:
        """Is its last post older, and did none of the latest of so many posts come to it?"""
        return self.last_at < before and self.serial <= posts - _RECENT_POSTS

    def is_open(self, at: datetime, window: timedelta) -> bool:
        """Is this time near enough to the story's posts?"""
        return self.first_at - window <= at <= self.last_at + window


@dataclass(frozen=True, slots=True)
class Nearest:
    """The open story nearest to a post: how near beyond the strongest shared word (0..1), and what each word adds."""

    story: Story
    similarity: float
    shared: list[tuple[str, float]]

    @property
    def because(self) -> str:
        """The reason, readable by a person."""
        words = ", ".join(f"{word} {weight:.2f}" for word, weight in self.shared)
        return f"similar text ({self.similarity:.2f} beyond the first word): {words}"


class StoryIndex:
    """The open stories, searchable by word, and how often each word was seen.

    `window`: how far a post's time may be from a story's. `threshold`: the similarity (0..1) from which a post joins.
    """

    def __init__(self, window: timedelta, threshold: float) -> None:
        self.window = window
        self.threshold = threshold
        self.stories: dict[int, Story] = {}
        self.with_word: dict[str, set[int]] = {}
        self.about: dict[str, set[int]] = {}
        self.seen: Counter[str] = Counter()
        self.posts = 0

    def draft(self, before: datetime = _LONG_AGO) -> Draft:
        """A layer on which a batch is decided. It sees no story that `forget(before)` would drop."""
        return Draft(self, before)

    def accept(self, draft: Draft) -> None:
        """What the draft decided was committed: make it part of the memory."""
        self.posts += draft.posts
        self.seen.update(draft.seen)
        self.stories.update(draft.stories)
        for story in draft.stories.values():
            _index(self.with_word, story.vector, story.id)
            _index(self.about, story.entities, story.id)

    def forget(self, before: datetime) -> None:
        """Drop the stories whose last post is older, if none of the latest posts came to them."""
        for story in [story for story in self.stories.values() if story.is_forgotten(before, self.posts)]:
            del self.stories[story.id]
            _unindex(self.with_word, story.vector, story.id)
            _unindex(self.about, story.entities, story.id)


class Draft:
    """Changes to a `StoryIndex` that are not committed yet; sees its stories and its own."""

    def __init__(self, index: StoryIndex, before: datetime) -> None:
        self._memory, self._before = index, before
        self.stories: dict[int, Story] = {}
        self.with_word: dict[str, set[int]] = {}
        self.about: dict[str, set[int]] = {}
        self.seen: Counter[str] = Counter()
        self.posts = 0

    def rarity(self, word: str) -> float:
        """idf = ln(1 + N / (1 + n)) over the posts seen so far."""
        seen = self._memory.seen[word] + self.seen[word]
        return math.log(1 + (_PRIOR_POSTS + self._memory.posts + self.posts) / (1 + seen))

    def story(self, story_id: int) -> Story | None:
        """A story in memory, as this draft sees it."""
        story = self.stories.get(story_id) or self._memory.stories.get(story_id)
        return story if story and not story.is_forgotten(self._before, self._memory.posts + self.posts) else None

    def nearest(self, post: StoryPost) -> Nearest | None:
        """The open story that a post should join by its words, if any is near enough."""
        vector = weigh(post.terms, self.rarity)
        in_title = title_terms(post.title)
        title = {term: weight for term, weight in vector.items() if term in in_title}
        near = [
            (similarity, story)
            for story, similarity in self._alike(vector)
            if similarity >= (bar := self._bar(post, story))
            and story.is_open(post.at, self._memory.window)
            and dot(title, story.vector) / story.length >= bar * _TITLE_PART
        ]
        if not near:
            return None
        similarity, story = max(near, key=lambda found: (found[0], -found[1].id))
        shared = [(word, weight / story.length) for word, weight in shared_words(vector, story.vector)]
        return Nearest(story, round(min(similarity, 1.0), 3), shared)

    def start(self, story_id: int, post: StoryPost) -> Story:
        """A new story with this post as its lead."""
        story = Story(
            id=story_id, title=post.title, lead_post_id=post.post_id, language=post.language,
            lead_is_article=post.is_article, first_at=post.at, last_at=post.at,
        )  # fmt: skip
        self.stories[story_id] = story
        self._add(story, post)
        return story

    def join(self, story_id: int, post: StoryPost) -> Story | None:
        """Take a post into a story; None when that is not in memory any more: then its words are counted alone."""
        story = self._opened(story_id)
        self._add(story, post) if story else self._count(post)
        return story

    def restore(self, story_id: int, post: StoryPost) -> None:
        """Take in a stored post again; the first of a story starts it. In the order of acceptance, copies included."""
        is_first = story_id not in self.stories and story_id not in self._memory.stories
        self.start(story_id, post) if is_first else self.join(story_id, post)

    def open_stories_about(self, entities: frozenset[str]) -> Iterator[Story]:
        """The stories in memory that share one of the entities, by id."""
        return filter(None, map(self.story, sorted(_ids(entities, self._memory.about, self.about))))

    def _opened(self, story_id: int) -> Story | None:
        """A story in memory, as a copy that this draft may change."""
        story = self.story(story_id)
        if story and story_id not in self.stories:
            story = self.stories[story_id] = story.copy()
        return story

    def _add(self, story: Story, post: StoryPost) -> None:
        vector = weigh(post.terms, self.rarity)
        story.add(post, vector, self._memory.window)
        self._count(post)
        story.serial = self._memory.posts + self.posts
        _index(self.with_word, vector, story.id)
        _index(self.about, post.entities, story.id)

    def _count(self, post: StoryPost) -> None:
        self.posts += 1
        self.seen.update(post.terms.keys())

    def _bar(self, post: StoryPost, story: Story) -> float:
        lowered = max(_LOWEST_BAR, 1 - _BREADTH_LOWERS * math.log2(max(1.0, story.breadth)))
        is_same_feed = post.is_article and story.source_ids == {post.source_id}
        return min(1.0, self._memory.threshold * lowered * (_WITHIN_FEED if is_same_feed else 1.0))

    def _alike(self, vector: Mapping[str, float]) -> Iterator[tuple[Story, float]]:
        """The stories that share more than one word with a vector; how alike they are beyond the strongest of them.

        Goes from word to stories, not from story to words: most open stories share nothing.
        """
        products: dict[int, tuple[Story, list[float]]] = {}
        for word, weight in vector.items():
            for story_id in _ids((word,), self._memory.with_word, self.with_word):
                if story := self.story(story_id):
                    products.setdefault(story_id, (story, []))[1].append(weight * story.vector[word])
        least = self._memory.threshold * _LOWEST_BAR
        for story, found in products.values():
            similarity = (sum(found) - max(found)) / story.length if len(found) > 1 else 0.0
            if similarity >= least:
                yield story, similarity


def _ids(keys: Iterable[str], *tables: Mapping[str, set[int]]) -> set[int]:
    return {story_id for key in keys for table in tables for story_id in table.get(key, ())}


def _index(table: dict[str, set[int]], keys: Iterable[str], story_id: int) -> None:
    for key in keys:
        table.setdefault(key, set()).add(story_id)


def _unindex(table: dict[str, set[int]], keys: Iterable[str], story_id: int) -> None:
    for key in keys:
        table[key].discard(story_id)
        if not table[key]:
            del table[key]
