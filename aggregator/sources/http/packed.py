"""Bodies that are compressed although no header says so, or not as often as they are.

A folder's `feed.xml.gz` comes as it lies there; a proxy compresses what is compressed; `x-gzip` is gzip's name of old
(RFC 9110 §8.4.1.3), which clients pass over. What such a body is, its first bytes tell: no feed begins so.
"""

from __future__ import annotations

import asyncio
import zlib

from aggregator.sources.http.errors import FetchError, too_large

# RFC 1952 §2.3.1 and RFC 1950 §2.2: gzip with the only method there is, zlib with a window of 32 KiB at any level.
_GZIP = b"\x1f\x8b\x08"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_EITHER = 32 + zlib.MAX_WBITS  # zlib looks for itself which of the two it is

# Honest bodies have one, or two where a proxy adds its own.
_MOST_LAYERS = 3
# A gzip file may be many, one after the other (RFC 1952 §2.2). Blocked ones have one for each 64 KiB.
_MOST_MEMBERS = 1_000
_CHUNK = 65_536
_PART = 2**20


async def unpacked(body: bytes, most: int) -> bytes:
    """The body without its layers of compression; itself where it has none.

    No layer may have more than `most` bytes: it is given up within a part of that. One that breaks off is read as far
    as it goes.

    Raises:
        FetchError: a layer is larger than allowed, or damaged.
    """
    for _ in range(_MOST_LAYERS):
        if not body.startswith((_GZIP, *_ZLIB)):
            break
        try:
            body = await _without_one_layer(body, most)
        except zlib.error:
            raise FetchError("the body is compressed, and damaged") from None
    return body


async def _without_one_layer(body: bytes, most: int) -> bytes:
    found = bytearray()
    unpacker, members = zlib.decompressobj(_EITHER), 1
    for start in range(0, len(body), _CHUNK):
        rest = body[start : start + _CHUNK]
        while rest:
            if unpacker.eof:
                if rest[:1] != _GZIP[:1]:  # padding
                    return bytes(found)
                unpacker, members = zlib.decompressobj(_EITHER), members + 1
                if members > _MOST_MEMBERS:
                    raise FetchError("the body is compressed in too many pieces")
            found += unpacker.decompress(rest, _PART)
            if len(found) > most:
                raise too_large(most)
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            await asyncio.sleep(0)  # a large body must not hold up the others
    found += unpacker.flush()
    if len(found) > most:
        raise too_large(most)
    return bytes(found)
