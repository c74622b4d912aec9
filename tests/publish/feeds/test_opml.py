"""OPML of the sources: what others may ask for, and nothing else."""

from __future__ import annotations

import pytest

from aggregator.publish.feeds.opml import opml
from aggregator.publish.feeds.out import Labels
from aggregator.sources.feeds.opml.reading import read_opml
from tests.publish.feeds.builder import HOSTILE_TEXTS, SITE, make_source


def imported(*sources: dict[str, str | None]) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    """What `aggregator opml import` finds of these sources."""
    read = read_opml(opml([make_source(n, **each) for n, each in enumerate(sources, 1)], SITE))
    assert (read.left_out, read.notes) == ([], [])
    return [(each.url, each.title, each.site_url, each.folders) for each in read.found]


def test_feeds_are_outlines() -> None:
    assert imported({}, {"site_url": None}) == [
        ("https://paper1.example/feed", "Paper 1", "https://paper1.example/", ()),
        ("https://paper2.example/feed", "Paper 2", None, ()),
    ]


def test_hashtags_and_accounts_are_the_feeds_of_their_servers() -> None:
    assert imported(
        {"kind": "hashtag", "url": "https://town.example/tags/AI?any[]=ml&local=true", "name": "#AI on town.example"},
        {"kind": "account", "url": "https://town.example/@lotte", "name": "@lotte"},
        {"kind": "account", "url": "https://town.example/@anna@far.example", "name": "@anna@far.example"},
    ) == [
        ("https://town.example/tags/AI.rss", "#AI on town.example", "https://town.example/tags/AI", ("Hashtags",)),
        ("https://town.example/@lotte.rss", "@lotte", "https://town.example/@lotte", ("Accounts",)),
        ("https://far.example/@anna.rss", "@anna@far.example", "https://far.example/@anna", ("Accounts",)),
    ]


@pytest.mark.parametrize(
    "source",
    [
        {"kind": "home", "url": "https://town.example/home"},
        {"kind": "list", "url": "https://town.example/lists/mine"},
        {"kind": "bookmarks", "url": "https://town.example/bookmarks"},
        {"kind": "trends", "url": "https://town.example/explore/links"},
        {"status": "removed"},
        {"status": "gone"},
        {"url": "https://me:password@paper.example/feed"},
        {"url": "https://paper.example/feed?private_token=abc"},
        {"url": "https://paper.example/feed?a=1&key=abc"},
        {"url": "https://paper.example/feed?apiKey=abc"},
        {"url": "https://paper.example/feed?auth="},
        {"url": "https://paper.example/feed/private/abc"},
        {"url": "file:///etc/passwd"},
        {"url": "https://[broken/feed"},
    ],
)
def test_what_nobody_else_can_or_may_ask_for_is_left_out(source: dict[str, str]) -> None:
    assert imported(source) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/?feed=rss2&author=3",
        "https://video.example/feeds/videos.xml?channel_id=UC123&user=lab",
        "https://paper.example/private-equity/feed",
        "https://town.example/@anna/feed",
    ],
)
def test_what_only_looks_a_little_like_a_secret_is_there(url: str) -> None:
    assert [each[0] for each in imported({"url": url})] == [url]


def test_a_page_with_a_password_is_left_out() -> None:
    assert imported({"site_url": "https://me:password@paper.example/"}) == [
        ("https://paper1.example/feed", "Paper 1", None, ())
    ]


def test_folders_are_called_in_the_words_of_the_site() -> None:
    source = make_source(kind="hashtag", url="https://town.example/tags/KI")
    [found] = read_opml(opml([source], SITE, Labels(hashtags="Schlagwörter"))).found
    assert found.folders == ("Schlagwörter",)


def test_folders_of_the_configuration_are_folders_within_folders() -> None:
    assert [(each[0], each[3]) for each in imported(
        {"folder": "Press/Ports"}, {}, {"folder": "Press"},
        {"kind": "hashtag", "url": "https://town.example/tags/AI", "folder": r"Press/AI\/ML"},
    )] == [
        ("https://paper2.example/feed", ()), ("https://paper3.example/feed", ("Press",)),
        ("https://paper1.example/feed", ("Press", "Ports")), ("https://town.example/tags/AI.rss", ("Press", "AI/ML")),
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_hostile_names_are_text(text: str) -> None:
    [(url, title, _, _)] = imported({"name": text})
    assert url == "https://paper1.example/feed"
    assert title
