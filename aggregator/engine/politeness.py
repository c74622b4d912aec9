"""Who may be asked now: the limits that the sources share. In memory, without clock and without I/O.

Per registrable domain, its sub-domains included: so many requests at once, and a least time between two polls. Over
all: so many requests at once, and at most half of them for what may take long: sources that failed the last time, and
domains that were slow to answer. So these, be they many and behind, hold up none of the others. When a server asks for
patience, its other sources wait too. When nobody answers any more, it is our own outage: then a single source is asked
now and then, and nobody is blamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import DomainLimit, Polling
from aggregator.model.source import Source
from aggregator.text.url_policy import own_addresses
from aggregator.text.urls import registrable_domain

# A pause that one source was asked for holds for the others of its domain no longer than this: a mistake at one
# address must not silence a platform for a day.
LONGEST_HOLD = timedelta(hours=1)
# Where a server says "too many requests" and not for how long.
SHORTEST_HOLD = timedelta(minutes=1)

# A domain is slow whose last answer took longer: its sources keep a place that others need for a fraction of that.
SLOW = timedelta(seconds=5)

# So many sources that were well, of so many domains, fail one after the other to reach anybody: that is not them.
OUTAGE_SOURCES = 5
OUTAGE_DOMAINS = 3
# How often a single source is asked whether we are back.
PROBE_INTERVAL = timedelta(minutes=1)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ENDLESS = 2**31
_UNLIMITED = DomainLimit(concurrency=_ENDLESS, spacing=timedelta(0))


@dataclass(slots=True)
class _Domain:
    limit: DomainLimit
    running: int = 0
    free_at: datetime = _NEVER
    held_until: datetime = _NEVER
    lent_until: datetime = _NEVER
    page_at: datetime = _NEVER


class Politeness:
    """The limits of one poller. `begin` and `end` stand around each request of a source."""

    def __init__(self, polling: Polling) -> None:
        self._polling = polling
        self._domains: dict[str, _Domain] = {}
        self._names: dict[str, str | None] = {}  # of sources' addresses: 11 µs each, and some are asked for each second
        # A source may be begun again before the end of its last request was told: in the order of both.
        self._running: dict[int, list[tuple[_Domain, bool]]] = {}
        self._under_way = self._long = 0  # how many requests are, and how many of them may take long
        self._slow: set[str] = set()  # domains, and computers of one's own
        self._unreached: dict[int, str] = {}
        self._answers = 0  # how many came
        self._answers_before: dict[int, int] = {}  # and how many of them before a source's result, not noted yet
        self._probe_at = self._all_lent_until = _NEVER
        self._answers_offline = False
        self.is_outage = False

    # ------------------------------------------------------------ asking

    def is_full(self) -> bool:
        """Are as many requests under way as may be, over all sources?"""
        return self._under_way >= self._polling.concurrency

    def may_take_long(self, source: Source, *, is_failing: bool) -> bool:
        """Does it count among those that hold up none of the others?"""
        return is_failing or (bool(self._slow) and self._place_of(source.url) in self._slow)

    def answered(self, source: Source, took: timedelta) -> None:
        """The source answered after so long: so its domain will."""
        (self._slow.add if took > SLOW else self._slow.discard)(self._place_of(source.url))

    def remember_slow(self, sources: Iterable[Source]) -> None:
        """These were slow to answer before the start."""
        self._slow.update(self._place_of(source.url) for source in sources)

    def _place_of(self, url: str) -> str:
        return self.domain_of(url) or urlsplit(url).netloc

    def wait(self, source: Source, now: datetime, *, is_failing: bool) -> timedelta | None:
        """How long until this source may be asked: nothing where it may be now; None until another request ends."""
        is_too_many = self._long >= max(1, self._polling.concurrency // 2)
        if self.is_full() or (is_too_many and self.may_take_long(source, is_failing=is_failing)):
            return None
        domain = self._domain(source)
        if domain.running >= domain.limit.concurrency:
            return None
        return max(domain.free_at, domain.held_until, self._lent_until(domain), now) - now

    def room(self, source: Source, now: datetime, within: timedelta) -> tuple[int, int]:
        """How many sources of this one's domain may be asked now, and how many within this time if they answer."""
        domain = self._domain(source)
        wait = max(domain.free_at, domain.held_until, self._lent_until(domain), now) - now
        spacing = domain.limit.spacing
        if wait > within:
            return 0, 0
        at_once = 0 if wait else max(0, domain.limit.concurrency - domain.running)
        return (min(1, at_once), 1 + (within - wait) // spacing) if spacing else (at_once, _ENDLESS)

    def begin(self, source: Source, now: datetime, *, is_failing: bool) -> None:
        """A request of this source begins."""
        domain = self._domain(source)
        domain.running += 1
        domain.free_at = now + domain.limit.spacing
        is_long = self.may_take_long(source, is_failing=is_failing)
        self._running.setdefault(source.id, []).append((domain, is_long))
        self._under_way += 1
        self._long += is_long

    def end(self, source: Source) -> None:
        """The request of this source has ended."""
        begun = self._running[source.id]
        domain, is_long = begun.pop(0)
        if not begun:
            del self._running[source.id]
        domain.running -= 1
        self._under_way -= 1
        self._long -= is_long

    def clock_was_set_back(self, by: timedelta) -> None:
        """What was to end at a time by the old clock ends as soon by the new one."""
        for domain in self._domains.values():
            domain.free_at -= by
            domain.page_at -= by
            domain.held_until -= by
            domain.lent_until -= by
        self._probe_at -= by
        self._all_lent_until -= by

    # ------------------------------------------------------------ other machines

    def _lent_until(self, domain: _Domain) -> datetime:
        return max(domain.lent_until, self._all_lent_until) if domain.limit is not _UNLIMITED else _NEVER

    def may_lend(self, source: Source, now: datetime) -> bool:
        """Is nothing of the source's domain lent? Computers of one's own need no such care."""
        return self._lent_until(self._domain(source)) <= now

    def lend(self, source: Source, until: datetime) -> None:
        """Another machine asks the domain of this source, until then at the latest; nobody else does so long."""
        self._domain(source).lent_until = until

    def lend_all(self, until: datetime) -> None:
        """Other machines may be asking anybody until then: nobody is asked so long."""
        self._all_lent_until = until

    def give_back(self, source: Source, asked_at: datetime) -> None:
        """Who had it has done, and asked at `asked_at` at the latest: the spacing counts from then."""
        domain = self._domain(source)
        domain.lent_until = _NEVER
        domain.free_at = max(domain.free_at, asked_at + domain.limit.spacing)

    # ------------------------------------------------------------ pages that posts lead to

    def begin_page(self, url: str, now: datetime) -> bool:
        """May the page at this address be asked for now? Then that begins.

        One at a time of a domain, and none while a poll has it or has just had it. It counts as a request of the
        domain, so that its limit stands, and as none of the poller's: pages hold up no poll of another domain.
        """
        domain = self._domain_called(self._name_of(url))
        latest = max(domain.free_at, domain.held_until, domain.page_at, self._lent_until(domain))
        if self.is_outage or domain.running or latest > now:
            return False
        domain.running += 1
        domain.free_at = now + domain.limit.spacing
        return True

    def end_page(self, url: str, until: datetime) -> None:
        """That has ended. No other page of the domain is asked for before `until`."""
        domain = self._domain_called(self._name_of(url))
        domain.running -= 1
        domain.page_at = max(domain.page_at, until)

    # ------------------------------------------------------------ patience

    def hold(self, collected: Collected, now: datetime) -> datetime | None:
        """Until when the other sources of its domain wait, after a server said "too many requests", or where another
        machine may still be asking it; else None."""
        if collected.lent_until and self.domain_of(collected.source.url):
            return collected.lent_until
        if collected.outcome is not Outcome.RATE_LIMITED:
            return None
        domain = self._domain(collected.source)
        if domain.limit is _UNLIMITED:
            return None
        until = min(max(collected.retry_at or now, now + SHORTEST_HOLD), now + LONGEST_HOLD)
        domain.held_until = max(domain.held_until, until)
        return domain.held_until

    def share_domain(self, source: Source, others: Iterable[Source]) -> list[int]:
        """The ids of the sources of the same domain, without its own."""
        name = self.domain_of(source.url)
        return [other.id for other in others if other.id != source.id and self.domain_of(other.url) == name]

    # ------------------------------------------------------------ our own outage

    def came(self, collected: Collected) -> None:
        """A result is there. It may be noted later than others that came after it, as it waits to be saved."""
        if collected.deferred or self.domain_of(collected.source.url) is None:
            return
        if _is_answer(collected):
            self._answers += 1
            self._unreached.clear()
        else:
            self._answers_before[collected.source.id] = self._answers

    def note(self, collected: Collected, now: datetime) -> list[int]:
        """What an answer, or none, says of our own network. Where an outage begins: those blamed for it until now.

        Only sources that were well count: one that failed before may be dead, and says nothing of us. Nor does one that
        was not asked, or a computer of one's own. While more are asked than failed, an answer may yet come: of the
        first poll of many sources the dead ones fail before the others answer. Where the machine has no way to the
        internet one source is enough, unless some answer all the same, as where all that is followed is in the house.
        """
        source, domain = collected.source, self.domain_of(collected.source.url)
        if domain is None or collected.deferred:
            return []
        is_answered_since = self._answers_before.pop(source.id, self._answers) < self._answers
        if _is_answer(collected):
            self._unreached.clear()
            self.is_outage = False
            self._answers_offline |= collected.offline
        if not collected.unreached or is_answered_since:
            return []
        is_offline = collected.offline and not self._answers_offline
        if self.is_outage or (collected.memory.failures > 0 and not is_offline):
            return []
        self._unreached[source.id] = domain
        is_few = len(self._unreached) < OUTAGE_SOURCES or len(set(self._unreached.values())) < OUTAGE_DOMAINS
        if is_few and not is_offline:
            return []
        if len(self._unreached) <= self._under_way:
            return []
        self.is_outage, self._probe_at = True, now + PROBE_INTERVAL
        return list(self._unreached)

    def suspects(self, source: Source) -> bool:
        """The source could not be reached, and that may be the beginning of an outage of our own."""
        return source.id in self._unreached

    def excuses(self, collected: Collected) -> bool:
        """That no server was reached is our own outage, and not the source's trouble."""
        return self.is_outage and collected.unreached and self.domain_of(collected.source.url) is not None

    def go_on_with_outage(self) -> None:
        """An outage was noticed before: it is tried at once whether it is over."""
        self.is_outage = True

    def pick_probe(self, due: list[Source], now: datetime) -> list[Source]:
        """In an outage: computers of one's own, and of the others the one that is asked whether we are back, or none as
        long as it is not time."""
        own = [source for source in due if self.domain_of(source.url) is None]
        if now < self._probe_at:
            return own
        others = (source for source in due if self.domain_of(source.url) is not None)
        found = next((each for each in others if self.wait(each, now, is_failing=False) == timedelta(0)), None)
        if found is None:  # none whose domain may be asked now
            return own
        self._probe_at = now + PROBE_INTERVAL
        return [*own, found]

    # ------------------------------------------------------------ domains

    def domain_of(self, url: str) -> str | None:
        """What the limits are counted by; None for hosts of one's own, which need none. Remembered: for sources."""
        if url not in self._names:
            self._names[url] = self._name_of(url)
        return self._names[url]

    def _name_of(self, url: str) -> str | None:
        if is_own(url):
            return None
        host = (urlsplit(url).hostname or "").rstrip(".")
        return _configured(host, self._polling.domains) or registrable_domain(url) or host

    def _domain(self, source: Source) -> _Domain:
        return self._domain_called(self.domain_of(source.url))

    def _domain_called(self, name: str | None) -> _Domain:
        if name is None:
            return _Domain(_UNLIMITED)
        if name not in self._domains:
            self._domains[name] = _Domain(self._polling.domains.get(name, self._polling.per_domain))
        return self._domains[name]


def _is_answer(collected: Collected) -> bool:
    is_one = collected.http_status is not None or collected.outcome is not Outcome.FAILED
    return is_one and not collected.unreached


def is_own(url: str) -> bool:
    """Is that a computer of one's own, by its name or address?"""
    return bool(own_addresses(url))


def _configured(host: str, domains: Mapping[str, DomainLimit]) -> str | None:
    """The longest suffix of the host that has limits of its own: one platform's many domains may share them."""
    labels = host.split(".")
    suffixes = (".".join(labels[first:]) for first in range(len(labels)))
    return next((suffix for suffix in suffixes if suffix in domains), None)
