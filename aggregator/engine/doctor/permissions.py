"""May the files be read and written by whom they must be? Judged for the user that looks, and, where root looks, for
the one whose files they are, or who holds the database."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from aggregator.engine.doctor.subject import Subject
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.storage.file.disk import volume_of

# What lies beside the database, and is written by whoever writes that.
_BESIDE = ("-wal", "-shm", ".lock", ".paused")


class _User(NamedTuple):
    """`is_us`: the system itself can be asked what it may. Of others the modes of the files tell."""

    uid: int
    gid: int
    is_us: bool


def check_permissions(subject: Subject) -> Iterator[Finding]:
    """The file, its folder, and what lies beside it."""
    if found := _closed_folder(subject):
        yield found
        return
    user, folder = _user(subject), subject.folder
    refused: list[Finding] = []
    if not folder.is_dir():
        remedy = "The next start makes it, where that is allowed."
        yield note("permissions", "there is no such folder", str(folder), remedy)
        return
    if not _may(user, folder, "wx"):
        refused.append(_refused(subject, user, "the folder can't be written", folder, folder))
    for file in filter(Path.exists, (subject.path, *map(subject.beside, _BESIDE))):
        lacks = [verb for verb, mode in (("read", "r"), ("written", "w")) if not _may(user, file, mode)]
        if lacks:
            refused.append(_refused(subject, user, f"can't be {' or '.join(lacks)}", file, file))
    if refused:
        yield from refused
    elif subject.path.exists():
        yield well("permissions", f"uid {user.uid} may read and write what it must", str(folder))
    else:
        yield well("permissions", f"uid {user.uid} may make a database there", str(folder))


def _closed_folder(subject: Subject) -> Finding | None:
    """The first folder on the way to the file that whoever looks may not look into."""
    for folder in [*reversed(subject.folder.parents), subject.folder]:
        if not folder.is_dir():
            return None
        if not os.access(folder, os.X_OK):
            mode = stat.S_IMODE(folder.stat().st_mode)
            words = (
                f"uid {subject.uid} may not look into the folder: it is of uid {folder.stat().st_uid}, mode {mode:04o}"
            )
            remedy = "Run the command as the user whose it is, or let others through."
            return trouble("permissions", words, str(folder), remedy, f"chmod o+x {shlex.quote(str(folder))}")
    return None


def _user(subject: Subject) -> _User:
    """Root may do everything, and what it says of that helps nobody: who works on the file is judged then."""
    if subject.uid != 0:
        return _User(subject.uid, os.getegid(), is_us=True)
    process = subject.holder.process if subject.holder else None
    if process and process.uid is not None:
        return _User(process.uid, -1, is_us=process.uid == 0)
    try:
        owner = subject.path.stat() if subject.path.exists() else subject.folder.stat()
    except OSError:
        return _User(0, 0, is_us=True)
    return _User(owner.st_uid, owner.st_gid, is_us=owner.st_uid == 0)


def _may(user: _User, path: Path, modes: str) -> bool:
    if user.is_us:
        wanted = {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}
        return all(os.access(path, wanted[each]) for each in modes)
    try:
        found = path.stat()
    except OSError:
        return False
    read, write, execute = _bits(found, user)
    bits = {"r": read, "w": write, "x": execute}
    return all(found.st_mode & bits[each] for each in modes)


def _bits(found: os.stat_result, user: _User) -> tuple[int, int, int]:
    if found.st_uid == user.uid:
        return stat.S_IRUSR, stat.S_IWUSR, stat.S_IXUSR
    if found.st_gid == user.gid:
        return stat.S_IRGRP, stat.S_IWGRP, stat.S_IXGRP
    return stat.S_IROTH, stat.S_IWOTH, stat.S_IXOTH


def _refused(subject: Subject, user: _User, words: str, path: Path, where: Path) -> Finding:
    owner = path.stat()
    told = f"{words} by uid {user.uid}: it is of uid {owner.st_uid}, mode {stat.S_IMODE(owner.st_mode):04o}"
    if volume_of(subject.folder).is_read_only:
        remedy = (
            "The volume is read-only: mount it so that it can be written, or read the snapshot ([storage] snapshot)."
        )
        return trouble("permissions", told, str(where), remedy)
    group = f":{user.gid}" if user.gid >= 0 else ""
    others = subject.holder and subject.holder.process and subject.holder.process.uid not in (None, user.uid)
    remedy = "As root give it to that user, or run the command as the one whose it is."
    if others:
        remedy = "The daemon runs as another user, and can write it: run the command as that one, or as root:"
    command = f"chown {user.uid}{group} {shlex.quote(str(where))}"
    if owner.st_uid == user.uid:
        command = f"chmod u+rw{'x' if path.is_dir() else ''} {shlex.quote(str(where))}"
        remedy = "It is that user's own, and its mode does not let it."
    return trouble("permissions", told, str(where), remedy, command)
