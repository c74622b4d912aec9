"""A server on this machine that hands out the samples: feeds, and a Mastodon server's API.

It answers as real servers do where a client can tell: validators and compression for feeds, pages, Link headers and
limits for timelines. Times are fixed when it starts, so that what is unchanged stays unchanged.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

from aiohttp import web

from aggregator.cli.demo.samples import SampleFeed, render_feeds, render_statuses
from aggregator.cli.demo.timeline import page, with_ids
from aggregator.config.files.toml import toml

HASHTAGS = ("AI", "KI", "Mistral")

# Mastodon's limit (documentation: api/rate-limits).
REQUESTS = 300
WINDOW = timedelta(minutes=5)

_SHUTDOWN_SECONDS = 1.0

_ABOUT = "A site made of invented news: papers, people and what they tell are samples that come with aggregator."

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DemoServer:
    """Serves while its `async with` lasts, on a free port of the loopback interface unless told otherwise.

    `now` is the time of the samples; `url` the base address, known from then on. An entry says something wrong until it
    is told to `correct` it.
    """

    def __init__(self, now: datetime, host: str = "127.0.0.1", port: int = 0) -> None:
        self._now, self._host, self._port = now, host, port
        self._statuses = with_ids(render_statuses(now))
        self._samples: dict[str, SampleFeed] = {}
        self._feeds: dict[str, _File] = {}
        self._budget = _Budget(REQUESTS, WINDOW)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> DemoServer:
        app = web.Application(middlewares=[self._limited])
        app.add_routes(
            [
                web.get("/api/v1/timelines/tag/{tag}", self._timeline),
                web.get("/api/v1/statuses/{id}", self._status),
                web.get("/api/v2/instance", self._instance),
                web.get("/feeds/{name}", self._feed),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._samples = render_feeds(self.url, self._now)
        self._feeds = {path: _File(feed, feed.before, self._now) for path, feed in self._samples.items()}
        return self

    def correct(self) -> list[str]:
        """Correct what is wrong; the paths of the feeds that say so from now on."""
        corrected = [path for path, feed in self._samples.items() if feed.before != feed.body]
        at = self._now + timedelta(seconds=1)  # a file is newer in whole seconds
        self._feeds.update((path, _File(self._samples[path], self._samples[path].body, at)) for path in corrected)
        return corrected

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    # ------------------------------------------------------------ feeds

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        file = self._feeds.get(request.path)
        if file is None:
            raise web.HTTPNotFound
        if file.is_known_to(request):
            return web.Response(status=304, headers=file.validators)
        headers = {**file.validators, "Content-Type": file.feed.content_type, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=file.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=file.body, headers=headers)

    # ------------------------------------------------------------ Mastodon

    @web.middleware
    async def _limited(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Counts the requests to the API, says in each reply what is left, and refuses those above the limit."""
        if not request.path.startswith("/api/"):
            return await handler(request)
        is_within, headers = self._budget.take(datetime.now(UTC))
        response = await handler(request) if is_within else _error(429, "Too many requests")
        response.headers.update(headers)
        return response

    async def _timeline(self, request: web.Request) -> web.StreamResponse:
        """Of a tag that nobody used it is empty, as on Mastodon."""
        found = page(self._statuses, request.match_info["tag"], request.query)
        response = web.json_response(found)
        if found:
            kept = {"limit": request.query["limit"]} if "limit" in request.query else {}
            ends = {"next": {"max_id": found[-1]["id"]}, "prev": {"min_id": found[0]["id"]}}
            links = (
                f'<{self.url}{request.path}?{urlencode({**kept, **end})}>; rel="{name}"' for name, end in ends.items()
            )
            response.headers["Link"] = ", ".join(links)
        return response

    async def _status(self, request: web.Request) -> web.StreamResponse:
        for status in self._statuses:
            if status["id"] == request.match_info["id"]:
                return web.json_response(status)
        return _error(404, "Record not found")

    async def _instance(self, request: web.Request) -> web.StreamResponse:
        access = {"local": "public", "remote": "public"}
        return web.json_response(
            {
                "domain": "mastodon.example",
                "title": "The samples' Mastodon server",
                "version": "4.5.0",
                "configuration": {"timelines_access": {"live_feeds": access, "hashtag_feeds": access}},
            }
        )


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)


@dataclass(slots=True)
class _Budget:
    """What a client may still ask for in the current window of time."""

    limit: int
    window: timedelta
    used: int = 0
    reset_at: datetime | None = None

    def take(self, now: datetime) -> tuple[bool, dict[str, str]]:
        """Count a request: is it within the limit, and the headers that say so, in Mastodon's form."""
        if self.reset_at is None or now >= self.reset_at:
            self.used, self.reset_at = 0, now + self.window
        self.used += 1
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": self.reset_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return self.used <= self.limit, headers


class _File:
    """A feed as it is sent, with its validators."""

    def __init__(self, feed: SampleFeed, body: bytes, now: datetime) -> None:
        self.feed, self.body = feed, body
        self.compressed = gzip.compress(body, mtime=0)
        self._modified_at = now.astimezone(UTC).replace(microsecond=0)
        # Weak, because it is the same for the compressed body (RFC 9110 §8.8.1).
        self._etag = f'W/"{blake2b(body, digest_size=8).hexdigest()}"'
        self.validators = {"ETag": self._etag, "Last-Modified": format_datetime(self._modified_at, usegmt=True)}

    def is_known_to(self, request: web.Request) -> bool:
        """Does the client have this very file? `If-None-Match` counts alone where it is sent (RFC 9110 §13.1.3)."""
        etags = request.headers.get("If-None-Match")
        if etags is not None:
            opaque = self._etag.removeprefix("W/")
            return etags.strip() == "*" or opaque in (etag.strip().removeprefix("W/") for etag in etags.split(","))
        try:
            return parsedate_to_datetime(request.headers.get("If-Modified-Since", "")) >= self._modified_at
        except (ValueError, TypeError):
            return False


def demo_config_toml(server_url: str, database: Path | str) -> str:
    """A configuration that polls the samples of the server at `server_url` into `database`, as TOML."""
    feeds = render_feeds(server_url, datetime.now(UTC))
    parts = [
        "# The samples of `aggregator demo`: invented feeds and statuses, served by this machine.\n",
        f"[storage]\npath = {toml(str(database))}\n",
        f"[publish]\npath = {toml(str(site_of(Path(database))))}",
        f'title = "Small Hours"\nabout = {toml(_ABOUT)}\n',
        '[network]\nallow_private = ["127.0.0.0/8"]\n',
        # The oldest sample, which others refer to, is five months old.
        '[mastodon]\nbackfill_age = "200d"\n',
    ]
    for path, feed in feeds.items():
        url, title, language = (toml(text) for text in (server_url + path, feed.title, feed.language))
        parts.append(f"[[feeds]]\nurl = {url}\ntitle = {title}\nlanguage = {language}\n")
    tags = ", ".join(toml(tag) for tag in HASHTAGS)
    parts.append(f"[[hashtags]]\nserver = {toml(server_url)}\ntags = [{tags}]\n")
    return "\n".join(parts)


def site_of(database: Path) -> Path:
    """Where the site of a demo stands: beside its database, `demo-site` beside `demo.db`."""
    return database.with_name(f"{database.stem}-site")
