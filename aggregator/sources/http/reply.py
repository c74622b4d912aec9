"""What both clients share: what an answer is, and how far they go for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

# What browsers and feed readers follow is 5 to 20; honest servers need two or three (https, www, a new name or path).
MOST_REDIRECTS = 5
# A server that takes longer than this to accept a connection is down, and the slot is needed by others. A name may
# have several addresses, each of which gets this long.
CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer. `body` is decompressed; of feeds it is read for 2xx only.

    `url` is where it came from at last, without user and password.

    `moved_permanently`, of feeds alone: every redirect on the way said so, and there was one. `headers` ignore case.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    moved_permanently: bool = False


def public(url: str) -> str:
    """The address without user and password: what is made of the answer goes to everybody."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url
