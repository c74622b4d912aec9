"""The memory of the open stories, searchable by word, and the layer on which a batch is decided.

Nothing changes a `StoryIndex` but `accept`, called after the commit: a batch is decided on a `Draft` laid over it. What
is in memory follows from the posts in the order of their acceptance alone: `Draft.restore` makes it again from stored
posts.

Its size is bounded by the posts of the last windows: a vector of at most `MOST_TERMS` words a post, about 7 KB with
everything around it.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from sys import intern

from aggregator import furniture
from aggregator.evidence import MANY_VOICES
from aggregator.postings import Postings
from aggregator.stories import Nearest, Story, StoryPost, Weighed, strength
from aggregator.vectors import heaviest, shared_words, title_terms, weigh

# Until so many posts were seen, rarity says little, so all words start as if seen among so many.
_PRIOR_POSTS = 200

# The words of a post that tell most. The rest of the lead changes little and costs as much.
MOST_TERMS = 24

# Candidates come from so many of a post's heaviest words, from the newest stories with each, and only those that share
# most are compared.
_SEARCHED_TERMS = 10
_HEAVIEST = 3
_COMPARED = 6
_LOOKED_AT_AGAIN = 16

# Forgetting looks at all stories, so it waits until there is something to gain.
_FORGET_EVERY = 1000

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class StoryIndex:
    """The open stories, searchable by word, and how often each word was seen.

    `window`: how far a post's time may be from a story's. `threshold`: the similarity (0..1) from which a post joins.
    """

    def __init__(self, window: timedelta, threshold: float) -> None:
        self.window = window
        self.threshold = threshold
        self.stories: dict[int, Story] = {}
        self.with_word, self.about = Postings(), Postings()
        self.seen: Counter[str] = Counter()
        self.parts: Counter[tuple[int, str]] = Counter()
        self.grown: set[int] = set()
        self.large: set[int] = set()
        self.posts = 0
        self._forgot_at = 0

    def draft(self, before: datetime = _LONG_AGO) -> Draft:
        """A layer on which a batch is decided. It sees no story that `forget(before)` would drop."""
        return Draft(self, before)

    def accept(self, draft: Draft) -> None:
        """What the draft decided was committed: make it part of the memory."""
        self.posts += draft.posts
        self.seen.update(draft.seen)
        self.parts.update(draft.parts)
        self.stories.update(draft.stories)
        self.grown.update(story.id for story in draft.stories.values() if story.posts > 1)
        self.large.update(story.id for story in draft.stories.values() if len(story.voices) >= MANY_VOICES)
        for story_id in draft.merged:
            self.stories.pop(story_id, None)
        self.with_word.take(draft.with_word)
        self.about.take(draft.about)

    def forget(self, before: datetime) -> None:
        """Drop the stories whose last post is older, if none of the latest posts came to them.

        May wait: a draft does not see them either way.
        """
        if self.posts - self._forgot_at < _FORGET_EVERY:
            return
        self._forgot_at = self.posts
        gone = {story.id for story in self.stories.values() if story.is_forgotten(before, self.posts)}
        if not gone:
            return
        self.grown -= gone
        self.large -= gone
        for story_id in gone:
            del self.stories[story_id]
        self.with_word.drop(gone)
        self.about.drop(gone)


class Draft:
    """Changes to a `StoryIndex` that are not committed yet; sees its stories and its own."""

    def __init__(self, index: StoryIndex, before: datetime) -> None:
        self._memory, self._before = index, before
        self.window = index.window
        self.stories: dict[int, Story] = {}
        self.with_word, self.about = Postings(), Postings()
        self.seen: Counter[str] = Counter()
        self.parts: Counter[tuple[int, str]] = Counter()
        self.posts = 0
        self.merged: set[int] = set()
        self._weighed: tuple[StoryPost, Weighed] | None = None

    def rarity(self, word: str) -> float:
        """idf = ln(1 + N / (1 + n)) over the posts seen so far."""
        seen = self._memory.seen.get(word, 0) + self.seen.get(word, 0)
        return math.log(1 + (_PRIOR_POSTS + self._memory.posts + self.posts) / (1 + seen))

    def share(self, story: Story, word: str) -> float:
        """The part (0..1) of the posts with a word that came to a story; a word seen once is no evidence."""
        return min(1.0, story.count(word) / (1 + self._memory.seen.get(word, 0) + self.seen.get(word, 0)))

    def story(self, story_id: int) -> Story | None:
        """A story in memory, as this draft sees it."""
        story = self.stories.get(story_id) or self._memory.stories.get(story_id)
        if story_id in self.merged:
            return None
        return story if story and not story.is_forgotten(self._before, self._memory.posts + self.posts) else None

    def nearest(self, post: StoryPost) -> Nearest | None:
        """The open story that a post should join by its words, if they speak for any strongly enough."""
        weighed = self.weighed(post)
        best: tuple[float, int] | None = None
        found: Nearest | None = None
        for story in self._candidates(weighed.vector):
            if not story.is_open(post.at, self._memory.window):
                continue
            how = strength(post, weighed, story, self._memory.threshold, self.share)
            if how:
                near = (how.cosine, -story.id)
                if best is None or near > best:
                    best, found = near, Nearest(story, how, [])
        if found is None:
            return None
        length = found.story.length
        shared = [(word, weight / length) for word, weight in shared_words(weighed.vector, found.story.vector)]
        return Nearest(found.story, found.strength, shared)

    def start(self, story_id: int, post: StoryPost) -> Story:
        """A new story with this post as its lead."""
        story = Story(
            id=story_id, title=post.title, lead_post_id=post.post_id, language=post.language,
            lead_is_article=post.is_article, first_at=post.at, last_at=post.at,
        )  # fmt: skip
        self.stories[story_id] = story
        story.lead_vector = self._add(story, post)
        return story

    def join(self, story_id: int, post: StoryPost) -> Story | None:
        """Take a post into a story; None when that is not in memory any more: then its words are counted alone."""
        story = self._opened(story_id)
        if story:
            self._add(story, post)
        else:
            self._count(post)
        return story

    def retitle(self, story_id: int, post_id: int, title: str) -> None:
        """A post has a new title: so has the story that it leads."""
        story = self.story(story_id)
        if story and story.lead_post_id == post_id and story.title != title:
            story = self._opened(story_id)
            if story:
                story.title = title

    def restore(self, story_id: int, post: StoryPost) -> None:
        """Take in a stored post again; the first of a story starts it. In the order of acceptance, copies included."""
        is_first = story_id not in self.stories and story_id not in self._memory.stories
        self.start(story_id, post) if is_first else self.join(story_id, post)

    def merge(self, story_id: int, into: int) -> None:
        """Let one story take another over. For looking on; what is kept is loaded anew from the rows."""
        story, successor = self.story(story_id), self._opened(into)
        if story and successor:
            for word in successor.absorb(story):
                self.with_word.note(word, into)
            self.stories.pop(story_id, None)
            self.merged.add(story_id)

    def touched_since(self, serial: int) -> list[Story]:
        """The stories that a post came to after the one with this serial, by id."""
        ids = {
            each.id for held in (self._memory.stories, self.stories) for each in held.values() if each.serial > serial
        }
        return [story for story_id in sorted(ids) if (story := self.story(story_id)) and story.vector]

    def sharing_words(self, story: Story, *, singles: bool) -> list[Story]:
        """The newest stories that share most of a story's heaviest words; the story itself left out.

        One word is enough for a story that many carry. `singles`: also those of one post.
        """
        words = sorted(story.vector, key=lambda word: (-story.vector[word], word))[:_SEARCHED_TERMS]
        shared = Counter(chain.from_iterable(self._having(word) for word in words))
        grown, large = self._memory.grown, self._memory.large
        near = [
            (-times, each)
            for each, times in shared.items()
            if each != story.id and ((times > 1 and (singles or each in grown)) or each in large)
        ]
        most = len(near) if singles else _LOOKED_AT_AGAIN
        return [other for _, each in sorted(near)[:most] if (other := self.story(each)) and other.vector]

    def open_stories_about(self, entities: frozenset[str]) -> Iterator[Story]:
        """The newest stories in memory that share one of the entities, by id."""
        found = {story_id for entity in entities for story_id in self._memory.about.newest(entity, self.about)}
        return filter(None, map(self.story, sorted(found)))

    def weighed(self, post: StoryPost) -> Weighed:
        """The post's vector: its heaviest words by tf × idf, what its source's titles repeat left out."""
        if self._weighed is None or self._weighed[0] is not post:
            in_title = title_terms(post.title)
            parts = furniture.parts(post.title) if post.is_article else ()
            ignored = self._furniture(post, in_title, parts)
            known, own = self._memory.seen, self.seen
            posts = _PRIOR_POSTS + self._memory.posts + self.posts
            weights = {
                intern(term): tf * math.log(1 + posts / (1 + known.get(term, 0) + own.get(term, 0)))
                for term, tf in post.terms.items()
                if term not in ignored
            }
            self._weighed = post, Weighed(weigh(heaviest(weights, MOST_TERMS)), in_title, parts)
        return self._weighed[1]

    def _furniture(self, post: StoryPost, in_title: frozenset[str], parts: Sequence[furniture.Part]) -> frozenset[str]:
        """The words of the parts of a post's title that its source's titles repeat."""
        has_text = len(post.terms.keys() - in_title) > 1
        ignored: frozenset[str] = frozenset()
        for part in parts:
            times = self._memory.parts.get((post.source_id, part.key), 0) + self.parts.get(
                (post.source_id, part.key), 0
            )
            if times >= (furniture.TITLE_REPEATS if part.is_whole else furniture.PART_REPEATS):
                if not part.is_whole:
                    ignored |= title_terms(part.words)
                elif has_text:
                    return in_title
        return ignored

    def _opened(self, story_id: int) -> Story | None:
        """A story in memory, as a copy that this draft may change."""
        story = self.story(story_id)
        if story and story_id not in self.stories:
            story = self.stories[story_id] = story.copy()
        return story

    def _add(self, story: Story, post: StoryPost) -> Mapping[str, float]:
        vector = self.weighed(post).vector
        entities = sorted(post.entities - story.entities)
        for word in story.add(post, vector, self._memory.window):
            self.with_word.note(word, story.id)
        for entity in entities:
            self.about.note(entity, story.id)
        self._count(post)
        story.serial = self._memory.posts + self.posts
        return vector

    def _count(self, post: StoryPost) -> None:
        parts = self.weighed(post).parts
        self.posts += 1
        self.seen.update(post.terms.keys())
        for part in parts:
            self.parts[post.source_id, part.key] += 1

    def _candidates(self, vector: Mapping[str, float]) -> Iterable[Story]:
        """The newest stories that share most of the vector's heaviest words."""
        words = sorted(vector, key=lambda word: (-vector[word], word))[:_SEARCHED_TERMS]
        lists = [self._having(word) for word in words]
        shared = Counter(chain.from_iterable(lists))
        shared.update(chain.from_iterable(lists[:_HEAVIEST]))  # what is most its own counts twice
        best = [story_id for story_id, times in shared.items() if times > 1]
        best.sort(key=lambda story_id: (-shared[story_id], -story_id))
        return filter(None, map(self.story, best[:_COMPARED]))

    def _having(self, word: str) -> array[int]:
        """The newest stories with a word."""
        return self._memory.with_word.newest(word, self.with_word)
