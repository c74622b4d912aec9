"""Stories of a stream, and pairs of neighbours, drawn at random for a person to read."""

from __future__ import annotations

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from aggregator.text.word_vectors import dot, vector, weigh
from aggregator.text.words import words_of
from benchmarks.story_stream import Decided, Item

# Stories further apart could not have been one.
_NEAR = timedelta(days=3)

_MOST_TITLE, _MOST_TEXT = 160, 220


def show(items: Sequence[Item], decided: Decided, count: int, seed: int) -> None:
    """So many stories of two posts and more; so many stories beside the one whose words are nearest to theirs."""
    members: dict[int, list[int]] = defaultdict(list)
    for number, story in enumerate(decided.stories):
        members[story].append(number)
    several = [story for story in members if len(members[story]) > 1]
    dice = random.Random(seed)
    for story in sorted(dice.sample(several, min(count, len(several)))):
        print(f"\nstory {story}")
        for number in members[story]:
            print(f"  {_line(items[number])}  [{decided.because[number][:110]}]")
    firsts = [numbers[0] for numbers in members.values()]
    for likeness, one, other in _neighbours(items, firsts, dice.sample(firsts, min(count, len(firsts)))):
        print(f"\nneighbours ({likeness:.2f})\n  {_line(items[one])}\n  {_line(items[other])}")


def write(items: Sequence[Item], decided: Decided, count: int, seed: int, out: Path) -> None:
    """So many stories with two publishers or more, drawn by the seed, into a file, without the program's reasons.

    Beside it, with `.ids` behind its name, the ids of each story's items: a JSON list a line, in the same order.
    """
    members: dict[int, list[Item]] = defaultdict(list)
    for item, story in zip(items, decided.stories, strict=True):
        members[story].append(item)
    told = [members[story] for story in sorted(members) if len({item.publisher for item in members[story]}) > 1]
    drawn = random.Random(seed).sample(told, min(count, len(told)))
    blocks = [
        "".join([f"#{number} ({len(story)} posts)\n", *map(_block, story)]) for number, story in enumerate(drawn, 1)
    ]
    out.write_text("\n".join(blocks), encoding="utf-8")
    ids = out.with_name(f"{out.name}.ids")
    ids.write_text("".join(f"{json.dumps([item.id for item in story])}\n" for story in drawn), encoding="utf-8")
    print(f"  {len(drawn)} of {len(told)} stories with two publishers or more, drawn by the seed {seed}: {out}, {ids}")


def _block(item: Item) -> str:
    lead = " ".join(item.text.split())[:_MOST_TEXT]
    return f"  - {item.at:%Y-%m-%d %H:%M} {item.publisher}: {item.title[:_MOST_TITLE]}\n      {lead}\n"


def _neighbours(items: Sequence[Item], firsts: Sequence[int], drawn: Sequence[int]) -> Iterator[tuple[float, int, int]]:
    """For the first posts of some stories the nearest first post of another within days, and how near (0..1)."""
    raw = {
        number: vector(words_of(items[number].title, items[number].text), items[number].language) for number in firsts
    }
    seen = Counter(term for terms in raw.values() for term in terms)
    unit: Mapping[int, Mapping[str, float]] = {
        number: weigh({term: tf * math.log(1 + len(raw) / (1 + seen[term])) for term, tf in terms.items()})
        for number, terms in raw.items()
    }
    for one in sorted(drawn):
        near = [other for other in firsts if other != one and abs(items[other].at - items[one].at) <= _NEAR]
        if near:
            likeness, other = max((dot(unit[one], unit[other]), other) for other in near)
            yield likeness, one, other


def _line(item: Item) -> str:
    return f"{item.at:%m-%d} {item.publisher}: {item.title[:100]} | {item.text[:80]}"
