"""What matching costs, with the default taxonomy and with a part of it, on posts of one's own.

python -m benchmarks.speed_topics --data FILE [--terms 5000] [--rounds 7]

Data is JSON Lines: title, text, url. Printed is the CPU time a post, the best and the median of the rounds: other
programs on the machine make it slower, never faster. What it costs depends on how often terms are found, so a part of
the taxonomy is taken in two ways: the first terms of each rule, which are those for English, and some from everywhere.
With all terms it is also shown by the length of the text.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aggregator.config.topics import default_rules
from aggregator.model.post import Post
from aggregator.model.rules import TopicRule
from aggregator.topics.taxonomy import Taxonomy

# Texts by their length, in so many equal parts.
_PARTS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed_topics", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines: title, text, url")
    parser.add_argument("--terms", type=int, default=5000, help="also with so many terms")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args(arguments)
    started = time.process_time()
    rules = tuple(default_rules().values())
    read = time.process_time()
    Taxonomy(rules)
    print(f"read in {read - started:.2f} s, compiled in {time.process_time() - read:.2f} s")
    posts = _posts(given.data)
    _measure("all", rules, posts, given.rounds)
    _measure("first of each rule", _cut(rules, given.terms), posts, given.rounds)
    _measure("from everywhere", _sample(rules, given.terms), posts, given.rounds)
    ordered = sorted(posts, key=lambda post: len(post.title) + len(post.text))
    for i in range(_PARTS):
        some = ordered[len(posts) * i // _PARTS : len(posts) * (i + 1) // _PARTS]
        length = statistics.mean(len(post.title) + len(post.text) for post in some)
        _measure(f"all, texts of {length:.0f} characters", rules, some, given.rounds)
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


def _sample(rules: Sequence[TopicRule], terms: int) -> tuple[TopicRule, ...]:
    step = max(1, round(sum(map(_count, rules)) / terms))
    return tuple(replace(rule, any=rule.any[::step] or rule.any[:1]) for rule in rules)


def _count(rule: TopicRule) -> int:
    return len(rule.any) + len(rule.all) + len(rule.not_)


def _measure(name: str, rules: Sequence[TopicRule], posts: Sequence[Post], rounds: int) -> None:
    taxonomy = Taxonomy(rules)
    took = []
    for _ in range(rounds):
        started = time.thread_time()
        for post in posts:
            taxonomy.match(post)
        took.append((time.thread_time() - started) / len(posts))
    best, middle = min(took), statistics.median(took)
    print(
        f"{sum(map(_count, rules))} terms ({name}): {best * 1e6:.1f} µs a post ({1 / best:.0f} a second); "
        f"median of {rounds} rounds {middle * 1e6:.0f} µs"
    )


if __name__ == "__main__":
    raise SystemExit(main())
