"""A message as a POST of JSON, over the program's own client: bounded in time and bytes, to no private address unless
the configuration allows it, and to nobody else where a redirect leads away."""

from __future__ import annotations

import json
from datetime import datetime

from aggregator.engine.outbox.channels.hidden import hider
from aggregator.engine.outbox.channels.signature import signed
from aggregator.model.outbox import Delivery, Message, Webhook
from aggregator.model.settings import Network
from aggregator.publish.messages.payload import as_json
from aggregator.sources.http.client import Client, Only
from aggregator.sources.http.errors import FetchError
from aggregator.sources.http.freshness import retry_at
from aggregator.sources.http.reply import Reply
from aggregator.text.secrets.webhook_key import WRONG
from aggregator.text.terminal.characters import seen_line

# What says that this very message is not taken, and won't be: malformed, gone for good, too large, not JSON, not that.
# Not among them: 401, 403, 404, 405. They are of the address or its key, which somebody may mend meanwhile.
_FINAL = frozenset({400, 410, 413, 415, 422})

# An answer that refuses says why in a line; nobody needs more.
_ANSWER = Only(64 * 1024, is_cut=True, is_unread=True)
_MOST_SAID = 200


class WebhookChannel:
    """The way to one address. Each message has a connection of its own."""

    def __init__(self, target: Webhook, network: Network) -> None:
        self._target, self._network = target, network
        self._hidden = hider((target.url,), (target.secret,), target.shown)

    async def send(self, message: Message, now: datetime) -> Delivery:
        """POST it; the server took it where it answers with a 2xx."""
        body = as_json(message)
        try:
            headers = signed(message.id, now, body, self._target.secret)
        except ValueError:
            return Delivery(error=f"its secret {WRONG}")
        headers = {**headers, "Content-Type": "application/json", "Accept": "application/json, text/plain, */*;q=0.1"}
        try:
            async with Client(self._network) as client:
                reply = await client.post(self._target.url, body, headers, _ANSWER)
        except FetchError as error:
            return Delivery(error=self._hidden(error.detail))
        if 200 <= reply.status < 300:
            return Delivery()
        is_final = reply.status in _FINAL
        again = None if is_final else retry_at(reply.headers, now)
        return Delivery(error=self._refusal(reply), is_final=is_final, retry_at=again)

    def _refusal(self, reply: Reply) -> str:
        """What the server says, cut behind the search for secrets: half of one would not be found."""
        said = self._hidden(_said(reply))[:_MOST_SAID]
        return f"HTTP {reply.status}" + (f": {said}" if said else "")


def _said(reply: Reply) -> str:
    """Why a server refuses, in one line; "" where it says nothing that is meant to be read."""
    kind = (reply.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    text: object = ""
    if kind == "application/json" or kind.endswith("+json"):
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            return ""
        said = found if isinstance(found, dict) else {}
        text = next(
            (said[key] for key in ("detail", "message", "error", "title") if isinstance(said.get(key), str)), ""
        )
    elif kind == "text/plain":
        text = reply.body[: 4 * 1024].decode("utf-8", "replace")
    return seen_line(str(text))
