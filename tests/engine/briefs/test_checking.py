"""The model of meaning under several threads: the saver's, and those that check briefs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Lock

import pytest

from aggregator.engine.briefs.checking import RememberingEncoder, checks_of
from aggregator.engine.embed import SharedEncoder
from aggregator.model.brief import Draft, DraftSentence
from tests.helpers.drafts import source

WORKERS, TIMES = 4, 60


class OneAtATime:
    """Notes how often it is asked while it works, and what for."""

    model, version = "fake", "1"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.overlaps = 0
        self._busy = Lock()

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """Each text's length, as 512 numbers."""
        if not self._busy.acquire(blocking=False):
            self.overlaps += 1
            return [b"" for _ in texts]
        self.asked.append(list(texts))
        found = [bytes([len(text) % 100 + 1] * 512) for text in texts for _ in range(20)][::20]
        self._busy.release()
        return found

    def rest(self) -> None:
        """Never."""


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns so often that two of them meet wherever they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_a_saver_and_checks_ask_the_model_one_at_a_time() -> None:
    model = OneAtATime()
    shared = SharedEncoder(model)
    remembering = RememberingEncoder(shared)

    def ask(worker: int) -> bool:
        encoder = shared if worker % 2 else remembering
        texts = [[f"{'x' * (k % 7)} {worker} {k} {n}" for n in range(5)] for k in range(TIMES)]
        return all(
            [vector[0] for vector in encoder.encode(some)] == [len(text) % 100 + 1 for text in some] for some in texts
        )

    with ThreadPoolExecutor(WORKERS) as pool:
        assert all(pool.map(ask, range(WORKERS)))
    assert model.overlaps == 0


def test_a_sentence_is_encoded_once_and_few_at_a_time() -> None:
    model = OneAtATime()
    encoder = RememberingEncoder(model)
    texts = [f"sentence {'x' * k}" for k in range(40)]
    first = encoder.encode(texts)
    assert encoder.encode([*texts[:3], texts[0]]) == [*first[:3], first[0]]
    assert sum(map(len, model.asked)) == len(texts)
    assert max(map(len, model.asked)) < len(texts)


def test_a_draft_that_comes_again_asks_only_for_what_is_new() -> None:
    model = OneAtATime()
    check = checks_of([], model)(date(2026, 11, 26))
    evidence = [source(1, "en", "The mayor opened the bridge."), source(2, "en", "Work took three years.")]
    check(Draft("en", "Bridge open", {"happened": [DraftSentence("The bridge is open.", (1,))]}), evidence, [])
    before = sum(map(len, model.asked))
    check(Draft("en", "Bridge open", {"happened": [DraftSentence("The mayor opened it.", (1,))]}), evidence, [])
    assert sum(map(len, model.asked)) == before + 1
