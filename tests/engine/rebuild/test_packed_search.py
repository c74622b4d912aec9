"""The search after a first poll: one part, where that poll brought all there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.engine.rebuild import first_polls
from tests.helpers.poller_room import PollerRoom, article, url_of

PAPERS = ("gazette", "courier")
# An id in the index is that of its part, times 2^37; 1 and 10 are of the whole (SQLite's fts5_index.c).
PARTS = "SELECT count(DISTINCT id >> 37) FROM posts_fts_data WHERE id > 10"


def room(folder: Path) -> PollerRoom:
    """Each paper is saved by itself, and so a part of the search."""
    made = PollerRoom(folder, *PAPERS, batch_posts=1)
    for paper in PAPERS:
        posts = [article(f"{number}", f"{paper} on ferry {number}", host=paper) for number in range(4)]
        made.collect.posts(url_of(paper), posts)
    return made


async def test_the_search_of_a_first_poll_is_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_polls, "_MANY", 5)
    polled = room(tmp_path)
    await polled.poll()
    assert polled.rows(PARTS) == [(1,)]
    assert polled.rows("SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'courier ferry'") == [(4,)]
    with polled.database.write():
        polled.database.conn.execute("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
    polled.database.close()


async def test_a_few_posts_stay_in_their_parts(tmp_path: Path) -> None:
    polled = room(tmp_path)
    await polled.poll()
    assert polled.rows(PARTS) > [(1,)]
    polled.database.close()


async def test_nor_is_all_of_a_file_written_again_for_what_one_poll_adds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled = room(tmp_path)
    await polled.poll()
    parts = polled.rows(PARTS)
    monkeypatch.setattr(first_polls, "_MANY", 2)
    later = PollerRoom(tmp_path / "later", *PAPERS, "mirror", batch_posts=1)
    polled.config, polled.collect = replace(polled.config, sources=later.config.sources), later.collect
    posts = [article(f"m{number}", f"Mirror {number}", host="mirror") for number in range(4)]
    later.collect.posts(url_of("mirror"), posts)
    polled.poller = polled.new_poller()
    await polled.poll()
    assert polled.rows(PARTS) > parts
    later.database.close()
    polled.database.close()
