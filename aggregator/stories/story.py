"""What grouping needs of a post, and an open story in memory.

The centroid of a story is the sum of its posts' unit vectors: tf × idf over title and lead
(`aggregator.text.word_vectors`). idf = ln(1 + N / (1 + n)), n being the document frequency among the N posts of the
windows before (`aggregator.stories.window`), never of later ones; a post's weights are fixed once, when it arrives.
Boilerplate of a source's titles has no weight (`aggregator.stories.boilerplate`).

The open stories are in a `StoryIndex` (`aggregator.stories.index`), a batch is decided on an `Overlay` over it
(`aggregator.stories.overlay`), which finds the candidates word by word, from the newest stories with the post's
heaviest words, so that the cost of a post does not grow with the number of open stories. What joins is decided by
`aggregator.stories.comparison`; `aggregator.stories.assign` joins or starts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from aggregator.model.post import PostKind
from aggregator.stories.boilerplate import TitlePart
from aggregator.stories.encoder import dense_vector_of
from aggregator.text.word_vectors import dot

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector

_Each = TypeVar("_Each", int, str)

# Changes whenever this code groups the same posts otherwise.
STORIES_VERSION = 5

# A post's vector has so many words, its heaviest. The rest of the lead changes little and costs as much.
MOST_TERMS = 24

# A later article takes the lead from the first when its cosine with the centroid is so much higher.
_BETTER_LEAD = 1.25
_LEAD_POSTS = 3
# Longer titles are texts, shorter ones slogans. In characters.
_TITLE_LENGTHS = range(20, 141)

# More posts than this for each publisher are more than one event gives.
_POSTS_PER_VOICE = 2


class StoryPost(NamedTuple):
    """What grouping needs of a post. `terms` is the vector before idf; `is_article` its kind.

    `at` is its time, `seen_at` when it arrived. `voice`: who speaks, the site of an article or the account of a status;
    None: the source itself. `embedding`, its embedding, is there only with the extra `semantic`. `is_again`: it came
    before, and is placed again because it says more: what its source repeats is counted without it.
    """

    post_id: int
    source_id: int
    title: str
    language: str | None
    terms: Mapping[str, float]
    entities: frozenset[str]
    at: datetime
    seen_at: datetime
    is_article: bool
    voice: str | None = None
    embedding: DenseVector | None = None
    is_again: bool = False


def story_post(
    *,
    post_id: int,
    source_id: int,
    kind: PostKind,
    title: str,
    language: str | None,
    terms: Mapping[str, float],
    entities: Iterable[str],
    at: datetime,
    seen_at: datetime,
    voice: str | None,
    vector: bytes | None,
) -> StoryPost:
    """What grouping needs of a post, just come or read from the database: the one place where that is made.

    `title`: what the post is called. `vector`: its embedding as it is stored.
    """
    return StoryPost(
        post_id=post_id,
        source_id=source_id,
        title=title,
        language=language,
        terms=terms,
        entities=_the_same(frozenset(entities)),
        at=at,
        seen_at=seen_at,
        is_article=kind == "article",
        voice=voice,
        embedding=dense_vector_of(vector),
    )


@dataclass(slots=True, kw_only=True)
class Story:
    """An open story in memory.

    `vector`, its centroid, is the sum of its posts' unit vectors, `squared` its squared length; `posts` are those that
    have words; `repeated` is the document frequency within the story, of words that more than one post has. `serial` is
    that of the latest post, counted over all posts ever. `lead_vector` is the lead's, None where it is not in memory.
    `embedding` is the sum of its posts' embeddings, None where none has one.
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
    repeated: dict[str, int] = field(default_factory=dict)
    source_ids: frozenset[int] = frozenset()
    voices: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    serial: int = 0
    lead_vector: Mapping[str, float] | None = None
    embedding: DenseVector | None = None

    @property
    def length(self) -> float:
        """The length of its centroid."""
        return math.sqrt(self.squared)

    @property
    def coherence(self) -> float:
        """The mean cosine of two of its posts, 0..1; 1 of a single post."""
        return (self.squared - self.posts) / (self.posts * (self.posts - 1)) if self.posts > 1 else 1.0

    def crowd(self, other: Story | None = None) -> float:
        """Doublings of posts it has above what its publishers give one event, 0 or more; with `other` together."""
        posts, voices = self.posts, self.voices
        if other:
            posts, voices = posts + other.posts, voices | other.voices
        return max(0.0, math.log2(max(1, posts) / (_POSTS_PER_VOICE * max(1, len(voices)))))

    def count(self, word: str) -> int:
        """The document frequency of a word within the story."""
        return self.repeated.get(word, 1) if word in self.vector else 0

    def copy(self) -> Story:
        """A story that can be changed without changing this one."""
        return replace(self, vector=dict(self.vector), repeated=dict(self.repeated))

    def add(self, post: StoryPost, vector: Mapping[str, float], window: timedelta) -> list[str]:
        """Take a post in: its vector, time, source and entities. Gives the words new to the story."""
        new = self._add_vector(vector)
        if self.is_open(post.at, window):  # a copy dated last year does not open the story to last year's posts
            self.first_at, self.last_at = min(self.first_at, post.at), max(self.last_at, post.at)
        self.posts += bool(vector)
        self.source_ids = _with_all(self.source_ids, _only(post.source_id))
        self.voices = _with_all(self.voices, _only(post.voice or str(post.source_id)))
        self.entities = _with_all(self.entities, post.entities)
        self._add_embedding(post.embedding)
        return new

    def choose_lead(self, post: StoryPost, vector: Mapping[str, float]) -> None:
        """Let a post that was added lead, if it is the better one: an article, nearer to the centroid."""
        if post.is_article and (not self.lead_is_article or self._is_better_lead(post, vector)):
            self.title, self.lead_post_id, self.language = post.title, post.post_id, post.language
            self.lead_is_article, self.lead_vector = True, vector

    def _add_vector(self, vector: Mapping[str, float]) -> list[str]:
        mine, new = self.vector, []
        if not mine:  # the first post, and of most stories the only one: its vector is the story's, not copied
            self.vector = vector if isinstance(vector, dict) else dict(vector)
            self.squared = sum([weight * weight for weight in vector.values()])
            return list(vector)
        if mine is self.lead_vector or self.posts == 1:
            mine = self.vector = dict(mine)  # it was the first post's
        shared = 0.0
        for term, weight in vector.items():
            held = mine.get(term)
            if held is None:
                mine[term] = weight
                new.append(term)
            else:
                shared += weight * held
                mine[term] = held + weight
                self.repeated[term] = self.repeated.get(term, 1) + 1
        self.squared += 2 * shared + sum([weight * weight for weight in vector.values()])
        return new

    def absorb(self, other: Story) -> list[str]:
        """Take another story over. Gives the words new to this one."""
        shared = dot(other.vector, self.vector)
        self.vector = dict(self.vector)  # it may be the first post's
        new = [word for word in other.vector if word not in self.vector]
        for word, weight in other.vector.items():
            both = self.count(word) + other.count(word)
            self.vector[word] = self.vector.get(word, 0.0) + weight
            if both > 1:
                self.repeated[word] = both
        self.squared += 2 * shared + other.squared
        self.posts += other.posts
        self.first_at, self.last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        self.source_ids |= other.source_ids
        self.voices |= other.voices
        self.entities |= other.entities
        self.serial = max(self.serial, other.serial)
        self._add_embedding(other.embedding)
        return new

    def _add_embedding(self, embedding: DenseVector | None) -> None:
        """Add an embedding to the sum."""
        if embedding:
            self.embedding = self.embedding + embedding if self.embedding else embedding

    def _is_better_lead(self, post: StoryPost, vector: Mapping[str, float]) -> bool:
        if self.posts < _LEAD_POSTS or self.lead_vector is None or len(post.title) not in _TITLE_LENGTHS:
            return False
        return dot(vector, self.vector) > _BETTER_LEAD * dot(self.lead_vector, self.vector)

    def is_open(self, at: datetime, window: timedelta) -> bool:
        """Is this time near enough to the story's posts?"""
        return self.first_at - window <= at <= self.last_at + window


@lru_cache(maxsize=4096)
def _only(each: _Each) -> frozenset[_Each]:
    """The same set for all stories that one source tells."""
    return frozenset((each,))


@lru_cache(maxsize=1024)
def _the_same(names: frozenset[str]) -> frozenset[str]:
    """The same set for all that name the same: most posts name one or two of a few hundred."""
    return names


def _with_all(one: frozenset[_Each], other: frozenset[_Each]) -> frozenset[_Each]:
    """Both together; one of them itself where it has all: most stories have one post, and thousands are held."""
    if not one or one == other:
        return other
    return one if one >= other else one | other


@dataclass(frozen=True, slots=True)
class Nearest:
    """The story that a post joins: how sure that is (0..1), the reason in words, what each shared word adds."""

    story: Story
    similarity: float
    because: str
    shared: list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A post's unit vector, heaviest words first; the words of its title, and the parts counted as boilerplate.

    `is_column`: some of its title is boilerplate.
    """

    vector: Mapping[str, float]
    in_title: frozenset[str]
    parts: Sequence[TitlePart] = ()
    is_column: bool = False
