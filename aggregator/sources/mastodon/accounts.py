"""What a server says of an account that is followed: that it moved, was suspended, or does not want this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from aggregator.model.poll import Outcome
from aggregator.sources.mastodon.client import Server, Status, Stop
from aggregator.sources.mastodon.statuses import native_id_of
from aggregator.sources.mastodon.step import Step
from aggregator.text.html import clean_text

_LONGEST_NAME = 200


def find_account(server: Server) -> list[str]:
    """Look up what the source names, where that must be; what is to be said of it.

    Raises:
        Stop: the server does not know it, does not say, or has suspended it.
    """
    found = server.find()
    server.acct = name_of(found)
    if found.get("suspended") is True:
        server.native_id = None  # ask again the next time
        raise Stop(Outcome.FAILED, f"the account {server.timeline.whose} is suspended there")
    return list(_notes(found))


def take_page(server: Server, found: Step, position: Mapping[str, str]) -> dict[str, Status]:
    """Ask for a page of the timeline and take it (`Step.take`). Raises Stop, also where it is another's."""
    page = server.page(position)
    _stop_at_another(server, page)
    return found.take(page)


def _stop_at_another(server: Server, page: Iterable[object]) -> None:
    """A server that was set up anew gives an account's id to somebody else: theirs is nothing of this source's.

    Raises:
        Stop: the statuses of the source's account are by another one. The id is forgotten, and looked up the next time.
    """
    if not server.timeline.acct:
        return
    for status in page:
        account = status.get("account") if isinstance(status, Mapping) else None
        if not isinstance(account, Mapping) or native_id_of(account) != server.native_id:
            continue
        name, wanted = name_of(account), (server.timeline.acct, server.acct)
        if name and not any(each and _is_same(name, each) for each in wanted) and not _is_called(server, name):
            server.native_id = None
            words = f"the server shows posts of @{name} in place of {server.timeline.whose}: was it set up anew?"
            raise Stop(Outcome.OK, f"{words} They are not kept, and the account is looked up again")


def _is_called(server: Server, name: str) -> bool:
    """Does the server call the account so that is followed: by an alias, or since it was renamed? It is asked once."""
    if server.acct:
        return False  # asked already
    native_id, server.native_id = server.native_id, None
    try:
        found = server.find()
    except Stop:
        if server.session.reply and server.session.reply.status == HTTPStatus.NOT_FOUND:
            return False
        raise
    server.acct = name_of(found)
    return server.native_id == native_id and _is_same(name, server.acct)


def name_of(account: Mapping[str, Any]) -> str:
    """How a server calls an account: `name`, or `name@host` of another server's; "" where it does not say."""
    return clean_text(str(account.get("acct") or ""))[:_LONGEST_NAME].lstrip("@")


def _is_same(one: str, other: str) -> bool:
    """Are these names of one account? A server leaves out its own host, which may be another than the one asked."""
    (name, _, host), (other_name, _, other_host) = (each.casefold().partition("@") for each in (one, other))
    return name == other_name and (not host or not other_host or host == other_host)


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
