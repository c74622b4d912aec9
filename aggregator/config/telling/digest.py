"""`[[digest]]`: the table, and what it is in the settings."""

from __future__ import annotations

import re
from email.utils import parseaddr, quote
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import ConfigDict

from aggregator.config import kinds as values
from aggregator.config.addresses import ADDRESS, is_host
from aggregator.config.kinds import FOLDER, Kind, Of, WrongValue
from aggregator.config.source_access import SecretFile, Variable
from aggregator.config.table import key
from aggregator.config.telling.wanted import NAME, TIME_OF_DAY, WantedTable, wanted_of
from aggregator.model.outbox import Digest, Mail

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Security = Literal["tls", "starttls", "none"]
SECURITY = get_args(Security)
# RFC 8314: submission over TLS, and by STARTTLS; the old port of servers is for those of one's own.
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
# RFC 5321 without what nobody has: quoted names and addresses of numbers.
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{2,63}")
_SMTP = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?")
# Names of computers nearby: without a dot, as containers call one another, and what is set aside for them.
_NEARBY = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def _read_mail(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    found = value.strip()
    if not _MAIL.fullmatch(found):
        name, inner = parseaddr(found)
        raise WrongValue(meant=inner if name and _MAIL.fullmatch(inner) else None)
    return found


def _read_sender(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise WrongValue
    name, address = parseaddr(value)
    if not _MAIL.fullmatch(address) or len(name) > _MOST_OF_NAME:
        raise WrongValue
    if _SPECIAL.search(name):
        name = f'"{quote(name)}"'
    return f"{name} <{address}>" if name else address


_MOST_OF_NAME = 80
# RFC 5322: a name with one of these means something else unless it is quoted: with a comma, two readers.
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')


def _read_smtp(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue
    found = value.strip()
    _, dots, rest = found.partition("://")
    if dots:
        raise WrongValue("only the host and the port", rest.strip("/") if _SMTP.fullmatch(rest.strip("/")) else None)
    match = _SMTP.fullmatch(found)
    if not match or (match[2] and not 0 < int(match[2]) < 65536):
        raise WrongValue
    if not is_host(match[1]):
        raise WrongValue(f"“{match[1][:60]}” can't be a host")
    return found


def _read_unsubscribe(value: object) -> str:
    if isinstance(value, str) and value.strip().lower().startswith("mailto:"):
        address = value.strip()[len("mailto:") :]
        if not _MAIL.fullmatch(address.partition("?")[0]) or not address.isprintable() or " " in address:
            raise WrongValue
        return f"mailto:{address}"
    return str(ADDRESS.read(value))


MAIL = Kind(
    'a mail address such as "desk@example.org"',
    _read_mail,
    {"type": "string", "pattern": "^[^\\s@<>]+@[^\\s@<>]+$", "examples": ["desk@example.org"]},
)
_SENDER = Kind(
    'a mail address such as "news@example.org" or "News <news@example.org>"',
    _read_sender,
    {"type": "string", "pattern": "^.*[^\\s@<>]+@[^\\s@<>]+>?$", "examples": ["News <news@example.org>"]},
)
_SERVER = Kind(
    'a host, or a host and a port, such as "smtp.example.org:465"',
    _read_smtp,
    {"type": "string", "pattern": f"^{_SMTP.pattern}$", "examples": ["smtp.example.org:465"]},
)
_UNSUBSCRIBE = Kind(
    'an address with https:// or mailto:, such as "mailto:leave@example.org"',
    _read_unsubscribe,
    {"type": "string", "pattern": "^(https?://|mailto:)\\S+$", "examples": ["mailto:leave@example.org"]},
)
_USER = values.text("a user's name", most=200)


class DigestTable(WantedTable):
    """A digest: once a day what came since the last one, as a mail, as a file in a folder, or both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["to"]}, {"required": ["path"]}]})

    name: Annotated[str, Of(NAME)] = key(
        "What to call it in its subject, its files, lists and the log; each name once."
    )
    at: Annotated[Any, Of(TIME_OF_DAY)] = key("When: a time of day.")
    timezone: Annotated[str | None, Of(values.TIME_ZONE)] = key(
        "The time zone of that; that of `[publish]` if this is left out.", None
    )
    days: list[Annotated[str, Of(values.one_of(DAYS))]] = key("On which days; on all if this is left out.", [])
    most: Annotated[int, Of(values.whole(1, 200))] = key("So many stories at most; the others are counted.", 30)
    path: Annotated[Path | None, Of(FOLDER)] = key("The folder for its files; none are written if left out.", None)
    to: list[Annotated[str, Of(MAIL)]] = key("To whom it is mailed, each in a mail of their own.", [])
    from_: Annotated[str | None, Of(_SENDER)] = key("From whom the mail is.", None, alias="from")
    smtp: Annotated[str | None, Of(_SERVER)] = key(
        "The server that takes the mail, with its port if not the usual.", None
    )
    security: Annotated[str, Of(values.one_of(SECURITY))] = key(
        'How the way there is secured: "tls", or "starttls"; "none" only to a computer nearby.', "tls"
    )
    user: Annotated[str | None, Of(_USER)] = key("The user's name, where the server asks for a password.", None)
    password_env: Variable = key("The environment variable that holds the password.", None)
    password_file: SecretFile = key("The file that holds the password.", None)
    unsubscribe: Annotated[str | None, Of(_UNSUBSCRIBE)] = key(
        "Where readers can leave, with https:// or mailto:; mail programs show a button for it.", None
    )


def digest_of(table: DigestTable, password: str | None, timezone: str) -> Digest:
    """The settings that a table without mistakes gives. `timezone`: where it names none."""
    return Digest(
        name=table.name,
        at=table.at,
        timezone=table.timezone or timezone,
        days=tuple(sorted({DAYS.index(day) for day in table.days})) or tuple(range(7)),
        wanted=wanted_of(table),
        most=table.most,
        mail=_mail(table, password),
        path=str(table.path) if table.path else None,
    )


def _mail(table: DigestTable, password: str | None) -> Mail | None:
    if not table.to or table.from_ is None or table.smtp is None:
        return None
    host, port = host_and_port(table.smtp)
    return Mail(
        to=tuple(dict.fromkeys(table.to)), sender=table.from_, server=host, port=port or _PORTS[table.security],
        security=cast(Security, table.security), user=table.user, password=password, unsubscribe=table.unsubscribe,
    )  # fmt: skip


def host_and_port(server: str) -> tuple[str, int | None]:
    """The two parts of a server's address; the port if it is there."""
    match = _SMTP.fullmatch(server)
    assert match
    return match[1].strip("[]").lower(), int(match[2]) if match[2] else None


def is_nearby(server: str) -> bool:
    """Is it this computer, or one in a network of one's own?"""
    host, _ = host_and_port(server)
    try:
        return ip_address(host).is_private
    except ValueError:
        return ("." not in host and not host.isdigit()) or host.endswith(_NEARBY)


def smtp_or_none(value: object) -> str | None:
    """The server, where it is one."""
    found = _SERVER.or_none(value)
    return None if found is None else str(found)
