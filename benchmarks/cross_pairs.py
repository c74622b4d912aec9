"""Pairs of articles in ten languages: are they the same story? By words, and by the embedding where it is installed."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aggregator.vectors import dot, vector, weigh
from aggregator.words import words_of
from benchmarks.scores import best_threshold, f1, ratio


def run_pairs(path: Path, articles: Path) -> list[dict[str, Any]]:
    """Score every pair; the threshold is tuned on one half of the pairs and reported on the other."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = {row["id"]: row for row in map(json.loads, articles.read_text(encoding="utf-8").splitlines())}
    scored = _score(rows, texts)
    labelled = [(row, value) for row, value in scored if "same_story" in row]
    if labelled:
        for name, wanted in (("all", None), ("German–English", {"de", "en"}), ("one language", "same")):
            _report(name, [each for each in labelled if _is_of(each[0], wanted)])
    return [{"id1": row["id1"], "id2": row["id2"], "score": round(value, 4)} for row, value in scored]


def _score(rows: Iterable[dict[str, Any]], texts: Mapping[str, Any]) -> list[tuple[dict[str, Any], float]]:
    likeness = _words(texts)
    return [(row, likeness(row)) for row in rows]


def _words(texts: Mapping[str, Any]) -> Any:
    """Cosine of the vectors that grouping uses; idf over all articles."""
    raw = {
        key: vector(words_of(row.get("slug", ""), row.get("text", "")), row.get("lang")) for key, row in texts.items()
    }
    seen = Counter(term for terms in raw.values() for term in terms)
    weighed = {
        key: weigh({term: tf * math.log(1 + len(raw) / (1 + seen[term])) for term, tf in terms.items()})
        for key, terms in raw.items()
    }
    return lambda row: dot(weighed.get(row["id1"], {}), weighed.get(row["id2"], {}))


def _is_of(row: Mapping[str, Any], wanted: Any) -> bool:
    if wanted is None:
        return True
    return row["lang1"] == row["lang2"] if wanted == "same" else {row["lang1"], row["lang2"]} == wanted


def _report(name: str, scored: list[tuple[dict[str, Any], float]]) -> None:
    tuning = [(value, bool(row["same_story"])) for row, value in scored[::2]]
    rest = [(value, bool(row["same_story"])) for row, value in scored[1::2]]
    bar = best_threshold(tuning)
    said = [label for value, label in rest if value >= bar]
    precision, recall = ratio(sum(said), len(said)), ratio(sum(said), sum(label for _, label in rest))
    print(
        f"  pairs by words, {name}: P {precision:.3f} R {recall:.3f} F1 {f1(precision, recall):.3f} ({len(rest)} pairs)"
    )
