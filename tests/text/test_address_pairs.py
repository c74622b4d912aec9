"""Pairs of addresses as the web has them, judged before the rules were written: one page, or two.

Rules were written beside those of `SEEN`; those of `HELD` were looked at when they were done.
"""

from __future__ import annotations

import pytest

from aggregator.text.urls import canonical_url

# "=": one page, "≠": two.
_Pair = tuple[str, str, str, str]

SEEN: tuple[_Pair, ...] = (
    # routes
    ("≠", "route below a folder", "https://user.github.io/kit/#/guide", "https://user.github.io/kit/#/install"),
    ("≠", "hash-bang below a folder", "https://example.org/app/#!/a", "https://example.org/app/#!/b"),
    ("≠", "route of a page at the root", "https://example.org/app#/read/1", "https://example.org/app#/read/2"),
    ("≠", "query of a route", "https://example.org/app/#/read?id=1", "https://example.org/app/#/read?id=2"),
    ("=", "anchor below a folder", "https://example.org/blog/post/#comments", "https://example.org/blog/post/"),
    ("=", "route that is empty", "https://example.org/app/#/", "https://example.org/app/"),
    ("=", "tracker behind a route", "https://example.org/app/#/a/1?utm_source=x", "https://example.org/app/#/a/1"),
    ("=", "slash behind a route", "https://example.org/app/#/a/1/", "https://example.org/app/#/a/1"),
    # mobil
    ("=", "mobil", "http://mobil.zeitung.example/artikel/1", "https://www.zeitung.example/artikel/1"),
    ("≠", "registered mobil", "https://mobil.example/a", "https://example/a"),
    ("≠", "mobil is only a beginning", "https://mobilitaet.zeitung.example/a", "https://zeitung.example/a"),
    # AMP
    (
        "=",
        "~amp before .html",
        "https://example.org/ausland/rede-101~amp.html",
        "https://example.org/ausland/rede-101.html",
    ),
    ("=", "~amp behind .html", "https://example.org/rede.html~amp", "https://example.org/rede.html"),
    (
        "=",
        "-amp behind a number",
        "https://example.org/rede-a-1234567-amp.html",
        "https://example.org/rede-a-1234567.html",
    ),
    ("≠", "a guitar's", "https://example.org/reviews/best-guitar-amp", "https://example.org/reviews/best-guitar"),
    ("≠", "a headphone's", "https://example.org/buy/headphone-amp.html", "https://example.org/buy/headphone.html"),
    # locales
    (
        "=",
        "MSN, locales",
        "https://www.msn.com/en-us/news/world/a-b/ar-AA1bCdE",
        "https://www.msn.com/en-gb/news/a-b/ar-AA1bCdE",
    ),
    (
        "≠",
        "MSN, articles",
        "https://www.msn.com/en-us/news/world/a-b/ar-AA1bCdE",
        "https://www.msn.com/en-us/news/world/a-b/ar-AA1bCdF",
    ),
    (
        "=",
        "Yahoo, locales",
        "https://uk.news.yahoo.com/ferry-runs-123456789.html",
        "https://www.yahoo.com/news/ferry-runs-123456789.html",
    ),
    (
        "≠",
        "Yahoo, articles",
        "https://uk.news.yahoo.com/ferry-runs-123456789.html",
        "https://uk.news.yahoo.com/ferry-runs-123456780.html",
    ),
    # share parameters
    (
        "=",
        "WordPress, shared",
        "https://example.org/2025/05/a-post/?share=facebook&nb=1",
        "https://example.org/2025/05/a-post/",
    ),
    (
        "=",
        "WordPress, liked",
        "https://example.org/2025/05/a-post/?like_comment=7&_wpnonce=0f",
        "https://example.org/2025/05/a-post/",
    ),
    ("≠", "a share of a fund", "https://example.org/quotes?share=42", "https://example.org/quotes"),
    ("≠", "a number of pages", "https://example.org/liste?nb=1", "https://example.org/liste?nb=2"),
    (
        "=",
        "TikTok",
        "https://www.tiktok.com/@a/video/71?is_from_webapp=1&sender_device=pc",
        "https://www.tiktok.com/@a/video/71",
    ),
    ("≠", "TikTok, videos", "https://www.tiktok.com/@a/video/71?_t=1", "https://www.tiktok.com/@a/video/72?_t=1"),
    ("=", "Discourse", "https://forum.example.org/t/a-topic/123?u=jane_d", "https://forum.example.org/t/a-topic/123"),
    ("≠", "a user elsewhere", "https://example.org/posts?u=jane", "https://example.org/posts?u=john"),
    # DOI
    ("=", "DOI", "https://doi.org/10.1016/J.CELL.2020.01.001", "https://doi.org/10.1016/j.cell.2020.01.001"),
    ("≠", "case elsewhere", "https://example.org/10.1016/J.CELL", "https://example.org/10.1016/j.cell"),
)

# Thought of afterwards.
LATER: tuple[_Pair, ...] = (
    ("=", "WordPress, mailed", "https://example.org/a-post/?shared=email&msg=fail", "https://example.org/a-post/"),
    (
        "=", "WordPress, a comment that waits",
        "https://example.org/a-post/?unapproved=7&moderation-hash=0f#comment-7",
        "https://example.org/a-post/",
    ),
    ("≠", "messages", "https://example.org/inbox?msg=fail", "https://example.org/inbox"),
    ("≠", "what waits", "https://example.org/list?unapproved=1", "https://example.org/list"),
    (
        "=", "GlobeNewswire, the page's language",
        "https://www.globenewswire.com/fr/news-release/2024/05/01/2873155/0/en/A-b.html",
        "https://www.globenewswire.com/news-release/2024/05/01/2873155/0/en/A-b.html",
    ),
    (
        "≠", "GlobeNewswire, the release's language",
        "https://www.globenewswire.com/news-release/2024/05/01/2873155/0/fr/A-b.html",
        "https://www.globenewswire.com/news-release/2024/05/01/2873155/0/en/A-b.html",
    ),
    ("≠", "route of an application in a folder", "https://example.org/docs/app#/a/1", "https://example.org/docs/app#/a/2"),
    ("≠", "route of a long folder", "https://u.github.io/my-cool-kit/#/a", "https://u.github.io/my-cool-kit/#/b"),
    ("=", "part of a page", "https://example.org/person/jane-doe#/entity", "https://example.org/person/jane-doe"),
    ("=", "gallery of an article", "https://example.org/a/boat-12345#/gallery/2", "https://example.org/a/boat-12345"),
    ("=", "languages of an article", "https://en.m.wikipedia.org/wiki/A#/languages", "https://en.wikipedia.org/wiki/A"),
    ("=", "-amp of a short file", "https://example.org/2026/harbour-budget-amp.html", "https://example.org/2026/harbour-budget.html"),
    ("=", "-amp of a headline", "https://example.org/ferry-line-buys-ships-amp", "https://example.org/ferry-line-buys-ships"),
    ("≠", "-amp of a question", "https://example.org/what-is-an-amp.html", "https://example.org/what-is-an.html"),
    ("≠", "-amp of a model", "https://example.org/review-vox-ac30-amp.html", "https://example.org/review-vox-ac30.html"),
    ("≠", "-amp of a short name", "https://example.org/gear/session-amp", "https://example.org/gear/session"),
    ("=", "-amp below a month", "https://example.org/2025/11/26/boats-of-wood-amp/", "https://example.org/2025/11/26/boats-of-wood/"),
    ("≠", "behind a DOI", "https://example.org/doi/10.1000/AB/Fig1", "https://example.org/doi/10.1000/AB/fig1"),
    ("≠", "-amp of a word", "https://example.org/camp/boot-camp.html", "https://example.org/camp/boot-c.html"),
)  # fmt: skip

HELD: tuple[_Pair, ...] = (
    (
        "≠",
        "route of an index",
        "https://example.org/spa/index.html#/story/9",
        "https://example.org/spa/index.html#/story/10",
    ),
    (
        "≠",
        "route behind a query",
        "https://example.org/portal/?lang=de#/artikel/1",
        "https://example.org/portal/?lang=de#/artikel/2",
    ),
    ("≠", "route and its folder", "https://example.org/docs/v2/#/api/users", "https://example.org/docs/v2/"),
    (
        "=",
        "anchor of an article",
        "https://example.org/news/2025/a-title#section-2",
        "https://example.org/news/2025/a-title",
    ),
    (
        "=",
        "tracker behind a hash-bang",
        "https://example.org/app/#!/item/4?fbclid=x",
        "https://example.org/app/#!/item/4",
    ),
    ("=", "hash-bang that is empty", "https://example.org/app/#!", "https://example.org/app/"),
    (
        "=",
        "a picture of an article",
        "https://en.wikipedia.org/wiki/Ferry#/media/File:Ferry.jpg",
        "https://en.wikipedia.org/wiki/Ferry",
    ),
    (
        "=",
        "mobil and a tracker",
        "http://mobil.morgen.example.com/a-1.html?utm_source=x",
        "https://www.morgen.example.com/a-1.html",
    ),
    ("=", "www and mobil", "https://www.mobil.example.org/a", "https://example.org/a"),
    ("≠", "somebody called mobil", "https://mobil.tumblr.com/post/1", "https://tumblr.com/post/1"),
    ("=", "-amp behind a day", "https://example.org/rede-20240501-amp.html", "https://example.org/rede-20240501.html"),
    (
        "=",
        "-amp behind a UUID",
        "https://example.org/rede-a-b4c6dd0f-f7bb-4ef5-8ae3-ab05ba8f2d7a-amp",
        "https://example.org/rede-a-b4c6dd0f-f7bb-4ef5-8ae3-ab05ba8f2d7a",
    ),
    (
        "=",
        "-amp of a file",
        "https://example.org/minister-resigns-after-debate-amp.html",
        "https://example.org/minister-resigns-after-debate.html",
    ),
    (
        "≠",
        "a maker's",
        "https://example.org/gear/2024/fender-tweed-amp.html",
        "https://example.org/gear/2024/fender-tweed.html",
    ),
    ("≠", "a valve's", "https://example.org/how-to-repair-a-valve-amp/", "https://example.org/how-to-repair-a-valve/"),
    ("≠", "~ample", "https://example.org/files/boost~ample.html", "https://example.org/files/boost.html"),
    (
        "=",
        "Yahoo Finance, locales",
        "https://ca.finance.yahoo.com/news/a-b-183012345.html",
        "https://finance.yahoo.com/news/a-b-183012345.html",
    ),
    (
        "≠",
        "Yahoo, one second",
        "https://uk.news.yahoo.com/ferry-runs-123456789.html",
        "https://uk.news.yahoo.com/ferry-stops-123456789.html",
    ),
    (
        "=",
        "MSN, German",
        "https://www.msn.com/de-de/nachrichten/a/ar-BB1x?ocid=msedgntp",
        "https://www.msn.com/de-at/nachrichten/a/ar-BB1x",
    ),
    ("≠", "MSN, video", "https://www.msn.com/en-us/news/a/ar-AA1x", "https://www.msn.com/en-us/news/a/vi-AA1x"),
    ("≠", "MSN, sections", "https://www.msn.com/en-us/news", "https://www.msn.com/de-de/nachrichten"),
    ("=", "WordPress, sent", "https://example.org/a-post/?share=jetpack-whatsapp", "https://example.org/a-post/"),
    (
        "=",
        "WordPress, related",
        "https://example.org/a-post/?relatedposts_hit=1&relatedposts_origin=7&relatedposts_position=0",
        "https://example.org/a-post/",
    ),
    ("≠", "begins like a service", "https://example.org/a?share=facebookads", "https://example.org/a"),
    (
        "=",
        "TikTok, from a telephone",
        "https://www.tiktok.com/@a/video/71?_t=8kX&_r=1",
        "https://www.tiktok.com/@a/video/71",
    ),
    ("≠", "_t elsewhere", "https://example.org/a?_t=1", "https://example.org/a?_t=2"),
    (
        "=",
        "Discourse, a post",
        "https://forum.example.org/t/a-topic/123/4?u=jane",
        "https://forum.example.org/t/a-topic/123/4",
    ),
    ("≠", "Discourse, posts", "https://forum.example.org/t/a-topic/123/4", "https://forum.example.org/t/a-topic/123/5"),
    ("=", "DOI, older host", "http://dx.doi.org/10.1000/ABC%2F1", "https://doi.org/10.1000/abc%2F1"),
    (
        "=",
        "DOI at its publisher",
        "https://onlinelibrary.example.com/doi/10.1111/JOFI.12345",
        "https://onlinelibrary.example.com/doi/10.1111/jofi.12345",
    ),
)


@pytest.mark.parametrize("pair", (*SEEN, *LATER, *HELD), ids=lambda pair: pair[1])
def test_pair(pair: _Pair) -> None:
    verdict, _, one, other = pair
    keys = canonical_url(one), canonical_url(other)
    assert None not in keys
    assert ("=" if keys[0] == keys[1] else "≠") == verdict, keys
    assert keys == (canonical_url(keys[0] or ""), canonical_url(keys[1] or ""))
