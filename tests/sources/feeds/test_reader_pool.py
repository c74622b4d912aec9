"""Documents are read in processes that can be ended."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.rules import Term, TopicRule
from aggregator.model.source import Source
from aggregator.sources.feeds.read import ReadFeed, read_feed
from aggregator.sources.feeds.reader_pool import Workers
from aggregator.topics.taxonomy import Taxonomy

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TAXONOMY = Taxonomy([TopicRule(topic="rivers", label="Rivers", any=(Term("river"),))])
SOURCE = Source(kind="feed", url="https://paper.example/feed", headers=(("X-Key", "secret"),))
FEED = b"<rss version='2.0'><channel><title>P</title><item><title>The river rises</title></item></channel></rss>"


async def read(workers: Workers, body: bytes = FEED) -> ReadFeed:
    return await workers(body, None, SOURCE.url, SOURCE, NOW)


def pids(workers: Workers) -> list[int]:
    return [worker._process.pid for worker in workers._all if worker._process]


async def test_a_process_gives_what_the_function_gives_and_is_used_again() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        there = [await read(workers) for _ in range(3)]
        [pid] = pids(workers)
    here = read_feed(FEED, None, SOURCE.url, SOURCE, TAXONOMY, NOW)
    assert there == [here] * 3
    assert [match.topic for match in here.posts[0].topics] == ["rivers"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_document_that_takes_too_long_is_given_up_on_and_the_next_is_read() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        await read(workers)
        [pid] = pids(workers)
        os.kill(pid, signal.SIGSTOP)  # what a document in an endless loop looks like from outside
        workers._timeout = 0.1
        given_up = await read(workers)
        workers._timeout = 30
        assert given_up.parsed.problem == "the document took longer than 0.1s to be read"
        assert (await read(workers)).parsed.problem == ""
        assert pids(workers) != [pid]


async def test_a_second_process_is_there_while_the_first_is_held_up() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), held_up=timedelta(seconds=0.01)) as workers:
        await read(workers)
        [pid] = pids(workers)
        os.kill(pid, signal.SIGSTOP)
        stuck = asyncio.create_task(read(workers))
        await asyncio.sleep(0)
        assert (await read(workers)).parsed.problem == ""
        os.kill(pid, signal.SIGCONT)
        assert (await stuck).parsed.problem == ""


async def test_a_process_that_dies_costs_one_document() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        await read(workers)
        os.kill(pids(workers)[0], signal.SIGKILL)
        assert (await read(workers)).parsed.problem == "the document broke the process that reads it"
        assert (await read(workers)).parsed.problem == ""


async def test_a_process_without_work_is_ended() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), idle=timedelta(0)) as workers:
        await read(workers)
        [worker] = workers._all
        assert worker._process
        async with asyncio.timeout(30):
            await worker._process.wait()
        assert not workers._all
        assert (await read(workers)).parsed.problem == ""


async def test_without_processes_a_thread_does_it() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), program="/no/such/program") as workers:
        assert len((await read(workers)).posts) == 1
        assert pids(workers) == []
