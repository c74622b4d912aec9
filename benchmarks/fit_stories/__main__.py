"""Fits the coefficients by which posts and stories are told to be one event.

    python -m benchmarks.fit_stories --data FOLDER [--verdicts FILE] [--write]

FOLDER has headlines_en.jsonl, general_news.jsonl and ai_news_stream.jsonl (what is in them: `benchmarks.quality
stories`). The labelled ones are streamed, each post put where its label belongs; of the stream of AI news readers
judged pairs (`--verdicts`), and what nobody read is joined as the shipped model does. Of each candidate that a post met
the measures are known (`aggregator.stories.evidence`), and whether it was the same event: a logistic regression weighs
them, once for words alone and, where the extra `semantic` is installed, once with meaning.

Printed are the coefficients beside the shipped ones, how many candidates each set has, and the log loss by set,
cross-validated in fifths of the posts. `--write` writes them to stories/models/evidence.toml; the bars are kept.

A good fit of pairs is not a good model: in a stream wrong joins breed. Judge it by `benchmarks.quality stories`, and
read what it joins anew (`--stories`); add what you read to the verdicts and fit again, until nothing moves: which
candidates the stream brings depends on the model that is shipped.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from aggregator.cli.main import collect_rarely
from aggregator.model.embedding import Encoder
from aggregator.stories.encoder import encoder_for
from aggregator.stories.evidence import Measures
from benchmarks.fit_stories import model_file
from benchmarks.fit_stories.candidates import Candidate, Labels, Readers, Taught
from benchmarks.fit_stories.model_file import Fit
from benchmarks.logistic import Numbers, Sample, fitted, log_loss, log_odds, mean_of, sample_of
from benchmarks.story_sets import (
    GENERAL,
    HEADLINES,
    ORDERS,
    STREAM,
    VERDICTS,
    Remembered,
    among_strangers,
    load_general,
    load_verdicts,
)
from benchmarks.story_stream import Item, jittered, load_items

AI = "ai"

# What each set counts, whatever its size, judged by running the stream. The stream of AI news counts most: with less,
# two things of one company on one day are one story. Wikinews is the only set of all subjects with many publishers an
# event, and the smallest, giveme is all but solved. By words headlines count less: their broad stories want more joins
# than a stream of one field bears; meaning tells those apart.
_WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "words": {"headlines_en": 2, "wikinews": 3, "giveme": 1, AI: 8},
    "meaning": {"headlines_en": 3, "wikinews": 3, "giveme": 1, AI: 8},
}
# The ridge is against it: a set of weight 1 counts as so many candidates.
_UNIT = 1000.0

# The orders in which the small sets are among strangers: there most candidates are other events, as live.
_AMONG_STRANGERS = (ORDERS[0], ORDERS[2])

_FOLDS = 5
_DIGITS = 3

# What `aggregator.stories.comparison` stops early by: a sign that differs would leave out what should join.
_NOT_BELOW = ("own", "shared")
_NOT_ABOVE = ("unmet", "missed", "strongest")
# More shared words say little beside the cosine, so their coefficient may come out a little below 0: then it is 0.
_MAY_BE_NOTHING = "shared"
_NEARLY_NOTHING = -0.1

Met = dict[str, list[Candidate]]


class WrongSignError(ValueError):
    """A coefficient has a sign that the early stop of the comparison does not bear."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and print, and write if asked to."""
    collect_rarely()  # as the program does
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_stories", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="a folder with the files named above")
    parser.add_argument("--verdicts", type=Path, default=VERDICTS, help="JSON Lines: id, other, verdict, weight")
    parser.add_argument("--write", action="store_true", help="write the model that is shipped")
    given = parser.parse_args(arguments)
    before, fits = model_file.load(), {}
    encoder = encoder_for("auto")
    for name, with_encoder in (("words", None), ("meaning", encoder and Remembered(encoder))):
        if name == "words" or with_encoder:
            fits[name] = fit(name, candidates(given.data, given.verdicts, with_encoder), before.get(name, {}))
    if given.write:
        model_file.PATH.write_text(model_file.text_of(fits, before, datetime.now(UTC).date()), encoding="utf-8")
        print(f"written: {model_file.PATH.name}")
    return 0


def candidates(folder: Path, verdicts: Path, encoder: Encoder | None) -> Met:
    """All candidates by set; a set whose file is missing is left out."""
    met: Met = {}
    for name, items in _labelled(folder):
        met.setdefault(name, []).extend(Taught(Labels(), encoder).run(items))
    if (folder / STREAM).exists():
        readers = Readers(load_verdicts(verdicts))
        met[AI] = list(Taught(readers, encoder).run(load_items(folder / STREAM)))
    return met


def _labelled(folder: Path) -> Iterator[tuple[str, list[Item]]]:
    """The labelled sets in their orders; headlines are many, one order is enough."""
    if (folder / HEADLINES).exists():
        yield Path(HEADLINES).stem, jittered(load_items(folder / HEADLINES), ORDERS[0])
    strangers = load_items(folder / STREAM) if (folder / STREAM).exists() else []
    general = load_general(folder / GENERAL) if (folder / GENERAL).exists() else {}
    for name, items in general.items():
        for seed in ORDERS:
            moved = jittered(items, seed)
            yield name, among_strangers(moved, strangers, seed) if strangers and seed in _AMONG_STRANGERS else moved


def fit(name: str, met: Met, before: Mapping[str, object]) -> Fit:
    """Fit one set of coefficients and print it.

    Raises:
        WrongSignError: a coefficient has not the sign that is relied on.
    """
    columns = [each for each in Measures._fields if name == "meaning" or each != "meaning"]
    if name == "meaning":  # where one has no embedding the model by words decides
        met = {part: [each for each in found if each.by_meaning] for part, found in met.items()}
    parts = [part for part, found in met.items() for _ in found]
    found = [each for part in met.values() for each in part]
    sample = _sample(name, met, len(columns))
    coefficients, without = _with_signs(sample, columns)
    print(f"\n{name}")
    _print_losses(sample, parts, [each.item_id for each in found], without)
    values = dict(zip(("bias", *columns), (round(float(each), _DIGITS) for each in coefficients), strict=True))
    usual = dict(zip(columns, (round(each, _DIGITS) for each in mean_of(sample, sample.same == 0)), strict=True))
    for key, value in values.items():
        print(f"  {key:10} {value:8.3f}   shipped {before.get(key, '–')}   usual of two events {usual.get(key, '–')}")
    return Fit(values, usual)


def _sample(name: str, met: Met, columns: int) -> Sample:
    """All candidates as rows, each set with its weight."""
    rows, same, weights = [], [], []
    for part, found in met.items():
        scale = _WEIGHTS[name].get(part, 1) * _UNIT / (sum(each.weight for each in found) or 1)
        rows += [each.measures.weighed()[:columns] for each in found]
        same += [each.same for each in found]
        weights += [each.weight * scale for each in found]
    return sample_of(rows, same, weights)


def _with_signs(sample: Sample, columns: Sequence[str]) -> tuple[Numbers, list[int]]:
    """The coefficients, and the columns that were left out since they had nearly nothing to say."""
    without: list[int] = []
    coefficients = fitted(sample)
    at = columns.index(_MAY_BE_NOTHING)
    if _NEARLY_NOTHING <= coefficients[1 + at] < 0:
        without = [at]
        coefficients = fitted(sample, without)
    named = dict(zip(columns, coefficients[1:], strict=True))
    wrong = {key: round(float(named[key]), _DIGITS) for key in _NOT_BELOW if named[key] < 0}
    wrong |= {key: round(float(named[key]), _DIGITS) for key in _NOT_ABOVE if named[key] > 0}
    if wrong:
        raise WrongSignError(f"the comparison stops early by the signs of these, and they are others: {wrong}")
    return coefficients, without


def _print_losses(sample: Sample, parts: Sequence[str], ids: Sequence[str], without: Sequence[int]) -> None:
    """By set: how many candidates, how many of them one event, and the log loss of what was not fitted on."""
    fold = np.array([zlib.crc32(each.encode()) % _FOLDS for each in ids])
    odds = np.zeros(len(fold))
    for number in range(_FOLDS):
        rest = fitted(sample.part(fold != number), without)
        odds[fold == number] = log_odds(rest, sample.rows[fold == number])
    whole = log_odds(fitted(sample, without), sample.rows)
    of = np.array(parts)
    for part in dict.fromkeys(parts):
        chosen = of == part
        some = sample.part(chosen)
        print(
            f"  {part}: {len(some.same)} candidates, {int(some.same.sum())} of them one event; log loss "
            f"{log_loss(odds[chosen], some):.4f} (fitted on all {log_loss(whole[chosen], some):.4f})"
        )


if __name__ == "__main__":
    raise SystemExit(main())
