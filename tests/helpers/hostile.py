"""A server on loopback that plays everything a stranger's server may do, one named scenario at each path.

`SCENARIOS` names them, with what a poll of each comes to; tests and benchmarks ask for them by name. The answers are
written by hand, headers and all: most of this no library would send. Run as a program it serves until its input ends,
and prints its port.
"""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import brotli

from tests.helpers.hostile_documents import DOCUMENTS, MEBIBYTE, feed, item
from tests.helpers.http_server import HttpServer, Raw, Request

try:
    from compression import zstd
except ImportError:  # before Python 3.14
    from backports import zstd


# A function of the request where the answer depends on it, or takes seconds to make.
Answer = Raw | Callable[[Request], Raw | Awaitable[Raw]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the server does, the outcome that a poll then has, and a part of what it says in words.

    `posts`: how many posts come of it; None: does not matter.
    """

    answer: Answer
    outcome: str
    told: str = ""
    posts: int | None = 0


SCENARIOS: dict[str, Scenario] = {}


def _reply(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if not {"Content_Length", "Transfer_Encoding"} & headers.keys():
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def _says(*parts: bytes) -> Raw:
    return Raw(parts)


def _drips(head: bytes, drop: bytes) -> Raw:
    return Raw((head,), repeat=drop, pause=1)


def _flows(head: bytes, part: bytes, times: int) -> Raw:
    return Raw((head,), repeat=part, times=times)


def _packed(encoding: str, mebibytes: int) -> bytes:
    if encoding == "gzip":
        packer = zlib.compressobj(9, wbits=31)
        return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + packer.flush()
    if encoding == "deflate":
        packer = zlib.compressobj(9)
        return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(mebibytes)) + packer.flush()
    if encoding == "br":
        brotlier = brotli.Compressor(quality=1)
        return b"".join(brotlier.process(bytes(MEBIBYTE)) for _ in range(mebibytes)) + brotlier.finish()
    return bytes(zstd.compress(bytes(mebibytes * MEBIBYTE)))


def _bomb(encoding: str) -> Answer:
    async def answer(request: Request) -> Raw:
        body = await asyncio.to_thread(_packed, encoding, 300)
        return Raw((_reply(body=body, Content_Encoding=encoding),))

    return answer


def _document(name: str) -> Answer:
    async def answer(request: Request) -> Raw:
        body = await asyncio.to_thread(DOCUMENTS[name])
        return Raw((_reply(body=body, Content_Type="application/rss+xml"),))

    return answer


def _redirects(location: str, status: str = "302 Found", **headers: str) -> Answer:
    def answer(request: Request) -> Raw:
        if request.path.endswith("-there"):
            return Raw((_reply(body=feed(), ETag='"there"'),))
        port = request.host.rpartition(":")[2]
        target = location.format(path=request.path, times=request.times, port=port)
        return Raw((_reply(status, Location=target, **headers),))

    return answer


def _healthy(request: Request) -> Raw:
    """Ten entries; at `/busy…` another one each time."""
    number = request.times if request.path.startswith("/busy") else 0
    etag = f'"{request.path} {number}"'
    if request.headers.get("If-None-Match") == etag:
        return Raw((_reply("304 Not Modified", ETag=etag),))
    link = f"https://{request.path.strip('/')}.example/"
    items = (item(number + n, link=f"{link}{n}") for n in range(10))
    return Raw((_reply(body=feed(*items), ETag=etag),))


def _fresh_ids(request: Request) -> Raw:
    items = (item(n, guid=f"{request.times}-{n}") for n in range(30))
    return Raw((_reply(body=feed(*items)),))


def _limited(**headers: str) -> Scenario:
    return Scenario(_says(_reply("429 Too Many Requests", **headers)), "rate_limited", "HTTP 429 Too Many Requests")


NOW = "Tue, 24 Nov 2026 12:00:00 GMT"
LATER = "Tue, 24 Nov 2026 12:30:00 GMT"
_OK = "HTTP/1.1 200 OK\r\n"
_TRUNCATED = gzip.compress(feed(*(item(n) for n in range(99))))

SCENARIOS |= {
    # ---- servers with wishes
    "retry-after-seconds": _limited(Retry_After="120"),
    "retry-after-date": _limited(Retry_After=LATER, Date=NOW),
    "retry-after-zero": _limited(Retry_After="0"),
    "retry-after-joined": _limited(Retry_After=f"60\r\nRetry-After: {LATER}", Date=NOW),
    "retry-after-nonsense": _limited(Retry_After="when the tide is out"),
    "retry-after-503": Scenario(
        _says(_reply("503 Service Unavailable", Retry_After="600")), "rate_limited", "HTTP 503 Service Unavailable"
    ),
    "gone-410": Scenario(_says(_reply("410 Gone")), "gone", "HTTP 410 Gone"),
    "missing-404": Scenario(_says(_reply("404 Not Found")), "failed", "HTTP 404 Not Found"),
    "error-500": Scenario(_says(_reply("500 Internal Server Error")), "failed", "HTTP 500 Internal Server Error"),
    "challenge-403": Scenario(
        _says(_reply("403 Forbidden", cf_mitigated="challenge")), "failed", "Cloudflare asks for a person"
    ),
    # ---- redirects
    "redirect-301": Scenario(_redirects("{path}-there", "301 Moved Permanently"), "ok", "moved permanently to", 1),
    "redirect-308": Scenario(_redirects("{path}-there", "308 Permanent Redirect"), "ok", "moved permanently to", 1),
    "redirect-302": Scenario(_redirects("{path}-there"), "ok", posts=1),
    "cookie-wall": Scenario(_redirects("{path}", Set_Cookie="seen=1"), "failed", "a cookie is wanted"),
    "redirect-loop": Scenario(_redirects("{path}"), "failed", "too many redirects"),
    "redirect-chain": Scenario(_redirects("/redirect-chain/{times}"), "failed", "too many redirects"),
    "redirect-inside": Scenario(_redirects("http://127.0.0.2:{port}/"), "failed", "is not an address of the public"),
    "redirect-mapped": Scenario(
        _redirects("http://[::ffff:127.0.0.2]:{port}/"), "failed", "is not an address of the public"
    ),
    "redirect-metadata": Scenario(
        _redirects("http://169.254.169.254/latest"), "failed", "is not an address of the public"
    ),
    "redirect-file": Scenario(_redirects("file:///etc/passwd"), "failed", "no http or https address"),
    # ---- time
    "drip-body": Scenario(_drips(_reply(Content_Length="100000"), b"x"), "failed", "timed out after"),
    "drip-headers": Scenario(_drips(_OK.encode(), b"X: x\r\n"), "failed", "timed out after"),
    "silent": Scenario(Raw(is_silent=True), "failed", "timed out after"),
    # ---- size
    "too-large": Scenario(
        _flows(_reply(Content_Length="999999999"), b"x" * MEBIBYTE, 300), "failed", "body larger than"
    ),
    "gzip-bomb": Scenario(_bomb("gzip"), "failed", "body larger than"),
    "deflate-bomb": Scenario(_bomb("deflate"), "failed", "body larger than"),
    "br-bomb": Scenario(_bomb("br"), "failed", "body larger than"),
    "zstd-bomb": Scenario(_bomb("zstd"), "failed", "body larger than"),
    "header-flood": Scenario(_flows(_OK.encode(), b"X: x\r\n" * 1000, 300), "failed", "not an answer by the rules"),
    "header-long": Scenario(_flows(f"{_OK}X: ".encode(), b"x" * 65536, 300), "failed", "not an answer by the rules"),
    # ---- HTTP
    "length-too-long": Scenario(
        _says(_reply(body=feed(), Content_Length="99999")), "failed", "the connection ended before the body did"
    ),
    "length-too-short": Scenario(_says(_reply(body=feed(), Content_Length="150")), "failed", "rules of HTTP"),
    "length-nonsense": Scenario(_says(_reply(body=feed(), Content_Length="much")), "failed", "rules of HTTP"),
    "chunks-broken": Scenario(
        # In one piece: of a broken chunk that comes later aiohttp tells nothing, and the time runs out.
        _says(_reply(Transfer_Encoding="chunked") + b"zz\r\nxx\r\n"),
        "failed",
        "not an answer by the rules of HTTP",
    ),
    "gzip-truncated": Scenario(
        _says(_reply(body=_TRUNCATED[: len(_TRUNCATED) // 2], Content_Encoding="gzip", ETag='"1"')), "ok", "", None
    ),
    "gzip-claimed": Scenario(
        _says(_reply(body=feed(), Content_Encoding="gzip")), "failed", "the body is not compressed as the server says"
    ),
    "http-0.9": Scenario(_says(feed()), "failed", "not an answer by the rules of HTTP"),
    "no-answer": Scenario(_says(b""), "failed", "the server closed the connection without an answer"),
    "reset": Scenario(Raw((_reply(body=b"x", Content_Length="1000"),), is_reset=True), "failed", "connection"),
    # ---- documents
    "ids-change": Scenario(_fresh_ids, "ok", posts=30),
    "empty-body": Scenario(_document("empty-body"), "failed", "empty body"),
    "web-page": Scenario(_document("web-page"), "failed", "this is a web page, not a feed; it links these feeds: http"),
    "noise": Scenario(_document("noise"), "failed", "not XML or JSON"),
    "doctype-open-5mb": Scenario(_document("doctype-open-5mb"), "failed", "not XML or JSON"),
    "entry-20mb": Scenario(_document("entry-20mb"), "failed", "body larger than"),
    "many-attributes": Scenario(_document("many-attributes"), "failed", "took longer than"),
    "less-than-14mb": Scenario(_document("less-than-14mb"), "failed", "took longer than"),
    "ampersands-14mb": Scenario(_document("ampersands-14mb"), "failed", "took longer than"),
    "xml-bomb": Scenario(_document("xml-bomb"), "ok", "malformed XML: limit on input amplification", 1),
    "xml-bomb-quadratic": Scenario(_document("xml-bomb-quadratic"), "ok", "malformed XML: limit", 1),
    "entries-50000": Scenario(_document("entries-50000"), "ok", "50000 entries", 1250),
    "entries-50000-json": Scenario(_document("entries-50000-json"), "ok", "50000 entries", 1250),
    "one-guid-10000": Scenario(_document("one-guid-10000"), "ok", "10000 entries", 1250),
    "dates-extreme": Scenario(_document("dates-extreme"), "ok", posts=5),
    "bad-links": Scenario(_document("bad-links"), "ok", posts=4),
    "comments-14mb": Scenario(_document("comments-14mb"), "ok", "malformed XML", 0),
}
# Read as well as it goes.
SCENARIOS |= {name: Scenario(_document(name), "ok", "", 1) for name in DOCUMENTS if name not in SCENARIOS}


class HostileServer(HttpServer):
    """Serves every scenario at `/name`, and healthy feeds elsewhere."""

    def __init__(self) -> None:
        super().__init__(_answer)


def _answer(request: Request) -> Raw | Awaitable[Raw]:
    name = request.path.split("/")[1].removesuffix("-there")
    answer = SCENARIOS[name].answer if name in SCENARIOS else _healthy
    return answer if isinstance(answer, Raw) else answer(request)


def _serve() -> None:
    with HostileServer() as server:
        print(server.port, flush=True)  # noqa: T201  # the program's answer
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
