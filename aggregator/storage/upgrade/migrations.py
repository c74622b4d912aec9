"""What the tables are: the earlier changes (`aggregator.storage.upgrade.earlier`), and each later one, a function.

Applied in the order in which they stand, as the earlier ones are. A new change is appended here; one that was released
is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.storage.upgrade.earlier import migrations

if TYPE_CHECKING:
    import sqlite_utils

__all__ = ["migrations"]


@migrations()
def secret_addresses(db: sqlite_utils.Database) -> None:
    """No key of a feed's address is stored any more."""
    from aggregator.storage.upgrade.secret_addresses import take_out_keys  # here: what it knows of addresses is read

    take_out_keys(db.conn)
