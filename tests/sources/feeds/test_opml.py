"""OPML of other readers in, our own out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.sources.feeds.opml import OpmlError, Subscription, read_opml, write_opml

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

OPML = """<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Research"><outline type="rss" text="Lab" xmlUrl="https://lab.example/feed"/>
<outline text="Deep"><outline text="One" xmlUrl="feed://deep.example/f" htmlUrl="https://deep.example/"/></outline></outline>
<outline title="Twice" xmlUrl="https://lab.example/feed"/><outline text="Mail" xmlUrl="mailto:x@y.example"/>
<outline type="rss" text="Two" xmlurl="https://two.example/feed"/></body></opml>"""


def test_opml_of_other_readers_is_read() -> None:
    found, troubles = read_opml(OPML)
    assert [(each.url, each.title, each.folders) for each in found] == [
        ("https://lab.example/feed", "Lab", ("Research",)),
        ("http://deep.example/f", "One", ("Research", "Deep")),
        ("https://two.example/feed", "Two", ()),
    ]
    assert troubles == ["Mail: no http or https address: mailto:x@y.example"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not XML"),
        ("<rss/>", "not OPML, but <rss>"),
        ("<opml><body>", "not XML"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><opml/>', "entities"),
    ],
)
def test_what_is_no_opml_is_refused(text: str, why: str) -> None:
    with pytest.raises(OpmlError, match=why):
        read_opml(text)


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zl", "Zp"]), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, 999), _NAMES, max_size=8), _NAMES)
def test_what_is_written_can_be_read(titles: dict[int, str], folder: str) -> None:
    given_ = [
        Subscription(url=f"https://p{n}.example/feed?a=1&b={n}", title=title, folders=(folder,) if n % 2 else ())
        for n, title in titles.items()
    ]
    found, troubles = read_opml(write_opml(given_, "Mine", NOW))
    assert {(each.url, each.title) for each in found} == {
        (each.url, " ".join(each.title.split()) or each.url) for each in given_
    }
    assert troubles == []
