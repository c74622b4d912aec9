"""`/changes?since=SEQ&limit=N`: what happened to posts and stories, for programs that follow. Blocks; in a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aggregator.engine.web.answer import Answer, made
from aggregator.model.errors import AggregatorError
from aggregator.model.settings import Config
from aggregator.storage.api.following import why_lost
from aggregator.storage.queries import Reader
from aggregator.storage.site.changes import Unknown, changes_after

MOST_CHANGES = 1000
_MOST_DIGITS = 18  # of SQLite's integers
PATIENCE_SECONDS = 5.0
_JSON = "application/json"


def changes(asked: Mapping[str, str], config: Config, headers: Mapping[str, str]) -> Answer:
    """The changes after `since`, at most `limit`; 410 and what to do where that is no longer known."""
    since, limit = number_in(asked.get("since", "0")), number_in(asked.get("limit", str(MOST_CHANGES)))
    if since is None or limit is None or not 1 <= limit <= MOST_CHANGES:
        words = f"“since” is the seq of the last change that you saw, “limit” a number from 1 to {MOST_CHANGES}"
        return _told(400, {"error": words}, headers)
    try:
        with Reader(config.storage.path) as reader:
            reader.give_up_after(PATIENCE_SECONDS)
            found = changes_after(reader, since, limit, config.publish)
    except AggregatorError as error:
        return _told(503, {"error": f"the database can't be read: {error}"}, headers)
    if isinstance(found, Unknown):
        return _told(410, {"error": lost(since, found), "oldest": found.oldest, "seq": found.seq}, headers)
    told = {"changes": found.changes, "seq": found.seq, "more": found.more}
    return _told(200, told, headers)


def lost(since: int, found: Unknown) -> str:
    """What is told to who asks for what is no longer known."""
    return f"{why_lost(since, found.place)}. Read all that you keep anew, then go on with since={found.seq}"


def number_in(text: str) -> int | None:
    """The number that a text is; None where it is none that SQLite takes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _told(status: int, what: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    return made(status, json.dumps(what, ensure_ascii=False) + "\n", _JSON, headers)
