"""What is written for other readers: what came in goes out again."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.sources.feeds.opml.reading import read_opml
from aggregator.sources.feeds.opml.values import Subscription
from aggregator.sources.feeds.opml.writing import write_opml

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zl", "Zp"]), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, 999), _NAMES, max_size=8), st.lists(_NAMES, max_size=3))
def test_what_is_written_can_be_read(titles: dict[int, str], folders: list[str]) -> None:
    given_ = {
        Subscription(
            url=f"https://p{n}.example/feed?a=1&b={n}", title=" ".join(title.split()), site_url=f"https://p{n}.example/",
            folders=tuple(filter(None, (" ".join(name.split()) for name in folders))) if n % 2 else (),
        )
        for n, title in titles.items()
    }  # fmt: skip
    read = read_opml(write_opml(given_, "Mine", NOW))
    assert {(each.url, each.title, each.site_url, each.folders) for each in read.found} == {
        (each.url, each.title, each.site_url, each.folders) for each in given_
    }
    assert (read.left_out, read.notes) == ([], [])


def test_folders_stand_in_folders_and_every_feed_is_of_the_type_that_readers_know() -> None:
    feeds = [
        Subscription(url="https://a.example/f", folders=("Press", "AI/ML")),
        Subscription(url="https://b.example/f", title="B\x00\x0b\ufffe"),
        Subscription(url="https://c.example/f", title="C", site_url="https://c.example/", folders=("Press",)),
    ]
    body = ElementTree.fromstring(write_opml(feeds, "Mine", NOW).encode()).find("body")
    assert body is not None
    [free, press] = body
    assert (free.attrib["type"], free.attrib["text"], free.attrib["title"]) == ("rss", "B", "B")
    assert (press.attrib, [each.attrib["text"] for each in press]) == (
        {"text": "Press", "title": "Press"},
        ["C", "AI/ML"],
    )
    assert press[0].attrib["htmlUrl"] == "https://c.example/"
    assert press[1][0].attrib == {
        "type": "rss", "text": "https://a.example/f", "title": "https://a.example/f", "xmlUrl": "https://a.example/f",
    }  # fmt: skip
