"""A note beside the database: what the embedding model needs was imported here, and worked.

To find that out safely takes a process of its own, a tenth of a second of CPU: a twentieth of a poll by hand with news.
The note is removed before anybody imports on the strength of it and written again after that. So where the import ends
the process it is not there at the next start, and a process of its own tells what is wrong.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_NAME = "sentence-encoder.works"


def take_note(folder: Path) -> str:
    """What the note says; "" where there is none. It is gone then."""
    file = folder / _NAME
    try:
        said = file.read_text("ascii")
        file.unlink()
    except (OSError, ValueError):  # one that can't be removed is none
        return ""
    return said


def leave_note(folder: Path, said: str) -> None:
    """Write the note, where a file can be written."""
    with suppress(OSError):
        (folder / _NAME).write_text(said, "ascii")
