"""How well posts are recognised as copies and grouped into stories, with the code that decides live.

    python -m benchmarks.quality stories --data FOLDER [--predictions FILE]
    python -m benchmarks.quality stories --data FOLDER | --items FILE --stories N --out FILE [--seed S]

FOLDER has files of JSON Lines, each left out where it is missing; labels may be missing too:

- `headlines_en.jsonl`: labelled stories, crawled story by story, so their times are spread over 12 hours.
- `general_news.jsonl`: labelled events on all subjects, several sets of them (`set`); by themselves, and among 3,000
  items of the stream.
- `ai_news_stream.jsonl`: a stream without labels: what was joined, for reading (`--read N`), and whether that is what
  readers said of some pairs (`--verdicts FILE`).
- `same_article_groups.jsonl`: one article in several newsletters: recognised with and without its address?
- `crosslingual_pairs.jsonl`, `crosslingual_articles.jsonl`: pairs of articles in ten languages: the same story?

One configuration for all: the shipped default. Where the extra `semantic` is installed, with it and without;
predictions are made with it (`--lexical`: without), of labelled sets in the first of their orders. Beside it a plain
TF-IDF nearest-centroid baseline.

`--stories N` measures nothing, and writes N stories of the stream, or of the items of a file, for people to read: drawn
by a seed, without the program's reasons; and the ids of their items.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Stories
from aggregator.stories.encoder import encoder_for
from aggregator.text.tokens import tokens
from aggregator.text.urls import canonical_url
from benchmarks import reading
from benchmarks.baseline_stories import nearest_centroid
from benchmarks.cross_pairs import run_pairs
from benchmarks.scores import ratio, score
from benchmarks.story_orders import agreement, report
from benchmarks.story_sets import (
    GENERAL,
    HEADLINES,
    ORDERS,
    STRANGERS,
    STREAM,
    VERDICTS,
    Remembered,
    Verdicts,
    load_general,
    load_verdicts,
)
from benchmarks.story_stream import Decided, Item, Stream, jittered, load_items

# Of a stream without labels, where the best is not known.
_BASELINE_THRESHOLD = 0.15

# The gap within which one article comes again.
_COPY_DAYS = 5

Prediction = dict[str, Any]
Given = argparse.Namespace


def register(subparsers: Any) -> None:
    """Add the sub-command `stories` to `python -m benchmarks.quality`."""
    parser = subparsers.add_parser("stories", help="copies and stories", description=__doc__.splitlines()[0])
    _add_arguments(parser)
    parser.set_defaults(run=run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it by itself."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_stories", description=__doc__.splitlines()[0])
    _add_arguments(parser)
    return run(parser.parse_args(arguments))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--data", type=Path, help="a folder with the files named above")
    given.add_argument("--items", type=Path, help="with --stories: one file of items instead")
    parser.add_argument("--predictions", type=Path, help="write one JSON line for each item and pair")
    parser.add_argument("--threshold", type=float, default=Stories().threshold, help="instead of the shipped one")
    parser.add_argument("--lexical", action="store_true", help="without the extra, also where it is installed")
    parser.add_argument("--verdicts", type=Path, default=VERDICTS, help="JSON Lines: id, other, verdict, weight")
    parser.add_argument("--read", type=int, default=0, help="show so many stories and neighbour pairs of the stream")
    parser.add_argument("--stories", type=int, default=0, metavar="N", help="only write N stories for people to read")
    parser.add_argument("--out", type=Path, default=Path("stories.txt"), help="where to; the ids go beside it")
    parser.add_argument("--seed", type=int, default=1, help="which ones are shown or written")


def run(given: Given) -> int:
    """Run the benchmark over every file that is there."""
    settings = replace(Stories(), threshold=given.threshold)
    model = None if given.lexical else encoder_for("auto")
    encoder = model and Remembered(model)
    print("with the extra `semantic`" if encoder else "by words alone: the extra `semantic` is not used")
    if given.stories or given.items:
        items = load_items(given.items or given.data / STREAM)
        reading.write(items, Stream(settings, encoder).run(items), given.stories or len(items), given.seed, given.out)
        return 0
    predictions: list[Prediction] = []
    for name, step in _STEPS.items():
        path = given.data / name
        if path.exists():
            print(f"\n{name}")
            predictions += step(path, settings, given, encoder)
    if given.predictions:
        with given.predictions.open("w", encoding="utf-8") as out:
            out.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for line in predictions)
    return 0


def _headlines(path: Path, settings: Stories, given: Given, encoder: Encoder | None) -> list[Prediction]:
    items = load_items(path)
    if _is_labelled(items):
        report("headlines", items, settings, encoder)
    return list(_stories(*_in_first_order(items, settings, encoder)))


def _general(path: Path, settings: Stories, given: Given, encoder: Encoder | None) -> list[Prediction]:
    strangers = load_items(path.with_name(STREAM)) if path.with_name(STREAM).exists() else []
    predictions: list[Prediction] = []
    first = 0
    for name, items in load_general(path).items():
        if _is_labelled(items):
            report(name, items, settings, encoder)
        if _is_labelled(items) and strangers:
            report(f"{name} among {min(STRANGERS, len(strangers))} of the stream", items, settings, encoder, strangers)
        found = list(_stories(*_in_first_order(items, settings, encoder)))
        predictions += [{**each, "story": first + each["story"]} for each in found]  # of each set others
        first = max((each["story"] for each in predictions), default=first)
    return predictions


def _is_labelled(items: Sequence[Item]) -> bool:
    return any(item.label is not None for item in items)


def _in_first_order(
    items: Sequence[Item], settings: Stories, encoder: Encoder | None
) -> tuple[Sequence[Item], Decided]:
    moved = jittered(items, ORDERS[0])
    return moved, Stream(settings, encoder).run(moved)


def _stream(path: Path, settings: Stories, given: Given, encoder: Encoder | None) -> list[Prediction]:
    items = load_items(path)
    verdicts = load_verdicts(given.verdicts)
    decided = _shown(items, Stream(settings).run(items), "ours, by words", verdicts)
    if encoder:
        by_words = decided
        decided = _shown(items, Stream(settings, encoder).run(items), "ours, by words and meaning", verdicts)
        print(f"  stories of several posts that words alone group otherwise: {_differing(decided, by_words)}")
    by_address = [replace(item, label=canonical_url(item.url) or item.id) for item in items]
    hidden = Stream(settings, encoder).run(items, show_urls=False)
    print(f"  copies, URLs hidden (right: the same address): {copy_scores(by_address, hidden)}")
    _baseline(items)
    if given.read:
        reading.show(items, decided, given.read, given.seed)
    return list(_stories(items, decided))


def _shown(items: Sequence[Item], decided: Decided, name: str, verdicts: Verdicts) -> Decided:
    sizes = Counter(Counter(decided.stories).values())
    _report(name, items, decided)
    several = {size: times for size, times in sizes.items() if size > 1}
    posts, largest = sum(size * times for size, times in several.items()), max(sizes, default=0)
    print(f"  stories of several posts {sum(several.values())} with {posts} posts, the largest {largest}")
    if verdicts:
        print(f"  pairs that readers judged, {agreement(items, decided, verdicts)}")
    copies = sum(each is not None for each in decided.copy_of)
    print(f"  stories of each size: {dict(sorted(sizes.items()))}; copies {copies}")
    return decided


def _differing(decided: Decided, other: Decided) -> int:
    """How many stories of several posts the other grouping has not."""
    return len({each for each in _groups(decided) - _groups(other) if len(each) > 1})


def _groups(decided: Decided) -> set[tuple[int, ...]]:
    members: Mapping[int, list[int]] = defaultdict(list)
    for number, story in enumerate(decided.stories):
        members[story].append(number)
    return {tuple(each) for each in members.values()}


def _same_article(
    path: Path, settings: Stories, given: argparse.Namespace, encoder: Encoder | None
) -> list[Prediction]:
    items = load_items(path)
    hidden = Stream(settings, encoder).run(items, show_urls=False)
    shown = Stream(settings, encoder).run(items)
    if any(item.label is not None for item in items):
        for name, decided in (("URLs hidden", hidden), ("URLs shown", shown)):
            print(f"  copies, {name}: {copy_scores(items, decided)}")
        _report("stories, URLs hidden", items, hidden)
    ids = [item.id for item in items]
    return [
        {"id": item.id, "copy_of": None if original is None else ids[original]}
        for item, original in zip(items, hidden.copy_of, strict=True)
    ]


def copy_scores(items: Sequence[Item], decided: Decided) -> str:
    """Of the items that came before within five days, how many are copies of one of their group."""
    came = [_before(items, number) for number in range(len(items))]
    differ = [bool(c) and all(_words(items[other]) != _words(items[n]) for other in c) for n, c in enumerate(came)]
    claimed = {n: original for n, original in enumerate(decided.copy_of) if original is not None}
    right = {n for n, original in claimed.items() if items[original].label == items[n].label}
    found = sum(bool(came[n]) for n in right)
    return (
        f"precision {ratio(len(right), len(claimed)):.3f} recall {ratio(found, sum(map(bool, came))):.3f}; "
        f"where titles differ recall {ratio(sum(differ[n] for n in right), sum(differ)):.3f} of {sum(differ)}"
    )


def _before(items: Sequence[Item], number: int) -> list[int]:
    this = items[number]
    return [
        other
        for other in range(number)
        if items[other].label == this.label and (this.at - items[other].at).days <= _COPY_DAYS
    ]


def _words(item: Item) -> list[str]:
    return sorted(tokens(item.title))


def _pairs(path: Path, settings: Stories, given: Given, encoder: Encoder | None) -> list[Prediction]:
    return run_pairs(path, path.with_name("crosslingual_articles.jsonl"), encoder)


_STEPS = {
    HEADLINES: _headlines,
    GENERAL: _general,
    STREAM: _stream,
    "same_article_groups.jsonl": _same_article,
    "crosslingual_pairs.jsonl": _pairs,
}


# ------------------------------------------------------------ reporting


def _report(name: str, items: Sequence[Item], decided: Decided) -> None:
    _print_scores(name, items, decided.stories, decided.milliseconds)


def _print_scores(name: str, items: Sequence[Item], stories: Sequence[int], milliseconds: float) -> None:
    known = [(item.label, story) for item, story in zip(items, stories, strict=True) if item.label is not None]
    found = (
        str(score([label for label, _ in known], [s for _, s in known])) if known else f"clusters {len(set(stories))}"
    )
    print(f"  {name}: {found}   {milliseconds:.3f} ms CPU a post")


def _baseline(items: Sequence[Item]) -> None:
    found = nearest_centroid(items, _BASELINE_THRESHOLD)
    name = f"plain TF-IDF nearest centroid, threshold {_BASELINE_THRESHOLD}"
    _print_scores(name, items, found.stories, found.milliseconds)


def _stories(items: Iterable[Item], decided: Decided) -> Iterator[Prediction]:
    for item, story in zip(items, decided.stories, strict=True):
        yield {"id": item.id, "story": story}


if __name__ == "__main__":
    raise SystemExit(main())
