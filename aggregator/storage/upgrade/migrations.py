"""What the tables are: the earlier changes (`aggregator.storage.upgrade.earlier`), and each later one, a function.

Applied in the order in which they stand, as the earlier ones are. A new change is appended here; one that was released
is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.storage.upgrade.earlier import migrations
from aggregator.storage.upgrade.scripts import packaged, run_script

if TYPE_CHECKING:
    import sqlite_utils

__all__ = ["migrations"]


@migrations()
def amounts(db: sqlite_utils.Database) -> None:
    """What posts say of money. The table that had this name is `brief_figures`; the rework of this name fills this."""
    run_script(db.conn, packaged("amounts.sql"))


@migrations()
def topic_rules(db: sqlite_utils.Database) -> None:
    """Which rules gave stored posts their topics, so that it can be told how many were not looked at since."""
    run_script(db.conn, packaged("topic_rules.sql"))
