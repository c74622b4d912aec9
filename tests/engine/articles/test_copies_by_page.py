"""Copies that only pages can tell: two addresses of which one page says that they are one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.engine.articles.reader import LOOKING
from aggregator.engine.rebuild.copies import rebuild_copies
from aggregator.model.article import FetchedPage, ReadPage
from aggregator.model.settings import Articles
from tests.helpers.poller_room import article
from tests.helpers.reader_room import GOOD, MUSEUM, TEXT, ReaderRoom


def named(address: str) -> FetchedPage:
    """A page that gives this address as its own."""
    return replace(GOOD, page=ReadPage(text=TEXT, declared_url=address))


TWICE = (
    article("2026/05/ferry-lost", "Ferry lost rudder off Sandey", "A ferry lost its rudder, and all are safe."),
    article("amp-page/77", "Ferry lost rudder off Sandey | Gazette", "The island ferry drifted for hours at night."),
)


@pytest.mark.parametrize("first", [0, 1])
async def test_two_addresses_that_their_page_says_are_one_become_copies(tmp_path: Path, first: int) -> None:
    room = ReaderRoom(tmp_path, "gazette", "herald", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", TWICE[first])
    await room.brings("herald", TWICE[1 - first])
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]
    room.web.answers = {"amp-page/77": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT id, copy_of, copy_because FROM posts ORDER BY id") == [
        (1, None, None),
        (2, 1, "its page names https://gazette.example/2026/05/ferry-lost as its address"),
    ]
    assert room.rows("SELECT count(DISTINCT story_id) FROM posts") == [(1,)]
    rebuild_copies(room.database, room.now, lambda posts: None)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(1,)]


async def test_what_is_called_otherwise_is_another_article_whatever_its_page_names(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", "herald", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", TWICE[0])
    await room.brings("herald", MUSEUM)
    room.web.answers = {"museum": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]


async def test_two_items_of_one_source_are_two_whatever_their_page_names(tmp_path: Path) -> None:
    room = ReaderRoom(tmp_path, "gazette", articles=Articles(judge=False, fetch="all"))
    await room.brings("gazette", *TWICE)
    room.web.answers = {"amp-page/77": named(TWICE[0].canonical_url or "")}
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(copy_of) FROM posts") == [(0,)]


async def test_an_address_that_many_pages_name_is_none_of_theirs(tmp_path: Path) -> None:
    names = [f"paper{number}" for number in range(5)]
    room = ReaderRoom(tmp_path, *names, articles=Articles(judge=False, fetch="all"))
    for number, name in enumerate(names):
        await room.brings(name, article(f"live/{number}", "Ferry live", f"Entry {number}: it moves on, says {name}."))
        room.web.answers[f"live/{number}"] = named("https://gazette.example/live")
    await room.read_all()
    await room.read(LOOKING)
    assert room.rows("SELECT count(*) FROM posts WHERE copy_because LIKE 'its page%'") == [(0,)]
