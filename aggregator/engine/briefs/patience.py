"""When a model is asked again after trouble: later each time, an hour at most, or when its server says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.engine.briefs.model import ModelError

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
# A key that is not accepted, or a model that is not there, is mended by a person; a reload of the configuration is
# noticed at once.
_AFTER_NO_ACCESS = timedelta(hours=6)
# Servers ask for years.
_LONGEST_ASKED = timedelta(days=1)
# What a model answers without use may be one story's fault; that many in a row are not.
_UNUSABLE_IN_A_ROW = 3


class Patience:
    """Waits longer after each failure. `not_before`: when it may be asked again."""

    def __init__(self) -> None:
        self._failures = self._unusable = 0
        self.not_before: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """May it be asked again? A clock that was set back by more than a wait can be does not hold it up."""
        return self.not_before is None or not now < self.not_before <= now + _LONGEST_ASKED

    def answered(self) -> None:
        """An answer came that could be read."""
        self._failures = self._unusable = 0
        self.not_before = None

    def failed(self, error: ModelError, now: datetime) -> timedelta:
        """How long to wait now."""
        if error.kind == "unusable":
            self._unusable += 1
            if self._unusable < _UNUSABLE_IN_A_ROW:
                return timedelta(0)
        self._failures += 1
        wait = min(_FIRST_WAIT * (1 << min(self._failures - 1, 10)), _LONGEST_WAIT)
        if error.kind == "no_access":
            wait = _AFTER_NO_ACCESS
        if error.retry_at:
            wait = min(max(wait, error.retry_at - now), _LONGEST_ASKED)
        self.not_before = now + wait
        return wait

    @property
    def is_first(self) -> bool:
        """Was that the first failure after good answers? It is told; those that follow only make the wait longer."""
        return self._failures == 1
