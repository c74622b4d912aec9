"""What the log says of polls: news, trouble when it begins, changes and ends, and an hour in a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.engine.polls.hour import Hour
from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import Source, SourceMemory
from tests.helpers.log_stream import log_stream
from tests.helpers.poller_room import NOW, PollerRoom, article, url_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with log_stream("debug") as stream:
        yield stream


def polls(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines since the last time."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    stream.seek(0)
    stream.truncate()
    return [line for line in found if line["event"] == "poll"]


async def tick(room: PollerRoom, after: timedelta = MINUTE) -> None:
    room.now += after
    await room.poller.poll(room.poller.due(), is_patient=False)


async def test_what_brought_nothing_is_for_debugging(stream: io.StringIO, tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.posts(url_of("gazette"), [article("1", "The ferry sails")])
    await tick(room)
    [line] = polls(stream)
    assert (line["level"], line["new"]) == ("info", 1)
    await tick(room, 20 * MINUTE)  # the same once more
    room.collect.begin_anew()
    await tick(room, 20 * MINUTE)  # not modified
    assert [(line["level"], line["outcome"]) for line in polls(stream)] == [("debug", "ok"), ("debug", "not_modified")]
    room.database.close()


async def test_trouble_is_told_when_it_begins_changes_and_ends(stream: io.StringIO, tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette", "courier")
    told = [
        "body larger than 15 MiB (1 s)",
        "body larger than 15 MiB (2 s)",
        "HTTP 500 Error",
        "HTTP 502 Error",
        "",
        "",
    ]
    for detail in told:
        if detail:
            room.collect.trouble(url_of("gazette"), Outcome.FAILED, detail)
        else:
            room.collect.posts(url_of("gazette"), [])
    levels = []
    for _ in told:
        await tick(room, timedelta(hours=7))
        levels += [line for line in polls(stream) if line["source"] == url_of("gazette")]
    assert [line["level"] for line in levels] == ["warning", "debug", "warning", "warning", "info", "debug"]
    assert levels[4]["was"] == "HTTP 502 Error" and "was" not in levels[5]
    room.database.close()


async def test_a_restart_tells_no_trouble_again(stream: io.StringIO, tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect.trouble(url_of("gazette"), Outcome.FAILED, "HTTP 500 Error")
    await tick(room)
    room.poller = room.new_poller()
    await tick(room, timedelta(hours=1))
    assert [line["level"] for line in polls(stream)] == ["warning", "debug"]
    room.poller = room.new_poller()
    room.collect.begin_anew()
    await tick(room, timedelta(hours=1))
    [line] = polls(stream)
    assert (line["level"], line["was"]) == ("info", "HTTP 500 Error")
    room.database.close()


async def test_a_warning_is_told_once(stream: io.StringIO, tmp_path: Path) -> None:
    room = PollerRoom(tmp_path, "gazette")
    kinds = [("malformed XML: line 7",), ("malformed XML: line 9",), ("malformed XML: line 9", "text cut off")]
    room.collect._answers[url_of("gazette")] = [
        lambda source, memory, now, kinds=each: replace(answer(source, memory, now), warnings=kinds)  # type: ignore[misc]
        for each in kinds
    ]
    for _ in kinds:
        await tick(room, timedelta(hours=1))
    assert [line["level"] for line in polls(stream)] == ["info", "debug", "info"]
    room.database.close()


def answer(source: Source, memory: SourceMemory, now: datetime) -> Collected:
    return Collected(source=source, outcome=Outcome.OK, memory=memory, started_at=now, http_status=200)


def unreached(source: Source, memory: SourceMemory, now: datetime) -> Collected:
    failed = answer(source, memory, now)
    return replace(failed, outcome=Outcome.FAILED, http_status=None, detail="name not found", unreached=True)


async def test_a_server_that_is_not_there_waits_for_the_answer_of_another(stream: io.StringIO, tmp_path: Path) -> None:
    """It may be the first of all: in an outage, one line is enough."""
    room = PollerRoom(tmp_path, "gazette", "courier")
    room.collect._answers[url_of("gazette")] = [unreached]
    room.collect._answers[url_of("courier")] = [answer]
    await room.poller.poll([room.poller.sources[0]], is_patient=False)
    assert polls(stream) == []
    await room.poller.poll([room.poller.sources[1]], is_patient=False)
    assert [(line["level"], line["source"]) for line in polls(stream)] == [
        ("warning", url_of("gazette")),
        ("debug", url_of("courier")),
    ]
    room.database.close()


@pytest.mark.parametrize("is_patient", [True, False])
async def test_it_waits_for_no_longer_than_some_minutes(stream: io.StringIO, tmp_path: Path, is_patient: bool) -> None:
    room = PollerRoom(tmp_path, "gazette")
    room.collect._answers[url_of("gazette")] = [unreached]
    await room.poller.poll(room.poller.sources, is_patient=is_patient)
    assert len(polls(stream)) == is_patient  # who polls once, by hand, is told at its end
    for _ in range(3):
        await tick(room)
    assert len(polls(stream)) == (not is_patient)
    room.database.close()


async def test_an_hour_is_a_line(stream: io.StringIO, tmp_path: Path) -> None:
    seconds = iter([0.0, 3600.0, 3600.0, 7200.0, 7200.0])
    cpu = iter([1.0, 9.26, 9.26, 9.26, 9.26])
    room = PollerRoom(tmp_path, "gazette", "courier", "digest")
    room.hour = Hour(lambda: next(seconds), lambda: next(cpu))
    room.poller = room.new_poller()
    room.collect.posts(url_of("gazette"), [article("1", "The ferry sails"), article("2", "The tide clock stops")])
    room.collect.trouble(url_of("digest"), Outcome.FAILED, "HTTP 500 Error")
    await room.poll()
    polls(stream)
    room.hour.tell(room.database, lambda: NOW)
    [line] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {key: line[key] for key in line if key not in ("timestamp", "level")} == {
        "event": "the last hour", "minutes": 60, "polls": 3, "ok": 1, "not_modified": 1, "rate_limited": 0, "gone": 0,
        "failed": 1, "new": 2, "edited": 0, "copies": 0, "filtered": 0, "requests": 3, "bytes": 0, "in_trouble": 1,
        "cpu_seconds": 8.3,
    }  # fmt: skip
    polls(stream)
    room.hour.tell(room.database, lambda: NOW)
    line = json.loads(stream.getvalue())
    assert (line["polls"], line["new"], line["in_trouble"], line["minutes"]) == (0, 0, 1, 60)
    room.database.close()
