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


@pytest.mark.parametrize("name", ["demo", "right_to_left"])
def test_on_a_phone_the_navigation_is_one_row_and_the_mark_stands_at_its_word(look: Look, site: Served) -> None:
    mark = """() => {
        const at = document.querySelector(".nav [aria-current]"), word = at.getBoundingClientRect();
        const style = getComputedStyle(at, "::after"), rule = document.querySelector(".head").getBoundingClientRect();
        const side = document.dir === "rtl" ? "right" : "left";
        return [style[side], style.bottom, Math.round(rule.bottom - word.bottom)];
    }"""
    with look(site, 360) as visit:
        for kind in ("front", "river", "sources"):
            visit.go(KINDS[kind](site))
            tops = visit.page.evaluate("() => [...document.querySelectorAll('.nav li')].map(each => each.offsetTop)")
            assert len(tops) == 6 and len(set(tops)) == 1
            # Down to the thick rule, which is 3 px.
            assert visit.page.evaluate(mark) == ["0px", "0px", 3]


_BEGIN_LINES = """() => [...document.querySelectorAll("main .ref")].filter(ref => {
    const range = document.createRange();
    range.setStartBefore(ref.parentElement.firstChild);
    range.setEndBefore(ref);
    const before = [...range.getClientRects()].filter(box => box.width > 1).pop();
    const [own] = ref.getClientRects();
    return !before || own.top > before.bottom || own.bottom < before.top;
}).length"""


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize("kind", ["front", "story"])
def test_the_number_of_a_source_never_begins_a_line(look: Look, site: Served, kind: str) -> None:
    with look(site) as visit:
        visit.go(KINDS[kind](site))
        assert visit.page.locator("main .ref").count() > 3
        # Behind such words a line may end.
        said = "all => all.forEach(each => { each.firstChild.data = '計算センターを建てる。' })"
        visit.page.locator(":is(.lead, .brief p) > span:has(~ .ref)").evaluate_all(said)
        for wide in range(320, 720, 8):
            visit.page.set_viewport_size({"width": wide, "height": 800})
            assert visit.page.evaluate(_BEGIN_LINES) == 0, wide


@pytest.mark.parametrize("name", ["right_to_left"])
def test_times_and_counts_stay_apart_where_lines_run_to_the_left(look: Look, site: Served) -> None:
    begins = """() => [...document.querySelectorAll(".story .when")].map(each => {
        const range = document.createRange(), n = each.querySelector(".n").firstChild;
        range.setStart(n, 0), range.setEnd(n, 1);
        return [each.querySelector("time").getBoundingClientRect().left, range.getBoundingClientRect().right];
    })"""
    with look(site, 360) as visit:
        visit.go("index.html")
        found = visit.page.evaluate(begins)
        assert found and all(right <= left - 8 for left, right in found), found


@pytest.mark.parametrize("name", ["demo"])
@pytest.mark.parametrize(("wide", "scheme"), [(360, "dark"), (1280, "light")])
def test_what_a_search_finds_can_be_read_by_all(look: Look, site: Served, wide: int, scheme: str) -> None:
    with look(site, wide, scheme) as visit:
        visit.page.goto(site.url + "search/?q=Mistral")
        assert visit.page.locator(".said li").count() > 5
        sizes = (
            "() => [...document.querySelectorAll('.story h3')].map(each => parseFloat(getComputedStyle(each).fontSize))"
        )
        assert max(visit.page.evaluate(sizes)) < 20
        assert visit.faults() == [] and visit.violations() == [] and visit.complaints == []


@pytest.mark.parametrize("name", ["demo"])
def test_what_is_folded_is_only_printed_where_it_was_opened(look: Look, site: Served) -> None:
    with look(site, 718) as visit:
        visit.go(KINDS["story"](site))
        visit.page.emulate_media(media="print")
        assert not visit.page.locator("details.whys").is_visible()
        visit.unfold()
        assert visit.page.locator("details.whys dd").first.is_visible()
