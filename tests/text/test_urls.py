"""Addresses: what is refused, what is equal, and above all what must stay different."""

from __future__ import annotations

import json
import os
import tomllib
from base64 import urlsafe_b64encode
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from time import process_time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from aggregator.text import urls
from aggregator.text.url_policy import TRACKERS
from aggregator.text.urls import absolute_url, canonical_url, is_home_page, publisher_of, readable, registrable_domain

POLICY = tomllib.loads((files("aggregator.text") / "url_policy.toml").read_text("utf-8"))
ARTICLE = "https://example.org/2025/news"


def named(*rows: tuple[object, ...]) -> list[object]:
    """Rows for parametrize: the first cell is the row's name."""
    return [pytest.param(*row[1:], id=str(row[0])) for row in rows]


# ---------------------------------------------------------------- absolute_url

BASE = "https://example.org/blog/feed.xml"


@pytest.mark.parametrize(
    ("raw", "base", "expected"),
    named(
        ("as it is", "https://example.org/a?b=1#c", None, "https://example.org/a?b=1#c"),
        ("scheme in capitals", "HTTPS://example.org/a", None, "https://example.org/a"),
        ("white space around", " \n\thttps://example.org/a\u00a0\r\n", None, "https://example.org/a"),
        ("broken over lines", "https://example.org/long-\n        title", None, "https://example.org/long-title"),
        ("a space inside", "https://example.org/a b", None, "https://example.org/a%20b"),
        ("quotes and brackets", 'https://example.org/"<b>', None, "https://example.org/%22%3Cb%3E"),
        ("control characters", "https://exa\x00mple.org/\x1b[0m", None, "https://example.org/[0m"),
        ("invisible marks", "\ufeffhttps://example.org/\u200ba\u202e", None, "https://example.org/a"),
        ("joiners belong to words", "https://example.org/می\u200cشود", None, "https://example.org/می\u200cشود"),
        ("backslashes are slashes", "https:\\\\example.org\\a?b=\\c", None, "https://example.org/a?b=\\c"),
        ("backslash hides no host", "https://example.org\\@evil.example/", None, "https://example.org/@evil.example/"),
        ("relative to the folder", "post-1", BASE, "https://example.org/blog/post-1"),
        ("relative to the root", "/post-1", BASE, "https://example.org/post-1"),
        ("relative, dots", "../x?y=1", BASE, "https://example.org/x?y=1"),
        ("scheme of the base", "//cdn.example.net/a", "http://example.org/", "http://cdn.example.net/a"),
        ("scheme left out, no base", "//example.org/a", None, "https://example.org/a"),
        ("another host than the base", "http://other.example/a", BASE, "http://other.example/a"),
        ("base with white space", "/a", " https://example.org/ ", "https://example.org/a"),
        ("port", "http://localhost:8080/a", None, "http://localhost:8080/a"),
        ("IPv6", "http://[::1]:8080/a", None, "http://[::1]:8080/a"),
        ("letters beyond ASCII", "https://bücher.example/ä", None, "https://bücher.example/ä"),
    ),
)
def test_absolute(raw: str, base: str | None, expected: str) -> None:
    assert absolute_url(raw, base) == expected


@pytest.mark.parametrize(
    ("raw", "base"),
    named(
        ("empty", "", BASE),
        ("blank", " \n", BASE),
        ("javascript", "javascript:alert(1)", BASE),
        ("javascript broken by a tab", "java\tscript:alert(1)", BASE),
        ("data", "data:text/html,x", BASE),
        ("mailto", "mailto:a@example.org", BASE),
        ("ftp", "ftp://example.org/a", BASE),
        ("file", "file:///etc/passwd", BASE),
        ("relative without base", "/a", None),
        ("base is no web address", "a", "mailto:a@example.org"),
        ("no host", "https:///a", None),
        ("port is a word", "https://example.org:http/", None),
        ("port is too large", "https://example.org:65536/", None),
        ("IPv6 not closed", "https://[::1/", None),
        ("IPv6 that is none", "https://[::zz]/", None),
        ("IPv6 of one machine", "https://[fe80::1%25eth0]/", None),
        ("host with a space", "https://exa mple.org/", None),
        ("host is encoded", "https://ex%61mple.org/", None),
        ("host with an empty label", "https://a..example/", None),
        ("host of dots", "https://./", None),
        ("host too long", "https://" + "a." * 130 + "example/", None),
        ("label too long", "https://" + "a" * 64 + ".example/", None),
        ("lone surrogate", "https://example.org/\ud800", None),
        ("too long", "https://example.org/" + "a" * urls.MAX_URL_LENGTH, None),
    ),
)
def test_refused(raw: str, base: str | None) -> None:
    assert absolute_url(raw, base) is None
    if base is None:
        assert canonical_url(raw) is None


# ---------------------------------------------------------------- canonical_url: equal

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
GO = quote("http://www.example.org/2025/news?utm_source=x", safe="")

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


# ---------------------------------------------------------------- canonical_url: different

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


# ---------------------------------------------------------------- properties

HOSTS = [
    "example.org",
    "www.example.org",
    "M.example.org",
    "amp.example.co.uk",
    "google.com",
    "www.google.de",
    "youtu.be",
    "m.youtube.com",
    "x.com",
    "twitter.com",
    "news.google.com",
    "faß.example",
    "[FE80::1]",
    "en.m.wikipedia.org",
    "l.facebook.com",
    "href.li",
    "reddit.com",
    "arxiv.org",
    "www-x.cdn.ampproject.org",
    "user:pw@h.example",
    "h.example:8080",
    "h.example:443",
    "h.example.",
    "web.archive.org",
    "t.me",
]
PARTS = [
    "a",
    "amp",
    "%61mp",
    "AMP",
    "index.html",
    "index.php",
    ".",
    "..",
    "%2e%2e",
    "a%2Fb",
    "x;jsessionid=1",
    ";p=1",
    "1234",
    "a-long-slug",
    "a.amp",
    "a.amp.html",
    "é",
    "%zz",
    "%",
    "%25",
    "%2525",
    "CL0",
    "https:%2F%2Fexample.org%2Fx",
    "url",
    "l.php",
    "watch",
    "status",
    "r",
    "s",
    "c",
    "web",
    "2020",
    "abs",
    "2401.12345v2",
    "http://b.example/c",
    "articles",
    "+",
    "'",
    "|",
    "[",
    "]",
    "{",
    "~",
    "%7e",
    ":",
    "@",
    "!",
    "$",
    "*",
    ",",
    "=",
    "shorts",
    "abc_DEF-123",
]
NAMES = [
    "id",
    "p",
    "v",
    "q",
    "utm_source",
    "UTM_medium",
    "%75tm_x",
    "fbclid",
    "ref",
    "source",
    "amp",
    "amp;b",
    "amp%3Bc",
    "u",
    "url",
    "z",
    "m",
    "t",
    "s",
    ";x",
    "a[]",
    "+",
    "%2B",
    "%",
    "é",
]
VALUES = [
    *NAMES,
    "",
    "1",
    "rss",
    "example.net",
    GO,
    "https://example.org/z?utm_source=1",
    "a b",
    "a=b",
    "x;y",
    "'",
    "|",
]
PIECES = st.sampled_from([*HOSTS, *PARTS, *NAMES, *VALUES, "http://", "https://", "/", "//", "?", "&", "=", "#", "#!/"])


@st.composite
def web_addresses(draw: st.DrawFn) -> str:
    """Addresses made of what our rules look for, in every wrong place."""
    path = "".join(f"/{part}" for part in draw(st.lists(st.sampled_from([*PARTS, ""]), max_size=4)))
    pairs = draw(st.lists(st.tuples(st.sampled_from([*NAMES, ""]), st.sampled_from(VALUES)), max_size=4))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    fragment = draw(
        st.sampled_from(["", "#", "#a", "#!", "#!/", "#!/a/?utm_source=1&b=2", "#/r?utm_x=1", "#/é %", "#!a#b"])
    )
    return f"{draw(st.sampled_from(['http', 'HTTPS']))}://{draw(st.sampled_from(HOSTS))}{path}?{query}{fragment}"


anything = st.one_of(st.text(st.characters()), st.lists(PIECES, max_size=8).map("".join), web_addresses())


@given(anything, st.none() | anything)
def test_absolute_is_a_web_address_or_none(raw: str, base: str | None) -> None:
    address = absolute_url(raw, base)
    assert address is None or address.startswith(("http://", "https://"))
    assert address is None or absolute_url(address) == address


@given(anything)
def test_nothing_raises(text: str) -> None:
    is_home_page(text)
    registrable_domain(text)
    publisher_of(text)
    assert (canonical_url(text) is None) == (absolute_url(text) is None)


@given(anything)
def test_canonical_is_its_own_canonical(text: str) -> None:
    key = canonical_url(text)
    assert key is None or canonical_url(key) == key


@given(anything)
def test_canonical_is_ascii_https_without_trackers(text: str) -> None:
    key = canonical_url(text)
    if key is None:
        return
    assert key.startswith("https://")
    assert key.isascii()
    assert not any(char.isspace() for char in key)
    query = key.partition("#")[0].partition("?")[2].lower()
    assert not any(TRACKERS.has(pair, pair.partition("=")[0]) for pair in query.split("&"))


@given(web_addresses(), st.sampled_from(["utm_source=x", "fbclid=1", "mc_eid=2"]))
def test_a_tracker_changes_nothing(url: str, tracker: str) -> None:
    address, mark, fragment = url.partition("#")
    assert canonical_url(f"{address}&{tracker}{mark}{fragment}") == canonical_url(url)


_NAMES = st.text("axZ09_~.-", min_size=1, max_size=6).filter(lambda name: name.strip("."))  # "." and ".." are steps


@given(st.lists(_NAMES, min_size=1, max_size=4).map("/".join))
def test_paths_are_written_as_w3lib_writes_them(path: str) -> None:
    """Plain paths don't pass through w3lib, for speed: nobody may notice."""
    url = f"https://example.org/{path}"
    assert canonical_url(url) == canonicalize_url(url).removesuffix("/")


@pytest.mark.parametrize(
    "url",
    named(
        ("spaces", "https://example.org/" + " " * 8000 + "x"),
        ("one long word", "https://example.org/amp/" + "a" * 8000),
        ("slashes", "https://example.org" + "/" * 8000),
        ("marks of AMP", "https://example.org" + "/amp" * 2000 + "/a-b-c"),
        ("parameters", "https://example.org/?" + "a=1&" * 2000),
        ("dots", "https://example.org/?ref=" + "a." * 4000),
        ("redirects", "https://href.li/?" + "https://href.li/?" * 400),
    ),
)
def test_no_address_is_slow(url: str) -> None:
    started = process_time()
    canonical_url(url)
    assert process_time() - started < 0.5  # milliseconds each; what grows with the square takes seconds


# ---------------------------------------------------------------- home pages, publishers


@pytest.mark.parametrize(
    ("url", "expected"),
    named(
        ("root", "https://example.org", True),
        ("root with a tracker", "http://www.example.org/?utm_source=x#top", True),
        ("root's index", "https://example.org/index.html", True),
        ("with a port", "http://localhost:8080/", True),
        ("path", "https://example.org/a", False),
        ("query", "https://example.org/?p=1", False),
        ("route", "https://example.org/#!/a", False),
        ("no address", "example", False),
    ),
)
def test_home_page(url: str, expected: bool) -> None:
    assert is_home_page(url) is expected


@pytest.mark.parametrize(
    ("url_or_host", "expected"),
    named(
        ("host", "news.bbc.co.uk", "bbc.co.uk"),
        ("address", "https://www.example.org:8080/a", "example.org"),
        ("host and path", "www.example.org/a", "example.org"),
        ("private part of the list", "https://someone.github.io/a", "someone.github.io"),
        ("suffix itself", "github.io", "github.io"),
        ("IDNA", "https://www.Bücher.example/", "xn--bcher-kva.example"),
        ("IPv4", "http://192.0.2.1/a", "192.0.2.1"),
        ("IPv6", "http://[2001:DB8::1]/a", "[2001:db8::1]"),
        ("one label", "http://localhost/", "localhost"),
        ("another scheme", "mailto://example.org", None),
        ("empty", "", None),
        ("no host", "https://", None),
    ),
)
def test_registrable_domain(url_or_host: str, expected: str | None) -> None:
    assert registrable_domain(url_or_host) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    named(
        ("own domain", "https://news.example.co.uk/a", "example.co.uk"),
        ("sub-domain is somebody", "https://someone.substack.com/p/a", "someone.substack.com"),
        ("www of somebody", "https://www.someone.substack.com/p/a", "someone.substack.com"),
        ("the platform itself", "https://www.substack.com/about", "substack.com"),
        ("path is somebody", "https://medium.com/@Someone/title-1", "medium.com/@someone"),
        ("path is a page", "https://medium.com/about", "medium.com"),
        ("path means nothing elsewhere", "https://example.org/@someone/title", "example.org"),
        ("behind a redirect", f"https://www.google.com/url?q={GO}", "example.org"),
        ("no address", "mailto:a@example.org", None),
    ),
)
def test_publisher(url: str, expected: str | None) -> None:
    assert publisher_of(url) == expected


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


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://a.example/tags/K%C3%BCnstlicheIntelligenz?all%5B%5D=KI",
            "https://a.example/tags/KünstlicheIntelligenz?all%5B%5D=KI",
        ),
        ("https://a.example/tags/%E4%BA%BA%E5%B7%A5%E7%9F%A5%E8%83%BD", "https://a.example/tags/人工知能"),
        ("https://a.example/a%2Fb%20c%0Ad%FF", "https://a.example/a%2Fb%20c%0Ad%FF"),
        ("https://a.example/feed", "https://a.example/feed"),
    ],
)
def test_addresses_as_people_read_them(url: str, shown: str) -> None:
    assert readable(url) == shown
