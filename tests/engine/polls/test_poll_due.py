"""One poll of what is due: it takes in what becomes due meanwhile, and a first poll is one however many are new."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.engine import in_flight
from aggregator.engine.polls import due
from aggregator.model.errors import StorageError
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import DomainLimit
from aggregator.model.source import Source, SourceMemory
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (in_flight, due):
        monkeypatch.setattr(module, "LOOK", timedelta(milliseconds=1))
    monkeypatch.setattr(due, "_DEARLY", 0.0)


async def until_asked(room: PollerRoom, *names: str) -> None:
    async with asyncio.timeout(20):
        while room.collect.asked != [url_of(name) for name in names]:
            await asyncio.sleep(0.001)


# ---------------------------------------------------------------- what becomes due meanwhile


async def test_what_becomes_due_while_a_slow_one_is_asked_is_polled(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    await room.poll()
    room.collect.asked.clear()
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET next_poll_at = '2026-05-04T12:30:00Z' WHERE title = 'courier'")
    room.now = NOW + 20 * MINUTE
    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    await until_asked(room, "gazette")
    room.now = NOW + 40 * MINUTE
    await until_asked(room, "gazette", "courier")  # and the slow one not again, though it is due still
    slow.set()
    await poll
    assert room.rows("SELECT count(*) FROM polls") == [(4,)]
    room.database.close()


async def until_saved(room: PollerRoom, *titles: str) -> None:
    async with asyncio.timeout(5):
        while room.rows("SELECT source FROM latest_posts ORDER BY id") != [(title,) for title in titles]:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("order", [("gazette", "courier", "digest"), ("digest", "gazette", "courier")])
async def test_a_daemon_saves_what_came_as_it_came(tmp_path: Path, order: tuple[str, ...]) -> None:
    """No answer waits for those that were asked before it; the same answers in the same order come to the same."""
    room = PollerRoom(tmp_path, "gazette", "courier", "digest")
    await room.poll()
    room.now += 20 * MINUTE
    for name in order:
        room.collect.posts(url_of(name), [article(name, f"What the {name} says of its town", host=name)])
    answers = {name: room.collect.hang(url_of(name)) for name in order}
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    for number, name in enumerate(order, 1):
        answers[name].set()
        await until_saved(room, *order[:number])
    await poll
    room.database.close()


async def test_what_first_polls_bring_keeps_its_order_in_a_daemon_too(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier", "digest")
    for name in ("gazette", "courier"):
        room.collect.posts(url_of(name), [article(name, f"What the {name} says of its town", host=name)])
    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    async with asyncio.timeout(5):
        while room.rows("SELECT count(*) FROM polls") != [(1,)]:  # that of the digest, which brought nothing
            await asyncio.sleep(0.001)
    slow.set()
    await poll
    assert room.rows("SELECT source FROM latest_posts ORDER BY id") == [("gazette",), ("courier",)]
    room.database.close()


def no_answer(source: Source, memory: SourceMemory, now: object) -> Collected:
    return Collected(
        source=source, outcome=Outcome.FAILED, memory=memory, started_at=NOW, detail="no such host", unreached=True
    )


@pytest.mark.parametrize("is_near_miss", [False, True])
async def test_dead_ones_of_a_first_poll_whose_other_answers_wait_for_a_slow_one_are_no_outage(
    tmp_path: Path, is_near_miss: bool
) -> None:
    """What brought nothing is saved before them. Near miss: nobody has answered since."""
    papers, dead = [f"paper{number}" for number in range(6)], [f"dead{number}" for number in range(6)]
    mixed = [name for both in zip(papers, dead, strict=True) for name in both]
    room = PollerRoom(tmp_path, "gazette", *(papers + dead if is_near_miss else mixed))
    for name in papers:
        room.collect.posts(url_of(name), [article(name, f"What the {name} says of its town", host=name)])
    room.collect._answers.update({url_of(name): [no_answer] for name in dead})
    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    async with asyncio.timeout(5):
        while room.rows("SELECT count(*) FROM polls") != [(6,)]:
            await asyncio.sleep(0.001)
    assert room.rows("SELECT count(*) FROM outages") == [(is_near_miss,)]
    slow.set()
    await poll
    assert room.rows("SELECT DISTINCT status FROM sources WHERE title LIKE 'paper%'") == [("ok",)]
    room.database.close()


async def test_however_long_grouping_takes_before_it_others_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    await room.poll()
    room.collect.asked.clear()
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET next_poll_at = '2026-05-04T12:30:00Z' WHERE title = 'courier'")
    loop, later = asyncio.get_running_loop(), 0.0
    time = loop.time

    async def group(stop: asyncio.Event, *, is_patient: bool) -> None:
        nonlocal later
        later += 301.0

    monkeypatch.setattr(loop, "time", lambda: time() + later)
    monkeypatch.setattr(room.poller, "_go_on_first_polls", group)
    room.now = NOW + 20 * MINUTE
    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    await asyncio.sleep(0)  # the minutes have passed
    await until_asked(room, "gazette")
    room.now = NOW + 40 * MINUTE
    await until_asked(room, "gazette", "courier")
    slow.set()
    await poll
    room.database.close()


async def test_where_something_waits_for_its_end_nothing_joins_it(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    await room.poll()
    room.collect.asked.clear()
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET next_poll_at = '2026-05-04T12:30:00Z' WHERE title = 'courier'")
    room.now, asked = NOW + 20 * MINUTE, asyncio.Event()

    def is_changed() -> bool:
        room.now = NOW + 40 * MINUTE
        asked.set()
        return True

    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event(), until=is_changed))
    await asked.wait()
    slow.set()
    await poll
    assert room.collect.asked == [url_of("gazette")]
    assert [source.title for source in room.poller.due()] == ["courier"]
    room.database.close()


async def test_a_file_that_is_taken_away_meanwhile_is_noticed(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    await until_asked(room, "gazette")
    room.config.storage.path.rename(tmp_path / "old.db")
    with pytest.raises(StorageError, match="moved away"):
        await poll
    room.database.close()


@pytest.mark.parametrize("is_over", [True, False])
async def test_what_joins_after_an_outage_is_cut_off_by_the_next_one(tmp_path: Path, is_over: bool) -> None:
    """A line that comes back and goes again: those who joined in between are not all asked in vain."""
    room = PollerRoom(tmp_path, "gazette", "courier")
    room.poller.politeness.go_on_with_outage()
    run = room.poller._begun(room.poller.sources[:1], asyncio.Event(), is_patient=False, looks_for=MINUTE)
    run.start(run.queue.popleft(), asyncio.create_task(asyncio.Event().wait()))  # type: ignore[arg-type]
    run._look_at = 0.0
    room.poller.politeness.is_outage = not is_over
    room.poller._look_again(run, lambda: False)
    assert (len(run.queue), run.may_be_cut_off) == ((1, True) if is_over else (0, False))
    await run.close()
    room.database.close()


async def test_what_is_named_is_polled_and_nothing_else(tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    await room.poller.poll(room.poller.sources[:1])
    assert room.collect.asked == [url_of("gazette")]
    room.database.close()


async def test_a_hundred_domains_that_are_behind_shut_nobody_out(tmp_path: Path) -> None:
    """In the first round one of each is asked, which is all that may be, and each of a thousand other domains."""
    behind = [f"https://x{number}.behind{number % 100}.example/feed" for number in range(3000)]
    others = [f"https://paper{number}.example/feed" for number in range(1000)]
    room = crowd(tmp_path, [*behind, *others], spacing=SECOND)
    await room.poller.poll_due(asyncio.Event())
    assert room.collect.asked == [*behind[:100], *others]
    room.database.close()


async def test_a_hundred_slow_domains_that_are_behind_leave_places_to_the_quick(tmp_path: Path) -> None:
    """Also after a start: what took long is known from the last polls. In the end they all come."""
    slow = [f"https://x{number}.slow{number % 100}.example/feed" for number in range(300)]
    quick = [f"https://paper{number}.example/feed" for number in range(1000)]
    room = crowd(tmp_path, [*slow, *quick], spacing=SECOND)
    with room.database.write():
        room.database.conn.execute(
            "UPDATE sources SET status = 'ok', last_poll_at = '2026-05-04T11:00:00Z', "
            "last_success_at = '2026-05-04T11:00:00Z', "
            "next_poll_at = iif(id <= 300, '2026-05-04T11:15:00Z', '2026-05-04T12:00:00Z')"
        )
        room.database.conn.execute(
            "INSERT INTO polls (source_id, started_at, duration_ms, outcome, bytes_read, entries, new, edited, copies) "
            "SELECT id, last_poll_at, iif(id <= 300, 20000, 300), 'not_modified', 0, 0, 0, 0, 0 FROM sources"
        )
    room.poller = room.new_poller()

    def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
        return Collected(
            source=source, outcome=Outcome.NOT_MODIFIED, memory=memory, started_at=now, elapsed=20 * SECOND
        )

    for url in slow:
        room.collect._answers[url] = [answer]
    answers = [room.collect.hang(url) for url in slow]
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event()))
    async with asyncio.timeout(20):
        while not set(quick) <= set(room.collect.asked):
            await asyncio.sleep(0.001)
    assert len(room.collect.asked) == 1032
    for each in answers:
        each.set()
    await poll
    for _ in range(9):
        room.now += SECOND
        await room.poller.poll_due(asyncio.Event())
    assert sorted(room.collect.asked) == sorted([*slow, *quick])
    room.database.close()


# ---------------------------------------------------------------- first polls


def crowd(folder: Path, urls: list[str], spacing: timedelta = timedelta(0)) -> PollerRoom:
    """New sources, the first and the last of which bring the same report."""
    room = PollerRoom(folder, concurrency=64)
    polling = replace(room.config.polling, per_domain=DomainLimit(spacing=spacing))
    room.config = replace(room.config, polling=polling, sources=tuple(Source(kind="feed", url=url) for url in urls))
    for host, url in (("gazette", urls[0]), ("courier", urls[-1])):
        room.collect.posts(url, [article("ferry", "The island ferry sails again after the storm", host=host)])
    room.poller = room.new_poller()
    return room


@pytest.mark.parametrize("takes_in", [True, False])
async def test_many_new_sources_are_one_first_poll(tmp_path: Path, takes_in: bool) -> None:
    room = crowd(tmp_path, [f"https://paper{number}.example/feed" for number in range(2100)])
    while room.poller.due():
        if takes_in:
            await room.poller.poll_due(asyncio.Event())
        else:
            await room.poller.poll(room.poller.due(), is_patient=False)
    assert room.rows("SELECT count(*), count(last_id) FROM first_polls") == [(1, 1)]
    assert room.rows("SELECT count(*), count(DISTINCT story_id) FROM posts") == [(2, 1)]
    room.database.close()


async def test_many_new_sources_of_one_domain_are_one_first_poll(tmp_path: Path) -> None:
    room = crowd(tmp_path, [f"https://platform.example/{number}" for number in range(60)], spacing=SECOND)
    seconds = 0
    while room.poller.due():
        await room.poller.poll_due(asyncio.Event())
        room.now += SECOND
        seconds += 1
    assert seconds == 60
    assert room.rows("SELECT count(*), count(last_id) FROM first_polls") == [(1, 1)]
    room.database.close()


async def test_a_new_source_whose_server_wants_to_be_asked_later_is_not_waited_for(tmp_path: Path) -> None:
    room = crowd(tmp_path, [f"https://{name}.example/feed" for name in ("gazette", "x.busy", "y.busy", "courier")])
    limit = DomainLimit(concurrency=1, spacing=SECOND)
    room.config = replace(room.config, polling=replace(room.config.polling, domains={"busy.example": limit}))
    room.poller = room.new_poller()
    for name in ("x", "y"):
        url = f"https://{name}.busy.example/feed"
        room.collect.trouble(url, Outcome.RATE_LIMITED, "HTTP 429", retry_at=NOW + 20 * MINUTE)
    await room.poller.poll_due(asyncio.Event())
    assert room.rows("SELECT count(*) FROM sources WHERE last_poll_at IS NULL") == [(1,)]
    assert room.rows("SELECT count(*), count(last_id) FROM first_polls") == [(1, 1)]
    room.database.close()


async def test_a_poll_comes_to_its_end_when_all_new_sources_were_polled(tmp_path: Path) -> None:
    """What they brought gets its stories then, though others are due by now."""
    room = PollerRoom(tmp_path, "gazette", "digest")
    await room.poll()
    courier = Source(kind="feed", url=url_of("courier"))
    room.config = replace(room.config, sources=(*room.config.sources, courier))
    room.collect.posts(courier.url, [article("ferry", "The island ferry sails again after the storm")])
    room.poller, looked = room.new_poller(), asyncio.Event()
    with room.database.write():
        room.database.conn.execute("UPDATE sources SET next_poll_at = '2026-05-04T12:30:00Z' WHERE title = 'digest'")
    room.collect.asked.clear()
    room.now = NOW + 20 * MINUTE

    def is_changed() -> bool:
        if room.rows("SELECT count(*) FROM posts") == [(1,)]:
            room.now = NOW + 40 * MINUTE
            looked.set()
        return False

    slow = room.collect.hang(url_of("gazette"))
    poll = asyncio.create_task(room.poller.poll_due(asyncio.Event(), until=is_changed))
    await looked.wait()
    slow.set()
    await poll
    assert room.collect.asked == [url_of("courier"), url_of("gazette")]
    assert "digest" in [source.title for source in room.poller.due()]
    assert room.rows("SELECT count(story_id) FROM posts") == [(1,)]
    room.database.close()
