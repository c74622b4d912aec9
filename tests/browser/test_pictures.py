"""The pictures of the README are of the demo's site as it is: made here, by `make pictures`."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.browser import Look
from tests.helpers.built_sites import Served
from tests.helpers.site_pages import longest_story

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
# In bytes: who looks at the README fetches all of them. They have some 500 shades of a few colours.
MOST, COLOURS = 150_000, 128
# Page, width, height, colour scheme.
SHOTS = {
    "front-desktop": ("front", 1280, 1000, "light"), "front-desktop-dark": ("front", 1280, 1000, "dark"),
    "front-phone": ("front", 390, 844, "light"), "front-phone-dark": ("front", 390, 844, "dark"),
    "story-desktop": ("story", 1280, 1000, "light"), "story-desktop-dark": ("story", 1280, 1000, "dark"),
    "story-phone": ("story", 390, 844, "light"), "story-phone-dark": ("story", 390, 844, "dark"),
}  # fmt: skip


pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", SHOTS)
def test_pictures_are_small(look: Look, demo: Served, tmp_path: Path, name: str) -> None:
    kind, wide, high, scheme = SHOTS[name]
    folder = PICTURES if os.environ.get("AGGREGATOR_TEST_PICTURES") else tmp_path
    folder.mkdir(exist_ok=True)
    with look(demo, wide, scheme) as visit:
        visit.page.set_viewport_size({"width": wide, "height": high})
        visit.go("index.html" if kind == "front" else longest_story(demo))
        shot = Image.open(BytesIO(visit.page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
    assert 5_000 < (folder / f"{name}.png").stat().st_size <= MOST
    with Image.open(PICTURES / f"{name}.png") as kept:
        assert kept.size == (wide, high), "make pictures"
