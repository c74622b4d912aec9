"""One digest of one day: chosen and fixed, then handed to each who is to have it, and noted one by one.

Killed anywhere, it goes on where it was: what is fixed is made again of the same posts, under the same id, and only for
those of whom it is not noted that they have it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parseaddr
from pathlib import Path

import structlog

from aggregator.engine.clock import Clock
from aggregator.engine.outbox.channels.smtp import MailRefused, MailServer
from aggregator.engine.outbox.digests.files import write_files
from aggregator.engine.outbox.times import is_given_up, next_attempt
from aggregator.model.outbox import Delivery, Digest, Mail
from aggregator.model.settings import Publish
from aggregator.pipeline.digests import Selection
from aggregator.publish.digests.mail import mail_of, message_id
from aggregator.publish.digests.page import Digests, Made
from aggregator.storage.database import Database
from aggregator.storage.outbox import issues
from aggregator.storage.outbox.digests import DigestRows
from aggregator.storage.times import to_text

FILE = "file"
# The way to a mail server.
Server = Callable[[Mail], MailServer]


def usual_server(mail: Mail) -> MailServer:
    """The way to a server that the system trusts."""
    return MailServer(mail)


@dataclass(frozen=True, slots=True)
class Ready:
    """A digest that is to be handed over. `made` is None where nothing is left of it."""

    outbox_id: int
    message_id: str
    at: datetime
    attempts: int
    made: Made | None


@dataclass(slots=True, kw_only=True)
class Making:
    """Makes the digests of one block. Clock, dice (0..1) and the way to a server are handed in."""

    database: Database
    digest: Digest
    publish: Publish
    clock: Clock
    dice: Callable[[], float]
    server: Server = usual_server
    _log: structlog.stdlib.BoundLogger = field(init=False)

    def __post_init__(self) -> None:
        self._log = structlog.get_logger("digest").bind(target=self.digest.name)

    async def go_on(self, day: date) -> bool:
        """Make what is due of this day; False where it has to be tried again.

        Raises:
            StorageError: the database can't be read or written.
            PublishError: it can't be made: a template or a catalogue is wrong.
        """
        ready = await asyncio.to_thread(self._fixed, day)
        if ready is None:
            if not await self._fix(day):
                return False
            ready = await asyncio.to_thread(self._fixed, day)
        if ready is None:  # there was no news
            return True
        if ready.made is None:
            with self.database.write():
                issues.drop(self.database.conn, ready.outbox_id)
            return True
        return await self._hand_over(day, ready, ready.made)

    # ------------------------------------------------------------ what it tells

    async def _fix(self, day: date) -> bool:
        """Choose what it tells, and fix that. Not in the middle of posts being given their stories."""
        now = self.clock()

        def choose() -> tuple[Selection | None, str]:
            with DigestRows(self.database.path, self.publish, self.digest) as rows:
                return rows.select(day, now) if rows.is_whole() else None, rows.identity

        selection, identity = await asyncio.to_thread(choose)
        if selection is None:
            return False
        with self.database.write():
            its_id = message_id(identity, self.digest.name, day, self.digest.mail)
            issues.note(self.database.conn, selection, its_id, now)
        if selection.lost:
            self._log.warning("changes are not kept any more that it should have looked at")
        if selection.picked:
            self._log.info("digest", day=str(day), stories=len(selection.picked), left_out=selection.left_out)
        else:
            self._log.info("no news for a digest", day=str(day))
        return True

    def _fixed(self, day: date) -> Ready | None:
        """What was fixed for a day and waits, as it can be told now; None where nothing was, or nothing waits."""
        with DigestRows(self.database.path, self.publish, self.digest) as rows:
            row = rows.row(day)
            if row is None or row.state != "waiting" or row.message_id is None:
                return None
            issue = rows.issue(rows.noted(day, row))
        unsubscribe = self.digest.mail.unsubscribe if self.digest.mail else None
        made = Digests(self.publish).made(issue, unsubscribe) if issue.stories else None
        return Ready(row.id, row.message_id, row.noted_at, row.attempts, made)

    # ------------------------------------------------------------ to whom

    async def _hand_over(self, day: date, ready: Ready, made: Made) -> bool:
        """Hand it to those who don't have it; False where some have to wait."""
        with self.database.write():
            issues.begun(self.database.conn, ready.outbox_id, self.clock())
        with self.database.guarded():
            has_it = issues.has_it(self.database.conn, ready.outbox_id)
        waiting: list[str] = []
        if self.digest.path and FILE not in has_it:
            error = await asyncio.to_thread(write_files, Path(self.digest.path), f"{self.digest.name}-{day}", made)
            self._noted(ready, FILE, "the file", Delivery(error=error), waiting)
        if self.digest.mail:
            await self._mail(ready, made, self.digest.mail, has_it, waiting)
        return self._ended(ready, waiting)

    async def _mail(self, ready: Ready, made: Made, mail: Mail, has_it: set[str], waiting: list[str]) -> None:
        readers = [reader for reader in mail.to if taker_of(reader) not in has_it]
        if not readers:
            return
        server, sender = self.server(mail), parseaddr(mail.sender)[1]
        try:
            await asyncio.to_thread(server.__enter__)
            for reader in readers:
                message = mail_of(made, mail, reader, self.digest.name, ready.message_id, ready.at)
                delivery = await asyncio.to_thread(server.send, sender, reader, message)
                self._noted(ready, taker_of(reader), reader, delivery, waiting)
        except MailRefused as refused:  # there is no session
            waiting.append(str(refused))
            return
        except asyncio.CancelledError:  # a thread is in the middle of a hand-over still, and ends the session
            server.leave()
            raise
        except BaseException:
            await asyncio.to_thread(server.__exit__, None, None, None)
            raise
        await asyncio.to_thread(server.__exit__, None, None, None)

    def _noted(self, ready: Ready, taker: str, called: str, delivery: Delivery, waiting: list[str]) -> None:
        """Note at once who has it, or never will: a crash behind this sends nothing twice."""
        if delivery.error and not delivery.is_final:
            waiting.append(delivery.error)
            return
        with self.database.write():
            issues.hand(self.database.conn, ready.outbox_id, taker, self.clock(), delivery.error)
        if delivery.error:
            self._log.error("a digest was refused for good", reader=called, error=delivery.error)

    def _ended(self, ready: Ready, waiting: Sequence[str]) -> bool:
        conn, name, now = self.database.conn, self.digest.name, self.clock()
        if not waiting:
            refused, why = issues.refusals(conn, ready.outbox_id)
            mails = len(self.digest.mail.to) if self.digest.mail else 0
            everybody = mails + bool(self.digest.path)
            with self.database.write():
                if refused and refused >= everybody:
                    issues.failed(conn, name, ready.outbox_id, f"refused by all: {why}")
                else:
                    error = f"refused by {refused} of {everybody}: {why}" if refused else None
                    issues.sent(conn, name, ready.outbox_id, now, error)
                    self._log.info("a digest was sent", mails=mails - refused, files=everybody - mails)
            return True
        if is_given_up(now, ready.at, ready.attempts + 1):
            with self.database.write():
                issues.failed(conn, name, ready.outbox_id, waiting[0])
            self._log.error("a digest was given up", error=waiting[0], attempts=ready.attempts + 1)
            return True
        again_at = next_attempt(now, ready.attempts + 1, self.dice())
        with self.database.write():
            issues.later(conn, name, ready.outbox_id, again_at, waiting[0])
        self._log.warning("a digest was not taken", error=waiting[0], again_at=to_text(again_at))
        return False


def taker_of(reader: str) -> str:
    """What tells in the database who has it: not their address, as the file is passed on."""
    return hashlib.blake2b(reader.casefold().encode(), digest_size=8).hexdigest()
