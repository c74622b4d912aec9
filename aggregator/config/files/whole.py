"""A file that is written at once, so that nobody ever reads half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(target: Path, text: str) -> None:
    """Put a text into a file, in UTF-8. Where there is no room for it, the file stays as it was.

    A link stays one, and who may read the file may read it afterwards. In place where it is no plain file, where its
    folder takes no other, and where it can't be replaced, as one that is mounted by itself.

    Raises:
        OSError: it can't be written.
    """
    place = Path(os.path.realpath(target))  # of links in a circle it is one of them
    is_plain = not place.is_symlink() and (target.is_file() or not target.exists())
    if not (is_plain and _replaced(place, text)):
        target.write_text(text, "utf-8")


def _replaced(place: Path, text: str) -> bool:
    try:
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError:
        return False
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(text)
        try:
            new.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
            new.replace(place)
        except OSError:
            return False
        return True
    finally:
        new.unlink(missing_ok=True)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
