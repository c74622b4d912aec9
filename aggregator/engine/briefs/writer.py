"""Keeps the briefs of stories up to date: after polls, before the site is built.

Briefs are made in a thread, over a connection that only reads, which sees one moment of the database. What is new is
written on the daemon's connection in short transactions; the last of them moves the cursor. A story that changed since
that moment is left for the next turn: its brief might tell what was taken back.

At a start without a cursor, and where rules or settings are other ones than those that made what is stored, the stories
of the window are gone through little by little, the newest first; changes are followed when that is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from aggregator.engine.briefs.making import Made, Maker
from aggregator.engine.clock import Clock, utc_now
from aggregator.model.brief import Brief
from aggregator.model.settings import Publish
from aggregator.storage.arrival import is_grouping
from aggregator.storage.briefs.rows import (
    begin_tasks,
    drop_briefs,
    drop_extracted,
    end_tasks,
    has_news,
    has_tasks,
    save_brief,
    troubles,
)
from aggregator.storage.changelog import BRIEFS, log_changes, move_to, place_of, stories_changed
from aggregator.storage.database import Database

# A poll that wants to save waits for one transaction at most: of so many briefs, some 10 ms.
_PORTION = 50


async def write_briefs(
    database: Database, settings: Publish, is_stopped: Callable[[], bool] = lambda: False, clock: Clock = utc_now
) -> None:
    """Write all briefs that are to be written, for commands that end.

    Raises:
        As `BriefWriter.turn`.
    """
    writer = BriefWriter(database, clock)
    writer.use(settings)
    while writer.is_behind() and not is_stopped():
        await writer.turn(is_stopped)


@dataclass(slots=True)
class _Walk:
    """Going through many stories: those still to do, and the change from which on changes are followed afterwards.

    `own`: how many changes of its own it has logged since.
    """

    ids: list[int]
    seq: int
    own: int = 0


@dataclass(slots=True)
class Written:
    """What a turn did: stories looked at, briefs written and removed. `is_done`: nothing is left to do now."""

    looked_at: int = 0
    written: int = 0
    dropped: int = 0
    is_done: bool = True


class BriefWriter:
    """Writes briefs into a database, turn by turn. Nothing here waits for a model.

    `keeps_models`: what a model wrote stays as long as its sources do, and what is counted beside it is made anew; when
    it is to be written again is for whoever asks a model to say.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database, self._clock, self.keeps_models = database, clock, True
        self._settings: Publish | None = None
        self._maker: Maker | None = None
        self._walk: _Walk | None = None

    def use(self, settings: Publish) -> None:
        """Write by these settings from now on."""
        self._settings, self._maker, self._walk = settings, None, None

    def is_behind(self) -> bool:
        """Is there something to do? Not while a first poll is being grouped: half of a story is none.

        Raises:
            StorageError: the database can't be read.
        """
        if self._settings is None:
            return False
        with self._database.guarded():
            conn = self._database.conn
            is_stale = self._maker is None or self._walk is not None
            return not is_grouping(conn) and (is_stale or has_news(conn))

    async def turn(self, is_stopped: Callable[[], bool] = lambda: False, seconds: float | None = None) -> Written:
        """Do what is to be done, or as much of it as takes so many seconds of CPU.

        Raises:
            PublishError: a catalogue of the user's is wrong.
            StorageError: the database can't be read or written.
        """
        assert self._settings is not None
        settings = self._settings
        maker = self._maker
        if maker is None:
            maker = await asyncio.to_thread(Maker, self._database.path, settings)
            walk = await self._begin_walk(maker)
            if settings is not self._settings:
                return Written(is_done=False)
            self._maker, self._walk = maker, walk
        tasks = self._tasks()
        walk = self._walk or await self._follow(maker, tasks)
        now = self._clock()
        made = await asyncio.to_thread(
            maker.make, walk.ids, now, seconds=seconds, keeps_models=self.keeps_models, is_stopped=is_stopped
        )
        if settings is not self._settings:
            return Written(is_done=False)
        self._write(made, walk, tasks)
        walk.ids, is_walk_over = made.left, not made.left
        self._walk = None if is_walk_over else walk
        return Written(len(made.looked_at), len(made.briefs), len(made.dropped), is_walk_over)

    async def rewrite(self) -> Written:
        """Make the briefs of all stories anew, also where their input is what it was; how many came out otherwise.

        Raises:
            As `turn`.
        """
        assert self._settings is not None
        maker = await asyncio.to_thread(Maker, self._database.path, self._settings)
        place = self._place()
        walk = _Walk(await asyncio.to_thread(maker.all_ids), place)
        made = await asyncio.to_thread(
            maker.make, walk.ids, self._clock(), is_anew=True, keeps_models=self.keeps_models
        )
        self._write(made, walk, ())
        return Written(len(made.looked_at), len(made.briefs), len(made.dropped))

    def _place(self) -> int:
        with self._database.guarded():
            return place_of(self._database.conn, BRIEFS).newest

    async def _begin_walk(self, maker: Maker) -> _Walk | None:
        """Through all there is, where nobody knows what has changed; through what other settings made, if anything."""
        with self._database.guarded():
            place = place_of(self._database.conn, BRIEFS)
        is_unknown = place.seq is None or place.is_lost
        ids = await asyncio.to_thread(maker.all_ids if is_unknown else maker.stale_ids)
        return _Walk(ids, place.newest if is_unknown else place.seq or 0) if ids or is_unknown else None

    def _tasks(self) -> list[tuple[int, str]]:
        with self._database.guarded():
            if self._walk is not None or not has_tasks(self._database.conn):
                return []
        with self._database.write():
            return begin_tasks(self._database.conn)

    async def _follow(self, maker: Maker, tasks: Sequence[tuple[int, str]]) -> _Walk:
        """What changed since the cursor, and what was asked for."""
        with self._database.guarded():
            place = place_of(self._database.conn, BRIEFS)
        changed = await asyncio.to_thread(maker.changed_ids, place.seq or 0)
        return _Walk(list(dict.fromkeys((*changed, *(story_id for story_id, _ in tasks)))), place.newest)

    # ------------------------------------------------------------ writing

    def _write(self, made: Made, walk: _Walk, tasks: Sequence[tuple[int, str]]) -> None:
        """In short transactions; the cursor and the tasks in the last one, if all was looked at."""
        conn = self._database.conn
        for briefs, others in _portions(made):
            with self._database.write():
                walk.own += self._save(made, briefs, others)
        if made.left:
            return
        with self._database.write():
            newest = place_of(conn, BRIEFS).newest
            # Where all that came since was written here, there is nothing in it to be looked at.
            move_to(conn, BRIEFS, newest if newest == walk.seq + walk.own else walk.seq, self._clock())
            end_tasks(conn, tasks)

    def _save(self, made: Made, briefs: Sequence[Brief], others: Sequence[int]) -> int:
        """Write these briefs, and remove what others of these stories have no more; how many changes were logged.
        Expects an open transaction."""
        conn = self._database.conn
        newest = place_of(conn, BRIEFS).newest
        passed_by = stories_changed(conn, made.seen, newest) if newest > made.seen else frozenset()
        briefs = [brief for brief in briefs if brief.story_id not in passed_by]
        waiting = troubles(conn, [brief.story_id for brief in briefs], made.language)
        for brief in briefs:  # one that is made anew says, too, why it is no model's
            save_brief(conn, replace(brief, trouble=brief.trouble or waiting.get(brief.story_id)))
        dropped = sorted(set(others) & set(made.dropped))
        drop_briefs(conn, dropped)
        drop_extracted(conn, others, but=made.language)
        for story_id, language in made.broken:
            if story_id in others:
                drop_briefs(conn, [story_id], language)
        changed = [*(brief.story_id for brief in briefs), *dropped]
        log_changes(conn, self._clock(), "story", "edited", changed)
        return len(changed)


def _portions(made: Made) -> Iterator[tuple[list[Brief], list[int]]]:
    """So many briefs at once, and the stories that were looked at with them."""
    by_story = {brief.story_id: brief for brief in made.briefs}
    size = _PORTION if by_story or made.dropped else len(made.looked_at) or 1
    for begin in range(0, len(made.looked_at), size):
        ids = made.looked_at[begin : begin + size]
        yield [by_story[each] for each in ids if each in by_story], ids
