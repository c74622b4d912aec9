"""What was collected → decided → saved: the second half of a poll, in short transactions.

Each source is loaded for, decided and saved by itself, several of them in one transaction; a large one in slices. So
nothing depends on which sources were ready together, and the loop is never blocked for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby

import structlog

from aggregator.engine.batches import added, slices
from aggregator.engine.embed import with_meanings
from aggregator.engine.politeness import Politeness
from aggregator.engine.story_index import MEMORY_WINDOWS, leave_out, load_story_index
from aggregator.model.changes import PolledSource
from aggregator.model.embedding import Encoder
from aggregator.model.errors import DatabaseLockedError, StorageError
from aggregator.model.poll import Collected, Outcome
from aggregator.model.settings import Config
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.decide import Settings, decide
from aggregator.pipeline.filters import Filters
from aggregator.storage.corrections import load_fixed_stories
from aggregator.storage.database import Store
from aggregator.storage.neighbours import load_neighbours
from aggregator.storage.save import save_changes
from aggregator.storage.sources import forgive, load_memories, put_off
from aggregator.storage.stories import save_merges
from aggregator.stories.index import StoryIndex
from aggregator.stories.merging import pending, second_thoughts
from aggregator.stories.overlay import Draft

# A transaction blocks the loop; this many posts take a few hundred milliseconds.
BATCH_POSTS = 300

# How soon a database is tried again that another program holds.
_RETRY_SECONDS = 1.0


class Saver:
    """Decides and saves what was collected. Holds the memory of the open stories between polls."""

    def __init__(
        self,
        store: Store,
        config: Config,
        sources: Sequence[Source],
        politeness: Politeness,
        clock: Callable[[], datetime],
        dice: Callable[[], float],
        batch_posts: int,
        encoder: Encoder | None = None,
    ) -> None:
        self._store, self._config, self._sources = store, config, sources
        self._politeness, self._clock, self._dice, self._batch_posts = politeness, clock, dice, batch_posts
        kinds = {rule.topic: rule.kind for rule in config.rules}
        self._settings = Settings(
            config.polling.max_backoff,
            kinds,
            filters=Filters(config.filters),
            empties_gone=config.mastodon.honour_deletions,
        )
        self._encoder = encoder
        self._index: StoryIndex | None = None
        self._reconsidered = -1  # the serial of the last post at the last second thoughts
        self._failed_at: datetime | None = None  # the hour of the last bug in second thoughts, and of one in the model
        self._mute_at: datetime | None = None
        self._log = structlog.get_logger("poll")

    @property
    def index(self) -> StoryIndex | None:
        """The memory of the open stories; None before it was needed."""
        return self._index

    async def save(self, batch: Sequence[Collected], stop: asyncio.Event) -> list[PolledSource]:
        """Save a batch; how each source's poll ended. While another program holds the database, waits for it.

        When `stop` is set meanwhile, what is not saved is left out: it is asked for again.

        Raises:
            StorageError: the database can't be written.
        """
        saved: list[PolledSource] = []
        for has_gone, together in groupby(batch, key=lambda collected: bool(collected.gone)):
            part = list(together)
            if has_gone:
                for collected in part:
                    saved += await self._save_in_slices(collected, stop)
            elif len(part) == 1 and len(part[0].posts) > self._batch_posts:
                saved += await self._save_in_slices(part[0], stop)
            else:
                saved += await self._patiently(partial(self._save, part), stop) or []
        return saved

    async def _save_in_slices(self, collected: Collected, stop: asyncio.Event) -> list[PolledSource]:
        """Save many posts in several transactions; the validators and the cursor with the last."""
        so_far: PolledSource | None = None
        portions = slices(collected, self._batch_posts, self._clock())
        for number, each in enumerate(portions, 1):
            save = partial(self._save, [each], so_far, is_last=number == len(portions))
            saved = await self._patiently(save, stop)
            if not saved or (stop.is_set() and number < len(portions)):
                return []
            [so_far] = saved
            if so_far.collected.outcome is not collected.outcome:  # a bug; it is noted
                break
            await asyncio.sleep(0)
        return [so_far] if so_far else []

    async def _patiently(
        self, save: Callable[[], list[PolledSource]], stop: asyncio.Event
    ) -> list[PolledSource] | None:
        """Save; again and again while another program holds the database. None if stopped before it could be."""
        is_told = False
        while True:
            try:
                return save()
            except DatabaseLockedError as error:
                if not is_told:
                    self._log.warning("waiting for the database", error=str(error))
                    is_told = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RETRY_SECONDS)
            if stop.is_set():
                return None

    def _save(
        self, batch: Sequence[Collected], so_far: PolledSource | None = None, *, is_last: bool = True
    ) -> list[PolledSource]:
        """Decide and save a batch; where that meets a bug, each source by itself, so that one stops no other."""
        if not batch:
            return []
        if any(collected.posts for collected in batch):
            self._reconsider_safely()
        try:
            return self._decide_and_save(batch, so_far, is_last=is_last)
        except StorageError:
            raise
        except Exception as error:
            self._index = None
            if len(batch) > 1:
                return [polled for collected in batch for polled in self._save([collected])]
            [collected] = batch
            self._log.exception("bug", source=collected.source.url)
            # The old validators and cursor: the posts are asked for again.
            memory = load_memories(self._store.conn, [collected.source.id])[collected.source.id]
            return self._decide_and_save([failed(collected.source, memory, collected.started_at, error)])

    def _decide_and_save(
        self, batch: Sequence[Collected], so_far: PolledSource | None = None, *, is_last: bool = True
    ) -> list[PolledSource]:
        now = self._clock()
        if self._encoder:  # outside of the transaction, which others may be waiting for
            batch = [self._with_meanings(collected, self._encoder) for collected in batch]
        batch, forgiven = self._excused(batch, now)
        with self._store.write():
            forgive(self._store.conn, forgiven)
            for collected in batch:
                if until := self._politeness.hold(collected, now):
                    put_off(self._store.conn, self._politeness.share_domain(collected.source, self._sources), until)
            # Inside the transaction, so that no other process writes between looking and deciding.
            index = self._story_index(now, is_needed=any(collected.posts for collected in batch))
            draft = Draft(index)
            gone: list[int] = []
            polled = [self._decide_one(collected, draft, now, so_far, is_last, gone) for collected in batch]
        index.accept(draft)
        if gone and self._index:
            leave_out(self._store, self._index, gone, self._encoder)
        if is_last:
            for each in polled:
                self._log_poll(each)
        return polled

    def _with_meanings(self, collected: Collected, encoder: Encoder) -> Collected:
        """A model that fails costs no post: they go by words, and it is tried again in the next hour."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        if hour == self._mute_at:
            return collected
        try:
            return with_meanings(collected, self._store, encoder, self._settings.filters)
        except Exception:
            self._mute_at = hour
            self._log.exception("the embedding model failed", model=encoder.model)
            return collected

    def _decide_one(
        self,
        collected: Collected,
        draft: Draft,
        now: datetime,
        so_far: PolledSource | None,
        is_last: bool,
        gone: list[int],
    ) -> PolledSource:
        """Source by source: what is decided must not depend on which sources happened to share a transaction.

        The posts that turn out to be gone are added to `gone`.
        """
        neighbours = load_neighbours(self._store.conn, [collected])
        changes = decide([collected], neighbours, draft, self._settings, now, self._dice)
        [polled] = changes.polled
        if so_far:
            polled = added(so_far, polled)
        save_changes(self._store.conn, replace(changes, polled=(polled,) if is_last else ()))
        gone += changes.gone
        return polled

    def _excused(self, batch: Sequence[Collected], now: datetime) -> tuple[list[Collected], list[int]]:
        """The batch, trouble that is ours and not the sources' marked so; and those blamed for it in earlier ones."""
        was_outage, blamed = self._politeness.is_outage, set[int]()
        for collected in batch:
            blamed.update(self._politeness.note(collected, now))
        is_outage = self._politeness.is_outage
        if is_outage and not was_outage:
            self._log.error("no server can be reached: our own network seems to be down; one is tried now and then")
        elif was_outage and not is_outage:
            self._log.warning("servers can be reached again")
        marked = [replace(collected, excused=is_outage and collected.unreached) for collected in batch]
        return marked, sorted(blamed - {collected.source.id for collected in batch})

    def reconsider(self) -> int:
        """Merge stories that turned out to be one, if the hour for it has come (`aggregator.stories.merging`).

        How many.
        """
        now = self._clock()
        with self._store.write():
            # As at the full hour, however late it is: by what was in the window then.
            hour = self._index.arrivals.full_hour() if self._index else None
            index = self._story_index(min(now, hour or now), is_needed=True)
            since = pending(index.arrivals, now)
            if since is None or self._reconsidered == index.serial:
                return 0
            draft = Draft(index)
            merges = second_thoughts(draft, since, load_fixed_stories(self._store.conn))
            save_merges(self._store.conn, ((m.story_id, m.into, m.because, m.similarity) for m in merges), now)
        index.accept(draft)
        self._reconsidered = index.serial
        if merges:
            self._log.info("second thoughts", merged=len(merges))
        return len(merges)

    def _reconsider_safely(self) -> None:
        """Second thoughts can wait: a bug in them is noted once an hour, and what was collected is saved."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        if hour == self._failed_at:
            return
        try:
            self.reconsider()
        except StorageError:
            raise
        except Exception:
            self._index, self._failed_at = None, hour
            self._log.exception("bug in second thoughts")

    def _story_index(self, now: datetime, *, is_needed: bool) -> StoryIndex:
        """The memory of the open stories; loaded when posts first need it, and when another process wrote.

        Not for polls that bring nothing: that is most of them, and loading costs more than a few hundred requests.
        """
        if not is_needed:
            return StoryIndex(self._config.stories.window, self._config.stories.threshold)
        if self._index is None or self._store.was_changed_by_others():
            self._index = load_story_index(self._store, self._config.stories, now, self._encoder)
            self._reconsidered = -1
        self._index.forget(now - MEMORY_WINDOWS * self._config.stories.window)
        return self._index

    def _log_poll(self, polled: PolledSource) -> None:
        collected = polled.collected
        level = "info" if collected.outcome in (Outcome.OK, Outcome.NOT_MODIFIED) else "warning"
        getattr(self._log, level)(
            "poll",
            source=collected.source.url,
            outcome=str(collected.outcome),
            **({"detail": collected.detail} if collected.detail else {}),
            status=collected.http_status,
            entries=len(collected.posts),
            new=polled.new,
            edited=polled.edited,
            copies=polled.copies,
            **({"filtered": polled.filtered} if polled.filtered else {}),
            **({"gone": polled.gone} if polled.gone else {}),
            seconds=round(collected.elapsed.total_seconds(), 3),
            bytes=collected.bytes_read,
            next=polled.next_poll_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"warnings": list(collected.warnings)} if collected.warnings else {}),
        )


def failed(source: Source, memory: SourceMemory, now: datetime, error: Exception) -> Collected:
    """The result of a poll that met a bug."""
    detail = f"internal error, please report it: {type(error).__name__}: {error}"
    return Collected(source=source, outcome=Outcome.FAILED, memory=replace(memory), started_at=now, detail=detail)
