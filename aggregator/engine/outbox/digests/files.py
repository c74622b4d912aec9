"""A digest as files: NAME-2026-11-30.html and .txt, each whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from aggregator.publish.digests.page import Made

# As other files that readers get: the folder says who may look.
_MODE = 0o644


def write_files(folder: Path, stem: str, made: Made) -> str | None:
    """Write them, in place of those of that name; why that can't be, in words, or None."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, text in (("html", made.html), ("txt", made.text)):
            _put(folder / f"{stem}.{ending}", text.encode("utf-8"))
    except OSError as error:
        return f"{folder}: can't be written: {(error.strerror or 'failed').lower()}"
    return None


def _put(file: Path, data: bytes) -> None:
    """Beside it first, and on the disk, before it has the name."""
    handle, fresh = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), _MODE)
        Path(fresh).replace(file)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
