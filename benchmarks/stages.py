"""Where CPU time goes, by stages: the stack is looked at as the process spends time, and the time since the last look
is counted for the innermost function that belongs to a stage.

The kernel's timer of CPU time (`ITIMER_PROF`) interrupts every two milliseconds of it. Python looks when the function
in C that it is in has returned, so a long one is counted whole, for its caller. That costs a hundredth of the time, the
same for all stages, where cProfile doubles that of small functions, and timers around each of them are in each other's
way. A stage that takes less than a thousandth of the whole is noise.

A thread beside the main one has a clock of its own for its CPU time (`pthread_getcpuclockid`), so what it spends counts
for where it is, or, when it has nothing to do any more, for where it was seen last. The signal is for the main thread
alone: while that waits for another, it is woken.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
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
        self._threads: dict[int, float] = {}  # CPU of the other threads at the last look
        self._was_at: dict[int, str] = {}

    def __enter__(self) -> Sampled:
        self._last, self._threads = time.process_time(), _cpu_of_threads()
        threading.setprofile(_leave_to_the_main_thread)
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        threading.setprofile(None)
        self._count(REST)

    def _look(self, number: int, frame: FrameType | None) -> None:
        self._count(stage_of(modules_of(frame)))

    def _count(self, stage: str) -> None:
        """What was spent since the last look: `stage` is where the main thread is."""
        now, threads, frames = time.process_time(), _cpu_of_threads(), sys._current_frames()
        beside = 0.0
        for ident, cpu in threads.items():
            spent = max(0.0, cpu - self._threads.get(ident, 0.0))
            beside += spent
            self.seconds[self._stage_beside(ident, frames.get(ident))] += spent
        # The clocks are read one after the other.
        self.seconds[stage] += max(0.0, now - self._last - beside)
        self._last, self._threads = now, threads

    def _stage_beside(self, ident: int, frame: FrameType | None) -> str:
        stage = stage_of(modules_of(frame))
        if stage == REST:
            return self._was_at.get(ident, REST)
        self._was_at[ident] = stage
        return stage


def _leave_to_the_main_thread(frame: FrameType, event: str, argument: object) -> None:
    """What a thread does first; a profile function, as there is no other way to get in there."""
    sys.setprofile(None)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})


def _cpu_of_threads() -> dict[int, float]:
    """Of the threads beside this one: seconds of CPU since each began."""
    found = {}
    for each in threading.enumerate():
        if each.ident is not None and each.ident != threading.get_ident():
            with suppress(OSError):  # it has just ended
                found[each.ident] = time.clock_gettime(time.pthread_getcpuclockid(each.ident))
    return found


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
