"""How well posts are grouped into stories, on labelled headlines and on a real stream, with the code that decides live.

python -m benchmarks.quality_stories headlines --data FILE   labelled stories: B-cubed and pairwise scores
python -m benchmarks.quality_stories copies --data FILE      one article under several titles: found by words alone?
python -m benchmarks.quality_stories stream --data FILE      no labels: what was joined, for reading; cost per post

Data is JSON Lines: title, publisher, time, id; text and label where there are some.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.second_thoughts import second_thoughts
from aggregator.settings import Stories
from aggregator.stories import Nearest, StoryPost
from aggregator.story_index import StoryIndex
from aggregator.vectors import vector

_THRESHOLDS = (0.06, 0.08, 0.10, 0.12, 0.14, 0.15, 0.16, 0.18, 0.20, 0.25)

# Headlines were crawled story by story; without this spread they would come in blocks.
_JITTER = timedelta(hours=12)

# Posts decided together, as a poll brings them.
_BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the data."""

    id: str
    title: str
    text: str
    publisher: str
    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """The story of each item, why it joined (None: it started one), and the time it took per item in milliseconds."""

    stories: list[int]
    joined: list[Nearest | None]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Scores:
    """B-cubed precision, recall and F1; pairwise precision, recall and F1; how many stories there are."""

    precision: float
    recall: float
    f1: float
    pair_precision: float
    pair_recall: float
    pair_f1: float
    stories: int

    def __str__(self) -> str:
        return (
            f"B³ {self.precision:.2f}/{self.recall:.2f}/{self.f1:.2f}  pairs {self.pair_precision:.2f}/"
            f"{self.pair_recall:.2f}/{self.pair_f1:.2f}  {self.stories} stories"
        )


def load_items(path: Path) -> list[Item]:
    """The items of a file, in the order of their time."""
    with path.open(encoding="utf-8") as lines:
        items = [_item(json.loads(line)) for line in lines]
    return sorted(items, key=lambda item: (item.at, item.id))


def jittered(items: Iterable[Item], seed: int = 7) -> list[Item]:
    """The same items up to 12 hours later each, in their new order."""
    dice = random.Random(seed)
    moved = [replace(item, at=item.at + _JITTER * dice.random()) for item in items]
    return sorted(moved, key=lambda item: (item.at, item.id))


def half(label: str) -> int:
    """0 or 1: the half of the stories that a label belongs to, always the same."""
    return hashlib.sha256(label.encode()).digest()[0] % 2


def group(items: Sequence[Item], settings: Stories) -> Grouped:
    """Send the items through a `StoryIndex` as `decide` does, without links and copies."""
    index = StoryIndex(settings.window, settings.threshold)
    sources: dict[str, int] = {}
    stories: list[int] = []
    joined: list[Nearest | None] = []
    next_pass, passed = items[0].at + timedelta(hours=1), 0
    successors: dict[int, int] = {}
    started = time.perf_counter()
    for first in range(0, len(items), _BATCH):
        index.forget(items[first].at - 2 * settings.window)
        draft = index.draft()
        for number, item in enumerate(items[first : first + _BATCH], first + 1):
            post = _post(item, number, sources.setdefault(item.publisher, len(sources) + 1))
            nearest = draft.nearest(post)
            story = draft.join(nearest.story.id, post) if nearest else draft.start(number, post)
            stories.append(story.id if story else 0)
            joined.append(nearest)
        index.accept(draft)
        if items[min(first + _BATCH, len(items)) - 1].at >= next_pass or first + _BATCH >= len(items):
            next_pass = items[min(first + _BATCH, len(items)) - 1].at + timedelta(hours=1)
            draft = index.draft()
            for merge in second_thoughts(draft, passed):
                successors[merge.story_id] = merge.into
            index.accept(draft)
            passed = index.posts
    stories = [_root(story, successors) for story in stories]
    return Grouped(stories, joined, (time.perf_counter() - started) * 1000 / max(1, len(items)))


def _root(story: int, successors: dict[int, int]) -> int:
    while story in successors:
        story = successors[story]
    return story


def score(labels: Sequence[Hashable], found: Sequence[Hashable]) -> Scores:
    """How well the found groups agree with the labelled ones."""
    gold, mine, both = Counter(labels), Counter(found), Counter(zip(labels, found, strict=True))
    precision = _ratio(sum(n * n / mine[group] for (_, group), n in both.items()), len(labels))
    recall = _ratio(sum(n * n / gold[label] for (label, _), n in both.items()), len(labels))
    right, claimed, wanted = _pairs(both), _pairs(mine), _pairs(gold)
    pair_precision, pair_recall = _ratio(right, claimed), _ratio(right, wanted)
    pair_f1 = _f1(pair_precision, pair_recall)
    return Scores(precision, recall, _f1(precision, recall), pair_precision, pair_recall, pair_f1, len(mine))


def run_headlines(path: Path, threshold: float) -> None:
    """Tune on one half of the stories, report on the other; then what the configured threshold gives."""
    items = jittered(load_items(path))
    halves = [[item for item in items if half(item.label) == number] for number in (0, 1)]
    best = (0.0, threshold)
    print(f"tuning half: {len(halves[0])} headlines of {len({item.label for item in halves[0]})} stories")
    for candidate in _THRESHOLDS:
        scores = _scored(halves[0], candidate)
        print(f"  threshold {candidate:.2f}  {scores}")
        best = max(best, (scores.f1, candidate))
    print(f"other half: {len(halves[1])} headlines of {len({item.label for item in halves[1]})} stories")
    print(f"  tuned      {best[1]:.2f}  {_scored(halves[1], best[1])}")
    print(f"  configured {threshold:.2f}  {_scored(halves[1], threshold)}")


def run_copies(path: Path, threshold: float) -> None:
    """Items of one article, their addresses hidden: how many come into one story, and what else does."""
    items = load_items(path)
    print(f"{len(items)} items of {len({item.label for item in items})} articles: {_scored(items, threshold)}")


def run_stream(path: Path, threshold: float, seed: int, clusters: int, pairs: int) -> None:
    """What was joined: the largest stories, and random joins with their reasons."""
    items = load_items(path)
    grouped = group(items, replace(Stories(), threshold=threshold))
    members: dict[int, list[Item]] = defaultdict(list)
    for item, story in zip(items, grouped.stories, strict=True):
        members[story].append(item)
    joins = [number for number, nearest in enumerate(grouped.joined) if nearest]
    print(f"{len(items)} items, {len(members)} stories, {len(joins)} joined, {grouped.milliseconds:.2f} ms per item")
    for story in sorted(members, key=lambda story: (-len(members[story]), story))[:clusters]:
        print(f"\nstory of {len(members[story])}")
        for item in members[story]:
            print(f"  {item.at:%Y-%m-%d} {item.title[:110]}")
    for number in sorted(random.Random(seed).sample(joins, min(pairs, len(joins)))):
        item, nearest = items[number], grouped.joined[number]
        before = [other for other in members[grouped.stories[number]] if other.at <= item.at and other.id != item.id]
        print(
            f"\n  {before[-1].title[:110] if before else ''}\n  {item.title[:110]}\n    {nearest and nearest.because}"
        )


def run_cost(path: Path, threshold: float, wanted: int) -> None:
    """Milliseconds to find the nearest story among so many open ones."""
    items = load_items(path)
    index = StoryIndex(timedelta(days=9999), 1.1)  # nothing joins
    draft = index.draft()
    for number, item in enumerate(items[:wanted], 1):
        draft.start(number, _post(item, number, number))
    index.accept(draft)
    index.threshold, draft = threshold, index.draft()
    posts = [_post(item, number, number) for number, item in enumerate(items[wanted : wanted + 500], wanted)]
    started = time.perf_counter()
    for post in posts:
        draft.nearest(post)
    elapsed = (time.perf_counter() - started) * 1000 / max(1, len(posts))
    print(f"{len(index.stories)} open stories: {elapsed:.2f} ms per post")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_stories", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("headlines", "copies", "stream", "cost"))
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines: id, title, publisher, time, …")
    parser.add_argument("--threshold", type=float, default=Stories().threshold)
    parser.add_argument("--seed", type=int, default=1, help="stream: chooses the joins that are shown")
    parser.add_argument("--clusters", type=int, default=40, help="stream: so many of the largest stories")
    parser.add_argument("--pairs", type=int, default=60, help="stream: so many joins")
    parser.add_argument("--stories", type=int, default=2000, help="cost: so many open stories")
    given = parser.parse_args(arguments)
    if given.what == "headlines":
        run_headlines(given.data, given.threshold)
    elif given.what == "copies":
        run_copies(given.data, given.threshold)
    elif given.what == "stream":
        run_stream(given.data, given.threshold, given.seed, given.clusters, given.pairs)
    else:
        run_cost(given.data, given.threshold, given.stories)
    return 0


def _item(row: dict[str, str]) -> Item:
    at = datetime.fromisoformat(row["time"])
    return Item(
        id=row["id"], title=row["title"], text=row.get("text", ""), publisher=row.get("publisher") or "",
        at=at if at.tzinfo else at.replace(tzinfo=UTC), label=row.get("label", ""),
    )  # fmt: skip


def _post(item: Item, number: int, source_id: int) -> StoryPost:
    return StoryPost(
        post_id=number, source_id=source_id, title=item.title, language="en", at=item.at, is_article=True,
        terms=vector(item.title, item.text, "en"), entities=frozenset(),
    )  # fmt: skip


def _scored(items: Sequence[Item], threshold: float) -> Scores:
    grouped = group(items, replace(Stories(), threshold=threshold))
    return score([item.label for item in items], grouped.stories)


def _pairs(counts: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return _ratio(2 * precision * recall, precision + recall)


if __name__ == "__main__":
    raise SystemExit(main())
