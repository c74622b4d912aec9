"""A server that lives a day in a shorter time: `python -m benchmarks.day.served --feeds FOLDER --seed S …`

At any moment each feed has the entries that it has published by then (`benchmarks.day.published`): those of the
folder's document, with a new one on top for each moment of the day that has passed, a copy of the first. Control, on
127.0.0.1: POST /control/start?speed=N lets the day begin now and go N times as fast; POST /control/go?to=S moves it to
S seconds after its beginning. Else it is as `benchmarks.replay`, whose control it has too.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from benchmarks.day.published import DAY, read_feeds
from benchmarks.replay import Replay, Version, load_feeds, make_version, serve, with_new_entry

_LENGTH = timedelta(days=1)


@dataclass(slots=True)
class LivedReplay(Replay):
    """The server. `published`: file name → the moments of the day, in seconds after its beginning, in order."""

    published: Mapping[str, Sequence[float]] = field(default_factory=dict)
    _shown: dict[str, int] = field(default_factory=dict)
    _started: float | None = None
    _speed: float = 0.0
    _moved_to: float = 0.0

    def now(self) -> float:
        """Seconds after the beginning of the day."""
        if self._started is None:
            return self._moved_to
        return (time.monotonic() - self._started) * self._speed

    def version_of(self, path: str) -> Version | None:
        """What the document says now."""
        version = self._now_served.get(path)
        times = self.published.get(path.rpartition("/")[2], ())
        passed = bisect_right(times, self.now())
        shown = self._shown.get(path, 0)
        if version is None or passed <= shown:
            return version
        moments = {number: DAY + timedelta(seconds=times[number]) for number in range(shown, passed)}
        version = _with_entries(version, path.rpartition("/")[2], moments)
        self._shown[path] = passed
        self._now_served[path] = version
        return version

    def _controlled(self, request: web.BaseRequest) -> web.Response:
        match request.path:
            case "/control/start":
                self._started, self._speed = time.monotonic(), float(request.query["speed"])
            case "/control/go":
                self._moved_to = float(request.query["to"])
            case "/control/reset":
                self.reset()
                self._shown.clear()
                self._started, self._moved_to = None, 0.0
            case _:
                return super(LivedReplay, self)._controlled(request)
        return web.json_response({})


def _with_entries(version: Version, name: str, moments: Mapping[int, datetime]) -> Version:
    """The document with an entry more for each of these moments; what can't be done in it is left out."""
    body, at = version.body, version.modified_at
    for number, at in moments.items():
        body = with_new_entry(body, f"{name}-{number}", at) or body
    return make_version(body, at)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day.served", description="Feeds that live a day.")
    parser.add_argument("--feeds", type=Path, required=True, help="folder with one feed a file")
    parser.add_argument("--limit", type=int, default=0, help="so many of the feeds, evenly spaced (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="which day")
    given = parser.parse_args(arguments)
    published = {
        feed.name: [(at - DAY).total_seconds() for at in feed.on_a_day("last", given.seed, timedelta(0), _LENGTH)]
        for feed in read_feeds(given.feeds, given.limit)
    }
    replay = LivedReplay(load_feeds(given.feeds, given.limit), published=published)
    asyncio.run(serve(replay))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
