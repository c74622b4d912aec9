"""Which entries of a feed are statuses: those of an account, or of a hashtag, on a server of the fediverse. Pure.

A server's software is believed only where several signs agree: what the feed says of its generator, the form of its
own address, of its page, of its title; and each entry must have the address of a status, and no title of its own.
So blogs that speak ActivityPub (WordPress, WriteFreely), films (PeerTube) and blogs at /@name stay articles.

What the feed's words hide is taken apart: titles that are made of the text are dropped, content warnings are found.
The `uri` is what the API calls the status, as far as the address tells it. Newer Mastodon servers write another one
for new accounts, which no feed has: the same status is found by its address too (`aggregator.dedupe.statuses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from aggregator.sources.feeds.entries import MAX_TITLE, Body, Document, RawEntry, Status
from aggregator.sources.status_links import StatusLinks, article_among, host_of
from aggregator.text.html import clean_text, is_markup, text_of
from aggregator.text.tokens import fold_tag

_USER = r"@?(?P<user>[\w.-]+)"
_DOCUMENT = r"(?:\.(?:rss|atom|json|xml))"
# So many signs must agree, beside the addresses of the entries.
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class _Software:
    """A server's software by its signs: patterns of the generator, of paths, and of what the feed is called.

    `{user}` in `words` is the account. `uri`: how the id of a status is made of the groups of `status`.
    """

    generator: re.Pattern[str]
    feed: re.Pattern[str]
    page: re.Pattern[str]
    status: re.Pattern[str]
    words: str
    uri: str


def _software(generator: str, feed: str, page: str, status: str, words: str, uri: str) -> _Software:
    patterns = [re.compile(each, re.IGNORECASE) for each in (generator, feed, page, status)]
    return _Software(patterns[0], patterns[1], patterns[2], patterns[3], words, uri)


_NAMED = r"@{user}@(?P<domain>[\w.-]+\w)"
_MASTODON = _software(
    r"(?:Mastodon|Hometown)\b",
    rf"/(?:@|users/){_USER}(?:/\w+(?:/[^/]+)?)?\.(?:rss|xml)|/tags/[^/]+{_DOCUMENT}",
    rf"/(?:web/)?@{_USER}(?:/[^/]+){{0,2}}/?|/tags/[^/]+/?",
    rf"/(?:web/)?@{_USER}/(?P<id>\d{{15,}})",
    _NAMED,
    "/users/{user}/statuses/{id}",
)
_GOTOSOCIAL = _software(
    r"GoToSocial\b", rf"/@{_USER}/feed\.rss", rf"/@{_USER}/?", rf"/@{_USER}/statuses/(?P<id>[0-9A-HJKMNP-TV-Z]{{26}})",
    rf"Posts from {_NAMED}", "/users/{user}/statuses/{id}",
)  # fmt: skip
_PLEROMA = _software(
    r"(?:Pleroma|Akkoma|Rebased)\b", rf"/users/{_USER}(?:/feed)?{_DOCUMENT}?", rf"/(?:users/)?{_USER}/?",
    r"/objects/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", _NAMED, "",
)  # fmt: skip
_MISSKEY = _software(
    r"(?:Misskey|Sharkey|Firefish|Calckey|FoundKey|Iceshrimp|CherryPick|Catodon)\b", rf"/@{_USER}{_DOCUMENT}",
    rf"/@{_USER}/?", r"/notes/[0-9a-z]{10,26}", rf"\({_NAMED}\)", "",
)  # fmt: skip
_PIXELFED = _software(
    r"Pixelfed\b", rf"/users/{_USER}\.atom", r"/(?P<user>[\w.-]+)/?", rf"/p/{_USER}/\d{{10,}}", r"^{user} on Pixelfed$",
    "",
)  # fmt: skip
_ALL = (_MASTODON, _GOTOSOCIAL, _PLEROMA, _MISSKEY, _PIXELFED)
_MICRO_BLOG = "micro.blog"


@dataclass(frozen=True, slots=True)
class _Found:
    """The server whose feed this is. `user`: the account, "" for a hashtag's; `domain`: of its accounts."""

    software: _Software
    user: str
    domain: str
    is_rss: bool

    @property
    def is_hashtag(self) -> bool:
        """Its entries are of many accounts, on servers of all kinds."""
        return self.software is _MASTODON and not self.user


def with_statuses(document: Document, url: str) -> Document:
    """The document, read from `url`, with those of its entries marked that are statuses."""
    if host_of(url) == _MICRO_BLOG:
        return _with_microblogs(document)
    found = _found(document, url)
    if found is None:
        return document
    return replace(document, entries=[_marked(entry, found) for entry in document.entries])


def _found(document: Document, url: str) -> _Found | None:
    for software in _ALL:
        if document.generator and not software.generator.match(document.generator.strip()):
            continue
        paths = [
            match
            for pattern, address in ((software.feed, url), (software.page, document.site_url))
            if address and (match := pattern.fullmatch(unquote(urlsplit(address).path)))
        ]
        users = {match["user"].lower(): match["user"] for match in paths if match["user"]}
        user = next(iter(users.values()), "")
        named = _named(software, document, user) if user else None
        is_active = software is _PLEROMA and any(entry.is_activity for entry in document.entries)
        signs = bool(document.generator) + len(paths) + (named is not None) + is_active
        here = document.site_url or url
        if signs >= _ENOUGH and len(users) < 2 and _has_statuses(document.entries, software, set(users), here):
            domain = named["domain"] if named and "domain" in named.re.groupindex else host_of(here)
            return _Found(software, user, domain or "", is_rss=urlsplit(url).path.endswith(".rss"))
    return None


def _named(software: _Software, document: Document, user: str) -> re.Match[str] | None:
    pattern = re.compile(software.words.replace("{user}", re.escape(user)), re.IGNORECASE)
    return pattern.search(clean_text(document.title[:1000])) or pattern.search(clean_text(document.description[:1000]))


def _has_statuses(entries: Sequence[RawEntry], software: _Software, users: set[str], here: str) -> bool:
    """Has an entry the address of a status of this account, on the server that the feed is from? A hashtag's feed
    has those of other servers too."""
    found = (_status_path(entry.link, software) for entry in entries)
    return any(
        match is not None and (not users or (host_of(entry.link) == host_of(here) and _is_of(match, users)))
        for entry, match in zip(entries, found, strict=True)
    )


def _is_of(match: re.Match[str], users: set[str]) -> bool:
    return "user" not in match.re.groupindex or match["user"].lower() in users


def _status_path(address: str | None, software: _Software) -> re.Match[str] | None:
    return software.status.fullmatch(unquote(urlsplit(address).path).rstrip("/")) if address else None


# ---------------------------------------------------------------- one entry

# Mastodon puts it before the text, in words of the author's language; a colon ends them in every language.
_WARNING = re.compile(r"\s*<p>\s*<strong>[^<]{1,200}[:：]\s*</strong>(.{1,2000}?)</p>\s*<hr\s*/?>", re.DOTALL)
# GoToSocial's description: `@anna@host made a new post: "…`.
_QUOTED = re.compile(
    r"\s*\S+ (?:posted (?:1 attachment|\[\d+\] attachments)|made a new post)(?:: \"(?P<text>.*))?", re.S
)
_INVENTED = re.compile(
    r"(?:(?:New )?(?:status|note|post) by .+|No caption|\S+: (?:CW )?[“\"].*[”\"](?: \(.+\))?)", re.I
)
_CUT = re.compile(r"\s*(?:\.\.\.|…)\s*$")


def _marked(entry: RawEntry, found: _Found) -> RawEntry:
    """The entry as a status; as it is where it is none."""
    software, match = _software_of(entry.link, found)
    if entry.link is None or (match is None and not found.is_hashtag):
        return entry
    title = clean_text(entry.title[:10_000])[:MAX_TITLE]
    warning, bodies = _warning(entry, found, title)
    if title and found.software is not _GOTOSOCIAL and not _is_made_of(title, warning, bodies):
        return entry
    user = match["user"] if match and "user" in match.re.groupindex else found.user
    domain = found.domain if found.user else host_of(entry.link) or ""
    links = _links(bodies)
    return replace(
        _status(entry, bodies, links, f"{user}@{domain}" if user else None),
        title="",
        status=Status(
            uri=_uri(entry, match, software),
            content_warning=warning,
            sensitive=warning is not None or entry.is_adult,
            article_url=_article_url(links, entry.link),
        ),
    )


def _software_of(address: str | None, found: _Found) -> tuple[_Software, re.Match[str] | None]:
    """By whose rules the address is that of a status."""
    for software in _ALL if found.is_hashtag else (found.software,):
        if match := _status_path(address, software):
            return software, match
    return found.software, None


def _status(entry: RawEntry, bodies: tuple[Body, ...], links: Iterable[StatusLinks], author: str | None) -> RawEntry:
    files = {file.url: file for file in (*entry.enclosures, *entry.pictures)}
    written = {fold_tag(tag): tag for tag in reversed([tag for each in links for tag in each.hashtags])}
    tags = {fold_tag(tag): tag for tag in entry.tags} | written
    return replace(
        entry,
        bodies=bodies,
        authors=(author,) if author else entry.authors,
        tags=tuple(tags.values()),
        enclosures=tuple(files.values()),
    )


def _uri(entry: RawEntry, match: re.Match[str] | None, software: _Software) -> str | None:
    if match is None or entry.link is None:
        return None
    parts = urlsplit(entry.link)
    if not software.uri:
        return entry.link if not entry.guid.startswith("http") else entry.guid.strip()
    return f"{parts.scheme}://{parts.netloc}{software.uri.format(**match.groupdict())}"


def _warning(entry: RawEntry, found: _Found, title: str) -> tuple[str | None, tuple[Body, ...]]:
    """The content warning of a status, and its texts without that."""
    bodies = tuple(dict.fromkeys(entry.bodies))
    if found.software is _MASTODON:
        return _before_text(bodies)
    if found.software is _GOTOSOCIAL:
        quoted = next((match for body in bodies if (match := _QUOTED.fullmatch(text_of(body.value)))), None)
        start = _letters(_CUT.sub("", title))
        is_warning = bool(title) and not _letters((quoted and quoted["text"]) or "").startswith(start)
        kept = tuple(body for body in bodies if not _QUOTED.fullmatch(text_of(body.value)))
        return (title if is_warning else None), kept
    if found.software in (_PLEROMA, _MISSKEY) and len(bodies) > 1:
        # RSS of Pleroma has two descriptions; the second, which is the warning, stands where a content would.
        last = 0 if found.software is _PLEROMA and found.is_rss else len(bodies) - 1
        rest = (*bodies[:last], *bodies[last + 1 :])
        return clean_text(text_of(bodies[last].value)) or None, tuple(map(_as_written, rest))
    return None, tuple(map(_as_written, bodies)) if found.software is _MISSKEY else bodies


def _as_written(body: Body) -> Body:
    """Misskey gives a note's text as it was typed: its lines are lines."""
    return body if is_markup(body.value) else replace(body, is_plain=True)


def _before_text(bodies: tuple[Body, ...]) -> tuple[str | None, tuple[Body, ...]]:
    found = [_WARNING.match(body.value) for body in bodies]
    warning = next((clean_text(text_of(match[1])) for match in found if match), None)
    kept = (
        replace(body, value=body.value[match.end() :]) if match else body
        for body, match in zip(bodies, found, strict=True)
    )
    return warning or None, tuple(kept)


def _is_made_of(title: str, warning: str | None, bodies: tuple[Body, ...]) -> bool:
    """Is the title none that the author gave: words of the software, or the beginning of what the status says?"""
    if _INVENTED.fullmatch(title):
        return True
    start = _letters(_CUT.sub("", title))
    texts = (warning or "", *(text_of(body.value[:10_000]) for body in bodies))
    return any(_letters(text).startswith(start) for text in texts)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


# ---------------------------------------------------------------- micro.blog


def _with_microblogs(document: Document) -> Document:
    """Its feeds name the account of each entry. What has a title there is an article; ids are numbers of its own."""
    return replace(document, entries=[_microblog(entry) for entry in document.entries])


def _microblog(entry: RawEntry) -> RawEntry:
    if entry.link is None or not entry.account or clean_text(entry.title[:1000]):
        return entry
    links = _links(entry.bodies)
    marked = _status(entry, entry.bodies, links, f"{entry.account}@{_MICRO_BLOG}")
    return replace(marked, status=Status(article_url=_article_url(links, entry.link)))


# ---------------------------------------------------------------- links


def _links(bodies: Iterable[Body]) -> list[StatusLinks]:
    return [StatusLinks(body.value) for body in bodies]


def _article_url(links: Iterable[StatusLinks], link: str) -> str | None:
    """The page that the status at `link` points at."""
    return article_among((address for each in links for address in each.others), [link], {host_of(link)})
