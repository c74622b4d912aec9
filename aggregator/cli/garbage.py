"""How often Python looks for garbage in cycles."""

from __future__ import annotations

import gc

# Posts and stories are hundreds of thousands of objects without cycles. Python's own 700, 10, 10 has them gone through
# again and again: a fifth of what deciding costs, and half as much again while the memory of the stories is loaded.
_THRESHOLDS = (10_000, 50, 100)


def collect_rarely() -> None:
    """Look for cycles ten times as rarely as Python does by itself. For the whole process."""
    gc.set_threshold(*_THRESHOLDS)
