"""Texts about an address that is a secret, without the secret: what servers and libraries say of it goes into logs.

Of an address of others only its origin stays, too: where one redirects to, the same key stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from urllib.parse import unquote, unquote_plus, urlsplit

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>]*)[^\s\"'<>]*", re.IGNORECASE)
_BETWEEN = re.compile(r"[/?&=:@#;,\[\]\s]+")
# Shorter parts stand in other words as well ("api", "v1", "443").
_SHORTEST = 5
# No secret, and what is wrong is often of them.
_NUMBERS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f.]*:[0-9a-f:.]*")
_STAND_IN = "…"
# What nearly every address of its kind has, and errors speak of.
_COMMON = frozenset({"https", "http", "hooks", "services", "webhook", "webhooks", "notify", "localhost"})


def hider(addresses: Iterable[str], secrets: Iterable[str | None] = (), shown: str = "") -> Callable[[str], str]:
    """What takes the secrets of these addresses, and others, out of a text. `shown`: what may be said of an address:
    its host is hidden as well, unless it stands there."""

    @cache
    def pattern() -> re.Pattern[str] | None:
        found = {part for address in addresses for part in _parts(address, shown)}
        found.update(secret for secret in secrets if secret)
        # The longer first: one may be a part of another. Names of hosts are told in small letters.
        every = sorted(found, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, every)), re.IGNORECASE) if every else None

    def hidden(text: str) -> str:
        text = _ADDRESS.sub(r"\1\2", text)
        return found.sub(_STAND_IN, text) if (found := pattern()) else text

    return hidden


def _parts(address: str, shown: str) -> Iterator[str]:
    """All of an address that may be a secret, as it is written and as it is meant."""
    try:
        url = urlsplit(address)
        host = url.hostname or ""
        is_shown = bool(host) and (host in shown or bool(_NUMBERS.fullmatch(host)))
        texts = [
            url.netloc.rpartition("@")[0] if is_shown else url.netloc,
            url.path.strip("/"),
            url.query,
            url.fragment,
        ]
    except ValueError:  # none
        texts = [address]
    for text in texts:
        pieces = (text, *_BETWEEN.split(text))
        for piece in (*pieces, *map(unquote, pieces), *map(unquote_plus, pieces)):
            if len(piece) >= _SHORTEST and piece.lower() not in _COMMON:
                yield piece
