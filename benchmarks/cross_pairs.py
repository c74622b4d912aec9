"""Pairs of articles in ten languages: are they the same story? By words, and by meaning where the extra is installed.

Across languages they are scored by the function that compares posts live (`aggregator.stories.across`), in one language
by the mean of both cosines: what is live the model of evidence needs a window full of posts, and pairs have none. How
likely one event is beforehand differs, too: live a post meets thousands of open stories, and the bar is strict; here a
quarter to a half of the pairs are the same. So each score is put on a scale on which 0.5 is where saying "the same" has
the best F1 on the development pairs. That bar is printed; predictions use the scale.

The articles' times are not known, their order is: numbers that a service gave them as they came, some 950,000 a day, by
the articles that have a date in their address.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from aggregator.engine.embed import embeddings
from aggregator.model.embedding import Encoder
from aggregator.stories.across import across_languages
from aggregator.text.word_vectors import dot, vector, weigh
from aggregator.text.words import words_of
from benchmarks.scores import best_threshold, f1, ratio

# From this score on a pair is called the same story.
BAR = 0.5

_A_DAY = 950_000

# Where a live score becomes 0.5, and how steep; tuned on the development pairs, all of them.
_MIDDLE_ACROSS, _MIDDLE_SAME, _STEEP = 0.03, 0.16, 5.0

_KINDS: dict[str, Any] = {
    "all": lambda one, other: True,
    "German–English": lambda one, other: {one, other} == {"de", "en"},
    "across languages": lambda one, other: one != other,
    "one language": lambda one, other: one == other,
}

Row = Mapping[str, Any]
Scored = list[tuple[Row, float]]


class _Article(NamedTuple):
    words: Mapping[str, float]
    embedding: Any
    language: str
    order: int


def run_pairs(path: Path, articles: Path, encoder: Encoder | None) -> list[dict[str, Any]]:
    """Score every pair and report, by words and, with a model, by meaning too; that one is what is predicted."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = _articles([json.loads(line) for line in articles.read_text(encoding="utf-8").splitlines()], encoder)
    scored = [(row, _by_words(found.get(row["id1"]), found.get(row["id2"]))) for row in rows]
    _report("by words", scored)
    if encoder:
        scored = [(row, _by_meaning(found.get(row["id1"]), found.get(row["id2"]))) for row in rows]
        _report("by words and meaning", scored)
        print(f"  predictions: a score of {BAR} and more means the same story")
    return [{"id1": row["id1"], "id2": row["id2"], "score": round(value, 4)} for row, value in scored]


def _articles(rows: Sequence[Row], encoder: Encoder | None) -> dict[str, _Article]:
    """As posts: where the text is known it begins with the title, spelled as it was; else the address has one."""
    posts = [("", row["text"]) if row.get("text") else (row.get("slug", ""), "") for row in rows]
    raw = [vector(words_of(*post), row.get("lang")) for post, row in zip(posts, rows, strict=True)]
    seen = Counter(term for terms in raw for term in terms)
    vectors: Sequence[Any] = [None] * len(rows)
    if encoder:
        from aggregator.stories.embeddings import DenseVector

        vectors = [each and DenseVector.of(each.vector) for each in embeddings(posts, encoder)]
    return {
        row["id"]: _Article(
            weigh({term: tf * math.log(1 + len(raw) / (1 + seen[term])) for term, tf in terms.items()}),
            embedding, row.get("lang", ""), row.get("order", 0),
        )
        for row, terms, embedding in zip(rows, raw, vectors, strict=True)
    }  # fmt: skip


def _by_words(one: _Article | None, other: _Article | None) -> float:
    """The cosine of the vectors that grouping uses; idf over all articles."""
    return dot(one.words, other.words) if one and other else 0.0


def _by_meaning(one: _Article | None, other: _Article | None) -> float:
    if not one or not other:
        return 0.0
    embedding = one.embedding.cosine(other.embedding) if one.embedding and other.embedding else 0.0
    words = _by_words(one, other)
    if one.language == other.language:
        return _scaled((words + embedding) / 2, _MIDDLE_SAME)
    apart = timedelta(days=1) * (abs(one.order - other.order) / _A_DAY)
    return _scaled(across_languages(embedding, words, apart), _MIDDLE_ACROSS)


def _scaled(near: float, middle: float) -> float:
    return 1 / (1 + math.exp(-_STEEP * (near - middle)))


def _report(how: str, scored: Scored) -> None:
    """The threshold is tuned on one half of the pairs and reported on the other, both ways; and so with the parts."""
    labelled = [(row, value) for row, value in scored if "same_story" in row]
    for name, is_of in _KINDS.items():
        pairs = [(row, value) for row, value in labelled if is_of(row["lang1"], row["lang2"])]
        if not pairs:
            continue
        even, odd = pairs[::2], pairs[1::2]
        train = [each for each in pairs if each[0].get("part") == "train"]
        rest = [each for each in pairs if each[0].get("part") == "eval"]
        told = [f"halves {_tuned(even, odd)} and {_tuned(odd, even)}"]
        if train and rest:
            told.append(f"tuned on train, eval {_tuned(train, rest)}; on eval, train {_tuned(rest, train)}")
        told.append(f"at {BAR} {_at(pairs, BAR)}")
        print(f"  pairs {how}, {name} ({len(pairs)}): {'; '.join(told)}")


def _tuned(tuning: Scored, rest: Scored) -> str:
    return _at(rest, best_threshold([(value, bool(row["same_story"])) for row, value in tuning]))


def _at(scored: Scored, bar: float) -> str:
    said = [bool(row["same_story"]) for row, value in scored if value >= bar]
    wanted = sum(bool(row["same_story"]) for row, _ in scored)
    precision, recall = ratio(sum(said), len(said)), ratio(sum(said), wanted)
    return f"P {precision:.3f} R {recall:.3f} F1 {f1(precision, recall):.3f}"
