"""Copies whose addresses differ: on a stream with many distractors, for a person to read; and how many are found.

    python -m benchmarks.copies --data FOLDER [--read N] [--seed S]

FOLDER has ai_news_stream.jsonl and same_article_groups.jsonl. Prints each copy of the stream that has another address
than what it copies, both with id and text (`--read N`: only so many, drawn by the seed); then precision and recall on
the labelled groups of one article with their addresses hidden (`benchmarks.quality stories` prints them too).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from aggregator.model.settings import Stories
from aggregator.text.urls import canonical_url
from benchmarks.quality_stories import copy_scores
from benchmarks.story_stream import Decided, Item, Stream, load_items

_SHOWN = 300


def main() -> None:
    """Run both parts and print what they find."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--read", type=int, default=None, metavar="N")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    items = load_items(given.data / "ai_news_stream.jsonl")
    decided = Stream(Stories()).run(items)
    found = with_another_address(items, decided)
    copies = sum(original is not None for original in decided.copy_of)
    print(f"ai_news_stream: {len(items)} items, {copies} copies, {len(found)} of them with another address\n")
    drawn = found if given.read is None else random.Random(given.seed).sample(found, min(given.read, len(found)))
    for copy, original in sorted(drawn):
        print(f"{_line(items[copy])}\n  copies\n{_line(items[original])}\n")
    groups = load_items(given.data / "same_article_groups.jsonl")
    hidden = Stream(Stories()).run(groups, show_urls=False)
    print(f"same_article_groups, addresses hidden: {copy_scores(groups, hidden)}")


def with_another_address(items: Sequence[Item], decided: Decided) -> list[tuple[int, int]]:
    """(copy, original), as numbers of items, where both have addresses and these are not the same."""
    pairs = [(number, original) for number, original in enumerate(decided.copy_of) if original is not None]
    return [(copy, first) for copy, first in pairs if canonical_url(items[copy].url) != canonical_url(items[first].url)]


def _line(item: Item) -> str:
    return f"  {item.id}: {item.title}\n    {item.url[:120]}\n    {item.text[:_SHOWN]}"


if __name__ == "__main__":
    main()
