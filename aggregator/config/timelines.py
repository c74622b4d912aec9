"""What `[[accounts]]`, `[[timelines]]` and `[[trends]]` ask for, as the addresses of their sources.

Also what is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from aggregator.config.addresses import ACCOUNT, SERVER
from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.tables import Accounts, Timelines, Trends
from aggregator.config.validate import strings, tables
from aggregator.model.source import SourceKind


def account_address(server: str | None, account: str) -> str:
    """The address that names an account's source: the account's page, on its own server or on the one that is asked.

    `account` as `@name@host`. In lower case, so that one account is one source however it is written.
    """
    name, _, host = account.removeprefix("@").lower().partition("@")
    if server is None:
        return f"https://{host}/@{name}"
    return f"{server}/@{name}" if urlsplit(server).netloc == host else f"{server}/@{name}@{host}"


def account_title(block: Accounts, account: str) -> str:
    """What its source is called: "@anna@mastodon.example", with the server that is asked if that is another one."""
    host = account.rpartition("@")[2].lower()
    asked = urlsplit(block.server or "").netloc
    return account if asked in ("", host) else f"{account} on {asked}"


def own_timelines(block: Timelines) -> Iterator[tuple[SourceKind, str, str]]:
    """The sources of a `[[timelines]]` block: kind, address (that of their pages there) and title."""
    host = urlsplit(block.server).netloc
    if block.home:
        yield "home", f"{block.server}/home", f"home on {host}"
    for name in block.lists:
        yield "list", f"{block.server}/lists/{quote(name, safe='')}", f"{name} on {host}"
    if block.bookmarks:
        yield "bookmarks", f"{block.server}/bookmarks", f"bookmarks on {host}"


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What is followed twice on one server, and timelines that can't be had."""
    yield from _double_accounts(document)
    yield from _double_trends(document)
    first: dict[tuple[object, ...], Place] = {}
    for i, block in tables(document, "timelines"):
        own = [name for name in ("home", "bookmarks") if block.get(name) is True]
        lists = list(strings(block, "lists"))
        if not own and not lists:
            yield Problem(("timelines", i), "expected one of home = true, lists = […] and bookmarks = true")
        if not {"token_env", "token_file"} & block.keys():
            message = "expected token_env or token_file too: only a signed-in user has timelines of their own"
            yield Problem(("timelines", i), message)
        server = SERVER.or_none(block.get("server"))
        places: list[tuple[tuple[object, ...], Place]] = [((server, name), ("timelines", i, name)) for name in own]
        places += [((server, "lists", name.strip()), ("timelines", i, "lists", j)) for j, name in lists]
        for key, place in places:
            known = first.setdefault(key, place)
            if server and known != place:
                yield Problem(
                    place, "is followed there already, in {line}: of each server the timelines of one user", other=known
                )


def trends_of(block: Trends) -> Iterator[tuple[str, str, int]]:
    """The sources of a `[[trends]]` block: address (that of their pages there), title, and of how many tags."""
    host = urlsplit(block.server).netloc
    if block.links:
        yield f"{block.server}/explore/links", f"trending links on {host}", 0
    if block.tags:
        yield f"{block.server}/explore/tags", f"trending tags on {host}", block.tags


def _double_trends(document: Mapping[str, Any]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Place] = {}
    for i, block in tables(document, "trends"):
        server, tags = SERVER.or_none(block.get("server")), block.get("tags", 0)
        has_tags = isinstance(tags, int) and tags > 0
        if block.get("links") is False and tags == 0:
            yield Problem(("trends", i), "expected tags = 5 or so where links = false: else there is nothing to follow")
        for name, is_asked in (("links", block.get("links") is not False), ("tags", has_tags)):
            place = ("trends", i, name if name in block else "server")
            known = first.setdefault((server, name), place) if server and is_asked else place
            if known != place:
                yield Problem(place, "is followed already, in {line}", other=known)


def _double_accounts(document: Mapping[str, Any]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for i, block in tables(document, "accounts"):
        server = SERVER.or_none(block["server"]) if "server" in block else ""
        if server == "" and (tokens := [key for key in ("token_env", "token_file") if key in block]):
            message = "expected a server too: a token is for one server, and would be sent to that of each account"
            yield Problem(("accounts", i, tokens[0]), message)
        for j, written in strings(block, "accounts"):
            account = ACCOUNT.or_none(written)
            if server is None or account is None:
                continue  # said already
            place = ("accounts", i, "accounts", j)
            known = first.setdefault(account_address(server or None, account), place)
            if known != place:
                yield Problem(place, f"{account} is followed there already, in {{line}}", other=known)
