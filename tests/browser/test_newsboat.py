"""A feed reader of others reads the feeds of a site: newsboat, as Debian has it."""

from __future__ import annotations

import html
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import feedparser
import pytest

from tests.helpers.built_sites import Served

pytestmark = pytest.mark.client


def read(site: Served, feeds: list[str], folder: Path) -> dict[str, tuple[str, str]]:
    """What newsboat has when it was told to fetch these feeds: titles and addresses by their ids.

    It keeps one entry of an id, in whichever feed it was last seen.
    """
    program = shutil.which("newsboat")
    if program is None:
        pytest.skip("there is no newsboat: run .ci/tools")
    (folder / "urls").write_text("".join(f"{site.url}{feed}\n" for feed in feeds), encoding="utf-8")
    (folder / "config").write_text("", encoding="utf-8")
    done = subprocess.run(
        [program, "-u", str(folder / "urls"), "-c", str(folder / "cache.db"), "-C", str(folder / "config"),
         "-x", "reload"],
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        return {each: (title, url) for each, title, url in cache.execute("SELECT guid, title, url FROM rss_item")}


def atom_feeds(site: Served) -> list[str]:
    return sorted(site.path(path) for path in site.folder.rglob("*.atom"))


def entries(site: Served, feed: str) -> dict[str, str]:
    """The titles of a feed by their ids, as feedparser reads it: without a warning."""
    parsed = feedparser.parse((site.folder / feed).read_bytes())
    assert not parsed.bozo, feed
    return {entry.id: entry.title for entry in parsed.entries}


def plain(title: str) -> str:
    return " ".join(html.unescape(title).split())


@pytest.mark.parametrize("name", ["demo", "hostile", "right_to_left"])
def test_it_has_every_entry_of_every_feed(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    site: Served = request.getfixturevalue(name)
    feeds = atom_feeds(site)
    told = {each: title for feed in feeds for each, title in entries(site, feed).items()}
    assert len(feeds) >= 5 and len(told) >= 4
    found = read(site, feeds, tmp_path)
    assert found.keys() == told.keys()
    assert {each for each, (title, _) in found.items() if plain(title) != plain(told[each])} == set()
    assert [url for _, url in found.values() if not url.startswith("http")] == []


@pytest.mark.parametrize("feed", ["feeds/all.atom", "feeds/stories.atom", "feeds/entities/mistral.atom"])
def test_it_has_a_feed_that_it_follows_alone(demo: Served, tmp_path: Path, feed: str) -> None:
    assert read(demo, [feed], tmp_path).keys() == entries(demo, feed).keys()
