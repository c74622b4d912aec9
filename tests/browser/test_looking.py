"""That the tests of the site find what they look for: pages that are wrong on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.helpers.browser import visit
from tests.helpers.built_sites import served

pytestmark = pytest.mark.browser

_PAGE = """<!DOCTYPE html><html lang="en"><title>x</title><meta http-equiv="Content-Security-Policy"
content="default-src 'none'; style-src 'unsafe-inline'">{}"""
WRONG = {
    "scrolls sideways": '<div style="width: 2000px">wide</div>',
    "sticks out": '<div style="overflow: hidden"><p style="margin-left: -50px">left</div>',
    "is cut off": '<p style="height: 1em; overflow: hidden">one<br>two</p>',
    "lie over one another": '<p>one</p><p style="margin-top: -2em">two</p>',
}


@pytest.mark.parametrize("fault", WRONG)
def test_faults_are_found(browser: Browser, tmp_path: Path, fault: str) -> None:
    (tmp_path / "wrong.html").write_text(_PAGE.format(WRONG[fault]), encoding="utf-8")
    (tmp_path / "right.html").write_text(_PAGE.format("<p>one</p><p>two</p>"), encoding="utf-8")
    with served(tmp_path) as site, visit(browser, site.url) as here:
        here.go("right.html")
        assert here.faults() == []
        here.go("wrong.html")
        assert any(fault in each for each in here.faults())


def test_requests_elsewhere_and_complaints_are_seen(browser: Browser, tmp_path: Path) -> None:
    elsewhere = '<!DOCTYPE html><title>x</title><img src="https://elsewhere.example/x.png"><img src="nowhere.png">'
    (tmp_path / "elsewhere.html").write_text(elsewhere, encoding="utf-8")
    refused = '<script>alert("x")</script><p style="color: red" onclick="x()">'
    (tmp_path / "refused.html").write_text(_PAGE.format(refused).replace("style-src 'unsafe-inline'", ""), "utf-8")
    with served(tmp_path) as site, visit(browser, site.url) as here:
        here.go("elsewhere.html")
        assert here.asked == ["https://elsewhere.example/x.png"]
        assert any(said.startswith("404") for said in here.complaints)
        here.complaints.clear()
        here.go("refused.html")
        assert sum("Content Security Policy" in said for said in here.complaints) >= 2


def test_axe_finds_what_cannot_be_read(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "faint.html").write_text(_PAGE.format('<main><h1>x</h1><p style="color: #ddd">faint</main>'), "utf-8")
    with served(tmp_path) as site, visit(browser, site.url) as here:
        here.go("faint.html")
        [found] = here.violations()
        assert found.startswith("color-contrast: <p")
