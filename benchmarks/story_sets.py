"""The sets that grouping is fitted and measured on: labelled news in several orders of arrival, and a stream.

Labelled sets were crawled event by event, or their beginnings moved together, so that their times say little: each item
comes up to 12 hours later, by a seed (`ORDERS`), and what is said of a set is the mean of its orders.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aggregator.model.embedding import Around, Encoder
from benchmarks.story_stream import Item, load_items

HEADLINES = "headlines_en.jsonl"
GENERAL = "general_news.jsonl"
STREAM = "ai_news_stream.jsonl"

VERDICTS = Path(__file__).with_name("verdicts") / "stories_ai.jsonl"

ORDERS = (7, 1, 2, 3)
"""The seeds of the orders of arrival; the first is that of predictions."""

STRANGERS = 3000
"""So many items of the stream come between those of a small set."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reader's answer on two items of the stream, one event or not: `yes`, `no` or `debatable`.

    `weight`: for how many pairs like it it stands, those of its stratum by those read.
    """

    answer: str
    weight: float


Verdicts = Mapping[tuple[str, str], Verdict]
"""By the ids of the newer item and the older one."""


class Remembered(Around):
    """An encoder that encodes each text once: sets are run in several orders."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._known: dict[str, bytes] = {}

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """The vectors of these texts, in their order."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(missing, self._encoder.encode(missing) if missing else (), strict=True))
        return [self._known[text] for text in texts]

    def rest(self) -> None:
        """Never."""


def load_general(path: Path) -> dict[str, list[Item]]:
    """The parts of a file of general news, by name; one part where it has none."""
    parts: dict[str, list[Item]] = {}
    for item in load_items(path):
        parts.setdefault(item.part or path.stem, []).append(item)
    return dict(sorted(parts.items(), reverse=True))


def load_verdicts(path: Path) -> dict[tuple[str, str], Verdict]:
    """A file of verdicts; none where it is missing."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {(row["id"], row["other"]): Verdict(row["verdict"], float(row["weight"])) for row in rows}


def among_strangers(items: Sequence[Item], stream: Sequence[Item], seed: int) -> list[Item]:
    """The items with some thousands of a stream between them, spread evenly over the same days, their labels hidden."""
    drawn = random.Random(seed).sample(list(stream), min(STRANGERS, len(stream)))
    drawn.sort(key=lambda item: item.at)
    first, span = items[0].at, items[-1].at - items[0].at
    since, lasted = drawn[0].at, drawn[-1].at - drawn[0].at
    moved = [replace(each, at=first + span * ((each.at - since) / lasted), label=None) for each in drawn]
    return sorted([*items, *moved], key=lambda item: (item.at, item.id))
