"""Feeds that grow until they are told to stop, and a record of who asked for them when:
`python -m benchmarks.cluster.served --port N --log FILE --every S --stop FILE [--keys FOLDER]`

`/N.xml` has an entry more each `every` seconds, until the file `--stop` is there; it shows the last 50. What has not
changed is answered by 304; `--keys`: over TLS, with cert.pem and key.pem of that folder. A line of the log for each
request: monotonic time, host, path, address that asked, entries.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path
from typing import TextIO

from benchmarks.scale.words import word

_SHOWN = 50


class Feeds:
    """The documents, and the record."""

    def __init__(self, log: TextIO, every: float, stop: Path) -> None:
        self._log, self._every, self._stop = log, every, stop
        self._began, self._ended = time.time(), 0.0

    def _passed(self) -> float:
        if not self._ended and self._stop.exists():
            self._ended = time.time()
        return (self._ended or time.time()) - self._began

    def _document(self, number: int, entries: int) -> bytes:
        items = "".join(self._entry(number, each) for each in range(entries, max(0, entries - _SHOWN), -1))
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Paper {number}</title>"
            f"<link>https://paper{number}.example/</link>{items}</channel></rss>"
        ).encode()

    def _entry(self, number: int, entry: int) -> str:
        dice = random.Random(f"{number} {entry}")
        title, text = (" ".join(word(dice) for _ in range(count)) for count in (7, 40))
        at = self._began + (entry - 1) * self._every
        return (
            f"<item><guid>{number}-{entry}</guid><title>{title.capitalize()}</title>"
            f"<link>https://paper{number}.example/{entry}</link><pubDate>{formatdate(at)}</pubDate>"
            f"<description>{text}</description></item>"
        )

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        try:
            line = await reader.readline()
            at, path, seen, host = time.monotonic(), line.split()[1].decode(), "", ""
            while (line := await reader.readline()).strip():
                name, _, value = line.decode("latin-1").partition(":")
                seen = value.strip() if name.lower() == "if-none-match" else seen
                host = value.strip().partition(":")[0] if name.lower() == "host" else host
            number = int(path.strip("/").partition(".")[0])
            entries = 1 + int(self._passed() / self._every + number % 10 / 10)
            tag, body = f'"{entries}"', b""
            self._log.write(f"{at:.4f} {host} {path} {writer.get_extra_info('peername')[0]} {entries}\n")
            if seen == tag:
                head = f"HTTP/1.1 304 Not Modified\r\nETag: {tag}"
            else:
                body = self._document(number, entries)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}"
                head += f"\r\nContent-Length: {len(body)}"
            writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (ConnectionError, IndexError, ValueError, OSError):
            pass
        finally:
            writer.close()


async def _serve(feeds: Feeds, port: int, keys: Path | None) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if keys else None
    if context and keys:
        context.load_cert_chain(keys / "cert.pem", keys / "key.pem")
    server = await asyncio.start_server(feeds.answer, "0.0.0.0", port, backlog=4096, ssl=context)
    async with server:
        await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster.served", description="Feeds that grow.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--every", type=float, required=True, help="a new entry in so many seconds")
    parser.add_argument("--stop", type=Path, required=True, help="no new ones when this is there")
    parser.add_argument("--keys", type=Path, help="over TLS, with these")
    given = parser.parse_args(arguments)
    with given.log.open("w", buffering=1, encoding="utf-8") as log:
        asyncio.run(_serve(Feeds(log, given.every, given.stop), given.port, given.keys))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
