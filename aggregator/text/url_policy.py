"""What is known of addresses on the web: `url_policy.toml`, read once, as values to ask.

`site_of(host)` gathers all that holds for one host, so that a URL costs one cached look-up.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import publicsuffixlist

# Hosts of a busy instance: some thousand sources link to some ten thousand sites, most of them again and again.
_CACHED_HOSTS = 8192

_GOOGLE = re.compile(r"google(?:\.com?)?\.[a-z]{2,3}")
_GOOGLE_ANYWHERE = "google.*"
_EVERYWHERE = "*"
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_HOST_LENGTH = 253
_CAPITALS = re.compile("(?<!%)(?<!%[0-9A-F])[A-Z]")  # but for those of %2F
_IP_ADDRESS = re.compile(r"\[.*\]|\d+\.\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Droppable:
    """Parameters that don't change the page: by name, by how `name=value` starts, or as `name=value`. Lower case."""

    names: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    pairs: frozenset[str] = frozenset()

    def has(self, pair: str, name: str) -> bool:
        """Is this parameter one of them? `pair` is `name=value`, both in lower case."""
        return name in self.names or pair.startswith(self.prefixes) or pair in self.pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A redirect whose address holds its target; the comment above `[[wrapper]]` in the data explains the fields."""

    path: str | None = None
    params: tuple[str, ...] = ()
    match: re.Pattern[str] | None = None
    prefix: str = ""
    decode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePage:
    """Several addresses of one page; the comment above `[[same_page]]` in the data explains the fields."""

    match: re.Pattern[str]
    to: str
    need: str | None = None
    keep: frozenset[str] = frozenset()


class FoldCase(NamedTuple):
    """A name in a path that is one in any case; the comment above `[[fold_case]]` in the data explains the fields."""

    match: re.Pattern[str]
    need: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What holds for one host. `host` is its canonical form, used in keys."""

    host: str
    drop: Droppable
    wrappers: tuple[Wrapper, ...]
    same_pages: tuple[SamePage, ...]
    fold_case: tuple[FoldCase, ...]
    is_code: bool

    def in_one_case(self, path: str) -> str:
        """The path with names that are one in any case in lower case. Escapes are left alone."""
        for each in self.fold_case:
            if each.need in path and (match := each.match.fullmatch(path)):
                name = _CAPITALS.sub(lambda found: found[0].lower(), match[1])
                path = path[: match.start(1)] + name + path[match.end(1) :]
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrers:
    """Parameters that may name where the reader came from, and the values that show that they do."""

    names: frozenset[str]
    site_names: frozenset[str]
    feed_words: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amp:
    """Marks of AMP pages at the end of a name; the comment above `[amp]` in the data explains the fields."""

    tilde: re.Pattern[str]
    numbered: re.Pattern[str]
    headlines: tuple[re.Pattern[str], ...]
    kinds: frozenset[str]

    def without_suffix(self, path: str) -> str:
        """The path without `~amp`, and without `-amp` where that is no word of a name."""
        path = self.numbered.sub(r"\1", self.tilde.sub("", path))
        for headline in self.headlines:
            if (found := headline.search(path)) and found[2].lower() not in self.kinds:
                path = path[: found.end(1)] + path[found.end() :]
        return path


# ---------------------------------------------------------------- reading the data


def _droppable(entries: Iterable[str], prefixes: Iterable[str] = ()) -> Droppable:
    listed = frozenset(entries)
    pairs = frozenset(entry for entry in listed if "=" in entry)
    return Droppable(listed - pairs, tuple(prefixes), pairs)


def _wrapper(row: Mapping[str, Any]) -> Wrapper:
    return Wrapper(
        path=row.get("path"),
        params=tuple(row.get("params", ())),
        match=re.compile(row["match"]) if "match" in row else None,
        prefix=row.get("prefix", ""),
        decode=row.get("decode"),
    )


def _same_page(row: Mapping[str, Any]) -> SamePage:
    keep = frozenset(row.get("keep", ()))
    return SamePage(match=re.compile(row["match"]), to=row["to"], need=row.get("need"), keep=keep)


_DATA: Mapping[str, Any] = tomllib.loads((files("aggregator.text") / "url_policy.toml").read_text("utf-8"))
_HOSTS = _DATA["hosts"]
_TENANTS = frozenset(_HOSTS["tenants"])
_CODE = frozenset(_HOSTS["code"])

TRACKERS = _droppable(
    (name for group in _DATA["trackers"].values() for name in group.get("names", ())),
    (prefix for group in _DATA["trackers"].values() for prefix in group.get("prefixes", ())),
)
REFERRERS = Referrers(
    names=frozenset(_DATA["referrers"]["names"]),
    site_names=frozenset(_DATA["referrers"]["site_names"]),
    feed_words=re.compile(_DATA["referrers"]["feed_words"]),
)
COMPANIONS = {row["of"]: _droppable(row["drop"]) for row in _DATA["companion"]}
_APP_PATH, _DEEP_APP_PATH, _PLACES = (re.compile(_DATA["routes"][name]) for name in ("app", "deep", "places"))
AMP = Amp(
    tilde=re.compile(_DATA["amp"]["tilde"]),
    numbered=re.compile(_DATA["amp"]["numbered"]),
    headlines=tuple(map(re.compile, _DATA["amp"]["headlines"])),
    kinds=frozenset(_DATA["amp"]["kinds"]),
)
BY_PATH = tuple((re.compile(row["match"]), _droppable(row["drop"])) for row in _DATA["path"])
PATH_TENANTS = {host: re.compile(pattern) for host, pattern in _HOSTS["path_tenants"].items()}


def _by_host(table: str) -> dict[str, list[Mapping[str, Any]]]:
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in _DATA[table]:
        for host in row["hosts"]:
            rows.setdefault(host, []).append(row)
    return rows


_DROPS, _WRAPPERS, _SAME_PAGES = _by_host("site"), _by_host("wrapper"), _by_host("same_page")
_FOLD_CASE = _by_host("fold_case")
_RULED = frozenset({*_DROPS, *_WRAPPERS, *_FOLD_CASE})


# ---------------------------------------------------------------- asking


def ascii_host(host: str) -> str | None:
    """The host in lower case and ASCII, IPv6 in brackets; None if it can't be one."""
    return _ascii_host(host) if len(host) <= _MAX_HOST_LENGTH + 1 else None  # long ones must not fill the cache


@lru_cache(maxsize=_CACHED_HOSTS)
def _ascii_host(host: str) -> str | None:
    if ":" in host:
        try:
            return None if "%" in host else f"[{IPv6Address(host)}]"  # % names an interface of one machine
        except ValueError:
            return None
    name = (host.lower() if host.isascii() else _punycode(host)).removesuffix(".")
    return name if len(name) <= _MAX_HOST_LENGTH and _HOST.fullmatch(name) else None


def _punycode(host: str) -> str:
    """As browsers do it (UTS 46); the older rules for what the newer don't allow, which is emoji. "" if neither."""
    import idna  # here: its tables are large, and most hosts are ASCII

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        pass
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


@lru_cache(maxsize=_CACHED_HOSTS)
def site_of(host: str) -> Site:
    """All that is known of a host (lower case, ASCII)."""
    folded = _folded(host)
    names = tuple(_names(folded)) if folded == host else (*_names(folded), *_names(host))
    drop, wrappers, fold_case = _rules_of(tuple([name for name in names if name in _RULED]))
    return Site(
        host=folded,
        drop=drop,
        wrappers=wrappers,
        same_pages=tuple(_same_page(row) for key in _exactly(folded) for row in _SAME_PAGES.get(key, ())),
        fold_case=fold_case,
        is_code=not _CODE.isdisjoint(names),
    )


@lru_cache(maxsize=_CACHED_HOSTS)
def _rules_of(names: tuple[str, ...]) -> tuple[Droppable, tuple[Wrapper, ...], tuple[FoldCase, ...]]:
    """`drop`, `wrappers`, `fold_case` of a host with rules under these names: most have but what holds everywhere."""
    return (
        _droppable(name for key in names for row in _DROPS.get(key, ()) for name in row["drop"]),
        tuple(_wrapper(row) for key in dict.fromkeys(names) for row in _WRAPPERS.get(key, ())),
        tuple(FoldCase(re.compile(row["match"]), row["need"]) for key in names for row in _FOLD_CASE.get(key, ())),
    )


@cache
def _suffixes() -> publicsuffixlist.PublicSuffixList:
    """The Public Suffix List as its package has it, read when the first host is asked for.

    Names that are not ASCII are encoded here: the package does that with all ten thousand, in 27 ms instead of 15.
    """
    lines = (files(publicsuffixlist) / "public_suffix_list.dat").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("//")]
    for rule in [rule for rule in rules if not rule.isascii()]:
        name = rule.partition(" ")[0].lower()
        rules.append("!" * name.startswith("!") + publicsuffixlist.encode_idn(name.lstrip("!")))
    return publicsuffixlist.PublicSuffixList(rules, accept_encoded_idn=False)


@lru_cache(maxsize=_CACHED_HOSTS)
def registrable(host: str) -> str:
    """The domain that somebody registered, by the Public Suffix List with its private part.

    A host that has none is its own: an IP address, `localhost`, a bare suffix such as `github.io`.
    """
    if _IP_ADDRESS.fullmatch(host):
        return host
    return _suffixes().privatesuffix(host) or host


@lru_cache(maxsize=_CACHED_HOSTS)
def publisher_host(host: str) -> str:
    """Like `registrable`, with the sub-domain where that is the publisher: `someone.substack.com`. For folded hosts."""
    domain = registrable(host)
    if domain not in _TENANTS or host == domain:
        return domain
    return f"{host.removesuffix(f'.{domain}').rpartition('.')[2]}.{domain}"


def names_page(path: str, fragment: str) -> bool:
    """Is a fragment the route of an application that may stand at this path, and no place on a page?"""
    if fragment.startswith("!"):
        return True
    if not fragment.startswith("/") or _PLACES.fullmatch(fragment):
        return False
    is_long = fragment.partition("?")[0].rstrip("/").count("/") > 1
    return bool(_APP_PATH.fullmatch(path) or (is_long and _DEEP_APP_PATH.fullmatch(path)))


def is_site_name(value: str) -> bool:
    """Does the text look like the name of a site: labels under a suffix that exists?"""
    if "." not in value or len(value) > _MAX_HOST_LENGTH or not _HOST.fullmatch(value):
        return False
    return _suffixes().publicsuffix(value, accept_unknown=False) not in (None, value)


def _names(host: str) -> Iterator[str]:
    """The names under which rules for this host may stand, the nearest first."""
    rest = host
    while rest:
        yield rest
        if _GOOGLE.fullmatch(rest):
            yield _GOOGLE_ANYWHERE
        rest = rest.partition(".")[2]
    yield _EVERYWHERE


def _exactly(host: str) -> Iterator[str]:
    """The names under which rules for this very host stand."""
    yield host
    rest = host
    while rest:
        yield f"*.{rest}"
        rest = rest.partition(".")[2]


def _folded(host: str) -> str:
    """The canonical host of its mobile, AMP and www forms. A registered domain is never cut."""
    domain = registrable(host)
    tenant = domain in _TENANTS
    while host != domain:
        first, _, rest = host.partition(".")
        if first not in _HOSTS["fold"] or (tenant and first != "www"):
            break
        host = rest
    inner = _HOSTS["inner_mobile"]
    if domain in inner["domains"]:
        host = host.replace(f".{inner['label']}.{domain}", f".{domain}")
    alias: str = _HOSTS["alias"].get(host, host)
    return alias


def own_addresses(url: str) -> list[str]:
    """The IP addresses that a URL names and that are not of the public internet: of this machine, which has two, or of
    one's own network. Of other names nobody knows before they are looked up."""
    host = ""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        address = ip_address(host)
    except ValueError:  # a name, or no address
        return ["127.0.0.1", "::1"] if host == "localhost" or host.endswith(".localhost") else []
    return [] if address.is_global else [str(address)]
