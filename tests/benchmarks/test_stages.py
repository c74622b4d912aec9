"""Where CPU time goes, by stages."""

from __future__ import annotations

import asyncio
import time

from aggregator.text.tokens import fold
from benchmarks.stages import REST, STAGES, Sampled, stage_of


def test_the_innermost_module_that_has_a_stage_counts() -> None:
    parsing = ["xml.sax.expatreader", "feedparser.api", "aggregator.sources.feeds.xml_feed", "aggregator.engine.poller"]
    assert stage_of(parsing) == STAGES["feedparser"]
    assert stage_of(parsing[2:]) == STAGES["aggregator.sources.feeds"]
    assert stage_of(["json.decoder", "__main__"]) == REST


def test_a_new_module_belongs_to_its_folder_and_no_name_that_begins_alike() -> None:
    assert stage_of(["aggregator.storage.save.in_bulk"]) == STAGES["aggregator.storage.save"]
    assert stage_of(["aggregator.storage.saved"]) == STAGES["aggregator.storage"]


def test_all_the_time_is_counted_somewhere() -> None:
    with Sampled() as sampled:
        begun = time.process_time()
        while time.process_time() < begun + 0.1:
            pass
        spent = time.process_time() - begun
    assert sum(sampled.seconds.values()) >= spent
    assert set(sampled.seconds) == {REST}


def test_what_a_thread_beside_spends_counts_for_where_it_works() -> None:
    def work() -> None:
        begun = time.thread_time()
        while time.thread_time() < begun + 0.2:
            fold("A thing that is told, Über alles. " * 100)

    async def work_beside() -> None:
        await asyncio.to_thread(work)

    with Sampled() as sampled:
        asyncio.run(work_beside())
    # What it spends after the last look is nobody's, and on a busy machine looks are rare.
    assert sampled.seconds[STAGES["aggregator.text"]] > 0.5 * sum(sampled.seconds.values()) > 0
