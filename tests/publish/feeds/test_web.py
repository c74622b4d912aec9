"""The sitemap, robots.txt, redirects."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from urllib.robotparser import RobotFileParser

from lxml import etree

from aggregator.model.settings import Publish
from aggregator.model.site import Redirect
from aggregator.publish.feeds.web import ListedPage, redirects, robots, sitemap
from tests.publish.feeds.builder import SITE, START, WITHOUT_ADDRESS

BELOW = Publish(title="N", address="https://host.example/news/")
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_a_sitemap_lists_pages_that_may_be_found() -> None:
    pages = [
        ListedPage("index.html", START),
        ListedPage("stories/a&b/index.html"),
        ListedPage("stories/hers/index.html", START, is_noindex=True),
    ]
    [(path, text)] = sitemap(pages, SITE).items()
    root = etree.fromstring(text.encode())
    assert path == "sitemap.xml"
    assert [(url.findtext("s:loc", None, NAMES), url.findtext("s:lastmod", None, NAMES)) for url in root] == [
        ("https://lantern.example/", "2026-11-28T19:39:00Z"),
        ("https://lantern.example/stories/a%26b/", None),
    ]


def test_a_long_one_is_parted() -> None:
    files = sitemap([ListedPage(f"days/{n}/index.html") for n in range(5)], SITE, most=2)
    index = etree.fromstring(files["sitemap.xml"].encode())
    assert index.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}sitemapindex"
    assert index.xpath("//s:loc/text()", namespaces=NAMES) == [
        f"https://lantern.example/sitemap-{n}.xml" for n in (1, 2, 3)
    ]
    listed = [
        loc
        for path in ("sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml")
        for loc in etree.fromstring(files[path].encode()).xpath("//s:loc/text()", namespaces=NAMES)
    ]
    assert listed == [f"https://lantern.example/days/{n}/" for n in range(5)]


def test_without_an_address_there_is_none() -> None:
    assert sitemap([ListedPage("index.html")], WITHOUT_ADDRESS) == {}
    assert "Sitemap" not in robots(WITHOUT_ADDRESS)


def test_robots_may_visit_the_pages() -> None:
    text = robots(BELOW)
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    assert parser.can_fetch("any", "https://host.example/news/stories/a/")
    assert parser.site_maps() == ["https://host.example/news/sitemap.xml"]
    assert "Disallow: /news/stories/*/story.json\n" in text


def test_what_can_not_say_noindex_is_kept_from_robots() -> None:
    files = ("stories.json", "stories/a/story.json", "feeds/all.atom", "feeds/topics/ferries.json")
    found = {}
    for people in ("agreed", "all"):
        lines = robots(replace(BELOW, people=people)).splitlines()
        kept = [line.removeprefix("Disallow: /news/") for line in lines if line.startswith("Disallow")]
        found[people] = [path for path in files if any(fnmatch(path, f"{each}*") for each in kept)]
        assert not any(fnmatch("stories/a/index.html", f"{each}*") for each in kept)
    assert found == {"agreed": list(files[:2]), "all": list(files)}


def test_merged_stories_lead_to_where_their_posts_are_at_last() -> None:
    merged = [Redirect("c", "d"), Redirect("a", "b"), Redirect("b", "c")]
    assert redirects(merged, SITE) == (
        "/stories/a/ /stories/d/ 301\n/stories/b/ /stories/d/ 301\n/stories/c/ /stories/d/ 301\n"
    )
    assert redirects([Redirect("a", "b")], BELOW) == "/news/stories/a/ /news/stories/b/ 301\n"


def test_a_circle_and_a_hostile_slug_do_no_harm() -> None:
    assert redirects([Redirect("a", "b"), Redirect("b", "a")], SITE) == ""
    assert redirects([Redirect("a\n/* https://evil.example/ 301", "b")], SITE).count("\n") == 1
