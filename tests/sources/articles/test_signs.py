"""What pages say of the use of their texts, their licence and their own address."""

from __future__ import annotations

import pytest

from aggregator.sources.articles.signs import Signs, signs_of
from tests.helpers.article_server import page

URL = "https://www.paper.example/news/ferry?ref=feed"


def signs(head: str = "", *, data: dict[str, object] | None = None, **headers: str) -> Signs:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return signs_of(page(head=head, data=data), URL, named)


@pytest.mark.parametrize(
    ("head", "rights"),
    [
        ('<meta name="robots" content="index, follow">', ()),
        ('<meta name="robots" content="NOARCHIVE,nosnippet">', ("noarchive", "nosnippet")),
        ('<meta name="robots" content="max-snippet: 0">', ("nosnippet",)),
        ('<meta name="robots" content="max-snippet:-1, noai, noimageai">', ("noai",)),
        ('<meta name="tdm-reservation" content="1">', ("tdm-reservation",)),
        ('<meta name="tdm-reservation" content="0">', ()),
        ('<meta name="googlebot" content="noarchive">', ()),
    ],
)
def test_rights_of_the_page(head: str, rights: tuple[str, ...]) -> None:
    assert signs(head).rights == rights


@pytest.mark.parametrize(
    ("name", "value", "rights"),
    [
        ("x_robots_tag", "noarchive, noai", ("noai", "noarchive")),
        ("x_robots_tag", "aggregator: nosnippet", ("nosnippet",)),
        ("tdm_reservation", "1", ("tdm-reservation",)),
        ("tdm_reservation", "0", ()),
    ],
)
def test_rights_of_the_answer(name: str, value: str, rights: tuple[str, ...]) -> None:
    assert signs(**{name: value}).rights == rights


def test_licences() -> None:
    by = "https://creativecommons.org/licenses/by/4.0/"
    assert signs(f'<link rel="license" href="{by}">').licence == by
    assert signs(data={"@type": "NewsArticle", "license": by}).licence == by
    assert signs(data={"@graph": [{"@type": ["BlogPosting"], "license": {"@id": by}}]}).licence == by
    assert signs('<link rel="license" href="javascript:x">').licence is None


@pytest.mark.parametrize(
    ("href", "declared"),
    [
        ("/news/ferry-fares", "https://paper.example/news/ferry-fares"),
        ("https://m.paper.example/2026/ferry/?utm_source=x", "https://paper.example/2026/ferry"),
        ("https://other.example/ferry", None),  # whoever copies could say so
        ("https://www.paper.example/", None),
        ("mailto:x", None),
    ],
)
def test_the_address_that_a_page_gives_as_its_own(href: str, declared: str | None) -> None:
    assert signs(f'<link rel="canonical" href="{href}">').declared_url == declared


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "NewsArticle", "isAccessibleForFree": "False"},
        [{"@type": "Organization"}, {"@type": "Article", "isAccessibleForFree": False}],
        {"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "isAccessibleForFree": "no"}}]},
    ],
)
def test_what_is_for_those_who_pay(data: dict[str, object]) -> None:
    assert not signs(data=data).is_free


def test_data_of_other_things_say_nothing_of_the_article() -> None:
    assert signs(data={"@type": "Event", "isAccessibleForFree": False, "wordCount": 9}).is_free
    assert not signs('<meta property="article:content_tier" content="locked">').is_free
    assert signs('<meta property="article:content_tier" content="metered">').is_free
