"""A web server on loopback whose pages a test writes: real HTTP for whole polls."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from aiohttp import web


class WebServer:
    """Serves `pages`: path → (content type, body). `asked` lists the paths that were asked for, with their query."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.json: dict[str, Any] = {}
        self.asked: list[str] = []
        self.url = ""

    def page(self, path: str, body: str, content_type: str = "application/rss+xml") -> str:
        """Serve this body; the page's whole address."""
        self.pages[path] = content_type, body.encode()
        return self.url + path

    async def __aenter__(self) -> WebServer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        if request.path in self.json:
            # Timelines are paged forward until a page is empty, backwards likewise: everything is on the first one.
            is_later_page = {"min_id", "max_id", "since_id"} & request.query.keys()
            return web.json_response([] if is_later_page else self.json[request.path])
        if request.path not in self.pages:
            return web.Response(status=404)
        content_type, body = self.pages[request.path]
        return web.Response(body=body, content_type=content_type)


def rss(title: str, *items: str, language: str = "en") -> str:
    """An RSS 2.0 feed."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>https://{title.split()[0].lower()}.example/</link><language>{language}</language>"
        f"{''.join(items)}</channel></rss>"
    )


def item(title: str, link: str, text: str, date: str) -> str:
    """An entry of an RSS feed; its link is its guid. `date` as in RFC 5322."""
    link = link.replace("&", "&amp;")
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{text}</description><pubDate>{date}</pubDate></item>"
    )
