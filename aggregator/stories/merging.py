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

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.stories import hybrid
from aggregator.stories.comparison import Yardstick, of_story, judge
from aggregator.stories.evidence import probability
from aggregator.stories.lexical import MANY_VOICES, by_share, products, rounded
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story
from aggregator.stories.window import Arrivals
from aggregator.text.word_vectors import shared_words

# The cosine beyond the strongest word from which two stories of a few posts each are one; each doubling of the smaller
# lowers it by this part, since the chance that many posts agree by accident shrinks, down to the lowest.
_MERGE_BAR = 0.25
_GROWTH_LOWERS = 0.15
_LOWEST_MERGE_BAR = 0.06

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
    story: Story
    into: Story
    similarity: float
    excess: float


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
    for _ in range(_MOST_ROUNDS):
        pairs: dict[tuple[int, int], _Pair] = {}
        for story in overlay.touched_since(since):
            if story.id not in fixed:
                for pair in _pairs(overlay, story, fixed):
                    pairs[pair.story.id, pair.into.id] = pair
        merged = _merge_best(overlay, list(pairs.values()))
        if not merged:
            break
        found += merged
    return found


def _merge_best(overlay: Overlay, pairs: list[_Pair]) -> list[Merge]:
    """Merge the surest pairs, each story once."""
    met: set[int] = set()
    merged: list[Merge] = []
    for pair in sorted(pairs, key=lambda pair: (-pair.excess, pair.story.id, pair.into.id)):
        if met.isdisjoint((pair.story.id, pair.into.id)):
            met |= {pair.story.id, pair.into.id}
            shared = shared_words(pair.story.vector, pair.into.vector)
            scale = pair.story.length * pair.into.length
            words = ", ".join(f"{word} {weight / scale:.2f}" for word, weight in shared)
            because = f"second thoughts: one event with story {pair.into.id} ({pair.similarity:.2f}): {words}"
            merged.append(Merge(pair.story.id, pair.into.id, pair.similarity, because))
            overlay.merge(pair.story.id, pair.into.id)
    return merged


def _pairs(overlay: Overlay, story: Story, fixed: frozenset[int]) -> Iterator[_Pair]:
    """The candidates with which a story is one event, surely enough."""
    is_large = len(story.voices) >= MANY_VOICES
    by_words = overlay.sharing_words(story, singles=True)
    near = overlay.near_by_embedding(story.embedding, story.last_at)
    others = [
        other
        for other in {each.id: each for each in (*by_words, *near)}.values()
        if other.id not in fixed and other.id != story.id and _is_near_in_time(overlay, story, other)
        and (other.posts > 1 or story.posts > 1)
    ]
    yardstick = Yardstick(overlay.window, overlay.seen)
    small = [o for o in others if (o.posts, -o.id) < (story.posts, -story.id)]
    large = [o for o in others if (o.posts, -o.id) > (story.posts, -story.id)]
    cos={o.id: _cos(story,o) for o in others}
    best=sorted(cos.values(),reverse=True)[:2]
    for o in others:
        s, l = sorted((story, o), key=lambda each: (each.posts, -each.id))
        if s.posts==1 and s.serial > l.serial: continue
        c=cos[o.id]; contrast=(best[1] if len(best)>1 else 0.) if c==best[0] else best[0]
        j=judge(of_story(s), l, products(of_story(s).vector,l.vector), c, contrast, yardstick) if c else None
        if j:
            yield _Pair(s,l,rounded(probability(j.log_odds)),j.log_odds)
            continue
        if len(l.voices) >= MANY_VOICES > len(s.voices):
            pair = _of_large(overlay, s, l)
            if pair:
                yield pair
                continue
        if similarity := hybrid.across_stories(s, l):
            yield _Pair(s, l, round(similarity, 3), similarity)


def _cos(a,b):
    x=a.length*b.length; return sum(p for p,_ in products(a.vector,b.vector))/x if x else 0.


def _of_large(overlay: Overlay, small: Story, large: Story) -> _Pair | None:
    """A small story whose words are a large one's, clearly more than any other's."""
    if not _by_share(overlay, small, large):
        return None  # most end here, and what else is near need not be looked for
    near = (large, *overlay.sharing_words(small), *overlay.near_by_embedding(small.embedding, small.last_at))
    found = {each.id: each for each in near if len(each.voices) >= MANY_VOICES and each.id != small.id}
    return _clearest(small, large, [(_by_share(overlay, small, each), -each.id) for each in found.values()], _CLEAR)


def _by_share(overlay: Overlay, small: Story, large: Story) -> float:
    found = products(small.vector, large.vector)
    return by_share(found, small.length * large.length, lambda word: overlay.share(large, word)) if found else 0.0


def _clearest(small: Story, large: Story, near: list[tuple[float, int]], clear: float) -> _Pair | None:
    """The pair, if the large story is nearer than any other, by this factor. `near`: how near, and the ids negated."""
    near.sort(reverse=True)
    similarity, best = near[0]
    if not similarity or -best != large.id or (len(near) > 1 and similarity < clear * near[1][0]):
        return None
    return _Pair(small, large, round(min(similarity, 1.0), 3), similarity)


def _is_near_in_time(overlay: Overlay, one: Story, other: Story) -> bool:
    return one.first_at - overlay.window <= other.last_at and other.first_at - overlay.window <= one.last_at
