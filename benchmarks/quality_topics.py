"""Topics given against topics labelled: precision, recall and F1, and every error.

The score counts pairs of a post and a topic. The second score leaves out the pairs that the labels call debatable.
Entities (companies, people…) don't count, only the topics that the labels know. Labels may stand without the texts that
they were given to (`verdicts/topics_others.jsonl`): those are looked up by address where they are.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.topics import default_rules
from aggregator.model.post import Post
from aggregator.topics.taxonomy import Taxonomy

SPLITS = ("all", "dev", "held-out")
# So much of a text was read by whoever labelled it.
_LABELLED_CHARACTERS = 500
# One post in so many is held out.
_HELD_OUT = 3

LABELLED_TOPICS = frozenset(
    (
        *("funding", "acquisition", "markets", "partnership", "leadership", "regulation", "policy", "court"),
        *("copyright", "privacy", "safety", "security", "research", "model", "product", "open-source", "agents"),
        *("chips", "infrastructure", "robotics", "defence", "health", "education", "jobs"),
    )
)
# What a reader follows to act on: a false alarm costs most here.
SURE_TOPICS = ("funding", "acquisition", "regulation", "security", "court", "model")


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled post. `topics` is None where nobody labelled it."""

    id: str
    language: str
    post: Post
    topics: frozenset[str] | None
    debatable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs counted: `right` given and labelled, `wrong` given only, `missed` labelled only."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of given topics that are right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """The share of labelled topics that were given."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}  recall {self.recall:.3f}  F1 {self.f1:.3f}"
            f"  ({self.right} right, {self.wrong} wrong, {self.missed} missed)"
        )


Pairs = Mapping[str, Score]


def run(data: Path, texts: Sequence[Path], predictions: Path | None, split: str, with_errors: bool) -> int:
    """Tag the posts of a file, print the scores and the errors, and write what was given where asked."""
    read = load(data, known(texts))
    examples = [example for example in read if split == "all" or (split == "held-out") == is_held_out(example.id)]
    taxonomy = Taxonomy(tuple(default_rules().values()))
    given = {example.id: _given(taxonomy, example) for example in examples}
    if predictions:
        lines = (json.dumps({"id": key, "topics": sorted(topics)}) for key, topics in given.items())
        predictions.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    labelled = [example for example in examples if example.topics is not None]
    print(f"{len(examples)} posts ({split}), {len(labelled)} of them labelled; taxonomy {taxonomy.version}")
    if labelled:
        print("\n".join(report(labelled, given)))
    if labelled and with_errors:
        print("\n".join(errors(labelled, given)))
    return 0


def known(files: Iterable[Path]) -> dict[str, Mapping[str, str]]:
    """Title and text by address: of JSON Lines, or of a database of the program (`.db`)."""
    found: dict[str, Mapping[str, str]] = {}
    for file in files:
        if file.suffix == ".db":
            connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
            for url, title, text in connection.execute("SELECT url, title, text FROM posts WHERE url IS NOT NULL"):
                found[url] = {"title": title or "", "text": text or ""}
            connection.close()
        else:
            with file.open(encoding="utf-8") as lines:
                found |= {row["url"]: row for row in map(json.loads, lines) if row.get("url")}
    return found


def load(data: Path, texts: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[Example]:
    """The posts of a JSON Lines file. `texts` has title and text, by address, of those that stand there without."""
    with data.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            row = {"id": row.get("url"), **(texts or {}).get(row.get("url"), {}), **row}
            post = Post(
                kind="article",
                native_id=row["id"],
                title=row.get("title") or "",
                text=(row.get("text") or "")[:_LABELLED_CHARACTERS],
                url=row.get("url") or None,
            )
            topics = row.get("topics")
            yield Example(
                id=row["id"],
                language=row.get("lang") or "?",
                post=post,
                topics=None if topics is None else frozenset(topics) & LABELLED_TOPICS,
                debatable=frozenset(row.get("debatable") or ()),
            )


def is_held_out(identity: str) -> bool:
    """Whether a post is one of the third that nobody looks at while writing rules."""
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "big") % _HELD_OUT == 0


def report(examples: Sequence[Example], given: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """The lines of the report: micro and macro, then the surest topics, each language, each topic."""
    for title, with_debatable in (("all pairs", True), ("without debatable pairs", False)):
        by_topic = score_by_topic(examples, given, with_debatable)
        known = [score for score in by_topic.values() if score.right + score.missed]
        yield f"\n== {title}"
        yield f"micro          {_sum(by_topic.values())}"
        yield f"macro F1       {sum(score.f1 for score in known) / max(1, len(known)):.3f} over {len(known)} topics"
        sure = _sum(by_topic.get(topic, Score()) for topic in SURE_TOPICS)
        yield f"{'+'.join(SURE_TOPICS)}: {sure}"
        languages = Counter(example.language for example in examples)
        for language, count in languages.most_common():
            yield f"  {language:4} {count:4} {_micro(examples, given, with_debatable, {language})}"
        others = languages.keys() - {"en"}
        if others:
            yield f"  not en    {_micro(examples, given, with_debatable, others)}"
        for topic in sorted(by_topic):
            yield f"  {topic:15} {by_topic[topic]}"


def errors(examples: Iterable[Example], given: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Every error, a line a post: + given only, - labelled only, ~ where debatable."""
    yield "\n== errors"
    for example in examples:
        labelled = example.topics or frozenset()
        marks = [
            f"{'~' if topic in example.debatable else ''}{'+' if topic in given[example.id] else '-'}{topic}"
            for topic in sorted(given[example.id] ^ labelled)
        ]
        if marks:
            shown = (example.post.title or example.post.text)[:90]
            yield f"{example.id} [{example.language}] {' '.join(marks)}  {shown}"


def score_by_topic(
    examples: Iterable[Example], given: Mapping[str, frozenset[str]], with_debatable: bool
) -> dict[str, Score]:
    """The pairs of each topic, counted."""
    scores: defaultdict[str, Score] = defaultdict(Score)
    for example in examples:
        left_out = frozenset() if with_debatable else example.debatable
        labelled = (example.topics or frozenset()) - left_out
        found = given[example.id] - left_out
        for topic in labelled | found:
            scores[topic] += Score(topic in labelled & found, topic in found - labelled, topic in labelled - found)
    return dict(scores)


def _given(taxonomy: Taxonomy, example: Example) -> frozenset[str]:
    return frozenset(match.topic for match in taxonomy.match(example.post)) & LABELLED_TOPICS


def _micro(
    examples: Iterable[Example],
    given: Mapping[str, frozenset[str]],
    with_debatable: bool,
    languages: Iterable[str],
) -> Score:
    chosen = [example for example in examples if example.language in languages]
    return _sum(score_by_topic(chosen, given, with_debatable).values())


def _sum(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())
