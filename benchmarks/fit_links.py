"""Fit the model of links to earlier coverage again, from labelled pairs.

    python -m benchmarks.fit_links --data FOLDER [--more FILE] [--write]

FOLDER is that of `benchmarks.quality links`; FILE has further pairs of its items that somebody read (ids and verdicts;
`link_verdicts.jsonl` beside this module if it is left out). The stream runs twice, by words and with the extra, each
time to see which stories there are and again to measure each labelled pair when its newer story starts, as the program
does. Printed are what is right among the surest pairs, each judged by a fit that has not seen its newer item, and the
coefficients; `--write` puts them into `aggregator/stories/models/earlier.toml`.

It has to be run again after the model of stories, the taxonomy or a measure has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from aggregator.model.changes import EarlierLink
from aggregator.model.embedding import Encoder
from aggregator.model.post import OlderStory
from aggregator.storage.database import Database
from aggregator.storage.words.older_stories import load_older
from aggregator.stories.earlier.habits import HabitsOf
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

# What each step weighs. Few: there are some hundred pairs. Meaning adds nothing to the first step.
LINK = ("cosine", "alike", "stray", "actor", "strange", "clash", "covered", "days")
CONTINUES = ("titled", "alike", "bare")
MEANING = ("meaning",)

# How much is taken off for large coefficients, of measures of variance one.
_RIDGE = 3.0
_DEBATABLE = 0.5
_FOLDS = 5
_SEEDS = range(4)

_LINKS = "aggregator.pipeline.placing.earlier_links"

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A labelled pair, and its measures when the newer story started; whether the older one was a candidate."""

    pair: Pair
    measures: Mapping[str, float]
    was_candidate: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of a logistic, with `bias`."""

    coefficients: Mapping[str, float]

    def odds(self, measured: Mapping[str, float]) -> float:
        """The log odds of one pair."""
        rest = (weight * measured[name] for name, weight in self.coefficients.items() if name != "bias")
        return self.coefficients["bias"] + sum(rest)


def measured_pairs(items: Sequence[Item], pairs: Sequence[Pair], encoder: Encoder | None) -> list[Measured]:
    """The measures of all pairs whose items lead their stories: of others another text would be measured."""
    title_of = {item.id: item.title for item in items}

    def is_led(started: OlderStory, older: OlderStory, pair: Pair) -> bool:
        return started.title == title_of[pair.newer] and older.title == title_of[pair.older]

    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "first.db")
        with patch(_LINKS, lambda *_: ()):  # the model may name measures that are no more
            stream_into(database, shipped_config(), items, encoder)
        story_of = stories_of_items(database)
        model = (encoder.model, encoder.version) if encoder else None
        stories = load_older(database.conn, {story_of[pair.older] for pair in pairs}, model)
        database.close()
        wanted: dict[int, list[Pair]] = defaultdict(list)
        for pair in pairs:
            wanted[story_of[pair.newer]].append(pair)
        found: list[Measured] = []

        def note(
            started: OlderStory, candidates: Sequence[OlderStory], rarity: Rarity, _: HabitsOf, within: timedelta
        ) -> tuple[EarlierLink, ...]:
            candidates = list(candidates)
            if started.id in wanted:
                one = weighed(telling_of(started), rarity)
                met = {each.id for each in candidates if is_apart(started, each, within)}
                for pair in wanted[started.id]:
                    older = stories.get(story_of[pair.older])
                    if older and older.id != started.id and is_led(started, older, pair):
                        other = telling_of(older)
                        shared = shared_by(one, other, rarity)
                        found.append(
                            Measured(
                                pair, measures(one.telling, other, shared, rarity),
                                older.id in met and is_enough(one.telling, other, shared),
                            )
                        )  # fmt: skip
            return ()

        again = Database(Path(folder) / "again.db")
        with patch(_LINKS, note):
            stream_into(again, shipped_config(), items, encoder)
        again.close()
    return found


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
    right = np.array([row.pair.label == label if label else row.pair.is_right for row in rows], dtype=float)
    weights = np.array([_DEBATABLE if row.pair.debatable else 1.0 for row in rows])
    if label:  # the rarer kind is as important
        weights *= np.where(
            right == 1, 0.5 / np.average(right, weights=weights), 0.5 / np.average(1 - right, weights=weights)
        )
    return fit(values, right, weights, names)


def both_fits(rows: Sequence[Measured], extra: Sequence[str]) -> tuple[Fit, Fit]:
    """To be linked, and of those that are, which continue."""
    right = [row for row in rows if row.pair.is_right]
    return fitted(rows, LINK, None), fitted(right, (*CONTINUES, *extra), "continues")


def unseen_odds(rows: Sequence[Measured], extra: Sequence[str]) -> list[tuple[float, float]]:
    """The log odds of each pair, to be linked and to continue, by fits without the pairs of its newer item."""
    odds = np.zeros((len(rows), 2))
    for seed in _SEEDS:
        folds = [_fold(row.pair.newer, seed) for row in rows]
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
    wanted = [row for row in rows if row.pair.is_right]
    print(f"{len(rows)} pairs, {len(wanted)} right, of these {sum(row.was_candidate for row in wanted)} candidates")
    for given in ("continues", "background"):
        of_kind = [
            (likely, row)
            for row, (likely, kind) in zip(rows, odds, strict=True)
            if (kind >= 0) == (given == "continues")
        ]
        kinds = sum(row.pair.label == given for row in wanted)
        print(f"  {given}: likelihood → linked, right (of its kind), of {kinds} in all")
        for bar in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
            linked = [row for likely, row in of_kind if 1 / (1 + np.exp(-likely)) >= bar]
            right = [row for row in linked if row.pair.is_right]
            print(f"    {bar:.1f}  {len(linked):3} {len(right):3} ({sum(row.pair.label == given for row in right)})")


def toml_of(link: Fit, continues: Mapping[str, Fit]) -> str:
    """The file of the model."""
    tables = {"link": link, **{f"continues.{name}": of for name, of in continues.items()}}
    lines = [
        "# The model of links to earlier coverage (`aggregator.stories.earlier.model`), made by a command.",
        "version = 1", f'fitted_on = "{datetime.now(UTC):%Y-%m-%d}"', f'command = "{COMMAND}"',
    ]  # fmt: skip
    for name, of in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {round(value, 4)}" for key, value in of.coefficients.items())]
    return "\n".join([*lines, "", "[bars]", *(f"{kind} = {bar}" for kind, bar in BARS.items())]) + "\n"


# From which likelihood a kind is linked: chosen by reading what is linked, see benchmarks/README.md.
BARS = {"continues": 0.45, "background": 0.47}

COMMAND = "python -m benchmarks.fit_links --data FOLDER --write"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print, and write if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_links", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with ai_news_stream.jsonl and links.jsonl")
    parser.add_argument("--more", type=Path, default=MORE, help="further pairs that somebody read")
    parser.add_argument("--write", action="store_true", help=f"put the coefficients into {MODEL_FILE.name}")
    given = parser.parse_args(arguments)
    items = load_items(given.data / "ai_news_stream.jsonl")
    pairs = load_pairs(given.data / "links.jsonl")
    if given.more.exists():
        known = {item.id for item in items}
        pairs += [pair for pair in load_pairs(given.more) if {pair.newer, pair.older} <= known]
    rows = measured_pairs(items, pairs, None)
    print("by words")
    report(rows, unseen_odds(rows, ()))
    link, kinds = both_fits(rows, ())
    continues = {"words": kinds}
    if encoder := encoder_for("auto"):
        rows = [row for row in measured_pairs(items, pairs, encoder) if set(MEANING) <= row.measures.keys()]
        print("by words and meaning")
        report(rows, unseen_odds(rows, MEANING))
        continues["meaning"] = both_fits(rows, MEANING)[1]
    text = toml_of(link, continues)
    print(text)
    if given.write and "meaning" in continues:
        MODEL_FILE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
