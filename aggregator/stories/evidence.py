"""The evidence that a post belongs to a story, or two stories together: named measures, weighed by one logistic model.

    log odds = bias + Σ coefficient × measure

The coefficients are data (`evidence.toml`), fitted by `python -m benchmarks.fit_stories`; there are two sets, for words
alone and for words and meaning. A post joins where the log odds reach the bar; of several stories the largest wins.

What makes one bar serve one field and all the world: `contrast` is what strangers have in common here and now (one
field: much; all the world: little), `own` lifts a word that is rare among the posts of the window and is this story's,
and the logarithms make the bar of the cosine a product. No measure grows with the story: what does runs away live,
since a large story draws the more the larger it is.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple


_FILE = Path(__file__).with_name("evidence.toml")

# Added to a cosine before its logarithm is taken: what 0 is worth.
_LEAST = 0.02

# Where few publishers speak, a title may share one name only by chance: so much must be shared beyond it, and by the
# title. Structure, not fitted: short titles make one shared name a cosine of .3.
FEW_VOICES = 3
_LEAST_BEYOND = 0.03
_LEAST_TITLED = 0.05


class Measures(NamedTuple):
    """What is measured of a post and a story, or of two stories.

    All cosines are 0..1. `cosine`: by words. `beyond`: without the strongest shared word and its relatives. `titled`:
    by the words of the post's title alone. `own`: like `titled`, each word weighed by the share of its document
    frequency that is the story's. `away`: how far the post is from the story's span, in windows. `breadth`: doublings
    of the different texts in the story. `one_feed`: 1 where the story has posts of this feed alone. `contrast`: the
    best cosine among the other candidates. `words`: doublings of the words in the post's vector. `meaning`: the cosine
    of embeddings; 0 where one is missing, and then not counted.
    """

    cosine: float
    beyond: float
    titled: float
    own: float
    away: float
    breadth: float
    one_feed: float
    contrast: float
    words: float
    unmet: float = 0.0
    missed: float = 0.0
    shared: float = 0.0
    strongest: float = 0.0
    meaning: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Coefficients, one for each measure (cosines by their logarithm), and the bar (0..1) as a probability."""

    bias: float
    cosine: float
    beyond: float
    titled: float
    own: float
    away: float
    breadth: float
    one_feed: float
    contrast: float
    words: float
    unmet: float = 0.0
    missed: float = 0.0
    shared: float = 0.0
    strongest: float = 0.0
    meaning: float = 0.0
    bar: float
    merge_bar: float

    def least(self, *, is_merge: bool) -> float:
        """The bar as log odds."""
        bar = self.merge_bar if is_merge else self.bar
        return math.log(bar / (1 - bar))

    def at_most(self, found: Measures) -> float:
        """The highest log odds where `beyond`, `titled` and `own` are somewhere between 0 and what is said here."""
        return self.log_odds(found if self.titled >= 0 else found._replace(titled=0.0))

    def log_odds(self, found: Measures) -> float:
        """How sure it is that they are one event: above 0 more likely than not."""
        return (
            self.bias
            + self.cosine * logarithm(found.cosine)
            + self.beyond * logarithm(found.beyond)
            + self.titled * logarithm(found.titled)
            + self.own * found.own
            + self.away * found.away
            + self.breadth * found.breadth
            + self.one_feed * found.one_feed
            + self.contrast * found.contrast
            + self.words * found.words
            + self.unmet * found.unmet
            + self.missed * found.missed
            + self.shared * found.shared
            + self.strongest * found.strongest
            + self.meaning * found.meaning
        )


def is_by_chance(found: Measures) -> bool:
    """One shared name is no event, where only few publishers speak."""
    return found.beyond < _LEAST_BEYOND or found.titled < _LEAST_TITLED


def logarithm(cosine: float) -> float:
    """L(x) = ln(x + .02)."""
    return math.log(cosine + _LEAST)


@cache
def model(*, with_meaning: bool) -> Model:
    """The shipped coefficients."""
    sets = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    name="meaning" if with_meaning else "words"
    return Model(**sets[name]|globals().get('OVERRIDE',{}).get(name,{}))


def probability(log_odds: float) -> float:
    """0..1."""
    return 1 / (1 + math.exp(-log_odds))
