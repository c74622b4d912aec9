"""The outbox of a command that ends: what is due is sent once; and a message that somebody tries a target with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aggregator.engine.outbox.outbox import LAST_WORDS, ChannelOf, Outbox, new_message_id, usual_channel
from aggregator.engine.outbox.sending import words_of
from aggregator.model.outbox import Delivery, Item, Kind, Message, Notify
from aggregator.model.settings import Config
from aggregator.storage.database import Database
from aggregator.storage.times import to_text

# For all targets together; what is left is sent the next time.
PATIENCE = timedelta(minutes=1)


async def tell_once(
    database: Database,
    config: Config,
    stop: asyncio.Event,
    *,
    channel_of: ChannelOf = usual_channel,
    last_words: timedelta = LAST_WORDS,
) -> int:
    """Note what came for each target, and send what is due; how many messages were taken. `last_words`: how
    long answers are waited for after a stop; what is cut off is sent again the next time.

    Raises:
        StorageError: the database can't be written.
    """
    outbox = Outbox(database, stop, channel_of=channel_of)
    outbox.use(config)
    await outbox.go_on()
    finishing, stopping = asyncio.create_task(outbox.finish(PATIENCE)), asyncio.create_task(stop.wait())
    await asyncio.wait({finishing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if finishing.done():
        finishing.result()
    else:
        finishing.cancel()
        await outbox.ended(last_words)
    return outbox.sent


async def try_target(
    notify: Notify, config: Config, now: datetime, *, channel_of: ChannelOf = usual_channel
) -> Delivery:
    """Send a target a message that is marked as a test. Touches no database."""
    item = Item(kind=_KINDS[notify.on[0]], row=_row(notify, now), link=config.publish.address)
    message = Message(
        id=new_message_id(), target=notify.name, at=now, items=(item,), language=config.publish.language, is_test=True,
        words=words_of(config.publish),
    )  # fmt: skip
    return await channel_of(notify.target, config.network).send(message, now)


_KINDS: Mapping[str, Kind] = {"story": "story", "grown": "grown", "post": "post", "source": "died"}


def _row(notify: Notify, now: datetime) -> Mapping[str, Any]:
    """A row with the keys of the view that such items have."""
    at, title = to_text(now), "A test of aggregator"
    seconds = int(now.timestamp())
    if notify.on == ("source",):
        keys = (
            "id",
            "kind",
            "source",
            "url",
            "shown_url",
            "status",
            "last_error",
            "warning",
            "failures",
            "last_poll_at",
        )
        more = ("last_success_at", "next_poll_at", "newest_post_at", "post_count", "folder")
        known: dict[str, Any] = {"id": 0, "kind": "feed", "source": title, "status": "failing", "failures": 1}
        return {**dict.fromkeys((*keys, *more)), **known, "last_poll_at": at, "last_error": "a test", "post_count": 0}
    topics = json.dumps([*notify.wanted.topics])
    shared = {"id": 0, "title": title, "language": None, "topics_json": topics}
    if notify.on == ("post",):
        empty = ("url", "topics", "story_id", "author", "article_url", "content_warning", "indexable", "folder")
        return {
            **dict.fromkeys(empty), **shared, "published_at": at, "source": "aggregator", "source_count": 1,
            "kind": "article", "sensitive": 0, "published_ts": seconds,
        }  # fmt: skip
    return {
        **shared, "slug": "test-0", "last_at": at, "post_count": 1, "source_count": 1, "topics": None, "score": 0.0,
        "first_at": at, "pinned_at": None, "last_ts": seconds, "publishers": None, "amounts": None,
    }  # fmt: skip
