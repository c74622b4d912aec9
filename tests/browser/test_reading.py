"""Reading the site: by keyboard alone, by ear, in many languages."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.helpers.browser import Look, Visit
from tests.helpers.built_sites import Served
from tests.helpers.site_pages import KINDS, longest_story

pytestmark = pytest.mark.browser

# Of what has the focus: where it leads, its words, and whether it can be seen to have it.
_FOCUS = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const lines = [...at.getClientRects()].filter(line => line.width && line.height);
    const line = lines[0] || box;
    const top = document.elementFromPoint(line.left + line.width / 2, line.top + line.height / 2);
    return {
        href: at.href || "", name: at.localName, main: at.closest("main") !== null, text: at.textContent.trim(),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inside: box.bottom > 0 && box.right > 0 && box.left < innerWidth && box.top < innerHeight,
        free: top !== null && (at.contains(top) || top.contains(at)),
    };
}"""
_STOPS = """() => [...document.querySelectorAll("a[href], summary, input, button")]
    .filter(each => each.checkVisibility({checkVisibilityCSS: true})).length"""


def stops(page: Page, most: int = 400) -> Iterator[dict[str, object]]:
    """What has the focus, one press of Tab after the other, until the page is at its end."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        if found["name"] == "body":
            return
        yield found


def tab_to(visit: Visit, href: str) -> list[dict[str, object]]:
    """Press Tab until the link to that address has the focus; all on the way can be seen to have it."""
    way = []
    for found in stops(visit.page):
        assert found["outlined"] and found["inside"] and found["free"], found
        way.append(found)
        if found["href"] == href:
            return way
    raise AssertionError(f"no press of Tab leads to {href}")


@pytest.mark.parametrize("wide", [360, 1280])
@pytest.mark.parametrize("name", ["demo", "right_to_left"])
def test_from_the_front_page_to_a_story_and_back_by_keyboard(
    look: Look, request: pytest.FixtureRequest, name: str, wide: int
) -> None:
    site: Served = request.getfixturevalue(name)
    story = site.url + longest_story(site).removesuffix("index.html")
    with look(site, wide) as visit:
        visit.go("index.html")
        page = visit.page
        page.keyboard.press("Tab")
        first = page.evaluate(_FOCUS)
        assert first["href"] == site.url + "#main" and first["inside"] and first["free"]
        page.keyboard.press("Enter")
        assert not [at["text"] for at in tab_to(visit, story) if not at["main"]]  # the navigation is left out
        page.keyboard.press("Enter")
        page.wait_for_url(story)
        assert page.locator("h1").inner_text()
        tab_to(visit, site.url)
        page.keyboard.press("Enter")
        page.wait_for_url(site.url)
        assert visit.complaints == []


@pytest.mark.parametrize("kind", KINDS)
def test_tab_goes_to_everything_in_the_order_of_the_page(look: Look, demo: Served, kind: str) -> None:
    with look(demo) as visit:
        visit.go(KINDS[kind](demo))
        visit.unfold()
        expected = visit.page.evaluate(_STOPS)
        found = list(stops(visit.page, 1000))
        assert len(found) == expected
        assert [each for each in found if not (each["outlined"] and each["inside"] and each["free"])] == []


def test_what_is_folded_opens_by_keyboard(look: Look, demo: Served) -> None:
    with look(demo) as visit:
        visit.go(longest_story(demo))
        last = visit.page.locator("details.whys")
        assert not last.locator("dd").first.is_visible()
        last.locator("summary").focus()
        visit.page.keyboard.press("Enter")
        assert last.locator("dd").first.is_visible()


def test_a_search_by_keyboard_finds_the_story(look: Look, demo: Served) -> None:
    with look(demo) as visit:
        visit.go("search/index.html")
        field = visit.page.locator("main input")
        field.focus()
        visit.page.keyboard.type("Mistral")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/search/?*Mistral*")
        assert visit.page.locator("main h2, main h3").filter(has_text="Mistral").count()
        assert visit.faults() == [] and visit.violations() == [] and visit.complaints == []


def test_titles_of_other_languages_are_said_in_theirs(look: Look, demo: Served) -> None:
    told = {story["id"]: story for story in json.loads((demo.folder / "stories.json").read_text("utf-8"))["stories"]}
    foreign = [story for story in told.values() if story["language"] not in ("en", None)]
    assert len({story["language"] for story in foreign}) >= 3
    with look(demo) as visit:
        for story in foreign:
            visit.go(f"stories/{story['slug']}/index.html")
            heading = visit.page.locator("h1")
            assert heading.get_attribute("lang") == story["language"], story["slug"]
            assert heading.get_attribute("dir") == "auto"


_DIRECTIONS = """() => [...document.querySelectorAll("h1, h3, .says, blockquote p, .lead span")].map(each => {
    const letters = [...each.textContent].filter(one => /\\p{L}/u.test(one));
    const first = letters[0] || "";
    const written = /[\\u0590-\\u08ff]/.test(first) ? "rtl" : "ltr";
    return [written, getComputedStyle(each).direction, each.textContent.trim().slice(0, 60)];
})"""


def story_in(site: Served, language: str) -> str:
    for path in sorted(site.folder.rglob("story.json")):
        if json.loads(path.read_text("utf-8"))["language"] == language:
            return site.path(path.with_name("index.html"))
    raise AssertionError(language)


@pytest.mark.parametrize("kind", ["front", "day", "ar", "he", "fa"])
def test_texts_run_the_way_they_are_written(look: Look, right_to_left: Served, kind: str) -> None:
    with look(right_to_left) as visit:
        visit.go(KINDS[kind](right_to_left) if kind in KINDS else story_in(right_to_left, kind))
        assert visit.page.evaluate("() => getComputedStyle(document.body).direction") == "rtl"
        found = visit.page.evaluate(_DIRECTIONS)
        assert {"rtl"} <= {written for written, _, _ in found}
        assert [each for each in found if each[0] != each[1]] == []
