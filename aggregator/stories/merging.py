"""Second thoughts: stories that turn out to be one are merged.

A post is assigned when it arrives, by the document frequencies and centroids of then. Two stories that both grew may be
on one event; a post that stood alone may belong to what has since become a large story. This pass finds them among the
stories that something came to since the last pass. It merges whole stories, the smaller into the larger: ids stay, the
smaller story's row points at its successor.

It runs once an hour by the clock, before the first post of the next hour: so it finds the same whether posts come live
or are grouped again later.

Single posts of a story stay where they are. Moving those whose cosine with another centroid is higher was tried and
dropped: of 43 moves among 3,425 labelled headlines none was right and 32 were wrong (with twice the similarity: 14 of
15 wrong), on eight months of AI news it moved 2.

Pure: `Merge`s out. The caller writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.stories import across
from aggregator.stories.comparison import Met, Subject, is_loose, judged, of_story, with_contrasts
from aggregator.stories.lexical import MANY_VOICES, by_share, products, share
from aggregator.stories.overlay import Overlay
from aggregator.stories.reasons import why, words
from aggregator.stories.story import Story
from aggregator.stories.window import Arrivals
from aggregator.text.word_vectors import shared_words

# A post or small story goes to a large one only when no other large one is nearly as near.
_CLEAR = 1.3

_HOUR = timedelta(hours=1)

# A merge may make another one plain; more rounds than this find nothing.
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """Story `story_id` is the same event as `into`: how sure that is (0..1), and why."""

    story_id: int
    into: int
    similarity: float
    because: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """`excess`: for the order in which pairs are merged: log odds where the model judged, else their similarity."""

    story: Story
    into: Story
    similarity: float
    excess: float
    because: str


def pending(arrivals: Arrivals, now: datetime) -> int | None:
    """The serial since which stories are to be looked at again; None: nothing came before this hour.

    It is that of the last post before the hour in which the newest one came.
    """
    latest: datetime | None = None
    for arrived in arrivals.newest_first():
        hour = arrived.seen_at.replace(minute=0, second=0, microsecond=0)
        if latest is None:
            latest = hour
            if now < latest + _HOUR:
                return None
        elif hour != latest:
            return arrived.serial
    return None if latest is None else 0


def second_thoughts(overlay: Overlay, since: int, fixed: frozenset[int] = frozenset()) -> list[Merge]:
    """The merges, in their order; `overlay` takes them in. `since`: the serial of the last post before the last pass.

    `fixed`: stories that an editor decided about; they stay as they are.
    """
    found: list[Merge] = []
    looked_at = [story.id for story in overlay.touched_since(since)]
    for _ in range(_MOST_ROUNDS):
        pairs: dict[tuple[int, int], _Pair] = {}
        for story in filter(None, map(overlay.story, looked_at)):
            if story.id not in fixed:
                for pair in _pairs(overlay, story, fixed):
                    # Seen from both sides, each with a contrast of its own: the surer view, whoever is looked at first.
                    held = pairs.get((pair.story.id, pair.into.id))
                    if held is None or held.excess < pair.excess:
                        pairs[pair.story.id, pair.into.id] = pair
        merged = _merge_best(overlay, list(pairs.values()))
        found += merged
        # Each story merges once a round; of those without a pair nothing is new.
        looked_at = sorted({each for pair in pairs for each in pair}) if merged else []
    return found


def _merge_best(overlay: Overlay, pairs: list[_Pair]) -> list[Merge]:
    """Merge the surest pairs, each story once."""
    met: set[int] = set()
    merged: list[Merge] = []
    for pair in sorted(pairs, key=lambda pair: (-pair.excess, pair.story.id, pair.into.id)):
        if met.isdisjoint((pair.story.id, pair.into.id)):
            met |= {pair.story.id, pair.into.id}
            because = f"second thoughts: one with story {pair.into.id}, {pair.because}"
            merged.append(Merge(pair.story.id, pair.into.id, pair.similarity, because))
            overlay.merge(pair.story.id, pair.into.id)
    return merged


def _pairs(overlay: Overlay, story: Story, fixed: frozenset[int]) -> Iterator[_Pair]:
    """The candidates with which a story is one event, surely enough."""
    near = (*overlay.sharing_words(story), *overlay.near_by_embedding(story.embedding, story.last_at))
    others = [
        other
        for other in {each.id: each for each in near}.values()
        if other.id not in fixed and other.id != story.id and _is_worth_a_look(overlay, story, other)
    ]
    pairs = [sorted((story, other), key=lambda each: (each.posts, -each.id)) for other in others]
    subjects = {small.id: of_story(small) for small, _ in pairs}
    compared = [(large, products(subjects[small.id].vector, large.vector)) for small, large in pairs]
    for (small, large), met in zip(pairs, with_contrasts(compared), strict=True):
        pair = (
            _same_event(overlay, subjects[small.id], small, met)
            or _of_large(overlay, small, large)
            or _across(small, large)
        )
        if pair:
            yield pair


def _is_worth_a_look(overlay: Overlay, one: Story, other: Story) -> bool:
    """Near enough in time, and not decided before: a single post was compared with what was there when it came."""
    if one.first_at - overlay.window > other.last_at or other.first_at - overlay.window > one.last_at:
        return False
    small, large = sorted((one, other), key=lambda each: (each.posts, -each.id))
    return small.posts > 1 or (large.posts > 1 and small.serial < large.serial)


def _same_event(overlay: Overlay, subject: Subject, small: Story, met: Met) -> _Pair | None:
    large = met.story
    for one in judged(subject, [met], overlay.yardstick()):
        shared = [(word, weight / large.length) for word, weight in shared_words(subject.vector, large.vector)]
        return _Pair(small, large, one.probability, one.log_odds, why(one, shared))
    return None


def _of_large(overlay: Overlay, small: Story, large: Story) -> _Pair | None:
    """A small story whose words are a large one's, clearly more than any other's.

    As posts, not into one of strangers; and not where the bar would rise for a crowd.
    """
    if not len(large.voices) >= MANY_VOICES > len(small.voices) or is_loose(large) or large.crowd(small):
        return None
    if not _by_share(overlay, small, large):
        return None  # most end here, and what else is near need not be looked for
    near = (large, *overlay.sharing_words(small), *overlay.near_by_embedding(small.embedding, small.last_at))
    found = {each.id: each for each in near if len(each.voices) >= MANY_VOICES and each.id != small.id}
    shares = sorted(((_by_share(overlay, small, each), -each.id) for each in found.values()), reverse=True)
    similarity, best = shares[0]
    if -best != large.id or (len(shares) > 1 and similarity < _CLEAR * shares[1][0]):
        return None
    scale = small.length * large.length
    shared = [(word, weight / scale) for word, weight in shared_words(small.vector, large.vector)]
    because = f"words that others lack ({similarity:.2f}): {words(shared)}"
    return _Pair(small, large, round(min(similarity, 1.0), 3), similarity, because)


def _across(small: Story, large: Story) -> _Pair | None:
    similarity = across.two_stories(small, large)
    if not similarity:
        return None
    because = f"same event in another language ({similarity:.2f})"
    return _Pair(small, large, round(similarity, 3), similarity, because)


def _by_share(overlay: Overlay, small: Story, large: Story) -> float:
    found = products(small.vector, large.vector)
    if not found:
        return 0.0
    return by_share(found, small.length * large.length, lambda word: share(large.count(word), overlay.seen(word)))
