"""`[[notify]]`: the table, and what it is in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import ConfigDict

from aggregator.config import kinds as values
from aggregator.config.addresses import ADDRESS
from aggregator.config.kinds import Kind, Of, WrongValue
from aggregator.config.problems import shown
from aggregator.config.source_access import SecretFile, Variable
from aggregator.config.table import key
from aggregator.config.telling.wanted import NAME, QUIET, WantedTable, wanted_of
from aggregator.config.units import duration
from aggregator.model.outbox import Apprise, Command, Notify, On, QuietHours, Target, Webhook

ON = get_args(On)
# What may stand together: stories that began, and that grew.
_TOGETHER = {"story", "grown"}
_ONE_ON = values.one_of(ON)


def _one_on(value: object) -> str:
    """One of a list, which is named where it is wrong: of the list itself a message says only that it is one."""
    try:
        return str(_ONE_ON.read(value))
    except WrongValue as wrong:
        raise WrongValue(f"{shown(value)} is none of them", wrong.meant) from None


def _read_on(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return (_ONE_ON.read(value),)
    found: list[object] = value
    if not found:
        raise WrongValue("the list is empty")
    on = tuple(dict.fromkeys(_one_on(each) for each in found))
    if len(on) > 1 and not set(on) <= _TOGETHER:
        raise WrongValue("only story and grown go together; write a block for each")
    return tuple(each for each in ON if each in on)


_ON = Kind(
    '"story", "grown", "post" or "source", or ["story", "grown"]',
    _read_on,
    {"anyOf": [dict(_ONE_ON.schema), {"type": "array", "minItems": 1, "items": {"enum": [*ON]}}]},
)


def _read_webhook(value: object) -> str:
    """As any address; of what may be a key in it nothing is repeated."""
    try:
        return str(ADDRESS.read(value))
    except WrongValue as wrong:
        raise WrongValue("" if "“" in wrong.why else wrong.why) from None


_WEBHOOK = Kind("an http or https address", _read_webhook, ADDRESS.schema, is_secret=True)
_PART = values.text("a part of a command in quotes", most=1000)
_DEAD_AFTER = duration(timedelta(hours=1), timedelta(days=365), "3d")
_DIGEST = duration(timedelta(minutes=1), timedelta(days=7), "1h")

# The keys of which one says where to.
TARGETS = ("webhook", "webhook_env", "webhook_file", "apprise_env", "apprise_file", "command")


class NotifyTable(WantedTable):
    """Whom to tell when something happens, and of what. One of the keys webhook, apprise or command says where to."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in TARGETS]})

    name: Annotated[str, Of(NAME)] = key("What to call it in messages, lists and the log; each name once.")
    on: Annotated[Any, Of(_ON)] = key(
        'On what: a "story" that began, one that has "grown", each "post", or a "source" that died or is back.'
    )
    grown_by: Annotated[int, Of(values.whole(1, 1000))] = key(
        "A story has grown when so many publishers more speak of it than were told of.", 3
    )
    dead_after: Annotated[timedelta, Of(_DEAD_AFTER)] = key(
        "A source has died when it failed for so long.", timedelta(days=3)
    )
    digest: Annotated[timedelta | None, Of(_DIGEST)] = key(
        "One message for all of so long a time; each by itself if this is left out.", None
    )
    quiet: Annotated[Any, Of(QUIET)] = key("Hours in which nothing is sent; it follows when they are over.", None)
    timezone: Annotated[str | None, Of(values.TIME_ZONE)] = key(
        "The time zone of the quiet hours; that of `[publish]` if this is left out.", None
    )
    webhook: Annotated[str | None, Of(_WEBHOOK)] = key("The address to which a JSON document is posted.", None)
    webhook_env: Variable = key("The environment variable that holds that address, where there is a key in it.", None)
    webhook_file: SecretFile = key("The file that holds that address, where there is a key in it.", None)
    secret_env: Variable = key("The environment variable that holds the secret by which a webhook is signed.", None)
    secret_file: SecretFile = key("The file that holds the secret by which a webhook is signed.", None)
    apprise_env: Variable = key("The environment variable that holds addresses as Apprise takes them.", None)
    apprise_file: SecretFile = key("The file that holds addresses as Apprise takes them, a line each.", None)
    command: list[Annotated[str, Of(_PART)]] = key(
        "A program and its arguments, run with the JSON document as its standard input.", []
    )


@dataclass(slots=True)
class NotifySecrets:
    """What does not stand in the file: the address of the webhook, the secret that signs it, addresses of Apprise."""

    webhook: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    apprise: str | None = field(default=None, repr=False)


def notify_of(table: NotifyTable, secrets: NotifySecrets, timezone: str) -> Notify:
    """The settings that a table without mistakes gives. `timezone`: where it names none."""
    quiet = (
        QuietHours(begin=table.quiet[0], end=table.quiet[1], timezone=table.timezone or timezone)
        if table.quiet
        else None
    )
    return Notify(
        name=table.name,
        on=table.on,
        target=_target(table, secrets),
        wanted=wanted_of(table),
        grown_by=table.grown_by,
        dead_after=table.dead_after,
        digest=table.digest,
        quiet=quiet,
    )


def _target(table: NotifyTable, secrets: NotifySecrets) -> Target:
    if table.command:
        return Command(argv=tuple(table.command))
    if secrets.apprise:
        urls = tuple(secrets.apprise.split())
        return Apprise(urls=urls, shown=", ".join(dict.fromkeys(url.partition("://")[0].lower() for url in urls)))
    if table.webhook:
        parts = urlsplit(table.webhook)
        return Webhook(url=table.webhook, shown=f"{parts.scheme}://{parts.netloc}", secret=secrets.secret)
    shown = table.webhook_env or str(table.webhook_file)
    return Webhook(url=secrets.webhook or "", shown=shown, secret=secrets.secret)


def apprise_problem(held: str) -> str | None:
    """What is wrong with addresses of Apprise, in words that repeat none; None if they look like such."""
    for number, url in enumerate(held.split(), 1):
        scheme, dots, rest = url.partition("://")
        if not (dots and rest and scheme.replace("+", "").replace("-", "").isalnum()):
            return f"the {number}. address does not begin with its kind, such as ntfy://"
    return None


def is_web_address(held: str) -> bool:
    """Can a webhook be at this address?"""
    return ADDRESS.or_none(held) is not None


def shown_targets(block: Mapping[str, Any]) -> list[str]:
    """The keys of a block that say where to."""
    return [each for each in TARGETS if each in block]
