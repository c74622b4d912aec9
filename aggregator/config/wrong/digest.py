"""`[[digest]]`: mistakes that a table does not show by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.config.positions import Place
from aggregator.config.problems import Problem
from aggregator.config.telling.digest import MAIL, is_nearby, smtp_or_none
from aggregator.config.validate import strings, tables
from aggregator.config.wrong.telling import wanted_problems

# What says something of the mail alone.
_OF_MAIL = ("from", "smtp", "security", "user", "password_env", "password_file", "unsubscribe")


def problems(document: Mapping[str, Any], topics: Mapping[str, bool]) -> Iterator[Problem]:
    """What is wrong with digests. `topics`: which there are, and whether they are in use."""
    for i, block in tables(document, "digest"):
        place = ("digest", i)
        yield from wanted_problems(place, block, document, topics)
        yield from _way_problems(place, block)
        yield from _user_problems(place, block)
        yield from _security_problems(place, block)
        yield from _twice(place, block)


def warnings(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What works and is better otherwise: mail that others on the way can read."""
    for i, block in tables(document, "digest"):
        if block.get("security") == "none" and smtp_or_none(block.get("smtp")):
            secret = " and the password" if "user" in block else ""
            yield Problem(("digest", i, "security"), f"whoever sees the way to the server reads the mail{secret}")


def _way_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    if not block.get("to"):
        if not block.get("path"):
            yield Problem(place, "expected where to: `to` for a mail, `path` for a file, or both")
        for key in _OF_MAIL:
            if key in block:
                yield Problem((*place, key), "it is about the mail, and there is none: expected `to` too")
        return
    for key, what in (("from", "from whom the mail is"), ("smtp", "the server that takes the mail")):
        if key not in block:
            yield Problem((*place, "to"), f"expected {what}, too: the key `{key}`")


def _user_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    held = [key for key in ("password_env", "password_file") if key in block]
    if "user" in block and not held:
        yield Problem((*place, "user"), "expected a password too: password_env or password_file")
    if held and "user" not in block:
        yield Problem((*place, held[0]), "expected a user too: the key `user`")


def _security_problems(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    server = smtp_or_none(block.get("smtp"))
    if block.get("security") == "none" and server and not is_nearby(server):
        message = 'only a computer nearby may be sent mail in the clear: expected "tls" or "starttls"'
        yield Problem((*place, "security"), message)


def _twice(place: Place, block: Mapping[str, Any]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for j, written in strings(block, "to"):
        if address := MAIL.or_none(written):
            here = (*place, "to", j)
            known = first.setdefault(str(address).casefold(), here)
            if known != here:
                yield Problem(here, "stands there already, in {line}", other=known)
