"""A message to addresses that Apprise knows (extra `notify`): title and body for people, each address in a thread.

Apprise blocks, and asks over connections of its own: our guard against private addresses does not see them. A thread
can't be cut off; one that is late goes on, and a repetition waits for it instead of sending once more. Its log may have
addresses in it, and goes nowhere; what it warns of is taken from its result, without them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from aggregator.config.extras.missing import needed
from aggregator.engine.outbox.channels.hidden import hider
from aggregator.model.errors import AggregatorError
from aggregator.model.outbox import Apprise, Delivery, Message
from aggregator.publish.messages.form import escaped
from aggregator.publish.messages.telling import body, title
from aggregator.text.terminal.characters import seen_line

_PATIENCE_SECONDS = 60.0
# Messages of which is known who took them. One is repeated for three days, and then no more.
_MOST_REMEMBERED = 256
_MOST_SAID = 200
# Of what a service takes: what Apprise makes of Markdown is longer.
_ROOM = 0.85

# Sends to one address: why it did not take it, None where it did. Blocks.
Push = Callable[[str, Message], str | None]
# An attempt, and whether it is over.
_Attempt = Future[str | None]


class AppriseChannel:
    """The way to the addresses of one target. It knows which took a message that is repeated, for as long as it
    lives. `patience`: in seconds, for all."""

    def __init__(self, target: Apprise, *, patience: float = _PATIENCE_SECONDS, push: Push | None = None) -> None:
        self._target, self._patience = target, patience
        self._push = push or _pushed
        self._hidden = hider(target.urls)
        self._attempts: OrderedDict[str, dict[int, _Attempt]] = OrderedDict()

    async def send(self, message: Message, now: datetime) -> Delivery:
        """Send it to each address that did not take it yet. It is taken where all have taken it."""
        if error := await asyncio.to_thread(_missing) if self._push is _pushed else None:
            return Delivery(error=error)
        attempts = self._attempts_at(message)
        waited = {asyncio.wrap_future(attempt) for attempt in attempts.values()}
        try:
            if waited:
                await asyncio.wait(waited, timeout=self._patience)
        finally:
            for each in waited:  # so that one that ends later tells no loop that is closed by then
                each.cancel()
        failed = {number: error for number, each in attempts.items() if (error := self._error(each))}
        if not failed:
            self._attempts.pop(message.id, None)
            return Delivery()
        return Delivery(error=self._in_words(failed))

    def _attempts_at(self, message: Message) -> dict[int, _Attempt]:
        """An attempt for each address: the former one where that is under way or was taken, else a new one."""
        attempts = self._attempts.setdefault(message.id, {})
        self._attempts.move_to_end(message.id)
        while len(self._attempts) > _MOST_REMEMBERED:
            self._attempts.popitem(last=False)
        for number, url in enumerate(self._target.urls):
            former = attempts.get(number)
            if former is None or (former.done() and former.result() is not None):
                attempts[number] = self._begun(url, message)
        return attempts

    def _begun(self, url: str, message: Message) -> _Attempt:
        attempt: _Attempt = Future()
        attempt.set_running_or_notify_cancel()  # whoever waits for it can't take it back any more

        def run() -> None:
            try:
                error = self._push(url, message)
            except Exception as failure:  # a plugin's, of whatever kind
                error = f"{type(failure).__name__}: {failure}"
            attempt.set_result(error)

        # A daemon: a service that hangs does not keep the program from ending.
        threading.Thread(target=run, name="apprise", daemon=True).start()
        return attempt

    def _error(self, attempt: _Attempt) -> str | None:
        if not attempt.done():
            return f"no answer within {self._patience:g} s"
        return attempt.result()

    def _in_words(self, failed: dict[int, str]) -> str:
        urls = self._target.urls
        said = dict.fromkeys(f"{_kind(urls[number])}: {self._line(error)}" for number, error in failed.items())
        which = f"{len(failed)} of {len(urls)} addresses: " if len(urls) > 1 else ""
        return which + "; ".join(said)

    def _line(self, text: str) -> str:
        return self._hidden(seen_line(text))[:_MOST_SAID].rstrip(".")


def _kind(url: str) -> str:
    """What an address says that it is, as `ntfy`; nothing of what follows."""
    scheme, found, _ = url.partition("://")
    return scheme if found and scheme.isalnum() else "an address"


def _missing() -> str | None:
    """Why Apprise can't be used."""
    try:
        with needed("notify"):
            import apprise  # noqa: F401
    except AggregatorError as error:
        return str(error)
    except ImportError as error:
        return f"the packages of the extra `notify` can't be used: {error}"
    # What it would write has addresses in it; its result has what it warns of.
    logging.getLogger("apprise").propagate = False
    return None


def _pushed(url: str, message: Message) -> str | None:
    import apprise

    # Without threads and time limits of its own, and without files.
    asset = apprise.AppriseAsset(
        app_id="aggregator", async_mode=False, secure_logging=True, service_timeout=0, storage_mode="memory"
    )
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return "Apprise knows no such address, or it is not complete"
    is_plain = service.resolve_format(apprise.NotifyFormat.MARKDOWN) == apprise.NotifyFormat.TEXT
    said = title(message)
    room = int(service.body_maxlen * _ROOM) - len(said)
    text = body(message, "plain" if is_plain else "markdown", max(room, 200))
    if not is_plain and service.title_maxlen <= 0:
        # Apprise would put the title into the text as it is.
        said, text = "", f"**{escaped(said, 'markdown')}**\n\n{text}"
    form = apprise.NotifyFormat.TEXT if is_plain else apprise.NotifyFormat.MARKDOWN
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    done = sender.notify(body=text, title=said, body_format=form)
    if done:
        return None
    warnings = [entry.message for entry in done.logs()]
    return warnings[-1] if warnings else "it did not take it, and does not say why"
