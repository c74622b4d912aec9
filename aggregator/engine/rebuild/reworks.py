"""What an upgrade works out again of stored rows, in small steps while the daemon runs.

A rework is a named function over rows in the order of their ids. It is given the last id that is done and how many
rows to take, and gives the last id that it did. The step's rows and how far it came are written in one transaction:
killed at any moment, it goes on where it was, also under a later version. Once done it is never done again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import structlog

from aggregator.engine.clock import Clock, utc_now
from aggregator.engine.rebuild.pace import PAUSE, Pace
from aggregator.engine.rebuild.progress import Reworked
from aggregator.model.errors import StorageError
from aggregator.storage.database import Database
from aggregator.storage.upgrade.progress import ReworkState, load_rework, save_rework

if TYPE_CHECKING:
    from aggregator.engine.rebuild.copies import Recopying

# The daemon's housekeeping, which goes on with it, comes once an hour.
_TURN = timedelta(minutes=50)


# The ids of stories of which rows were changed, and committed.
Tell = Callable[[Collection[int]], None]


@dataclass(frozen=True, slots=True)
class Rework:
    """`step(database, after_id, rows, now)` runs inside a transaction, at most a few milliseconds a row.

    It changes only what differs, logs that as `edited` or `moved` and never as `new`, keeps the ids of posts and
    stories, and comes to the same when it is done twice. It says which stories it touched, so that not all of them
    are read again after each step. Names are for ever: the file remembers them.
    """

    name: str
    step: Callable[[Database, int, int, datetime], Reworked]


# What a step needs is imported with it: hardly a file has one to do.


def _story_titles(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.storage.stories import retitle_stories

    up_to, changed = retitle_stories(database.conn, after, rows, now)
    return Reworked(up_to, len(changed), stories=changed)


def _details(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.storage.stored_posts import fill_details

    return Reworked(fill_details(database.conn, after, rows))


def _headlines(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.storage.words.headlines import fill_headlines

    up_to, changed, stories = fill_headlines(database.conn, after, rows, now)
    return Reworked(up_to, len(changed), stories=stories)


@cache
def _recopying() -> Recopying:
    from aggregator.engine.rebuild.copies import Recopying

    return Recopying()


def _copies(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    return _recopying().step(database, after, rows, now)


def _former_copies(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.engine.rebuild.former_copies import regroup_former_copies

    return regroup_former_copies(database, after, rows, now)


def _page_addresses(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.engine.rebuild.addresses import rekey_pages

    return rekey_pages(database, after, rows, now)


def _addresses(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.engine.rebuild.addresses import rekey_posts

    return rekey_posts(database, after, rows, now)


def _amounts(database: Database, after: int, rows: int, now: datetime) -> Reworked:
    from aggregator.storage.words.amounts import fill_amounts

    return Reworked(*fill_amounts(database.conn, after, rows), stories=())


# In the order in which they are done. None is ever taken out: a file may be of any version.
REWORKS = (
    # Up to 0.1.0 some titles made of a text were cut amid a word.
    Rework("story_titles", _story_titles),
    # Up to 0.1.0 nobody noticed that tags, files or author were corrected.
    Rework("details", _details),
    # Up to 0.1.0 different articles and items were taken for copies, and hidden: two addresses with like titles, posts
    # made from one template.
    Rework("copies", _copies),
    Rework("former_copies", _former_copies),
    # Up to 0.1.0 a post without a title was called by the beginning of its text, links, tags, hidden words and all.
    Rework("headlines", _headlines),
    # Up to the end of November 2026 routes below a folder were one page, and mobil. hosts, ~amp and -amp, locales, a
    # button's parameters and a DOI's capitals made several of one. What is no copy by that is put as above.
    Rework("page_addresses", _page_addresses),
    Rework("addresses", _addresses),
    Rework("former_copies_by_address", _former_copies),
    # Up to 0.1.0 nobody read the money that posts speak of.
    Rework("amounts", _amounts),
    # Up to the end of November 2026 words and codes of money were read in some languages only: no won, pesos, CHF 5.
    Rework("amounts_of_every_word", _amounts),
)


def nothing_to_do(database: Database, clock: Clock = utc_now) -> None:
    """A file that this program made has nothing of older versions: note that, so that no rework looks for it.

    Raises:
        StorageError: the database can't be written.
    """
    if database.upgrade and database.upgrade.names and database.upgrade.copy is None:
        now = clock()
        with database.write():
            for rework in REWORKS:
                save_rework(database.conn, rework.name, ReworkState(0, 0, is_done=True), now)
        database.upgrade = None


async def go_on(
    database: Database,
    stop: asyncio.Event,
    *,
    reworks: Sequence[Rework] = REWORKS,
    clock: Clock = utc_now,
    timer: Callable[[], float] = time.perf_counter,
    turn: timedelta = _TURN,
    tell: Tell | None = None,
) -> None:
    """Go on with what is left to do, for `turn` at most, beside the polls of the same loop and connection.

    Returns when all is done, on `stop`, and on trouble, which is logged; it may be cancelled. What is left is done at
    the next call. `timer` measures steps, in seconds. `tell`: who keeps stories in memory.
    """
    log = structlog.get_logger("upgrade")
    if database.upgrade and database.upgrade.copy:
        log.info("upgraded", changes=database.upgrade.names, copy=str(database.upgrade.copy))
        database.upgrade = None
    until = timer() + turn.total_seconds()
    for rework in reworks:
        try:
            if not await _go_on(database, rework, stop, clock, timer, until, tell):
                return
        except StorageError as error:
            log.warning("rework waits", rework=rework.name, error=str(error))
            return
        except Exception:
            log.exception("bug", rework=rework.name)
            return


async def _go_on(
    database: Database, rework: Rework, stop: asyncio.Event, clock: Clock, timer: Callable[[], float], until: float,
    tell: Tell | None,
) -> bool:  # fmt: skip
    """Whether this one is done."""
    pace = Pace()
    with database.guarded():
        state = load_rework(database.conn, rework.name)
    while not state.is_done:
        started = timer()
        if stop.is_set() or started >= until:
            return False
        state = take_step(database, rework, pace.rows, clock(), tell)
        if state.is_done and state.changed:
            structlog.get_logger("upgrade").info("reworked", rework=rework.name, changed=state.changed)
        if state.is_done:
            return True
        took = timer() - started
        pace.note(took)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE * took)
    return True


def take_step(database: Database, rework: Rework, rows: int, now: datetime, tell: Tell | None = None) -> ReworkState:
    """One step, in a transaction; how far the rework came. `tell` is told of the stories that it touched, after that.

    Raises:
        StorageError: the database can't be written; nothing was changed.
    """
    with database.write():
        before = load_rework(database.conn, rework.name)
        done = rework.step(database, before.after_id, rows, now)
        changed = before.changed + done.changed
        if done.up_to is None:
            state = replace(before, changed=changed, is_done=True)
        elif done.up_to > before.after_id:
            state = ReworkState(done.up_to, changed)
        else:
            raise ValueError(f"the rework {rework.name} does not come on: {done.up_to} after {before.after_id}")
        save_rework(database.conn, rework.name, state, now)
    if done.changed and (done.stories is None or (done.stories and tell is None)):
        database.note_change()
    elif done.stories and tell:
        tell(done.stories)
    return state
