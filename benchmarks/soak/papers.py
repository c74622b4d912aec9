"""A thousand papers that publish for weeks, on a clock that somebody else moves: real HTTP, everything by a seed.

Each publishes by chance, from once in seven weeks to three times a day. Half of what it writes is about one of the
events of these hours, of which others write too; a seventh is word for word what another wrote; one in twenty is
corrected later. Most say by an ETag that nothing has changed, a tenth says nothing. Some are in trouble: a fiftieth
gives errors on every fifth day, one in two hundred is not found, ever, and as many answer nobody.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import cast

from aiohttp import web

from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Answer, HttpServer, Raw, Request

DAY = 86_400.0
_SHOWN = 20
# Of what was published before the start, so much is there.
_BEFORE = 30 * DAY
_EVENT_SECONDS, _EVENTS = 2 * 3600, 12
_ABOUT_EVENTS, _TAKEN, _CORRECTED = 0.5, 1 / 7, 1 / 20

_SYLLABLES = (
    "ba", "ve", "ro", "lin", "tar", "mo", "che", "san", "del", "ku", "per", "mi", "ost", "ran", "fel", "du", "na",
    "gor", "wes", "tin", "hal", "bro", "zi", "quen",
)  # fmt: skip
_BEGIN = "The {0} of {1} said on Monday that the {2} would not be ready before the {3} had been looked at again."


@lru_cache(4096)
def _word(number: int) -> str:
    dice = random.Random(number)
    return "".join(dice.choices(_SYLLABLES, k=3))


class Paper:
    """One of them. `times`: when it publishes, in seconds after the start."""

    def __init__(self, number: int, seed: int, seconds: float) -> None:
        dice = random.Random(f"{seed}/{number}")
        gap = DAY / 10 ** dice.uniform(-1.7, 0.5)
        at, self.times = -_BEFORE, list[float]()
        while at < seconds:
            at += dice.expovariate(1 / gap)
            self.times.append(at)
        self.number, self.seed = number, seed
        self.is_missing, self.is_silent = number % 200 == 7, number % 200 == 8
        self.is_shaky, self.has_tag = number % 50 == 9, number % 10 != 5

    def entry(self, which: int, now: float, start: float) -> str:
        """One of its entries, as it is then."""
        dice = random.Random(f"{self.seed}/{self.number}/{which}")
        at = self.times[which]
        is_taken, is_about = dice.random() < _TAKEN, dice.random() < _ABOUT_EVENTS
        event = int(at // _EVENT_SECONDS) - int(_EVENTS * dice.random() ** 2)
        if is_taken:  # the words of an agency, which many carry
            dice = random.Random(f"{self.seed}/agency/{event}")
        named = [_word(event * 50 + dice.randrange(12)) for _ in range(8)] if is_about or is_taken else []
        words = named + [_word(dice.randrange(10**6)) for _ in range(30 - len(named))]
        if dice.random() < _CORRECTED and now > at + 3 * 3600:
            words.append("corrected")
        title = f"{words[0].title()} {words[1]} on the {words[2]} of {words[3].title()}"
        link = f"https://paper{self.number}.example/{which}"
        published = format_datetime(datetime.fromtimestamp(start + at, UTC), usegmt=True)
        return item(title, link, f"{_BEGIN.format(*words)} {' '.join(words)}.", published)

    def fails(self, now: float) -> bool:
        """Does it give errors today?"""
        return self.is_shaky and int(now // DAY) % 5 == 4


class Papers:
    """All of them, as `HttpServer` asks; `now`: seconds after the `start`, which is told in seconds since 1970."""

    def __init__(self, count: int, seed: int, seconds: float, start: float, now: Callable[[], float]) -> None:
        self._papers = [Paper(number, seed, seconds) for number in range(count)]
        self._start, self._now = start, now
        self.answers = 0

    def __call__(self, request: Request) -> Answer:
        """What the paper of this path has."""
        self.answers += 1
        paper, now = self._papers[int(request.path.removeprefix("/feed"))], self._now()
        if paper.is_silent:
            return Raw(is_reset=True)
        if paper.is_missing or paper.fails(now):
            return web.Response(status=404 if paper.is_missing else 500)
        there = bisect_right(paper.times, now)
        shown = range(max(0, there - _SHOWN), there)
        # A correction comes three hours after: then the document is another one.
        corrected = bisect_right(paper.times, now - 3 * 3600)
        tag = f'"{there}-{corrected}"'
        headers = {"ETag": tag} if paper.has_tag else {}
        if paper.has_tag and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        items = [paper.entry(which, now, self._start) for which in reversed(shown)]
        body = rss(f"Paper{paper.number}", *items).encode()
        return web.Response(body=body, content_type="application/rss+xml", headers=headers)


class Server(HttpServer):
    """One that does not remember what it was asked: that would be a million requests."""

    def __init__(self, papers: Papers) -> None:
        super().__init__(papers)
        self.asked = cast(list[Request], deque(maxlen=1))
