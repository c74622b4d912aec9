"""The configuration file as a running daemon watches it: was it changed, and is it written to its end?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import structlog

from aggregator.model.settings import Config


class ConfigFile:
    """Looked at now and then; `is_asked`: to be read whether it was changed or not."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.is_asked = False
        self._read_at = self._looked_at = self._modified()

    def is_due(self) -> bool:
        """Is it to be read now? Then it counts as read. One that changed since the last look may be half written."""
        modified = self._modified()
        is_settled, self._looked_at = modified == self._looked_at, modified
        if not self.is_asked and (modified == self._read_at or not is_settled):
            return False
        self.is_asked, self._read_at = False, modified
        return True

    def is_changed(self) -> bool:
        """Is it to be read soon? Changes nothing."""
        return self.is_asked or self._modified() != self._read_at

    def _modified(self) -> float | None:
        try:
            return self._path.stat().st_mtime if self._path else None
        except OSError:
            return None


def as_running(changed: Config, running: Config) -> Config:
    """The changed configuration, but for what a process can't change while it runs, which is said: where its database
    is, where it listens, and through what others collect. How long things are kept may change."""
    log = structlog.get_logger("daemon")
    storage = replace(running.storage, keeping=changed.storage.keeping)
    if changed.storage != storage:
        log.warning("[storage] changed; that takes effect at the next start")
    if changed.http != running.http:
        log.warning("[http] changed; that takes effect at the next start")
    if changed.cluster != running.cluster:
        log.warning("[cluster] changed; that takes effect at the next start")
    return replace(changed, storage=storage, http=running.http, cluster=running.cluster)
