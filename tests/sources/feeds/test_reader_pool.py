"""Documents are read in processes that can be ended."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model.rules import Term, TopicRule
from aggregator.model.source import Source
from aggregator.sources.feeds.read import read_feed
from aggregator.sources.feeds.reader_pool import Workers
from aggregator.sources.feeds.results import ReadFeed
from aggregator.sources.processes.pool import ClosedError, longest_reading, wall_limit
from aggregator.sources.processes.worker import START_SECONDS
from aggregator.topics.taxonomy import Taxonomy

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TAXONOMY = Taxonomy([TopicRule(topic="rivers", label="Rivers", any=(Term("river"),))])
SOURCE = Source(kind="feed", url="https://paper.example/feed", headers=(("X-Key", "secret"),))
FEED = b"<rss version='2.0'><channel><title>P</title><item><title>The river rises</title></item></channel></rss>"


# Programs in the place of the one that reads documents. Each takes what it is sent.
BEGIN = """#!{python}
import os, pickle, struct, sys, time
def take():
    (length,) = struct.unpack(">Q", os.read(0, 8))
    while length:
        length -= len(os.read(0, min(length, 1 << 20)))
def give(value):
    written = pickle.dumps(value)
    os.write(1, struct.pack(">Q", len(written)) + written)
take()
give("ready")
take()
"""
ANSWERS_WITHOUT_END = (
    BEGIN
    + """
os.write(1, struct.pack(">Q", 1 << 40))
while True:
    os.write(1, bytes(1 << 16))
"""
)
# How often it was started is counted in a file beside it.
KILLED_BY_ITS_DOCUMENT = (
    BEGIN.replace("def take", "open(sys.argv[0] + '.starts', 'a').write('.')\ndef take")
    + "os.write(1, bytes(8)); os.kill(os.getpid(), 9)"
)
NEVER_BEGINS = KILLED_BY_ITS_DOCUMENT.replace("os.write(1, bytes(8)); ", "")
ONE_ANSWER = (
    BEGIN
    + """
from aggregator.sources.feeds.results import ParsedFeed, ReadFeed
os.write(1, bytes(8))
give(ReadFeed(ParsedFeed(problem="of a process")))
os.read(0, 1)
"""
)
NEVER_ANSWERS = BEGIN + "os.read(0, 1)"


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Make a program of a text; its path."""

    def make(text: str) -> str:
        path = tmp_path / "program"
        path.write_text(text.format(python=sys.executable))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


async def read(workers: Workers, body: bytes = FEED) -> ReadFeed:
    return await workers(body, None, SOURCE.url, SOURCE, NOW)


def pids(workers: Workers) -> list[int]:
    return [worker._process.pid for worker in workers._all if worker._process]


async def stopped(workers: Workers) -> int:
    """The one process, which has read a document and does nothing until SIGCONT."""
    await read(workers)
    [pid] = pids(workers)
    os.kill(pid, signal.SIGSTOP)
    return pid


async def starting(workers: Workers) -> int:
    """The first process, as soon as there is one."""
    while not pids(workers):
        await asyncio.sleep(0)
    [pid] = pids(workers)
    return pid


async def all_at_work(workers: Workers) -> None:
    """No process is idle any more."""
    while workers._idle:
        await asyncio.sleep(0)


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
        pid = await stopped(workers)  # what a document in an endless loop looks like from outside
        workers._wall = 0.1
        given_up = await read(workers)
        workers._wall = 30
        assert given_up.parsed.problem == "the document took longer than 0.1s to be read"
        assert (await read(workers)).parsed.problem == ""
        assert pids(workers) != [pid]


async def test_a_second_process_is_there_while_the_first_is_held_up() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), held_up=timedelta(seconds=0.01)) as workers:
        pid = await stopped(workers)
        stuck = asyncio.create_task(read(workers))
        await asyncio.sleep(0)
        assert (await read(workers)).parsed.problem == ""
        os.kill(pid, signal.SIGCONT)
        assert (await stuck).parsed.problem == ""


async def test_a_process_that_was_killed_while_it_was_idle_costs_no_document() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        await read(workers)
        [pid] = pids(workers)
        os.kill(pid, signal.SIGKILL)
        assert (await read(workers)).parsed.problem == ""
        assert pid not in pids(workers)


async def test_a_process_that_is_killed_before_it_begins_on_a_document_costs_none() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        pid = await stopped(workers)
        asked = asyncio.create_task(read(workers))
        await all_at_work(workers)
        os.kill(pid, signal.SIGKILL)
        assert (await asked).parsed.problem == ""
        assert pid not in pids(workers)


async def test_a_process_that_is_killed_while_it_starts_costs_no_document_nor_the_next_ones_their_process() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        asked = asyncio.create_task(read(workers))
        pid = await starting(workers)
        os.kill(pid, signal.SIGKILL)
        assert (await asked).parsed.problem == ""
        assert len(pids(workers)) == 1 and pid not in pids(workers)


@pytest.mark.parametrize(
    ("end", "processes", "says"),
    [
        (KILLED_BY_ITS_DOCUMENT, 1, "the process that read the document was killed"),
        (NEVER_BEGINS, 2, "the document broke the process that reads it"),
    ],
)
async def test_a_document_that_kills_its_process_is_blamed(
    program: Callable[[str], str], tmp_path: Path, end: str, processes: int, says: str
) -> None:
    """At once where it was begun on, else where a second process ended as the first did."""
    async with Workers(TAXONOMY, timedelta(seconds=30), program=program(end)) as workers:
        assert (await read(workers)).parsed.problem.startswith(says)
        assert pids(workers) == []
    assert (tmp_path / "program.starts").read_text() == "." * processes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_to_the_whole_group_is_our_parents_business(number: signal.Signals) -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        await read(workers)
        [pid] = pids(workers)
        os.kill(pid, number)
        assert (await read(workers)).parsed.problem == ""
        assert pids(workers) == [pid]


PARENT = """
import asyncio, os, signal, sys
from datetime import timedelta
from aggregator.sources.feeds.reader_pool import Workers
from aggregator.topics.taxonomy import Taxonomy
async def main():
    workers = Workers(Taxonomy([]), timedelta(seconds=30))
    worker = await workers._take()
    os.kill(worker._process.pid, signal.SIGTERM)
    print("there", flush=True)
    if sys.argv[1] == "asked":
        os.kill(worker._process.pid, signal.SIGSTOP)
        asyncio.get_running_loop().create_task(worker.ask(bytes(1 << 26)))
        await asyncio.sleep(0)
        os.kill(worker._process.pid, signal.SIGCONT)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.mark.parametrize("when", ["idle", "asked"])
def test_a_process_does_not_outlive_its_parent(when: str) -> None:
    """However its parent ends. The error output, which they share, ends when both have."""
    run = subprocess.run([sys.executable, "-c", PARENT, when], capture_output=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (-signal.SIGKILL, b"there\n", b"")


async def test_a_process_without_work_is_ended() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), idle=timedelta(0)) as workers:
        await read(workers)
        [worker] = workers._all
        assert worker._process
        async with asyncio.timeout(30):
            while worker._process.poll() is None:
                await asyncio.sleep(0)
        assert not workers._all
        assert (await read(workers)).parsed.problem == ""


async def test_without_processes_a_thread_does_it() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), program="/no/such/program") as workers:
        assert len((await read(workers)).posts) == 1
        assert pids(workers) == []


async def test_processes_are_tried_again_after_a_while(program: Callable[[str], str]) -> None:
    """What a machine had none of may be there again; not with each document, since that takes time."""
    there = Path(program(ONE_ANSWER))
    away = there.rename(there.with_suffix(".away"))
    async with Workers(TAXONOMY, timedelta(seconds=30), program=str(there), again=timedelta(seconds=0.2)) as workers:
        assert len((await read(workers)).posts) == 1
        away.rename(there)
        assert len((await read(workers)).posts) == 1
        assert pids(workers) == []
        await asyncio.sleep(0.2)
        assert (await read(workers)).parsed.problem == "of a process"


async def test_a_process_that_is_ended_in_the_midst_of_its_answer_holds_nobody_up(
    program: Callable[[str], str],
) -> None:
    """With a loop that is busy when the time is over: then what comes from the process is paused, and stays so."""
    answers = program(ANSWERS_WITHOUT_END)
    wall = timedelta(seconds=0.3)
    async with Workers(TAXONOMY, timedelta(seconds=30), program=answers) as workers:
        worker = await workers._take()
        workers._give_back(worker)
        workers._wall = wall.total_seconds()
        loop = asyncio.get_running_loop()

        def be_busy(until: float) -> None:
            while loop.time() < until:
                time.monotonic()

        for number in range(1, 4):
            loop.call_later(0.2 * number, be_busy, loop.time() + 0.2 * number + 0.15)
        async with asyncio.timeout(30):
            given_up = await read(workers)
    assert given_up.parsed.problem == "the document took longer than 0.3s to be read"


async def test_a_process_that_never_answers_is_given_up_on(program: Callable[[str], str]) -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30), program=program(NEVER_ANSWERS)) as workers:
        workers._give_back(await workers._take())
        workers._wall = 0.1
        async with asyncio.timeout(30):
            assert (await read(workers)).parsed.problem == "the document took longer than 0.1s to be read"


async def test_a_document_that_takes_too_much_cpu_time_is_told_from_one_that_breaks_the_process() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        await read(workers)
        workers._cpu = 0.0001
        slow = await read(workers, FEED.replace(b"</channel>", b"<item><title>Again</title></item>" * 900))
        workers._cpu = 30
        assert slow.parsed.problem == "the document took more than 0.0001s of CPU time to be read"
        assert (await read(workers)).parsed.problem == ""


async def test_time_that_others_take_on_a_busy_machine_does_not_count() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        pid = await stopped(workers)  # what it looks like when others have the processor
        workers._cpu = 0.5
        asked = asyncio.create_task(read(workers))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await asyncio.shield(asked)
        os.kill(pid, signal.SIGCONT)
        assert (await asked).parsed.problem == ""
        assert pids(workers) == [pid]


async def test_who_waits_too_long_for_a_process_says_so(program: Callable[[str], str]) -> None:
    never = program(NEVER_ANSWERS)
    async with Workers(TAXONOMY, timedelta(seconds=30), program=never, held_up=timedelta(0)) as workers:
        for worker in [await workers._take(), await workers._take()]:
            workers._give_back(worker)
        stuck = [asyncio.create_task(read(workers)) for _ in range(2)]
        await all_at_work(workers)
        workers._turn_seconds = 0.1
        assert (await read(workers)).parsed.problem == "no process was free to read the document within 0.1s"
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_a_closed_pool_starts_no_process_whoever_waits_for_one(program: Callable[[str], str]) -> None:
    never = program(NEVER_ANSWERS)
    async with Workers(TAXONOMY, timedelta(seconds=30), program=never, held_up=timedelta(seconds=30)) as workers:
        workers._give_back(await workers._take())
        waiting = [asyncio.create_task(read(workers)) for _ in range(4)]
        await all_at_work(workers)
        [pid] = pids(workers)
    for task in waiting:
        with pytest.raises(ClosedError):
            await task
    with pytest.raises(ClosedError):
        await read(workers)
    assert pids(workers) == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_pool_that_is_closed_while_a_process_starts_leaves_none_behind() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        asked = asyncio.create_task(read(workers))
        pid = await starting(workers)
    with pytest.raises(ClosedError):
        await asked
    assert pids(workers) == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_task_that_is_cancelled_ends_its_process() -> None:
    async with Workers(TAXONOMY, timedelta(seconds=30)) as workers:
        pid = await stopped(workers)
        stuck = asyncio.create_task(read(workers))
        await all_at_work(workers)
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        assert pids(workers) == []
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_limits_by_the_clock_are_generous_and_have_an_end() -> None:
    assert wall_limit(timedelta(seconds=1)) == timedelta(minutes=1)
    assert wall_limit(timedelta(seconds=20)) == timedelta(seconds=200)
    assert wall_limit(timedelta(minutes=10)) == timedelta(minutes=15)
    assert longest_reading(timedelta(seconds=20)) == timedelta(seconds=400 + START_SECONDS)
