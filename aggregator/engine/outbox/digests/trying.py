"""A digest that somebody tries: what it would tell now, marked as a test. Nothing is noted."""

from __future__ import annotations

import asyncio
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aggregator.engine.outbox.channels.smtp import MailRefused
from aggregator.engine.outbox.digests.files import write_files
from aggregator.engine.outbox.digests.making import Server, usual_server
from aggregator.model.outbox import Digest, Mail
from aggregator.model.settings import Config
from aggregator.publish.digests.mail import mail_of, message_id
from aggregator.publish.digests.page import Digests, Made
from aggregator.storage.outbox.digests import DigestRows


class Tried(NamedTuple):
    """To whom it was handed, and why it was not taken, if so."""

    taker: str
    error: str | None


async def try_digest(digest: Digest, config: Config, now: datetime, server: Server = usual_server) -> list[Tried]:
    """Write and mail what the digest would tell now; where there is no news, some of the newest stories. Empty where
    there are none.

    Raises:
        StorageError: there is no database, or it can't be read.
        PublishError: a template or a catalogue is wrong.
    """
    made, identity = await asyncio.to_thread(_made, digest, config, now)
    found: list[Tried] = []
    if made and digest.path:
        stem = f"{digest.name}-test"
        error = await asyncio.to_thread(write_files, Path(digest.path), stem, made)
        found.append(Tried(str(Path(digest.path) / f"{stem}.html"), error))
    if made and digest.mail:
        day = now.astimezone(ZoneInfo(digest.timezone)).date()
        its_id = message_id(identity, digest.name, day, digest.mail, f"test-{now:%H%M%S}")
        found += await asyncio.to_thread(_mailed, digest.name, digest.mail, made, its_id, now, server)
    return found


def preview(digest: Digest, config: Config, now: datetime) -> str:
    """The same as text; empty where there are no stories.

    Raises:
        As `try_digest`.
    """
    made, _ = _made(digest, config, now)
    return made.text if made else ""


def _made(digest: Digest, config: Config, now: datetime) -> tuple[Made | None, str]:
    day = now.astimezone(ZoneInfo(digest.timezone)).date()
    with DigestRows(config.storage.path, config.publish, digest) as rows:
        selection = rows.select(day, now)
        issue = rows.issue(selection if selection.picked else rows.sample(day, now), is_test=True)
        identity = rows.identity
    unsubscribe = digest.mail.unsubscribe if digest.mail else None
    return Digests(config.publish).made(issue, unsubscribe) if issue.stories else None, identity


def _mailed(name: str, mail: Mail, made: Made, its_id: str, now: datetime, server: Server) -> list[Tried]:
    sender = parseaddr(mail.sender)[1]
    try:
        with server(mail) as session:
            return [
                Tried(to, session.send(sender, to, mail_of(made, mail, to, name, its_id, now, is_test=True)).error)
                for to in mail.to
            ]
    except MailRefused as refused:
        return [Tried(to, str(refused)) for to in mail.to]
