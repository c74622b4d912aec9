"""Posts get their vectors: new ones just before they are decided, stored ones when stories are worked out again.

An edited post keeps that of when it came until then, as it keeps its words (`post_words`): what is decided after a
restart must be what was decided before it.

Not in the processes that read documents: most of what a poll brings is known, and to encode it costs more than all the
rest; there the model would be in memory once for each process, too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

import structlog

from aggregator.engine.clock import Clock, hour_of
from aggregator.engine.extras.model import is_importable
from aggregator.model.embedding import DIMENSIONS, Around, Embedding, Encoder
from aggregator.model.errors import StorageError
from aggregator.model.poll import Collected
from aggregator.model.post import EnrichedPost
from aggregator.model.settings import Config
from aggregator.pipeline.filters import Filters
from aggregator.storage.database import Database
from aggregator.storage.embeddings import (
    drop_outdated,
    is_current,
    load_digests,
    load_unknown,
    load_without_vector,
    save_embeddings,
)
from aggregator.storage.file.weights import plain_weights
from aggregator.stories.encoder import encoder_for
from aggregator.text.headline import told
from aggregator.text.tokens import without_links

# Encoded together, and written in one transaction: a quarter of a second of encoding, milliseconds of writing.
_PORTION = 300

# In characters. A longer title says it all by itself: more text costs three times as much and hardly tells more
# (benchmarks/README.md).
_TELLING_TITLE = 50
_MOST_CHARACTERS = 120
_MOST_TITLE = 300


class SharedEncoder(Around):
    """A model that several threads ask: one at a time, for it loads itself when the first text comes, and limits the
    threads of the process' arithmetic while it works, which two at once would leave limited. Whoever has many texts
    and time asks in portions, so that the saver never waits for long.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self._lock = Lock()

    @property
    def is_loaded(self) -> bool:
        """Is it in memory?"""
        return bool(getattr(self._encoder, "is_loaded", False))

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `Encoder`. Waits while another thread encodes."""
        with self._lock:
            return self._encoder.encode(texts)

    def rest(self) -> None:
        """See `Encoder`."""
        if self._lock.acquire(blocking=False):
            try:
                self._encoder.rest()
            finally:
                self._lock.release()


def model_for(config: Config, works: Callable[[], bool] | None = None) -> Encoder | None:
    """The model, if one is wanted and installed: its weights mapped from a file beside the database. `works`: do its
    packages work here?"""
    folder = config.storage.path.parent
    works = works or partial(is_importable, folder)
    return encoder_for(config.stories.semantic, plain_weights(folder), time.monotonic, works)


def shared_encoder(config: Config) -> SharedEncoder | None:
    """The model of a daemon, if one is wanted and installed, and works here."""
    found = model_for(config)
    return SharedEncoder(found) if found and found.is_usable else None


class SafeEncoder:
    """Gives new posts their embeddings, beside the loop. A model that fails costs no post: they go by words, and it is
    tried again in the next hour.

    What is older than `window`, that of stories, when it comes goes by words alone: no post that comes now is compared
    with it by meaning, and it is nearly all that a first poll brings.
    """

    def __init__(self, database: Database, encoder: Encoder, filters: Filters, clock: Clock, window: timedelta) -> None:
        self._database, self._encoder, self._filters = database, encoder, filters
        self._clock, self._window = clock, window
        self._new = self._made = 0
        self._mute_at: datetime | None = None
        self._log = structlog.get_logger("poll")

    async def __call__(self, batch: Sequence[Collected]) -> list[Collected]:
        """The same, its new posts with their embeddings, if the model gives them. Source by source: what is encoded
        together must not depend on which of them share a transaction."""
        found = [await self._encoded(collected) if collected.posts else collected for collected in batch]
        self._encoder.rest()
        return found

    def tell(self) -> None:
        """A poll has ended: how many of its new posts were encoded goes to the log, where it brought some."""
        if self._new:
            self._log.info("encoded", new=self._new, encoded=self._made)
        self._new = self._made = 0

    async def _encoded(self, collected: Collected) -> Collected:
        now = self._clock()
        if collected.encoded is not None:
            if self._is_encoded(collected, now):
                return collected
            # By others than they would be here: a model's last digits depend on what is encoded together.
            collected = replace(collected, posts=tuple(replace(each, embedding=None) for each in collected.posts))
        if hour_of(now) == self._mute_at or not self._encoder.is_usable:
            return collected
        try:
            with self._database.guarded():
                unknown = self._unknown(collected, now)
            texts = [told(each.post.title, each.post.text, each.post.attached) for each in unknown]
            # A thread of its own: the arithmetic leaves the loop free.
            made = await asyncio.to_thread(embeddings, texts, self._encoder) if texts else []
        except StorageError:
            raise
        except Exception:
            self._mute_at = hour_of(now)
            self._log.exception("the embedding model failed", model=self._encoder.model)
            return collected
        self._made += sum(each is not None for each in made)
        by_id = {id(each): replace(each, embedding=embedding) for each, embedding in zip(unknown, made, strict=True)}
        return replace(collected, posts=tuple(by_id.get(id(each), each) for each in collected.posts))

    def _is_encoded(self, collected: Collected, now: datetime) -> bool:
        """Did another machine encode the very posts that would be encoded here, and by the same model?"""
        with self._database.guarded():
            new, unknown = self._new, self._unknown(collected, now)
        vectors = [each.embedding for each in unknown if each.embedding]
        is_same = collected.encoded == tuple(each.post.native_id for each in unknown) and all(
            (vector.model, vector.version) == (self._encoder.model, self._encoder.version) for vector in vectors
        )
        if is_same:
            self._made += len(vectors)
        else:
            self._new = new  # counted again
        return is_same

    def _unknown(self, collected: Collected, now: datetime) -> list[EnrichedPost]:
        """The new posts that are to be encoded. Reads the database."""
        unknown = [
            each
            for each in load_unknown(self._database.conn, collected)
            # What a filter keeps out is not stored, so it is as unknown at the next poll; to ask costs a fiftieth of
            # encoding.
            if not self._filters.why_out(each, collected.source, collected.title)
        ]
        self._new += len(unknown)
        return [each for each in unknown if is_current(each.post, now, self._window)]


def fill_in(database: Database, encoder: Encoder, window: timedelta) -> int:
    """Give a vector of this model to each stored post that has none, or was edited since, as if all came now as they
    once did: those that were older than `window`, that of stories, have none. How many got one.

    A daemon may write meanwhile.
    """
    with database.write():
        drop_outdated(database.conn, window)
    after = filled = 0
    while rows := load_without_vector(database.conn, encoder, window, after, _PORTION):
        found = embeddings([told(title, text, attached) for _, title, text, _, attached in rows], encoder)
        with database.write():
            digests = load_digests(database.conn, [row[0] for row in rows])
            made = {
                post_id: embedding
                for (post_id, _, _, digest, _), embedding in zip(rows, found, strict=True)
                if embedding and digests.get(post_id) == digest  # else it was edited meanwhile
            }
            save_embeddings(database.conn, made)
        after, filled = rows[-1][0], filled + len(made)
    return filled


def said(title: str, text: str) -> str:
    """What is encoded of a post: its title, and of a short one or none the first words too. Empty for an empty post."""
    title = " ".join(title.split())
    if len(title) >= _TELLING_TITLE:
        return title[:_MOST_TITLE]
    lead = " ".join(without_links(text[: 4 * _MOST_CHARACTERS]).split()).removeprefix(title)
    whole = f"{title}. {lead.lstrip(' .:–—-')}" if title and lead else title or lead
    return whole if len(whole) <= _MOST_CHARACTERS else whole[:_MOST_CHARACTERS].rsplit(" ", 1)[0]


def embeddings(posts: Sequence[tuple[str, str]], encoder: Encoder) -> list[Embedding | None]:
    """The embeddings of posts, given by title and text; None where there is nothing to encode.

    Raises:
        ValueError: the model gave too few vectors, too many, or one of another length.
    """
    texts = [said(title, text) for title, text in posts]
    spoken = [text for text in texts if text]
    vectors = encoder.encode(spoken)
    # One of another length, once stored, could be added to no other: the stories could not be loaded any more.
    if len(vectors) != len(spoken) or any(len(vector) != DIMENSIONS for vector in vectors):
        raise ValueError(f"{encoder.model} gave no vector of {DIMENSIONS} bytes for each of {len(spoken)} texts")
    made = iter(vectors)
    return [Embedding(encoder.model, encoder.version, next(made)) if text else None for text in texts]
