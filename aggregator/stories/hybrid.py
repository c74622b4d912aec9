"""Hybrid similarity of a post and a story, by words and by embedding together. Only with the extra `semantic`.

`embedding` is a cosine of embeddings (`aggregator.model.embedding`), `words` one of word vectors.

In one language meaning adds to words, and takes away: titles of one field have a cosine of up to 0.4 anyway (all but
one pair in a hundred of a stream of AI news), those of one event 0.5 to 0.8; what is far is no part of the event,
whatever words it shares. Once a story has many posts, its centroid is so well estimated that the mean of both cosines
is enough.

Across languages few words are shared, names and numbers mostly, so meaning decides, at a stricter threshold. Time is
better evidence there than words.

The numbers are tuned on one half of labelled headlines and of labelled pairs in two languages, and on a stream of AI
news read by hand (`python -m benchmarks.quality stories`; benchmarks/README.md).
"""

from __future__ import annotations

import math
from datetime import timedelta

from aggregator.stories.lexical import Products, Strength, beyond_strongest, products, rounded
from aggregator.stories.story import Story, StoryPost, Weighed
from aggregator.text.word_vectors import title_terms

# Below this cosine of embeddings a post is no part of the event.
FAR = 0.3

# What the cosine of embeddings adds to that of words for each unit above the usual, and at most.
_WEIGHT = 0.5
_USUAL = 0.4
_USUAL_ALONE = 0.55
_KNOWN_BETTER = 0.05
_MOST_ADDED = 0.12
_MOST_TAKEN = 0.04

# Part of the threshold that words must meet whatever the meaning: the embeddings of two releases of one company in a
# week are nearly the same. Without it one story of the stream had 16 posts on two models; with it the largest has 8, on
# one.
_WORDS_PART = 0.7

# So many posts estimate a story's centroid so well that the mean of both cosines is enough from this on. Second
# thoughts ask for it to be clearly nearer than the next.
_MANY_POSTS = 10
_NEAR_BOTH = 0.27
_LEAST_WORDS_SHARED = 0.05
CLEAR = 1.15

# Two stories are one only from this cosine of embeddings on; for each doubling of the smaller one more, since both
# centroids are the better estimated.
_MERGE_LEAST = 0.3
_MERGE_MORE = 0.05

# What meaning adds to the words of two stories for each unit above the usual.
_MERGE_WEIGHT = 0.5
_MERGE_USUAL = 0.6

# Across languages: what shared words add, what each doubling of the days between takes away, and other entities.
_SHARED = 0.5
_DOUBLING = 0.1
_OTHERS = 0.1
ACROSS_BAR = 0.62
_ACROSS_MORE = 0.03
# The embedding of a shorter title ("News", "Coronavirus") is no evidence. In words.
_LEAST_WORDS = 4

_DAY = timedelta(days=1)


def added(embedding: float, posts: int) -> float:
    """What a cosine of embeddings adds to one of words, or takes away. `posts`: of the story."""
    usual = max(_USUAL, _USUAL_ALONE - _KNOWN_BETTER * math.log2(max(1, posts)))
    return min(_MOST_ADDED, max(-_MOST_TAKEN, _WEIGHT * (embedding - usual)))


def both(words: float, embedding: float) -> float:
    """The mean of both cosines."""
    return (words + embedding) / 2


def across_languages(embedding: float, words: float, apart: timedelta, *, others_named: bool = False) -> float:
    """Similarity of two posts in different languages, at most 1, below 0 for unrelated ones; from 0.62 on one event.

    The cosine of embeddings, plus half of that of words (names and numbers mostly), less a tenth for each doubling of
    the days `apart`. `others_named`: both have entities, and none in common.
    """
    taken = _DOUBLING * math.log2(1 + apart / _DAY) + (_OTHERS if others_named else 0)
    return min(1.0, embedding + _SHARED * words - taken)


def across(post: StoryPost, weighed: Weighed, story: Story) -> float:
    """The similarity of a post and a story in another language; 0: below the threshold."""
    if None in (post.language, story.language) or post.language == story.language or not story.embedding or not post.embedding:
        return 0.0
    if len(weighed.in_title) < _LEAST_WORDS:
        return 0.0
    embedding = post.embedding.cosine(story.embedding)
    if embedding < FAR:
        return 0.0
    words = _cosine(products(weighed.vector, story.vector), story.length)
    apart = max(story.first_at - post.at, post.at - story.last_at, timedelta(0))
    near = across_languages(embedding, words, apart, others_named=_others_named(post.entities, story.entities))
    return rounded(near) if near >= ACROSS_BAR else 0.0


def _cosine(found: Products, length: float) -> float:
    return sum([product for product, _ in found]) / length if length else 0.0


def may_be_one(small: Story, large: Story) -> bool:
    """The embeddings of two stories are near enough for one event; True where one has none."""
    if not small.embedding or not large.embedding:
        return True
    return small.embedding.cosine(large.embedding) >= _MERGE_LEAST + _MERGE_MORE * math.log2(max(1, small.posts))


def added_to_merge(small: Story, large: Story) -> float:
    """What meaning adds to the cosine of two stories' words, or takes away; 0 where one has no embedding."""
    if not small.embedding or not large.embedding:
        return 0.0
    return _MERGE_WEIGHT * (small.embedding.cosine(large.embedding) - _MERGE_USUAL)


def nearness(small: Story, large: Story) -> float:
    """The mean of both cosines of two stories; 0: not near enough, or no embedding."""
    if not small.embedding or not large.embedding:
        return 0.0
    words = _cosine(products(small.vector, large.vector), small.length * large.length)
    near = both(words, small.embedding.cosine(large.embedding))
    return near if near >= _NEAR_BOTH and words >= _LEAST_WORDS_SHARED else 0.0


def across_stories(small: Story, large: Story) -> float:
    """The similarity of two stories in different languages; 0: below a bar that each doubling of the smaller raises."""
    if not small.embedding or not large.embedding or None in (small.language, large.language):
        return 0.0
    if small.language == large.language or min(len(title_terms(each.title)) for each in (small, large)) < _LEAST_WORDS:
        return 0.0
    words = _cosine(products(small.vector, large.vector), small.length * large.length)
    apart = max(small.first_at - large.last_at, large.first_at - small.last_at, timedelta(0))
    near = across_languages(
        small.embedding.cosine(large.embedding),
        words,
        apart,
        others_named=_others_named(small.entities, large.entities),
    )
    return near if near >= ACROSS_BAR + _ACROSS_MORE * math.log2(max(1, small.posts)) else 0.0


def _others_named(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)
