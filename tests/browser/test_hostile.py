"""Titles, texts, names and addresses that were written to break a page are shown as text, and nothing of them runs."""

from __future__ import annotations

import json
import re

import pytest

from tests.helpers.browser import Look
from tests.helpers.built_sites import Served
from tests.helpers.hostile_posts import TITLES

pytestmark = pytest.mark.browser

# What a browser shows of a text: no controls, and white space is one blank.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\ufdd0]")
# What pages may have in the body: what would do something besides is not there.
_ACTIVE = (
    "body script, body style, body iframe, body base, body meta, body img, body object, body embed, body textarea,"
    " body link, body title, body form:not(.ask)"
)
# The pages with a program: our own, for searching where there is no server that can.
SCRIPTED = ("search/index.html",)
_HANDLERS = """() => [...document.querySelectorAll("*")].filter(each => [...each.attributes].some(
    one => one.name.startsWith("on") || one.name === "style" || one.name === "autofocus")).map(
    each => each.outerHTML)"""
_SCHEMES = """() => [...new Set([...document.querySelectorAll("[href], [src], [cite], [action]")].flatMap(each =>
    ["href", "src", "cite", "action"].filter(name => each.hasAttribute(name)).map(
        name => new URL(each.getAttribute(name), document.baseURI).protocol)))]"""


def shown(text: str) -> str:
    return " ".join(_UNSHOWN.sub("", text).split())


@pytest.fixture(scope="module")
def stories(hostile: Served) -> dict[str, str]:
    """The titles of the stories that have a page, by its path."""
    return {
        hostile.path(path.with_name("index.html")): json.loads(path.read_text("utf-8"))["title"]
        for path in sorted(hostile.folder.rglob("story.json"))
    }


def test_all_samples_have_a_page(stories: dict[str, str]) -> None:
    titles = {shown(title) for title in stories.values()}
    assert {name for name, title in TITLES.items() if shown(title) not in titles} == set()


def test_titles_are_shown_as_they_were_written(look: Look, hostile: Served, stories: dict[str, str]) -> None:
    with look(hostile) as visit:
        for path, title in stories.items():
            visit.go(path)
            heading = visit.page.locator("h1").evaluate("each => each.firstChild.data")
            assert shown(heading) == shown(title)
            assert visit.page.locator("h1").count() == 1
            assert shown(visit.page.title()).startswith(shown(title))
        assert visit.complaints == [] and visit.asked == []


@pytest.mark.parametrize("page", ["index.html", "river/index.html", "days/2026-05-04/index.html"])
def test_lists_show_every_title(look: Look, hostile: Served, page: str) -> None:
    with look(hostile) as visit:
        visit.go(page)
        words = shown(visit.page.locator("main").evaluate("main => main.textContent"))
        assert {name for name, title in TITLES.items() if shown(title)[:200] not in words} == set()


def test_nothing_of_them_runs_anywhere(look: Look, hostile: Served) -> None:
    with look(hostile) as visit:
        for file in hostile.pages():
            path = hostile.path(file)
            visit.go(path)
            assert visit.page.evaluate("() => window.struck") is None, path
            assert visit.page.url.startswith(hostile.url)
            assert visit.page.locator(_ACTIVE).count() == 0, path
            assert visit.page.evaluate(_HANDLERS) == [], path
            assert set(visit.page.evaluate(_SCHEMES)) <= {"http:", "https:"}, path
            assert visit.page.locator("script:not([type='application/ld+json'])").count() == (path in SCRIPTED), path
            data = visit.page.locator("script[type='application/ld+json']").all()
            assert all(json.loads(each.evaluate("one => one.textContent")) for each in data), path
        assert visit.complaints == [] and visit.asked == []


def test_the_search_without_a_server_shows_them_as_text(look: Look, hostile: Served) -> None:
    with look(hostile) as visit:
        visit.go("search/index.html")
        visit.page.locator("main input").focus()
        visit.page.keyboard.type("ferry")
        visit.page.wait_for_selector("#found li")
        found = {shown(text) for text in visit.page.locator("#found h2").all_text_contents()}
        assert len({name for name, title in TITLES.items() if shown(title) in found}) >= 8
        assert visit.page.locator(_ACTIVE).count() == 0
        assert visit.page.evaluate(_HANDLERS) == []
        assert visit.page.evaluate("() => window.struck") is None
        assert visit.faults() == [] and visit.violations() == []
        assert visit.complaints == [] and visit.asked == []
