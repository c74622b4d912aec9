"""What the tables are: the earlier changes (`aggregator.storage.upgrade.earlier`), and each later one, a function.

Applied in the order in which they stand, as the earlier ones are. A new change is appended here; one that was released
is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.storage.upgrade.earlier import migrations
from aggregator.storage.upgrade.scripts import run_script

if TYPE_CHECKING:
    import sqlite_utils

__all__ = ["migrations"]


@migrations()
def folders(db: sqlite_utils.Database) -> None:
    """The folder of each source, as the configuration says; the next start fills it in."""
    run_script(
        db.conn, "ALTER TABLE sources ADD COLUMN folder TEXT /* as configured: Press/Ports is Ports within Press */;"
    )
