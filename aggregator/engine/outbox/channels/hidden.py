"""Texts about an address that is a secret, without the secret: what servers and libraries say of it goes into logs.

Of an address of others only its origin stays, too: where one redirects to, the same key stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from urllib.parse import parse_qsl, unquote, urlsplit

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>]*)[^\s\"'<>]*", re.IGNORECASE)
_BETWEEN = re.compile(r"[/?&=:@#;,\s]+")
# Shorter parts stand in other words as well ("api", "v1", "443").
_SHORTEST = 5
_STAND_IN = "…"
# What nearly every address of its kind has, and errors speak of.
_COMMON = frozenset({"https", "http", "hooks", "services", "webhook", "webhooks", "notify", "localhost"})


def hider(addresses: Iterable[str], secrets: Iterable[str | None] = (), shown: str = "") -> Callable[[str], str]:
    """What takes the secrets of these addresses, and others, out of a text. `shown`: what may be said of an address:
    its host is hidden as well, unless it stands there."""

    @cache
    def parts() -> list[str]:
        found = {part for address in addresses for part in _parts(address, shown)}
        found.update(secret for secret in secrets if secret)
        return sorted(found, key=len, reverse=True)

    def hidden(text: str) -> str:
        text = _ADDRESS.sub(r"\1\2", text)
        for part in parts():
            text = text.replace(part, _STAND_IN)
        return text

    return hidden


def _parts(address: str, shown: str) -> Iterator[str]:
    """All of an address that may be a secret, as it is written and as it is meant."""
    try:
        url = urlsplit(address)
        host, credentials = url.hostname or "", url.netloc.rpartition("@")[0]
    except ValueError:  # none
        yield address
        return
    if host and host not in shown and len(host) >= _SHORTEST and host not in _COMMON:
        yield from (host, url.netloc.rpartition("@")[2])
    texts = [url.path.strip("/"), url.query, url.fragment, credentials]
    texts += [value for _, value in parse_qsl(url.query)]
    for text in texts:
        pieces = (text, *_BETWEEN.split(text))
        for piece in (*pieces, *map(unquote, pieces)):
            if len(piece) >= _SHORTEST and piece.lower() not in _COMMON:
                yield piece
