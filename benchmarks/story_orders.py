"""A labelled set in several orders of arrival, by words, with the extra, and by the plain baseline: mean and worst."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Stories
from benchmarks.baseline_stories import nearest_centroid
from benchmarks.scores import Scores, ratio, score
from benchmarks.story_sets import ORDERS, Verdicts, among_strangers
from benchmarks.story_stream import Decided, Item, Stream, jittered

_BASELINE_THRESHOLDS = (0.02, 0.04, 0.06, 0.08, 0.10, 0.15, 0.20, 0.30)
# Of a set among thousands of others: those that are best without them.
_BASELINE_AMONG = (0.04, 0.10, 0.15, 0.20)


@dataclass(slots=True)
class Measured:
    """What came out of each order; `largest` story of any, `strangers` that joined a labelled item's story, in all."""

    scores: list[Scores] = field(default_factory=list)
    largest: int = 0
    strangers: int = 0

    def add(self, items: Sequence[Item], stories: Sequence[int]) -> None:
        """Take an order in; items without a label are strangers."""
        known = [(item.label, story) for item, story in zip(items, stories, strict=True) if item.label is not None]
        labels, found = [label for label, _ in known], [story for _, story in known]
        self.scores.append(score(labels, found))
        self.largest = max(self.largest, max(Counter(stories).values()))
        labelled = set(found)
        self.strangers += sum(
            item.label is None and story in labelled for item, story in zip(items, stories, strict=True)
        )

    def mean(self, of: Callable[[Scores], float] = lambda each: each.f1) -> float:
        """Of B³ F1, or of something else, over the orders."""
        return sum(map(of, self.scores)) / len(self.scores)

    def __str__(self) -> str:
        worst = min(each.f1 for each in self.scores)
        strangers = f", strangers joined {self.strangers}" if self.strangers else ""
        return (
            f"B³ F1 {self.mean():.3f} (P {self.mean(lambda each: each.precision):.3f} "
            f"R {self.mean(lambda each: each.recall):.3f}), worst {worst:.3f}, largest {self.largest}{strangers}"
        )


def report(
    name: str, items: Sequence[Item], settings: Stories, encoder: Encoder | None, strangers: Sequence[Item] = ()
) -> None:
    """Print what comes out of a labelled set. `strangers`: a stream of which some thousands come between its items."""
    orders = [jittered(items, seed) for seed in ORDERS]
    if strangers:
        orders = [among_strangers(each, strangers, seed) for each, seed in zip(orders, ORDERS, strict=True)]
    print(f"  {name}, mean of {len(orders)} orders")
    for how, model in {"by words": None, "by words and meaning": encoder}.items():
        if model is None and how != "by words":
            continue
        milliseconds = []
        measured = Measured()
        for order in orders:
            decided = Stream(settings, model).run(order)
            measured.add(order, decided.stories)
            milliseconds.append(decided.milliseconds)
        # Later orders are not encoded again.
        print(f"    {how}: {measured}; {milliseconds[0]:.3f} ms CPU a post")
    best = _best_baseline(orders, _BASELINE_AMONG if strangers else _BASELINE_THRESHOLDS)
    print(f"    plain nearest centroid, at its best threshold {best[0]:.2f}: {best[1]}")


def _best_baseline(orders: Sequence[Sequence[Item]], thresholds: Sequence[float]) -> tuple[float, Measured]:
    found: dict[float, Measured] = defaultdict(Measured)
    for threshold in thresholds:
        for order in orders:
            found[threshold].add(order, nearest_centroid(order, threshold).stories)
    return max(found.items(), key=lambda each: (each[1].mean(), -each[0]))


def agreement(items: Sequence[Item], decided: Decided, verdicts: Verdicts) -> str:
    """Of the pairs that readers judged, how many are in one story, by their answer; the weighted part that is right."""
    story_of = {item.id: story for item, story in zip(items, decided.stories, strict=True)}
    counts: Counter[tuple[str, bool]] = Counter()
    weights: dict[tuple[str, bool], float] = defaultdict(float)
    for (one, other), verdict in verdicts.items():
        if one in story_of and other in story_of:
            key = verdict.answer, story_of[one] == story_of[other]
            counts[key] += 1
            weights[key] += verdict.weight
    joined = weights["yes", True] + weights["no", True]
    return (
        f"joined: yes {counts['yes', True]} no {counts['no', True]} debatable {counts['debatable', True]}; apart: "
        f"yes {counts['yes', False]} no {counts['no', False]} debatable {counts['debatable', False]}; weighted "
        f"precision {ratio(weights['yes', True], joined):.3f}"
    )
