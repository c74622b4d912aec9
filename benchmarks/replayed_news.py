"""Labelled news as papers bring them: each publisher's feed with titles and teasers, and a page for each article.

Nothing of it is asked of anybody: one server on loopback, each publisher on an address of its own (Linux answers on all
of 127.0.0.0/8), so that they are publishers of their own to the program. Its clock is that of who polls.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from html import escape

from aiohttp import web

from benchmarks.story_stream import Item

# Addresses in one 127.0.N.0/24, network and broadcast left out.
_PER_NET = 254
# What a feed says of an article at most where it says no whole sentence.
_CUT = 80
# As many entries as feeds have.
_ENTRIES = 25
# Sentences in a paragraph.
_PARAGRAPH = 2
_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)[\"”’]?\s+(?=[\"“‘A-Z])")


@dataclass(slots=True)
class Papers:
    """The server. `now`: what is published later is not there yet; `asked`: the paths of pages asked for."""

    items: Sequence[Item]
    now: Callable[[], datetime]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    _hosts: dict[str, str] = field(default_factory=dict)
    _at: dict[tuple[str, str], Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, name in enumerate(sorted({item.publisher for item in self.items})):
            self._hosts[name] = f"127.0.{1 + number // _PER_NET}.{1 + number % _PER_NET}"
        self._at = {(self._hosts[item.publisher], _path(item)): item for item in self.items}

    @property
    def feeds(self) -> list[str]:
        """The addresses of all feeds."""
        return [f"http://{host}:{self.port}/feed.xml" for host in self._hosts.values()]

    async def open(self) -> asyncio.Server:
        """Listen; `port` is then known."""
        loop = asyncio.get_running_loop()
        handler = web.Server(self._answer, access_log=None)
        first, *others = self._hosts.values()
        probe = await loop.create_server(handler, first, self.port)
        self.port = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        return await loop.create_server(handler, [first, *others], self.port, backlog=512)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        if request.path == "/feed.xml":
            return self._feed(host, request)
        item = self._at.get((host, request.path))
        if item is None or item.at > self.now():
            return web.Response(status=404)
        self.asked.append(request.path)
        return web.Response(text=page(item, self._others(host, item)), content_type="text/html", charset="utf-8")

    def _feed(self, host: str, request: web.BaseRequest) -> web.Response:
        shown = [item for (of, _), item in self._at.items() if of == host and item.at <= self.now()]
        shown.sort(key=lambda item: item.at, reverse=True)
        name = next(publisher for publisher, of in self._hosts.items() if of == host)
        body = feed(name, [(f"http://{host}:{self.port}{_path(item)}", item) for item in shown[:_ENTRIES]])
        tag = f'"{hashlib.blake2b(body.encode(), digest_size=8).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(text=body, content_type="application/rss+xml", charset="utf-8", headers={"ETag": tag})

    def _others(self, host: str, item: Item) -> list[str]:
        """The titles beside an article: what else its publisher has, then what others have."""
        own = [other.title for (of, _), other in self._at.items() if of == host and other is not item]
        return own[:8]


def moved(items: Sequence[Item], last: datetime) -> list[Item]:
    """The same items at other times: the newest one at `last`, the others as far from it as they were."""
    shift = last - max(item.at for item in items)
    return [replace(item, at=item.at + shift) for item in items]


def teaser(item: Item, number: int) -> str:
    """What a feed says of it: the first sentence, and in every second one the first 80 characters."""
    first = _sentences(item.text)[0] if item.text.strip() else ""
    return first if number % 2 == 0 or len(first) <= _CUT else item.text[:_CUT].rsplit(" ", 1)[0] + "…"


def feed(publisher: str, entries: Sequence[tuple[str, Item]]) -> str:
    """An RSS document."""
    told = "".join(
        f"<item><title>{escape(item.title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid>"
        f"<pubDate>{format_datetime(item.at)}</pubDate>"
        f"<description>{escape(teaser(item, int(item_number(item), 16)))}</description></item>"
        for url, item in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(publisher)}</title>{told}</channel></rss>'


def page(item: Item, others: Sequence[str]) -> str:
    """The article as a paper's page shows it: among navigation, what else there is, a newsletter, comments, imprint."""
    said = _sentences(item.text)
    parts = [" ".join(said[begin : begin + _PARAGRAPH]) for begin in range(0, len(said), _PARAGRAPH)]
    body = "".join(f"<p>{escape(part)}</p>" for part in parts)
    related = "".join(f'<li><a href="/related/{n}">{escape(title)}</a></li>' for n, title in enumerate(others))
    sections = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("world", "sport", "money", "arts"))
    return (
        f'<!doctype html><html lang="{item.language}"><head><meta charset="utf-8"><title>{escape(item.title)} | '
        f"{escape(item.publisher)}</title><script>var page={{}}</script></head><body><header><nav><ul>{sections}</ul>"
        f"</nav></header><main><article><h1>{escape(item.title)}</h1><p class=byline>By our reporters</p>"
        f'<time datetime="{item.at.isoformat()}">{item.at:%d %B %Y}</time>{body}<div class="newsletter"><p>Sign up for '
        f"our newsletter and never miss a story.</p></div></article><aside><h2>Related</h2><ul>{related}</ul></aside>"
        "<section id=comments><div class=comment><p>I knew it all along.</p></div></section></main>"
        "<footer><p>Imprint, jobs, terms of use, cookies. All rights reserved.</p></footer></body></html>"
    )


def item_number(item: Item) -> str:
    """A short number of an item, in hexadecimal."""
    return hashlib.blake2b(item.id.encode(), digest_size=4).hexdigest()


def _path(item: Item) -> str:
    return f"/news/{item_number(item)}"


def _sentences(text: str) -> list[str]:
    """Whole sentences and the rest, without losing a character of the text: what is one is for the program to say."""
    return [part.strip() for part in _END.split(text.strip()) if part.strip()] or [text]


@contextmanager
def served(papers: Papers) -> Iterator[Papers]:
    """The server in a thread of its own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    def run() -> None:
        loop.run_until_complete(papers.open())
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(30):
        raise SystemExit("the server did not start")
    try:
        yield papers
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
