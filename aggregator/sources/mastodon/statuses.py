"""One status as Mastodon's API gives it → a post. Pure, and raises nothing, whatever a server sends.

Servers of many kinds speak this API, and posts reach them from still others, so nothing is taken for granted: keys
are missing, types are wrong, links have no classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.model.post import Enclosure, Post
from aggregator.sources.languages import language_code
from aggregator.sources.mastodon.attachments import (
    card_of,
    emojis_of,
    is_quote_withdrawn,
    options_of,
    quote_of,
    quoted_of,
)
from aggregator.sources.mastodon.consent import asks_to_stay_away
from aggregator.sources.mastodon.values import count as _count
from aggregator.sources.mastodon.values import date as _date
from aggregator.sources.mastodon.values import flag as _flag
from aggregator.sources.mastodon.values import mapping as _mapping
from aggregator.sources.mastodon.values import mappings as _mappings
from aggregator.sources.mastodon.values import text as _text
from aggregator.sources.mastodon.values import word as _word
from aggregator.text.attached import attached_words
from aggregator.text.html import clean_html, clean_text, text_of
from aggregator.text.tokens import fold_tag
from aggregator.text.urls import absolute_url, canonical_url, is_home_page

# A status has a few dozen tags; parsing deep nesting takes quadratic time. Above, links are left as they are shown.
_MOST_TAGS = 2000


def post_of(status: Mapping[str, Any], server: str, now: datetime, *, with_token: bool = False) -> Post | None:
    """The post that a status is; None for a boost, or where it has no id.

    `server` is the base address of the server that was asked: its local accounts are named without it. `now` tells
    impossible dates. `with_token`: the server shows what one of its users may see, not what everybody may.
    """
    native_id = native_id_of(status)
    if native_id is None or status.get("reblog"):
        return None
    content, account = _text(status.get("content")), _mapping(status.get("account"))
    links = _Links(content)
    uri = _word(status.get("uri"))
    url = absolute_url(_text(status.get("url"))) or absolute_url(uri or "")
    return Post(
        kind="status",
        native_id=native_id,
        text=text_of(links.full_html),
        html=clean_html(content, server),
        uri=uri,
        url=url,
        canonical_url=canonical_url(url) if url else None,
        article_url=_article_url(status, links, server, url),
        author=_author(status, server),
        declared_language=language_code(_text(status.get("language"))),
        published_at=_date(status.get("created_at"), now),
        edited_at=_date(status.get("edited_at"), now),
        tags=_tags(status, links),
        mentions=_mentions(status, server),
        sensitive=status.get("sensitive") is True,
        content_warning=clean_text(_text(status.get("spoiler_text"))) or None,
        bot=account.get("bot") is True,
        noindex=asks_to_stay_away(account),
        indexable=_flag(account.get("indexable")),
        reply_to=_word(status.get("in_reply_to_id")),
        visibility=_word(status.get("visibility")),
        boosts=_count(status.get("reblogs_count")),
        favourites=_count(status.get("favourites_count")),
        replies=_count(status.get("replies_count")),
        **_attachments(status, server, now, with_token=with_token),
    )


def _attachments(status: Mapping[str, Any], server: str, now: datetime, *, with_token: bool) -> dict[str, Any]:
    """The fields of a post for what comes with its text: most have nothing."""
    if not any(map(status.get, ("card", "quote", "poll", "emojis", "media_attachments"))):
        return {}
    card, options, files = card_of(status, now), options_of(status), tuple(_enclosures(status))
    quoted = quoted_of(status)
    author = _account(_mapping(quoted.get("account")), server)
    quote = quote_of(quoted, author, with_token=with_token) if quoted else None
    return {
        "card": card,
        "quote": quote,
        "is_quote_withdrawn": is_quote_withdrawn(status),
        "options": options,
        "enclosures": files,
        "emojis": emojis_of(status),
        "attached": attached_words(card, quote, options, files),
    }


def native_id_of(status: Mapping[str, Any]) -> str | None:
    """The id of a status on the server that was asked: opaque, and a number on some servers; None if it has none."""
    return _word(status.get("id"))


# ---------------------------------------------------------------- links


class _Links:
    """The links of a status's content: the tags among them, those that may be articles, and how they are shown."""

    def __init__(self, content: str) -> None:
        self.full_html = content
        self.hashtags: list[str] = []
        self.others: list[str] = []
        if "<a" not in content.lower() or content.count("<") > _MOST_TAGS:
            return
        tree = LexborHTMLParser(content.encode("utf-8", "ignore"), is_fragment=True)
        quoted = {node.attributes.get("href") for node in tree.css(".quote-inline a")}
        is_changed = False
        for node in tree.css("a[href]"):
            href = absolute_url(node.attributes.get("href") or "")
            shown = node.text().strip()
            if _is_hashtag(node, shown):
                self.hashtags.append(shown[1:])
            elif href and not _is_mention(node, shown):
                if _is_shortened(shown, href):
                    node.inner_html = escape(href)
                    is_changed = True
                # The address of a quoted status, for programs that know no quotes, is no link of the author's.
                if node.attributes.get("href") not in quoted:
                    self.others.append(href)
        if is_changed:
            self.full_html = tree.html or content


def _is_hashtag(node: LexborNode, shown: str) -> bool:
    if not re.fullmatch(r"[#＃]\S+", shown) or shown[1:].isdigit():
        return False
    is_marked = "hashtag" in _classes(node) or "tag" in (node.attributes.get("rel") or "").split()
    return is_marked or shown[1:].isalnum()


def _is_mention(node: LexborNode, shown: str) -> bool:
    """Mastodon marks mentions by a class; others (Bonfire, Lemmy) only write @user or @user@host."""
    return "mention" in _classes(node) or re.fullmatch(r"@[\w.-]+(?:@[\w.:-]+)?", shown) is not None


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


_BEFORE_HOST = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_ELLIPSIS = re.compile(r"…|\.\.\.")


def _is_shortened(shown: str, href: str) -> bool:
    """Does a link show a part of its address? ("example.org/news/the-qu…") Words are none, nor is a whole address."""
    head, *tail = _ELLIPSIS.split(shown, maxsplit=1)
    if not tail and (shown.startswith(("http://", "https://")) or not re.search(r"[./]", shown)):
        return False
    start, full = _comparable(head), _comparable(href)
    return start != "" and full.startswith(start) and full.endswith("".join(tail).casefold())


def _comparable(address: str) -> str:
    return unquote(_BEFORE_HOST.sub("", address, count=1)).casefold()


# ---------------------------------------------------------------- the article

# Profiles and statuses of Mastodon and its like, on any host. Medium's articles (/@user/words) are none.
_FEDIVERSE_PAGE = re.compile(r"/(?:web/)?@[^/]+(?:/\d+|/statuses/\w+)?/?|/users/[^/]+(?:/statuses/\d+)?/?")
# On the servers of the status, everything about accounts and tags.
_SERVER_PAGE = re.compile(r"/(?:web/)?(?:@|users/|tags?/)")
_MEDIA_FILE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp|mp4|m4v|mov|webm|mp3|m4a|ogg|opus|flac|wav)", re.IGNORECASE)


def _article_url(status: Mapping[str, Any], links: _Links, server: str, url: str | None) -> str | None:
    """The page that the status points at: of its card, else of its first link that can be one.

    A post on another network counts only where there is nothing else. Home pages are left out: two statuses that link
    to a company's site are not about one article.
    """
    card = _mapping(status.get("card"))
    of_card = absolute_url(_text(card.get("url"))) if card.get("type") == "link" else None
    candidates = [of_card, *links.others] if of_card else links.others
    if not candidates:
        return None
    known = set(_known_addresses(status))
    own_pages = {canonical_url(address) for address in (url, _text(status.get("uri"))) if address}
    hosts = {_host(server), _host(url), _host(_text(_mapping(status.get("account")).get("url")))}
    found: str | None = None
    for candidate in candidates:
        path = urlsplit(candidate).path
        if (
            candidate not in known
            and canonical_url(candidate) not in own_pages
            and not is_home_page(candidate)
            and not _FEDIVERSE_PAGE.fullmatch(path)
            and not (_SERVER_PAGE.match(path) and _host(candidate) in hosts)
            and not _MEDIA_FILE.fullmatch(PurePosixPath(path).suffix)
        ):
            if not _is_post_elsewhere(candidate):
                return candidate
            found = found or candidate
    return found


# Networks whose pages are posts of people: what else a status links to is rather what it is about.
_NETWORKS = frozenset(
    {
        "bsky.app", "facebook.com", "instagram.com", "linkedin.com", "t.me", "threads.com", "threads.net", "tiktok.com",
        "twitter.com", "vk.com", "weibo.com", "x.com",
    }
)  # fmt: skip
# Posts of Misskey, Pleroma, Pixelfed and Lemmy, on any host.
_POST_PAGE = re.compile(r"/(?:notes|notice|objects|post)/[\w-]+/?|/p/[^/]+/\d+/?")


def _is_post_elsewhere(url: str) -> bool:
    """Is this a post on another network, rather than an article?"""
    host = (_host(url) or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    return host in _NETWORKS or _POST_PAGE.fullmatch(urlsplit(url).path) is not None


def _known_addresses(status: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of a status's accounts, tags and media."""
    yield _text(_mapping(status.get("account")).get("url"))
    for key in ("mentions", "tags", "media_attachments"):
        for item in _mappings(status.get(key)):
            yield from (_text(item.get(name)) for name in ("url", "remote_url", "text_url", "preview_url"))


def _host(url: str | None) -> str | None:
    address = absolute_url(url or "")
    return urlsplit(address).hostname if address else None


# ---------------------------------------------------------------- tags and accounts


def _tags(status: Mapping[str, Any], links: _Links) -> tuple[str, ...]:
    """The tags as the author wrote them, where the content shows it: the API gives them in lower case."""
    written = {fold_tag(tag): tag for tag in reversed(links.hashtags) if _word(tag)}
    given = status.get("tags")
    listed = given if isinstance(given, list) else []  # of objects; some servers list the names alone
    names = (_word(tag.get("name") if isinstance(tag, Mapping) else _text(tag)) for tag in listed)
    bare = (name.lstrip("#＃") for name in names if name)
    tags = {fold_tag(name): name for name in bare if name}
    return tuple(written.get(folded, name) for folded, name in (tags | written).items())


def _mentions(status: Mapping[str, Any], server: str) -> tuple[str, ...]:
    named = (_account(mention, server) for mention in _mappings(status.get("mentions")))
    return tuple(dict.fromkeys(filter(None, named)))


def _author(status: Mapping[str, Any], server: str) -> str | None:
    """`user@host`. Of an account that is null the host is left, as the status's address tells it."""
    if status.get("account", "") is None:
        return _host(_text(status.get("url"))) or _host(_text(status.get("uri")))
    return _account(_mapping(status.get("account")), server)


def _account(account: Mapping[str, Any], server: str) -> str | None:
    """`user@host`. A local account is named without its host: it is the host of its page."""
    name = (_word(account.get("acct")) or _word(account.get("username")) or "").lstrip("@")
    if not name or "@" in name:
        return name or None
    return f"{name}@{_host(_text(account.get('url'))) or _host(server) or 'localhost'}"


# ---------------------------------------------------------------- media

# The table that comes with Python, not the system's, which differs from image to image.
_MEDIA_TYPES = MimeTypes()
_MAIN_TYPES = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


def _enclosures(status: Mapping[str, Any]) -> Iterator[Enclosure]:
    for media in _mappings(status.get("media_attachments")):
        url = absolute_url(_text(media.get("url"))) or absolute_url(_text(media.get("remote_url")))
        if url:
            described = clean_text(_text(media.get("description")), keeps_tags=True) or None
            yield Enclosure(url=url, media_type=_media_type(url, _text(media.get("type"))), description=described)


def _media_type(url: str, kind: str) -> str | None:
    """By the file's extension, where that agrees with what the API says; .ogg, .webm and .mp4 are sound or pictures."""
    guess = _MEDIA_TYPES.guess_type(f"file{PurePosixPath(urlsplit(url).path).suffix}", strict=False)[0]
    if guess is None or kind not in _MAIN_TYPES:
        return guess
    main, _, sub = guess.partition("/")
    if main == _MAIN_TYPES[kind]:
        return guess
    return f"{_MAIN_TYPES[kind]}/{sub}" if {main, _MAIN_TYPES[kind]} == {"audio", "video"} else None
