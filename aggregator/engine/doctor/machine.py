"""The disk that the database is on, and the clock."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from aggregator.engine.clock import SET_SINCE
from aggregator.engine.doctor.processes import lockers, process_of
from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.model.quantities import size_in_words
from aggregator.storage.checkup.facts import Newest
from aggregator.storage.file.disk import ROOM, Volume, volume_of
from aggregator.storage.file.temporary import temporary_folder

_MB = 1_000_000
# With less a busy day, or the log while somebody reads, fills the disk.
_LITTLE_ROOM = 100 * _MB
# Far more than a daemon lets it become: somebody who reads holds it up.
_LARGE_LOG = 64 * _MB
# Folded in when it has reached 4 MiB, and emptied when its last user closes it: what is there nobody has closed.
_LEFT_LOG = 0

# Files that this program leaves beside the database on purpose, for who wants them.
_KEPT = (".before-*", ".replaced-*")
_MUCH_KEPT = 10 * _MB

# A clock that is behind what it said itself when something was stored.
_BEHIND = timedelta(hours=1)
_FAR_AHEAD = timedelta(days=60)


def check_disk(subject: Subject, look: Callable[[Path], Volume] = volume_of) -> Iterator[Finding]:
    """Room, the size of the file and of its log, and what lies beside them."""
    folder = _there(subject.folder)
    volume, where = look(folder), str(folder)
    size = _size(subject.path)
    if volume.is_read_only:
        remedy = "Mount it so that it can be written; the kernel's log says whether the disk has errors."
        yield trouble("disk", "the volume is read-only", where, remedy, "dmesg --level err,warn")
    elif volume.free < ROOM:
        remedy = "Make room; a daemon goes on by itself."
        yield trouble("disk", "the disk is full", where, remedy, f"df -h {shlex.quote(where)}")
    elif _files_left(folder) == 0:
        words = "no more files can be made on this disk"
        yield trouble("disk", words, where, "Remove files.", f"df -i {shlex.quote(where)}")
    elif volume.free < _LITTLE_ROOM:
        words = f"{size_in_words(volume.free)} are free, which is soon full"
        yield trouble("disk", words, where, "Make room.", f"df -h {shlex.quote(where)}")
    elif volume.free < size:
        words = f"{size_in_words(volume.free)} are free, and the file has {size_in_words(size)}: a copy has no room"
        remedy = "An upgrade makes one before it changes tables, and a backup is one: make room, or back up elsewhere."
        yield note("disk", words, where, remedy)
    else:
        yield well("disk", f"the file has {size_in_words(size)}, {size_in_words(volume.free)} are free", where)
    yield from _log(subject)
    yield from _kept(subject)


def check_temporary(
    subject: Subject, look: Callable[[Path], Volume] = volume_of, device: Callable[[Path], int] | None = None
) -> Iterator[Finding]:
    """Is there room for temporary files, where they are on another disk than the database?"""
    folder, device = temporary_folder(), device or (lambda each: each.stat().st_dev)
    if folder is None or device(folder) == device(_there(subject.folder)) or look(folder).free >= _LITTLE_ROOM:
        return
    words = f"{size_in_words(look(folder).free)} are free for temporary files"
    remedy = "Of more than 20,000 open posts the older ones lie there, 1 KB each; without room they are in memory."
    yield note("disk", words, str(folder), remedy, f"df -h {shlex.quote(str(folder))}")


def check_clock(subject: Subject, newest: Newest | None) -> Iterator[Finding]:
    """Was it ever set, and is it far from what the file says came last?"""
    now = subject.now
    remedy, command = "Set the clock, and let it be kept (NTP).", "timedatectl set-ntp true"
    if now < SET_SINCE:
        yield trouble("clock", f"it says {now:%Y-%m-%d}: it was never set, and nothing is polled", "", remedy, command)
        return
    for what, at in (("post was seen", newest and newest.post), ("source was polled", newest and newest.poll)):
        if at and at - now > _BEHIND:
            words = f"it says {now:%Y-%m-%d %H:%M} UTC, and a {what} at {at:%Y-%m-%d %H:%M}: it is behind, or was ahead"
            yield trouble("clock", words, "", remedy, command)
            return
    if newest and newest.poll and now - newest.poll > _FAR_AHEAD:
        days = (now - newest.poll).days
        words = f"it says {now:%Y-%m-%d}, and nothing was polled for {days} days: nobody ran this, or it is ahead"
        yield (trouble if subject.holder else note)("clock", words, "", "Compare it with another clock.", "date -u")
        return
    yield well("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _log(subject: Subject) -> Iterator[Finding]:
    log = subject.beside("-wal")
    size = _size(log)
    if subject.holder is None and size > _LEFT_LOG:
        words = f"{size_in_words(size)} of the log are not in the file yet: who wrote last was killed, or has it open"
        remedy = "It belongs to the file: never remove it. The next start folds it in."
        yield note("disk", words, str(log), remedy, subject.command("doctor", "--fix"), fix="log")
    elif size > _LARGE_LOG:
        ours = subject.holder.process.pid if subject.holder and subject.holder.process else None
        readers = sorted(lockers(subject.beside("-shm"), "READ") - {ours})
        by = f" by {', '.join(str(process_of(each)) for each in readers[:3])}" if readers else ""
        words = f"the log has {size_in_words(size)}: a reader with an open transaction holds it up{by}"
        yield trouble("disk", words, str(log), "End that reader; the daemon then folds it in within a minute.")


def _kept(subject: Subject) -> Iterator[Finding]:
    found = sorted(
        each for pattern in _KEPT for each in subject.folder.glob(f"{_literally(subject.path.name)}{pattern}")
    )
    size = sum(map(_size, found))
    if size > _MUCH_KEPT:
        words = f"{len(found)} files from before an upgrade or a restore have {size_in_words(size)}"
        command = f"rm {shlex.join(str(each) for each in found)}"
        yield note("disk", words, str(subject.folder), "When all is well they can be removed.", command)


def _literally(name: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


def _there(folder: Path) -> Path:
    """The nearest folder above that exists."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _files_left(folder: Path) -> int:
    """As many as can still be made; -1 where the file system does not count them."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return -1
    return found.f_favail if found.f_files else -1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
