"""Where a feed is asked: permanent redirects, and the poll without conditions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.model.source import Source, SourceMemory
from aggregator.sources.http.redirects import (
    FULL_AFTER,
    MOVED_FOR,
    MOVED_POLLS,
    address_now,
    after_answer,
    after_trouble,
    is_full_due,
)
from aggregator.sources.http.reply import Reply
from tests.helpers.build import NOW

OLD, NEW = "https://old.example/feed", "https://new.example/feed"
SOURCE = Source(kind="feed", url=OLD)
DAY = timedelta(days=1)


def led_to(url: str, *, permanently: bool = True) -> Reply:
    return Reply(status=200, url=url, headers={}, moved_permanently=permanently)


def moved(polls: int, *, since: timedelta) -> SourceMemory:
    return SourceMemory(moved_to=NEW, moved_polls=polls, moved_at=NOW - since, full_at=NOW)


def test_a_permanent_redirect_is_believed_after_polls_and_days() -> None:
    assert address_now(SOURCE, moved(MOVED_POLLS, since=MOVED_FOR), NOW) == NEW
    assert address_now(SOURCE, moved(MOVED_POLLS - 1, since=MOVED_FOR), NOW) == OLD
    assert address_now(SOURCE, moved(MOVED_POLLS + 99, since=MOVED_FOR / 2), NOW) == OLD


def test_it_must_lead_to_the_same_place_each_time() -> None:
    memory = SourceMemory()
    for day in range(3):
        memory = after_answer(memory, SOURCE, OLD, led_to(NEW), NOW + day * DAY)
    assert (memory.moved_to, memory.moved_polls, memory.moved_at) == (NEW, 3, NOW)
    elsewhere = after_answer(memory, SOURCE, OLD, led_to("https://third.example/"), NOW + 3 * DAY)
    assert (elsewhere.moved_to, elsewhere.moved_polls, elsewhere.moved_at) == (
        "https://third.example/",
        1,
        NOW + 3 * DAY,
    )
    assert after_answer(memory, SOURCE, OLD, led_to(NEW, permanently=False), NOW).moved_to is None


def test_a_new_address_that_is_in_trouble_is_forgotten() -> None:
    memory = moved(9, since=9 * DAY)
    assert after_trouble(memory, SOURCE, NEW).moved_to is None
    assert after_trouble(memory, SOURCE, OLD) == memory
    assert after_answer(memory, SOURCE, NEW, led_to(NEW, permanently=False), NOW) == memory


def test_now_and_then_the_old_address_is_asked_and_without_conditions() -> None:
    memory = moved(9, since=9 * DAY)
    later = NOW + 2 * FULL_AFTER
    assert not is_full_due(SOURCE, memory, NOW + FULL_AFTER - DAY)
    assert is_full_due(SOURCE, memory, later)
    assert address_now(SOURCE, memory, later) == OLD
    assert not is_full_due(SOURCE, SourceMemory(etag='"1"'), later)


def test_not_all_on_one_day() -> None:
    sources = [Source(kind="feed", url=f"https://paper{number}.example/") for number in range(50)]
    memory = SourceMemory(full_at=NOW)
    due = [is_full_due(source, memory, NOW + FULL_AFTER + DAY) for source in sources]
    assert 10 < sum(due) < 40
    assert all(is_full_due(source, replace(memory), NOW + FULL_AFTER + 2 * DAY) for source in sources)
