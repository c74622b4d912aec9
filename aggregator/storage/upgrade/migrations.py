"""What the tables are: the earlier changes (`aggregator.storage.upgrade.earlier`), and each later one, a function.

Applied in the order in which they stand, as the earlier ones are. A new change is appended here; one that was released
is never changed.
"""

from __future__ import annotations

from aggregator.storage.upgrade.earlier import migrations

__all__ = ["migrations"]
