"""Processes that read are forked by one that holds what reads, and none outlives the other, or the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.sources.processes import cores, forks
from aggregator.sources.processes.pool import Pool
from tests.helpers.process import children_of

CPU = timedelta(seconds=30)

pytestmark = pytest.mark.skipif(not forks.can_fork(), reason="needs what Linux has")


def prepared(made: str = "") -> Callable[[str], object]:
    """What does as it is told. `made`: a file that gets a line each time."""
    if made:
        with Path(made).open("a") as file:
            file.write(".")

    def read(what: str) -> object:
        match what:
            case "loop":
                while True:
                    pass
            case "sleep":
                signal.pause()
            case "bomb":
                return bytes(3 * 1024**3)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "parent":
                return os.getppid()
        return os.getpid()

    return read


def broken() -> Callable[[str], object]:
    raise ValueError("nothing can be made of it")


def unread(problem: str) -> object:
    return problem


def pool(
    made: Path | str = "", *, timeout: timedelta = CPU, processors: int | None = None, **more: timedelta
) -> Pool[object]:
    return Pool(prepared, (str(made),), unread, timeout, processors=processors, **more)


def server_of(workers: Pool[object]) -> int:
    assert workers._server and workers._server.pid
    return workers._server.pid


def pids(workers: Pool[object]) -> list[int]:
    return [worker._process.pid for worker in workers._all if worker._process]


async def begun(workers: Pool[object], count: int = 1) -> None:
    """So many documents are being read."""
    async with asyncio.timeout(60):
        while sum(worker.has_begun for worker in workers._all) < count:
            await asyncio.sleep(0.001)


def is_there(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def gone(*processes: int) -> None:
    """None of them is there any more, before long; one that nobody has waited for yet counts as gone."""
    async with asyncio.timeout(30):
        while any(is_there(pid) and state(pid) != "Z" for pid in processes):
            await asyncio.sleep(0.01)


def state(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "Z"


async def test_what_reads_is_made_once_for_all_processes(tmp_path: Path) -> None:
    made = tmp_path / "made"
    async with pool(made, idle=timedelta(0)) as workers:
        found = []
        for _ in range(5):
            found.append(await workers.read(""))
            while workers._all:
                await asyncio.sleep(0)
        server = server_of(workers)
        assert await workers.read("parent") == server
    assert len(set(found)) == 5
    assert made.read_text() == "."
    assert not is_there(server)


async def test_what_reads_is_given_back_where_nothing_is_read_for_long(tmp_path: Path) -> None:
    made = tmp_path / "made"
    async with pool(made, idle=timedelta(0), keep=timedelta(0)) as workers:
        await workers.read("")
        server = server_of(workers)
        await gone(server)
        assert isinstance(await workers.read(""), int)
    assert made.read_text() == ".."


async def test_where_nothing_comes_what_is_idle_gives_its_memory_back_and_is_made_again(tmp_path: Path) -> None:
    made = tmp_path / "made"
    async with pool(made) as workers:
        workers.rest()  # with none there is nothing to end
        first = await workers.read("")
        server = server_of(workers)
        workers.rest()
        await gone(first, server)
        assert await workers.read("parent") != server
    workers.rest()
    assert made.read_text() == ".."


async def test_without_a_document_there_is_no_process() -> None:
    before = set(children_of(os.getpid()))
    async with pool() as workers:
        assert workers._server is None
        assert set(children_of(os.getpid())) <= before


@pytest.mark.parametrize("when", ["idle", "reading"])
async def test_a_server_that_is_killed_costs_no_document(tmp_path: Path, when: str) -> None:
    """What it forked ends with it; the document that was read goes to a process of the next."""
    async with pool(tmp_path / "made") as workers:
        await workers.read("")
        [first], server = pids(workers), server_of(workers)
        asked = asyncio.create_task(workers.read("sleep" if when == "reading" else ""))
        if when == "reading":
            await begun(workers)
        else:
            await asked
        os.kill(server, signal.SIGKILL)
        await gone(first, server)
        if when == "reading":
            await begun(workers)
            async with asyncio.timeout(60):
                while first in pids(workers) or not pids(workers):
                    await asyncio.sleep(0.001)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        assert isinstance(await workers.read(""), int)
        assert server_of(workers) != server
    assert (tmp_path / "made").read_text() == ".."


async def test_a_server_that_was_killed_is_waited_for_also_where_nothing_is_read_any_more() -> None:
    async with pool() as workers:
        await workers.read("")
        server = server_of(workers)
        os.kill(server, signal.SIGKILL)
        async with asyncio.timeout(30):
            while is_there(server):
                await asyncio.sleep(0.01)


async def test_a_server_that_is_killed_while_it_starts_costs_no_document() -> None:
    async with pool() as workers:
        asked = asyncio.create_task(workers.read(""))
        while workers._server is None or workers._server.pid is None:
            await asyncio.sleep(0)
        server = server_of(workers)
        os.kill(server, signal.SIGKILL)
        assert isinstance(await asked, int)
        assert server_of(workers) != server


async def test_documents_that_are_not_to_be_read_are_told_apart_and_the_next_is_read() -> None:
    async with pool(timeout=timedelta(seconds=0.2), wall=timedelta(seconds=20)) as workers:
        assert await workers.read("loop") == "the document took more than 0.2s of CPU time to be read"
        assert await workers.read("bomb") == "the document takes too much memory to be read"
        killed = "the process that read the document was killed, as where the machine's memory runs out"
        assert await workers.read("die") == killed
        assert await workers.read("crash") == "the document broke the process that reads it"
        workers._wall = 0.2
        assert await workers.read("sleep") == "the document took longer than 0.2s to be read"
        workers._wall = 20
        server = server_of(workers)
        assert await workers.read("parent") == server


async def test_as_many_documents_are_read_at_once_as_there_are_processors() -> None:
    async with pool(processors=3, held_up=timedelta(seconds=30)) as workers:
        asked = [asyncio.create_task(workers.read("sleep")) for _ in range(5)]
        await begun(workers, 3)
        await asyncio.sleep(0.2)
        assert len(pids(workers)) == 3
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def test_documents_one_after_the_other_need_one_process() -> None:
    async with pool(processors=3) as workers:
        assert len({await workers.read("") for _ in range(20)}) == 1


async def test_one_processor_is_enough() -> None:
    """Documents that are quickly read take turns; one that holds up the others gets another beside it."""
    async with pool(processors=1) as workers:
        assert len(set(await asyncio.gather(*(workers.read("") for _ in range(20))))) == 1
        workers._held_up_seconds = 0.05
        stuck = asyncio.create_task(workers.read("sleep"))
        await begun(workers)
        assert len(set(await asyncio.gather(*(workers.read("") for _ in range(20))))) == 1
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)


async def test_what_cannot_be_made_is_said_and_no_process_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    before = set(children_of(os.getpid()))
    async with Pool(broken, (), unread, CPU) as workers:
        with pytest.raises(ValueError, match="nothing can be made of it"):
            await workers.read("")
    assert set(children_of(os.getpid())) <= before
    assert "nothing can be made of it" in capfd.readouterr().err


async def test_without_a_server_processes_are_started_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> object:
        raise OSError("no")

    monkeypatch.setattr(forks, "_started", none)
    async with pool() as workers:
        assert await workers.read("parent") == os.getpid()
        assert await workers.read("parent") == os.getpid()


async def test_documents_are_read_where_a_server_ends_as_soon_as_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not tried anew for each of them."""
    started = []

    def failing() -> object:
        ours, theirs = forks._pair()
        with theirs:
            started.append(subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"], stdin=theirs.fileno()))
        started[-1].returncode = 0
        return forks._Begun(ours, started[-1].pid)

    monkeypatch.setattr(forks, "_started", failing)
    async with pool() as workers:
        assert await workers.read("parent") == os.getpid()
        assert await workers.read("parent") == os.getpid()
    assert len(started) == 1


OPEN = """
import os, socket
from pathlib import Path
from aggregator.sources.processes import server
if {is_told}:
    assert os.listdir("/proc/self/fd")
else:
    def untold(path):
        raise FileNotFoundError(path)
    Path.iterdir = untold
ours, theirs = socket.socketpair()
pid = os.fork()
if not pid:
    server._close_but(theirs)
    theirs.send(b"there")
    theirs.recv(1)  # until the end of the other
    os._exit(3)
theirs.close()
assert ours.recv(5) == b"there"
ours.close()
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.parametrize("is_told", [True, False])
def test_a_server_keeps_nothing_open_of_its_parents_also_where_nobody_tells_what_is(*, is_told: bool) -> None:
    """/proc is not there in every container. Were our end of the socket open in it, it would outlive us."""
    run = subprocess.run(
        [sys.executable, "-c", OPEN.format(is_told=is_told)], capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, b"3\n", b"")


async def test_a_closed_pool_leaves_nothing_behind_whatever_is_read() -> None:
    before = set(children_of(os.getpid()))
    async with pool(processors=2) as workers:
        asked = [asyncio.create_task(workers.read(what)) for what in ("loop", "sleep")]
        await begun(workers, 2)
        processes = [*pids(workers), server_of(workers)]
    assert not any(map(is_there, processes))
    assert set(children_of(os.getpid())) <= before
    await asyncio.gather(*asked, return_exceptions=True)


async def test_a_pool_that_is_closed_while_what_reads_is_made_leaves_nothing_behind() -> None:
    before = set(children_of(os.getpid()))
    async with pool() as workers:
        asked = asyncio.create_task(workers.read(""))
        while workers._server is None or workers._server.pid is None:
            await asyncio.sleep(0)
        server = server_of(workers)
    await asyncio.gather(asked, return_exceptions=True)
    assert not is_there(server)
    assert set(children_of(os.getpid())) <= before


async def test_signals_to_the_whole_group_are_the_programs_business() -> None:
    async with pool() as workers:
        first = await workers.read("")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for pid in (*pids(workers), server_of(workers)):
                os.kill(pid, number)
        assert await workers.read("") == first


PARENT = """
import asyncio, os, signal, sys
from datetime import timedelta
from aggregator.sources.processes import forks
from aggregator.sources.processes.pool import Pool
from tests.sources.processes.test_forks import begun, pids, prepared, server_of, unread
if sys.argv[2] == "early":
    forks.begin_early()
    early = forks._early[0].pid
async def main():
    workers = Pool(prepared, (), unread, timedelta(seconds=30))
    await workers.read("")
    asked = asyncio.create_task(workers.read(sys.argv[1]))
    await begun(workers) if sys.argv[1] else await asked
    if sys.argv[2] == "early":
        assert server_of(workers) == early
    print(server_of(workers), *pids(workers), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.mark.parametrize("what", ["", "loop", "sleep"])
@pytest.mark.parametrize("how", ["early", "started"])
async def test_nothing_outlives_the_program(what: str, how: str) -> None:
    """However it dies, and whatever is read then."""
    run = subprocess.run([sys.executable, "-c", PARENT, what, how], capture_output=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (-signal.SIGKILL, b"")
    server, reader = map(int, run.stdout.split())
    await gone(server, reader)


EARLY = """
import os, sys, threading
from aggregator.sources.processes import forks
{before}
print("unsaid", end="")
forks.begin_early()
print(len(forks._early))
"""


@pytest.mark.parametrize(
    ("before", "count"),
    [("", 1), ("forks.begin_early()", 1), ("threading.Thread(target=threading.Event().wait, daemon=True).start()", 0)],
)
def test_one_is_forked_early_where_there_is_one_thread_and_ends_with_the_program(before: str, count: int) -> None:
    """What was not yet written of the output is written once."""
    begin = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", EARLY.format(before=before)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, f"unsaid{count}\n".encode(), b"")
    assert time.monotonic() - begin < 30


def test_the_processors_that_may_be_used_are_counted(tmp_path: Path) -> None:
    limit = tmp_path / "cpu.max"
    all_of_them = cores.usable(limit)
    assert 1 <= all_of_them <= cores.MOST
    for text, count in (
        ("max 100000", all_of_them),
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("nonsense", all_of_them),
    ):
        limit.write_text(text)
        assert cores.usable(limit) == count


def test_there_is_room_for_as_many_processes_as_a_limit_of_memory_leaves(tmp_path: Path) -> None:
    groups, root = tmp_path / "cgroup", tmp_path / "fs"
    for line, limit in (("0::/box", "box/memory.max"), ("4:memory:/elsewhere/box", "memory/memory.limit_in_bytes")):
        groups.write_text(f"1:cpu:/\n{line}\n")
        (root / limit).parent.mkdir(parents=True)
        for text, count in (("max", cores.MOST), (str(128 * 1024**2), 1), (str(256 * 1024**2), 1),
                            (str(300 * 1024**2), 2), (str(2**63 - 4096), cores.MOST)):  # fmt: skip
            (root / limit).write_text(text)
            assert cores.have_room(groups, root) == count
    assert cores.have_room(tmp_path / "nothing", root) == cores.MOST


async def test_where_memory_runs_out_what_reads_is_ended_before_the_program() -> None:
    own = Path("/proc/self/oom_score_adj").read_text()
    async with pool() as workers:
        reader = int(str(await workers.read("pid")))
        scores = [int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (reader, server_of(workers))]
    assert scores == [1000, 900]
    assert Path("/proc/self/oom_score_adj").read_text() == own
