"""The overlay on which a batch is decided: it sees the index of open stories, and changes nothing in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import chain, islice
from math import log
from typing import TYPE_CHECKING

from aggregator.model.embedding import NEAREST
from aggregator.stories import across, boilerplate
from aggregator.stories.comparison import Yardstick, candidates_met, judged, of_post
from aggregator.stories.earlier.habits import NEWEST
from aggregator.stories.index import StoryIndex, arrived
from aggregator.stories.postings import Postings
from aggregator.stories.reasons import why
from aggregator.stories.story import MOST_TERMS, Nearest, Story, StoryPost, Weighed
from aggregator.stories.window import Arrivals
from aggregator.text.word_vectors import shared_words, title_terms, unit

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector

# Until so many posts were seen, document frequency is noise, so all words start as if seen among so many.
_PRIOR_POSTS = 200

# Candidates come from so many of a post's heaviest words, from the newest stories with each, and only those that share
# most are compared.
_SEARCHED_TERMS = 10
_HEAVIEST = 3
_COMPARED = 6
_LOOKED_AT_AGAIN = 16


class Overlay:
    """Changes to a `StoryIndex` that are not committed yet: the index's stories, and copies of those that changed."""

    def __init__(self, index: StoryIndex) -> None:
        self._index = index
        self.window = index.window
        self.stories: dict[int, Story] = {}
        self.merged: set[int] = set()
        self.with_word = Postings()
        self.arrivals = Arrivals()
        self.sketches = index.sketches and index.sketches.empty()
        self.serial = index.serial
        self._weighed: tuple[StoryPost, Weighed] | None = None

    def rarity(self, word: str) -> float:
        """idf = ln(1 + N / (1 + n)): of the N posts seen so far in the window, n have the word."""
        return log(1 + self._posts() / (1 + self.seen(word)))

    def rarity_now(self) -> Callable[[str], float]:
        """The same for many words, until the next post comes."""
        posts, known, own = self._posts(), self._index.arrivals.with_word.get, self.arrivals.with_word.get
        return lambda word: log(1 + posts / (1 + (known(word, 0) + own(word, 0))))

    def habits(self, publisher: str) -> Mapping[str, int]:
        """How many of a publisher's newest posts in the window have a word."""
        newest = chain(self.arrivals.newest_of(publisher, NEWEST), self._index.arrivals.newest_of(publisher, NEWEST))
        return Counter(chain.from_iterable([arrived.words for arrived in islice(newest, NEWEST)]))

    def story(self, story_id: int) -> Story | None:
        """A story of the index, as this overlay sees it."""
        if story_id in self.merged:
            return None
        return self.stories.get(story_id) or self._index.story(story_id)

    def nearest(
        self, post: StoryPost, *, raised: float = 0.0, by_words: bool = False, without: int | None = None
    ) -> Nearest | None:
        """The story that a post belongs to, the surest of the candidates; None where none is sure enough.

        `raised`: the bar, by so much, in log odds. `by_words`: without embeddings. `without`: not this one.
        """
        weighed = self.weighed(post)
        known = [story for story in self.candidates(post, by_words=by_words) if story.id != without]
        subject = of_post(post, weighed, by_words=by_words)
        found = list(judged(subject, candidates_met(subject, known), self.yardstick(raised)))
        if found:
            surest = max(found, key=lambda each: (each.log_odds, -each.story.id))
            shared = _shared(weighed.vector, surest.story)
            return Nearest(surest.story, surest.probability, why(surest, shared), shared)
        return None if by_words else _across(post, weighed, known)

    def candidates(self, post: StoryPost, *, by_words: bool = False) -> list[Story]:
        """The few open stories that a post is compared with, each once; `by_words`: not those near by embedding."""
        near = () if by_words else self.near_by_embedding(post.embedding, post.at)
        found = {story.id: story for story in (*self._sharing_most(self.weighed(post).vector), *near)}
        return [story for story in found.values() if story.is_open(post.at, self.window)]

    def yardstick(self, raised: float = 0.0) -> Yardstick:
        """What posts and stories are measured by here; the bar `raised` by so much, in log odds."""
        return Yardstick(self.window, self.seen, self._index.raised + raised)

    def start(self, story_id: int, post: StoryPost) -> Story:
        """A new story with this post as its lead."""
        story = Story(
            id=story_id, title=post.title, lead_post_id=post.post_id, language=post.language,
            lead_is_article=post.is_article, first_at=post.at, last_at=post.at, lead_vector=self.weighed(post).vector,
        )  # fmt: skip
        self.stories[story_id] = story
        self._add(story, post)
        return story

    def join(self, story_id: int, post: StoryPost, *, may_lead: bool = True) -> Story | None:
        """Take a post into a story; None when that is not in memory any more: then its words are counted alone."""
        story = self._opened(story_id)
        if story:
            self._add(story, post)
            if may_lead:
                story.choose_lead(post, self.weighed(post).vector)
        else:
            self._count(0, post)
        return story

    def retitle(self, story_id: int, post_id: int, title: str) -> None:
        """A post has a new title: so has the story that it leads."""
        story = self.story(story_id)
        if story and story.lead_post_id == post_id and story.title != title:
            story = self._opened(story_id)
            if story:
                story.title = title

    def merge(self, story_id: int, into: int) -> None:
        """Let one story take another over."""
        story, successor = self.story(story_id), self._opened(into)
        if story and successor:
            self.with_word.note(successor.absorb(story), into)
            self._sketch(successor)
            self.stories.pop(story_id, None)
            self.merged.add(story_id)

    def touched_since(self, serial: int) -> list[Story]:
        """The stories that a post came to after the one with this number, by id."""
        ids = set(self.stories)
        for arrival in self._index.arrivals.newest_first():
            if arrival.serial <= serial:
                break
            ids.add(arrival.story_id)
        return [story for story_id in sorted(ids) if (story := self.story(story_id)) and story.vector]

    def near_by_embedding(self, embedding: DenseVector | None, at: datetime) -> list[Story]:
        """The candidates by embedding: the nearest stories open at a time, best first; none without the extra."""
        if embedding is None or self.sketches is None or self._index.sketches is None:
            return []
        first = self._index.arrivals.first_serial
        held = self._index.sketches.near(embedding, at, self.window, first, (*self.stories, *self.merged))
        found = sorted([*held, *self.sketches.near(embedding, at, self.window, 0, self.merged)])
        return [story for _, each in found[:NEAREST] if (story := self.story(each))]

    def sharing_words(self, story: Story) -> list[Story]:
        """The newest stories that share most of a story's heaviest words; the story itself left out.

        One word is enough for a story that many carry. A single post looks at those alone: the others look at it when
        they grow.
        """
        large, grown = self._index.large, story.posts > 1
        if not large and not grown:
            return []
        words = nsmallest(_SEARCHED_TERMS, [(-weight, word) for word, weight in story.vector.items()])
        shared = Counter(chain(*[self._having(word) for _, word in words]))
        near = [(-shared[each], each) for each in large.intersection(shared) if each != story.id]
        if grown:
            near += [
                (-times, each) for each, times in shared.items() if times > 1 and each not in large and each != story.id
            ]
        return [other for _, each in sorted(near)[:_LOOKED_AT_AGAIN] if (other := self.story(each)) and other.vector]

    def words(self, post: StoryPost) -> dict[str, float]:
        """Word → weight, 0 for those that count for document frequency alone: what `StoryIndex.restore` takes."""
        vector = self.weighed(post).vector
        return {**vector, **{term: 0.0 for term in post.terms if term not in vector}}

    def weighed(self, post: StoryPost) -> Weighed:
        """The post's unit vector: its heaviest words by tf × idf, boilerplate of its source left out."""
        if self._weighed is None or self._weighed[0] is not post:
            in_title = title_terms(post.title)
            parts = boilerplate.parts(post.title) if post.is_article else ()
            ignored = self._boilerplate(post, in_title, parts)
            known, own, posts = self._index.arrivals.with_word, self.arrivals.with_word, self._posts()
            pairs = [
                (-tf * log(1 + posts / (1 + known.get(term, 0) + own.get(term, 0))), term)
                for term, tf in post.terms.items()
                if term not in ignored
            ]
            pairs.sort()
            self._weighed = post, Weighed(unit(pairs[:MOST_TERMS]), in_title, parts, bool(ignored))
        return self._weighed[1]

    def _posts(self) -> int:
        return _PRIOR_POSTS + len(self._index.arrivals) + len(self.arrivals)

    def seen(self, word: str) -> int:
        """How many posts of the window have a word."""
        return self._index.arrivals.with_word.get(word, 0) + self.arrivals.with_word.get(word, 0)

    def _boilerplate(
        self, post: StoryPost, in_title: frozenset[str], parts: Sequence[boilerplate.TitlePart]
    ) -> frozenset[str]:
        """The words of a post's title that are boilerplate of its source."""
        ignored: frozenset[str] = frozenset()
        known, own = self._index.arrivals, self.arrivals.with_part
        for part in parts:
            key = (post.source_id, part.key)
            times = known.times(key, boilerplate.PART_REPEATS + 1) + own.get(key, 0) - post.is_again
            if times >= (boilerplate.TITLE_REPEATS if part.is_whole else boilerplate.PART_REPEATS):
                if not part.is_whole:
                    ignored |= title_terms(part.words)
                elif len(post.terms.keys() - in_title) > 1:  # it has a text
                    return in_title
        return ignored

    def _opened(self, story_id: int) -> Story | None:
        """A story of the index, as a copy that this overlay may change."""
        story = self.story(story_id)
        if story and story_id not in self.stories:
            story = self.stories[story_id] = story.copy()
            self._sketch(story)
        return story

    def _add(self, story: Story, post: StoryPost) -> None:
        self.with_word.note(story.add(post, self.weighed(post).vector, self.window), story.id)
        self._count(story.id, post)
        story.serial = self.serial
        self._sketch(story)

    def _sketch(self, story: Story) -> None:
        if self.sketches is not None and story.embedding:
            self.sketches.note(story.id, story.embedding, story.first_at, story.last_at, story.serial)

    def _count(self, story_id: int, post: StoryPost) -> None:
        self.serial += 1
        self.arrivals.add(post.post_id, arrived(self.serial, story_id, post, post.terms, self.weighed(post).parts))

    def _sharing_most(self, vector: Mapping[str, float]) -> Iterable[Story]:
        """The candidates by words: the newest stories that share most of the vector's heaviest, its first."""
        lists = [self._having(word) for word in islice(vector, _SEARCHED_TERMS)]
        # The heaviest few count twice.
        shared = Counter(chain(*lists, *lists[:_HEAVIEST]))
        best = sorted([(times, story_id) for story_id, times in shared.items() if times > 1], reverse=True)
        return filter(None, [self.story(story_id) for _, story_id in best[:_COMPARED]])

    def _having(self, word: str) -> Sequence[int]:
        """The newest stories with a word."""
        return self._index.with_word.newest(word, self.with_word)


def _across(post: StoryPost, weighed: Weighed, stories: Iterable[Story]) -> Nearest | None:
    """The story in another language that a post belongs to; None where none is near enough."""
    near = [(near, -story.id, story) for story in stories if (near := across.post_and_story(post, weighed, story))]
    if not near:
        return None
    similarity, _, story = max(near)
    shared = _shared(weighed.vector, story)
    # A number is no name, and alone it would read as how many there are.
    told = [word for word, _ in shared if not word.isdecimal()]
    names = f"; shared names: {', '.join(told)}" if told else ""
    similarity = round(similarity, 3)
    return Nearest(story, similarity, f"same event in another language ({similarity:.2f}){names}", shared)


def _shared(vector: Mapping[str, float], story: Story) -> list[tuple[str, float]]:
    """The words that a post and a story share, and what each adds to their cosine."""
    length = story.length
    return [(word, weight / length) for word, weight in shared_words(vector, story.vector)]
