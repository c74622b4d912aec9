"""Addresses of one article: what is equal, and above all what must stay different."""

from __future__ import annotations

import json
import os
import tomllib
from base64 import urlsafe_b64encode
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest

from aggregator.text import urls
from aggregator.text.urls import canonical_url
from tests.helpers.urls import ARTICLE, GO, named

POLICY = tomllib.loads((files("aggregator.text") / "url_policy.toml").read_text("utf-8"))

# ---------------------------------------------------------------- equal

EQUAL = named(
    ("plain", ARTICLE, ARTICLE),
    ("http", "http://example.org/2025/news", ARTICLE),
    ("root", "https://example.org", "https://example.org/"),
    ("case of scheme and host", "HTTPS://Example.ORG/2025/news", ARTICLE),
    ("last slash", "https://example.org/2025/news/", ARTICLE),
    ("default ports", "http://example.org:80/2025/news", ARTICLE),
    ("user", "https://user:secret@example.org/2025/news", ARTICLE),
    ("dot at the end of the host", "https://example.org./2025/news", ARTICLE),
    ("doubled slashes", "https://example.org//2025///news", ARTICLE),
    ("dot segments", "https://example.org/2024/../2025/./news", ARTICLE),
    ("folder's index", "https://example.org/2025/news/index.html", ARTICLE),
    ("encoded letters", "https://example.org/2025/%6Eews", ARTICLE),
    ("case of encoding", "https://example.org/caf%c3%a9", "https://example.org/caf%C3%A9"),
    ("not encoded", "https://example.org/café", "https://example.org/caf%C3%A9"),
    ("IDNA", "https://Bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("IDNA, sharp s", "https://faß.example/a", "https://xn--fa-hia.example/a"),
    ("IDNA, emoji", "https://i❤.example/a", "https://xn--i-7iq.example/a"),
    ("IPv6 spelled out", "http://[0:0:0:0:0:0:0:1]/a", "https://[::1]/a"),
    ("order of parameters", "https://example.org/?b=2&a=1", "https://example.org/?a=1&b=2"),
    ("empty query", "https://example.org/2025/news?", ARTICLE),
    ("space in a query", "https://example.org/?q=a%20b", "https://example.org/?q=a+b"),
    ("ampersand escaped twice", "https://example.org/?a=1&amp;amp;b=2", "https://example.org/?a=1&b=2"),
    ("fragment", f"{ARTICLE}#comments", ARTICLE),
    ("text fragment", f"{ARTICLE}#:~:text=Some%20words", ARTICLE),
    ("session in the path", "https://example.org/a.jsp;jsessionid=0A1B?id=3", "https://example.org/a.jsp?id=3"),
    ("tracker behind a hash-bang", "https://example.org/#!/a?utm_source=x", "https://example.org/#!/a"),
    ("tracker behind a fragment", f"{ARTICLE}#top?utm_source=x", ARTICLE),
    ("tracker, name in capitals", f"{ARTICLE}?UTM_Source=x", ARTICLE),
    ("tracker, name encoded", f"{ARTICLE}?%75tm_source=x", ARTICLE),
    ("tracker, = encoded", f"{ARTICLE}?utm_campaign%3Dx", ARTICLE),
    ("tracker, no value", f"{ARTICLE}?fbclid", ARTICLE),
    ("trackers among others", f"{ARTICLE}?utm_source=x&id=3&gclid=y", f"{ARTICLE}?id=3"),
    ("referrer is a site", f"{ARTICLE}?ref=blog.example.com", ARTICLE),
    ("referrer is the feed", f"{ARTICLE}?source=rss", ARTICLE),
    ("referrer is a feed of Medium", f"{ARTICLE}?source=rss----53c7c27702d5---4", ARTICLE),
    ("repository, from a newsletter", "https://github.com/a/b?ref=blog.example.com", "https://github.com/a/b"),
    ("of one site only", "https://www.wsj.com/tech/a-1?st=Ab1&mod=rss_Technology", "https://wsj.com/tech/a-1"),
    ("of its sub-domains too", "https://cooking.nytimes.com/a?smid=url-share", "https://cooking.nytimes.com/a"),
    ("a value of one site", "https://github.com/a/b?tab=readme-ov-file", "https://github.com/a/b"),
    ("Blogger's mobile view", "https://example.org/2025/08/a.html?m=1", "https://example.org/2025/08/a.html"),
    ("www", "https://www.example.org/2025/news", ARTICLE),
    ("m", "https://m.example.org/2025/news", ARTICLE),
    ("mobile", "https://mobile.example.co.uk/a", "https://example.co.uk/a"),
    ("www and m", "https://www.m.example.org/2025/news", ARTICLE),
    ("Wikipedia's m", "https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A"),
    ("AMP host", "https://amp.example.org/2025/news", ARTICLE),
    ("AMP at the end", "https://example.org/2025/news/amp/", ARTICLE),
    ("AMP at the start", "https://example.org/amp/2025/news", ARTICLE),
    ("AMP in the middle", "https://example.org/news/amp/world-123", "https://example.org/news/world-123"),
    ("AMP in the name", "https://example.org/a-1.amp.html", "https://example.org/a-1.html"),
    ("AMP as a parameter", f"{ARTICLE}?amp", ARTICLE),
    ("AMP as a value", f"{ARTICLE}?outputType=amp", ARTICLE),
    ("AMP cache", "https://www-example-org.cdn.ampproject.org/v/s/www.example.org/2025/news?amp_js_v=0.1", ARTICLE),
    ("AMP at Google", "https://www.google.com/amp/s/www.example.org/2025/news/amp", ARTICLE),
    ("owner's other host", "https://twitter.com/who", "https://x.com/who"),
    ("video, short host", "https://youtu.be/abc_DEF-123?si=x&t=9", "https://youtube.com/watch?v=abc_DEF-123"),
    (
        "video, in a list",
        "https://m.youtube.com/watch?list=L&v=abc_DEF-123&t=9s",
        "https://youtube.com/watch?v=abc_DEF-123",
    ),
    ("video, short", "https://youtube.com/shorts/abc_DEF-123", "https://youtube.com/watch?v=abc_DEF-123"),
    ("status on X", "https://twitter.com/Who/status/123/photo/1?s=20", "https://x.com/i/status/123"),
    ("thread on Reddit", "https://old.reddit.com/r/a/comments/1abc/title/", "https://reddit.com/comments/1abc"),
    ("thread, short host", "https://redd.it/1abc", "https://reddit.com/comments/1abc"),
    ("paper as PDF", "https://arxiv.org/pdf/2401.12345v2.pdf", "https://arxiv.org/abs/2401.12345"),
    ("paper with an old id", "https://arxiv.org/pdf/math.GT/0309136", "https://arxiv.org/abs/math.GT/0309136"),
    (
        "shared document",
        "https://docs.google.com/document/d/1mbn82eYa9lOFTHiW9s6vriw/edit?tab=t.0",
        "https://docs.google.com/document/d/1mbn82eYa9lOFTHiW9s6vriw",
    ),
    ("Substack's reader", "https://open.substack.com/pub/who/p/a-title?r=1", "https://who.substack.com/p/a-title"),
)

OLD_GOOGLE_ID = urlsafe_b64encode(b"\x08\x13\x22" + bytes([len(ARTICLE)]) + ARTICLE.encode() + b"\xd2\x01\x00").decode()
LONG = f"{ARTICLE}/{'long-' * 30}title"
LONG_GOOGLE_ID = urlsafe_b64encode(
    b"\x08\x13\x22" + bytes([len(LONG) % 128 + 128, len(LONG) // 128]) + LONG.encode() + b"\xd2\x01\x00"
).decode()
NEW_GOOGLE_ID = urlsafe_b64encode(b"\x08\x13\x22\x20AU_yqLPZ0123456789abcdefghijklmn").decode().rstrip("=")

WRAPPED = named(
    ("Google", f"https://www.google.co.uk/url?sa=t&rct=j&url={GO}&usg=AFQ"),
    ("Google, q", f"https://google.com/url?q={GO}&sa=D"),
    ("Google News, old id", f"https://news.google.com/rss/articles/{OLD_GOOGLE_ID.rstrip('=')}?oc=5"),
    ("Facebook", f"https://l.facebook.com/l.php?u={GO}&h=AT0"),
    ("Facebook, mobile", f"https://lm.facebook.com/l.php?u={GO}"),
    ("Instagram", f"https://l.instagram.com/?u={GO}&e=x"),
    ("Reddit", f"https://out.reddit.com/t3_1abc?url={GO}&token=x"),
    ("Tumblr", f"https://t.umblr.com/redirect?z={GO}&t=x"),
    ("Slack", f"https://slack-redir.net/link?url={GO}"),
    ("Outlook", f"https://nam02.safelinks.protection.outlook.com/?url={GO}&data=x"),
    ("Proofpoint 2", "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_2025_news&d=x"),
    ("Proofpoint 3", "https://urldefense.com/v3/__https://example.org/2025/news__;!!x!y$"),
    ("LinkedIn", f"https://www.linkedin.com/safety/go?url={GO}&trk=x"),
    ("YouTube", f"https://www.youtube.com/redirect?event=x&q={GO}"),
    ("DuckDuckGo", f"https://duckduckgo.com/l/?uddg={GO}&rut=x"),
    ("Bing", f"https://www.bing.com/ck/a?!&p=x&u=a1{urlsafe_b64encode(ARTICLE.encode()).decode().rstrip('=')}&ntb=1"),
    ("Yahoo", f"https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU={GO}/RK=2/RS=x-"),
    ("Amazon's counter", f"https://tracking.example.net/CL0/{GO}/1/0100-000000/x=404"),
    ("Medium", f"https://medium.com/r/?url={GO}"),
    ("The Register", "https://go.theregister.com/feed/www.example.org/2025/news"),
    ("href.li", "https://href.li/?https://example.org/2025/news"),
    ("Wayback Machine", "https://web.archive.org/web/20250101000000/http://example.org:80/2025/news"),
    ("archive.today", "https://archive.ph/newest/https://www.example.org/2025/news"),
    ("one in another", f"https://l.facebook.com/l.php?u={quote(f'https://www.google.de/url?q={GO}', safe='')}"),
)


@pytest.mark.parametrize(("url", "expected"), EQUAL)
def test_equal(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected


@pytest.mark.parametrize("url", WRAPPED)
def test_redirects_that_carry_their_target(url: str) -> None:
    assert canonical_url(url) == ARTICLE


def test_long_google_news_id() -> None:
    assert canonical_url(f"https://news.google.com/articles/{LONG_GOOGLE_ID}") == LONG


@pytest.mark.parametrize("host", sorted(host for row in POLICY["wrapper"] for host in row["hosts"] if "*" not in host))
def test_every_wrapper_leaves_other_pages_of_its_host_alone(host: str) -> None:
    assert canonical_url(f"https://{host}/about?id=3").endswith("/about?id=3")


# ---------------------------------------------------------------- different

DIFFERENT = named(
    *(
        (f"parameter {name}", f"https://example.org/a?{name}=1", f"https://example.org/a?{name}=2")
        for name in [
            "p",
            "v",
            "id",
            "story",
            "q",
            "page",
            "sid",
            "ref",
            "source",
            "src",
            "partner",
            "feature",
            "t",
            "s",
            "r",
            "tab",
            "m",
            "mod",
            "st",
            "mbid",
            "cid",
            "gift",
            "from",
        ]
    ),
    ("parameter or none", f"{ARTICLE}?p=123", ARTICLE),
    ("case of the path", "https://example.org/A", "https://example.org/a"),
    ("case of a value", "https://example.org/?v=aB", "https://example.org/?v=ab"),
    ("port", "https://example.org:8080/a", "https://example.org/a"),
    ("encoded slash", "https://example.org/a%2Fb", "https://example.org/a/b"),
    ("encoded percent", "https://example.org/a%2541", "https://example.org/aA"),
    ("hash-bang routes", "https://example.org/app#!/a", "https://example.org/app#!/b"),
    ("routes at the root", "https://example.org/#/a", "https://example.org/#/b"),
    ("index is a script's", "https://example.org/index.php?p=1", "https://example.org/index.php?p=2"),
    ("index of another folder", "https://example.org/index.php/a", "https://example.org/index.php/b"),
    ("index as a word", "https://example.org/index.html-explained", "https://example.org/"),
    ("name begins like a tracker", "https://example.org/?utmost=1", "https://example.org/?utmost=2"),
    ("tracker's name as a value", "https://example.org/?q=utm_source", "https://example.org/?q=fbclid"),
    ("referrer is a version", "https://example.org/docs?ref=v1.2", "https://example.org/docs?ref=v1.3"),
    ("referrer is a branch", "https://github.com/a/b/blob/x?ref=feed", "https://github.com/a/b/blob/x?ref=main"),
    ("source that is no feed", "https://example.org/?source=rssfan", "https://example.org/?source=atomic"),
    ("another value of a tab", "https://github.com/a?tab=repositories", "https://github.com/a?tab=stars"),
    ("month, not mobile", "https://example.org/calendar?m=1&y=2006", "https://example.org/calendar?y=2006"),
    ("sub-domains", "https://news.example.org/a", "https://example.org/a"),
    ("registered m", "https://m.example/a", "https://example/a"),
    ("registered mobile", "https://mobile.de/a", "https://de/a"),
    ("somebody called m", "https://m.tumblr.com/post/1", "https://tumblr.com/post/1"),
    ("somebody called mobile", "https://mobile.github.io/a", "https://github.io/a"),
    ("m inside a host elsewhere", "https://en.m.example.org/a", "https://en.example.org/a"),
    ("m is only a beginning", "https://mx.example.org/a", "https://example.org/a"),
    ("sharp s and ss", "https://faß.example/a", "https://fass.example/a"),
    ("a project called amp", "https://github.com/my-new-org/amp", "https://github.com/my-new-org"),
    ("a topic called amp", "https://example.org/tag/amp", "https://example.org/tag"),
    ("amplifiers", "https://example.org/amp/fender", "https://example.org/fender"),
    ("amp in a word", "https://example.org/2025/champ", "https://example.org/2025/ch"),
    ("lists of videos", "https://youtube.com/playlist?list=A", "https://youtube.com/playlist?list=B"),
    ("a channel's page", "https://youtube.com/watchers", "https://youtube.com/watch"),
    ("a comment of a thread", "https://reddit.com/r/a/comments/1/t/c1", "https://reddit.com/r/a/comments/1/t/c2"),
    ("two papers", "https://arxiv.org/abs/2401.12345", "https://arxiv.org/abs/2401.12346"),
    ("a list of papers", "https://arxiv.org/list/cs.AI/recent", "https://arxiv.org/list/cs.CL/recent"),
    ("two profiles", "https://x.com/a", "https://x.com/b"),
    ("searches", "https://www.google.com/search?q=a", "https://www.google.com/search?q=b"),
    ("redirect of an unknown host", f"https://example.net/url?q={GO}", ARTICLE),
    ("redirect to no web address", "https://google.com/url?q=javascript:a", "https://google.com/url?q=javascript:b"),
    ("Google's name in another's", f"https://google.example.net/url?q={GO}", ARTICLE),
    (
        "new ids of Google News",
        f"https://news.google.com/articles/{NEW_GOOGLE_ID}",
        "https://news.google.com/articles/a",
    ),
    ("archived home page", "https://web.archive.org/web/2020/http://example.org/", "https://example.org/"),
    ("counter's name in a path", "https://example.net/CL0/about", "https://example.net/about"),
)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert canonical_url(one) is not None
    assert canonical_url(one) != canonical_url(other)


def test_redirects_nested_too_deep_stay_wrapped() -> None:
    url = ARTICLE
    for _ in range(urls.MAX_WRAPPERS):
        url = f"https://www.google.com/url?q={quote(url, safe='')}"
    assert canonical_url(url) == ARTICLE
    too_deep = canonical_url(f"https://www.google.com/url?q={quote(url, safe='')}")
    assert too_deep is not None
    assert too_deep.startswith("https://google.com/url?")
    assert canonical_url(too_deep) == too_deep


@pytest.mark.parametrize("name", [n for group in POLICY["trackers"].values() for n in group.get("names", ())])
def test_every_tracker_goes_and_what_only_resembles_it_stays(name: str) -> None:
    pair = name if "=" in name else f"{name}=1"
    assert canonical_url(f"{ARTICLE}?id=3&{quote(pair, safe='=')}") == f"{ARTICLE}?id=3"
    assert canonical_url(f"{ARTICLE}?x{quote(pair, safe='=')}") != ARTICLE


@pytest.mark.parametrize("row", POLICY["site"], ids=lambda row: row["hosts"][0])
def test_what_is_dropped_on_one_site_stays_on_others(row: dict[str, list[str]]) -> None:
    for name in row["drop"]:
        pair = name if "=" in name else f"{name}=1"
        for host in row["hosts"]:
            assert "?" not in (canonical_url(f"https://www.{host}/a?{pair}") or "?"), (host, name)
        assert canonical_url(f"https://example.org/a?{pair}") == f"https://example.org/a?{pair.rstrip('=')}"


@pytest.mark.parametrize("kind", POLICY["amp"]["kinds"])
def test_amplifiers_of_every_kind(kind: str) -> None:
    for ending in (".html", ""):
        page = f"https://example.org/2025/11/the-{kind}-{kind}"
        assert canonical_url(f"{page}-amp{ending}") == f"{page}-amp{ending}"
        assert canonical_url(f"{page}-news-amp{ending}") == f"{page}-news{ending}"


# ---------------------------------------------------------------- real addresses


def test_articles_that_several_newsletters_carried() -> None:
    corpus = Path(os.environ.get("AGGREGATOR_TEST_CORPUS", "")) / "stories" / "same_article_groups.jsonl"
    if not corpus.is_file():
        pytest.skip("AGGREGATOR_TEST_CORPUS is not set")
    keys, labels = defaultdict(set), defaultdict(set)
    for line in corpus.read_text("utf-8").splitlines():
        item = json.loads(line)
        key = canonical_url(item["url"])
        keys[item["label"]].add(key)
        labels[key].add(item["label"])
    assert None not in labels
    assert [found for found in keys.values() if len(found) > 1] == []
    assert [(key, found) for key, found in labels.items() if len(found) > 1] == []
