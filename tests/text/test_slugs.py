"""The headline in an address."""

from __future__ import annotations

import pytest

from aggregator.text.slugs import headline_of


@pytest.mark.parametrize(
    ("url", "headline"),
    [
        ("https://news.example/politik/bund-plant-neues-gesetz-2384711.html", "bund plant neues gesetz"),
        ("https://news.example/2027/03/01/port_reopens_after_storm/", "port reopens after storm"),
        (
            "https://news.example/port-reopens-after-storm/a-6058a42f-1aa6-48ac-bd04-81288a5b4904",
            "port reopens after storm",
        ),
        ("https://news.example/port-reopens-after-storm/10698024?utm_source=rss#top", "port reopens after storm"),
        (
            "https://news.example/n/el-puerto-reabre-tras-el-temporal_81_20270301.php",
            "el puerto reabre tras el temporal 81",
        ),
        (
            "https://news.example/%E6%B8%AF%E5%8F%A3%E4%BB%8A%E5%A4%A9%E9%87%8D%E6%96%B0%E5%BC%80%E6%94%BE",
            "港口今天重新开放",
        ),
        # Vowel signs and accents that stand alone are parts of words.
        (
            "https://news.example/%E0%A4%AC%E0%A4%9C%E0%A4%9F-%E0%A4%B8%E0%A4%B0%E0%A4%95%E0%A4%BE%E0%A4%B0-"
            "%E0%A4%A8%E0%A5%80%E0%A4%A4%E0%A4%BF",
            "बजट सरकार नीति",
        ),
        ("https://news.example/mu%CC%88nchen-plant-neues", "mu\u0308nchen plant neues"),
        ("https://news.example/top-20-ports-of-2027", "top 20 ports of 2027"),
    ],
)
def test_the_last_part_that_reads_like_a_headline(url: str, headline: str) -> None:
    assert headline_of(url) == headline


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://new-harbour-news-today.example/",  # the name of a site
        "https://news.example/about-us",
        "https://news.example/%C3%A9conomie/4711",  # no script without spaces
        "https://news.example/2027/03/01/4711",
        "https://news.example/?p=4711",
        "https://news.example/watch?v=port-reopens-after-storm",
        "https://news.example/6058a42f-1aa6-48ac-bd04-81288a5b4904",
        "https://[news.example/port-reopens-after-storm",
    ],
)
def test_other_addresses_have_none(url: str) -> None:
    assert headline_of(url) == ""
