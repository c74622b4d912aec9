"""Who may be asked is lent to other machines: a domain at a time, until an answer is there or the lease is over.

Politeness stays in one place. What is lent nobody else asks; of what was lost nothing is known, so it counts as asked
until the lease and a margin have passed. Until when anything may be out is noted in the database, ahead of
time and seldom, and the next daemon waits for that.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable
from uuid import uuid4
from weakref import WeakKeyDictionary

import structlog

from aggregator.engine.clock import Clock
from aggregator.engine.cluster.staying import Staying
from aggregator.engine.cluster.task import MARGIN
from aggregator.engine.politeness import Politeness
from aggregator.model.errors import StorageError
from aggregator.model.source import Source
from aggregator.sources.http.sockets import SENT_SECONDS
from aggregator.storage.cluster.leases import count_from_now, load_names, load_time_left, save_leased_until
from aggregator.storage.database import Database

# After a lease nobody asks for so long: clocks may be apart, and what a worker asked before may still be on its way.
REST = MARGIN + timedelta(seconds=SENT_SECONDS)

# Noted for so long ahead, so that not each task costs a transaction.
_AHEAD = timedelta(seconds=10)
_LONGEST_HOLD = timedelta(minutes=10)
_SECOND = timedelta(seconds=1)  # times are stored without fractions

# This run of the program: what it lent itself it knows.
OWNER = uuid4().hex
# What is out, also what was lost: a changed configuration brings another `Lending` for the same file.
_out: WeakKeyDictionary[Database, dict[int, Lease]] = WeakKeyDictionary()
_staying: WeakKeyDictionary[Database, Staying] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Lease:
    """A source is lent: since when, for how long."""

    source: Source
    at: datetime
    length: timedelta

    @property
    def free_at(self) -> datetime:
        """When its domain may be asked again, if no answer comes."""
        return self.at + self.length + REST


@runtime_checkable
class Borrower(Protocol):
    """What collects with leases."""

    def borrow_from(self, lending: Lending) -> None:
        """From now on it asks there before it gives a source away."""


class Lending:
    """Lends for one poller, by its clock. `staying`: what is not lent for a while."""

    def __init__(self, database: Database, politeness: Politeness, clock: Clock, owner: str = OWNER) -> None:
        self._database, self._politeness, self._clock, self._owner = database, politeness, clock, owner
        self._out = _out.setdefault(database, {})
        self.staying = _staying.setdefault(database, Staying())
        for lease in sorted(self._out.values(), key=self.lost):
            politeness.lend(lease.source, self.lost(lease))
        self._noted: datetime | None = None

    def now(self) -> datetime:
        """What the poller's clock says."""
        return self._clock()

    def lend(self, source: Source, length: timedelta) -> Lease | None:
        """The source's domain is lent for so long; None where another of it is out.

        Raises:
            StorageError: that can't be noted; nothing is lent then.
        """
        lease = Lease(source, self._clock(), length)
        if not self._politeness.may_lend(source, lease.at):
            return None
        if self._noted is None or self._noted < lease.free_at:
            self._note(lease.free_at + _AHEAD)
        self._politeness.lend(source, lease.free_at)
        self._out[source.id] = lease
        return lease

    def hold(self, source: Source) -> Lease | None:
        """The source is asked from here: a worker must not be sent to its domain beside it. None where another is out.
        Noted nowhere: it ends with this process."""
        lease = Lease(source, self._clock(), _LONGEST_HOLD)
        if not self._politeness.may_lend(source, lease.at):
            return None
        self._politeness.lend(source, lease.free_at)
        return lease

    def give_back(self, lease: Lease) -> None:
        """Its answer is there. Nobody knows to the hundredth of a second when it was asked: the domain's spacing counts
        from now."""
        self._out.pop(lease.source.id, None)
        self._politeness.give_back(lease.source, self._clock())

    def lost(self, lease: Lease) -> datetime:
        """No answer comes. When its domain may be asked again: it stays lent until then, and out. No longer than a
        lease and its margin from now, if the clock was set back meanwhile."""
        return min(lease.free_at, self._clock() + lease.length + REST)

    def domain_of(self, source: Source) -> str | None:
        """What limits are counted by: see `Politeness.domain_of`."""
        return self._politeness.domain_of(source.url)

    def names(self, source: Source) -> Set[str]:
        """The native ids of the source's newest posts; none where they can't be read: to save tells why."""
        try:
            with self._database.guarded():
                return load_names(self._database.conn, source.id)
        except StorageError:
            return frozenset()

    def close(self) -> None:
        """Nothing is lent any more: what is out is noted as it is."""
        if self._noted:
            out = [self.lost(lease) + _SECOND for lease in self._out.values()]
            self._note(max(out, default=None))

    def _note(self, until: datetime | None) -> None:
        with self._database.write():
            save_leased_until(self._database.conn, self._owner, until, self._clock())
        self._noted = until


def begin_lending(collect: object, database: Database, politeness: Politeness, clock: Clock) -> None:
    """What collects borrows from this politeness, if it gives sources away. And where a daemon before this one did, all
    wait until that is over: no longer than that daemon wanted when it noted it, whatever the clock says now."""
    now = clock()
    with database.guarded():
        left = load_time_left(database.conn, OWNER, now)
    if left > timedelta(0):
        politeness.lend_all(now + left)
        with database.write():
            count_from_now(database.conn, OWNER, now)
        told = "workers of the daemon before may still be asking: nobody is asked for so long"
        structlog.get_logger("cluster").info(told, seconds=round(left.total_seconds()))
    if isinstance(collect, Borrower):
        collect.borrow_from(Lending(database, politeness, clock))
