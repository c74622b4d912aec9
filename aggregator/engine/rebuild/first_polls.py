"""What first polls brought gets its stories, when they have ended: in the order of time, over all sources together.

Posts that wait are stored, and have no story. They are decided with the code that decides live, on the same index of
open stories, a few in each transaction; nobody is told of them before. Killed at any moment, what has no story yet
waits still, and the next poll begins with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from math import inf

import structlog

from aggregator.dedupe.candidates import as_known
from aggregator.engine.clock import Clock
from aggregator.engine.open_stories import OpenStories
from aggregator.engine.rebuild.stored import enriched_of, story_post_of
from aggregator.model.changes import Grouped, Membership, StoryHead
from aggregator.model.embedding import Encoder
from aggregator.model.errors import ShelfError, StorageError
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours
from aggregator.pipeline.decide import Settings
from aggregator.pipeline.decide_stories import Waiting, decide_stories
from aggregator.pipeline.placing import Older
from aggregator.storage.arrival import has_posts_before, has_waiting, load_arrival, load_open_poll, load_waiting
from aggregator.storage.database import Database
from aggregator.storage.embeddings import load_vectors
from aggregator.storage.first_polls.ends import end_first_poll
from aggregator.storage.first_polls.grouped import load_sharing_link, save_grouped
from aggregator.storage.ids import next_id
from aggregator.storage.keeping.space import give_back, merge_search
from aggregator.storage.neighbours import load_known_posts
from aggregator.storage.sources import is_never_asked
from aggregator.storage.stored_posts import SavedPost, load_posts
from aggregator.storage.words.older_stories import OlderStories, load_begun_since
from aggregator.stories.earlier.recent import MOST_HELD, RecentStories
from aggregator.stories.overlay import Overlay

# Written together at once, of the search: 4 MB, some 50 ms.
_MERGED_PAGES = 1000

# Groups what waits in another process, until told to stop, as far as it comes; is it patient? False where it broke.
Beside = Callable[[asyncio.Event, bool], Awaitable[bool]]

# A poll of another process, or an editor's command, waits for one step at most; so does a stop.
_STEP_SECONDS = 0.2
_FIRST_POSTS, _LEAST_POSTS, _MOST_POSTS = 100, 20, 400
# Between two steps, so that those who wait for the database get their turn.
_PAUSE_SECONDS = 0.05

# Then the due sources are polled, and it goes on: with a hundred thousand posts, or on a slow machine, it takes an
# hour, and a daemon whose polls don't end for so long counts as stuck (`aggregator.storage.file.lock`).
_TURN_SECONDS = 300.0

# While sources that were never asked have to wait (limits of their domains), what came already waits for them so long.
_PATIENCE = timedelta(minutes=10)

# After so many bugs all that is left becomes stories of one post: each costs a look at all open stories.
_MOST_BUGS = 10

# Above so many it is worth a line in the log.
_MANY = 1000


class FirstPolls:
    """Gives stories to what waits. `stories`: the index of the open ones. `encoder`: whose vectors count.

    `rest` is called before many are grouped, which takes its time; `beside` groups many in another process. `timer`
    measures steps, in seconds.
    """

    def __init__(
        self,
        database: Database,
        stories: OpenStories,
        settings: Settings,
        clock: Clock,
        encoder: Encoder | None,
        rest: Callable[[], None] = lambda: None,
        beside: Beside | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._beside = beside
        self._database, self._stories, self._settings = database, stories, settings
        self._clock, self._encoder, self._rest, self._timer = clock, encoder, rest, timer
        self._model = (encoder.model, encoder.version) if encoder else None
        self._recent, self._first, self._bugs = RecentStories(), 0, 0
        self._log = structlog.get_logger("poll")

    async def end(self, stop: asyncio.Event, *, is_patient: bool = True, others_come: bool = False) -> None:
        """The poll has ended: group what waits; where `others_come` soon not before all that are due were polled once.

        When `stop` is set meanwhile, or after some minutes where it is not `is_patient`, the rest waits for the next
        poll.

        Raises:
            StorageError: the database can't be written; what is grouped stays.
        """
        conn, now = self._database.conn, self._clock()
        begun = load_open_poll(conn)
        if begun:
            is_early = begun.started_at <= now < begun.started_at + _PATIENCE
            if stop.is_set() or (others_come and is_early and is_never_asked(conn, now)):
                return
            with self._database.write():
                end_first_poll(conn, now)
        await self.go_on(stop, is_patient=is_patient)

    async def go_on(self, stop: asyncio.Event, *, is_patient: bool = True) -> None:
        """Group what waits of first polls that have ended.

        Raises:
            As `end`.
        """
        conn = self._database.conn
        if load_open_poll(conn) or not has_waiting(conn):
            return
        self._bugs = 0
        waiting = load_waiting(conn, self._clock())
        if self._beside and len(waiting) >= _MANY:
            self._rest()
            self._stories.drop()
            if await self._beside(stop, is_patient) or stop.is_set():
                return  # what waits still does so until the next poll
            waiting = load_waiting(conn, self._clock())
            if not waiting:
                return
        if not await self._stories.prepare(stop):
            return
        if not self._begin(min(waiting)):  # else half of it has its stories: that would depend on how far it is
            self._stories.reconsider_safely()
        if len(waiting) >= _MANY:
            self._rest()
            self._log.info("grouping what first polls brought", posts=len(waiting))
        done, posts = 0, _FIRST_POSTS
        until = inf if is_patient else self._timer() + _TURN_SECONDS
        while done < len(waiting) and not stop.is_set() and self._timer() < until:
            started = self._timer()
            self._step_safely(waiting[done : done + posts])
            took = self._timer() - started
            await self._stories.prepare(stop)
            done, posts = done + posts, _next_size(posts, took)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(took, _PAUSE_SECONDS))
        self._recent = RecentStories()  # of no use until the next first poll, which begins with what is stored
        if len(waiting) >= _MANY and done >= len(waiting):
            self._pack_search()
            self._log.info("grouped", posts=len(waiting))

    def _pack_search(self) -> None:
        """Write the search's parts together, each of which has the words anew: a twelfth of it, 77 bytes a post, for
        15 µs. Where nothing came before, so that it takes as long as what came; later housekeeping sees to it."""
        if has_posts_before(self._database.conn, self._first):
            return
        is_more, begins = True, True
        while is_more:
            with self._database.write():
                is_more, begins = merge_search(self._database.conn, _MERGED_PAGES, begins=begins), False
        while give_back(self._database.conn, _MERGED_PAGES):
            pass

    def _step_safely(self, ids: Sequence[int]) -> None:
        """The next posts. One that meets a bug becomes a story of its own, so that none waits for ever."""
        try:
            if self._bugs < _MOST_BUGS:
                self._step_once_more(ids)
                return
        except StorageError:
            raise
        except Exception:
            self._bugs += 1
            self._stories.drop()
            self._begin(min(ids))
            self._log.exception("bug", posts=list(ids[:1]) if len(ids) == 1 else len(ids))
            if len(ids) > 1:
                for each in ids:
                    self._step_safely([each])
                return
        with self._database.write():
            for saved in self._load(ids):
                grouped = _alone(saved, next_id(self._database.conn, "stories"))
                save_grouped(self._database.conn, grouped, self._clock())

    def _step_once_more(self, ids: Sequence[int]) -> None:
        """As `_step`; done once more where what the open stories had laid aside was lost, as `begun_again` does it."""
        try:
            self._step(ids)
        except ShelfError:
            self._begin(min(ids))  # of what was not committed some is in it
            self._step(ids)

    def _step(self, ids: Sequence[int]) -> None:
        now = self._clock()
        with self._database.write():
            index = self._stories.at(now, is_needed=True)
            saved = self._load(ids)
            overlay = Overlay(index)
            vectors = load_vectors(self._database.conn, self._encoder, ids) if self._encoder else {}
            waiting = [
                Waiting(enriched_of(each), story_post_of(each, vectors.get(each.id)), each.copy_of) for each in saved
            ]
            neighbours = self._neighbours(saved, waiting)
            grouped = decide_stories(waiting, neighbours, overlay, self._older(), self._recent, self._settings)
            save_grouped(self._database.conn, grouped, now)
        self._stories.accept(index, overlay)

    def _begin(self, post_id: int) -> bool:
        """Go on with the first poll that brought a post: with the stories that began in it so far; did any?"""
        conn = self._database.conn
        self._first = load_arrival(conn).first_of(post_id)
        self._recent = RecentStories()
        begun = load_begun_since(conn, self._first, MOST_HELD, self._model)
        for story in begun:
            self._recent.add(story)
        return bool(begun)

    def _older(self) -> Older:
        """Looks up the stories that were there before this first poll."""
        conn = self._database.conn
        if not has_posts_before(conn, self._first):
            return lambda keys: ()  # an empty index is asked a dozen times a post
        return OlderStories(conn, self._model, before=self._first).near

    def _load(self, ids: Sequence[int]) -> list[SavedPost]:
        """Those of these posts that wait still, seen when they count as come."""
        conn = self._database.conn
        arrival = load_arrival(conn)
        saved = [each for each in load_posts(conn, ids) if each.story_id is None]
        come = [(each, arrival.at(each.id, each.seen_at)) for each in saved]
        return [each if at == each.seen_at else replace(each, seen_at=at) for each, at in come]

    def _neighbours(self, saved: Sequence[SavedPost], waiting: Sequence[Waiting]) -> Neighbours:
        """The posts, and those in stories that they copy or share a link with."""
        conn = self._database.conn
        pages = {each.article_key for each in saved if each.article_key}
        own = {each.post.canonical_url for each in saved if each.post.canonical_url}
        others = load_sharing_link(conn, pages, own) | {each.copy_of.post_id for each in saved if each.copy_of}
        both = zip(saved, waiting, strict=True)
        posts = {**load_known_posts(conn, others), **{each.id: _known(each, found.enriched) for each, found in both}}
        return Neighbours(next_story_id=next_id(conn, "stories"), posts=posts)


def _known(saved: SavedPost, enriched: EnrichedPost) -> KnownPost:
    at = saved.post.published_at or saved.seen_at
    return as_known(saved.id, enriched, saved.source_ids, at=at, copy_of=saved.copy_of, story_id=None)


def _alone(saved: SavedPost, story_id: int) -> Grouped:
    at = saved.post.published_at or saved.seen_at
    head = StoryHead(
        id=story_id, title=saved.headline, lead_post_id=saved.id, language=saved.language, at=at, is_new=True
    )
    membership = Membership(story_id, "first report", 1.0)
    return Grouped(memberships=((saved.id, membership),), words={}, copies=(), stories=(head,), links=())


def _next_size(posts: int, took: float) -> int:
    if took > _STEP_SECONDS:
        return max(_LEAST_POSTS, posts // 2)
    return min(_MOST_POSTS, posts * 2) if took < _STEP_SECONDS / 3 else posts
