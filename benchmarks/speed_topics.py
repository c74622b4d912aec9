"""What matching costs, with the default taxonomy and with a part of it, on posts of one's own.

python -m benchmarks.speed_topics --data FILE [--terms 5000] [--rounds 7]

Data is JSON Lines: title, text, url. Printed is the CPU time a post, the best and the median of the rounds: other
programs on the machine make it slower, never faster.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aggregator.config.taxonomy import default_rules
from aggregator.model import Post
from aggregator.rules import TopicRule
from aggregator.topics import Taxonomy


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed_topics", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines: title, text, url")
    parser.add_argument("--terms", type=int, default=5000, help="also with so many terms, the first of each rule")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args(arguments)
    started = time.process_time()
    rules = tuple(default_rules().values())
    read = time.process_time()
    Taxonomy(rules)
    print(f"read in {read - started:.2f} s, compiled in {time.process_time() - read:.2f} s")
    posts = _posts(given.data)
    for some in (rules, _cut(rules, given.terms)):
        _measure(some, posts, given.rounds)
    return 0


def _posts(data: Path) -> list[Post]:
    with data.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Post(kind="article", native_id="", title=row["title"], text=row.get("text") or "", url=row.get("url"))
        for row in rows
    ]


def _cut(rules: Sequence[TopicRule], terms: int) -> tuple[TopicRule, ...]:
    share = min(1.0, terms / sum(map(_count, rules)))
    return tuple(replace(rule, any=rule.any[: max(1, round(len(rule.any) * share))]) for rule in rules)


def _count(rule: TopicRule) -> int:
    return len(rule.any) + len(rule.all) + len(rule.not_)


def _measure(rules: Sequence[TopicRule], posts: Sequence[Post], rounds: int) -> None:
    taxonomy = Taxonomy(rules)
    took = []
    for _ in range(rounds):
        started = time.thread_time()
        for post in posts:
            taxonomy.match(post)
        took.append((time.thread_time() - started) / len(posts))
    best, middle = min(took), statistics.median(took)
    print(
        f"{sum(map(_count, rules))} terms: {best * 1e6:.1f} µs a post ({1 / best:.0f} a second); "
        f"median of {rounds} rounds {middle * 1e6:.0f} µs"
    )


if __name__ == "__main__":
    raise SystemExit(main())
