"""Fit the model of links to earlier coverage again, from labelled pairs.

    python -m benchmarks.fit_links --data FOLDER --polled DATABASE [--more FILE] [--write]

FOLDER is that of `benchmarks.quality links`; FILE has further pairs of its items that somebody read (ids and verdicts;
`link_verdicts.jsonl` beside this module if it is left out). The stream runs twice, by words and with the extra, each
time to see which stories there are and again to measure each labelled pair when its newer story starts, as the program
does. DATABASE is one after a first poll of many feeds, which has what a stream of summaries has not: offers, series,
one maker's blog for years; a copy of it is grouped anew, and the pairs of `link_verdicts_polled.jsonl` are measured.
Printed are what is right among the surest pairs, each judged by a fit that has not seen its newer item, and the
coefficients; `--write` puts them into `aggregator/stories/models/earlier.toml`.

It has to be run again after the model of stories, the taxonomy or a measure has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from aggregator.engine.rebuild.stories import rebuild_stories
from aggregator.model.changes import EarlierLink
from aggregator.model.embedding import Encoder
from aggregator.model.post import OlderStory
from aggregator.storage.database import Database
from aggregator.stories.earlier.habits import HabitsOf, beside_habits_of
from aggregator.stories.earlier.keys import Rarity
from aggregator.stories.earlier.links import is_apart, is_enough
from aggregator.stories.earlier.measures import measures, shared_by, weighed
from aggregator.stories.earlier.telling import telling_of
from aggregator.stories.encoder import encoder_for
from benchmarks.live_stream import ROOT, shipped_config, stories_of_items, stream_into
from benchmarks.logistic import iterated
from benchmarks.quality_links import Pair, load_pairs
from benchmarks.story_stream import Item, load_items

MODEL_FILE = ROOT / "aggregator" / "stories" / "models" / "earlier.toml"
MORE = Path(__file__).with_name("link_verdicts.jsonl")

# What somebody said of pairs of the polled feeds: ids as `told_id` makes them.
POLLED = Path(__file__).with_name("link_verdicts_polled.jsonl")

# What each step weighs. Few: there are some hundred pairs. Meaning adds nothing to the first step.
LINK = ("cosine", "stray", "covered", "length", "headlines", "format", "headed", "strange", "clash")
CONTINUES = ("titled", "alike", "bare")
MEANING = ("meaning",)

# A pair of the polled feeds counts so much: there are more of them, of fewer kinds of matter.
_OF_POLLED = 0.6

# How much is taken off for large coefficients, of measures of variance one.
_RIDGE = 3.0
_DEBATABLE = 0.5
_FOLDS = 5
_SEEDS = range(4)

_NAMED_BY = 100  # characters

_LINKS = "aggregator.pipeline.placing.earlier_links"
_LINKS_ANEW = "aggregator.engine.rebuild.grouping.earlier_links"

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A labelled pair as the program would compare it. `kind`: None where nobody said. `newer`: its newer item, and
    with it what is judged together."""

    newer: str
    is_right: bool
    kind: str | None
    weight: float
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of a logistic, with `bias`."""

    coefficients: Mapping[str, float]

    def odds(self, measured: Mapping[str, float]) -> float:
        """The log odds of one pair."""
        rest = (weight * measured[name] for name, weight in self.coefficients.items() if name != "bias")
        return self.coefficients["bias"] + sum(rest)


def measured_pairs(items: Sequence[Item], pairs: Sequence[Pair], encoder: Encoder | None) -> list[Measured]:
    """The measures of the pairs whose items lead their stories (of others another text would be measured), and of which
    the older one is a candidate."""
    title_of = {item.id: item.title for item in items}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "first.db")
        with patch(_LINKS, lambda *_: ()):  # the model may name measures that are no more
            stream_into(database, shipped_config(), items, encoder)
        story_of = stories_of_items(database)
        database.close()
        wanted: dict[tuple[int, int], list[Pair]] = defaultdict(list)
        for pair in pairs:
            wanted[story_of[pair.newer], story_of[pair.older]].append(pair)

        def labels(newer: OlderStory, older: OlderStory) -> Iterator[Measured]:
            for pair in wanted.pop((newer.id, older.id), ()):
                if newer.title == title_of[pair.newer] and older.title == title_of[pair.older]:
                    weight = _DEBATABLE if pair.debatable else 1.0
                    yield Measured(pair.newer, pair.is_right, pair.label if pair.is_right else None, weight, {})

        again = Database(Path(folder) / "again.db")
        with noting(_LINKS, labels) as found:
            stream_into(again, shipped_config(), items, encoder)
        again.close()
    return found


def measured_polled(database: Path, encoder: Encoder | None) -> list[Measured]:
    """The measures of the pairs of polled feeds, when a copy of that database is grouped anew."""
    with POLLED.open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        verdicts: dict[tuple[str, str], bool] = {(row["id"], row["older"]): row["right"] for row in rows}

    def labels(newer: OlderStory, older: OlderStory) -> Iterator[Measured]:
        pair = told_id(newer), told_id(older)
        if pair in verdicts:
            yield Measured(pair[0], verdicts.pop(pair), None, _OF_POLLED, {})

    with tempfile.TemporaryDirectory() as folder, noting(_LINKS_ANEW, labels) as found:
        polled = Database(Path(shutil.copy(database, folder)))
        rebuild_stories(polled, shipped_config().stories, datetime.now(UTC), lambda _: None, encoder)
        polled.close()
    return found


def told_id(story: OlderStory) -> str:
    """What names a story in the verdicts: a hash of its title and of how its text begins."""
    return hashlib.sha256(f"{story.title} {story.text[:_NAMED_BY]}".encode()).hexdigest()[:16]


@contextmanager
def noting(links: str, labels: Callable[[OlderStory, OlderStory], Iterator[Measured]]) -> Iterator[list[Measured]]:
    """While it is open, pairs that have a label are measured instead of being linked, as they would be for that."""
    found: list[Measured] = []

    def note(
        started: OlderStory, candidates: Iterable[OlderStory], rarity: Rarity, habits: HabitsOf, within: timedelta
    ) -> tuple[EarlierLink, ...]:
        one = weighed(telling_of(started), rarity)
        for each in candidates:
            if each.id == started.id or not is_apart(started, each, within):
                continue
            other = telling_of(each)
            shared = beside_habits_of(started, each, shared_by(one, other, rarity), rarity, habits)
            if shared and is_enough(one.telling, other, shared):
                is_newer = each.last_at < started.first_at
                newer, older = (one.telling, other) if is_newer else (other, one.telling)
                measured = measures(newer, older, shared, rarity)
                label = labels(started, each) if is_newer else labels(each, started)
                found.extend(replace(each, measures=measured) for each in label)
        return ()

    with patch(links, note):
        yield found


def fit(values: Array, right: Array, weights: Array, names: Sequence[str]) -> Fit:
    """A logistic with a ridge, by Newton's method, in the measures' own units."""
    mean = np.average(values, axis=0, weights=weights)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights)) + 1e-9
    scaled = np.column_stack([np.ones(len(values)), (values - mean) / spread])
    ridge = np.diag([0.0, *[_RIDGE] * len(names)])
    found = iterated(scaled, right, weights, ridge)
    coefficients = found[1:] / spread
    return Fit(
        {"bias": float(found[0] - coefficients @ mean), **dict(zip(names, map(float, coefficients), strict=True))}
    )


def fitted(rows: Sequence[Measured], names: Sequence[str], label: str | None) -> Fit:
    """A fit of these pairs: to be linked at all, or of the kind `label`."""
    values = np.array([[row.measures[name] for name in names] for row in rows])
    right = np.array([row.kind == label if label else row.is_right for row in rows], dtype=float)
    weights = np.array([row.weight for row in rows])
    if label:  # the rarer kind is as important
        weights *= np.where(
            right == 1, 0.5 / np.average(right, weights=weights), 0.5 / np.average(1 - right, weights=weights)
        )
    return fit(values, right, weights, names)


def both_fits(rows: Sequence[Measured], extra: Sequence[str]) -> tuple[Fit, Fit]:
    """To be linked, and of those that are, which continue."""
    right = [row for row in rows if row.kind]
    return fitted(rows, LINK, None), fitted(right, (*CONTINUES, *extra), "continues")


def unseen_odds(rows: Sequence[Measured], extra: Sequence[str]) -> list[tuple[float, float]]:
    """The log odds of each pair, to be linked and to continue, by fits without the pairs of its newer item."""
    odds = np.zeros((len(rows), 2))
    for seed in _SEEDS:
        folds = [_fold(row.newer, seed) for row in rows]
        for fold in range(_FOLDS):
            link, kind = both_fits([row for row, of in zip(rows, folds, strict=True) if of != fold], extra)
            for place, (row, of) in enumerate(zip(rows, folds, strict=True)):
                if of == fold:
                    odds[place] += link.odds(row.measures), kind.odds(row.measures)
    return [(float(a), float(b)) for a, b in odds / len(_SEEDS)]


def _fold(newer: str, seed: int) -> int:
    return int(hashlib.sha256(f"{seed} {newer}".encode()).hexdigest(), 16) % _FOLDS


def report(rows: Sequence[Measured], odds: Sequence[tuple[float, float]]) -> None:
    """What is right among the surest pairs, by kind given; never by a fit that saw the item."""
    print(f"{len(rows)} pairs, {sum(row.is_right for row in rows)} right")
    for given in ("continues", "background"):
        of_kind = [
            (likely, row)
            for row, (likely, kind) in zip(rows, odds, strict=True)
            if (kind >= 0) == (given == "continues")
        ]
        kinds = sum(row.kind == given for row in rows)
        print(f"  {given}: likelihood → linked, right (known to be of its kind), of {kinds} in all")
        for bar in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            linked = [row for likely, row in of_kind if 1 / (1 + np.exp(-likely)) >= bar]
            right = [row for row in linked if row.is_right]
            print(f"    {bar:.1f}  {len(linked):3} {len(right):3} ({sum(row.kind == given for row in right)})")


def toml_of(link: Fit, continues: Mapping[str, Fit]) -> str:
    """The file of the model."""
    tables = {"link": link, **{f"continues.{name}": of for name, of in continues.items()}}
    lines = [
        "# The model of links to earlier coverage (`aggregator.stories.earlier.model`), made by a command.",
        "version = 1", f'fitted_on = "{datetime.now(UTC):%Y-%m-%d}"', f'command = "{COMMAND}"',
    ]  # fmt: skip
    for name, of in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {round(value, 4)}" for key, value in of.coefficients.items())]
    return "\n".join([*lines, "", "[bars]", *(f"{kind} = {bar}" for kind, bar in BARS.items()),
                      "", "[sure]", f"bar = {SURE}"]) + "\n"  # fmt: skip


# From which likelihood a kind is linked, and what one publisher or one word carries alone: chosen by reading what is
# linked, see benchmarks/README.md.
BARS = {"continues": 0.5, "background": 0.5}
SURE = 0.65

COMMAND = "python -m benchmarks.fit_links --data FOLDER --polled DATABASE --write"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print, and write if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_links", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with ai_news_stream.jsonl and links.jsonl")
    parser.add_argument("--polled", type=Path, required=True, help="a database after a first poll of many feeds")
    parser.add_argument("--more", type=Path, default=MORE, help="further pairs that somebody read")
    parser.add_argument("--write", action="store_true", help=f"put the coefficients into {MODEL_FILE.name}")
    given = parser.parse_args(arguments)
    items = load_items(given.data / "ai_news_stream.jsonl")
    pairs = load_pairs(given.data / "links.jsonl")
    if given.more.exists():
        known = {item.id for item in items}
        pairs += [pair for pair in load_pairs(given.more) if {pair.newer, pair.older} <= known]
    polled = measured_polled(given.polled, None)
    rows = [*measured_pairs(items, pairs, None), *polled]
    print("by words")
    report(rows, unseen_odds(rows, ()))
    link, kinds = both_fits(rows, ())
    continues = {"words": kinds}
    if encoder := encoder_for("auto"):
        rows = [row for row in measured_pairs(items, pairs, encoder) if set(MEANING) <= row.measures.keys()]
        print("by words and meaning, without the polled feeds")
        report(rows, unseen_odds(rows, MEANING))
        continues["meaning"] = both_fits(rows, MEANING)[1]
    text = toml_of(link, continues)
    print(text)
    if given.write and "meaning" in continues:
        MODEL_FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
