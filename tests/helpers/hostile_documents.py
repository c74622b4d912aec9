"""Documents as strangers' servers send them, by name: broken, huge, hostile. Made here, all texts invented."""

from __future__ import annotations

import json
from collections.abc import Callable

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Paper</title>'
    "<link>https://paper.example/</link>"
)
TAIL = "</channel></rss>"
MEBIBYTE = 2**20


def item(number: int, text: str = "The harbour was quiet.", **fields: str) -> str:
    """An entry; further fields by name."""
    named = {
        "title": f"Report {number}", "link": f"https://paper.example/{number}", "guid": f"id-{number}",
        "description": text, "pubDate": "Mon, 23 Nov 2026 10:00:00 GMT", **fields,
    }  # fmt: skip
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in named.items() if value) + "</item>"


def feed(*items: str, head: str = "") -> bytes:
    """An RSS feed of these entries, of one where none is given."""
    return f"{HEAD}{head}{''.join(items or (item(1),))}{TAIL}".encode()


def _xml_bomb() -> bytes:
    bodies = ["boom boom boom", *(f"&a{n};" * 10 for n in range(9))]
    entities = "".join(f'<!ENTITY a{n} "{body}">' for n, body in enumerate(bodies))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss version="2.0"><channel>{item(1, "&a9;")}{TAIL}'.encode()
    )


def _quadratic_bomb() -> bytes:
    start = f'<!DOCTYPE rss [<!ENTITY a "{"x" * MEBIBYTE}">]><rss version="2.0"><channel>'
    return (start + item(1, "&a;" * 5_000) + TAIL).encode()


def _external_entity() -> bytes:
    secret = '<!ENTITY secret SYSTEM "file:///etc/passwd">'
    out = '<!ENTITY % out SYSTEM "http://127.0.0.1:9/x"> %out;'
    return (f'<!DOCTYPE rss [{secret}{out}]><rss version="2.0"><channel>' + item(1, "[&secret;]") + TAIL).encode()


def _deep_nesting() -> bytes:
    return feed(item(1, "<b>" * 200_000 + "deep" + "</b>" * 200_000))


def _deep_html() -> bytes:
    return feed(item(1, "&lt;div&gt;" * 200_000 + "deep"))


def _huge_attribute() -> bytes:
    return feed(f'<item x="{"y" * 10 * MEBIBYTE}"><title>Report 1</title></item>')


def _many_attributes() -> bytes:
    attributes = " ".join(f"a{n}='x'" for n in range(300_000))
    return feed(f"<item {attributes}><title>Report 1</title></item>")


def _json(count: int) -> bytes:
    items = [{"id": str(n), "title": f"Report {n}", "content_text": "Quiet."} for n in range(count)]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Paper", "items": items}).encode()


PAGE = (
    b'<!doctype html><html><head><title>Paper</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    b"</head><body>Welcome</body></html>"
)
LINKS = feed(
    item(1, link="javascript:alert(1)", guid=""),
    item(2, link="data:text/html,hello", guid=""),
    item(
        3,
        "&lt;a href='javascript:x'&gt;a&lt;/a&gt;&lt;a href='more'&gt;b&lt;/a&gt;&lt;script&gt;x&lt;/script&gt;",
        link="/three",
    ),
    item(4, link="vbscript:x"),
)
_DATES = ("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "0000-00-00", "9" * 20, "-1")
DATES = feed(*(item(n, pubDate=date) for n, date in enumerate(_DATES)))

# Name → the document. Functions, because some are large.
DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "xml-bomb": _xml_bomb,
    "xml-bomb-quadratic": _quadratic_bomb,
    "external-entity": _external_entity,
    "deep-nesting": _deep_nesting,
    "deep-html": _deep_html,
    "huge-attribute": _huge_attribute,
    "many-attributes": _many_attributes,
    "control-characters": lambda: feed(item(1, "a\x00b\x01c&#0;&#8;\x1b[31m&#xFFFE;&#xD800;d")),
    "lone-surrogates": lambda: feed(item(1, "SURROGATE")).replace(b"SURROGATE", b"a\xed\xa0\x80b"),
    "wrong-encoding": lambda: feed(item(1, "Grüße aus Köln")).decode().encode("latin-1"),
    "missing-encoding": lambda: b"<rss><channel>" + item(1, "Grüße aus Köln").encode("cp1252") + TAIL.encode(),
    "utf-16": lambda: feed(item(1, "Grüße aus Köln")).decode().replace("utf-8", "utf-16").encode("utf-16"),
    "byte-order-mark": lambda: b"\xef\xbb\xbf\r\n" + feed(item(1, "Grüße aus Köln")),
    "web-page": lambda: PAGE,
    "empty-body": lambda: b"",
    "entries-50000": lambda: feed(*(item(n) for n in range(50_000))),
    "entries-50000-json": lambda: _json(50_000),
    "entry-20mb": lambda: feed(item(1, "word " * 4 * MEBIBYTE)),
    "entry-14mb": lambda: feed(item(1, "&lt;p&gt;word&lt;/p&gt; " * (14 * MEBIBYTE // 24))),
    "title-1mb": lambda: feed(item(1, title="word " * (MEBIBYTE // 5))),
    "dates-extreme": lambda: DATES,
    "one-guid-10000": lambda: feed(*(item(n, guid="always-the-same") for n in range(10_000))),
    "bad-links": lambda: LINKS,
    "white-space-14mb": lambda: feed(item(1, " \n" * 7 * MEBIBYTE)),
    "open-tags-14mb": lambda: feed(item(1, "&lt;script " * (14 * MEBIBYTE // 11))),
    "ampersands-14mb": lambda: feed(item(1, "&" * 14 * MEBIBYTE)),
    "cdata-open-14mb": lambda: feed(item(1, "<![CDATA[" + "<![CDATA[" * (14 * MEBIBYTE // 9))),
    "less-than-14mb": lambda: feed(item(1, "<" * 14 * MEBIBYTE)),
    "comments-14mb": lambda: feed("<!--" * (14 * MEBIBYTE // 4)),
    "doctype-open-5mb": lambda: b"<!DOCTYPE " + b"[" * 5 * MEBIBYTE,
    "noise": lambda: bytes(range(256)) * 4096,
}
