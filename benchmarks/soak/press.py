"""Servers that change all the time: papers with new, edited and removed entries, and a hashtag with posts like that.

Each keeps what it showed, so that it can be compared with what was stored. Everything is by the seed, and by how often
they are asked.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from tests.helpers.fediverse import Answer, Entry, Fediverse
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Request

_DATE = "Sun, 29 Nov 2026 08:00:00 GMT"
_WORDS, _KEPT = 20, 40
_NEW, _EDITED, _REMOVED, _COPIED = 0.4, 0.25, 0.1, 0.1
TAGS = ("ai", "harbour")


@dataclass(slots=True)
class Written:
    """An entry: its text is made of `seed`, which another entry may have too, and of how often it was edited."""

    link: str
    seed: str
    edition: int = 0

    @property
    def text(self) -> str:
        """What it says now."""
        words = (hashlib.md5(f"{self.seed} {number}".encode()).hexdigest()[:7] for number in range(_WORDS))
        return f"{' '.join(words)} edition {self.edition}"

    def as_item(self) -> str:
        """As it stands in a feed."""
        first, second, *_ = self.text.split()
        return item(f"Report {first} on the {second} works", self.link, self.text, _DATE)


@dataclass(slots=True)
class Press:
    """Answers each path with a paper of its own. Nothing changes any more once `is_still`.

    `sent`: by ETag, what the document had: link → text. `counts`: how often what happened.
    """

    seed: int
    is_still: bool = False
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("new", "copied", "edited", "removed"), 0))
    _papers: dict[str, list[Written]] = field(default_factory=dict)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def __call__(self, request: Request) -> web.Response:
        """As `HttpServer` wants it: what has not changed is not sent again."""
        paper = self._papers.setdefault(request.path, [])
        if not self.is_still:
            self._happen(request.path, paper)
        body = rss(f"Paper{request.path.rpartition('feed')[2]}", *(each.as_item() for each in paper)).encode()
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        self.sent[tag] = {each.link: each.text for each in paper}
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})

    def shown(self) -> dict[str, str]:
        """What all papers have now: link → text."""
        return {each.link: each.text for paper in self._papers.values() for each in paper}

    def _happen(self, path: str, paper: list[Written]) -> None:
        number = self.counts["new"] + self.counts["copied"]
        link, chance = f"https://paper.example{path}/{number}", self._dice.random
        if chance() < _NEW:
            self._add(paper, Written(link, link), "new")
        elif chance() < _COPIED and (others := [each for other in self._papers.values() for each in other[:5]]):
            self._add(paper, Written(link, self._dice.choice(others).seed), "copied")
        if paper and chance() < _EDITED:
            self._dice.choice(paper[:10]).edition += 1
            self.counts["edited"] += 1
        if paper and chance() < _REMOVED:
            paper.remove(self._dice.choice(paper[:10]))
            self.counts["removed"] += 1

    def _add(self, paper: list[Written], entry: Written, what: str) -> None:
        paper.insert(0, entry)
        self.counts[what] += 1
        del paper[_KEPT:]


class Hashtags(Fediverse):
    """A Mastodon server on today's clock, where something happens each time that one of `TAGS` is read."""

    def __init__(self, seed: int) -> None:
        super().__init__(datetime.now(UTC))
        self.is_still = False
        self._dice = random.Random(seed)

    def reply(self, target: str, token: str | None) -> Answer:
        """As the server."""
        self.clock = datetime.now(UTC)
        if target.startswith("/api/v1/timelines/tag/") and not self.is_still:
            self._happen()
        return super().reply(target, token)

    def kept(self, tag: str) -> list[Entry]:
        """All that was posted under a tag and is still there."""
        return [each for each in self.entries if tag in each.tags and each.deleted_at is None]

    def _happen(self) -> None:
        newest = [each.id for each in self.entries[-10:] if each.deleted_at is None]
        if self._dice.random() < _NEW:
            self.post(tags=(self._dice.choice(TAGS),))
        if newest and self._dice.random() < _EDITED:
            self.edit(self._dice.choice(newest), content=f"<p>Edited, {len(self.asked)}: the ferry is late.</p>")
        if newest and self._dice.random() < _REMOVED:
            self.delete(self._dice.choice(newest))
