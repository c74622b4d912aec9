"""What Linux tells of other processes (proc(5)): since when one runs, whose it is, and who has a file locked. Elsewhere
nothing is told, and nothing is missed but words."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# proc(5): of the fields behind the name of the command.
_STARTED = 19


@dataclass(frozen=True, slots=True)
class Process:
    """`is_seen`: it is there, as far as can be seen from here; in a container others are not. Then also its command,
    its user, and since when it runs."""

    pid: int
    is_seen: bool = False
    command: str = ""
    uid: int | None = None
    since: datetime | None = None

    def __str__(self) -> str:
        if not self.is_seen:
            return f"process {self.pid}, which can't be seen from here"
        since = f", since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"process {self.pid} ({self.command}), uid {self.uid}{since}"


def process_of(pid: int) -> Process:
    """What can be told of it."""
    folder = Path("/proc") / str(pid)
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        uid = folder.stat().st_uid
    except OSError:
        return Process(pid)
    command = " ".join(Path(word.decode("utf-8", "replace")).name for word in words[:4] if word)
    return Process(pid, True, command, uid, _since(fields))


def has_open(pid: int, file: Path) -> bool | None:
    """Has this process the file open? None where that can't be told."""
    try:
        wanted = file.stat()
        names = list((Path("/proc") / str(pid) / "fd").iterdir())
    except OSError:
        return None
    for name in names:
        with suppress(OSError):  # it was closed meanwhile
            if os.path.samestat(name.stat(), wanted):
                return True
    return False


def lockers(file: Path, kind: str) -> set[int]:
    """The processes that hold a lock of this kind ("READ", "WRITE") on any part of the file; those that can be seen."""
    found: set[int] = set()
    with suppress(OSError):
        number = file.stat().st_ino
        for line in Path("/proc/locks").read_text("ascii", "replace").splitlines():
            if match := re.search(rf"\b{kind}\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:{number}\b", line):
                found.add(int(match[1]))
    return found - {0, os.getpid()}


def _since(fields: list[str]) -> datetime | None:
    with suppress(OSError, StopIteration, ValueError, IndexError):
        lines = Path("/proc/stat").read_text("ascii").splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
        ticks = int(fields[_STARTED]) / os.sysconf("SC_CLK_TCK")
        return datetime.fromtimestamp(boot, UTC) + timedelta(seconds=ticks)
    return None
