from __future__ import annotations

from aggregator.stories.postings import MOST_IDS, Postings
from tests.helpers.grouping import as_lists


def test_postings_keep_the_newest_of_each_word() -> None:
    held, later = Postings(), Postings()
    for number in range(3 * MOST_IDS):
        held.note(["ferry"], number)
    later.note(["ferry"], 999)
    assert list(held.newest("ferry", later))[-2:] == [3 * MOST_IDS - 1, 999]
    assert len(held.newest("ferry", later)) == MOST_IDS
    held.take(later)
    held.drop({999}, ["ferry"])
    assert 999 not in as_lists(held)["ferry"]
    held.drop(set(range(3 * MOST_IDS)), ["ferry", "port"])
    assert as_lists(held) == {}
