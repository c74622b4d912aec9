"""A message on the standard input of real programs: good ones, and those that do not end."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from aggregator.engine.outbox.channels.command import CommandChannel
from aggregator.model.outbox import Command, Delivery, Message
from tests.helpers.messages import NOW, grown, message, story


def python(code: str, *arguments: str) -> Command:
    return Command(argv=(sys.executable, "-c", code, *arguments))


async def ran(code: str, *arguments: str, sent: Message | None = None, patience: float = 60.0) -> Delivery:
    return await CommandChannel(python(code, *arguments), patience=patience).send(sent or message(), NOW)


def shell(tmp_path: Path, text: str, mode: int = 0o755, name: str = "tell") -> Command:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return Command(argv=(str(file),))


async def test_what_it_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "kept")
    file = tmp_path / "got.json"
    code = """
import json, os, sys
names = ("AGGREGATOR_TARGET", "AGGREGATOR_KIND", "AGGREGATOR_MESSAGE_ID", "OURS")
got = {"input": sys.stdin.buffer.read().decode(), "argument": sys.argv[2], **{name: os.environ[name] for name in names}}
open(sys.argv[1], "w").write(json.dumps(got))
"""
    assert await ran(code, str(file), "$HOME; *", sent=message(story(), grown(), story())) == Delivery()
    got = json.loads(file.read_text())
    assert (got["AGGREGATOR_TARGET"], got["AGGREGATOR_KIND"], got["AGGREGATOR_MESSAGE_ID"], got["OURS"]) == (
        "desk", "story grown", "msg-1", "kept",
    )  # fmt: skip
    assert got["argument"] == "$HOME; *"  # no shell has seen it
    assert got["input"].endswith("}\n") and json.loads(got["input"])["title"].startswith("2 stories, 1 story that grew")


async def test_another_exit_status_is_for_later_with_its_last_words() -> None:
    code = "import sys; print('first\\nno room\\x1b[31m on the disk\\n\\n', file=sys.stderr); sys.exit(3)"
    assert await ran(code) == Delivery(error="exit status 3: no room [31m on the disk")
    assert await ran("raise SystemExit(1)") == Delivery(error="exit status 1")


@pytest.mark.parametrize(("status", "words"), [(127, "is not there"), (126, "may not be run")])
async def test_what_shells_end_with(status: int, words: str) -> None:
    found = await ran(f"raise SystemExit({status})")
    assert found.error and found.error.startswith(f"exit status {status} (") and words in found.error


async def test_one_that_is_ended_by_a_signal() -> None:
    found = await ran("import os; os.kill(os.getpid(), 9)")
    assert found == Delivery(error="it was ended by SIGKILL")


async def test_one_that_does_not_read_may_take_it_all_the_same() -> None:
    """More than a pipe holds."""
    long = message(*(story() for _ in range(300)))
    assert await ran("pass", sent=long) == Delivery()
    assert (await ran("raise SystemExit(2)", sent=long)).error == "exit status 2"


async def test_what_it_says_is_bounded() -> None:
    code = "import sys; sys.stdout.write('y' * 9_000_000); sys.stderr.write('x' * 5_000_000); sys.exit(1)"
    found = await ran(code)
    assert found.error and len(found.error) < 250


async def test_programs_that_can_not_be_run(tmp_path: Path) -> None:
    async def error(command: Command) -> str:
        delivery = await CommandChannel(command).send(message(), NOW)
        assert not delivery.is_final
        return delivery.error or ""

    assert "is not there" in await error(Command(argv=(str(tmp_path / "nowhere"),)))
    assert "is not there" in await error(shell(tmp_path, "#!/no/such/interpreter\n"))
    assert "may not be run" in await error(shell(tmp_path, "#!/bin/sh\n", mode=0o644))
    assert "can't be run" in await error(shell(tmp_path, "no program", name="text"))
    assert "can't be run" in await error(Command(argv=("a\0b",)))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    # A child of one that is gone is nobody's to be waited for, and stays as a zombie where nobody adopts it.
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


async def until(is_so: object) -> None:
    """Wait for what another process does."""
    assert callable(is_so)
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.01)


# Starts another, neither of which obeys, and names both.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code])
with open(sys.argv[1] + ".part", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(600)
"""


async def test_one_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    channel = CommandChannel(python(STUBBORN, str(file)), patience=1.5, grace=0.2)
    begun = time.monotonic()
    delivery = await channel.send(message(), NOW)
    assert time.monotonic() - begun < 20
    assert delivery.error == "it ran for longer than 1.5 s, and was ended"
    pids = [int(pid) for pid in file.read_text().split()]
    await until(lambda: not any(map(is_running, pids)))


async def test_a_stop_ends_it(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    sending = asyncio.create_task(CommandChannel(python(STUBBORN, str(file)), grace=0.2).send(message(), NOW))
    await until(file.exists)
    pids = [int(pid) for pid in file.read_text().split()]
    assert all(map(is_running, pids))
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await until(lambda: not any(map(is_running, pids)))


async def test_what_it_leaves_running_is_not_waited_for() -> None:
    """A program may begin something and be done; its standard error is held open by that."""
    code = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
import os; os._exit(0)
"""
    begun = time.monotonic()
    assert await ran(code) == Delivery()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("stories", [1, 300])
async def test_what_it_leaves_running_may_hold_its_input_open(stories: int) -> None:
    """300: more than a pipe holds, and nobody reads it."""
    code = """
import os, time
if os.fork() == 0:
    time.sleep(15)
    os._exit(0)
time.sleep(0.3)  # so that it is waited for when it ends
"""
    long = message(*(story() for _ in range(stories)))
    held = open_files()
    assert await ran(code, sent=long, patience=10) == Delivery()
    await until(lambda: open_files() <= held)


def open_files() -> int:
    """How many this process holds open, where the system tells."""
    return len([*Path("/proc/self/fd").glob("*")])
