"""What sites let programs ask for: robots.txt, by RFC 9309, read with Protego.

Of 16 files to whose rules RFC 9309 gives an answer, Protego gives it for all, and the standard library's `robotparser`
for 8: it knows no `*` and no `$`, and takes the first rule that fits instead of the longest. A file of 2,000 rules
takes Protego 23 ms and the other 9; it is read once a day.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from protego import Protego

from aggregator.sources.http.client import Client, Only
from aggregator.sources.http.errors import FetchError, LastingError
from aggregator.sources.http.reply import Reply

# RFC 9309 §2.4: not longer than a day. Where the file could not be had it may be back soon.
_KEPT = timedelta(days=1)
_KEPT_UNREACHABLE = timedelta(hours=1)
# RFC 9309 §2.5: at least 500 KiB are read.
_MOST_BYTES = 500 * 1024
# Sites remembered; a parsed file takes some kilobytes, rarely a megabyte.
_MOST_SITES = 1000
# A longer wish would mean that the site is not to be asked at all, which it can say.
_LONGEST_PAUSE = 60.0

_PRODUCT = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a site until then. `rules`: None where all is allowed. `trouble`: why its file can't be had,
    and whether no waiting mends that."""

    until: datetime
    rules: Protego | None = None
    trouble: str = ""
    is_lasting: bool = False


class Robots:
    """Says what may be asked for, and remembers it for a day. Asks for the files themselves with `client`.

    `user_agent`: what the program calls itself to servers; its first word is the name that the rules are read for.
    """

    def __init__(self, client: Client, user_agent: str) -> None:
        self._client = client
        product = _PRODUCT.match(user_agent)
        self.name = product[0] if product else "aggregator"
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, asyncio.Task[_Known]] = {}

    async def allow(self, url: str, now: datetime) -> float:
        """How many seconds are to lie between two requests to the site of this address, which may be asked for.

        Raises:
            LastingError: it may not, or its site is where nobody may be asked.
            FetchError: that is not known: the site's file can't be had just now (RFC 9309 §2.3.1.4).
        """
        site = _site(url)
        known = self._known.get(site)
        if known is None or known.until <= now:
            known = await self._asked(site, now)
        host = urlsplit(site).netloc
        if known.trouble:
            kind = LastingError if known.is_lasting else FetchError
            raise kind(f"robots.txt of {host} can't be had: {known.trouble}")
        if known.rules is None:
            return 0.0
        if not known.rules.can_fetch(url, self.name):
            raise LastingError(f"robots.txt of {host} forbids it")
        return min(float(known.rules.crawl_delay(self.name) or 0), _LONGEST_PAUSE)

    async def close(self) -> None:
        """End what is under way."""
        under_way = list(self._asking.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _asked(self, site: str, now: datetime) -> _Known:
        """Asked once for all who wait, in a task of its own: whose time is over goes, and what comes is remembered."""
        task = self._asking.get(site)
        if task is None:
            task = self._asking[site] = asyncio.create_task(self._ask(site, now))
            task.add_done_callback(partial(self._remember, site))
        return await asyncio.shield(task)

    def _remember(self, site: str, task: asyncio.Task[_Known]) -> None:
        del self._asking[site]
        if task.cancelled() or task.exception():
            return
        self._known[site] = task.result()
        self._known.move_to_end(site)
        while len(self._known) > _MOST_SITES:
            self._known.popitem(last=False)

    async def _ask(self, site: str, now: datetime) -> _Known:
        try:
            reply = await self._client.get(
                f"{site}/robots.txt", {"Accept": "text/plain, */*;q=0.1"}, only=Only(_MOST_BYTES, is_cut=True)
            )
        except FetchError as error:
            is_lasting = isinstance(error, LastingError)
            return _Known(now + _KEPT_UNREACHABLE, trouble=error.detail, is_lasting=is_lasting)
        if reply.status >= 500 or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            return _Known(now + _KEPT_UNREACHABLE, trouble=f"HTTP {reply.status}")
        # RFC 9309 §2.3.1.3: a site without such a file, or that keeps it to itself, allows everything.
        return _Known(now + _KEPT, _parsed(reply) if 200 <= reply.status < 300 else None)


def _parsed(reply: Reply) -> Protego | None:
    try:
        return Protego.parse(reply.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):  # a file that is none, as a page in its place
        return None


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
