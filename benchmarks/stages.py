"""Where CPU time goes, by stages: the stack is looked at as the process spends time, and the time since the last look
is counted for the innermost function that belongs to a stage.

The kernel's timer of CPU time (`ITIMER_PROF`) interrupts every two milliseconds of it. Python looks when the function
in C that it is in has returned, so a long one is counted whole, for its caller. That costs a hundredth of the time, the
same for all stages, where cProfile doubles that of small functions, and timers around each of them are in each other's
way. A stage that takes less than a thousandth of the whole is noise.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from types import FrameType

_EVERY_SECONDS = 0.002

REST = "the loop, and the rest"

# Module, with all inside it → stage. The longest name that fits counts, so new modules go to their folder's.
STAGES: dict[str, str] = {
    "feedparser": "XML: feedparser",
    "aggregator.sources.feeds.fast": "XML: the fast parser",
    "aggregator.sources.feeds": "drafts and the rest of reading",
    "aggregator.sources.encoding": "decoding",
    "aggregator.sources": "dates",
    "aggregator.text.html": "html → text, sanitised html",
    "aggregator.text.urls": "addresses",
    "aggregator.text.url_policy": "addresses",
    "aggregator.text.url_wrappers": "addresses",
    "aggregator.text.secrets.open_addresses": "addresses",
    "aggregator.text.language": "language",
    "aggregator.text": "words, tokens, vectors",
    "aggregator.topics": "topics",
    "aggregator.dedupe.shingles": "shingles",
    "aggregator.dedupe": "copies",
    "aggregator.stories.sentence_encoder": "encoding",
    "aggregator.stories.encoder": "encoding",
    "aggregator.engine.embed": "encoding",
    "aggregator.stories.earlier": "earlier coverage",
    "aggregator.stories.embeddings": "near in meaning",
    "aggregator.stories.across": "near in meaning",
    "aggregator.stories": "stories",
    "aggregator.pipeline.enrich": "enriching, the rest",
    "aggregator.pipeline.schedule": "schedule",
    "aggregator.pipeline": "deciding, the rest",
    "aggregator.model": "enriching, the rest",
    "aggregator.storage.save": "SQL: posts and their parts",
    "aggregator.storage.finding.search": "SQL: search index",
    "aggregator.storage.counters": "SQL: counts",
    "aggregator.storage.words": "SQL: words",
    "aggregator.storage.embeddings": "SQL: vectors",
    "aggregator.storage.neighbours": "SQL: loading neighbours",
    "aggregator.storage.open_stories": "SQL: loading stories",
    "aggregator.storage.stories": "SQL: stories",
    "aggregator.storage.sources": "SQL: sources and polls",
    "aggregator.storage.database": "SQL: commit",
    "aggregator.storage": "SQL: the rest",
    "aggregator.engine.rebuild": "first polls, second thoughts",
    "aggregator.engine": "saver and poller",
}


class Sampled:
    """Counts where the time goes while it is entered; a context manager, for the main thread. `seconds`: by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0

    def __enter__(self) -> Sampled:
        self._last = time.process_time()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        self.seconds[REST] += time.process_time() - self._last

    def _look(self, number: int, frame: FrameType | None) -> None:
        now = time.process_time()
        stage = stage_of(modules_of(frame))
        if stage == REST:
            stage = _stage_of_another_thread()
        self.seconds[stage] += now - self._last
        self._last = now


def modules_of(frame: FrameType | None) -> list[str]:
    """The modules of a stack, the innermost function's first."""
    found = []
    while frame:
        found.append(str(frame.f_globals.get("__name__", "")))
        frame = frame.f_back
    return found


def stage_of(modules: Sequence[str]) -> str:
    """The stage of the innermost module that has one."""
    for module in modules:
        name = module
        while name:
            if name in STAGES:
                return STAGES[name]
            name = name.rpartition(".")[0]
    return REST


def _stage_of_another_thread() -> str:
    """While the loop waits, a thread works."""
    here = threading.get_ident()
    stages = (stage_of(modules_of(frame)) for ident, frame in sys._current_frames().items() if ident != here)
    return next((stage for stage in stages if stage != REST), REST)
