"""One event in two languages: by what posts mean. Only with the extra `semantic`.

Few words are shared, names and numbers mostly, so the cosine of embeddings decides, at a strict threshold; time is
better evidence than words. It is asked only where the model of evidence (`aggregator.stories.evidence`) says no. A
logistic model of these measures was tried and dropped: on labelled German–English pairs it is no better.

The numbers are tuned on one half of labelled pairs in two languages (`python -m benchmarks.quality stories`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from aggregator.stories.lexical import products
from aggregator.stories.story import Story, StoryPost, Weighed
from aggregator.text.word_vectors import title_terms

# Below this cosine of embeddings a post is no part of the event.
FAR = 0.3

# What shared words add, what each doubling of the days between takes away, and other entities.
_SHARED = 0.5
_DOUBLING = 0.1
_OTHERS = 0.1
ACROSS_BAR = 0.62
# Two stories are one from a higher bar on for each doubling of the smaller: both centroids are the better estimated.
_ACROSS_MORE = 0.03
# The embedding of a shorter title ("News", "Coronavirus") is no evidence. In words.
_LEAST_WORDS = 4

_DAY = timedelta(days=1)


def across_languages(embedding: float, words: float, apart: timedelta, *, others_named: bool = False) -> float:
    """Similarity of two posts in different languages, at most 1, below 0 for unrelated ones; from 0.62 on one event.

    The cosine of embeddings, plus half of that of words (names and numbers mostly), less a tenth for each doubling of
    the days `apart`. `others_named`: both have entities, and none in common.
    """
    taken = _DOUBLING * math.log2(1 + apart / _DAY) + (_OTHERS if others_named else 0)
    return min(1.0, embedding + _SHARED * words - taken)


def post_and_story(post: StoryPost, weighed: Weighed, story: Story) -> float:
    """The similarity (0..1) of a post and a story in another language; 0: below the bar, or one has no embedding."""
    if not post.embedding or not story.embedding or not _differ(post.language, story.language):
        return 0.0
    if weighed.is_column or len(weighed.in_title) < _LEAST_WORDS:
        return 0.0
    embedding = post.embedding.cosine(story.embedding)
    if embedding < FAR:
        return 0.0
    near = across_languages(
        embedding,
        _cosine(weighed.vector, story.vector, story.length),
        max(story.first_at - post.at, post.at - story.last_at, timedelta(0)),
        others_named=_others_named(post.entities, story.entities),
    )
    return near if near >= ACROSS_BAR else 0.0


def two_stories(small: Story, large: Story) -> float:
    """The similarity of two stories in different languages; 0: below a bar that each doubling of the smaller raises."""
    if not small.embedding or not large.embedding or not _differ(small.language, large.language):
        return 0.0
    if min(len(title_terms(each.title)) for each in (small, large)) < _LEAST_WORDS:
        return 0.0
    near = across_languages(
        small.embedding.cosine(large.embedding),
        _cosine(small.vector, large.vector, small.length * large.length),
        max(small.first_at - large.last_at, large.first_at - small.last_at, timedelta(0)),
        others_named=_others_named(small.entities, large.entities),
    )
    return near if near >= ACROSS_BAR + _ACROSS_MORE * math.log2(max(1, small.posts)) else 0.0


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _cosine(one: Mapping[str, float], other: Mapping[str, float], length: float) -> float:
    return sum([product for product, _ in products(one, other)]) / length if length else 0.0


def _others_named(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)
