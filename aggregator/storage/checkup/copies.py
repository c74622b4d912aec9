"""Is a copy of the database whole?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from aggregator.storage.copies.backups import faults_of


def faults_of_copy(file: Path) -> list[str]:
    """What is wrong with a copy that nobody writes to; empty where nothing is."""
    uri = file.absolute().as_uri() + "?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as conn:
            return faults_of(conn)
    except sqlite3.Error as error:
        return [str(error)]
