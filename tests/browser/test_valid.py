"""Every page is valid HTML, and every link inside a site leads somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.helpers.built_sites import ADDRESS, Served

pytestmark = pytest.mark.browser

SITES = ("demo", "hostile", "right_to_left")
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# `.ci/tools` puts it there.
CHECKER = Path(
    os.environ.get("AGGREGATOR_TEST_VNU") or _CACHE / "aggregator-tests/node_modules/vnu-jar/build/dist/vnu.jar"
)
# What it says of the policy of pages in a folder is not so: it knows no origin, and takes data for a program. That no
# page is refused anything is asked of the browser. And how others write their letters is their business.
NOT_SO = ("violates Content Security Policy", "not in Unicode Normalization Form C")


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> Served:
    site: Served = request.getfixturevalue(request.param)
    return site


def problems(folder: Path) -> list[str]:
    """What the Nu Html Checker says of all pages, stylesheets and pictures of a folder."""
    java = shutil.which("java")
    if java is None or not CHECKER.is_file():
        pytest.skip(f"there is no Java or no {CHECKER}: run .ci/tools, or set AGGREGATOR_TEST_VNU")
    done = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", "--exit-zero-always", "--skip-non-html", "--also-check-css",
         "--also-check-svg", "--no-langdetect", "--stdout", str(folder)],
        capture_output=True, text=True, check=True, timeout=110,
    )  # fmt: skip
    return [
        f"{unquote(one['url'])}:{one.get('lastLine')}: {one['message']}: {one.get('extract', '')}"
        for one in json.loads(done.stdout or '{"messages": []}')["messages"]
        if not any(words in one["message"] for words in NOT_SO)
    ]


def test_every_page_is_valid(site: Served) -> None:
    assert len(site.pages()) > 10
    assert problems(site.folder) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text("<!DOCTYPE html><html lang=en><title>x</title><p><div id=a></div><p id=a>")
    (tmp_path / "wrong.css").write_text("p { colour: red }")
    found = problems(tmp_path)
    assert any("Duplicate ID" in each for each in found) and any("colour" in each for each in found)


@cache
def _read(page: Path) -> LexborHTMLParser:
    return LexborHTMLParser(page.read_text("utf-8"))


def _links(node: LexborNode | None) -> Iterator[str]:
    assert node is not None
    for each in node.css("[href], [src], [cite], [action]"):
        for name in ("href", "src", "cite", "action"):
            if (link := each.attributes.get(name)) is not None:
                yield link


def _is_there(folder: Path, path: str, fragment: str) -> bool:
    """Whether a site has what stands at this path of its address, and in it what the fragment names."""
    file = folder / unquote(path) / ("index.html" if not path or path.endswith("/") else "")
    if not file.is_file():
        return False
    return not fragment or any(each.attributes.get("id") == unquote(fragment) for each in _read(file).css("[id]"))


def test_no_link_is_dead(site: Served) -> None:
    root, seen, dead = (ADDRESS if site.folder.name == "below" else "https://news.example/"), 0, []
    for page in site.pages():
        here = root + site.path(page).removesuffix("index.html")
        for link in _links(_read(page).root):
            target, fragment = urldefrag(urljoin(here, link))
            if not target.startswith(root):
                assert urlsplit(target).scheme in ("http", "https"), link
                continue
            seen += 1
            path = urlsplit(target.removeprefix(root)).path
            if not _is_there(site.folder, path, fragment):
                dead.append(f"{site.path(page)}: {link}")
    assert seen > 100
    assert dead == []


def test_addresses_in_feeds_and_the_sitemap_are_there(hostile: Served) -> None:
    files = [hostile.folder / "sitemap.xml", hostile.folder / "stories.json", *hostile.folder.rglob("*.atom")]
    found = {
        link for file in files for link in re.findall(re.escape(ADDRESS) + r"[^\"'<>\s\\]*", file.read_text("utf-8"))
    }  # fmt: skip
    assert len(found) > 20
    parts = (urlsplit(link) for link in sorted(found))
    below = urlsplit(ADDRESS).path
    assert [each.geturl() for each in parts if not _is_there(hostile.folder, each.path.removeprefix(below), "")] == []


def test_every_page_has_one_heading_of_the_first_rank_and_a_language(site: Served) -> None:
    for page in site.pages():
        tree = _read(page)
        html = tree.css_first("html")
        assert html is not None and html.attributes.get("lang") and html.attributes.get("dir") in ("ltr", "rtl"), page
        if 'http-equiv="refresh"' not in page.read_text("utf-8"):
            assert len(tree.css("h1")) == 1, page
        assert all("datetime" in each.attributes for each in tree.css("time")), page
        assert not tree.css("[style]"), page
