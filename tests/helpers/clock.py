"""Another time for a program: libfaketime (Debian's package of that name), told what to say by a file."""

from __future__ import annotations

import sys
from pathlib import Path

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("**/libfaketimeMT.so.1"))), None) if sys.platform == "linux" else None


class Clock:
    """What the time is for a program that runs in this `environment`: the true one, or so many seconds beside it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set("+0")
        self.environment = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, text: str) -> None:
        """`+31536000`: a year ahead. `@1970-01-01 00:01:00`: a moment, from which it goes on."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{text}\n")
        written.replace(self._file)
