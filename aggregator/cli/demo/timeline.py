"""The sample statuses as a Mastodon server keeps them: with ids, found by tag, a page at a time. Pure.

The rules are those of a real server: `since_id` gives the newest page above an id, `min_id` the page next above it;
a page is newest first, of 20 statuses unless asked, of 40 at most.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

DEFAULT_PAGE = 20
LARGEST_PAGE = 40

Status = dict[str, Any]


def with_ids(statuses: Sequence[Mapping[str, Any]]) -> list[Status]:
    """The statuses of `render_statuses` with what is left to the server, newest first.

    A status's id is made of its time (milliseconds << 16), as Mastodon's are, so that ids grow with time. Accounts,
    mentions and attachments get ids of their own; replies name the id of what they answer. Tags lose case and accents,
    which only the content keeps.
    """
    in_order = sorted(statuses, key=lambda status: str(status["created_at"]))
    ids = {status["uri"]: _snowflake(status["created_at"], number) for number, status in enumerate(in_order)}
    accounts = _account_ids(in_order)
    return [_completed(status, ids, accounts) for status in reversed(in_order)]


def folded(tag: str) -> str:
    """The form in which tags are compared: without case and accents."""
    letters = unicodedata.normalize("NFKD", tag.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def page(statuses: Sequence[Status], tag: str, query: Mapping[str, str]) -> list[Status]:
    """A page of a tag's timeline, newest first, by the parameters of a request. `statuses` is newest first."""
    limit = min(abs(_number(query["limit"])), LARGEST_PAGE) if "limit" in query else DEFAULT_PAGE
    found = [status for status in statuses if any(folded(named["name"]) == folded(tag) for named in status["tags"])]
    if "max_id" in query:
        found = [status for status in found if int(status["id"]) < _number(query["max_id"])]
    if "min_id" in query:
        above = [status for status in found if int(status["id"]) > _number(query["min_id"])]
        return above[-limit:] if limit else []
    if "since_id" in query:
        found = [status for status in found if int(status["id"]) > _number(query["since_id"])]
    return found[:limit]


def _number(text: str) -> int:
    """As a server reads a number: what is none is 0."""
    try:
        return int(text)
    except ValueError:
        return 0


def _snowflake(created_at: str, number: int) -> str:
    """`number` tells those of one millisecond apart."""
    return str(int(datetime.fromisoformat(created_at).timestamp() * 1000) << 16 | number)


def _account_ids(statuses: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    named = [account["acct"] for status in statuses for account in (status["account"], *status["mentions"])]
    return {acct: str(number) for number, acct in enumerate(dict.fromkeys(named), start=1)}


def _completed(status: Mapping[str, Any], ids: Mapping[str, str], accounts: Mapping[str, str]) -> Status:
    media = enumerate(status["media_attachments"])
    native_id = ids[status["uri"]]
    return {
        "id": native_id,
        **status,
        "in_reply_to_id": ids.get(status["in_reply_to_id"]),
        "in_reply_to_account_id": accounts.get(status["in_reply_to_account_id"]),
        "tags": [{**tag, "name": folded(tag["name"])} for tag in status["tags"]],
        "account": {"id": accounts[status["account"]["acct"]], **status["account"]},
        "mentions": [{"id": accounts[mention["acct"]], **mention} for mention in status["mentions"]],
        "media_attachments": [{"id": str(int(native_id) + number), **file} for number, file in media],
    }
