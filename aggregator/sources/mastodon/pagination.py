"""Raw JSON out of Mastodon.py: the only place that uses parts of it that are private.

Its typed results cost 7 ms a status, plain dictionaries 0.1 ms. `fetch_next` on a pagination record of our own gives
those, with the client's authentication and its mapping of errors, and asks for nothing else. The record's keys are the
library's own business and may change with any release: so pyproject.toml has an upper bound for it, and
tests/sources/mastodon/test_pagination.py says what must hold before the bound is moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mastodon import Mastodon
from mastodon.types_base import PaginatableList

from aggregator.sources.http.session import GuardedSession


def get_json(client: Mastodon, session: GuardedSession, endpoint: str, parameters: Mapping[str, Any]) -> Any:
    """The list or object that a GET brings, as plain JSON; None where it is neither.

    `session` is the client's own: what came is read there.

    Raises:
        MastodonError: there is no answer, or one that says no; the session's `reply` is None, or tells which.
        RecursionError: the answer is nested too deeply.
    """
    record = {
        "_pagination_method": "GET",
        "_pagination_endpoint": endpoint,
        "_mastopy_type": PaginatableList,  # the class: a name would be looked up among the typed ones
        **parameters,
    }
    found: object = client.fetch_next(record)  # type: ignore[arg-type]
    start = session.reply.body.lstrip()[:1] if session.reply else b""
    if session.reply and start == b"{":
        return json.loads(session.reply.body)  # Mastodon.py makes a list of its keys
    return found if start == b"[" else None
