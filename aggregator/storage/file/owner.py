"""Files beside the database that root makes belong to whom the database does."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def open_beside(path: Path, database: Path) -> int:
    """Open a file beside the database for reading and writing; made where it is not there. Its descriptor.

    Where root makes it, for a database of another user's, it is given to that one: else the daemon could not write to
    it afterwards. A link that stands in its place is nobody's to give away.

    Raises:
        OSError: it can't be opened or made.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with suppress(OSError):  # there is no database yet, or nobody but root may give away
        owner = database.stat()
        if owner.st_uid != os.geteuid():
            os.fchown(file, owner.st_uid, owner.st_gid)
    return file
