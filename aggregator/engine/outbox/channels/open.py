"""Which way leads to a target."""

from __future__ import annotations

from functools import lru_cache

from aggregator.engine.outbox.channels.apprise import AppriseChannel
from aggregator.engine.outbox.channels.command import CommandChannel
from aggregator.engine.outbox.channels.webhook import WebhookChannel
from aggregator.model.outbox import Apprise, Channel, Target, Webhook
from aggregator.model.settings import Network


def channel_of(target: Target, network: Network) -> Channel:
    """The way to a target. That to Apprise's addresses is the same each time."""
    if isinstance(target, Webhook):
        return WebhookChannel(target, network)
    if isinstance(target, Apprise):
        return _to_addresses(target)
    return CommandChannel(target)


@lru_cache(64)
def _to_addresses(target: Apprise) -> AppriseChannel:
    """Kept: it knows which of the addresses took a message that is to be repeated."""
    return AppriseChannel(target)
