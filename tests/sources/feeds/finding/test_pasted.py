"""What people paste for a feed."""

from __future__ import annotations

import pytest

from aggregator.sources.feeds.finding.pasted import pasted_address

MEANT = {
    "https://paper.example/f": "https://paper.example/f",
    " <https://paper.example/f>\n": "https://paper.example/f",
    "paper.example/f": "https://paper.example/f",
    "//paper.example/f": "https://paper.example/f",
    "feed://paper.example/f": "http://paper.example/f",
    "feed://127.0.0.1:8080/f": "http://127.0.0.1:8080/f",
    "feeds://paper.example/f": "https://paper.example/f",
    "FEED:https://paper.example/f": "https://paper.example/f",
    "feed://https://paper.example/f": "https://paper.example/f",
    "feed:https//paper.example/f": "https://paper.example/f",
    "itpc://paper.example/f": "http://paper.example/f",
    "pcast://paper.example/f": "http://paper.example/f",
    "feed/https://paper.example/f": "https://paper.example/f",
    "feed:feed://paper.example/f": "http://paper.example/f",
    "podcasts://paper.example/f": "https://paper.example/f",
    # None of these subscribes to anything.
    "feed.paper.example": "https://feed.paper.example",
    "feed/http/f": "https://feed/http/f",
    "feed:8080/f": "https://feed:8080/f",
    "rss.paper.example:8080/f": "https://rss.paper.example:8080/f",
    "feed://http.paper.example/f": "http://http.paper.example/f",
    "ftp://paper.example/f": None,
    "mailto:a@paper.example": None,
    "javascript:alert(1)": None,
    "": None,
}


@pytest.mark.parametrize(("text", "address"), MEANT.items())
def test_pasted(text: str, address: str | None) -> None:
    assert pasted_address(text) == address
