"""Compare a post with the stories it may belong to, or a small story with larger ones: measures, weighed, in words.

Who is compared is a `Subject`, made of a post or of a story: joining and second thoughts are one code. The measures are
those of `aggregator.stories.evidence`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from aggregator.stories.evidence import FEW_VOICES, Measures, Model, is_by_chance, model
from aggregator.stories.lexical import MANY_VOICES, Products, beyond_strongest, products
from aggregator.stories.story import Story, StoryPost, Weighed
from aggregator.text.word_vectors import title_terms

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector

_NOTHING = timedelta(0)

# A story's centroid has many words; those of a post are as many at most.
_MOST_WORDS = 24


class Subject(NamedTuple):
    """Who is compared with stories.

    `vector`: of unit length; `in_title`: the words of its title; `feed`: the source, where all is articles of that one;
    `words`: log2 of the number of its words. `story`: it is one itself.
    """

    vector: Mapping[str, float]
    in_title: frozenset[str]
    first_at: datetime
    last_at: datetime
    feed: frozenset[int]
    words: float
    embedding: DenseVector | None
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A story that the subject belongs to: log odds, the measures behind them, and the model that weighed them."""

    story: Story
    log_odds: float
    found: Measures
    model: Model


class Yardstick(NamedTuple):
    """What is needed beside the two compared: `window` as of the index; how many posts have a word (`seen`); by how
    much the bar is lowered, in log odds."""

    window: timedelta
    seen: Callable[[str], int]
    lowered: float = 0.0


def of_post(post: StoryPost, weighed: Weighed, *, by_words: bool = False) -> Subject:
    """A post as who is compared. A column says the same of every issue: by words alone."""
    return Subject(
        vector=weighed.vector,
        in_title=weighed.in_title,
        first_at=post.at,
        last_at=post.at,
        feed=frozenset({post.source_id}) if post.is_article else frozenset(),
        words=math.log2(1 + len(weighed.vector)),
        embedding=None if by_words or weighed.is_column else post.embedding,
    )


def of_story(story: Story) -> Subject:
    """A story as who is compared: its posts' mean, under the title of its lead."""
    length = story.length
    return Subject(
        vector={word: weight / length for word, weight in story.vector.items()},
        in_title=title_terms(story.title),
        first_at=story.first_at,
        last_at=story.last_at,
        feed=story.source_ids if len(story.source_ids) == 1 else frozenset(),
        words=math.log2(1 + min(len(story.vector), _MOST_WORDS)),
        embedding=story.embedding,
        story=story,
    )


def judged(subject: Subject, stories: Iterable[Story], yardstick: Yardstick) -> Iterator[Judged]:
    """Those of the stories that the subject belongs to, as sure as the bar asks for."""
    met = [(story, products(subject.vector, story.vector)) for story in stories]
    cosines = [sum([product for product, _ in found]) / story.length if found else 0.0 for story, found in met]
    best = sorted(cosines, reverse=True)[:2]
    for (story, found), cosine in zip(met, cosines, strict=True):
        if found:
            others = best[1:] if cosine == best[0] else best
            known = judge(subject, story, found, cosine, others[0] if others else 0.0, yardstick)
            if known:
                yield known


def judge(
    subject: Subject, story: Story, found: Products, cosine: float, contrast: float, yardstick: Yardstick
) -> Judged | None:
    meaning = subject.embedding.cosine(story.embedding) if subject.embedding and story.embedding else None
    weights = model(with_meaning=meaning is not None)
    bar = weights.least(is_merge=subject.story is not None) - yardstick.lowered
    away = max(subject.first_at - story.last_at, story.first_at - subject.last_at, _NOTHING) / yardstick.window
    most = Measures(
        cosine=cosine, beyond=cosine, titled=cosine, own=cosine, away=away,
        breadth=math.log2(max(1.0, story.breadth)), one_feed=float(subject.feed == story.source_ids),
        contrast=contrast, words=subject.words, meaning=meaning or 0.0, shared=math.log2(1+len(found)),
    )  # fmt: skip
    if weights.at_most(most) < bar:
        return None  # most candidates end here: what is left to measure is at most the cosine
    titled = [each for each in found if each[1] in subject.in_title]
    length = story.length
    measured = most._replace(
        beyond=beyond_strongest(found) / length,
        titled=sum([product for product, _ in titled]) / length,
        own=sum([product * _share(subject, story, word, yardstick) for product, word in titled]) / length,
        shared=math.log2(1+len(titled)), strongest=max(found)[0]/length,
        unmet=max([v for w,v in subject.vector.items() if w in subject.in_title and w not in story.vector],default=0.),
        missed=_missed(subject,story),
    )
    if len(story.voices) < _few(subject) and is_by_chance(measured):
        return None
    log_odds = weights.log_odds(measured)
    return Judged(story, log_odds, measured, weights) if log_odds >= bar else None


def _share(subject: Subject, story: Story, word: str, yardstick: Yardstick) -> float:
    """The part (0..1) of a word's document frequency that is the story's; a word seen once is no evidence."""
    count = story.count(word)
    if subject.story:
        count += subject.story.count(word) - 1
    return min(1.0, count / (1 + yardstick.seen(word)))


def _missed(subject,story):
    if not story.lead_vector: return 0.
    lead=title_terms(story.title)
    return max([v for w,v in story.lead_vector.items() if w in lead and w not in subject.vector],default=0.)


def _few(subject: Subject) -> float:
    """Of how few publishers a story is where one shared name is not enough."""
    if subject.story is None:
        return FEW_VOICES
    return MANY_VOICES if subject.story.posts == 1 else math.inf
