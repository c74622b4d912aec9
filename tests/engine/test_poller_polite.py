"""Whole polls: limits per domain, servers that ask for patience, an outage of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import DomainLimit
from aggregator.model.source import Patience, Source, SourceMemory
from aggregator.storage.sources import load_memories
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

MINUTE = timedelta(minutes=1)


def no_answer(source: Source, memory: SourceMemory, now: object) -> Collected:
    return Collected(
        source=source, outcome=Outcome.FAILED, memory=memory, started_at=NOW, detail="no way", unreached=True
    )


def offline(room: PollerRoom) -> None:
    for source in room.poller.sources:
        room.collect._answers[source.url] = [no_answer]


async def tick(room: PollerRoom) -> None:
    await room.poller.poll(room.poller.due(), is_patient=False)


async def test_everything_that_a_source_is_remembered_by_survives(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    memory = SourceMemory(
        etag='W/"1"', last_modified="x", body_digest=b"d", cursor="9", last_success_at=NOW, full_at=NOW,
        moved_to="https://new.example/", moved_polls=3, moved_at=NOW, missing_at=NOW, post_gap=timedelta(hours=2),
        new_at=NOW, patience=Patience(wait=MINUTE, hours=frozenset({0, 23}), days=frozenset({6})),
    )  # fmt: skip

    def answer(source: Source, _: SourceMemory, now: object) -> Collected:
        return Collected(source=source, outcome=Outcome.NOT_MODIFIED, memory=memory, started_at=NOW)

    room.collect._answers[url_of("gazette")] = [answer]
    await room.poll()
    assert load_memories(room.database.conn, [1])[1] == memory
    room.database.close()


async def test_a_source_whose_server_may_not_be_asked_yet_stays_due(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    limit = DomainLimit(concurrency=1, spacing=MINUTE)
    polling = replace(room.config.polling, domains={"example": limit})
    room.config = replace(room.config, polling=polling)
    room.poller = room.new_poller()
    await tick(room)
    assert room.collect.asked == [url_of("gazette")]
    await tick(room)
    assert len(room.collect.asked) == 1
    room.now += MINUTE
    await tick(room)
    assert room.collect.asked == [url_of("gazette"), url_of("courier")]
    room.database.close()


async def test_too_many_requests_puts_off_the_whole_domain(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    sources = (
        Source(kind="feed", url="https://a.paper.example/f"),
        Source(kind="feed", url="https://b.paper.example/f"),
    )
    room.config = replace(room.config, sources=sources)
    room.poller = room.new_poller()
    room.collect.trouble(sources[0].url, Outcome.RATE_LIMITED, "HTTP 429", retry_at=NOW + 20 * MINUTE)
    await room.poller.poll(room.poller.sources[:1])
    assert room.poller.due() == []
    assert room.new_poller().due() == []  # it is in the database
    room.now += 20 * MINUTE
    assert [source.url for source in room.poller.due()] == [source.url for source in sources[::-1]]
    room.database.close()


async def test_an_outage_of_our_own_is_nobodys_fault(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, *(f"paper{number}" for number in range(20)))
    await room.poll()
    room.now += 20 * MINUTE
    offline(room)
    await tick(room)
    assert room.rows("SELECT DISTINCT status, failures, last_error FROM sources") == [("ok", 0, None)]
    asked = len(room.collect.asked)
    for _ in range(60):
        room.now += MINUTE
        await tick(room)
    assert len(room.collect.asked) - asked <= 60  # one a minute, whatever is due
    room.collect._answers.clear()
    room.now += MINUTE
    await tick(room)
    await tick(room)
    assert room.rows("SELECT DISTINCT status FROM sources WHERE next_poll_at > '2026-05-04T13:25'") == [("ok",)]
    assert room.poller.due() == []
    room.database.close()


async def test_a_slow_source_does_not_hold_up_the_others_for_long(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier", "digest", patience=timedelta(seconds=0.05))
    room.collect.posts(url_of("digest"), [article("1", "The ferry sails again")])
    slow = room.collect.hang(url_of("gazette"))
    saved = asyncio.Event()
    poll = asyncio.create_task(room.poller.poll(room.poller.sources, on_polled=lambda polled: saved.set()))
    await saved.wait()
    assert not slow.is_set()
    slow.set()
    await poll
    assert room.rows("SELECT count(*) FROM polls") == [(3,)]
    room.database.close()


@pytest.mark.parametrize(("cost", "looked"), [(0.1, [0, 2, 4]), (0.04, [0, 1, 2, 3, 4])])
async def test_after_a_dear_look_what_it_found_is_asked_before_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: float, looked: list[int]
) -> None:
    """Of a domain that is behind, one a second as ever."""
    room = PollerRoom(tmp_path)
    polling = replace(room.config.polling, per_domain=DomainLimit(spacing=timedelta(seconds=1)))
    sources = tuple(Source(kind="feed", url=f"https://x{number}.behind.example/feed") for number in range(9))
    room.config = replace(room.config, polling=polling, sources=sources)
    room.poller = room.new_poller()
    due, looks, asked = room.poller._due, list[int](), list[int]()
    monkeypatch.setattr(due, "_cpu", count(0, cost).__next__)
    portion = due.portion

    def noted(now: datetime, without: Collection[int] = ()) -> list[Source]:
        looks.append(round((now - NOW).total_seconds()))
        return portion(now, without)

    monkeypatch.setattr(due, "portion", noted)
    for _ in range(5):
        await room.poller.poll_due(asyncio.Event())
        asked.append(len(room.collect.asked))
        room.now += timedelta(seconds=1)
    assert (asked, looks) == ([1, 2, 3, 4, 5], looked)
    room.database.close()
