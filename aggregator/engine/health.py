"""Is the daemon alive, and does it get on? For `aggregator health` and for `/health`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.engine.keeping.growth import growth_line
from aggregator.model.errors import Obstacle
from aggregator.storage.changelog import SITE
from aggregator.storage.file.disk import volume_of
from aggregator.storage.file.lock import WriterLock
from aggregator.storage.file.notice import Notice
from aggregator.storage.outbox.listing import STUCK_AFTER, stuck_targets
from aggregator.storage.queries import Reader
from aggregator.storage.topic_rules import REMEDY

# The daemon gives a sign of life every twenty seconds. A transaction or a stalled disk may hold one up.
_SILENCE_SECONDS = 60.0
# In an upgrade a large file may be brought onto a slow disk meanwhile, and who is ended then begins anew.
_UPGRADE_SILENCE_SECONDS = 15 * 60.0
# A failed build is tried again after five minutes.
_SITE_MAY_WAIT = timedelta(minutes=30)
# A scheduler or its workers that are started again are back sooner.
_ALONE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Health:
    """`is_well`: a daemon is at work on the database and its polls end, or it upgrades the file. `words` say why.

    `lines`: what is no failure, but worth a line each. `sources`: status → how many have it, where they were looked
    at.
    """

    is_well: bool
    words: str
    lines: tuple[str, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> str | None:
        """The lines as one text."""
        return "\n".join(self.lines) or None


@dataclass(frozen=True, slots=True)
class _Look:
    """What a line is told from: the database, for how long sources may be due, and how long no worker was seen."""

    database: Path
    reader: Reader
    now: datetime
    limit: timedelta
    alone: timedelta | None


def is_silent(silence: float, obstacle: Obstacle | None) -> bool:
    """Has the daemon given no sign of life for so long that it must be stuck? `silence`: seconds since the last one;
    below zero where the clock was set back. `obstacle`: what it said of itself last."""
    allowed = _UPGRADE_SILENCE_SECONDS if obstacle is Obstacle.UPGRADE else _SILENCE_SECONDS
    return abs(silence) > allowed


def judge(database: Path, called: str | None = None) -> Health:
    """How the daemon does that works on this file. `called`: what the file is called in the words; else its path.

    Raises:
        StorageError: the daemon lives, and the file can't be read.
    """
    lock = WriterLock(database)
    silence = lock.seconds_since_beat()
    obstacle = Notice(database).read() or _seen(database, silence)
    if obstacle is Obstacle.UPGRADE and not is_silent(silence, obstacle):
        return Health(True, f"{obstacle}; it polls when that is done; last sign of life {silence:.0f} s ago")
    if not lock.is_held():
        found = f": {obstacle}" if obstacle else ""
        return Health(False, f"no daemon is at work on {called or database}{found}")
    if obstacle and obstacle is not Obstacle.UPGRADE:
        return Health(False, f"a daemon is there and polls nothing: {obstacle}; it goes on by itself when that is over")
    if is_silent(silence, obstacle):  # a sign from the future: the clock was set back, and nothing came since
        return Health(False, f"the daemon gave its last sign of life {silence:.0f} s ago")
    return _polls(database, lock, silence)


def _polls(database: Path, lock: WriterLock, silence: float) -> Health:
    since_poll, limit, now = lock.seconds_since_poll(), lock.told_poll_limit(), datetime.now(UTC)
    with Reader(database) as reader:
        statuses = reader.source_statuses()
        waiting, _, never = reader.overdue(now - limit)
        answered = _answered(reader.last_success(), now)
        look = _Look(database, reader, now, limit, lock.told_alone())
        lines = tuple(line for tell in _LINES if (line := tell(look)))
    # Both: how long ago it was due goes by the clock, which may just have been set; the other does not.
    if waiting + never and limit.total_seconds() < since_poll < math.inf:
        words = (
            f"no poll has ended for {since_poll / 60:.0f} min, and sources have been due for more than "
            f"{_minutes(limit)} min: {waiting + never}; the daemon is stuck, start it again"
        )
        return Health(False, words, sources=statuses)
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    polled = f"a poll ended last {max(since_poll, 0):.0f} s ago" if since_poll < math.inf else "no poll was told of"
    words = f"at work; last sign of life {silence:.0f} s ago; {polled}; {answered}; sources: {counted or 'none'}"
    return Health(True, words, lines, statuses)


def _answered(at: datetime | None, now: datetime) -> str:
    return f"a source was read last {max((now - at).total_seconds(), 0):.0f} s ago" if at else "no source was read yet"


def _seen(path: Path, silence: float) -> Obstacle | None:
    """That the volume is read-only, which a daemon that was started so can't tell.

    Not if it is so here alone: then signs of life come, and the log of who writes lies beside the file. (Those of who
    was there before count too, for a minute.)
    """
    file = path.resolve()
    is_written = not is_silent(silence, None) and file.with_name(f"{file.name}-wal").exists()
    return Obstacle.READ_ONLY if volume_of(file.parent).is_read_only and not is_written else None


# ---------------------------------------------------------------- what is no failure, and worth a line


def _outage(look: _Look) -> str | None:
    """Nobody is to blame here, and to start the daemon again mends nothing."""
    outage = look.reader.outage(look.now)
    return outage.words(look.now) if outage else None


def _waiting(look: _Look) -> str | None:
    """Polls end, and some sources had none. That may be right, so it is said and is no failure."""
    count, since, _ = look.reader.overdue(look.now - look.limit)
    if since is None or _outage(look):
        return None
    return (
        f"due for more than {_minutes(look.limit)} min and waiting while others are polled: {count}, the longest "
        f"for {_minutes(look.now - since)} min; the limits of their domains may be too tight: "
        "`aggregator sources` shows which"
    )


def _alone(look: _Look) -> str | None:
    """Workers are asked for and none is there: polls end all the same."""
    if look.alone is None or look.alone < _ALONE:
        return None
    return (
        f"no worker of the cluster has been there for {_minutes(look.alone)} min, and all is collected here: the log "
        "says why"
    )


def _ungrouped(look: _Look) -> str | None:
    """With the first polls of many sources that takes minutes."""
    posts = look.reader.ungrouped()
    return (
        f"posts of first polls that have no story yet, and get theirs in the order of time: {posts:,}"
        if posts
        else None
    )


def _former_rules(look: _Look) -> str | None:
    posts = look.reader.not_looked_at()
    return f"stored posts not looked at by the topics in force: {posts:,}; `{REMEDY}`" if posts else None


def _behind(look: _Look) -> str | None:
    since = look.reader.unseen_since(SITE)
    if since is None or look.now - since <= _SITE_MAY_WAIT:
        return None
    return (
        f"the site lacks what has been known for {_minutes(look.now - since)} min: the log says why it is not built; "
        "`aggregator publish` builds it"
    )


def _grows(look: _Look) -> str | None:
    return growth_line(look.reader, look.database)


def _untold(look: _Look) -> str | None:
    """Targets that take no messages: the daemon is well, and what is to be told waits."""
    found = stuck_targets(look.reader.conn, look.now, STUCK_AFTER)
    if not found:
        return None
    told = ", ".join(f"{name} for {_minutes(look.now - since)} min ({error})" for name, error, since in found)
    return f"targets that take no messages: {told}; `aggregator notify list` shows what waits"


# In the order in which they are told.
_LINES: tuple[Callable[[_Look], str | None], ...] = (
    *(_outage, _waiting, _alone, _ungrouped, _former_rules, _behind, _untold, _grows),
)


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f}"
