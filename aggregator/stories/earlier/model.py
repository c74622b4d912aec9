"""The model of links: how sure is it that an editor would link two stories, and as what? Two steps, each a logistic.

Its coefficients are data, in `stories/models/earlier.toml`, which says by what they were fitted and when.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from aggregator.model.changes import EarlierKind
from aggregator.stories.earlier.measures import Measures
from aggregator.stories.logistic import probability_of


class Model(NamedTuple):
    """One fit. `link`: measure → coefficient for the log odds that the pair is to be linked; `continues`: that a
    linked one is of the kind `continues`; each with `bias`. `bars`: from which likelihood a kind is linked; `sure`: the
    same of both kinds where one publisher alone tells both stories, or one word carries nearly all."""

    link: Mapping[str, float]
    continues: Mapping[str, float]
    bars: Mapping[EarlierKind, float]
    sure: float = 0.0


class Judged(NamedTuple):
    """The likelihood (0..1) that an editor would link a pair, and the kind that it would have."""

    kind: EarlierKind
    likelihood: float


@cache
def shipped(*, with_meaning: bool) -> Model:
    """The fit that comes with the program. `with_meaning`: the kinds are told apart by meaning too."""
    data = tomllib.loads((files("aggregator.stories") / "models" / "earlier.toml").read_text("utf-8"))
    return model_of(data, with_meaning=with_meaning)


def model_of(data: Mapping[str, Any], *, with_meaning: bool) -> Model:
    """The fit that a file describes."""
    continues = data["continues"]["meaning" if with_meaning else "words"]
    return Model(data["link"], continues, data["bars"], data["sure"]["bar"])


def judge(measures: Measures, model: Model) -> Judged:
    """The kind of a pair, and how likely it is that it is linked at all."""
    kind: EarlierKind = "continues" if log_odds(measures, model.continues) >= 0 else "background"
    return Judged(kind, probability_of(log_odds(measures, model.link)))


def log_odds(measures: Measures, coefficients: Mapping[str, float]) -> float:
    """Bias and coefficients × measures."""
    return coefficients["bias"] + sum(
        weight * measures[name] for name, weight in coefficients.items() if name != "bias"
    )
