"""`/healthz` and `/readyz`: does the daemon live, and does it get on? For whoever starts containers. Blocks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aggregator.engine.health import is_silent, judge
from aggregator.engine.web.answer import Answer, made
from aggregator.model.errors import Obstacle, StorageError
from aggregator.model.settings import Config
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice


def is_alive(database: Path) -> tuple[bool, str]:
    """Does a daemon live that holds this database, by its signs of life; and in words."""
    lock = WriterLock(database)
    silence, obstacle = lock.seconds_since_beat(), Notice(database).read()
    if not (lock.is_held() or obstacle is Obstacle.UPGRADE):
        return False, f"no daemon is at work on {database.name}"
    said = f"the daemon gave its last sign of life {silence:.0f} s ago"
    return not is_silent(silence, obstacle), said


def healthz(database: Path | None, headers: Mapping[str, str]) -> Answer:
    """200 while the daemon lives, also while it can poll nothing: to start it again would help nobody.
    `database`: which it works on; None: this is its own process, and its loop, which brought the question, gets on.
    """
    lives, words = (True, "the daemon lives") if database is None else is_alive(database)
    return _said(lives, words, headers)


def readyz(config: Config, is_open: bool, headers: Mapping[str, str]) -> Answer:
    """200 while the daemon has its database open, does not stand still, and its polls end. `is_open`: as far as this
    process knows."""
    database = config.storage.path
    obstacle = Notice(database).read()
    if obstacle:
        return _said(False, f"nothing is polled: {obstacle}", headers)
    try:
        found = judge(database, called=database.name)
    except StorageError:
        return _said(False, "the database can't be read", headers)
    if found.is_well and not is_open:
        return _said(False, "the database is not open yet", headers)
    return _said(found.is_well, found.words, headers)


def _said(is_so: bool, words: str, headers: Mapping[str, str]) -> Answer:
    return made(200 if is_so else 503, f"{words}\n", "text/plain; charset=utf-8", headers, cache="no-store")
