"""As many feeds as are asked for, on loopback: `python -m benchmarks.scale.served --port N --changes SHARE --every S`

`/N.xml` is feed N, at any address of 127.0.0.0/8. It is empty at first, and gets an entry as time goes: `SHARE` of the
feeds in each `every` seconds, spread over that time; it shows the last 20.
What has not changed is answered by 304; `--slow` of the feeds answer after 20 s. Ends with SIGTERM.

By asyncio's streams alone: a web server of a library would take more of the machine than the daemon that is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import Sequence
from email.utils import formatdate

from benchmarks.scale.words import word

_ENTRIES = 20
_SLOW_SECONDS = 20
# Words of an entry that tell something, as many as of a post of 318 feeds; and around those of its text the others.
_IN_TITLE, _IN_TEXT = 7, 9
_EVERYDAY = ["the", "of", "and", "to", "in", "that", "is", "it", "for", "was", "with", "on", "as", "at", "by", "from"]
_AROUND = 3


class Feeds:
    """The documents. `share` of the feeds get an entry in each `every` seconds."""

    def __init__(self, share: float, every: float) -> None:
        self._share, self._every = share, every
        self._began = time.time() - every  # so that the first poll finds the usual share of new entries

    def edition(self, number: int) -> int:
        """How many entries the feed has got since the beginning."""
        passed = (time.time() - self._began) / self._every * self._share
        return int(passed + _chance(f"phase {number}"))

    def document(self, number: int, edition: int) -> bytes:
        """The feed as it is in this edition, the newest entry first."""
        entries = "".join(self._entry(number, each) for each in range(edition, max(0, edition - _ENTRIES), -1))
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Paper {number}</title>"
            f"<link>https://paper{number}.example/</link>{entries}</channel></rss>"
        ).encode()

    def _entry(self, number: int, entry: int) -> str:
        dice = random.Random(f"{number} {entry}")
        title = " ".join(word(dice) for _ in range(_IN_TITLE))
        text = " ".join(f"{' '.join(dice.sample(_EVERYDAY, _AROUND))} {word(dice)}" for _ in range(_IN_TEXT))
        at = self._began + (entry - _chance(f"phase {number}")) * self._every / max(self._share, 1e-6)
        return (
            f"<item><guid>{number}-{entry}</guid><title>{title.capitalize()}</title>"
            f"<link>https://paper{number}.example/{entry}</link><pubDate>{formatdate(at)}</pubDate>"
            f"<description>{text}</description></item>"
        )


def _chance(text: str) -> float:
    return int.from_bytes(hashlib.md5(text.encode()).digest()[:6], "big") / 2**48


async def _answer(feeds: Feeds, slow: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        path, seen = (await reader.readline()).split()[1].decode(), ""
        while (line := await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            seen = value.strip() if name.lower() == "if-none-match" else seen
        number = int(path.strip("/").partition(".")[0])
        if _chance(f"slow {number}") < slow:
            await asyncio.sleep(_SLOW_SECONDS)
        edition = feeds.edition(number)
        tag = f'"{edition}"'
        if seen == tag:
            writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n".encode())
        else:
            body = feeds.document(number, edition)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {len(body)}"
            writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
    except (ConnectionError, IndexError, ValueError):
        pass
    finally:
        writer.close()


async def _serve(feeds: Feeds, slow: float, port: int) -> None:
    server = await asyncio.start_server(lambda r, w: _answer(feeds, slow, r, w), "0.0.0.0", port, backlog=4096)
    async with server:
        await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.served", description="Many feeds on loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--changes", type=float, required=True, help="share of the feeds with a new entry in each time")
    parser.add_argument("--every", type=float, required=True, help="that time, in seconds")
    parser.add_argument("--slow", type=float, default=0.0, help="share of the feeds that answer after 20 s")
    given = parser.parse_args(arguments)
    asyncio.run(_serve(Feeds(given.changes, given.every), given.slow, given.port))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
