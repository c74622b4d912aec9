"""Feeds that have news each time they are asked: http://127.0.0.1:9000/feed/NUMBER. Runs by itself.

It imports nothing but the standard library, and nothing of these tests: tests/container hands it over as text.
"""

from __future__ import annotations

import itertools
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 9000
ENTRIES = 20
_DICE = random.Random(20)
_WORDS = ["".join(_DICE.choices("aeiouklmnprst", k=_DICE.randint(4, 9))) for _ in range(3000)]
_TURN = itertools.count()


def document(feed: int, turn: int) -> bytes:
    """A feed of so many new entries; the same for the same numbers."""
    dice = random.Random(f"{feed}/{turn}")
    items = []
    for number in range(ENTRIES):
        words = dice.choices(_WORDS, k=60)
        address = f"https://paper{feed}.example/{turn}/{number}"
        items.append(
            f"<item><title>{' '.join(words[:8]).capitalize()}</title><link>{address}</link><guid>{address}</guid>"
            f"<description>{' '.join(words)}.</description></item>"
        )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Paper {feed}</title>{"".join(items)}</channel></rss>'
    ).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = document(int(self.path.rpartition("/")[2]), next(_TURN))
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever).start()
