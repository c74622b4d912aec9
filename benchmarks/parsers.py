"""The fast parser beside feedparser: the same documents by both, every difference field by field, and what each costs.

    python -m benchmarks.parsers --feeds FOLDER [--mutated 2000 --seed 1] [--repeat 3] [--show 40]

FOLDER has one feed a file, as they came from the web. `--mutated N` bends N documents out of shape at random instead of
taking them as they are; the same seed gives the same ones. The exit status is 1 where the two differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from aggregator.model.source import Parser
from aggregator.sources.encoding import decode
from aggregator.sources.feeds import xml_feed
from aggregator.sources.feeds.entries import Document
from aggregator.sources.feeds.fast.document import read_fast
from aggregator.sources.feeds.fast.doubts import DoubtError
from aggregator.sources.feeds.parse import parse_feed
from benchmarks.bent_feeds import bent

URL = "https://feeds.corpus.example/folder/feed.xml"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PARSERS: tuple[Parser, Parser] = ("auto", "feedparser")
_OTHERS = (".csv", ".md", ".toml", ".json")
_LONGEST = 160


@dataclass
class Compared:
    """What became of the documents: how many were read fast, why the others were not, and what differs."""

    documents: int = 0
    fast: list[str] = field(default_factory=list)
    entries: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    differences: dict[str, list[str]] = field(default_factory=dict)


def documents(folder: Path, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file of XML, or of so many mutations of them."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix not in _OTHERS)
    bodies = [(file.name, file.read_bytes()) for file in files]
    bodies = [(name, body) for name, body in bodies if body.lstrip()[:1] not in (b"{", b"[", b"")]
    if not count:
        yield from bodies
    for number in range(1, count + 1):
        dice = random.Random(f"{seed} {number}")
        name, body = dice.choice(bodies)
        yield f"{seed}-{number} of {name}", bent(body, dice)


def compare(bodies: Sequence[tuple[str, bytes]]) -> Compared:
    """Read each by both, and hold the entries and posts of those that were read fast against feedparser's."""
    found = Compared()
    for name, body in bodies:
        found.documents += 1
        text = prepared(body)
        try:
            read_fast(text)
        except DoubtError as doubt:
            found.doubts[f"{doubt.why.name}: {doubt.why.value}"] += 1
            continue
        fast, slow = (_read(body, parser) for parser in PARSERS)
        found.fast.append(name)
        found.entries += len(fast.entries) if isinstance(fast, Document) else 0
        told = list(differences(fast, slow))
        whole = [parse_feed(body, None, URL, NOW, parser=parser) for parser in PARSERS]
        told += differences(whole[0], whole[1])
        if told:
            found.differences[name] = told
    return found


def prepared(body: bytes) -> str:
    """The text that both parsers are given."""
    return xml_feed.prepared(decode(body, None))[0]


def _read(body: bytes, parser: Parser) -> Document | str:
    try:
        return xml_feed.read_xml(decode(body, None), URL, parser=parser)
    except Exception as error:  # as `parse_feed` catches it
        return f"{type(error).__name__}: {error}"


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """In which fields two values differ, the first the fast parser's."""
    if one == other:
        return
    if type(one) is type(other) and hasattr(one, "__dataclass_fields__"):
        for each in fields(one):
            yield from differences(getattr(one, each.name), getattr(other, each.name), f"{where}.{each.name}")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}[{number}]")
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        yield f"{where}: {len(one)} for {len(other)}; {_short(one)} for {_short(other)}"
    else:
        yield f"{where}: {_short(one)} for {_short(other)}"


def _short(value: Any) -> str:
    return repr(value)[:_LONGEST]


# ---------------------------------------------------------------- cost


def cost(texts: Sequence[str], repeat: int) -> dict[str, float]:
    """CPU µs an entry of each parser on the texts, by name: medians of alternating rounds."""
    parsers: dict[str, Callable[[str], Any]] = {"fast": read_fast, "feedparser": xml_feed.by_feedparser}
    entries = sum(len(read_fast(text)["entries"]) for text in texts)
    rounds: dict[str, list[float]] = {name: [] for name in parsers}
    for _ in range(repeat):
        for name, read in parsers.items():
            started = time.process_time()
            for text in texts:
                read(text)
            rounds[name].append(time.process_time() - started)
    return {name: 1e6 * median(seconds) / max(1, entries) for name, seconds in rounds.items()}


def main() -> int:
    """Compare; 1 where the two differ."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--feeds", type=Path, required=True)
    arguments.add_argument("--mutated", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--show", type=int, default=40)
    options = arguments.parse_args()
    bodies = list(documents(options.feeds, options.mutated, options.seed))
    found = compare(bodies)
    print(f"{found.documents} documents of XML: {len(found.fast)} read fast, {found.entries} entries; by feedparser:")
    for doubt, count in found.doubts.most_common():
        print(f"  {count:5}  {doubt}")
    print(f"{len(found.differences)} of those read fast differ")
    for name, told in found.differences.items():
        print(f"  {name}", *told[: options.show], sep="\n    ")
    if options.repeat:
        fast = set(found.fast)
        took = cost([prepared(body) for name, body in bodies if name in fast], options.repeat)
        print("CPU µs an entry, documents read fast: " + ", ".join(f"{name} {us:.0f}" for name, us in took.items()))
    return 1 if found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
