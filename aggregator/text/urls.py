"""Untrusted URL → absolute URL → canonical URL. Pure: nothing is fetched.

An *absolute URL* may be fetched and shown. A *canonical URL* is a key: two addresses of one article have the same.
It is compared, never fetched. It looks like this, so that people can query it:

    https://example.org/2025/news?id=3

- always https; no user, no default port; the host in lower case and ASCII, without www., m., mobile., mobil., amp.;
- the path without its last slash, `/index.html`, doubled slashes and AMP marks; percent-encoding as w3lib writes it;
- the parameters sorted, without those that only track; no fragment, but `#!/route` (anywhere) and `#/route` (where
  an application may stand: below a folder), which name a page inside a page;
- redirects that carry their target are replaced by it, and addresses known to be one page by one of them.

What is known of trackers, hosts and redirects is data: `url_policy.toml`. Syntax is w3lib's.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from aggregator.text.url_policy import (
    AMP,
    BY_PATH,
    COMPANIONS,
    PATH_TENANTS,
    REFERRERS,
    TRACKERS,
    SamePage,
    Site,
    ascii_host,
    is_site_name,
    names_page,
    publisher_host,
    registrable,
    site_of,
)
from aggregator.text.url_wrappers import wrapped_text

# Longer ones are attacks or data: servers refuse requests from about 8 kB on (RFC 9110 §4.1 asks for 8000 octets).
MAX_URL_LENGTH = 8192
# Honest redirects nest two or three deep (a mail scanner around a newsletter's counter). Deeper ones stay wrapped.
MAX_WRAPPERS = 5

_SCHEMES = ("http", "https")
_DEFAULT_PORTS = (None, 80, 443)

# Controls and invisible marks (zero-width space, soft hyphen, byte order mark, bidi controls) mean nothing in a URL.
# The joiners U+200C and U+200D are letters' business: kept.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_UNSAFE = re.compile(r'\s+|["<>]')
_SURROGATE = re.compile("[\ud800-\udfff]")

# What w3lib returns unchanged, without its cost: it takes longer than all the rest of this module together.
_PLAIN_SEGMENTS = r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)*/?"
_PLAIN_PATH = re.compile(_PLAIN_SEGMENTS)

# Nine addresses of ten have nothing to clean: one pattern says so, in a tenth of the time of taking them apart.
_PLAIN_HOST = r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*"
_PLAIN = re.compile(rf"https?://{_PLAIN_HOST}(?::[1-5]?[0-9]{{1,4}})?(?:[/?#][!#-;=?-\[\]-~]*)?")
# The same without a query and a fragment: of most, the host is all that the canonical form asks about.
_PLAIN_PAGE = re.compile(rf"https?://({_PLAIN_HOST})(?::([1-9][0-9]{{0,3}}|[1-5][0-9]{{4}}))?({_PLAIN_SEGMENTS})")
# Shorter than a host may be, so that a plain one needs no look at its length.
_PLAIN_LENGTH = 250

# An entry's address is asked for by its post, its document, its publisher, its digest: some documents' worth of them.
_CACHED_ADDRESSES = 2048


# ---------------------------------------------------------------- absolute


def absolute_url(raw: str, base: str | None = None) -> str | None:
    """The http or https address that an untrusted text means, seen from `base`; None if it means none.

    Cleans white space, line breaks, control and invisible characters. Refuses other schemes, missing or impossible
    hosts, bad ports and texts that UTF-8 can't encode. Never raises.
    """
    if _is_plain(raw) and (base is None or (_is_plain(base) and _is_kept_by_joining(raw))):
        return raw
    text = _cleaned(raw)
    if not text:
        return None
    try:
        if base is not None:
            text = urljoin(_cleaned(base), text)
        if text.startswith("//"):
            text = f"https:{text}"
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # .port raises where it is no port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not host or len(text) > MAX_URL_LENGTH or ascii_host(host) is None:
        return None
    return parts.scheme + text[len(parts.scheme) :]


def _is_plain(text: str) -> bool:
    return len(text) <= _PLAIN_LENGTH and _PLAIN.fullmatch(text) is not None


def _is_kept_by_joining(address: str) -> bool:
    """`urljoin` drops what is empty of parameters, a query and a fragment."""
    return not (address.endswith(("?", "#")) or ";" in address or "?#" in address)


def _cleaned(raw: str) -> str:
    """The text as a URL parser may see it; "" where it can be no URL. Backslashes are slashes, as in browsers."""
    text = raw.strip()
    if _SURROGATE.search(text) or len(text) > 2 * MAX_URL_LENGTH:
        return ""
    text = _UNSAFE.sub(_escaped, _INVISIBLE.sub("", text).strip())
    if "\\" not in text:
        return text
    end = re.search(r"[?#]|$", text).start()  # type: ignore[union-attr]  # $ always matches
    return text[:end].replace("\\", "/") + text[end:]


def _escaped(match: re.Match[str]) -> str:
    """Percent-encoded; nothing where it breaks a line, because a broken link goes on after the indentation."""
    text = match[0]
    return "" if {"\t", "\n", "\r"} & set(text) else "".join(f"%{byte:02X}" for byte in text.encode())


# ---------------------------------------------------------------- canonical


def canonical_url(url: str) -> str | None:
    """The key under which addresses of one article are equal; None for what `absolute_url` refuses.

    The module's docstring shows its form. Canonical URLs are their own canonical URLs. Never raises.
    """
    return _cached_key(url) if len(url) <= _PLAIN_LENGTH else _canonical(url)  # long ones must not fill the cache


def _canonical(url: str) -> str | None:
    if len(url) <= _PLAIN_LENGTH and (page := _PLAIN_PAGE.fullmatch(url)) and (key := _key_of_page(*page.groups())):
        return key
    address = absolute_url(url)
    if address is None:
        return None
    key = _key(_unwrapped(address))
    unwrapped = _unwrapped(key)  # encoding may have hidden a redirect
    return key if unwrapped == key else _key(unwrapped)


_cached_key = lru_cache(maxsize=_CACHED_ADDRESSES)(_canonical)


def _key_of_page(host: str, port: str | None, path: str) -> str | None:
    """The key of a plain address, as `_key` has it; None where it may be a redirect, or one of a page's several."""
    site = site_of(host)
    if site.same_pages or _may_carry(site, path):
        return None
    path = _article_path(path or "/", has_query=False, site=site)
    port = "" if port is None or int(port) in _DEFAULT_PORTS else f":{port}"
    return None if _may_carry(site_of(site.host), path) else f"https://{site.host}{port}{path}"


def _may_carry(site: Site, path: str) -> bool:
    """May a path carry a target? Without a query no parameter does."""
    return any(wrapper.match.match(path) for wrapper in site.wrappers if wrapper.match)


def is_home_page(url: str) -> bool:
    """Is this a site's root, without path and query? Then it identifies no article."""
    key = canonical_url(url)
    return key is not None and is_key_of_home_page(key)


def is_key_of_home_page(key: str) -> bool:
    """The same of a canonical URL, which is its own: to ask for that once more is a tenth of what addresses cost."""
    return key.endswith("/") and key.count("/") == 3


def readable(url: str) -> str:
    """An address as people read it: letters of all scripts as they are written, not escaped. Not one to be asked."""

    def shown(match: re.Match[str]) -> str:
        try:
            text = unquote(match[0], errors="strict")
        except UnicodeDecodeError:
            return match[0]
        return text if all(char.isalnum() or unicodedata.combining(char) for char in text) else match[0]

    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", shown, url) if "%" in url else url


def is_home(uri: str | None, address: str) -> bool:
    """Was the thing with this ActivityPub id made on the server of this address?"""
    return uri is not None and _server(uri) == _server(address) is not None


def _server(address: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return (parts.hostname, None if port in _DEFAULT_PORTS else port) if parts.hostname else None


def _key(address: str) -> str:
    parts = urlsplit(address)
    site = _site(parts)
    query = _kept(parts.query, parts.path, site) if parts.query else ""
    route = _route(parts, site) if parts.fragment else ""
    path, query, route = _in_standard_form(parts.path, query, route)
    path = _article_path(path, has_query=bool(query), site=site)
    for page in site.same_pages:
        if (match := page.match.fullmatch(path)) and (key := _one_page(page, match, query)):
            return key
    port = "" if parts.port in _DEFAULT_PORTS else f":{parts.port}"
    if route.startswith("/") and not names_page(path, route):
        path = f"{path}/"  # so that the key is its own
    return f"https://{site.host}{port}{path}{query and '?'}{query}{route and '#'}{route}"


def _site(parts: SplitResult) -> Site:
    return site_of(ascii_host(parts.hostname or "") or "")


def _one_page(page: SamePage, match: re.Match[str], query: str) -> str | None:
    pairs = [(pair.partition("=")[0], pair) for pair in query.split("&")]
    if page.need and page.need not in (name for name, _ in pairs):
        return None
    kept = "&".join(pair for name, pair in pairs if name in page.keep)
    return match.expand(page.to) + (kept and f"?{kept}")


def _in_standard_form(path: str, query: str, route: str) -> tuple[str, str, str]:
    """w3lib's way to write a path, a query and a fragment. The host is left out: ours is done already."""
    if not query and not route and _PLAIN_PATH.fullmatch(path):
        return path or "/", "", ""
    text = f"https://h{path}{query and '?'}{query}{route and '#'}{route}"
    from w3lib.url import canonicalize_url  # here: it imports an HTTP client, and most addresses don't come to it

    parts = urlsplit(canonicalize_url(text, keep_fragments=True))
    return parts.path, parts.query, parts.fragment


# ---------------------------------------------------------------- the query


def _kept(query: str, path: str, site: Site) -> str:
    """The parameters that may name the page."""
    if "amp;" in query:  # HTML's & that was escaped once too often
        query = re.sub(r"(^|&)(?:amp;)+", r"\1", query)
    pairs = [pair for pair in query.split("&") if pair]
    kept = [pair for pair in pairs if not _is_noise(pair, path, site)]
    if 0 < len(kept) < len(pairs):
        gone = {_name(pair) for pair in pairs if pair not in kept}
        for drop in [COMPANIONS[name] for name in gone & COMPANIONS.keys()]:
            kept = [pair for pair in kept if not drop.has(pair.lower(), _name(pair))]
    return "&".join(kept)


def _name(pair: str) -> str:
    return pair.partition("=")[0].lower()


def _is_noise(pair: str, path: str, site: Site) -> bool:
    if "%" in pair:
        pair = unquote(pair)
    name, _, value = pair.lower().partition("=")
    pair = f"{name}={value}"
    if TRACKERS.has(pair, name) or site.drop.has(pair, name):
        return True
    if name in REFERRERS.names and _names_no_page(name, value, is_code=site.is_code):
        return True
    return any(drop.has(pair, name) and match.search(path) for match, drop in BY_PATH)


def _names_no_page(name: str, value: str, *, is_code: bool) -> bool:
    if name in REFERRERS.site_names and is_site_name(value):
        return True
    return not is_code and REFERRERS.feed_words.fullmatch(value) is not None


def _route(parts: SplitResult, site: Site) -> str:
    """The part of the fragment that names a page, "" where it is only a place on one."""
    fragment = parts.fragment
    if not names_page(parts.path, fragment):
        return ""
    route, _, rest = fragment.partition("?")
    route = route.rstrip("/")
    rest = _kept(rest, parts.path, site)
    return "" if route in ("", "!") else f"{route}{rest and '?'}{rest}"


# ---------------------------------------------------------------- the path

_DOUBLE_SLASH = re.compile(r"(?<!:)//+")  # not in an address within the path
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)  # Java servlet specification, "URL rewriting"
_INDEX = re.compile(r"/index\.(?:html?|php)$")  # what servers show for a folder by default

_AMP_PART = re.compile(r"/amp(?=/|$)|\.amp(?=\.html?$|$)")
# `amp` also means amplifiers and projects. It is a mark only where the rest looks like an article: a number, a slug of
# three words, or a file.
_ARTICLE = re.compile(r"\d{3,}|[^/-]-[^/-]+-[^/-]|\.[a-z]{3,5}$")


def _article_path(path: str, *, has_query: bool, site: Site) -> str:
    """The path without what doesn't change the page. Repeated until nothing goes: one mark may hide another."""
    path = site.in_one_case(path)
    while True:
        before = path
        if "//" in path:
            path = _DOUBLE_SLASH.sub("/", path)
        if ";" in path:
            path = _SESSION.sub("", path)
        if "amp" in path and not site.is_code:
            path = _without_amp(path)
        if "/index." in path and not has_query:
            path = _INDEX.sub("/", path)
        path = path.rstrip("/") or "/"
        if path == before:
            return path


def _without_amp(path: str) -> str:
    path = AMP.without_suffix(path)
    rest = _AMP_PART.sub("", path)
    return rest if _ARTICLE.search(rest) else path


# ---------------------------------------------------------------- redirects


def _unwrapped(address: str) -> str:
    """The target of a redirect that carries it, however nested; the address itself where there is none."""
    inner = address
    for _ in range(MAX_WRAPPERS):
        target = _target(inner)
        if target is None:
            return inner
        inner = target
    return inner if _target(inner) is None else address


def _target(address: str) -> str | None:
    parts = urlsplit(address)
    for wrapper in _site(parts).wrappers:
        text = wrapped_text(wrapper, parts)
        if text and (target := absolute_url(wrapper.prefix + text)) and len(target) < len(address):
            return target
    return None


# ---------------------------------------------------------------- publishers


def registrable_domain(url_or_host: str) -> str | None:
    """The domain that somebody registered: "news.bbc.co.uk" → "bbc.co.uk"; None where there is no host.

    By the Public Suffix List with its private part, so "someone.github.io" is a domain. IP addresses and hosts without
    a suffix are returned as they are. In lower case and ASCII.
    """
    host = _host_in(url_or_host)
    return registrable(host) if host else None


def publisher_of(url: str) -> str | None:
    """Who publishes at this address: the registrable domain, and on platforms of many the one it belongs to.

    "https://someone.substack.com/p/x" → "someone.substack.com", "https://medium.com/@one/x" → "medium.com/@one".
    """
    key = canonical_url(url)
    if key is None:
        return None
    host = key[len("https://") :].partition("/")[0]
    if ":" in host:  # a port, or IPv6
        host = ascii_host(urlsplit(key).hostname or "") or ""
    publisher = publisher_host(host)
    pattern = PATH_TENANTS.get(publisher)
    match = pattern.match(urlsplit(key).path) if pattern else None
    return f"{publisher}/{match[1].lower()}" if match else publisher


def _host_in(url_or_host: str) -> str | None:
    address = absolute_url(url_or_host if "://" in url_or_host else f"//{url_or_host.strip()}")
    return ascii_host(urlsplit(address).hostname or "") if address else None
