"""A loopback server that replays a folder of feeds: `python -m benchmarks.replay --feeds FOLDER [--port N]`.

Each file has its own path, and its own loopback address (Linux answers on all of 127.0.0.0/8), so that limits per host
and kept connections don't distort what is measured. It answers as a good server does: a strong ETag and Last-Modified,
304 where nothing changed, gzip where it is accepted. It runs as a process of its own, so that its CPU isn't counted.

Control, on 127.0.0.1: GET /control/feeds, /control/counts; POST /control/change?seed=1&share=0.1, /control/reset.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import io
import json
import random
import re
import signal
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import TracebackType

import feedparser
from aiohttp import web

CONTROL_HOST = "127.0.0.1"

# What makes a file a feed, looked for at its beginning; other files of the folder (a manifest, a README) are left out.
_LOOKS_LIKE_FEED = re.compile(r"<(?:[\w-]+:)?(?:rss|feed|RDF|channel)\b|^\s*\{", re.IGNORECASE)
_BEGINNING = 8192

_CONTENT_TYPES = (
    (re.compile(r"<(?:[\w-]+:)?rss\b", re.IGNORECASE), "application/rss+xml"),
    (re.compile(r"<(?:[\w-]+:)?feed\b", re.IGNORECASE), "application/atom+xml"),
    (re.compile(r"^\s*\{"), "application/feed+json"),
)

# Addresses in one 127.0.N.0/24, network and broadcast left out.
_PER_NET = 254

_ENTRY = re.compile(r"<((?:[\w-]+:)?(?:item|entry))(?:\s[^<>]*)?(?<!/)>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


# ---------------------------------------------------------------- one feed


@dataclass(frozen=True, slots=True)
class Version:
    """What a feed says at one time, ready to be sent."""

    body: bytes
    zipped: bytes
    etags: frozenset[str]
    modified_at: datetime
    plain_headers: dict[str, str]
    zipped_headers: dict[str, str]


def make_version(body: bytes, modified_at: datetime) -> Version:
    """Compress and digest once what is sent many times."""
    digest = hashlib.blake2b(body, digest_size=10).hexdigest()
    modified_at = modified_at.replace(microsecond=0)
    common = {
        "Content-Type": content_type(body),
        "Last-Modified": format_datetime(modified_at, usegmt=True),
        "Vary": "Accept-Encoding",
    }
    plain = {**common, "ETag": f'"{digest}"'}
    # A strong ETag names the bytes that are sent, so the compressed ones have their own.
    zipped = {**common, "ETag": f'"{digest}-gzip"', "Content-Encoding": "gzip"}
    return Version(
        body, gzip.compress(body, mtime=0), frozenset({plain["ETag"], zipped["ETag"]}), modified_at, plain, zipped
    )


def content_type(body: bytes) -> str:
    """The type by content: what a server configured with care would say."""
    beginning = _text_of(body[:_BEGINNING])[0]
    for pattern, name in _CONTENT_TYPES:
        if pattern.search(beginning):
            return name
    return "application/xml"


def is_feed(body: bytes) -> bool:
    """Whether a file's content looks like a feed, however broken."""
    return bool(_LOOKS_LIKE_FEED.search(_text_of(body[:_BEGINNING])[0]))


def _text_of(body: bytes) -> tuple[str, str]:
    """The body as text to look for markup in, and the encoding that gives the same bytes back."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace"), "utf-16"
    return body.decode("latin-1").removeprefix("\xef\xbb\xbf"), "latin-1"


# ---------------------------------------------------------------- a new entry on top


def with_new_entry(body: bytes, key: str, now: datetime) -> bytes | None:
    """The feed with one more entry on top: a copy of the first under another id, link, title and date.

    None where that doesn't work, which is found out by reading the result.
    """
    link = f"https://replay.invalid/{key}"
    if content_type(body) == "application/feed+json":
        return _with_new_json_item(body, link, f"Replayed entry {key}", now)
    text, encoding = _text_of(body)
    first = _ENTRY.search(text)
    if not first:
        return None
    fresh = _fresh_entry(first.group(), link, f"Replayed entry {key}", now)
    changed = f"{text[: first.start()]}{fresh}\n{text[first.start() :]}".encode(encoding)
    old, new = (feedparser.parse(io.BytesIO(each)).entries for each in (body, changed))
    is_added = len(new) == len(old) + 1 and link in (new[0].get("id"), new[0].get("link"))
    return changed if is_added else None


def _with_new_json_item(body: bytes, link: str, title: str, now: datetime) -> bytes | None:
    try:
        feed = json.loads(body)
        first = feed["items"][0]
    except (ValueError, LookupError, TypeError):
        return None
    fresh = {**first, "id": link, "url": link, "title": title, "date_published": now.isoformat(timespec="seconds")}
    return json.dumps({**feed, "items": [fresh, *feed["items"]]}, ensure_ascii=False).encode()


def _fresh_entry(entry: str, link: str, title: str, now: datetime) -> str:
    entry = _set_text(entry, "title", title)
    for name in ("guid|id", "link", "[\\w-]+:origLink"):
        entry = _set_text(entry, name, link)
    for attribute in (r"<(?:[\w-]+:)?link\b[^<>]*?\bhref", r"\brdf:about"):
        entry = re.sub(rf"({attribute}\s*=\s*)([\"']).*?\2", rf"\g<1>\g<2>{link}\g<2>", entry, count=1)
    entry = _set_text(entry, "pubDate", format_datetime(now, usegmt=True))
    for name in ("[\\w-]+:date", "published|issued", "updated|modified"):
        entry = _set_text(entry, name, now.isoformat(timespec="seconds"))
    return entry


def _set_text(entry: str, name: str, text: str) -> str:
    """Replace the text of the first element of this name (a pattern), if there is one."""
    element = rf"(<((?:atom:|rss:)?(?:{name}))(?:\s[^<>]*)?(?<!/)>).*?(</\2\s*>)"
    return re.sub(element, rf"\g<1>{text}\g<3>", entry, count=1, flags=re.DOTALL)


# ---------------------------------------------------------------- the server


def load_feeds(folder: Path, limit: int = 0) -> dict[str, Version]:
    """The feeds of a folder by file name, or `limit` of them, evenly spaced; files that are no feeds are left out."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and is_feed(path.read_bytes())]
    picked = files[:: max(1, len(files) // limit)][:limit] if limit else files
    modified = {path: datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in picked}
    return {path.name: make_version(path.read_bytes(), modified[path]) for path in picked}


@dataclass(slots=True)
class Replay:
    """The server; an async context manager. `spread`: each feed on its own loopback address. `port` 0: any free."""

    feeds: dict[str, Version]
    port: int = 0
    spread: bool = True
    counts: Counter[int] = field(default_factory=Counter)
    _now_served: dict[str, Version] = field(default_factory=dict)
    _changes: int = 0
    _handler: web.Server | None = None
    _listener: asyncio.Server | None = None

    async def __aenter__(self) -> Replay:
        self.port = self.port or _free_port()
        self.reset()
        hosts = sorted({CONTROL_HOST, *(self._host(number) for number in range(len(self.feeds)))})
        self._handler = web.Server(self._answer, access_log=None)
        self._listener = await asyncio.get_running_loop().create_server(self._handler, hosts, self.port, backlog=512)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._listener and self._handler:
            self._listener.close()
            await self._handler.shutdown(timeout=1)

    @property
    def control(self) -> str:
        """Where the control answers."""
        return f"http://{CONTROL_HOST}:{self.port}/control"

    @property
    def urls(self) -> list[str]:
        """The feeds' addresses, in the order of their names."""
        return [f"http://{self._host(number)}:{self.port}/feeds/{name}" for number, name in enumerate(self.feeds)]

    def change(self, seed: int, share: float, now: datetime) -> list[str]:
        """Put one new entry on top of a share of the feeds, chosen by the seed; the names of those changed."""
        self._changes += 1
        wanted = max(1, round(share * len(self.feeds)))
        changed: list[str] = []
        for name in random.Random(seed).sample(list(self.feeds), len(self.feeds)):
            if len(changed) == wanted:
                break
            key = f"{seed}-{self._changes}-{len(changed)}"
            if body := with_new_entry(self._now_served[f"/feeds/{name}"].body, key, now):
                self._now_served[f"/feeds/{name}"] = make_version(body, now)
                changed.append(name)
        return changed

    def reset(self) -> None:
        """Serve the feeds as they are in the folder again, and count from zero."""
        self._now_served = {f"/feeds/{name}": version for name, version in self.feeds.items()}
        self._changes = 0
        self.counts.clear()

    def version_of(self, path: str) -> Version | None:
        """What is served at a path now; None: nothing."""
        return self._now_served.get(path)

    def _host(self, number: int) -> str:
        return f"127.0.{1 + number // _PER_NET}.{1 + number % _PER_NET}" if self.spread else CONTROL_HOST

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        version = self.version_of(request.path)
        if version is None:
            return self._controlled(request)
        response = _response(version, request)
        self.counts[response.status] += 1
        return response

    def _controlled(self, request: web.BaseRequest) -> web.Response:
        match request.method, request.path:
            case "GET", "/control/feeds":
                return web.json_response(self.urls)
            case "GET", "/control/counts":
                return web.json_response(self.counts)
            case "POST", "/control/change":
                seed, share = int(request.query.get("seed", "1")), float(request.query.get("share", "0.1"))
                return web.json_response(self.change(seed, share, datetime.now(UTC)))
            case "POST", "/control/reset":
                self.reset()
                return web.json_response({})
        return web.Response(status=404)


def _response(version: Version, request: web.BaseRequest) -> web.Response:
    is_zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = version.zipped_headers if is_zipped else version.plain_headers
    if _is_known(version, request):
        return web.Response(status=304, headers={"ETag": headers["ETag"], "Last-Modified": headers["Last-Modified"]})
    return web.Response(body=version.zipped if is_zipped else version.body, headers=headers)


def _is_known(version: Version, request: web.BaseRequest) -> bool:
    """Whether the client has this version already. The ETag is asked first, as RFC 9110 wants it."""
    if (tags := request.headers.get("If-None-Match")) is not None:
        return any(tag.strip().removeprefix("W/") in version.etags for tag in tags.split(","))
    if since := request.headers.get("If-Modified-Since"):
        try:
            return parsedate_to_datetime(since) >= version.modified_at
        except (ValueError, TypeError):
            return False
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((CONTROL_HOST, 0))
        return int(probe.getsockname()[1])


async def serve(replay: Replay) -> None:
    """Until SIGTERM or Ctrl-C; says on standard output where the control is."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with replay:
        # Read by the benchmark, which waits for this line.
        print(f"{len(replay.feeds)} feeds, control: {replay.control}", flush=True)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description="Replay a folder of feeds.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--one-host", action="store_true", help="all feeds on 127.0.0.1, not each on its own address")
    given = parser.parse_args(arguments)
    asyncio.run(serve(Replay(load_feeds(given.feeds, given.limit), given.port, not given.one_host)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
