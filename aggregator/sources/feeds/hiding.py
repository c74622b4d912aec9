"""What a server says to a feed's secret address, without the keys in that: before anything is made of it.

Servers repeat what they were asked: in redirects, in the links of a document, in refusals. From here on there are
placeholders, and the address that is asked is made anew from them each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from multidict import CIMultiDict

from aggregator.model.poll import Collected
from aggregator.model.source import Source
from aggregator.sources.http.client import Client, Own
from aggregator.sources.http.reply import Reply
from aggregator.text.secrets.open_addresses import PLACEHOLDER, Hidden, is_open_address, without_secrets


async def get_told(
    client: Client, source: Source, asked: str, keys: Hidden, conditions: Mapping[str, str], own: Own | None
) -> Reply:
    """What is said at an address that is known as `asked`: the source's, or one that it moved to.

    Raises:
        FetchError: as `Client.get`.
    """
    address = source.address or source.url if asked == source.url else keys.asked(asked)
    return told_reply(await client.get(address, conditions, own=own, proxy=source.proxy), keys)


def told_reply(reply: Reply, keys: Hidden) -> Reply:
    """The answer with placeholders for the keys. A header that repeats one is left out: a validator would not be the
    server's any more.

    A redirect of which the told address does not lead to the same again is none to be remembered. So it is where the
    server itself writes a placeholder: it would be given the key at a place of its choice.
    """
    if not keys:
        return reply
    headers = CIMultiDict((name, value) for name, value in reply.headers.items() if not keys.is_in(value))
    told = keys.text(reply.url)
    is_told_back = PLACEHOLDER not in reply.url and keys.asked(told) == reply.url
    moved = reply.moved_permanently and is_told_back
    return replace(reply, url=told, headers=headers, body=keys.body(reply.body), moved_permanently=moved)


def without_keys(collected: Collected, keys: Hidden) -> Collected:
    """The same, its words without keys: the source's own, and those in addresses that others wrote."""
    site_url = collected.site_url if collected.site_url and is_open_address(collected.site_url) else None

    def told(words: str) -> str:
        return without_secrets(keys.text(words))

    memory = collected.memory
    return replace(
        collected,
        detail=collected.detail and told(collected.detail),
        warnings=tuple(map(told, collected.warnings)),
        memory=replace(memory, warning=memory.warning and told(memory.warning)),
        title=collected.title and keys.text(collected.title),
        site_url=site_url,
    )
