"""One status as Mastodon's API gives it → a post. Pure, and raises nothing, whatever a server sends.

Servers of many kinds speak this API, and posts reach them from still others, so nothing is taken for granted: keys
are missing, types are wrong, links have no classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from aggregator.model.post import Enclosure, Post
from aggregator.sources.languages import language_code
from aggregator.sources.mastodon.attachments import (
    card_of,
    emojis_of,
    is_quote_refused,
    is_quote_withdrawn,
    options_of,
    quote_of,
    quoted_of,
)
from aggregator.sources.mastodon.consent import asks_to_stay_away
from aggregator.sources.mastodon.values import count, date, flag, mapping, mappings, text, word
from aggregator.sources.status_links import StatusLinks, article_among, host_of
from aggregator.text.attached import attached_words
from aggregator.text.html import clean_html, clean_text, text_of
from aggregator.text.tokens import fold_tag
from aggregator.text.urls import absolute_url, canonical_url


def post_of(status: Mapping[str, Any], server: str, now: datetime, *, with_token: bool = False) -> Post | None:
    """The post that a status is; None for a boost, or where it has no id.

    `server` is the base address of the server that was asked: its local accounts are named without it. `now` tells
    impossible dates. `with_token`: the server shows what one of its users may see, not what everybody may.
    """
    native_id = native_id_of(status)
    if native_id is None or status.get("reblog"):
        return None
    content, account = text(status.get("content")), mapping(status.get("account"))
    links = StatusLinks(content)
    uri = word(status.get("uri"))
    url = absolute_url(text(status.get("url"))) or absolute_url(uri or "")
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
        declared_language=language_code(text(status.get("language"))),
        published_at=date(status.get("created_at"), now),
        edited_at=date(status.get("edited_at"), now),
        tags=_tags(status, links),
        mentions=_mentions(status, server),
        sensitive=status.get("sensitive") is True,
        content_warning=clean_text(text(status.get("spoiler_text"))) or None,
        bot=account.get("bot") is True,
        noindex=asks_to_stay_away(account),
        indexable=flag(account.get("indexable")),
        reply_to=word(status.get("in_reply_to_id")),
        visibility=word(status.get("visibility")),
        boosts=count(status.get("reblogs_count")),
        favourites=count(status.get("favourites_count")),
        replies=count(status.get("replies_count")),
        **_attachments(status, server, now, with_token=with_token),
    )


def _attachments(status: Mapping[str, Any], server: str, now: datetime, *, with_token: bool) -> dict[str, Any]:
    """The fields of a post for what comes with its text: most have nothing."""
    if not any(map(status.get, ("card", "quote", "poll", "emojis", "media_attachments"))):
        return {}
    card, options, files = card_of(status, now), options_of(status), tuple(_enclosures(status))
    quoted = quoted_of(status)
    author = _account(mapping(quoted.get("account")), server)
    quote = quote_of(quoted, author, with_token=with_token) if quoted else None
    return {
        "card": card,
        "quote": quote,
        "is_quote_withdrawn": is_quote_withdrawn(status),
        "is_quote_refused": is_quote_refused(status),
        "options": options,
        "enclosures": files,
        "emojis": emojis_of(status),
        "attached": attached_words(card, quote, options, files),
    }


def native_id_of(status: Mapping[str, Any]) -> str | None:
    """The id of a status on the server that was asked: opaque, and a number on some servers; None if it has none."""
    return word(status.get("id"))


# ---------------------------------------------------------------- the article


def _article_url(status: Mapping[str, Any], links: StatusLinks, server: str, url: str | None) -> str | None:
    """The page that the status points at: of its card, else of its first link that can be one."""
    card = mapping(status.get("card"))
    of_card = absolute_url(text(card.get("url"))) if card.get("type") == "link" else None
    candidates = [of_card, *links.others] if of_card else links.others
    if not candidates:
        return None
    own = filter(None, (url, text(status.get("uri"))))
    hosts = {host_of(server), host_of(url), host_of(text(mapping(status.get("account")).get("url")))}
    return article_among(candidates, own, hosts, set(_known_addresses(status)))


def _known_addresses(status: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of a status's accounts, tags and media."""
    yield text(mapping(status.get("account")).get("url"))
    for key in ("mentions", "tags", "media_attachments"):
        for item in mappings(status.get(key)):
            yield from (text(item.get(name)) for name in ("url", "remote_url", "text_url", "preview_url"))


# ---------------------------------------------------------------- tags and accounts


def _tags(status: Mapping[str, Any], links: StatusLinks) -> tuple[str, ...]:
    """The tags as the author wrote them, where the content shows it: the API gives them in lower case."""
    written = {fold_tag(tag): tag for tag in reversed(links.hashtags) if word(tag)}
    given = status.get("tags")
    listed = given if isinstance(given, list) else []  # of objects; some servers list the names alone
    names = (word(tag.get("name") if isinstance(tag, Mapping) else text(tag)) for tag in listed)
    bare = (name.lstrip("#＃") for name in names if name)
    tags = {fold_tag(name): name for name in bare if name}
    return tuple(written.get(folded, name) for folded, name in (tags | written).items())


def _mentions(status: Mapping[str, Any], server: str) -> tuple[str, ...]:
    named = (_account(mention, server) for mention in mappings(status.get("mentions")))
    return tuple(dict.fromkeys(filter(None, named)))


def _author(status: Mapping[str, Any], server: str) -> str | None:
    """`user@host`. Of an account that is null the host is left, as the status's address tells it."""
    if status.get("account", "") is None:
        return host_of(text(status.get("url"))) or host_of(text(status.get("uri")))
    return _account(mapping(status.get("account")), server)


def _account(account: Mapping[str, Any], server: str) -> str | None:
    """`user@host`. A local account is named without its host: it is the host of its page."""
    name = (word(account.get("acct")) or word(account.get("username")) or "").lstrip("@")
    if not name or "@" in name:
        return name or None
    return f"{name}@{host_of(text(account.get('url'))) or host_of(server) or 'localhost'}"


# ---------------------------------------------------------------- media

# The table that comes with Python, not the system's, which differs from image to image.
_MEDIA_TYPES = MimeTypes()
_MAIN_TYPES = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


def _enclosures(status: Mapping[str, Any]) -> Iterator[Enclosure]:
    for media in mappings(status.get("media_attachments")):
        url = absolute_url(text(media.get("url"))) or absolute_url(text(media.get("remote_url")))
        if url:
            described = clean_text(text(media.get("description")), keeps_tags=True) or None
            yield Enclosure(url=url, media_type=_media_type(url, text(media.get("type"))), description=described)


def _media_type(url: str, kind: str) -> str | None:
    """By the file's extension, where that agrees with what the API says; .ogg, .webm and .mp4 are sound or pictures."""
    guess = _MEDIA_TYPES.guess_type(f"file{PurePosixPath(urlsplit(url).path).suffix}", strict=False)[0]
    if guess is None or kind not in _MAIN_TYPES:
        return guess
    main, _, sub = guess.partition("/")
    if main == _MAIN_TYPES[kind]:
        return guess
    return f"{_MAIN_TYPES[kind]}/{sub}" if {main, _MAIN_TYPES[kind]} == {"audio", "video"} else None
