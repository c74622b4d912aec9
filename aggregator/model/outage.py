"""An outage of our own: no server can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.quantities import span_in_words

# One source is asked every minute. Where nobody did so for longer there is no daemon at work.
_TRIED_LATELY = timedelta(minutes=10)

# What came of asking a source where the machine itself has no network, or one that leads nowhere.
NO_WAY_OUT = "this machine is offline (no way to the internet)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Since when, when a source was asked last in vain, and what came of that in words.

    `waiting` of the `followed` sources are due.
    """

    began_at: datetime
    tried_at: datetime
    detail: str
    waiting: int
    followed: int

    def words(self, now: datetime) -> str:
        """One line for people."""
        wait = f"{self.waiting} of {self.followed} sources wait"
        since = f"since {self.began_at:%Y-%m-%d %H:%M} UTC"
        if now - self.tried_at > _TRIED_LATELY:
            tried = f"{self.tried_at:%Y-%m-%d %H:%M} UTC"
            return f"no server could be reached {since}, when it was tried last, at {tried}: {self.detail}; {wait}"
        length = span_in_words(now - self.began_at)
        return f"no server can be reached {since} ({length}): {self.detail}; {wait}"
