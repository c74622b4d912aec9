"""Has a model write briefs while the daemon runs: one at a time, in a task of its own on the loop.

It holds up nobody: what reads and checks runs in threads, what writes is one short transaction, and a stop cuts it off.
What was begun then is begun anew after the start: what is to be written stands in `brief_tasks`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import structlog

from aggregator.engine.briefs.desk import CountedDesk, limits_of
from aggregator.engine.briefs.drafting import Check, Drafted, NotNow, drafted
from aggregator.engine.briefs.keeping import save_drafted, stands
from aggregator.engine.briefs.material import Loaded, load_story
from aggregator.engine.briefs.model import Model, ModelError, guessed_tokens
from aggregator.engine.briefs.patience import Patience
from aggregator.engine.briefs.queue import AGAIN, SETTLE, note_changed
from aggregator.engine.clock import Clock, utc_now
from aggregator.model.embedding import Encoder
from aggregator.model.errors import StorageError
from aggregator.model.settings import Briefs, Config, Network, Publish
from aggregator.publish.briefs.prompt import Prompt, prompt_for
from aggregator.publish.briefs.written import By
from aggregator.storage.briefs.requests import Task, allowed_at, end_task, last_asked, next_task, put_off
from aggregator.storage.briefs.rows import note_trouble
from aggregator.storage.database import Database

# A story that the server can't take, or whose sources change while it is written.
_MOST_ATTEMPTS = 3


# Reads a story by its id, for a brief in this language; None where nothing of it may be shown. Runs in a thread.
Load = Callable[[Path, Publish, int, str], Loaded | None]
# What checks the drafts of a day.
Checks = Callable[[date], Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRoom:
    """What of a configuration counts for briefs by a model."""

    briefs: Briefs = field(default_factory=Briefs)
    publish: Publish = field(default_factory=Publish)
    network: Network = field(default_factory=Network)

    @property
    def language(self) -> str:
        """Which language it writes."""
        return self.briefs.language or self.publish.language


class ModelWriter:
    """Keeps the briefs of a running daemon written by a model, where the configuration names one."""

    def __init__(
        self, database: Database, stop: asyncio.Event, load: Load = load_story, clock: Clock = utc_now
    ) -> None:
        self._database, self._stop, self._load, self._clock = database, stop, load, clock
        self._make_checks: Callable[[], Checks] | None = None
        self._room = ModelRoom()
        self._patience = Patience()
        self._is_budget_told = False
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("briefs")

    def use(self, config: Config, meaning: Encoder | None = None) -> None:
        """Write by this configuration from now on. `meaning`: the model of meaning that the daemon has, for the checks.

        What is being written by other settings is cut off; a model that was in trouble is asked again at once.
        """

        def checks() -> Checks:
            # Here: names and catalogues take memory, which a daemon without a model need not spend.
            from aggregator.engine.briefs.checking import checks_of

            return checks_of(config.rules, meaning)

        self.use_room(ModelRoom(briefs=config.briefs, publish=config.publish, network=config.network), checks)

    def use_room(self, room: ModelRoom, make_checks: Callable[[], Checks]) -> None:
        """The same, what counts of it handed in. `make_checks` is called in a thread, when something is to be
        written."""
        self._make_checks = cache(make_checks)
        if room != self._room and self._task:
            self._task.cancel()
        self._room, self._patience, self._is_budget_told = room, Patience(), False

    async def ended(self) -> None:
        """Cut off what is under way, and wait until that is done."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def go_on(self) -> None:
        """Note what changed, and begin to write what is due, if nothing is being written. Returns at once.

        Raises:
            StorageError: the database can't be read or written, now or since the last call.
        """
        if self._task and self._task.done():
            task, self._task = self._task, None
            if not task.cancelled() and isinstance(error := task.exception(), StorageError):
                raise error
        if not self._room.briefs.is_asked or self._make_checks is None or self._stop.is_set():
            return
        now = self._clock()
        note_changed(self._database, self._room.briefs, self._room.language, now)
        if self._task is None and self._patience.is_over(now) and self._next(now):
            self._task = asyncio.create_task(self._write(self._room, self._make_checks))

    def _next(self, now: datetime) -> Task | None:
        with self._database.guarded():
            return next_task(self._database.conn, self._room.language, now)

    async def _write(self, room: ModelRoom, make_checks: Callable[[], Checks]) -> None:
        """Write what is due, one after the other, until nothing is, or the model is in trouble, or costs too much."""
        try:
            checks = await asyncio.to_thread(make_checks)
            async with Model(room.briefs, room.network) as model:
                while not self._stop.is_set() and (task := self._next(self._clock())):
                    if not await self._tried(room, model, checks, task):
                        return
        except StorageError:
            raise
        except Exception:
            self._patience.failed(ModelError("failed", "a bug"), self._clock())
            self._log.exception("bug")

    # ------------------------------------------------------------ one brief

    async def _tried(self, room: ModelRoom, model: Model, checks: Checks, task: Task) -> bool:
        """As `_write_one`. A story that runs into a bug makes room for the others, and has as many attempts as one that
        the server can't take."""
        try:
            return await self._write_one(room, model, checks, task)
        except StorageError:
            raise
        except Exception:
            if task.attempts + 1 >= _MOST_ATTEMPTS:
                self._end(task, room)
            else:
                self._put_off(task, room, self._clock(), "a bug", is_attempt=True)
            raise

    async def _write_one(self, room: ModelRoom, model: Model, checks: Checks, task: Task) -> bool:
        """Write the brief of one story; whether the next may follow at once."""
        loaded = await self._loaded(room, task)
        now = self._clock()
        if loaded is None or not loaded.is_wanted(room.briefs):
            self._end(task, room)
            return True
        prompt = prompt_for(loaded.material.evidence, loaded.material.earlier, room.language, now.date())
        with self._database.guarded():
            last = last_asked(self._database.conn, task.story_id, room.language)
            free_at = allowed_at(self._database.conn, limits_of(room.briefs), guessed_tokens(prompt.messages), now)
        if last and last.digest == prompt.digest:
            self._end(task, room)  # nothing new is said
            return True
        if last and last.at <= now < last.at + AGAIN:
            self._put_off(task, room, last.at + AGAIN)
            return True
        if free_at > now:
            self._wait_for_budget(free_at)
            return False
        desk = CountedDesk(self._database, model, room.briefs, self._clock, task.story_id, room.language, prompt.digest)
        try:
            found = await drafted(prompt, room.language, desk, checks(now.date()), has_question=room.briefs.question)
        except NotNow:
            return False  # the next look finds when
        except ModelError as error:
            return self._in_trouble(error, room, task)
        self._patience.answered()
        self._is_budget_told = False
        await self._keep(room, task, prompt, found, desk)
        return True

    async def _loaded(self, room: ModelRoom, task: Task) -> Loaded | None:
        return await asyncio.to_thread(self._load, self._database.path, room.publish, task.story_id, room.language)

    async def _keep(self, room: ModelRoom, task: Task, prompt: Prompt, found: Drafted, desk: CountedDesk) -> None:
        """Save what was made, if its sources still say what it rests on: a minute has gone since they were read."""
        fresh = await self._loaded(room, task)
        now = self._clock()
        if fresh is None:
            self._end(task, room)
            return
        if found.trouble is None and not stands(found, prompt, fresh.material):
            self._put_off(task, room, now + SETTLE, "its sources changed meanwhile", is_attempt=True)
            return
        by = By(desk.model, now, desk.tokens_in, desk.tokens_out)
        with self._database.write():
            save_drafted(self._database, fresh.material, prompt, found, by)
            end_task(self._database.conn, task.story_id, room.language)
        self._log.info(
            "brief", story=task.story_id, model=by.model, trouble=found.trouble,
            sentences=found.kept.size if found.kept else 0, refused=len(found.kept.refused) if found.kept else 0,
            tokens_in=by.tokens_in, tokens_out=by.tokens_out,
        )  # fmt: skip

    # ------------------------------------------------------------ not now

    def _in_trouble(self, error: ModelError, room: ModelRoom, task: Task) -> bool:
        """Wait, longer each time; whether the next story may be tried at once."""
        now = self._clock()
        is_of_story = error.is_of_story or error.kind == "unusable"
        if is_of_story and (error.kind == "unusable" or task.attempts + 1 >= _MOST_ATTEMPTS):
            self._give_up(task, room, error.detail)
        else:
            self._put_off(task, room, now, error.detail, is_attempt=is_of_story)
        wait = self._patience.failed(error, now)
        if not wait:
            return True
        if self._patience.is_first:
            level = self._log.error if error.kind == "no_access" else self._log.warning
            level("the model is not asked for a while", error=error.detail, again_in=str(wait))
        return False

    def _give_up(self, task: Task, room: ModelRoom, trouble: str) -> None:
        """The brief without a model stands, and says why."""
        with self._database.write():
            note_trouble(self._database.conn, task.story_id, room.language, trouble)
            end_task(self._database.conn, task.story_id, room.language)

    def _wait_for_budget(self, free_at: datetime) -> None:
        self._patience.not_before = free_at
        if not self._is_budget_told:
            self._is_budget_told = True
            self._log.info("the budget for briefs is used up", again_at=f"{free_at:%Y-%m-%d %H:%M} UTC")

    def _put_off(
        self, task: Task, room: ModelRoom, at: datetime, trouble: str | None = None, *, is_attempt: bool = False
    ) -> None:
        with self._database.write():
            put_off(self._database.conn, task, room.language, at, trouble, is_attempt=is_attempt)
            if trouble:  # no page shows it, so the story is none that changed
                note_trouble(self._database.conn, task.story_id, room.language, trouble)

    def _end(self, task: Task, room: ModelRoom) -> None:
        with self._database.write():
            end_task(self._database.conn, task.story_id, room.language)
