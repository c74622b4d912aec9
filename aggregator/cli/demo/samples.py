"""The sample sources for a base address and a time: feeds as bytes, statuses as the Mastodon API gives them.

Pure apart from reading the package's own data. All times are relative to `now`, so that the samples always
look fresh; render once and keep the result, or every poll finds changed bytes. `samples/README.md` says what
the content shows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.resources import files
from typing import Any

from aggregator.cli.demo.markup import hashtags, mentions, profile_url, status_html

_PLACEHOLDER = re.compile(r"\{\{(\w+)(?: -(\w+))?\}\}")
_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFeed:
    """One feed, ready to be sent.

    `body` is in the encoding that the feed declares, `before` what it is until an entry is corrected, the same where
    none is; `language` is an ISO 639-1 code.
    """

    title: str
    language: str
    format: str
    content_type: str
    body: bytes
    before: bytes


def render_feeds(base_url: str, now: datetime) -> dict[str, SampleFeed]:
    """Path on the server ("/feeds/kretsbladet.xml") → feed. `base_url` has no final slash; `now` is aware."""
    described = _load_toml("feeds.toml")["feeds"]
    return {entry.get("path", f"/feeds/{entry['file']}"): _feed(entry, base_url, now) for entry in described}


def render_statuses(now: datetime) -> list[dict[str, Any]]:
    """The statuses, newest first, in the shape of Mastodon's API, as JSON-ready values.

    Ids are left to the server: `id` is missing from statuses, accounts, mentions and attachments. In a reply
    `in_reply_to_id` holds the `uri` of the status it answers and `in_reply_to_account_id` its `acct`, for the
    server to replace by its ids.
    """
    data = _load_toml("statuses.toml")
    by_key = {status["key"]: status for status in data["statuses"]}
    rendered = (_status(status, by_key, data, now) for status in by_key.values())
    return sorted(rendered, key=lambda status: str(status["created_at"]), reverse=True)


# ---------------------------------------------------------------- feeds


def _feed(entry: Mapping[str, Any], base_url: str, now: datetime) -> SampleFeed:
    values = {"base": base_url, "encoding": entry["encoding"]}
    text = _fill(_load_text(entry["file"]), values, now)
    wrong, right = entry.get("corrected", ("", ""))
    if right not in text:
        raise ValueError(f"{entry['file']} does not say {right!r}")
    before = text.replace(right, wrong) if right else text
    return SampleFeed(
        title=entry["title"],
        language=entry["language"],
        format=entry["format"],
        content_type=entry["content_type"],
        body=_encoded(text, entry["encoding"]),
        before=_encoded(before, entry["encoding"]),
    )


def _encoded(text: str, encoding: str) -> bytes:
    # Letters that a legacy encoding lacks (quotation marks in ISO-8859-1) become character references.
    return text.encode(encoding, "xmlcharrefreplace")


def _fill(template: str, values: Mapping[str, str], now: datetime) -> str:
    """The template with its placeholders replaced. Raises ValueError for one that does not exist."""

    def fill(match: re.Match[str]) -> str:
        name, age = match.groups()
        if age is None and name in values:
            return values[name]
        if age is not None:
            return _written(name, now.astimezone(UTC) - _age(age))
        raise ValueError(f"unknown placeholder: {match[0]}")

    return _PLACEHOLDER.sub(fill, template)


def _written(form: str, at: datetime) -> str:
    """A UTC time in one of the forms that feeds use: rfc822, iso or cdf. Raises ValueError for another."""
    if form == "rfc822":
        return format_datetime(at, usegmt=True)
    if form == "iso":
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "cdf":
        return at.strftime("%Y-%m-%dT%H:%M+0000")
    raise ValueError(f"unknown form of a time: {form}")


def _age(text: str) -> timedelta:
    """ "2d4h30m" → timedelta. Raises ValueError for anything else."""
    match = _AGE.fullmatch(text)
    if not text or not match:
        raise ValueError(f"not an age: {text!r}")
    days, hours, minutes = (int(number or 0) for number in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


# ---------------------------------------------------------------- statuses


def _status(
    status: Mapping[str, Any], by_key: Mapping[str, Any], data: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    server, text = data["server"], status["text"]
    replies, boosts, favourites = status["counts"]
    answered = by_key.get(status.get("reply_to", ""))
    return {
        "created_at": _moment(status["age"], now),
        "edited_at": _moment(status["edited"], now) if "edited" in status else None,
        "in_reply_to_id": _uri(answered, server) if answered else None,
        "in_reply_to_account_id": answered["account"] if answered else None,
        "sensitive": "warning" in status,
        "spoiler_text": status.get("warning", ""),
        "visibility": "public",
        "language": status["language"],
        "uri": _uri(status, server),
        "url": f"{profile_url(status['account'], server)}/{status['key']}",
        "replies_count": replies,
        "reblogs_count": boosts,
        "favourites_count": favourites,
        "content": status_html(text, server),
        "reblog": None,
        "application": None,
        "account": _account(status["account"], data),
        "media_attachments": _media(status),
        "mentions": [_named(account, server) for account in mentions(text)],
        "tags": [{"name": tag, "url": f"{server}/tags/{tag}"} for tag in hashtags(text)],
        "emojis": [],
        "card": _card(data["cards"][status["card"]]) if "card" in status else None,
        "poll": None,
    }


def _uri(status: Mapping[str, Any], server: str) -> str:
    user, _, host = status["account"].partition("@")
    origin = f"https://{host}" if host else server
    return f"{origin}/users/{user}/statuses/{status['key']}"


def _moment(age: str, now: datetime) -> str:
    """As Mastodon writes times: with milliseconds."""
    return (now.astimezone(UTC) - _age(age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _account(account: str, data: Mapping[str, Any]) -> dict[str, Any]:
    about = data["accounts"][account]
    return {**_named(account, data["server"]), "display_name": about["name"], "bot": about.get("bot", False)}


def _named(account: str, server: str) -> dict[str, Any]:
    """What accounts and mentions have in common."""
    return {"username": account.partition("@")[0], "acct": account, "url": profile_url(account, server)}


def _card(card: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": card["url"],
        "title": card["title"],
        "description": card["description"],
        "language": card["language"],
        "type": "link",
        "author_name": "",
        "author_url": "",
        "provider_name": card["provider"],
        "provider_url": "",
        "html": "",
        "width": 0,
        "height": 0,
        "image": None,
        "embed_url": "",
        "blurhash": None,
    }


def _media(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "media" not in status:
        return []
    url, description = status["media"]["url"], status["media"]["description"]
    return [{"type": "image", "url": url, "preview_url": url, "remote_url": None, "description": description}]


# ---------------------------------------------------------------- data of the package


def _load_text(name: str) -> str:
    return (files("aggregator.cli.demo") / "samples" / name).read_text(encoding="utf-8")


def _load_toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_load_text(name))
