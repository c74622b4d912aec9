"""The process that reads documents, so that it can be ended when one takes too long.

Usually it is forked by `aggregator.sources.processes.server`, which holds what reads. Where there is none it is
`python -m` this module, and learns first what reads.

Over its input come pickled values, each after its length in eight bytes. The first, for a process that was not forked,
is a pair: a function of the program, which is imported with it, and its arguments; what that gives is the function that
reads. Then comes a document at a time: its limits (CPU time, time by the clock, in seconds) and the arguments for that
function. Over its output goes a length of 0 when it begins on one, and then what the function gives, or None where
memory ran out. It ends with its input, so it does not outlive its parent. Both ends are our own.

A document that takes more CPU time than it may ends the process, by a signal whose default the kernel carries out: in
the midst of C code too. The exit status (SIGPROF) tells our parent.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")

# In the place of an answer's length: the document is here, and reading it begins. Who dies later was killed by it.
BEGUN = LENGTH.pack(0)

# They reach the whole group of processes (Ctrl-C, a terminal that is closed, `kill` of a group). Our parent ends us.
OUR_PARENTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# A document that hangs while our parent dies would keep the process for ever. Our parent ends it before that.
_SPARE_SECONDS = 60.0

# How gladly the system ends a process where memory runs out: from -1000, never, to 1000, and a thousandth of all memory
# counts as one. What forks those that read comes after them, and before the program, however small it is just then.
_READER_SCORE, SERVER_SCORE = 1000, 900

# Address space, not memory in use: enough for the largest documents by far, and an end to what eats the machine's.
MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """Answer until the input ends, as a program of its own."""
    leave_signals_to_our_parent()
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    prepare, arguments = take(source)
    read = prepare(*arguments)
    give(target, "ready")
    answer(source, target, read)


def answer(source: BinaryIO, target: BinaryIO, read: Callable[..., Any]) -> None:
    """Read documents by this function until there are no more. For the rest of the process."""
    be_killed_first()
    for number in (signal.SIGPROF, signal.SIGALRM):  # who started our parent may have had them ignored
        signal.signal(number, signal.SIG_DFL)
    _limit_memory()
    while True:
        try:
            cpu, wall, document = take(source)
        except EOFError:
            return
        target.write(BEGUN)
        target.flush()
        _limit_time(cpu, wall + _SPARE_SECONDS)
        try:
            said: Any = read(*document)
        except MemoryError:
            said = None
        del document
        try:
            written = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            said, written = None, pickle.dumps(None)
        _limit_time(0, 0)
        _write(target, written)
        if said is None:
            return  # what is left of its memory is in pieces: another process is cheaper


def be_killed_first(score: int = _READER_SCORE) -> None:
    """Where memory runs out the system is to end this process, and not the program whose largest one that may be.

    Then a document is not read this time, and nothing else is lost. For the rest of the process.
    """
    with suppress(OSError):  # Linux has it
        Path("/proc/self/oom_score_adj").write_text(str(score), "ascii")


def leave_signals_to_our_parent() -> None:
    """What is for the whole group of processes is for who started us. For the rest of the process."""
    for number in OUR_PARENTS:
        signal.signal(number, signal.SIG_IGN)


def take(source: BinaryIO) -> Any:
    """The next value. Raises EOFError where there are no more, or our parent died in the midst of one."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    length = LENGTH.unpack(head)[0]
    body = source.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)


def give(target: BinaryIO, value: object) -> None:
    """The next value, for who takes it."""
    _write(target, pickle.dumps(value))


def _write(target: BinaryIO, written: bytes) -> None:
    target.write(LENGTH.pack(len(written)))
    target.write(written)
    target.flush()


def _limit_time(cpu: float, wall: float) -> None:
    """End the process after so many seconds of CPU time, or by the clock, whatever it does then; 0 for no limit."""
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall)


def _limit_memory() -> None:
    with suppress(OSError, ValueError):  # a limit below is in force already
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, hard))


if __name__ == "__main__":
    try:
        main()
    except (EOFError, ConnectionError):
        sys.exit(0)
