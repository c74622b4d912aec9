"""Compare a post with the stories it may belong to, or a small story with larger ones.

Who is compared is a `Subject`, made of a post or of a story, so joining and second thoughts are one code and one model
(`aggregator.stories.evidence`). Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from aggregator.stories.evidence import Measures, Model, model
from aggregator.stories.lexical import MANY_VOICES, Products, beyond_strongest, by_name, products, share, strongest
from aggregator.stories.logistic import log_odds_of, probability_of
from aggregator.stories.story import MOST_TERMS, Story, StoryPost, Weighed
from aggregator.text.tokens import fold, tokens
from aggregator.text.word_vectors import title_terms

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector

_NOTHING = timedelta(0)

# Where few publishers speak, one shared name is no event, whatever the model says: so much of the cosine must lie
# beyond the strongest word, and so much in the title. Structure, not fitted: short titles make one shared name a cosine
# of .3. Of all stories it would ask too much: labelled headlines lose .02 of their F1.
_FEW_VOICES = 3
_LEAST_BEYOND = 0.03
_LEAST_TITLED = 0.05

# What the bar is raised by for each doubling of posts above two for each publisher, in log odds. The centroid of many
# posts is like all that is written in its field: without this a window of 500 AI items had stories of 60 to 80 posts
# ("Claude, Gemini") from six newsletters, with it the largest has 13; labelled sets stay as they are.
_CROWD_RAISES = 1.0

# A story of so many posts whose mean cosine is below this is no event, and takes nothing in. Of 1,500 posts of random
# words 1,202 were one, with it the largest has 47. The broadest of the labelled stories have .05 to .1.
_GROWN_POSTS = 6
_LEAST_COHERENCE = 0.05


class Subject(NamedTuple):
    """Who is compared with stories.

    `vector` is of unit length, `in_title` the words of its title, `feed` the source where all of it is articles of one,
    `words` log2 of 1 + the number of its words. `story`: the one that it is made of, None of a post.
    """

    vector: Mapping[str, float]
    in_title: frozenset[str]
    first_at: datetime
    last_at: datetime
    feed: frozenset[int]
    words: float
    embedding: DenseVector | None
    title: str = ""
    story: Story | None = None

    @property
    def folded(self) -> str:
        """Its title as the words of scripts without spaces are folded."""
        return _folded(self.title)


class Yardstick(NamedTuple):
    """What is needed beside the two: `window` as of the index, how many posts have a word (`seen`), and by how much the
    bar is raised, in log odds."""

    window: timedelta
    seen: Callable[[str], int]
    raised: float = 0.0


class Met(NamedTuple):
    """A candidate: what each shared word adds to the dot product, the cosine, and the best cosine of the others."""

    story: Story
    found: Products
    cosine: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A story that is the subject's: log odds, the measures behind them, and the model that weighed them."""

    story: Story
    log_odds: float
    measures: Measures
    model: Model

    @property
    def probability(self) -> float:
        """How sure it is, 0..1, three digits, as it is shown and stored."""
        return round(probability_of(self.log_odds), 3)


def of_post(post: StoryPost, weighed: Weighed, *, by_words: bool = False) -> Subject:
    """A post as who is compared. What a column says is the same in every issue: its words alone count."""
    return Subject(
        vector=weighed.vector,
        in_title=weighed.in_title,
        first_at=post.at,
        last_at=post.at,
        feed=frozenset({post.source_id}) if post.is_article else frozenset(),
        words=math.log2(1 + len(weighed.vector)),
        embedding=None if by_words or weighed.is_column else post.embedding,
        title=post.title,
    )


def of_story(story: Story) -> Subject:
    """A story as who is compared: the mean of its posts, under the title of its lead."""
    length = story.length
    return Subject(
        vector={word: weight / length for word, weight in story.vector.items()} if length else {},
        in_title=_titled(story.title),
        first_at=story.first_at,
        last_at=story.last_at,
        feed=story.source_ids if story.lead_is_article and len(story.source_ids) == 1 else frozenset(),
        words=math.log2(1 + min(len(story.vector), MOST_TERMS)),
        embedding=story.embedding,
        title=story.title,
        story=story,
    )


def candidates_met(subject: Subject, stories: Iterable[Story]) -> list[Met]:
    """The stories that share a word with the subject, each beside the best of the others."""
    met = with_contrasts([(story, products(subject.vector, story.vector)) for story in stories])
    return [each for each in met if each.found]


def with_contrasts(compared: Iterable[tuple[Story, Products]]) -> list[Met]:
    """Stories with the products of what each is compared with, in their order, each beside the best of the others."""
    met = list(compared)
    cosines = [sum([product for product, _ in found]) / story.length if found else 0.0 for story, found in met]
    first, second = (*sorted(cosines, reverse=True), 0.0, 0.0)[:2]
    return [
        Met(story, found, cosine, second if cosine == first else first)
        for (story, found), cosine in zip(met, cosines, strict=True)
    ]


def judged(subject: Subject, met: Iterable[Met], yardstick: Yardstick) -> Iterator[Judged]:
    """Those of the candidates that are the subject's, as sure as the bar asks for."""
    for each in met:
        if not each.found:
            continue
        cosine = subject.embedding.cosine(each.story.embedding) if subject.embedding and each.story.embedding else None
        weights = model(with_meaning=cosine is not None)
        bar = log_odds_of(_bar(subject, each.story, weights)) + yardstick.raised
        if weights.log_odds(_at_most(subject, each, yardstick, cosine or 0.0)) < bar:
            continue  # most end here
        if is_loose(each.story) or _is_by_chance(subject, each):
            continue
        measures = measured(subject, each, yardstick, cosine or 0.0)
        log_odds = weights.log_odds(measures)
        if log_odds >= bar + _CROWD_RAISES * each.story.crowd(subject.story):
            yield Judged(each.story, log_odds, measures, weights)


def measured(subject: Subject, met: Met, yardstick: Yardstick, meaning: float) -> Measures:
    """All measures of the subject and a candidate. `meaning`: the cosine of their embeddings, 0 without."""
    story, in_title, length = met.story, subject.in_title, met.story.length
    titled = [each for each in met.found if each[1] in in_title]
    own = sum([product * _share(subject, story, word, yardstick.seen(word)) for product, word in titled])
    vector, theirs = subject.vector, story.vector
    unmet = [weight for word, weight in vector.items() if word in in_title and word not in theirs]
    lead = story.lead_vector or {}
    missed = [weight for word, weight in lead.items() if word not in vector and word in _titled(story.title)]
    return _at_most(subject, met, yardstick, meaning)._replace(
        own=own / length,
        shared=math.log2(1 + len(by_name(titled, subject.folded))),
        unmet=max(unmet, default=0.0),
        missed=max(missed, default=0.0),
        strongest=strongest(met.found, subject.folded, length),
    )


_folded = lru_cache(maxsize=64)(fold)
# A story's title is asked for with each post that may be its own.
_titled = lru_cache(maxsize=1024)(title_terms)


def _at_most(subject: Subject, met: Met, yardstick: Yardstick, meaning: float) -> Measures:
    """What is known at once, and of the rest what speaks most for one event, by the signs that the models have."""
    story = met.story
    return Measures(
        cosine=met.cosine,
        own=met.cosine,
        away=max(subject.first_at - story.last_at, story.first_at - subject.last_at, _NOTHING) / yardstick.window,
        one_feed=float(subject.feed == story.source_ids),
        contrast=met.contrast,
        words=subject.words,
        shared=math.log2(1 + len(met.found)),
        unmet=0.0,
        missed=0.0,
        strongest=met.cosine / len(met.found),
        meaning=meaning,
    )


def _bar(subject: Subject, story: Story, weights: Model) -> float:
    if subject.story is None:
        return weights.joins
    return weights.merges_large if len(story.voices) >= MANY_VOICES else weights.merges


def _is_by_chance(subject: Subject, met: Met) -> bool:
    """One shared name is no event, where only few publishers speak; nor are two stories one by it."""
    few = _FEW_VOICES
    if subject.story:
        few = MANY_VOICES if subject.story.posts == 1 else len(met.story.voices) + 1
    if len(met.story.voices) >= few:
        return False
    titled = sum([product for product, word in met.found if word in subject.in_title])
    is_one_voice = subject.story is not None or len(met.story.voices) == 1
    beside = _beside(max(met.found)[1], subject.title, met.story.title) if is_one_voice else frozenset[str]()
    length = met.story.length
    return (
        beyond_strongest(met.found, subject.folded, length, beside) < _LEAST_BEYOND or titled / length < _LEAST_TITLED
    )


def is_loose(story: Story) -> bool:
    """A story of many posts that have next to nothing in common: no event."""
    return story.posts >= _GROWN_POSTS and story.coherence < _LEAST_COHERENCE


def _beside(word: str, title: str, other: str) -> frozenset[str]:
    """The word that stands beside this one in both titles: "White" beside "House" is one name, and not two words.

    Nothing where more words stand beside one another in both: that is no name, but what is said.
    """
    both = _pairs(title) & _pairs(other)
    mine = [pair for pair in both if word in pair]
    if len(mine) != 1 or any(pair & mine[0] for pair in both if pair != mine[0]):
        return frozenset()
    return mine[0]


@lru_cache(maxsize=1024)
def _pairs(title: str) -> frozenset[frozenset[str]]:
    """The words of a title that stand side by side."""
    words = tokens(title)
    return frozenset(frozenset(pair) for pair in pairwise(words))


def _share(subject: Subject, story: Story, word: str, seen: int) -> float:
    count = story.count(word)
    if subject.story:  # both would be one: all but one of its posts are evidence
        count += subject.story.count(word) - 1
    return share(count, seen)
