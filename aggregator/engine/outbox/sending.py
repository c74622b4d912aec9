"""What waits for a target → messages, one after the other: begun, sent, and noted as sent.

What is noted before the network is asked and after it answered are transactions of their own. Killed in between, the
same message is sent again, with the same id and the same rows: at least once, and at most once more for each such end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from traceback import format_tb

import structlog

from aggregator.engine.clock import Clock
from aggregator.engine.outbox.filling import fill_again
from aggregator.engine.outbox.times import is_given_up, next_attempt, quiet_until
from aggregator.model.errors import PassingError, StorageError
from aggregator.model.outbox import Channel, Delivery, Item, Message, Notify
from aggregator.model.settings import Publish
from aggregator.publish import addresses
from aggregator.storage.database import Database
from aggregator.storage.outbox.items import load_items
from aggregator.storage.outbox.taking import (
    Noted,
    begin,
    drop,
    give_up,
    load_due,
    put_off,
    sent,
    settle,
    stories_now,
)
from aggregator.storage.outbox.targets import leave_in_peace, load_target
from aggregator.storage.times import to_text

# What one message has room for; the rest is counted.
MOST_ITEMS = 50

# While another program holds the database, or the disk is full.
_NOTES, _NOTE_AGAIN_SECONDS = 60, 1.0


def words_of(publish: Publish) -> str | None:
    """The folder of the user's own catalogues, if there may be one."""
    return str(publish.templates / "words") if publish.templates else None


# How sending a message ended: taken; to be tried again; given up.
Outcome = str
SENT, RETRIED, FAILED = "sent", "retried", "failed"


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what is due to one target. `dice` (0..1) and `new_id` are handed in, and so is the clock.

    `tell`: is told of each attempt, the target and how it ended.
    """

    database: Database
    notify: Notify
    channel: Channel
    publish: Publish
    clock: Clock
    dice: Callable[[], float]
    new_id: Callable[[], str]
    tell: Callable[[str, Outcome], None] = lambda target, outcome: None
    count: int = field(default=0, init=False)

    async def go_on(self, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Send what is due, until nothing is or the target takes nothing.

        Raises:
            StorageError: the database can't be written; what was sent meanwhile is sent again.
        """
        while may_go_on() and (found := self._next()):
            rows, message = found
            delivery = await self._sent(message)
            if not await self._noted(rows, delivery):
                return

    async def _noted(self, rows: Sequence[Noted], delivery: Delivery) -> bool:
        """Note what came of it. What another program holds is waited for: what is not noted is sent again."""
        for _ in range(_NOTES):
            try:
                return self._note(rows, delivery)
            except PassingError:
                await asyncio.sleep(_NOTE_AGAIN_SECONDS)
        return self._note(rows, delivery)

    def _next(self) -> tuple[list[Noted], Message] | None:
        """The next message that is due, begun; None where none is, or none may be sent now."""
        conn, now, name = self.database.conn, self.clock(), self.notify.name
        while True:
            with self.database.guarded():
                target = load_target(conn, name)
                rows = load_due(conn, name, now, in_groups=self.notify.digest is not None)
            if target is None or not rows or (target.not_before and target.not_before > now):
                return None
            if until := quiet_until(self.notify.quiet, now):
                with self.database.write():
                    leave_in_peace(conn, name, until)
                return None
            with self.database.write():
                is_again = rows[0].message_id is not None
                rows = stories_now(conn, rows) if is_again else settle(conn, target, rows, self.publish.people)
                message_id = rows[0].message_id or self.new_id() if rows else ""
                begin(conn, rows, message_id, now)
            with self.database.guarded():
                items = self._items(rows)
            if items:
                rows = [replace(row, attempts=row.attempts + 1) for row in rows]
                return rows, self._message(message_id, items, now)
            with self.database.write():  # all of it was taken back
                drop(conn, rows)

    def _items(self, rows: Sequence[Noted]) -> list[Item]:
        """What a message of these rows tells; links lead to the site where it has a page."""
        found = []
        for item, slug in load_items(self.database.conn, self.notify.name, rows, self.publish):
            if slug and self.publish.path and self.publish.address:
                item = replace(item, link=addresses.absolute(self.publish.address, addresses.story(slug)))
            found.append(item)
        return found

    def _message(self, message_id: str, items: Sequence[Item], now: datetime) -> Message:
        return Message(
            id=message_id,
            target=self.notify.name,
            at=now,
            items=tuple(items[:MOST_ITEMS]),
            left_out=max(0, len(items) - MOST_ITEMS),
            language=self.publish.language,
            timezone=self.notify.quiet.timezone if self.notify.quiet else self.publish.timezone,
            words=words_of(self.publish),
        )

    async def _sent(self, message: Message) -> Delivery:
        try:
            return await self.channel.send(message, self.clock())
        except StorageError:
            raise
        except Exception as error:
            # Where, and not what: its words, and values beside them, may be an address that is a secret.
            where = "".join(format_tb(error.__traceback__))
            structlog.get_logger("notify").error("bug", target=self.notify.name, error=type(error).__name__, at=where)
            return Delivery(error=f"a bug: {type(error).__name__}")

    def _note(self, rows: Sequence[Noted], delivery: Delivery) -> bool:
        """Note what came of it; whether the next may follow at once."""
        conn, now, name = self.database.conn, self.clock(), self.notify.name
        log = structlog.get_logger("notify")
        if delivery.error is None:
            with self.database.write():
                sent(conn, name, rows, now)
                stories = {row.row_id for row in rows if row.kind in ("story", "grown")}
                fill_again(self.database, self.notify, self.publish.people, stories, now)
            self.count += 1
            self.tell(name, SENT)
            log.info("told", target=name, things=len(rows))
            return True
        first = rows[0]
        if delivery.is_final or is_given_up(now, first.due_at, first.attempts):
            with self.database.write():
                give_up(conn, name, rows, delivery.error)
            self.tell(name, FAILED)
            log.error(
                "a message was given up", target=name, things=len(rows), error=delivery.error, attempts=first.attempts
            )
            return True
        with self.database.write():
            target = load_target(conn, name)
            failures = (target.failures if target else 0) + 1
            again_at = next_attempt(now, failures, self.dice(), delivery.retry_at)
            put_off(conn, name, rows, delivery.error, again_at)
        self.tell(name, RETRIED)
        if failures == 1:
            log.warning(
                "a target takes no messages",
                target=name,
                error=delivery.error,
                again_at=to_text(again_at),
            )
        return False
