"""What a server says of an account that is followed: that it moved, was suspended, or does not want this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aggregator.model.poll import Outcome
from aggregator.sources.mastodon.client import Server, Stop
from aggregator.sources.mastodon.statuses import native_id_of
from aggregator.text.html import clean_text

_LONGEST_NAME = 200


def find_account(server: Server) -> list[str]:
    """Look up what the source names, where that must be; what is to be said of it.

    Raises:
        Stop: the server does not know it, does not say, or has suspended it.
    """
    found = server.find()
    if found.get("suspended") is True:
        server.native_id = None  # ask again the next time
        raise Stop(Outcome.FAILED, f"the account {server.timeline.whose} is suspended there")
    return list(_notes(found))


def notes_of_statuses(statuses: Iterable[Mapping[str, Any]], native_id: str | None) -> list[str]:
    """What the statuses of an account tell of it: servers put their author into each."""
    notes: dict[str, None] = {}
    for status in statuses:
        account = status.get("account")
        if isinstance(account, Mapping) and native_id_of(account) == native_id:
            notes |= dict.fromkeys(_notes(account))
    return list(notes)


def _notes(account: Mapping[str, Any]) -> Iterator[str]:
    moved = account.get("moved")
    if isinstance(moved, Mapping):
        name = clean_text(str(moved.get("acct") or moved.get("url") or ""))[:_LONGEST_NAME]
        yield f"the account has moved to @{name.lstrip('@')}: follow that"
