"""Addresses made at random of what our rules look for, and very long ones: what holds of all of them."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from aggregator.text.url_policy import TRACKERS
from aggregator.text.urls import (
    absolute_url,
    canonical_url,
    is_home_page,
    is_key_of_home_page,
    publisher_of,
    registrable_domain,
)
from tests.helpers.urls import GO, named

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
    assert is_home_page(text) == (key is not None and is_key_of_home_page(key))


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
