"""Addresses: what is refused, whose they are, and how they are shown."""

from __future__ import annotations

import pytest

from aggregator.text import urls
from aggregator.text.urls import absolute_url, canonical_url, is_home_page, publisher_of, readable, registrable_domain
from tests.helpers.urls import GO, named

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
        ("another host, nothing asked", "https://other.example/a?", BASE, "https://other.example/a"),
        ("another host, no base", "https://other.example/a?", None, "https://other.example/a?"),
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


# ---------------------------------------------------------------- as people read them


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
