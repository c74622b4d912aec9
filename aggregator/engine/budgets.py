"""How many requests each Mastodon server still gets: one account for all sources on a server.

Mastodon allows an address 300 requests in 5 minutes, and says so in its headers; what its documentation leaves out is
that requests with `min_id` or `max_id` also count against 300 in 15 minutes (source: its config/initializers/
rack_attack.rb). So the budget is for a quarter of an hour, and smaller, because other people may sit behind the same
address. Going back over old posts gets half of it at most, and leaves something for what is new, which comes first. A
server's own headers and pauses count besides. Nothing here waits: who gets no allowance is told when to ask again.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import Allowance, RateLimit

WINDOW = timedelta(minutes=15)

# One call's share, so that one source does not take all: a few pages, and some posts asked for one by one.
_PER_CALL = 24
# With less a walk onwards gets nowhere: it takes a page and an empty one.
_LEAST = 2
# Going back leaves this part of the budget (an eighth) to the walks onwards that are still to come.
_RESERVE = 8
# A server that announces less is not believed: `[mastodon] budget` allows no less either.
_SMALLEST = 10
# How many requests should be free again when a source that got none is asked the next time.
_ENOUGH = 10


@dataclass(slots=True)
class _Account:
    """One server's. `spent`: when each request of the last window was made; `spent_back`: of those, the ones for old
    posts. `taken`: promised and not yet made. `announced`: how many the server gives at all."""

    spent: deque[datetime] = field(default_factory=deque)
    spent_back: deque[datetime] = field(default_factory=deque)
    taken: int = 0
    limit: RateLimit | None = None
    announced: int | None = None
    paused_until: datetime | None = None
    pause_reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a call may ask for. Without an allowance nothing, until `retry_at`, because of `why`."""

    server: str
    allowance: Allowance | None
    retry_at: datetime | None = None
    why: str = ""
    taken: int = 0


class Budgets:
    """The accounts of all servers. `most`: requests that one gets in a quarter of an hour."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._accounts: dict[str, _Account] = defaultdict(_Account)

    def remember(self, server: str, at: datetime, requests: int) -> None:
        """Requests that were made before this process began. In the order of their times."""
        self._accounts[server].spent.extend([at] * requests)

    def grant(self, server: str, now: datetime) -> Grant:
        """What the next call to a server may ask for. To be settled when it is done."""
        account = self._accounts[server]
        if account.paused_until and now < account.paused_until:
            return Grant(server, None, account.paused_until, account.pause_reason)
        for times in (account.spent, account.spent_back):
            while times and times[0] <= now - WINDOW:
                times.popleft()
        most = self._most_of(account)
        free = most - len(account.spent) - account.taken
        if free < _LEAST:
            retry_at = account.spent[min(_ENOUGH, len(account.spent)) - 1] + WINDOW if account.spent else now + WINDOW
            return Grant(server, None, retry_at, f"the budget of {server} is used up: {most} requests in 15 min")
        limit = account.limit
        if limit and now < limit.reset_at:
            if limit.remaining - account.taken < _LEAST:
                return Grant(server, None, limit.reset_at, f"{server} allows no more requests for now")
            free = min(free, limit.remaining - account.taken)
        # Never all that is left: the next call, side by side with this one, wants something too.
        onwards = min(free, _PER_CALL, max(_LEAST, free // 2))
        account.taken += onwards
        share = min(most // 2 - len(account.spent_back), free - most // _RESERVE)
        back = max(0, min(share, onwards))
        return Grant(server, Allowance(onwards, back), taken=onwards)

    def settle(
        self,
        grant: Grant,
        requests: int,
        now: datetime,
        limit: RateLimit | None = None,
        *,
        went_back: bool = False,
    ) -> str | None:
        """A call is done. `limit`: what the server said in its last reply. `went_back`: it was for old posts.

        Once for each server, where its limit is smaller than our budget: that in words.
        """
        account = self._accounts[grant.server]
        account.taken -= grant.taken
        account.spent.extend([now] * requests)
        if went_back:
            account.spent_back.extend([now] * requests)
        if limit:
            account.limit = limit
            before, account.announced = account.announced, limit.most or account.announced
            if before is None and account.announced and self._most_of(account) < self._most:
                return (
                    f"{grant.server} announces {account.announced} requests, less than the budget of {self._most}: "
                    "the smaller of both counts"
                )
        return None

    def _most_of(self, account: _Account) -> int:
        """Our budget, or what the server announces, where that is less: else going back would wait for a remainder that
        never comes."""
        return self._most if account.announced is None else min(self._most, max(_SMALLEST, account.announced))

    def clock_was_set_back(self, by: timedelta) -> None:
        """Requests were made as long ago, and pauses end as soon, by the new clock as by the old one."""
        for account in self._accounts.values():
            account.spent = deque(at - by for at in account.spent)
            account.spent_back = deque(at - by for at in account.spent_back)
            if account.limit:
                account.limit = replace(account.limit, reset_at=account.limit.reset_at - by)
            if account.paused_until:
                account.paused_until -= by

    def pause(self, server: str, until: datetime, why: str) -> None:
        """A server asked for a pause: nothing there is asked for until then."""
        account = self._accounts[server]
        if account.paused_until is None or until > account.paused_until:
            account.paused_until, account.pause_reason = until, why


def deferred(source: Source, memory: SourceMemory, grant: Grant, now: datetime) -> Collected:
    """Not asked now. No trouble, where the source was read well within its interval and only older posts wait."""
    is_fresh = memory.last_success_at is not None and now - memory.last_success_at < source.interval
    return Collected(
        source=source,
        outcome=Outcome.OK if is_fresh else Outcome.RATE_LIMITED,
        memory=memory,
        started_at=now,
        detail="" if is_fresh else grant.why,
        warnings=(f"older posts wait: {grant.why}",) if is_fresh else (),
        retry_at=grant.retry_at,
        deferred=True,
    )
