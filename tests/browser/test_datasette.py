"""The database in Datasette as a browser shows it: titles and numbers lead on; the pictures of docs/database.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import feedparser
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.helpers.browser import Visit, visit
from tests.helpers.built_sites import Served
from tests.helpers.datasette import datasettes, has_plugin, serving

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
MOST, COLOURS = 100_000, 64
STORY, SEARCH = "aggregator/story?story=32", "aggregator/search?words=mistral"
# Page, width, height.
SHOTS = {
    "datasette-start-desktop": ("aggregator", 1280, 900), "datasette-story-desktop": (STORY, 1280, 900),
    "datasette-search-phone": (SEARCH, 390, 844), "datasette-story-phone": (STORY, 390, 844),
}  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.client]


def _started(version: str, demo: Served, folder: Path) -> Iterator[str]:
    if version not in datasettes():
        pytest.skip(f"there is no Datasette {version}: .ci/tools, or set AGGREGATOR_TEST_DATASETTE")
    (folder / "aggregator.db").symlink_to(demo.folder.parent / "demo.db")
    with serving(version, folder / "aggregator.db") as url:
        yield url


@pytest.fixture(scope="module", params=["0.65", "1.0"])
def shown(request: pytest.FixtureRequest, demo: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _started(request.param, demo, tmp_path_factory.mktemp("datasette"))


@pytest.fixture(scope="module")
def pictured(demo: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _started("0.65", demo, tmp_path_factory.mktemp("pictured"))


def _follow(here: Visit, path: str, column: str) -> str:
    """Where the first link in a column leads to, which is then the page."""
    here.go(path)
    here.page.locator(f"td.col-{column} a").first.click()
    here.page.wait_for_load_state("load")
    return re.sub(r"^.*?/aggregator", "", here.page.url)


def test_titles_and_numbers_lead_on(browser: Browser, shown: str) -> None:
    with visit(browser, shown, viewport={"width": 1280, "height": 900}) as here:
        assert re.fullmatch(r"/story\?story=\d+", _follow(here, "aggregator/latest_stories", "title"))
        assert here.page.locator("td.col-words a").count() > 1
        assert re.fullmatch(r"/post\?post=\d+", _follow(here, "aggregator/latest_posts", "title"))
        assert "seen in" in here.page.locator("table.rows-and-columns").inner_text()
        assert re.fullmatch(r"/story\?story=\d+", _follow(here, "aggregator/latest_posts", "story_id"))
        assert re.fullmatch(r"/sources/\d+", _follow(here, "aggregator/source_health", "source"))
        assert re.fullmatch(r"/topic\?topic=[\w-]+", _follow(here, "aggregator/rising_topics", "topic"))
        assert _follow(here, "aggregator?sql=select+6+as+post_id", "post_id") == "/post?post=6"
        assert _follow(here, SEARCH, "story_id") == "/story?story=32"
        assert here.complaints == [] and here.asked == []


def test_what_is_no_number_of_ours_leads_nowhere(browser: Browser, shown: str) -> None:
    with visit(browser, shown, viewport={"width": 1280, "height": 900}) as here:
        here.go("aggregator?sql=select+'six'+as+post_id,+7+as+seventh,+null+as+story_id")
        assert here.page.locator("table.rows-and-columns td").count() == 3
        assert here.page.locator("table.rows-and-columns td a").count() == 0


def test_a_search_for_nothing_shows_the_list(browser: Browser, shown: str) -> None:
    with visit(browser, shown, viewport={"width": 1280, "height": 900}) as here:
        here.go("aggregator/latest_posts")
        rows = here.page.locator("table.rows-and-columns tbody tr").count()
        here.page.locator('input[name="_search"]').press("Enter")
        here.page.wait_for_url("**/latest_posts?*")
        assert here.page.locator("table.rows-and-columns tbody tr").count() == rows > 1
        assert here.complaints == []


@pytest.mark.parametrize("version", ["0.65", "1.0"])
def test_stories_are_a_feed(demo: Served, tmp_path: Path, version: str) -> None:
    for url in _started(version, demo, tmp_path):
        if not has_plugin(version, "datasette-atom"):
            pytest.skip(f"Datasette {version} has no datasette-atom: .ci/tools installs it")
        with urlopen(f"{url}aggregator/stories_atom.atom", timeout=30) as reply:
            feed = feedparser.parse(reply.read())
    assert not feed.bozo and len(feed.entries) > 20
    latest = max(feed.entries, key=lambda each: each.updated_parsed)
    assert latest.id.startswith("tag:aggregator.invalid,2026:story/") and latest.title
    assert latest.link.startswith("https://") and latest.link in latest.content[0].value.replace("&amp;", "&")


@pytest.mark.parametrize("name", SHOTS)
def test_pictures_are_small(browser: Browser, pictured: str, tmp_path: Path, name: str) -> None:
    path, wide, high = SHOTS[name]
    folder = PICTURES if os.environ.get("AGGREGATOR_TEST_PICTURES") else tmp_path
    with visit(browser, pictured, viewport={"width": wide, "height": high}) as here:
        here.go(path)
        shot = Image.open(BytesIO(here.page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
    assert 5_000 < (folder / f"{name}.png").stat().st_size <= MOST
    with Image.open(PICTURES / f"{name}.png") as kept:
        assert kept.size == (wide, high), "make pictures"
