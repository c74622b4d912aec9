"""Where a feed is asked: permanent redirects are believed after they have held for a while, and looked after.

A redirect is easily wrong: a publisher's maintenance page, a hotel's network, a mistake of an hour. So the new address
is asked only once the old one has led there for some polls and days; never where the redirect was temporary. It is
forgotten when it leads nowhere, and every few days the old address is asked whether it still redirects: the same poll
that asks without conditions, for servers that answer "not modified" for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model.source import Source, SourceMemory
from aggregator.sources.http.reply import Reply
from aggregator.text.secrets.open_addresses import is_open_address

# Both must be reached before a permanent redirect is believed.
MOVED_POLLS = 5
MOVED_FOR = timedelta(days=2)

# A poll without conditions after three to five days: not all sources of one start on one day.
FULL_AFTER = timedelta(days=3)
_FULL_SPREAD = timedelta(days=2)


def address_now(source: Source, memory: SourceMemory, now: datetime) -> str:
    """The address to ask, as it is known: the one of the configuration, or the one it moved to."""
    is_believed = (
        memory.moved_to is not None
        and memory.moved_at is not None
        and memory.moved_polls >= MOVED_POLLS
        and now - memory.moved_at >= MOVED_FOR
    )
    return memory.moved_to if is_believed and memory.moved_to and not is_full_due(source, memory, now) else source.url


def is_full_due(source: Source, memory: SourceMemory, now: datetime) -> bool:
    """Is it time to ask without conditions, and at the address of the configuration?"""
    if memory.full_at is None:
        return False
    share = hashlib.blake2b(source.url.encode(), digest_size=2).digest()
    return now - memory.full_at >= FULL_AFTER + _FULL_SPREAD * (int.from_bytes(share) / 65_536)


def after_answer(memory: SourceMemory, source: Source, asked: str, reply: Reply, now: datetime) -> SourceMemory:
    """The memory after a good answer from `asked`: what it tells of a move."""
    if asked != source.url:
        # Moved again: found out, and believed or not, when the old address is asked the next time.
        return memory
    if not reply.moved_permanently or not is_open_address(reply.url):  # another's key would be stored
        return _forgotten(memory)
    if reply.url == memory.moved_to:
        return replace(memory, moved_polls=memory.moved_polls + 1)
    return replace(memory, moved_to=reply.url, moved_polls=1, moved_at=now)


def after_trouble(memory: SourceMemory, source: Source, asked: str) -> SourceMemory:
    """The memory after trouble at `asked`: a move that led there is forgotten."""
    return memory if asked == source.url else _forgotten(memory)


def _forgotten(memory: SourceMemory) -> SourceMemory:
    return replace(memory, moved_to=None, moved_polls=0, moved_at=None)
