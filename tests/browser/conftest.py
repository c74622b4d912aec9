"""One browser for all tests of the site, and the sites it looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.helpers.browser import ARGUMENTS, Look, chromium, visit
from tests.helpers.built_sites import Served, demo_site, hostile_site, right_to_left_site, served


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with demo_site(tmp_path_factory.mktemp("demo")) as site:
        yield site


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(hostile_site(tmp_path_factory.mktemp("hostile")), "below/") as site:
        yield site


@pytest.fixture(scope="session")
def right_to_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(right_to_left_site(tmp_path_factory.mktemp("rtl"))) as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or set AGGREGATOR_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def look(browser: Browser) -> Look:
    """Looks at a site at a width, in a colour scheme."""

    def at(site: Served, wide: int = 1280, scheme: str = "light", **more: object):  # type: ignore[no-untyped-def]
        high = 800 if wide < 800 else 900
        return visit(browser, site.url, viewport={"width": wide, "height": high}, color_scheme=scheme, **more)

    return at
