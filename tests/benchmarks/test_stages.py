"""Where CPU time goes, by stages."""

from __future__ import annotations

import time

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
