"""A message as JSON, as a webhook and a command get it. docs/channels.md has it key by key, and
config/notification.schema.json as a schema.

Rows are as the views have them: a key that a view gets is a key here.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from aggregator.model.outbox import Item, Kind, Message
from aggregator.publish.feeds.telling import stamp
from aggregator.publish.messages.telling import body, title

# It grows when a key is taken away or means something else; a new key is no new version.
VERSION = 1

# What the row of an item is, and so the key under which it stands.
_ROWS: dict[Kind, str] = {"story": "story", "grown": "story", "post": "post", "died": "source", "back": "source"}


def payload(message: Message) -> dict[str, Any]:
    """The message as values of JSON."""
    return {
        "version": VERSION,
        "id": message.id,
        "target": message.target,
        "at": stamp(message.at),
        "test": message.is_test,
        "language": message.language,
        "title": title(message),
        "text": body(message),
        "markdown": body(message, "markdown"),
        "items": [_item(item) for item in message.items],
        "left_out": message.left_out,
    }


def as_json(message: Message) -> bytes:
    """The same as one line of JSON. The same message gives the same bytes."""
    # Half of a surrogate pair is no text; in the database there is none.
    return json.dumps(payload(message), ensure_ascii=False, default=_value).encode("utf-8", "replace")


def _item(item: Item) -> dict[str, Any]:
    told = item.told and {
        "at": stamp(item.told.at),
        "posts": item.told.posts,
        "publishers": item.told.publishers,
    }
    return {
        "kind": item.kind,
        _ROWS[item.kind]: dict(item.row),
        "posts": [dict(post) for post in item.posts],
        "earlier_coverage": dict(item.earlier) if item.earlier else None,
        "told": told,
        "link": item.link,
    }


def _value(value: object) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} is no value of JSON")
