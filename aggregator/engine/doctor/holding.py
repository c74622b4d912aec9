"""Who holds the database: the daemon's lock, and locks of other programs on the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from aggregator.engine.doctor.processes import Process, has_open, lockers, process_of
from aggregator.engine.doctor.subject import Holder, Subject
from aggregator.engine.health import is_silent
from aggregator.model.errors import Obstacle
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice

# A transaction of our own may be seen once, hardly twice.
_APART_SECONDS = 0.4


def holder_of(database: Path) -> Holder | None:
    """Who holds the lock of the database; None where nobody does."""
    lock = WriterLock(database)
    if not lock.is_held():
        return None
    pid = lock.told_holder()
    process = process_of(pid) if pid else None
    if process and has_open(process.pid, lock.path) is False:
        process = Process(process.pid)  # of another container, where numbers mean others
    return Holder(process, lock.seconds_since_beat(), Notice(database).read())


def check_lock(subject: Subject, pause: Callable[[float], None] = time.sleep) -> Iterator[Finding]:
    """Who holds the lock, since when, and does it live; does another program hold the file?"""
    holder, where = subject.holder, str(subject.beside(".lock"))
    if holder is None:
        yield well("lock", "nobody holds it: no daemon is at work", where)
    else:
        named = str(holder.process) if holder.process else "a process that did not say its number"
        if is_silent(holder.silence, holder.obstacle):
            words = f"held by {named}, which gave its last sign of life {holder.silence:.0f} s ago"
            command = f"kill -9 {holder.process.pid}" if holder.process and holder.process.is_seen else ""
            yield trouble("lock", words, where, "It is stuck: end it, and start it again.", command)
        elif holder.obstacle is Obstacle.UPGRADE:
            words = f"held by {named}: {holder.obstacle}; last sign of life {holder.silence:.0f} s ago"
            yield note("lock", words, where, "It polls when that is done; who is ended now begins anew.")
        elif holder.obstacle:
            words = f"held by {named}, which polls nothing: {holder.obstacle}"
            yield trouble("lock", words, where, "It goes on by itself when that is over.", subject.command("health"))
        else:
            yield well("lock", f"held by {named}", where)
    yield from _others(subject, pause)


def _others(subject: Subject, pause: Callable[[float], None]) -> Iterator[Finding]:
    """Programs that keep everybody else from writing. A lock is seen on the index of the log, or on the file."""

    def seen() -> set[int]:
        return lockers(subject.path, "WRITE") | lockers(subject.beside("-shm"), "WRITE")

    ours = subject.holder.process.pid if subject.holder and subject.holder.process else None
    if not (first := seen() - {ours}):
        return
    pause(_APART_SECONDS)
    for pid in sorted(first & seen()):
        words = f"{process_of(pid)} has a transaction open, and nobody else can write"
        yield trouble("lock", words, str(subject.path), "End its transaction, or the program.", f"kill {pid}")
