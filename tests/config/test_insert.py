"""Feeds written into the TOML file as if by hand: nothing else in it changes."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.config.insert import NewFeed, with_feeds
from tests.helpers.own_file import FILE


def test_a_feed_is_written_behind_the_last_one_and_nothing_else_changes() -> None:
    changed = with_feeds(FILE, [NewFeed(url="https://three.example/feed", title='The "Third"', topics=("research",))])
    assert changed is not None
    before, after = FILE.split("\n# ---- hashtags")
    assert changed == (
        f'{before}\n[[feeds]]\nurl = "https://three.example/feed"\ntitle = "The \\"Third\\""\n'
        f'topics = ["research"]\n\n# ---- hashtags{after}'
    )


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment", '[polling]\ninterval = "1h"', '[[feeds]]\nurl = "https://a.example/"',
     '[[feeds]]\nurl = "https://a.example/"\n[feeds.headers]\nX = "y"\n[log]\n', 'x = """\n[[feeds]]\n"""\n'],
)  # fmt: skip
def test_it_finds_its_place_in_other_files(text: str) -> None:
    changed = with_feeds(text, [NewFeed(url="https://b.example/"), NewFeed(url="https://c.example/")])
    assert changed is not None
    assert all(line in changed.splitlines() for line in text.splitlines())
    old, new = tomllib.loads(text), tomllib.loads(changed)
    assert [each["url"] for each in new.pop("feeds")][-2:] == ["https://b.example/", "https://c.example/"]
    old.pop("feeds", None)
    assert new == old


def test_where_there_is_no_place_nothing_is_written() -> None:
    assert with_feeds('feeds = [{ url = "https://a.example/" }]\n', [NewFeed(url="https://b.example/")]) is None
    assert with_feeds("not toml", [NewFeed(url="https://b.example/")]) is None


@settings(max_examples=100, deadline=None)
@example("\x7f\x1b\x00\u2028")
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_title_can_be_written(title: str) -> None:
    changed = with_feeds(FILE, [NewFeed(url="https://x.example/", title=title or None)])
    assert changed is not None
    assert tomllib.loads(changed)["feeds"][-1].get("title", "") == title
