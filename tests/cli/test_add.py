"""Finding a site's feeds, writing them into the TOML file, and OPML in and out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.cli.main import cli
from aggregator.config.insert import NewFeed, with_feeds
from aggregator.model.errors import ConfigError, NotFoundError
from aggregator.model.settings import Network
from aggregator.sources.feeds.discover import Discovery, discover
from aggregator.sources.feeds.opml import OpmlError, Subscription, read_opml, write_opml
from aggregator.sources.http.client import Client
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NETWORK = Network(allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5))

# ---------------------------------------------------------------- finding


def feed(title: str) -> str:
    return rss(title, item("One", f"https://{title.lower()}.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT"))


async def found(url: str) -> Discovery:
    async with Client(NETWORK) as client:
        return await discover(url, client, NOW)


async def test_a_feed_is_found_at_its_own_address() -> None:
    with HttpServer() as server:
        url = server.page("/feed.xml", feed("Paper"))
        [one] = (await found(url)).feeds
    assert (one.url, one.title, one.entries, one.because) == (url, "Paper", 1, "this is a feed")
    assert one.newest_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


async def test_a_page_links_its_feeds() -> None:
    with HttpServer() as server:
        server.page("/a.xml", feed("News"))
        server.page("/b.xml", feed("Sport"))
        server.page("/broken.xml", "<nothing/>")
        page = server.page(
            "/", '<!doctype html><head><base href="/"><title>Paper</title>'
            '<link rel="alternate" type="application/rss+xml" href="a.xml">'
            '<link rel="alternate" type="application/rss+xml" href="broken.xml">'
            '<link rel="alternate" type="application/atom+xml" href="b.xml">'
            '<link rel="alternate" hreflang="de" href="/de"></head>', "text/html",
        )  # fmt: skip
        feeds = (await found(page)).feeds
    assert [(each.title, each.because) for each in feeds] == [
        ("News", "linked by the page"), ("Sport", "linked by the page"),
    ]  # fmt: skip


async def test_else_the_usual_places_are_looked_at_and_each_feed_is_found_once() -> None:
    with HttpServer() as server:
        page = server.page("/blog", "<html><body>No links here</body></html>", "text/html")
        server.page("/blog/feed", feed("Blog"))
        server.page("/rss.xml", feed("Blog"))
        [one] = (await found(page)).feeds
    assert (one.url, one.because) == (f"{server.url}/blog/feed", "at a usual place")


async def test_where_there_is_none_it_is_said_why() -> None:
    with HttpServer() as server:
        page = server.page("/", "<html><body>Nothing</body></html>", "text/html")
        assert (await found(page)).trouble == "this is a web page, not a feed"
        assert (await found(f"{server.url}/x")).trouble == "HTTP 404"
    assert (await found(page)).trouble.startswith("connection refused")


# ---------------------------------------------------------------- writing

FILE = """\
# My sources.
[polling]
interval = "10m"   # often

# ---- papers

[[feeds]]  # the first
url = "https://one.example/feed"
headers = { X-A = "b" }

[[feeds]]
url = 'https://two.example/feed'   # the second
topics = [
    "research",   # mostly
]

# ---- hashtags
# of one server

[[hashtags]]
server = "https://social.example"
tags = ["AI"]
"""


def test_a_feed_is_written_behind_the_last_one_and_nothing_else_changes() -> None:
    changed = with_feeds(FILE, [NewFeed(url="https://three.example/feed", title='The "Third"', topics=("research",))])
    assert changed is not None
    before, after = FILE.split("\n# ---- hashtags")
    assert changed == (
        f'{before}\n[[feeds]]\nurl = "https://three.example/feed"\ntitle = "The \\"Third\\""\n'
        f'topics = ["research"]\n\n# ---- hashtags{after}'
    )


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment", '[polling]\ninterval = "1h"', '[[feeds]]\nurl = "https://a.example/"',
     '[[feeds]]\nurl = "https://a.example/"\n[feeds.headers]\nX = "y"\n[log]\n', 'x = """\n[[feeds]]\n"""\n'],
)  # fmt: skip
def test_it_finds_its_place_in_other_files(text: str) -> None:
    changed = with_feeds(text, [NewFeed(url="https://b.example/"), NewFeed(url="https://c.example/")])
    assert changed is not None
    assert all(line in changed.splitlines() for line in text.splitlines())
    old, new = tomllib.loads(text), tomllib.loads(changed)
    assert [each["url"] for each in new.pop("feeds")][-2:] == ["https://b.example/", "https://c.example/"]
    old.pop("feeds", None)
    assert new == old


def test_where_there_is_no_place_nothing_is_written() -> None:
    assert with_feeds('feeds = [{ url = "https://a.example/" }]\n', [NewFeed(url="https://b.example/")]) is None
    assert with_feeds("not toml", [NewFeed(url="https://b.example/")]) is None


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_any_title_can_be_written(title: str) -> None:
    changed = with_feeds(FILE, [NewFeed(url="https://x.example/", title=title or None)])
    assert changed is not None
    assert tomllib.loads(changed)["feeds"][-1].get("title", "") == title


# ---------------------------------------------------------------- the command


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "aggregator.toml"
    file.write_text(FILE, "utf-8")
    return file


def call(file: Path, *words: str, **kwargs: Any) -> Result:
    return CliRunner().invoke(cli, ["--config", str(file), *words], **kwargs)


@pytest.fixture
def site(file: Path) -> Iterator[HttpServer]:
    """Two feeds, and pages that link one of them, both and none."""
    file.write_text(f'{FILE}\n[network]\nallow_private = ["127.0.0.0/8"]\n', "utf-8")
    with HttpServer() as server:
        links = [
            f'<link rel="alternate" type="application/rss+xml" href="{server.page(f"/{n}", feed(f"Feed {n}"))}">'
            for n in (1, 2)
        ]
        server.page("/one", f"<!doctype html><head>{links[0]}</head>", "text/html")
        server.page("/both", f"<!doctype html><head>{''.join(links)}</head>", "text/html")
        server.page("/nothing", "<!doctype html><p>Nothing</p>", "text/html")
        yield server


def urls(file: Path) -> list[str]:
    return [each["url"] for each in tomllib.loads(file.read_text("utf-8"))["feeds"]][2:]


def test_a_single_feed_is_added_at_once_and_only_once(file: Path, site: HttpServer) -> None:
    done = call(file, "add", f"{site.url}/one", "--interval", "1h", "--topic", "research")
    assert done.exit_code == 0 and "Feed 1" in done.output and "added to" in done.output
    assert 'interval = "1h"\ntopics = ["research"]' in file.read_text("utf-8")
    assert "followed already" in call(file, "add", f"{site.url}/one").output
    assert urls(file) == [f"{site.url}/1"]


def test_of_several_one_is_chosen(file: Path, site: HttpServer) -> None:
    both = f"{site.url}/both"
    done = call(file, "add", both)
    assert done.exit_code == 2 and "--choose" in done.output
    assert call(file, "add", both, "--choose", "7").exit_code == 2
    assert call(file, "add", both, "--dry-run").exit_code == 0
    assert urls(file) == []
    assert call(file, "add", both, "--choose", "2").exit_code == 0
    assert urls(file) == [f"{site.url}/2"]
    assert call(file, "add", both, "--all").exit_code == 0
    assert urls(file) == [f"{site.url}/2", f"{site.url}/1"]


def test_what_would_be_a_mistake_is_taken_back(file: Path, site: HttpServer) -> None:
    before = file.read_text("utf-8")
    done = call(file, "add", f"{site.url}/one", "--interval", "soon")
    assert isinstance(done.exception, ConfigError) and "feeds.interval" in str(done.exception)
    assert file.read_text("utf-8") == before
    assert isinstance(call(file, "add", f"{site.url}/nothing").exception, NotFoundError)
    assert isinstance(call(file, "add", "nowhere.invalid").exception, NotFoundError)


# ---------------------------------------------------------------- OPML

OPML = """<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Research"><outline type="rss" text="Lab" xmlUrl="https://lab.example/feed"/>
<outline text="Deep"><outline text="One" xmlUrl="feed://deep.example/f" htmlUrl="https://deep.example/"/></outline></outline>
<outline title="Twice" xmlUrl="https://lab.example/feed"/><outline text="Mail" xmlUrl="mailto:x@y.example"/>
<outline type="rss" text="Two" xmlurl="https://two.example/feed"/></body></opml>"""


def test_opml_of_other_readers_is_read() -> None:
    found, troubles = read_opml(OPML)
    assert [(each.url, each.title, each.folders) for each in found] == [
        ("https://lab.example/feed", "Lab", ("Research",)),
        ("http://deep.example/f", "One", ("Research", "Deep")),
        ("https://two.example/feed", "Two", ()),
    ]
    assert troubles == ["Mail: no http or https address: mailto:x@y.example"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not XML"),
        ("<rss/>", "not OPML, but <rss>"),
        ("<opml><body>", "not XML"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><opml/>', "entities"),
    ],
)
def test_what_is_no_opml_is_refused(text: str, why: str) -> None:
    with pytest.raises(OpmlError, match=why):
        read_opml(text)


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zl", "Zp"]), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, 999), _NAMES, max_size=8), _NAMES)
def test_what_is_written_can_be_read(titles: dict[int, str], folder: str) -> None:
    given_ = [
        Subscription(url=f"https://p{n}.example/feed?a=1&b={n}", title=title, folders=(folder,) if n % 2 else ())
        for n, title in titles.items()
    ]
    found, troubles = read_opml(write_opml(given_, "Mine", NOW))
    assert {(each.url, each.title) for each in found} == {
        (each.url, " ".join(each.title.split()) or each.url) for each in given_
    }
    assert troubles == []


def test_import_adds_what_is_not_followed_and_export_hands_it_over(file: Path, tmp_path: Path) -> None:
    listed = tmp_path / "mine.opml"
    listed.write_text(OPML, "utf-8")
    done = call(file, "opml", "import", str(listed))
    assert done.exit_code == 0, done.output
    assert "followed already: https://two.example/feed" in done.output and "2 of 3 feeds added" in done.output
    assert sorted(urls(file)) == ["http://deep.example/f", "https://lab.example/feed"]
    assert 'topics = ["research"]' in file.read_text("utf-8")
    exported = call(file, "--database", str(tmp_path / "none.db"), "opml", "export").output
    found, _ = read_opml(exported)
    assert [each.url for each in found] == [
        "https://one.example/feed", "https://two.example/feed", *urls(file), "https://social.example/tags/AI.rss",
    ]  # fmt: skip
    assert isinstance(call(file, "opml", "import", str(file)).exception, ConfigError)
