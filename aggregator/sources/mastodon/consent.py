"""Which statuses are left out: by their authors' wishes, by the settings, or because they are not what was asked for.

Servers differ in what they make of `all[]`, `none[]`, `local` and the like (GoToSocial passes over them), so what
came is looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from aggregator.model.post import Post
from aggregator.model.source import Source
from aggregator.text.html import clean_text
from aggregator.text.tokens import fold_tag

# What people write into their profiles to keep programs away (as mastodon_digest and others respect it).
_STAY_AWAY = re.compile(r"[#＃](?:no-?bots?|no-?index|no-?archive|no-?search|no-?scrap(?:e|ing))\b", re.IGNORECASE)

# What everybody may see. Others are private, direct, mutuals_only, local, list …: a token's user may see them, no one
# else. A status without any is of a server that has no others; with a token nobody knows.
_PUBLIC = ("public", "unlisted")


def asks_to_stay_away(account: Mapping[str, Any]) -> bool:
    """Does an account ask programs not to take its posts: `noindex` (Mastodon 4.0), or #nobot and the like?"""
    if account.get("noindex") is True:
        return True
    note = account.get("note")
    return isinstance(note, str) and ("#" in note or "＃" in note) and bool(_STAY_AWAY.search(clean_text(note)))


def is_public(status: Mapping[str, Any], *, with_token: bool = False) -> bool:
    """May everybody see a status, or a boost? `local_only` (Hometown, glitch-soc): the users of its server alone."""
    visibility = status.get("visibility")
    return (visibility in _PUBLIC or (visibility is None and not with_token)) and status.get("local_only") is not True


def withdrawn(post: Post, status: Mapping[str, Any], source: Source) -> str | None:
    """Why a post must not be kept although it was perhaps stored before; None if it may."""
    if post.kind == "article":
        return None  # a page of the web, which a server lists
    if not is_public(status, with_token=source.token is not None):
        return "not public"
    if post.noindex and not source.keep.noindex:
        return "whose authors ask programs to stay away"
    return None


def unwanted(post: Post, source: Source) -> str | None:
    """Why a post is not wanted; None if it is."""
    keep = source.keep
    reasons = (
        ("replies", post.reply_to is not None and not keep.replies),
        ("of bots", post.bot and not keep.bots),
        ("sensitive or with a content warning", _is_sensitive(post) and not keep.sensitive),
        ("unlisted", post.visibility == "unlisted" and not keep.unlisted),
        ("whose authors did not agree to be searched", post.indexable is False and not keep.unindexable),
        ("not asked for", not _is_asked_for(post, source)),
    )
    return next((words for words, is_so in reasons if is_so), None)


def _is_sensitive(post: Post) -> bool:
    return post.sensitive or post.content_warning is not None


def _is_asked_for(post: Post, source: Source) -> bool:
    query = source.query
    if not query:
        return True
    tags = {fold_tag(tag) for tag in post.tags}

    def named(name: str) -> set[str]:
        return {fold_tag(value) for key, value in query if key == name}

    is_local = post.author is not None and post.author.rpartition("@")[2] == urlsplit(source.server).hostname
    asked = dict(query)
    return (
        named("all[]") <= tags
        and not named("none[]") & tags
        and (not named("any[]") or bool(tags & (named("any[]") | {fold_tag(unquote(source.tag))})) or not tags)
        and (asked.get("only_media") != "true" or bool(post.enclosures))
        and (asked.get("local") != "true" or is_local)
        and (asked.get("remote") != "true" or not is_local)
    )
