"""What an `[[accounts]]` block asks for, as the addresses of its sources; and accounts that are there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from aggregator.config.addresses import ACCOUNT, SERVER
from aggregator.config.kinds import Kind
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.tables import Accounts
from aggregator.config.validate import strings, tables


def address(server: str | None, account: str) -> str:
    """The address that names a source: the account's page, on its own server or on the one that is asked.

    `account` as `@name@host`. In lower case, so that one account is one source however it is written.
    """
    name, _, host = account.removeprefix("@").lower().partition("@")
    if server is None:
        return f"https://{host}/@{name}"
    return f"{server}/@{name}" if urlsplit(server).netloc == host else f"{server}/@{name}@{host}"


def title(block: Accounts, account: str) -> str:
    """What a source is called: "@anna@mastodon.example", with the server that is asked if that is another one."""
    host = account.rpartition("@")[2].lower()
    asked = urlsplit(block.server or "").netloc
    return account if asked in ("", host) else f"{account} on {asked}"


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Accounts that are followed twice on one server."""
    first: dict[str, Place] = {}
    for i, block in tables(document, "accounts"):
        server = _read(SERVER, block["server"]) if "server" in block else ""
        for j, written in strings(block, "accounts"):
            account = _read(ACCOUNT, written)
            if server is None or account is None:
                continue  # said already
            place = ("accounts", i, "accounts", j)
            known = first.setdefault(address(server or None, account), place)
            if known != place:
                yield Problem(place, f"{account} is followed there already, in {{line}}", other=known)


def _read(kind: Kind, value: object) -> str | None:
    try:
        return str(kind(value))
    except ValueError:
        return None
