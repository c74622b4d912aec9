"""The plain baseline: TF-IDF of single words, idf from the past, the nearest centroid within 72 hours."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.text.language import stop_words
from aggregator.text.tokens import tokens
from benchmarks.story_stream import Item

_WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Found:
    """The story of each item, and CPU milliseconds an item."""

    stories: list[int]
    milliseconds: float


@dataclass(slots=True)
class _Centroid:
    last_at: datetime
    vector: dict[str, float] = field(default_factory=dict)

    def length(self) -> float:
        return math.sqrt(sum(weight * weight for weight in self.vector.values())) or 1.0


def nearest_centroid(items: Sequence[Item], threshold: float) -> Found:
    """Each item joins the centroid nearest by cosine, from the threshold on."""
    started = time.process_time()
    seen: Counter[str] = Counter()
    with_word: dict[str, set[int]] = defaultdict(set)
    centroids: list[_Centroid] = []
    stories: list[int] = []
    for number, item in enumerate(items):
        stops = stop_words(item.language)
        counts = Counter(word for word in tokens(f"{item.title} {item.text}") if word not in stops)
        weights = {word: n * math.log(1 + (1 + number) / (1 + seen[word])) for word, n in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vector = {word: weight / length for word, weight in weights.items()}
        story = _nearest(vector, item.at, centroids, with_word, threshold)
        if story is None:
            story = len(centroids)
            centroids.append(_Centroid(item.at))
        centroids[story].last_at = max(centroids[story].last_at, item.at)
        for word, weight in vector.items():
            centroids[story].vector[word] = centroids[story].vector.get(word, 0.0) + weight
            with_word[word].add(story)
        seen.update(counts.keys())
        stories.append(story)
    return Found(stories, (time.process_time() - started) * 1000 / max(1, len(items)))


def _nearest(
    vector: dict[str, float],
    at: datetime,
    centroids: Sequence[_Centroid],
    with_word: dict[str, set[int]],
    threshold: float,
) -> int | None:
    products: dict[int, float] = defaultdict(float)
    for word, weight in vector.items():
        for story in with_word[word]:
            products[story] += weight * centroids[story].vector[word]
    best: tuple[float, int] | None = None
    for story, product in products.items():
        if product < threshold or centroids[story].last_at < at - _WINDOW:
            continue  # a centroid is at least as long as a unit vector
        near = (product / centroids[story].length(), -story)
        if near[0] >= threshold and (best is None or near > best):
            best = near
    return None if best is None else -best[1]
