"""Is the daemon alive, and does it get on? For `aggregator health` and for `/health`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.engine.keeping.growth import growth_line
from aggregator.model.errors import Obstacle
from aggregator.storage.changelog import SITE
from aggregator.storage.file.disk import volume_of
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice
from aggregator.storage.queries import Reader

# The daemon gives a sign of life every twenty seconds. A transaction or a stalled disk may hold one up.
_SILENCE_SECONDS = 60
# In an upgrade a large file may be brought onto a slow disk meanwhile, and who is ended then begins anew.
_UPGRADE_SILENCE_SECONDS = 15 * 60
# A failed build is tried again after five minutes.
_SITE_MAY_WAIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Health:
    """`is_well`: a daemon is at work on the database and its polls end, or it upgrades the file. `words` say why.

    `waiting`: what is no failure, but worth a line each. `sources`: status → how many have it, where they were looked
    at.
    """

    is_well: bool
    words: str
    waiting: str | None = None
    sources: Mapping[str, int] = field(default_factory=dict)


def judge(database: Path, called: str | None = None) -> Health:
    """How the daemon does that works on this file. `called`: what the file is called in the words; else its path.

    Raises:
        StorageError: the daemon lives, and the file can't be read.
    """
    lock = WriterLock(database)
    silence = lock.seconds_since_beat()
    obstacle = Notice(database).read() or _seen(database, silence)
    if obstacle is Obstacle.UPGRADE and abs(silence) <= _UPGRADE_SILENCE_SECONDS:
        return Health(True, f"{obstacle}; it polls when that is done; last sign of life {silence:.0f} s ago")
    if not lock.is_held():
        found = f": {obstacle}" if obstacle else ""
        return Health(False, f"no daemon is at work on {called or database}{found}")
    if obstacle and obstacle is not Obstacle.UPGRADE:
        return Health(False, f"a daemon is there and polls nothing: {obstacle}; it goes on by itself when that is over")
    if abs(silence) > _SILENCE_SECONDS:  # a sign from the future: the clock was set back, and nothing came since
        return Health(False, f"the daemon gave its last sign of life {silence:.0f} s ago")
    return _polls(database, lock, silence)


def _polls(database: Path, lock: WriterLock, silence: float) -> Health:
    since_poll, limit, now = lock.seconds_since_poll(), lock.told_poll_limit(), datetime.now(UTC)
    with Reader(database) as reader:
        statuses = reader.source_statuses()
        waiting, since, never = reader.overdue(now - limit)
        unseen_since = reader.unseen_since(SITE)
        ungrouped = reader.ungrouped()
        grows = growth_line(reader, database)
    # Both: how long ago it was due goes by the clock, which may just have been set; the other does not.
    if waiting + never and limit.total_seconds() < since_poll < math.inf:
        words = (
            f"no poll has ended for {since_poll / 60:.0f} min, and sources have been due for more than "
            f"{_minutes(limit)} min: {waiting + never}; the daemon is stuck, start it again"
        )
        return Health(False, words, sources=statuses)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    polled = f"a poll ended last {max(since_poll, 0):.0f} s ago" if since_poll < math.inf else "no poll was told of"
    words = f"at work; last sign of life {silence:.0f} s ago; {polled}; sources: {counted or 'none'}"
    lines = [_waiting(waiting, limit, now - since)] if since else []
    if ungrouped:
        lines.append(_ungrouped(ungrouped))
    if unseen_since and now - unseen_since > _SITE_MAY_WAIT:
        lines.append(_behind(now - unseen_since))
    if grows:
        lines.append(grows)
    return Health(True, words, "\n".join(lines) or None, statuses)


def _seen(path: Path, silence: float) -> Obstacle | None:
    """That the volume is read-only, which a daemon that was started so can't tell.

    Not if it is so here alone: then signs of life come, and the log of who writes lies beside the file. (Those of who
    was there before count too, for a minute.)
    """
    file = path.resolve()
    is_written = abs(silence) <= _SILENCE_SECONDS and file.with_name(f"{file.name}-wal").exists()
    return Obstacle.READ_ONLY if volume_of(file.parent).is_read_only and not is_written else None


def _waiting(count: int, limit: timedelta, longest: timedelta) -> str:
    """Polls end, and these sources had none. That may be right, so it is said and is no failure."""
    return (
        f"due for more than {_minutes(limit)} min and waiting while others are polled: {count}, the longest "
        f"for {_minutes(longest)} min; the limits of their domains may be too tight, or this machine reaches nobody: "
        "`aggregator sources` shows which"
    )


def _ungrouped(posts: int) -> str:
    """With the first polls of many sources that takes minutes."""
    return f"posts of first polls that have no story yet, and get theirs in the order of time: {posts:,}"


def _behind(span: timedelta) -> str:
    return (
        f"the site lacks what has been known for {_minutes(span)} min: the log says why it is not built; "
        "`aggregator publish` builds it"
    )


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f}"
