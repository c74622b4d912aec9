"""One step along a timeline: onwards to what is new, or back over what is old.

A poll is several steps, each saved before the next. The first goes onwards: from the cursor's floor, with `min_id`,
until a page is empty. (`since_id` would give the newest page and skip what lies between.) Then, as far as the server's
budget allows, steps go back with `max_id`: the rest of the first run, or the windows that are gone over again because
posts arrive late, are edited and get tags later. Only stored posts that this did not show are asked after (see
`rechecks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.poll import Outcome
from aggregator.model.settings import Mastodon
from aggregator.model.source import Source, SourceMemory
from aggregator.model.timelines import Recheck
from aggregator.pipeline.schedule import JITTER
from aggregator.sources.mastodon.accounts import find_account, take_page
from aggregator.sources.mastodon.client import PAGE, Exhausted, Server, Status, Stop
from aggregator.sources.mastodon.cursor import Back, Cursor, first_cursor, newest_of
from aggregator.sources.mastodon.ids import family_of, order, time_of
from aggregator.sources.mastodon.rechecks import recheck
from aggregator.sources.mastodon.servers import explained
from aggregator.sources.mastodon.step import PAGES_PER_CALL, Step
from aggregator.sources.mastodon.values import age

# Pages may be short, where a server filters them; so many for each that would do bound the first run.
_SHORT_PAGES = 3


def step(server: Server, memory: SourceMemory, cursor: Cursor | None, settings: Mastodon, source: Source,
         now: datetime) -> Step:  # fmt: skip
    """The next step: see the module. Raises nothing."""
    walker = Walker(server, memory, cursor, settings, source, now)
    try:
        walker.found.warnings += find_account(server)
        if cursor is None:
            walker.begin()
        elif walker.goes_back:
            walker.found.went_back = True
            walker.found.first_walk = cursor.back is not None and cursor.back.kind == "first"
            walker.back()
        else:
            walker.onwards(cursor)
    except Stop as stop:
        walker.found.stop = walker.lost(stop) if stop.outcome is Outcome.GONE else walker.explained(stop)
        is_over = walker.found.stop is stop and not isinstance(stop, Exhausted)
        walker.found.more = walker.is_unfinished and not is_over
    return walker.found


# Even a source that is asked every second gets its turn to go back.
_ALWAYS = timedelta(minutes=1)


class Walker:
    """One step of one source."""

    def __init__(
        self,
        server: Server,
        memory: SourceMemory,
        cursor: Cursor | None,
        settings: Mastodon,
        source: Source,
        now: datetime,
    ) -> None:
        self._server, self._memory, self._settings, self._now = server, memory, settings, now
        self._until_next = source.interval * (1 + JITTER)
        self.found = Step(cursor, memory.recheck, source.boosts)
        allowance = memory.allowance
        self.may_go_back = allowance is None or allowance.back > 0
        is_turn = cursor is not None and cursor.is_back_next and now - cursor.polled_at < max(source.interval, _ALWAYS)
        self.goes_back = is_turn and self.may_go_back
        if allowance:
            server.allowance = allowance.back if self.goes_back else allowance.onwards
        self.is_unfinished = False

    def explained(self, stop: Stop) -> Stop:
        """Of a timeline that is not found: is there a server? Asked at first, and where it had posts before."""
        if self._memory.last_success_at is None or self._memory.cursor:
            return explained(self._server, stop)
        return stop

    # ------------------------------------------------------------ nothing is shown any more

    def lost(self, stop: Stop) -> Stop:
        """Of an account that is gone for good: what is to be said, in the step in which its posts were asked after."""
        if not self._server.timeline.is_never_empty:
            return stop
        self.found.is_lost = True
        if self.found.recheck is None and self._memory.cursor:
            self._expect_nothing()
            return Stop(Outcome.OK, stop.detail)
        try:
            self._ask_after()
        except Stop as other:
            return other if isinstance(other, Exhausted) else stop
        return Stop(Outcome.OK) if self.found.more else stop

    def _expect_nothing(self) -> None:
        """Ask after all posts of the timeline in the next step: it shows none."""
        self.found.cursor = None
        self.found.recheck = Recheck(since=self._now - self._settings.recheck_age, before=self._now)
        self.found.more = self.is_unfinished = True

    def _ask_after(self) -> None:
        """What a timeline had that is empty. It stays to be asked after: a second look may be due."""
        if self.found.recheck and self._memory.unseen:
            _, is_done = self._recheck(None)
            self.found.more = self.is_unfinished = not is_done

    # ------------------------------------------------------------ the beginning

    def begin(self) -> None:
        """The newest page of a timeline that has no cursor yet, and the first run backwards from there."""
        page = take_page(self._server, self.found, {})
        if not page:
            return self._ask_after()
        cursor = first_cursor(page, self._now, self._settings.overlap)
        oldest = min(page, key=order)
        back = Back(
            kind="first", started_at=self._now, since=self._now - self._settings.backfill_age, max_id=oldest, pages=0
        )
        self.found.cursor = replace(cursor, back=back, is_back_next=True)
        self._go_on_back(back, page)

    # ------------------------------------------------------------ onwards

    def onwards(self, cursor: Cursor) -> None:
        """What is new since the last walk, from a little before where it ended."""
        walk_at = cursor.walk_at if cursor.position and cursor.walk_at else self._now
        position, newest = cursor.position or cursor.floor, cursor.newest
        for number in range(PAGES_PER_CALL):
            page = take_page(self._server, self.found, {"min_id": position})
            is_lost = family_of(next(iter(page))) != cursor.family if page else _is_suspicious(cursor, position, number)
            if is_lost:
                self._find_again()
                return
            if not page:
                return self._end_onwards(newest, walk_at)
            top = max(page, key=order)
            if order(top) <= order(position):
                self.found.warnings.append("the server does not page forwards: posts may be missing")
                return self._end_onwards(newest, walk_at)
            position = top
            newest = max(newest, newest_of(page, self._now), key=order)
            self.found.cursor = replace(cursor, newest=newest, position=position, walk_at=walk_at, is_back_next=False)
            self.is_unfinished = True
            if number < PAGES_PER_CALL - 1:
                self._server.stop_if_exhausted()
        self.found.more = True

    def _end_onwards(self, newest: str, walk_at: datetime) -> None:
        cursor = self.found.cursor
        assert cursor is not None
        ended = cursor.with_newest(newest, walk_at, self._settings.overlap)
        self._turn_back(replace(ended, position=None, walk_at=None, polled_at=self._now))

    def _turn_back(self, cursor: Cursor) -> None:
        """The walk onwards is at its end: go back next, if there is anything to go back for."""
        is_due = self._has_back_work(cursor) and self.may_go_back
        self.found.cursor = replace(cursor, is_back_next=is_due)
        self.found.more = self.is_unfinished = is_due

    def _find_again(self) -> None:
        """The cursor shows nothing, or what it can't: look at the newest page, and make it fit."""
        page = take_page(self._server, self.found, {})
        cursor = self.found.cursor
        if not page or cursor is None:
            self._expect_nothing()
            if self._server.timeline.is_never_empty:
                self.found.warnings.append(
                    f"the server shows no posts of {self._server.timeline.whose} any more: they are deleted, or the "
                    "account is suspended there"
                )
                self._server.native_id = None  # look it up the next time: then it may say which
            return
        self._turn_back(self._healed(cursor, page))

    def _healed(self, cursor: Cursor, page: Mapping[str, Status]) -> Cursor:
        """A cursor that fits the timeline's newest page; the same where it does already."""
        newest = newest_of(page, self._now)
        if family_of(newest) != cursor.family:
            self.found.warnings.append("the server gives other ids than before: its timeline is read anew")
            return self._anew(cursor, page)
        if order(newest) > order(cursor.newest):
            self.found.warnings.append("the server shows newer posts, but not from the cursor on: they are read anew")
            return self._anew(cursor, page)
        cursor = replace(cursor, position=None, walk_at=None, polled_at=self._now)
        if newest == cursor.newest:
            return cursor
        if cursor.family == "opaque":  # perhaps a server that began anew with lower ids
            return self._anew(cursor, page)
        # The newest was deleted: the walk onwards must not expect it.
        return replace(cursor, floor=newest).with_newest(newest, self._now, self._settings.overlap)

    def _anew(self, cursor: Cursor, page: Mapping[str, Status]) -> Cursor:
        """A cursor made from the newest page, and a walk back to where the old one was good."""
        fresh = first_cursor(page, self._now, self._settings.overlap)
        since = max(cursor.polled_at - self._settings.rescan_window, self._now - self._settings.backfill_age)
        back = Back(kind="rescan", started_at=self._now, since=since, max_id=min(page, key=order))
        return replace(fresh, back=back, has_bulk=cursor.has_bulk, rescan_at=cursor.rescan_at, deep_at=cursor.deep_at)

    # ------------------------------------------------------------ back

    def back(self) -> None:
        """Go on with a walk backwards, begin one that is due, or ask after posts that it did not show."""
        cursor = self.found.cursor
        assert cursor is not None
        self.is_unfinished = True
        if cursor.back:
            return self._go_on_back(cursor.back)
        if self.found.recheck:
            has_bulk, is_done = self._recheck(cursor.has_bulk)
            if is_done:
                self.found.recheck = None
            elif has_bulk is False:  # one by one, a week is too much
                before = self.found.recheck.before
                since = max(self.found.recheck.since, before - self._settings.deep_rescan_window)
                self.found.recheck = Recheck(since, before)
            return self._turn_back(replace(cursor, has_bulk=has_bulk))
        kind = self._due(cursor)
        if kind is None:
            return self._turn_back(cursor)
        page = take_page(self._server, self.found, {})
        since, polled_at = self._since(cursor, kind), cursor.polled_at
        if page and self._is_odd(cursor, page):
            cursor = replace(self._healed(cursor, page), polled_at=polled_at)
        cursor = replace(cursor, rescan_at=self._now, deep_at=self._now if kind == "deep" else cursor.deep_at)
        if not page:
            return self._end_back(cursor, None)
        back = cursor.back or Back(kind=kind, started_at=self._now, since=since, max_id=min(page, key=order))
        self.found.cursor = replace(cursor, back=back)
        self._go_on_back(back, page)

    def _recheck(self, has_bulk: bool | None) -> tuple[bool | None, bool]:
        return recheck(self._server, self._memory, has_bulk, self.found, self._now)

    def _is_odd(self, cursor: Cursor, page: Mapping[str, Status]) -> bool:
        """Does the newest page show that the cursor is wrong? Newer posts are none: they came meanwhile."""
        newest = newest_of(page, self._now)
        return family_of(newest) != cursor.family or order(newest) < order(cursor.newest)

    def _go_on_back(self, back: Back, page: Mapping[str, Status] | None = None) -> None:
        """Walk backwards for a step's share of pages. `page`: one that was read already."""
        cursor = self.found.cursor
        assert cursor is not None
        for number in range(PAGES_PER_CALL):
            if page is None:
                page = take_page(self._server, self.found, {"max_id": back.max_id})
                if page and order(min(page, key=order)) >= order(back.max_id):
                    self.found.warnings.append("the server does not page backwards: older posts were not fetched")
                    page = {}
            if not page:
                return self._end_back(cursor, back)
            back = replace(
                back, max_id=min(page, key=order), pages=back.pages + 1, posts=back.posts + self._trim(back, page)
            )
            if self._is_far_enough(back, page):
                return self._end_back(cursor, back)
            self.found.cursor, page = replace(cursor, back=back), None
            self.is_unfinished = True
            if number < PAGES_PER_CALL - 1:
                self._server.stop_if_exhausted()
        self.found.more = True

    def _trim(self, back: Back, page: Mapping[str, Status]) -> int:
        """Leave out what the first run does not want: too old, or too many. How many are kept."""
        if back.kind != "first":
            return len(page)
        fresh = [each for each, status in page.items() if age(status, self._now) <= self._settings.backfill_age]
        wanted = set(fresh[: max(0, self._settings.backfill_posts - back.posts)])
        for native_id in page.keys() - wanted:
            self.found.leave_out(native_id, page[native_id])
        return len(wanted)

    def _is_far_enough(self, back: Back, page: Mapping[str, Status]) -> bool:
        told = time_of(back.max_id, family_of(back.max_id))
        if back.kind == "first":
            most = self._settings.backfill_posts
            is_enough = back.posts >= most or back.pages > _SHORT_PAGES * (1 + most // PAGE)
            return is_enough or all(age(each, self._now) > self._settings.backfill_age for each in page.values())
        if told is not None:
            return told < back.since
        return all(age(each, self._now) > self._now - back.since for each in page.values())

    def _end_back(self, cursor: Cursor, back: Back | None) -> None:
        if back and back.kind != "first":
            reach = self._settings.recheck_age if back.kind == "deep" and cursor.has_bulk is not False else timedelta(0)
            self.found.recheck = Recheck(since=min(back.since, self._now - reach), before=back.started_at)
        self._turn_back(replace(cursor, back=None))

    # ------------------------------------------------------------ when

    def _has_back_work(self, cursor: Cursor) -> bool:
        return cursor.back is not None or self.found.recheck is not None or self._due(cursor) is not None

    def _due(self, cursor: Cursor) -> Literal["rescan", "deep"] | None:
        """What would be overdue when the source is asked the next time."""
        if cursor.rescan_at >= cursor.polled_at:
            return None  # done since the last walk onwards: once is enough, however rarely the source is asked
        then = self._now + self._until_next
        if then - cursor.deep_at > self._settings.deep_rescan_interval:
            return "deep"
        return "rescan" if then - cursor.rescan_at > self._settings.rescan_interval else None

    def _since(self, cursor: Cursor, kind: Literal["rescan", "deep"]) -> datetime:
        """How far back to go. Where the last time was long ago, as far as it would have been gone over meanwhile."""
        settings = self._settings
        window, interval, last = settings.rescan_window, settings.rescan_interval, cursor.rescan_at
        if kind == "deep":
            window, interval, last = settings.deep_rescan_window, settings.deep_rescan_interval, cursor.deep_at
        late = last - max(timedelta(0), window - interval)
        return max(min(self._now - window, late), self._now - max(window, settings.backfill_age))


def _is_suspicious(cursor: Cursor, position: str, number: int) -> bool:
    """Is it odd that a page is empty? Above the floor there should be at least the newest post."""
    return number == 0 and position == cursor.floor and order(position) < order(cursor.newest)
