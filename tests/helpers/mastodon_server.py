"""A Mastodon server that answers as a test tells it, and one poll of a hashtag there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from aiohttp import web

from aggregator.cli.demo.timeline import page
from aggregator.model.poll import Collected
from aggregator.model.settings import Mastodon, Network
from aggregator.model.source import Source, SourceMemory
from aggregator.sources.mastodon.collect import MakePost, collect_timeline
from aggregator.sources.mastodon.cursor import Cursor, read_cursor
from aggregator.sources.mastodon.ids import family_of
from aggregator.sources.mastodon.statuses import post_of
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.http_server import HttpServer, Raw

NOW = datetime(2031, 3, 1, 8, 30, tzinfo=UTC)
TAXONOMY = Taxonomy(())
LOOPBACK = ip_network("127.0.0.1/32")
NETWORK = Network(allow_private=(LOOPBACK,), timeout=timedelta(seconds=5))
IMPATIENT = Network(allow_private=(LOOPBACK,), timeout=timedelta(seconds=0.4), max_bytes=100_000)


class Server(HttpServer):
    """Answers as it is told; until then no hashtag has a post."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__(lambda request: web.Response(body=b"[]"), host=host)

    def always(self, status: int, body: object, **headers: str) -> None:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        kept = {name.replace("_", "-"): value for name, value in headers.items()}
        response = web.Response(status=status, body=sent, headers={"Content-Type": "application/json", **kept})
        self.answer = lambda request: response

    def says(self, raw: Raw) -> None:
        """Answer with these bytes."""
        self.answer = lambda request: raw

    def timeline(self, statuses: Sequence[dict[str, Any]], **headers: str) -> None:
        """Answer as Mastodon does; `statuses` may grow."""
        link = {"Link": '<https://elsewhere.example/?max_id=1>; rel="next"'}
        self.answer = lambda request: web.json_response(
            page(sorted(statuses, key=lambda each: -int(each["id"])), "ai", request.query),
            headers=link | {name.replace("_", "-"): value for name, value in headers.items()},
        )


def collect(
    url: str,
    cursor: str | None = None,
    *,
    tag: str = "AI",
    token: str | None = None,
    network: Network = NETWORK,
    settings: Mastodon | None = None,
    now: datetime = NOW,
    make_post: MakePost = post_of,
) -> Collected:
    source = Source(kind="hashtag", url=f"{url}/tags/{tag}", token=token, id=1)
    text = (
        cursor
        and Cursor(
            newest=cursor, family=family_of(cursor), floor=cursor, polled_at=now, rescan_at=now, deep_at=now
        ).to_text()
    )
    return collect_timeline(
        source, SourceMemory(cursor=text), network, settings or Mastodon(), TAXONOMY, now, make_post
    )


def newest(collected: Collected) -> str | None:
    cursor = read_cursor(collected.memory.cursor)
    return cursor and cursor.newest


def status(number: int, age: timedelta = timedelta(hours=1), **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "uri": f"https://far.example/users/ada/statuses/{number}",
        "url": f"https://far.example/@ada/{number}",
        "created_at": (NOW - age).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "content": f"<p>The ferry sails for the {number}th time.</p>",
        "account": {"acct": "ada@far.example"},
        "tags": [{"name": "ai"}],
        "visibility": "public",
        "reblog": None,
    } | changes


def numbers(collected: Collected) -> list[int]:
    return [int(enriched.post.native_id) for enriched in collected.posts]
