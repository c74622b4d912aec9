"""How sources are shown: by name and state, and without what is somebody's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model.settings import Publish
from aggregator.model.site import ShownSource
from aggregator.model.source import Source
from aggregator.storage.site.rows import SiteRows
from tests.helpers.poller_room import NOW, PollerRoom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PollerRoom]:
    room = PollerRoom(tmp_path)
    yield room
    room.database.close()


def shown(room: PollerRoom, **columns: str) -> ShownSource:
    """The source of a feed with this row."""
    url = columns.pop("url")
    room.config = replace(room.config, sources=(Source(kind="feed", url=url),))
    room.new_poller()
    for name, value in columns.items():
        room.database.conn.execute(f"UPDATE sources SET {name} = ?", (value,))
    with SiteRows(room.config.storage.path, Publish()) as rows:
        [source] = rows.sources(NOW.date())
    return source


@pytest.mark.parametrize(
    "url",
    [
        "https://own.example/feed?key=KEYWORD",
        "https://own.example/private/KEYWORD/all.xml",
        "https://me:KEYWORD@own.example/feed",
    ],
)
def test_an_address_that_is_somebodys_own_is_not_shown(room: PollerRoom, url: str) -> None:
    source = shown(room, url=url, site_url=url, last_error=f"HTTP 403 for {url}")
    assert (source.name, source.url, source.site_url) == ("own.example", None, None)
    assert source.trouble == "HTTP 403 for own.example"
    assert "KEYWORD" not in repr(source)
    assert shown(room, url=url, title=f"Feed of {url}").name == "Feed of own.example"


def test_one_that_anybody_may_ask_for_is(room: PollerRoom) -> None:
    url = "https://open.example/feed?author=key"
    source = shown(room, url=url, site_url="https://open.example/", last_error=f"HTTP 403 for {url}")
    assert (source.name, source.url, source.site_url) == (url, url, "https://open.example/")
    assert source.trouble == f"HTTP 403 for {url}"
