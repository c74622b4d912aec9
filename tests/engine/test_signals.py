"""A stop ends the process in time, whatever it does. Real processes: what is tested is their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aggregator.engine.signals import Signals

PATIENCE = 30.0

BEGIN = """
import asyncio, signal, sys, threading, time
from aggregator.cli.app import run_loop
from aggregator.engine.signals import Signals

def say(text):
    print(text, flush=True)

async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
"""
# Each never ends by itself once it is asked to stop.
HANGING = {
    "a loop that stands still": BEGIN
    + """
async def main():
    signals.listen(lambda: None)
    say("listens")
    threading.Event().wait()

with Signals(limit=0.3) as signals:
    run_loop(main())
""",
    "a loop that goes on": BEGIN
    + """
async def main():
    signals.listen(lambda: None)
    say("listens")
    await asyncio.Event().wait()

with Signals(limit=0.3) as signals:
    run_loop(main())
""",
    "a main thread after the loop": BEGIN
    + """
async def main():
    stop, tell = asyncio.Event(), asyncio.get_running_loop().call_soon_threadsafe
    signals.listen(lambda: tell(stop.set))
    say("listens")
    await stop.wait()

with Signals(limit=0.3) as signals:
    run_loop(main())
threading.Event().wait()
""",
}
STUBBORN_TASK = (
    BEGIN
    + """
async def main():
    stop, tell = asyncio.Event(), asyncio.get_running_loop().call_soon_threadsafe
    signals.listen(lambda: tell(stop.set), lambda: say("hangup"))
    task = asyncio.create_task(stubborn())
    await asyncio.wait({task}, timeout=0)
    say("listens")
    await stop.wait()

with Signals(limit=25) as signals:
    run_loop(main())
say("done")
"""
)
NOBODY_LISTENS = (
    BEGIN
    + """
with Signals(limit=25):
    say("begins")
    threading.Event().wait()
"""
)


@contextmanager
def process(text: str) -> Iterator[subprocess.Popen[str]]:
    """A program that has said its first word."""
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout
            assert started.stdout.readline()
            yield started
        finally:
            started.kill()


@pytest.mark.parametrize("what", HANGING)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_does_not_end_is_ended(what: str, number: int) -> None:
    with process(HANGING[what]) as started:
        started.send_signal(number)
        assert started.wait(PATIENCE) == 0


def test_a_task_that_cannot_be_cancelled_does_not_hold_the_loop() -> None:
    asked_at = time.monotonic()
    with process(STUBBORN_TASK) as started:
        started.send_signal(signal.SIGHUP)
        assert started.stdout and started.stdout.readline() == "hangup\n"
        started.terminate()
        assert started.wait(PATIENCE) == 0
        assert started.stdout.read() == "done\n"
    assert time.monotonic() - asked_at < 25


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become a user who may start no more threads")
@pytest.mark.parametrize(("what", "says"), [(STUBBORN_TASK, "done\n"), (HANGING["a loop that stands still"], "")])
def test_a_stop_is_heard_where_no_more_threads_can_be_had(what: str, says: str) -> None:
    """And has its limit, too. The thread that hears is there already."""
    nobody = 54_321  # nobody else's processes count
    poor = (
        "import concurrent.futures.thread, os, resource; "  # what can't be read as somebody else
        f"resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)); os.setuid({nobody})"
    )
    with process(what.replace("    run_loop(", f"    {poor}\n    run_loop(")) as started:
        started.terminate()
        assert started.wait(PATIENCE) == 0
        assert started.stdout and started.stdout.read() == says


def test_a_second_stop_ends_the_process_at_once() -> None:
    text = HANGING["a loop that stands still"].replace("limit=0.3", "limit=10_000")
    with process(text) as started:
        while started.poll() is None:
            started.terminate()
            time.sleep(0)
        assert started.returncode == 0


def test_before_anybody_listens_a_stop_ends_the_process_at_once() -> None:
    with process(NOBODY_LISTENS) as started:
        started.terminate()
        assert started.wait(PATIENCE) == 0


def test_without_a_stop_everything_is_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    heard: list[str] = []
    with Signals() as signals:
        signals.listen(lambda: heard.append("stop"), lambda: heard.append("hangup"))
        os.kill(os.getpid(), signal.SIGHUP)
        until = time.monotonic() + PATIENCE
        while not heard and time.monotonic() < until:
            time.sleep(0)
    assert heard == ["hangup"]
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before
    assert signal.set_wakeup_fd(-1) == -1
