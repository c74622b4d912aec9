"""What the log says: one line of JSON an event, and of which source, whoever wrote it."""

from __future__ import annotations

import errno
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
import structlog

from aggregator.engine import log
from aggregator.model.poll import Collected
from aggregator.model.settings import Logging
from aggregator.model.source import Source, SourceMemory
from tests.helpers.log_stream import log_stream
from tests.helpers.poller_room import PollerRoom, url_of


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with log_stream() as stream:
        yield stream


async def test_lines_written_while_a_source_is_collected_name_it(stream: io.StringIO, tmp_path: Path) -> None:
    class Broken:
        async def __call__(self, source: Source, memory: SourceMemory, now: datetime) -> Collected:
            logging.getLogger("a_library").warning("odd answer")
            raise ZeroDivisionError

    room = PollerRoom(tmp_path, "gazette")
    room.collect = Broken()  # type: ignore[assignment]
    room.poller = room.new_poller()
    await room.poll()
    room.database.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = {line["event"]: line.get("source") for line in lines}
    assert told["odd answer"] == told["bug"] == told["poll"] == url_of("gazette")


async def test_no_source_is_named_when_none_is_collected(stream: io.StringIO) -> None:
    structlog.get_logger("daemon").info("started")
    logging.getLogger("a_library").warning("odd answer")
    assert [json.loads(line).get("source") for line in stream.getvalue().splitlines()] == [None, None]


async def test_a_log_that_cannot_be_written_stops_nothing(stream: io.StringIO) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    log.configure(Logging(format="json", level="info"), Full())
    structlog.get_logger("daemon").error("nothing can be written")
    logging.getLogger("a_library").warning("odd answer")


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_no_line_holds_a_key_of_an_address_whoever_writes_it(form: Literal["json", "pretty"]) -> None:
    key = "Kf93c2a71d5e"
    source = Source(kind="feed", url="https://a.example/feed#key-1a2b", keys=(("auth=", key),))
    with log_stream() as stream:
        log.configure(Logging(format=form), stream, [source])
        structlog.get_logger("daemon").info("asked", address=f"https://a.example/feed?auth={key}")
        logging.getLogger("a_library").warning("odd answer of %s", f"https://a.example/feed?auth={key}")
        try:
            raise ValueError(f"no host in https://a.example/feed?auth={key}")
        except ValueError:
            structlog.get_logger("daemon").exception("bug")
        told = stream.getvalue()
        assert key not in told and told.count("auth=hidden-key") >= 3
        log.configure(Logging(format=form), stream)  # the near miss: of no source
        structlog.get_logger("daemon").info("asked", address=f"https://a.example/feed?auth={key}")
        assert key in stream.getvalue()
