from __future__ import annotations

from aggregator.stories.boilerplate import parts


def test_the_parts_of_a_title_that_a_series_repeats() -> None:
    assert [part.words for part in parts("Osprey Yard 2.1: mooring lines | The Gazette")] == [
        "Osprey Yard 2.1: mooring lines | The Gazette", "Osprey Yard 2.1", "The Gazette",
    ]  # fmt: skip
    assert len(parts("Ferry returns")) == 1
    assert parts("Briefing, 3 May")[0].key == parts("Briefing, 14 June")[0].key
