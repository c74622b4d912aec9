"""A digest in a browser, as mail programs show it: at the widths of a desk and of a phone, in both colours, and without
its sheet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.test_pictures import COLOURS, MOST, PICTURES
from tests.helpers.browser import SPACING, Look
from tests.helpers.built_sites import Served, served
from tests.helpers.digest_pages import demo_digest, without_sheet

pytestmark = pytest.mark.browser

SHOTS = {"digest": (900, 1000, "light"), "digest-phone": (390, 844, "light"), "digest-phone-dark": (390, 844, "dark")}


@pytest.fixture(scope="module")
def digest(demo: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("digest")
    made = demo_digest(demo.folder.parent / "demo.db", folder)
    (folder / "bare.html").write_text(without_sheet(made.html), "utf-8")
    with served(folder) as site:
        yield site


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [360, 900])
def test_a_digest_fits_asks_for_nothing_and_can_be_read_by_all(
    look: Look, digest: Served, wide: int, scheme: str
) -> None:
    with look(digest, wide, scheme) as visit:
        visit.go("digest.html")
        assert visit.faults() == []
        assert visit.violations() == []
        assert visit.asked == []
        assert visit.complaints == []


def test_nothing_is_lost_where_letters_stand_apart(look: Look, digest: Served) -> None:
    with look(digest, 360) as visit:
        visit.go("digest.html")
        visit.style(SPACING)
        assert visit.faults() == []


def test_without_its_sheet_it_has_its_sizes_and_fits(look: Look, digest: Served) -> None:
    with look(digest, 360) as visit:
        visit.go("bare.html")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
        sizes = visit.page.evaluate(
            "[...document.querySelectorAll('article h3')].map(each => parseFloat(getComputedStyle(each).fontSize))"
        )
        assert sizes[0] == max(sizes) > min(sizes)


@pytest.mark.parametrize("name", SHOTS)
def test_pictures_are_small(look: Look, digest: Served, tmp_path: Path, name: str) -> None:
    wide, high, scheme = SHOTS[name]
    folder = PICTURES if os.environ.get("AGGREGATOR_TEST_PICTURES") else tmp_path
    with look(digest, wide, scheme) as visit:
        visit.page.set_viewport_size({"width": wide, "height": high})
        visit.go("digest.html")
        shot = Image.open(BytesIO(visit.page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
    assert 5_000 < (folder / f"{name}.png").stat().st_size <= MOST
    with Image.open(PICTURES / f"{name}.png") as kept:
        assert kept.size == (wide, high), "make pictures"
