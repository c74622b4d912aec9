"""The evidence that a post belongs to a story, or two stories together: named measures, weighed by one logistic model.

    log odds = bias + Σ coefficient × measure

The coefficients are data (`models/evidence.toml`), fitted by `python -m benchmarks.fit_stories`; a set for words
alone and one for words and meaning. What reaches the bar is one event; of several stories the surest wins. How each
measure is taken is in `aggregator.stories.comparison`.

What makes one bar serve one field and all the world: `contrast` is what strangers have in common here and now (one
field: much; all the world: little), `own` lifts a word that is rare among the posts of the window and is this story's,
and the logarithm makes the bar of the cosine a product. The number of posts is no measure: with it a large story draws
the more the larger it is, and takes everything in. What else grows with a story, since more words are in its centroid,
is held by the bar, which `aggregator.stories.comparison` raises for a crowd.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

# Added to a cosine before its logarithm is taken: ln(.02) is what no shared word is worth.
_LEAST = 0.02

USUAL_THRESHOLD = 0.6
"""What `[stories] threshold` is where nobody changed it; the bars of the models are as they were fitted then."""


class Measures(NamedTuple):
    """What is measured of a post and a story, or of a small story (then "the post") and a larger one.

    Cosines and weights are 0..1, those of `meaning` -1..1.
    """

    cosine: float
    """By words: of the post's vector and the story's centroid."""
    own: float
    """The part of the cosine by words of the post's title, each by the share of its document frequency that is the
    story's: a word that occurs nearly only in this story's posts names its event."""
    away: float
    """How far the post's time is from the story's span, in windows; 0 within it."""
    one_feed: float
    """1 where both are articles of one feed alone: it seldom reports one event twice, and its series look alike."""
    contrast: float
    """The best cosine among the *other* candidates."""
    words: float
    """log2(1 + the words in the post's vector): the fewer there are, the higher a cosine comes by chance."""
    shared: float
    """log2(1 + the words of the post's title that the story has)."""
    unmet: float
    """The weight of the heaviest word of the post's title that the story lacks: another thing of one company."""
    missed: float
    """The weight of the heaviest word of the title of the story's lead that the post does not have."""
    strongest: float
    """What the strongest shared word adds to the cosine: one shared name is no event."""
    meaning: float = 0.0
    """The cosine of embeddings; 0 where one has none, and then the model by words does not count it."""

    def weighed(self) -> tuple[float, ...]:
        """As they are weighed: the cosine by its logarithm, ln(x + .02)."""
        return (math.log(self.cosine + _LEAST), *self[1:])


class Model(NamedTuple):
    """What measures are weighed by, and weighed against.

    `weights`: a coefficient for each measure. `joins`: the bar (0..1) as a probability from which a post joins;
    `merges` that from which two stories are one, `merges_large` where the larger has many voices: its centroid is well
    estimated. `usual`: the mean of each measure, as it is weighed, where there were two events; what is above it speaks
    for one.
    """

    bias: float
    weights: Measures
    joins: float
    merges: float
    merges_large: float
    usual: Measures

    def log_odds(self, found: Measures) -> float:
        """How sure it is that they are one event; 0: as likely as not."""
        return self.bias + sum([weight * value for weight, value in zip(self.weights, found.weighed(), strict=True)])

    def reasons(self, found: Measures) -> dict[str, float]:
        """What each measure adds to the log odds above what is usual of two events."""
        rows = zip(Measures._fields, self.weights, found.weighed(), self.usual, strict=True)
        return {name: weight * (value - usual) for name, weight, value, usual in rows}


def model_of(table: Mapping[str, Any]) -> Model:
    """The model that a table of the file describes. What words alone do not measure has no weight."""
    alone = {name: table[name] for name in ("bias", "joins", "merges", "merges_large")}
    weights, usual = (
        Measures(**{name: of.get(name, 0.0) for name in Measures._fields}) for of in (table, table["usual"])
    )
    return Model(**alone, weights=weights, usual=usual)


@cache
def model(*, with_meaning: bool) -> Model:
    """The shipped coefficients, by words and meaning or by words alone."""
    tables = tomllib.loads((files("aggregator.stories") / "models" / "evidence.toml").read_text("utf-8"))
    return model_of(tables["meaning" if with_meaning else "words"])
