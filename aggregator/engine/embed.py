"""Posts get their vectors: new ones just before they are decided, stored ones when stories are worked out again.

An edited post keeps that of when it came until then, as it keeps its words (`post_words`): what is decided after a
restart must be what was decided before it.

Not in the processes that read documents: most of what a poll brings is known, and to encode it costs more than all the
rest; there the model would be in memory once for each process, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

import structlog

from aggregator.engine.clock import Clock, hour_of
from aggregator.model.embedding import DIMENSIONS, Embedding, Encoder
from aggregator.model.errors import StorageError
from aggregator.model.poll import Collected
from aggregator.pipeline.filters import Filters
from aggregator.storage.database import Database
from aggregator.storage.embeddings import load_digests, load_unknown, load_without_vector, save_embeddings
from aggregator.text.headline import told
from aggregator.text.tokens import without_links

# Encoded together, and written in one transaction: a quarter of a second of encoding, milliseconds of writing.
_PORTION = 300

# In characters. A longer title says it all by itself: more text costs three times as much and hardly tells more
# (benchmarks/README.md).
_TELLING_TITLE = 50
_MOST_CHARACTERS = 120
_MOST_TITLE = 300


def with_embeddings(collected: Collected, database: Database, encoder: Encoder, filters: Filters) -> Collected:
    """The same, its new posts with their embeddings. Reads the database."""
    if not collected.posts:
        return collected
    # What a filter keeps out is not stored, so it is as unknown at the next poll; to ask costs a fiftieth of encoding.
    unknown = [
        each
        for each in load_unknown(database.conn, collected)
        if not filters.why_out(each, collected.source, collected.title)
    ]
    found = embeddings([told(each.post.title, each.post.text, each.post.attached) for each in unknown], encoder)
    by_id = {id(each): replace(each, embedding=embedding) for each, embedding in zip(unknown, found, strict=True)}
    return replace(collected, posts=tuple(by_id.get(id(each), each) for each in collected.posts))


class SharedEncoder:
    """A model that several threads ask: one at a time, for it loads itself when the first text comes, and limits the
    threads of the process' arithmetic while it works, which two at once would leave limited. Whoever has many texts
    and time asks in portions, so that the saver never waits for long.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._lock = encoder, Lock()

    @property
    def model(self) -> str:
        """See `Encoder`."""
        return self._encoder.model

    @property
    def version(self) -> str:
        """See `Encoder`."""
        return self._encoder.version

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """See `Encoder`. Waits while another thread encodes."""
        with self._lock:
            return self._encoder.encode(texts)


class SafeEncoder:
    """Gives new posts their embeddings. A model that fails costs no post: they go by words, and it is tried again in
    the next hour."""

    def __init__(self, database: Database, encoder: Encoder, filters: Filters, clock: Clock) -> None:
        self._database, self._encoder, self._filters, self._clock = database, encoder, filters, clock
        self._mute_at: datetime | None = None
        self._log = structlog.get_logger("poll")

    def __call__(self, collected: Collected) -> Collected:
        """The same, its new posts with their embeddings, if the model gives them."""
        hour = hour_of(self._clock())
        if hour == self._mute_at:
            return collected
        try:
            with self._database.guarded():
                return with_embeddings(collected, self._database, self._encoder, self._filters)
        except StorageError:
            raise
        except Exception:
            self._mute_at = hour
            self._log.exception("the embedding model failed", model=self._encoder.model)
            return collected


def fill_in(database: Database, encoder: Encoder) -> int:
    """Give a vector of this model to each stored post that has none, or was edited since; how many.

    A daemon may write meanwhile.
    """
    after = filled = 0
    while rows := load_without_vector(database.conn, encoder, after, _PORTION):
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
