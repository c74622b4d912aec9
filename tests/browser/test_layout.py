"""How pages lie on screens and on paper: nothing sticks out, is cut off or lies over something else."""

from __future__ import annotations

import pytest

from tests.helpers.browser import SPACING, Look
from tests.helpers.built_sites import Served
from tests.helpers.site_pages import KINDS, SOME

pytestmark = pytest.mark.browser

SITES = [
    *(("demo", kind) for kind in KINDS), *((site, kind) for site in ("hostile", "right_to_left") for kind in SOME)
]  # fmt: skip
# The demo's as readers see them; of the others, what is there is what may go wrong, not its colours.
LOOKS = [
    *(("demo", kind, wide, scheme) for kind in KINDS for wide in (360, 1280) for scheme in ("light", "dark")),
    *((name, kind, wide, scheme) for name, kind in SITES for wide, scheme in ((360, "light"), (1280, "dark"))
      if name != "demo"),
]  # fmt: skip
everywhere = pytest.mark.parametrize(("name", "kind"), SITES, ids=[f"{site}-{kind}" for site, kind in SITES])


@pytest.fixture
def site(request: pytest.FixtureRequest, name: str) -> Served:
    site: Served = request.getfixturevalue(name)
    return site


@pytest.mark.parametrize(("name", "kind", "wide", "scheme"), LOOKS)
def test_a_page_fits_asks_for_nothing_elsewhere_and_can_be_read_by_all(
    look: Look, site: Served, kind: str, wide: int, scheme: str
) -> None:
    with look(site, wide, scheme) as visit:
        visit.go(KINDS[kind](site))
        assert visit.faults() == []
        visit.unfold()
        assert visit.faults() == []
        assert visit.violations() == []
        assert visit.asked == []
        assert visit.complaints == []


@everywhere
@pytest.mark.parametrize("wide", [360, 1280])
def test_nothing_is_lost_where_letters_are_twice_as_large_or_stand_apart(
    look: Look, site: Served, kind: str, wide: int
) -> None:
    with look(site, wide) as visit:
        visit.go(KINDS[kind](site))
        visit.unfold()
        visit.style(SPACING)
        assert visit.faults() == []
        visit.enlarge()
        assert visit.faults() == []


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize("kind", SOME)
def test_zoomed_to_twice_its_size(look: Look, site: Served, kind: str) -> None:
    with look(site, 640, device_scale_factor=2) as visit:
        visit.go(KINDS[kind](site))
        visit.unfold()
        assert visit.faults() == []


_STROKES = """() => [...document.querySelectorAll(".rule line")].map(line => {
    const style = getComputedStyle(line);
    return [line.getAttribute("class") || "", style.stroke, getComputedStyle(document.body).backgroundColor];
})"""


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_all_can_be_seen(look: Look, site: Served, kind: str, scheme: str) -> None:
    with look(site, 1280, scheme, forced_colors="active") as visit:
        visit.go(KINDS[kind](site))
        visit.unfold()
        assert visit.violations() == []
        assert [line for line in visit.page.evaluate(_STROKES) if line[1] in ("none", line[2])] == []


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize("kind", SOME)
def test_printed_it_is_black_on_white_without_the_navigation(look: Look, site: Served, kind: str) -> None:
    with look(site, 718, "dark") as visit:  # A4 without its margins
        visit.go(KINDS[kind](site))
        visit.page.emulate_media(media="print")
        assert visit.faults() == []
        colours = "() => { const of = getComputedStyle(document.body); return [of.color, of.backgroundColor] }"
        assert visit.page.evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert not visit.page.locator("nav").first.is_visible()
        assert visit.page.locator("h1, .name").first.is_visible()
        assert visit.page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize("kind", KINDS)
def test_without_javascript_it_is_the_same(look: Look, site: Served, kind: str) -> None:
    path = KINDS[kind](site)
    with look(site) as visit:
        visit.go(path)
        usual = visit.page.locator("body").inner_text()
    with look(site, java_script_enabled=False) as visit:
        visit.go(path)
        assert visit.page.locator("body").inner_text() == usual
        assert visit.complaints == []
