"""The command `add`: what it finds, asks and writes into the TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.model.errors import ConfigError, NotFoundError
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import HttpServer
from tests.helpers.own_file import FILE


def feed(title: str) -> str:
    return rss(title, item("One", f"https://{title.lower()}.example/1", "Text", "Mon, 23 Nov 2026 10:00:00 GMT"))


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
    done = call(file, "add", f"{site.url}/one", "--interval", "1h", "--topic", "research", "--folder", "Press/Labs")
    assert done.exit_code == 0 and "Feed 1" in done.output and "added to" in done.output
    assert 'folder = "Press/Labs"\ninterval = "1h"\ntopics = ["research"]' in file.read_text("utf-8")
    assert "followed already" in call(file, "add", f"{site.url}/one").output
    assert urls(file) == [f"{site.url}/1"]


def test_a_key_that_the_title_and_the_link_repeat_is_not_shown(file: Path, site: HttpServer) -> None:
    key = "Kf93c2a71d5e"
    site.page("/own", feed(f"Harbour of {key}"))
    site.page("/list", f'<!doctype html><p><a href="/own?apikey={key}">RSS of {key}, reader1234</a>', "text/html")
    done = call(file, "add", f"{site.url}/list")
    assert key not in done.output and "Harbour of hidden-key" in done.output and f"{site.url}/own" in done.output
    assert "reader1234" in done.output  # the near miss: as long, and in no address
    assert urls(file) == [f"{site.url}/own?apikey={key}"]


@pytest.mark.parametrize("typed", ["127.0.0.1:{port}", "127.0.0.1:{port}/feed?apikey=4f0c2b9d8e"])
def test_an_address_without_https_is_named_in_what_is_wrong_and_its_key_is_not(
    file: Path, site: HttpServer, typed: str
) -> None:
    typed = typed.format(port=site.url.rpartition(":")[2])
    done = call(file, "add", typed)
    assert isinstance(done.exception, NotFoundError)
    said = str(done.exception)
    assert "no feed found at https://127.0.0.1:" in said and "4f0c2b9d8e" not in said


def test_of_several_one_is_chosen(file: Path, site: HttpServer) -> None:
    both = f"{site.url}/both"
    assert call(file, "add", both, "--choose", "7").exit_code == 2
    assert call(file, "add", both, "--dry-run").exit_code == 0
    assert urls(file) == []
    assert call(file, "add", both, "--choose", "2").exit_code == 0
    assert urls(file) == [f"{site.url}/2"]
    assert call(file, "add", both, "--all").exit_code == 0
    assert urls(file) == [f"{site.url}/2", f"{site.url}/1"]


def test_where_nobody_can_be_asked_the_first_is_taken_and_that_is_said(file: Path, site: HttpServer) -> None:
    done = call(file, "add", f"{site.url}/both")
    assert done.exit_code == 0 and "number 1 is taken" in done.output and "--choose" in done.output
    assert f"{site.url}/2" in done.output  # the others are listed
    assert urls(file) == [f"{site.url}/1"]


def test_what_has_only_comments_is_taken_when_that_is_said(file: Path, site: HttpServer) -> None:
    comments = site.page("/comments/feed", feed("Comments on Paper"))
    link = f'<link rel="alternate" type="application/rss+xml" href="{comments}">'
    page = site.page("/talk", f"<!doctype html>{link}", "text/html")
    done = call(file, "add", page)
    assert done.exit_code == 2 and "only feeds of comments" in done.output
    assert urls(file) == []
    assert call(file, "add", page, "--choose", "1").exit_code == 0
    assert urls(file) == [comments]


def test_what_would_be_a_mistake_is_taken_back(file: Path, site: HttpServer) -> None:
    before = file.read_text("utf-8")
    done = call(file, "add", f"{site.url}/one", "--interval", "soon")
    assert isinstance(done.exception, ConfigError) and "feeds.interval" in str(done.exception)
    assert file.read_text("utf-8") == before
    assert isinstance(call(file, "add", f"{site.url}/nothing").exception, NotFoundError)
    assert isinstance(call(file, "add", "nowhere.invalid").exception, NotFoundError)
