"""Addresses in the schemes of feed readers: pasted, in a list and on a page they mean the same."""

from __future__ import annotations

import pytest

from aggregator.sources.feeds.finding.pasted import pasted_address
from aggregator.sources.feeds.opml.addresses import web_address
from aggregator.sources.named_feeds import feeds_named
from aggregator.text.typed.subscribing import subscribed_address

# What stands there → what is asked.
MEANT = {
    "feed://port.example/f": "http://port.example/f",
    "feed:port.example/f": "http://port.example/f",
    "feed:///port.example/f": "http://port.example/f",
    "feeds://port.example/f": "https://port.example/f",
    "feed:https://port.example/f": "https://port.example/f",
    "feed://https://port.example/f": "https://port.example/f",
    "feed:https//port.example/f": "https://port.example/f",
    "FEED:HTTP//port.example/f": "http://port.example/f",
    "feed:feed://port.example/f": "http://port.example/f",
    "feed/https://port.example/f": "https://port.example/f",
    "itpc://port.example/f": "http://port.example/f",
    "itms-podcasts://port.example/f": "https://port.example/f",
    "pcast:port.example/f": "http://port.example/f",
    "podcast://port.example:8080/f": "http://port.example:8080/f",
    "rss://127.0.0.1:8080/f": "http://127.0.0.1:8080/f",
    "feed://https.example/f": "http://https.example/f",
}


@pytest.mark.parametrize(("written", "address"), MEANT.items())
def test_the_same_wherever_it_stands(written: str, address: str) -> None:
    assert subscribed_address(written) == address
    assert (pasted_address(written), web_address(written)) == (address, address)
    [named] = feeds_named(f'<a type="application/rss+xml" href="{written}">News</a>', "https://port.example/")
    assert named.url == address


@pytest.mark.parametrize(
    "written",
    ["feed:8080/f", "feed/f", "feed/http/f", "feed.example/f", "https://feed.example/feed:1", "feedback:a", ""],
)
def test_what_only_begins_like_one(written: str) -> None:
    assert subscribed_address(written) is None
