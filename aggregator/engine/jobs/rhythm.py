"""How often the daemon does what it does."""

from __future__ import annotations

from datetime import timedelta

# It looks whether a source is due, the configuration changed, or the clock was set.
LOOK = timedelta(seconds=1)
# It looks for all of that in full, whatever is known.
IN_FULL = timedelta(minutes=1)
# How often it gives a sign of life, which `aggregator health` looks at.
HEARTBEAT = timedelta(seconds=20)
HOUSEKEEPING = timedelta(hours=1)
# How soon the write-ahead log is small again after a reader who held it up for long.
FOLDING = timedelta(minutes=1)
# How often it looks whether the site is behind, and whether pages are due that posts lead to.
PUBLISHING = READING = timedelta(seconds=5)
# How often it looks whether it has more memory than it needs for now.
RESTING = timedelta(seconds=20)
